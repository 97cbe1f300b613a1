/*
 * The hub of one gateway.
 *
 * A stream is five facts: the number it was written last, the newest that it has heard of, the room
 * that is left, what its fetch may bring, and whether it is live. What to do next, go_on(), is read
 * off these after every event. While it fetches, nothing but the page is written to it: so a page
 * begins behind the last number, and finds the room that it was promised.
 *
 * All memory is taken when the hub is created. Streams are found by their number and by their
 * channel, each in a table of chains.
 */
#include "chat_hub.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "chat_hash.h"

enum { CHAINS = 512 /* a power of two, above CHAT_STREAMS_MAX */ };

struct stream {
    struct stream *next_of_id, *next_of_channel; /* in its chains */
    uint32_t id;
    char channel[CHAT_ID_SIZE], user[CHAT_ID_SIZE];
    int64_t written; /* the number it was written last; what it was opened with at first */
    int64_t newest;  /* the highest number that is known to be stored */
    int room;        /* messages that may still be written */
    int limit;       /* of the fetch that is under way; 0 = none is */
    int is_live;
};

struct chat_hub {
    int queue;
    int open;            /* streams */
    struct stream *free; /* linked by next_of_id */
    struct stream *by_id[CHAINS], *by_channel[CHAINS];
    struct stream streams[CHAT_STREAMS_MAX];
};

int chat_hub_create(struct chat_hub **out, int queue, struct error *err)
{
    *out = NULL;
    if (queue < CHAT_QUEUE_MIN || queue > CHAT_QUEUE_MAX)
        return error_set(err, ERR_INVALID, "queue must be %d to %d", CHAT_QUEUE_MIN,
                         CHAT_QUEUE_MAX);
    struct chat_hub *hub = calloc(1, sizeof *hub);
    if (hub == NULL)
        return error_set(err, ERR_LIMIT, "no memory for a hub");
    hub->queue = queue;
    for (int i = 0; i < CHAT_STREAMS_MAX; i++) {
        hub->streams[i].next_of_id = hub->free;
        hub->free = &hub->streams[i];
    }
    *out = hub;
    return 0;
}

void chat_hub_destroy(struct chat_hub *hub)
{
    free(hub);
}

int chat_hub_streams(const struct chat_hub *hub)
{
    return hub->open;
}

/* --- tables ----------------------------------------------------------------------------------- */

static struct stream **chain_of_id(struct chat_hub *hub, uint32_t id)
{
    return &hub->by_id[id % CHAINS];
}

static struct stream **chain_of_channel(struct chat_hub *hub, const char *channel)
{
    return &hub->by_channel[chat_hash(0, channel) % CHAINS];
}

static struct stream *find(struct chat_hub *hub, uint32_t id)
{
    struct stream *stream = *chain_of_id(hub, id);
    while (stream != NULL && stream->id != id)
        stream = stream->next_of_id;
    return stream;
}

/* The first from here on in a chain that reads the channel, or NULL. */
static struct stream *reader_of(struct stream *stream, const char *channel)
{
    while (stream != NULL && strcmp(stream->channel, channel) != 0)
        stream = stream->next_of_channel;
    return stream;
}

static void link_stream(struct chat_hub *hub, struct stream *stream)
{
    struct stream **of_id = chain_of_id(hub, stream->id);
    struct stream **of_channel = chain_of_channel(hub, stream->channel);
    stream->next_of_id = *of_id;
    stream->next_of_channel = *of_channel;
    *of_id = *of_channel = stream;
    hub->open++;
}

/* The stream is over: whoever holds it has taken the next of its chain before. */
static void end_stream(struct chat_hub *hub, struct stream *stream)
{
    struct stream **of_id = chain_of_id(hub, stream->id);
    struct stream **of_channel = chain_of_channel(hub, stream->channel);
    while (*of_id != stream)
        of_id = &(*of_id)->next_of_id;
    while (*of_channel != stream)
        of_channel = &(*of_channel)->next_of_channel;
    *of_id = stream->next_of_id;
    *of_channel = stream->next_of_channel;
    stream->next_of_id = hub->free;
    hub->free = stream;
    hub->open--;
}

/* --- what a stream does next ------------------------------------------------------------------ */

/* What handling one event works on. */
struct handling {
    struct chat_hub *hub;
    struct chat_hub_actions *actions;
};

static struct chat_hub_action *add_action(struct handling *h, enum chat_hub_action_kind kind,
                                          const struct stream *stream)
{
    assert(h->actions->count < CHAT_HUB_ACTIONS_MAX);
    struct chat_hub_action *action = &h->actions->list[h->actions->count++];
    *action = (struct chat_hub_action){.kind = kind, .stream = stream->id};
    return action;
}

static void write_message(struct handling *h, struct stream *stream,
                          const struct chat_message *message)
{
    assert(stream->room > 0 && message->number == stream->written + 1);
    add_action(h, CHAT_WRITE, stream)->message = message;
    stream->room--;
    stream->written = message->number;
    if (stream->newest < stream->written)
        stream->newest = stream->written;
}

static int is_complete(const struct stream *stream)
{
    return stream->is_live && stream->written >= stream->newest;
}

/* Fetches what the stream lacks, when there is room for it and no fetch is under way. */
static void go_on(struct handling *h, struct stream *stream)
{
    if (is_complete(stream) || stream->limit > 0 || stream->room == 0)
        return;
    stream->limit = stream->room < CHAT_PAGE_MAX ? stream->room : CHAT_PAGE_MAX;
    struct chat_hub_action *fetch = add_action(h, CHAT_FETCH, stream);
    fetch->number = stream->written;
    fetch->limit = stream->limit;
}

