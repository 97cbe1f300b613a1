#include "service_streams.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kit/config.h"
#include "kit/error.h"
#include "kit/http_stream.h"
#include "kit/problem.h"
#include "kit/sse.h"
#include "kit/thread.h"
#include "placement.h"
#include "service_complain.h"
#include "service_fetch.h"
#include "service_reader.h"
#include "service_wire.h"

enum { READERS_MAX = 1024 /* open, and ended but not gone yet; more than the kit has streams */ };

struct streams {
    struct host *host;
    struct fetching *fetching;
    struct http_stream_config config; /* of each stream, without its context */
    pthread_mutex_t lock;             /* guards all below, and every reader */
    struct chat_hub *hub;
    struct reader *readers[READERS_MAX];
    uint32_t next_id;
    int64_t changes;   /* of who may read here: members were removed, gateways added */
    struct text event; /* of the message that was written last, for its next reader */
};

static struct reader *find(const struct streams *streams, uint32_t id)
{
    struct reader *reader = streams->readers[id % READERS_MAX];
    return reader != NULL && reader->id == id ? reader : NULL;
}

/* --- writing ---------------------------------------------------------------------------------- */

/* The event is what they answer. */
static void act(struct streams *streams, const struct chat_hub_event *event,
                const struct chat_hub_actions *actions)
{
    /* A page without messages has not brought what it was asked for: the next one takes its time.
     */
    int is_again = event->kind == CHAT_PAGE && event->count == 0;
    const struct chat_message *formatted = NULL;
    for (int i = 0; i < actions->count; i++) {
        const struct chat_hub_action *action = &actions->list[i];
        struct reader *reader = find(streams, action->stream);
        if (reader == NULL || reader->has_ended)
            continue;
        switch (action->kind) {
        case CHAT_FETCH:
            fetching_add(streams->fetching, reader->id, reader->channel, action->number,
                         action->limit, is_again ? FETCH_AGAIN_MS : 0);
            break;
        case CHAT_WRITE:
            if (action->message != formatted)
                reader_format(&streams->event, action->message);
            formatted = action->message;
            reader_write(reader, &streams->event, action->message->number);
            break;
        case CHAT_LIVE:
            if (reader_say(reader, "event: live\ndata: {}\n\n") < 0)
                reader_lose(reader);
            break;
        case CHAT_GAP:
            reader_gap(reader, action->number);
            break;
        case CHAT_PUT_OUT:
            reader_end(reader, "removed", "{}");
            break;
        }
    }
}

/* What chat_hub_handle says; actions have as many as there are at most. */
static int ask_hub(struct streams *streams, const struct chat_hub_event *event,
                   struct chat_hub_actions *actions, struct error *err)
{
    actions->count = 0;
    int result = chat_hub_handle(streams->hub, event, actions, err);
    if (actions->count < 0 || actions->count > CHAT_HUB_ACTIONS_MAX)
        result = error_set(err, ERR_INVALID, "it asks for %d actions, and %d is the most",
                           actions->count, CHAT_HUB_ACTIONS_MAX);
    return result;
}

/* Hands the hub one event and does what it asks for. A stream about which the hub refuses to hear
   would stand still: it ends, and its reader comes back with its last number. 1: streams may have
   ended of which the hub does not know. */
static int hand_over(struct streams *streams, const struct chat_hub_event *event,
                     struct chat_hub_actions *actions)
{
    static struct complaint complaint;
    struct error err = {0};
    int result = ask_hub(streams, event, actions, &err);
    struct reader *reader = find(streams, event->stream);
    if (result == 0) {
        act(streams, event, actions);
        return actions->count > 0;
    }
    if (reader != NULL && !reader->has_ended)
        reader_lose(reader);
    complain(&complaint, "the hub refuses an event, so the stream it is about ends",
             reader != NULL ? reader->channel : event->channel, err.text);
    return 1;
}

static struct reader *find_unknown(const struct streams *streams)
{
    for (int i = 0; i < READERS_MAX; i++)
        if (streams->readers[i] != NULL && streams->readers[i]->is_unknown)
            return streams->readers[i];
    return NULL;
}

/* An event, and then the end of each stream that it ended without the hub's knowledge. Needs the
   lock. */
static void handle(struct streams *streams, const struct chat_hub_event *event)
{
    struct chat_hub_actions actions = {0};
    struct reader *unknown = NULL;
    int may_end = hand_over(streams, event, &actions);
    while (may_end && (unknown = find_unknown(streams)) != NULL) {
        unknown->is_unknown = 0;
        hand_over(streams, &(struct chat_hub_event){.kind = CHAT_CLOSED, .stream = unknown->id},
                  &actions);
    }
}

