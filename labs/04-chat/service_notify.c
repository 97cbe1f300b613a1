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
    int is_unanswered; /* presence has not answered in this page */
};

/* Of whom nobody knows whether he is there is absent: better a push too many (PIN). After the first
   call without an answer nobody is asked for the rest of the page: each would take as long. */
static int wants_push(struct notify *notify, const char *user)
{
    char path[CHAT_ID_SIZE + 32];
    if (notify->is_unanswered)
        return 1;
    snprintf(path, sizeof path, "/node/presence/users/%s", user);
    cJSON *body = nodes_get(
        notify->host->nodes,
        &(struct node_call){.node = nodes_keeper(notify->host->nodes, OWNS_PRESENCE, NULL),
                            .method = "GET",
                            .path = path},
        NULL);
    int wants = !cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(body, "wantsPush"));
    notify->is_unanswered = body == NULL;
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

/* Adds the absent ones of one page of a channel's members. last: of the page before, then of this
   one. 1: there are more; 0; or a negative code. */
static int add_absent(struct notify *notify, struct feed *feed, const struct chat_message *message,
                      char last[CHAT_ID_SIZE], struct error *err)
{
    char path[2 * CHAT_ID_SIZE + 48];
    int result = 0;
    snprintf(path, sizeof path, "/node/channels/%s/members?after=%s", message->channel, last);
    cJSON *body = nodes_get(
        notify->host->nodes,
        &(struct node_call){.node = nodes_keeper(notify->host->nodes, OWNS_CHANNELS, NULL),
                            .method = "GET",
                            .path = path},
        err);
    const cJSON *member = NULL;
    cJSON_ArrayForEach(member, cJSON_GetObjectItemCaseSensitive(body, "members"))
    {
        if (!cJSON_IsString(member) || !wire_is_id(member->valuestring))
            continue;
        if (feed_is_stopping(feed))
            break;
        snprintf(last, CHAT_ID_SIZE, "%s", member->valuestring);
        if (strcmp(last, message->user) != 0 && wants_push(notify, last))
            add_push(notify, last, message);
    }
    if (body == NULL || member != NULL)
        result = ERR_UNAVAILABLE;
    else
        result = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(body, "more"));
    cJSON_Delete(body);
    return result;
}

static int find_absent(void *context, struct feed *feed, const struct chat_message *messages,
                       int count, struct error *err)
{
    struct notify *notify = context;
    notify->count = 0;
    notify->is_unanswered = 0;
    for (int i = 0; i < count; i++) {
        char last[CHAT_ID_SIZE] = "";
        int result = 1;
        while (result > 0)
            result = add_absent(notify, feed, &messages[i], last, err);
        if (result < 0)
            return result;
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

static const struct http_route notify_routes[] = {
    {"GET", "/node/pushes", HTTP_WORKER, NULL, get_shown},
    {NULL, NULL, HTTP_INLINE, NULL, NULL},
};

const struct part notify_part = {.capability = OWNS_PUSH,
                                 .schema = SERVICE_FEED_SCHEMA
                                 "CREATE TABLE IF NOT EXISTS push(user TEXT NOT NULL,"
                                 " channel TEXT NOT NULL, number INTEGER NOT NULL);"
                                 "CREATE INDEX IF NOT EXISTS push_user ON push(user);",
                                 .routes = notify_routes,
                                 .open = open_notify,
                                 .close = close_notify};
