/*
 * The presence part: the student's presence, and who watches it. All of it is in memory: a node
 * that was restarted knows again what is repeated to it. Given: nothing to write here.
 */
#include "presence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kit/config.h"
#include "kit/error.h"
#include "kit/http_stream.h"
#include "kit/problem.h"
#include "kit/sse.h"
#include "kit/thread.h"
#include "service_host.h"
#include "service_wire.h"

enum { NS_PER_MS = 1000000, WATCHED_MAX = 100 /* users of one stream */ };

struct watcher {
    struct online *online;
    struct watcher *next;
    uint32_t id;
    struct http_stream *stream;
};

struct online {
    int64_t ttl_ms, ping_ms;
    pthread_t ticker;
    int started;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t stop;
    struct presence *presence;
    struct presence_changes changes; /* of the call that was made last */
    struct watcher *watchers;
    uint32_t next_id;
    int stopping;
};

/* --- telling ---------------------------------------------------------------------------------- */

static void add_event(struct text *out, const struct presence_change *change)
{
    struct text data = {0};
    struct json_writer writer = json_writer(&data);
    json_open_object(&writer, NULL);
    json_put_string(&writer, "user", change->user);
    json_close_object(&writer);
    (void)sse_event(out, NULL, change->online ? "online" : "offline", text_str(&data));
    text_release(&data);
}

/* Writes the changes to their watchers: event "online" or "offline". A watcher for whom there is no
   room misses nothing: it is cut off, and told all anew when it comes back. Needs the lock. */
static void tell(struct online *online)
{
    struct text event = {0};
    for (int i = 0; i < online->changes.count; i++) {
        const struct presence_change *change = &online->changes.list[i];
        struct watcher *watcher = online->watchers;
        while (watcher != NULL && watcher->id != change->watcher)
            watcher = watcher->next;
        if (watcher == NULL)
            continue;
        text_clear(&event);
        add_event(&event, change);
        if (http_stream_write(watcher->stream, text_str(&event), event.length) < 0)
            http_stream_close(watcher->stream);
    }
    text_release(&event);
}

/* A sign of life: a watcher who is gone without a word is noticed when he does not take it. Needs
   the lock. */
static void ping(struct online *online)
{
    static const char words[] = ": ping\n\n";
    for (struct watcher *watcher = online->watchers; watcher != NULL; watcher = watcher->next)
        if (http_stream_pending(watcher->stream) == 0)
            (void)http_stream_write(watcher->stream, words, sizeof words - 1);
}

static void *ticker_main(void *arg)
{
    struct online *online = arg;
    int64_t step_ns = (online->ttl_ms >= 4 ? online->ttl_ms / 4 : 1) * NS_PER_MS;
    int64_t tick_ns = monotonic_ns() + step_ns;
    int64_t ping_ns = monotonic_ns() + online->ping_ms * NS_PER_MS;
    pthread_mutex_lock(&online->lock);
    while (!online->stopping) {
        int64_t next_ns = tick_ns < ping_ns ? tick_ns : ping_ns;
        if (monotonic_ns() < next_ns) {
            thread_wait(&online->stop, &online->lock, next_ns);
            continue;
        }
        if (next_ns == ping_ns) {
            ping_ns = monotonic_ns() + online->ping_ms * NS_PER_MS;
            ping(online);
            continue;
        }
        presence_tick(online->presence, monotonic_ms(), &online->changes);
        tell(online);
        if (!online->changes.more)
            tick_ns = monotonic_ns() + step_ns;
    }
    pthread_mutex_unlock(&online->lock);
    return NULL;
}

/* --- devices ---------------------------------------------------------------------------------- */

/* PUT, DELETE /node/presence/{device} -> 204: the user's device is there, or goes. 401, 404, 503.
 */