/* --- a reader's life -------------------------------------------------------------------------- */

/* Tells the hub what the reader has taken. Needs the lock. */
static void drain(struct streams *streams, struct reader *reader)
{
    int64_t taken = reader->has_ended ? 0 : reader_taken(reader);
    if (taken > 0)
        handle(streams, &(struct chat_hub_event){
                            .kind = CHAT_DRAINED, .stream = reader->id, .number = taken});
}

/* The server says that a reader has taken something only when it has taken all. So before the hub
   hears of a new message, it hears of what the channel's readers have taken since: who lags a
   little and takes everything is not too slow. Needs the lock. */
static void drain_channel(struct streams *streams, const char *channel)
{
    for (int i = 0; i < READERS_MAX; i++) {
        struct reader *reader = streams->readers[i];
        if (reader != NULL && reader->waiting > 0 && strcmp(reader->channel, channel) == 0)
            drain(streams, reader);
    }
}

/* On the server's loop thread. */
static void on_drain(void *context)
{
    struct reader *reader = context;
    struct streams *streams = reader->streams;
    pthread_mutex_lock(&streams->lock);
    drain(streams, reader);
    pthread_mutex_unlock(&streams->lock);
}

static void on_close(void *context, enum http_stream_end why)
{
    struct reader *reader = context;
    struct streams *streams = reader->streams;
    (void)why;
    pthread_mutex_lock(&streams->lock);
    reader->has_ended = 1;
    handle(streams, &(struct chat_hub_event){.kind = CHAT_CLOSED, .stream = reader->id});
    streams->readers[reader->id % READERS_MAX] = NULL;
    pthread_mutex_unlock(&streams->lock);
    http_stream_release(reader->stream);
    free(reader);
}

/* A new reader in the table; NULL: no place, or no memory. Needs the lock. */
static struct reader *add_reader(struct streams *streams, const char *channel, const char *user)
{
    struct reader *reader = calloc(1, sizeof *reader);
    for (int tries = 0; tries < READERS_MAX; tries++, streams->next_id++)
        if (streams->next_id != 0 && streams->readers[streams->next_id % READERS_MAX] == NULL)
            break;
    struct reader **place = &streams->readers[streams->next_id % READERS_MAX];
    if (reader == NULL || *place != NULL) {
        free(reader);
        return NULL;
    }
    reader->streams = streams;
    reader->id = streams->next_id++;
    snprintf(reader->channel, sizeof reader->channel, "%s", channel);
    snprintf(reader->user, sizeof reader->user, "%s", user);
    return *place = reader;
}

/* Opens the answer, and with it what the hub asks for. Needs the lock. 0, or 1: it did not open. */
static int open_answer(struct reader *reader, const struct http_request *request,
                       struct http_response *response, const struct chat_hub_event *opened,
                       const struct chat_hub_actions *actions)
{
    struct streams *streams = reader->streams;
    struct http_stream_config config = streams->config;
    struct random random = streams->host->service->random;
    struct text first = {0};
    config.context = reader;
    reader->stream = http_stream_open(request, response, &config);
    if (reader->stream == NULL)
        return 1;
    sse_retry(&first, reconnect_delay_ms(nodes_model(streams->host->nodes)->jitter_ms,
                                         random_unit(&random)));
    (void)reader_say(reader, text_str(&first));
    text_release(&first);
    act(streams, opened, actions);
    return 0;
}

int streams_add(struct streams *streams, const struct http_request *request,
                struct http_response *response, const char *channel, const char *user,
                int64_t after, int64_t changes)
{
    struct chat_hub_actions actions = {0};
    struct error err = {0};
    pthread_mutex_lock(&streams->lock);
    if (streams->changes != changes) {
        pthread_mutex_unlock(&streams->lock);
        return ERR_CONFLICT;
    }
    struct reader *reader = add_reader(streams, channel, user);
    int result = reader == NULL ? error_set(&err, ERR_LIMIT, "Too many streams are open here.") : 0;
    struct chat_hub_event opened = {
        .kind = CHAT_OPEN, .channel = channel, .user = user, .number = after};
    if (result == 0) {
        opened.stream = reader->id;
        result = ask_hub(streams, &opened, &actions, &err);
    }
    if (result < 0)
        wire_refuse(response, result, err.text);
    int is_open = result == 0 && open_answer(reader, request, response, &opened, &actions) == 0;
    if (result == 0 && !is_open)
        handle(streams, &(struct chat_hub_event){.kind = CHAT_CLOSED, .stream = reader->id});
    if (reader != NULL && !is_open) {
        streams->readers[reader->id % READERS_MAX] = NULL;
        free(reader);
    }
    pthread_mutex_unlock(&streams->lock);
    return 0;
}

