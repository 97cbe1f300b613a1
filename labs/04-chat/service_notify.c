/*
 * The push part: wakes the phones of members who are not there. What was pushed is kept, and takes
 * the place of the phones' own services. Given: nothing to write here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kit/error.h"
#include "kit/problem.h"
#include "service_feed.h"
#include "service_wire.h"

enum { PUSHES_MAX = 100 /* shown at once */ };

/* Whom to wake for what; made before the transaction, since other nodes are asked. */
struct push {
    char user[CHAT_ID_SIZE];
    const struct chat_message *message;
};

struct notify {
    struct host *host;
    struct feed *feed;
    struct push *pushes;
    int count, capacity;
};

/* GET path at the capability's node; the caller's to cJSON_Delete, NULL without an answer. */
static cJSON *ask(struct host *host, enum capability capability, const char *path)
{
    struct http_reply reply;
    nodes_call(host->nodes,
               &(struct node_call){.node = nodes_keeper(host->nodes, capability, NULL),
                                   .method = "GET",
                                   .path = path},
               &reply);
    cJSON *body =
        reply.status == 200 ? json_parse(text_str(&reply.body), reply.body.length, NULL) : NULL;
    http_reply_release(&reply);
    return body;
}

/* Of whom nobody knows whether he is there is absent: better a push too many (PIN). */
static int wants_push(struct host *host, const char *user)
{
    char path[CHAT_ID_SIZE + 32];
    snprintf(path, sizeof path, "/node/presence/users/%s", user);
    cJSON *body = ask(host, OWNS_PRESENCE, path);
    int wants = !cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(body, "wantsPush"));
    cJSON_Delete(body);
    return wants;
}

static void add_push(struct notify *notify, const char *user, const struct chat_message *message)
{
    if (notify->count == notify->capacity) {
        int capacity = notify->capacity > 0 ? 2 * notify->capacity : 64;
        struct push *more = realloc(notify->pushes, (size_t)capacity * sizeof *more);
        if (more == NULL)
            abort();
        notify->pushes = more;
        notify->capacity = capacity;
    }
    struct push *push = &notify->pushes[notify->count++];
    snprintf(push->user, sizeof push->user, "%s", user);
    push->message = message;
}

static int find_absent(void *context, const struct chat_message *messages, int count)
{
    struct notify *notify = context;
    notify->count = 0;
    for (int i = 0; i < count; i++) {
        char path[CHAT_ID_SIZE + 32];
        snprintf(path, sizeof path, "/node/channels/%s/members", messages[i].channel);
        cJSON *body = ask(notify->host, OWNS_CHANNELS, path);
        const cJSON *member = NULL;
        cJSON_ArrayForEach(member, cJSON_GetObjectItemCaseSensitive(body, "members"))
        {
            const char *user = cJSON_IsString(member) ? member->valuestring : "";
            if (wire_is_id(user) && strcmp(user, messages[i].user) != 0 &&
                wants_push(notify->host, user))
                add_push(notify, user, &messages[i]);
        }
        cJSON_Delete(body);
        if (body == NULL)
            return ERR_UNAVAILABLE;
    }
    return 0;
}

static int store_pushes(void *context, struct db_tx *tx, const struct chat_message *messages,
                        int count, struct error *err)
{
    const struct notify *notify = context;
    int result = 0;
    (void)messages;
    (void)count;
    for (int i = 0; i < notify->count && result == 0; i++) {
        const struct push *push = &notify->pushes[i];
        struct db_query *q =
            db_query(tx, "INSERT INTO push(user, channel, number) VALUES (?, ?, ?)");
        db_bind_text(q, 1, push->user);
        db_bind_text(q, 2, push->message->channel);
        db_bind_int64(q, 3, push->message->number);
        result = db_finish(q, err);
    }
    return result;
}

/* --- showing ---------------------------------------------------------------------------------- */

struct shown {
    const char *user;
    struct text *out;
};

static int read_pushes(struct db_tx *tx, void *arg, struct error *err)
{
    const struct shown *shown = arg;
    struct json_writer writer = json_writer(shown->out);
    struct db_query *q = db_query(tx, "SELECT channel, number FROM push WHERE user = ?"
                                      " ORDER BY rowid DESC LIMIT ?");
    db_bind_text(q, 1, shown->user);
    db_bind_int64(q, 2, PUSHES_MAX);
    json_open_object(&writer, NULL);
    json_open_array(&writer, "pushes");
    while (db_step(q) == DB_ROW) {
        json_open_object(&writer, NULL);
        json_put_string(&writer, "channel", db_column_text(q, 0));
        json_put_int64(&writer, "number", db_column_int64(q, 1));
        json_close_object(&writer);
    }
    json_close_array(&writer);
    json_close_object(&writer);
    return db_finish(q, err);
}

/* GET /node/pushes?user= -> 200 {pushes: [{channel, number}]}, the newest first; 400, 503. */
static void get_shown(const struct http_request *request, struct http_response *response,
                      void *context)
{
    struct error err = {0};
    struct shown shown = {http_query(request, "user"), &response->body};
    if (!wire_is_id(shown.user)) {
        problem(response, 400, "Say user=, 1 to 64 of A-Z a-z 0-9 . _ -");
        return;
    }
    int result = store_read(host_of(context)->store, read_pushes, &shown, &err);
    if (result < 0) {
        text_clear(&response->body);
        wire_refuse(response, result, err.text);
    }
}

/* --- the part --------------------------------------------------------------------------------- */

static void close_notify(void *state)
{
    struct notify *notify = state;
    feed_close(notify->feed);
    free(notify->pushes);
    free(notify);
}

static int open_notify(struct host *host, void **state, struct error *err)
{
    struct notify *notify = calloc(1, sizeof *notify);
    if (notify == NULL)
        return error_set(err, ERR_LIMIT, "no memory for pushes");
    notify->host = host;
    const struct follower follower = {
        .name = "push", .context = notify, .prepare = find_absent, .store = store_pushes};
    int result = feed_open(&notify->feed, host, &follower, err);
    if (result == 0)
        *state = notify;
    else
        close_notify(notify);
    return result;
}

static const struct http_route routes[] = {
    {"GET", "/node/pushes", HTTP_WORKER, NULL, get_shown},
    {NULL, NULL, HTTP_INLINE, NULL, NULL},
};

const struct part notify_part = {.capability = OWNS_PUSH,
                                 .schema = SERVICE_FEED_SCHEMA
                                 "CREATE TABLE IF NOT EXISTS push(user TEXT NOT NULL,"
                                 " channel TEXT NOT NULL, number INTEGER NOT NULL);"
                                 "CREATE INDEX IF NOT EXISTS push_user ON push(user);",
                                 .routes = routes,
                                 .open = open_notify,
                                 .close = close_notify};