static void on_device(const struct http_request *request, struct http_response *response,
                      void *context)
{
    struct online *online = host_of(context)->parts[OWNS_PRESENCE];
    const char *device = wire_id(request, response, "device");
    const char *user = device != NULL ? wire_user(request, response) : NULL;
    struct error err = {0};
    if (user == NULL)
        return;
    pthread_mutex_lock(&online->lock);
    int64_t now_ms = monotonic_ms();
    int result =
        strcmp(request->method, "PUT") == 0
            ? presence_beat(online->presence, user, device, now_ms, &online->changes, &err)
            : presence_leave(online->presence, user, device, now_ms, &online->changes, &err);
    if (result == 0)
        tell(online);
    pthread_mutex_unlock(&online->lock);
    response->status = 204;
    if (result < 0)
        wire_refuse(response, result, err.text);
}

/* GET /node/presence/users/{user} -> 200 {online, wantsPush}. */
static void get_online(const struct http_request *request, struct http_response *response,
                       void *context)
{
    struct online *online = host_of(context)->parts[OWNS_PRESENCE];
    const char *user = wire_id(request, response, "user");
    if (user == NULL)
        return;
    pthread_mutex_lock(&online->lock);
    int is_online = presence_is_online(online->presence, user, monotonic_ms());
    int wants_push = presence_wants_push(online->presence, user, monotonic_ms());
    pthread_mutex_unlock(&online->lock);
    struct json_writer writer = json_writer(&response->body);
    json_open_object(&writer, NULL);
    json_put_bool(&writer, "online", is_online);
    json_put_bool(&writer, "wantsPush", wants_push);
    json_close_object(&writer);
}

/* --- watching --------------------------------------------------------------------------------- */

static void on_close(void *context, enum http_stream_end why)
{
    struct watcher *watcher = context;
    struct online *online = watcher->online;
    (void)why;
    pthread_mutex_lock(&online->lock);
    presence_unwatch(online->presence, watcher->id);
    struct watcher **at = &online->watchers;
    while (*at != watcher)
        at = &(*at)->next;
    *at = watcher->next;
    pthread_mutex_unlock(&online->lock);
    http_stream_release(watcher->stream);
    free(watcher);
}

/* Splits "ada,bob". How many users, or ERR_INVALID. */
static int read_users(const char *list, char users[WATCHED_MAX][CHAT_ID_SIZE])
{
    int count = 0;
    while (list != NULL && *list != '\0') {
        size_t length = strcspn(list, ",");
        if (count == WATCHED_MAX || length >= CHAT_ID_SIZE)
            return ERR_INVALID;
        snprintf(users[count], CHAT_ID_SIZE, "%.*s", (int)length, list);
        if (!wire_is_id(users[count++]))
            return ERR_INVALID;
        list += length + (list[length] == ',');
    }
    return count > 0 ? count : ERR_INVALID;
}

/* Watches all of them, and puts into first how they are now. 0, or what presence_watch says; then
   nobody is watched. Needs the lock. */
static int watch_all(struct online *online, uint32_t id, char users[][CHAT_ID_SIZE], int count,
                     struct text *first, struct error *err)
{
    int result = 0;
    for (int i = 0; i < count && result == 0; i++) {
        result =
            presence_watch(online->presence, id, users[i], monotonic_ms(), &online->changes, err);
        for (int k = 0; k < online->changes.count && result == 0; k++)
            if (online->changes.list[k].watcher == id)
                add_event(first, &online->changes.list[k]);
        if (result == 0)
            tell(online);
    }
    if (result < 0)
        presence_unwatch(online->presence, id);
    return result;
}

/* Opens the stream of a watcher; what is to be watched is known before, so that who cannot be
   served is told so. Needs the lock. 1: it is open, and the watcher is on the list. */