/* --- what comes from elsewhere ---------------------------------------------------------------- */

/* newer_in: the channel in which there may be a newer message; NULL: in none. */
static void take(struct streams *streams, const char *newer_in, const struct chat_hub_event *event)
{
    pthread_mutex_lock(&streams->lock);
    if (newer_in != NULL)
        drain_channel(streams, newer_in);
    handle(streams, event);
    pthread_mutex_unlock(&streams->lock);
}

int64_t streams_changes(struct streams *streams)
{
    pthread_mutex_lock(&streams->lock);
    int64_t changes = streams->changes;
    pthread_mutex_unlock(&streams->lock);
    return changes;
}

int streams_have(struct streams *streams, uint32_t stream)
{
    pthread_mutex_lock(&streams->lock);
    const struct reader *reader = find(streams, stream);
    int have = reader != NULL && !reader->has_ended;
    pthread_mutex_unlock(&streams->lock);
    return have;
}

void streams_published(struct streams *streams, const struct chat_message *message)
{
    take(streams, message->channel,
         &(struct chat_hub_event){
             .kind = CHAT_PUBLISHED, .channel = message->channel, .messages = message, .count = 1});
}

void streams_newest(struct streams *streams, const char *channel, int64_t number)
{
    take(streams, channel,
         &(struct chat_hub_event){.kind = CHAT_NEWEST, .channel = channel, .number = number});
}

void streams_page(struct streams *streams, uint32_t stream, const struct chat_message *messages,
                  int count)
{
    take(streams, NULL,
         &(struct chat_hub_event){
             .kind = CHAT_PAGE, .stream = stream, .messages = messages, .count = count});
}

void streams_removed(struct streams *streams, const char *channel, const char *user)
{
    pthread_mutex_lock(&streams->lock);
    streams->changes++;
    handle(streams,
           &(struct chat_hub_event){.kind = CHAT_REMOVED, .channel = channel, .user = user});
    pthread_mutex_unlock(&streams->lock);
}

void streams_move(struct streams *streams)
{
    const char *own = nodes_own_name(streams->host->nodes);
    pthread_mutex_lock(&streams->lock);
    streams->changes++;
    for (int i = 0; i < READERS_MAX; i++) {
        struct reader *reader = streams->readers[i];
        const char *home =
            reader == NULL || reader->has_ended
                ? own
                : nodes_keeper(streams->host->nodes, OWNS_CONNECTIONS, reader->channel);
        if (home != NULL && strcmp(home, own) == 0)
            continue;
        reader_end(reader, "moved", "{}");
        handle(streams, &(struct chat_hub_event){.kind = CHAT_CLOSED, .stream = reader->id});
    }
    pthread_mutex_unlock(&streams->lock);
}

void streams_ping(struct streams *streams)
{
    pthread_mutex_lock(&streams->lock);
    for (int i = 0; i < READERS_MAX; i++) {
        struct reader *reader = streams->readers[i];
        if (reader != NULL && !reader->has_ended && http_stream_pending(reader->stream) == 0)
            (void)reader_say(reader, ": ping\n\n");
    }
    pthread_mutex_unlock(&streams->lock);
}

/* --- opening ---------------------------------------------------------------------------------- */

int streams_open(struct streams **out, struct host *host, struct error *err)
{
    struct streams *streams = calloc(1, sizeof *streams);
    int64_t queue = CHAT_QUEUE, ping_ms = 0;
    if (streams == NULL)
        return error_set(err, ERR_LIMIT, "no memory for streams");
    streams->host = host;
    streams->config = (struct http_stream_config){
        .on_drain = on_drain, .on_close = on_close, .limit = READER_LIMIT};
    pthread_mutex_init(&streams->lock, NULL);
    int result =
        config_int64("CHAT_QUEUE", CHAT_QUEUE_MIN, CHAT_QUEUE_MAX, CHAT_QUEUE, &queue, err);
    if (result == 0)
        result = config_int64("CHAT_PING_MS", 1, 3600000, 15000, &ping_ms, err);
    if (result == 0)
        result = chat_hub_create(&streams->hub, (int)queue, err);
    if (result == 0)
        result = fetching_open(&streams->fetching, host, streams, ping_ms, err);
    if (result == 0)
        *out = streams;
    else
        streams_close(streams);
    return result;
}

void streams_close(struct streams *streams)
{
    if (streams == NULL)
        return;
    fetching_close(streams->fetching);
    chat_hub_destroy(streams->hub);
    text_release(&streams->event);
    pthread_mutex_destroy(&streams->lock);
    free(streams);
}