static void cut(struct handling *h, struct stream *stream)
{
    add_action(h, CHAT_GAP, stream)->number = stream->written + 1;
    end_stream(h->hub, stream);
}

/* A message of its channel was stored: the number, and the message itself when that is known. */
static void hear(struct handling *h, struct stream *stream, int64_t number,
                 const struct chat_message *message)
{
    if (number <= stream->newest)
        return;
    int is_next = is_complete(stream) && number == stream->written + 1;
    stream->newest = number;
    if (stream->is_live && stream->limit == 0 && stream->room == 0)
        cut(h, stream);
    else if (is_next && message != NULL && stream->limit == 0)
        write_message(h, stream, message);
    else
        go_on(h, stream);
}

/* --- events ----------------------------------------------------------------------------------- */

static int is_id(const char *name)
{
    size_t length = strlen(name);
    return length > 0 && length < CHAT_ID_SIZE;
}

static int handle_open(struct handling *h, const struct chat_hub_event *event, struct error *err)
{
    struct chat_hub *hub = h->hub;
    if (!is_id(event->channel) || !is_id(event->user))
        return error_set(err, ERR_INVALID, "channel and user must have 1 to 64 bytes");
    if (find(hub, event->stream) != NULL)
        return error_set(err, ERR_EXISTS, "stream %u is open", (unsigned)event->stream);
    if (hub->free == NULL)
        return error_set(err, ERR_LIMIT, "%d streams are open, there is no place for one more",
                         CHAT_STREAMS_MAX);
    struct stream *stream = hub->free;
    hub->free = stream->next_of_id;
    *stream = (struct stream){
        .id = event->stream, .written = event->number, .newest = event->number, .room = hub->queue};
    memcpy(stream->channel, event->channel, strlen(event->channel) + 1);
    memcpy(stream->user, event->user, strlen(event->user) + 1);
    link_stream(hub, stream);
    go_on(h, stream);
    return 0;
}

static int handle_page(struct handling *h, const struct chat_hub_event *event, struct error *err)
{
    struct stream *stream = find(h->hub, event->stream);
    if (stream == NULL)
        return 0;
    if (stream->limit == 0 || event->count > stream->limit)
        return error_set(err, ERR_INVALID, "a page of %d messages, and %d were fetched",
                         event->count, stream->limit);
    for (int i = 0; i < event->count; i++) {
        if (event->messages[i].number != stream->written + 1 + i)
            return error_set(err, ERR_INVALID, "a page leaves out number %lld",
                             (long long)(stream->written + 1 + i));
    }
    int is_last = event->count < stream->limit;
    stream->limit = 0;
    for (int i = 0; i < event->count; i++)
        write_message(h, stream, &event->messages[i]);
    if (is_last && !stream->is_live) {
        stream->is_live = 1;
        add_action(h, CHAT_LIVE, stream);
    }
    go_on(h, stream);
    return 0;
}

static void handle_hint(struct handling *h, const char *channel, int64_t number,
                        const struct chat_message *message)
{
    struct stream *stream = reader_of(*chain_of_channel(h->hub, channel), channel);
    while (stream != NULL) {
        struct stream *next = reader_of(stream->next_of_channel, channel);
        hear(h, stream, number, message);
        stream = next;
    }
}

static int handle_drained(struct handling *h, const struct chat_hub_event *event, struct error *err)
{
    struct stream *stream = find(h->hub, event->stream);
    if (stream == NULL)
        return 0;
    if (event->number > h->hub->queue - stream->room)
        return error_set(err, ERR_INVALID, "more messages were taken than written");
    stream->room += (int)event->number;
    go_on(h, stream);
    return 0;
}

static void handle_removed(struct handling *h, const struct chat_hub_event *event)
{
    struct stream *stream = reader_of(*chain_of_channel(h->hub, event->channel), event->channel);
    while (stream != NULL) {
        struct stream *next = reader_of(stream->next_of_channel, event->channel);
        if (strcmp(stream->user, event->user) == 0) {
            add_action(h, CHAT_PUT_OUT, stream);
            end_stream(h->hub, stream);
        }
        stream = next;
    }
}

int chat_hub_handle(struct chat_hub *hub, const struct chat_hub_event *event,
                    struct chat_hub_actions *actions, struct error *err)
{
    struct handling h = {hub, actions};
    struct stream *stream = NULL;
    actions->count = 0;
    if (event->count < 0 || event->number < 0)
        return error_set(err, ERR_INVALID, "a count or number below 0");
    switch (event->kind) {
    case CHAT_OPEN:
        return handle_open(&h, event, err);
    case CHAT_PAGE:
        return handle_page(&h, event, err);
    case CHAT_PUBLISHED:
        handle_hint(&h, event->channel, event->messages[0].number, &event->messages[0]);
        return 0;
    case CHAT_NEWEST:
        handle_hint(&h, event->channel, event->number, NULL);
        return 0;
    case CHAT_DRAINED:
        return handle_drained(&h, event, err);
    case CHAT_REMOVED:
        handle_removed(&h, event);
        return 0;
    case CHAT_CLOSED:
        stream = find(hub, event->stream);
        if (stream != NULL)
            end_stream(hub, stream);
        return 0;
    }
    return error_set(err, ERR_INVALID, "there is no event of kind %d", (int)event->kind);
}
