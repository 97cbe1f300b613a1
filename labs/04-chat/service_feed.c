#include "service_feed.h"

#include <stdio.h>
#include <stdlib.h>
#include "kit/error.h"
#include "kit/thread.h"
#include "service_wire.h"

enum { NS_PER_MS = 1000000 };

struct feed {
    struct host *host;
    struct follower follower;
    pthread_t thread;
    int started;
    pthread_mutex_t lock; /* guards stopping */
    pthread_cond_t stop;
    int stopping;
};

/* Where one node's log is read on. */
struct place {
    const struct feed *feed;
    const char *node;
    int64_t position;
    struct chat_message *messages;
    int count, more;
};

static int read_place(struct db_tx *tx, void *arg, struct error *err)
{
    struct place *place = arg;
    struct db_query *q = db_query(tx, "SELECT position FROM feed WHERE name = ? AND node = ?");
    db_bind_text(q, 1, place->feed->follower.name);
    db_bind_text(q, 2, place->node);
    place->position = db_step(q) == DB_ROW ? db_column_int64(q, 0) : 0;
    return db_finish(q, err);
}

static int store_page(struct db_tx *tx, void *arg, struct error *err)
{
    const struct place *place = arg;
    const struct follower *follower = &place->feed->follower;
    struct db_query *q = db_query(tx, "INSERT OR REPLACE INTO feed VALUES (?, ?, ?)");
    db_bind_text(q, 1, follower->name);
    db_bind_text(q, 2, place->node);
    db_bind_int64(q, 3, place->position);
    int result = db_finish(q, err);
    return result != 0 ? result
                       : follower->store(follower->context, tx, place->messages, place->count, err);
}

/* Reads {messages, last, more}. 0 when it is whole. */
static int read_reply(const struct http_reply *reply, struct place *place)
{
    cJSON *body = json_parse(text_str(&reply->body), reply->body.length, NULL);
    const cJSON *item = NULL;
    struct json_errors errors = {0};
    struct json_reader reader = json_reader(body, &errors);
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(body, "messages"))
    {
        if (place->count == CHAT_PAGE_MAX ||
            wire_get_message(item, &place->messages[place->count]) < 0)
            break;
        place->count++;
    }
    place->position = json_int64(&reader, "last", 0, INT64_MAX >> 10);
    place->more = place->count == CHAT_PAGE_MAX || json_bool_or(&reader, "more", 0);
    cJSON_Delete(body);
    return item == NULL && errors.count == 0 ? 0 : ERR_CORRUPT;
}

/* 1: there may be more at once. */
static int follow(struct feed *feed, const char *node)
{
    struct place place = {.feed = feed, .node = node};
    struct http_reply reply;
    char path[64];
    if (store_read(feed->host->store, read_place, &place, NULL) < 0)
        return 0;
    snprintf(path, sizeof path, "/log/feed?after=%lld", (long long)place.position);
    nodes_call(feed->host->nodes, &(struct node_call){.node = node, .method = "GET", .path = path},
               &reply);
    place.messages = reply.status == 200 ? calloc(CHAT_PAGE_MAX, sizeof *place.messages) : NULL;
    int result = place.messages != NULL ? read_reply(&reply, &place) : ERR_UNAVAILABLE;
    http_reply_release(&reply);
    if (result == 0 && place.count > 0 && feed->follower.prepare != NULL)
        result = feed->follower.prepare(feed->follower.context, place.messages, place.count);
    if (result == 0 && place.count > 0)
        result = store_write(feed->host->store, store_page, &place, NULL);
    free(place.messages);
    return result == 0 && place.more;
}

static void *feed_main(void *arg)
{
    struct feed *feed = arg;
    const char *nodes[CHAT_NODES_MAX];
    int64_t next_ns = 0;
    pthread_mutex_lock(&feed->lock);
    while (!feed->stopping) {
        if (monotonic_ns() < next_ns) {
            thread_wait(&feed->stop, &feed->lock, next_ns);
            continue;
        }
        pthread_mutex_unlock(&feed->lock);
        int more = 0, count = nodes_of(feed->host->nodes, OWNS_MESSAGES, nodes);
        for (int i = 0; i < count; i++)
            more |= follow(feed, nodes[i]);
        next_ns = more ? 0 : monotonic_ns() + FEED_MS * NS_PER_MS;
        pthread_mutex_lock(&feed->lock);
    }
    pthread_mutex_unlock(&feed->lock);
    return NULL;
}

int feed_open(struct feed **out, struct host *host, const struct follower *follower,
              struct error *err)
{
    struct feed *feed = calloc(1, sizeof *feed);
    if (feed == NULL)
        return error_set(err, ERR_LIMIT, "no memory to follow the messages");
    feed->host = host;
    feed->follower = *follower;
    pthread_mutex_init(&feed->lock, NULL);
    thread_condition_init(&feed->stop);
    int result = thread_start(&feed->thread, feed_main, feed, err);
    feed->started = result == 0;
    if (result == 0)
        *out = feed;
    else
        feed_close(feed);
    return result;
}

void feed_close(struct feed *feed)
{
    if (feed == NULL)
        return;
    pthread_mutex_lock(&feed->lock);
    feed->stopping = 1;
    pthread_cond_signal(&feed->stop);
    pthread_mutex_unlock(&feed->lock);
    if (feed->started)
        pthread_join(feed->thread, NULL);
    pthread_cond_destroy(&feed->stop);
    pthread_mutex_destroy(&feed->lock);
    free(feed);
}
