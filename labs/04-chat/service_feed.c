#include "service_feed.h"

#include <stdio.h>
#include <stdlib.h>
#include "kit/error.h"
#include "kit/thread.h"
#include "service_complain.h"
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

/* Where one node's log is read on, and what comes next there. */
struct place {
    const struct feed *feed;
    const char *node;
    int64_t position;
    struct wire_page page;
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
    db_bind_int64(q, 3, place->page.last);
    int result = db_finish(q, err);
    return result != 0 ? result
                       : follower->store(follower->context, tx, place->page.messages,
                                         place->page.count, err);
}

static int ask_page(const struct feed *feed, struct place *place, struct error *err)
{
    char path[64];
    snprintf(path, sizeof path, "/log/feed?after=%lld", (long long)place->position);
    cJSON *body =
        nodes_get(feed->host->nodes,
                  &(struct node_call){.node = place->node, .method = "GET", .path = path}, err);
    int result = body != NULL ? wire_get_page(body, &place->page, err) : ERR_UNAVAILABLE;
    cJSON_Delete(body);
    return result;
}

/* 1: there may be more at once. */
static int follow(struct feed *feed, const char *node)
{
    static struct complaint complaint;
    const struct follower *follower = &feed->follower;
    struct error err = {0};
    struct place place = {.feed = feed, .node = node, .page = {.room = CHAT_PAGE_MAX}};
    struct wire_page *page = &place.page;
    page->messages = calloc(CHAT_PAGE_MAX, sizeof *page->messages);
    int result = page->messages != NULL ? store_read(feed->host->store, read_place, &place, &err)
                                        : error_set(&err, ERR_LIMIT, "no memory for a page");
    if (result == 0)
        result = ask_page(feed, &place, &err);
    if (result == 0 && page->count > 0 && follower->prepare != NULL)
        result = follower->prepare(follower->context, feed, page->messages, page->count, &err);
    if (result == 0 && page->count > 0)
        result = store_write(feed->host->store, store_page, &place, &err);
    free(page->messages);
    if (result < 0 && !feed_is_stopping(feed))
        complain(&complaint, "messages cannot be followed now, so it is tried again", node,
                 err.text);
    return result == 0 && (page->count == CHAT_PAGE_MAX || page->more);
}

int feed_is_stopping(struct feed *feed)
{
    pthread_mutex_lock(&feed->lock);
    int is_stopping = feed->stopping;
    pthread_mutex_unlock(&feed->lock);
    return is_stopping;
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