static int open_watch(struct watcher *watcher, char users[][CHAT_ID_SIZE], int count,
                      const struct http_request *request, struct http_response *response)
{
    struct online *online = watcher->online;
    const struct http_stream_config config = {.on_close = on_close, .context = watcher};
    struct text first = {0};
    struct error err = {0};
    watcher->id = ++online->next_id;
    int result = watch_all(online, watcher->id, users, count, &first, &err);
    if (result == 0)
        watcher->stream = http_stream_open(request, response, &config);
    if (result < 0) {
        wire_again(response, "%s", err.text);
    } else if (watcher->stream == NULL) {
        presence_unwatch(online->presence, watcher->id);
    } else {
        watcher->next = online->watchers;
        online->watchers = watcher;
        if (http_stream_write(watcher->stream, text_str(&first), first.length) < 0)
            http_stream_close(watcher->stream);
    }
    text_release(&first);
    return watcher->stream != NULL;
}

/* GET /node/presence-stream?users=ada,bob -> 200 text/event-stream: online or offline for each, now
   and at each change; 400, 503. */
static void get_watch(const struct http_request *request, struct http_response *response,
                      void *context)
{
    struct online *online = host_of(context)->parts[OWNS_PRESENCE];
    char users[WATCHED_MAX][CHAT_ID_SIZE];
    int count = read_users(http_query(request, "users"), users);
    if (count < 0) {
        problem(response, 400, "users is a list of 1 to %d names, ada,bob.", WATCHED_MAX);
        return;
    }
    struct watcher *watcher = calloc(1, sizeof *watcher);
    if (watcher == NULL) {
        wire_again(response, "There is no memory for another watcher: try again.");
        return;
    }
    watcher->online = online;
    pthread_mutex_lock(&online->lock);
    if (!open_watch(watcher, users, count, request, response))
        free(watcher);
    pthread_mutex_unlock(&online->lock);
}

/* --- the part --------------------------------------------------------------------------------- */

static void close_online(void *state)
{
    struct online *online = state;
    pthread_mutex_lock(&online->lock);
    online->stopping = 1;
    pthread_cond_signal(&online->stop);
    pthread_mutex_unlock(&online->lock);
    if (online->started)
        pthread_join(online->ticker, NULL);
    presence_destroy(online->presence);
    pthread_cond_destroy(&online->stop);
    pthread_mutex_destroy(&online->lock);
    free(online);
}

static int open_online(struct host *host, void **state, struct error *err)
{
    const struct chat_model *model = nodes_model(host->nodes);
    struct online *online = calloc(1, sizeof *online);
    int64_t declared_ms = model->ttl_ms > 0 ? model->ttl_ms : DESIGN_PRESENCE_MAX_MS;
    if (online == NULL)
        return error_set(err, ERR_LIMIT, "no memory for presence");
    pthread_mutex_init(&online->lock, NULL);
    thread_condition_init(&online->stop);
    int result =
        config_int64("CHAT_TTL_MS", 1, DESIGN_PRESENCE_MAX_MS, declared_ms, &online->ttl_ms, err);
    if (result == 0)
        result = config_int64("CHAT_PING_MS", 1, 3600000, 15000, &online->ping_ms, err);
    if (result == 0)
        result = presence_create(&online->presence, online->ttl_ms, err);
    if (result == 0)
        result = thread_start(&online->ticker, ticker_main, online, err);
    online->started = result == 0;
    if (result == 0)
        *state = online;
    else
        close_online(online);
    return result;
}

static const struct http_route presence_routes[] = {
    {"PUT", "/node/presence/{device}", HTTP_WORKER, NULL, on_device},
    {"DELETE", "/node/presence/{device}", HTTP_WORKER, NULL, on_device},
    {"GET", "/node/presence/users/{user}", HTTP_WORKER, NULL, get_online},
    {"GET", "/node/presence-stream", HTTP_WORKER, NULL, get_watch},
    {NULL, NULL, HTTP_INLINE, NULL, NULL},
};

const struct part presence_part = {.capability = OWNS_PRESENCE,
                                   .routes = presence_routes,
                                   .open = open_online,
                                   .close = close_online};
