/*
 * The part of lab 04's probe that drives the hub. Given: nothing to write here.
 *
 * It plays the log that the hub fetches from: messages 1, 2, 3 ... of each channel, as many as were
 * stored. Values may be spelled short, "65*ab" (core_words.h). starve=1: probe_core.h.
 *
 *   hub       [queue=256]                            ok | error code=
 *   store     [channel=c] [count=1] more messages    ok newest=
 *   open      stream= [channel=c] [user=ann]         ok do="1 fetch 0 100" ... | error code=
 *             [after=0] [starve=0]
 *   page      stream= [lag=0]: what its last fetch   the same; none when it has not fetched
 *             asked for, as it was before the
 *             newest `lag` messages were stored
 *   bring     stream= [from=1] [count=1] [skip=0]:   the same
 *             these numbers, but for skip, as a page
 *   publish   [channel=c] number=                    the same
 *   hint      [channel=c] number= is the newest       the same
 *   drained   stream= count=                         the same
 *   removed   [channel=c] [user=ann]                 the same
 *   closed    stream=                                the same
 *   streams                                          ok count=
 *
 * do= lists the actions: "1 fetch 0 100" (stream, number, limit), "1 write 7", "1 live", "1 gap 8",
 * "1 put-out". Beside it, for tests that look at one thing: wrote=6,7 (numbers), live=, gap=, out=,
 * fetch= (streams), each none when there is none.
 */
#include "chat_hub.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "probe_core.h"

enum {
    SHELVES = 16,  /* channels of which messages are stored */
    FETCHES = 1024 /* streams whose last fetch is known */
};

struct fetch {
    uint32_t stream;
    int64_t after;
    int limit; /* 0: none under way */
    char channel[CHAT_ID_SIZE];
};
struct hub_rig {
    struct chat_hub *hub;
    struct {
        char channel[CHAT_ID_SIZE];
        int64_t newest;
    } shelves[SHELVES];
    int shelf_count;
    struct fetch fetches[FETCHES];
    int fetch_count;
    struct chat_message page[CHAT_PAGE_MAX + 2];
    struct chat_hub_actions actions;
};

void hub_rig_free(struct hub_rig *rig)
{
    if (rig == NULL)
        return;
    chat_hub_destroy(rig->hub);
    free(rig);
}

static struct hub_rig *hub_of(void *context)
{
    struct core_rig *core = core_of(context);
    if (core->hub == NULL)
        core->hub = core_memory(sizeof *core->hub);
    return core->hub;
}

void do_hub(void *context, const struct message *action, struct text *reply)
{
    struct hub_rig *rig = hub_of(context);
    struct error err = {0};
    chat_hub_destroy(rig->hub);
    memset(rig, 0, sizeof *rig);
    int result = chat_hub_create(&rig->hub, (int)core_number(action, "queue", CHAT_QUEUE), &err);
    probe_result(reply, result, &err);
}

/* --- the log that is played ------------------------------------------------------------------- */

/* How many messages of the channel are stored; NULL when there is no place for its name. */
static int64_t *newest_of(struct hub_rig *rig, const char *channel)
{
    int i = 0;
    while (i < rig->shelf_count && strcmp(rig->shelves[i].channel, channel) != 0)
        i++;
    if (i == SHELVES)
        return NULL;
    if (i == rig->shelf_count) {
        snprintf(rig->shelves[i].channel, CHAT_ID_SIZE, "%s", channel);
        rig->shelf_count++;
    }
    return &rig->shelves[i].newest;
}

static struct fetch *fetch_of(struct hub_rig *rig, uint32_t stream)
{
    int i = 0;
    while (i < rig->fetch_count && rig->fetches[i].stream != stream)
        i++;
    if (i == FETCHES)
        return NULL;
    if (i == rig->fetch_count)
        rig->fetches[rig->fetch_count++] = (struct fetch){.stream = stream};
    return &rig->fetches[i];
}

static void make_message(struct chat_message *message, const char *channel, int64_t number)
{
    memset(message, 0, sizeof *message);
    snprintf(message->channel, sizeof message->channel, "%s", channel);
    snprintf(message->user, sizeof message->user, "ann");
    snprintf(message->nonce, sizeof message->nonce, "n%lld", (long long)number);
    snprintf(message->text, sizeof message->text, "message %lld", (long long)number);
    message->number = number;
}

/* --- what the hub asks for -------------------------------------------------------------------- */

/* One of the event's messages, or NULL: the pointer is looked at before what it points to. */
static const struct chat_message *written(const struct hub_rig *rig,
                                          const struct chat_hub_event *event,
                                          const struct chat_message *message)
{
    int count = event->kind == CHAT_PUBLISHED ? 1 : event->count;
    for (int i = 0; i < count && i < CHAT_PAGE_MAX + 2; i++) {
        if (message == &rig->page[i])
            return message;
    }
    return NULL;
}

static void describe_action(const struct hub_rig *rig, const struct chat_hub_event *event,
                            const struct chat_hub_action *action, struct text *out)
{
    const struct chat_message *message = NULL;
    text_addf(out, "%u ", (unsigned)action->stream);
    switch (action->kind) {
    case CHAT_FETCH:
        text_addf(out, "fetch %lld %d", (long long)action->number, action->limit);
        return;
    case CHAT_WRITE:
        message = written(rig, event, action->message);
        if (message != NULL)
            text_addf(out, "write %lld", (long long)message->number);
        else
            text_add(out, "write what is no message of this event");
        return;
    case CHAT_LIVE:
        text_add(out, "live");
        return;
    case CHAT_GAP:
        text_addf(out, "gap %lld", (long long)action->number);
        return;
    case CHAT_PUT_OUT:
        text_add(out, "put-out");
        return;
    }
    text_add(out, "?");
}

/* Adds "NAME=a,b" with the stream, or the number written, of each action of the kind. */
static void add_field(const struct hub_rig *rig, const struct chat_hub_event *event,
                      enum chat_hub_action_kind kind, const char *name, struct text *reply)
{
    struct text list = {0};
    for (int i = 0; i < rig->actions.count && i < CHAT_HUB_ACTIONS_MAX; i++) {
        const struct chat_hub_action *action = &rig->actions.list[i];
        if (action->kind != kind)
            continue;
        const struct chat_message *message =
            kind == CHAT_WRITE ? written(rig, event, action->message) : NULL;
        text_addf(&list, "%s%lld", list.length > 0 ? "," : "",
                  message != NULL ? (long long)message->number : (long long)action->stream);
    }
    message_add(reply, name, list.length > 0 ? text_str(&list) : "none");
    text_release(&list);
}

static void note_fetches(struct hub_rig *rig, const struct chat_hub_event *event)
{
    for (int i = 0; i < rig->actions.count && i < CHAT_HUB_ACTIONS_MAX; i++) {
        const struct chat_hub_action *action = &rig->actions.list[i];
        struct fetch *fetch = fetch_of(rig, action->stream);
        if (action->kind != CHAT_FETCH || fetch == NULL)
            continue;
        fetch->after = action->number;
        fetch->limit = action->limit;
        if (event->kind == CHAT_OPEN)
            snprintf(fetch->channel, sizeof fetch->channel, "%s", event->channel);
    }
}

/* Gives the event and writes the reply. grant: of memory_begin. */
static void give(struct hub_rig *rig, const struct chat_hub_event *event, int grant,
                 struct text *reply)
{
    struct error err = {0};
    struct text list = {0};
    if (rig->hub == NULL) {
        message_begin(reply, "none");
        return;
    }
    int result = 0;
    do {
        memory_grant(grant);
        result = chat_hub_handle(rig->hub, event, &rig->actions, &err);
    } while (memory_is_short(result, &grant) && rig->actions.count == 0);
    note_fetches(rig, event);
    for (int i = 0; i < rig->actions.count && i < CHAT_HUB_ACTIONS_MAX; i++) {
        text_add(&list, i > 0 ? "; " : "");
        describe_action(rig, event, &rig->actions.list[i], &list);
    }
    probe_result(reply, result, &err);
    if (result == 0)
        message_begin(reply, "ok");
    if (result == 0 || list.length > 0) {
        message_add(reply, "do", list.length > 0 ? text_str(&list) : "none");
        add_field(rig, event, CHAT_WRITE, "wrote", reply);
        add_field(rig, event, CHAT_LIVE, "live", reply);
        add_field(rig, event, CHAT_FETCH, "fetch", reply);
        add_field(rig, event, CHAT_GAP, "gap", reply);
        add_field(rig, event, CHAT_PUT_OUT, "out", reply);
    }
    text_release(&list);
}

/* --- events ----------------------------------------------------------------------------------- */

/* What the field says, spelled out into name. */
static const char *name_of(const struct message *action, const char *field, const char *otherwise,
                           struct text *name)
{
    core_expand(message_get_or(action, field, otherwise), name);
    return text_str(name);
}

void do_store(void *context, const struct message *action, struct text *reply)
{
    struct hub_rig *rig = hub_of(context);
    struct text channel = {0};
    int64_t *newest = newest_of(rig, name_of(action, "channel", "c", &channel));
    if (newest != NULL)
        *newest += core_number(action, "count", 1);
    message_begin(reply, "ok");
    message_add_int64(reply, "newest", newest != NULL ? *newest : 0);
    text_release(&channel);
}

void do_open(void *context, const struct message *action, struct text *reply)
{
    struct text channel = {0}, user = {0};
    struct chat_hub_event event = {.kind = CHAT_OPEN,
                                   .stream = (uint32_t)core_number(action, "stream", 1),
                                   .channel = name_of(action, "channel", "c", &channel),
                                   .user = name_of(action, "user", "ann", &user),
                                   .number = core_number(action, "after", 0)};
    give(hub_of(context), &event, memory_begin(action), reply);
    text_release(&channel);
    text_release(&user);
}

void do_page(void *context, const struct message *action, struct text *reply)
{
    struct hub_rig *rig = hub_of(context);
    struct chat_hub_event event = {.kind = CHAT_PAGE,
                                   .stream = (uint32_t)core_number(action, "stream", 1),
                                   .messages = rig->page};
    struct fetch *fetch = fetch_of(rig, event.stream);
    if (fetch == NULL || fetch->limit == 0) {
        message_begin(reply, "none");
        return;
    }
    const int64_t *newest = newest_of(rig, fetch->channel);
    int64_t end = (newest != NULL ? *newest : 0) - core_number(action, "lag", 0);
    int limit = fetch->limit < CHAT_PAGE_MAX ? fetch->limit : CHAT_PAGE_MAX;
    for (int64_t n = fetch->after + 1; n <= end && event.count < limit; n++)
        make_message(&rig->page[event.count++], fetch->channel, n);
    fetch->limit = 0;
    give(rig, &event, MEMORY_ENOUGH, reply);
}

void do_bring(void *context, const struct message *action, struct text *reply)
{
    struct hub_rig *rig = hub_of(context);
    struct chat_hub_event event = {.kind = CHAT_PAGE,
                                   .stream = (uint32_t)core_number(action, "stream", 1),
                                   .messages = rig->page};
    int64_t from = core_number(action, "from", 1), count = core_number(action, "count", 1);
    int64_t skip = core_number(action, "skip", 0);
    for (int64_t n = from; n < from + count && event.count < CHAT_PAGE_MAX + 2; n++) {
        if (n != skip)
            make_message(&rig->page[event.count++], "c", n);
    }
    if (count < 0)
        event.count = (int)count;
    give(rig, &event, MEMORY_ENOUGH, reply);
}

void do_publish(void *context, const struct message *action, struct text *reply)
{
    struct hub_rig *rig = hub_of(context);
    struct text channel = {0};
    struct chat_hub_event event = {.kind = CHAT_PUBLISHED,
                                   .channel = name_of(action, "channel", "c", &channel),
                                   .messages = rig->page};
    make_message(&rig->page[0], event.channel, core_number(action, "number", 1));
    give(rig, &event, MEMORY_ENOUGH, reply);
    text_release(&channel);
}

/* The other events of a channel or a stream: named by their words. */
static void give_plain(void *context, enum chat_hub_event_kind kind, const char *number,
                       const struct message *action, struct text *reply)
{
    struct chat_hub_event event = {.kind = kind};
    struct text channel = {0}, user = {0};
    if (kind == CHAT_DRAINED || kind == CHAT_CLOSED)
        event.stream = (uint32_t)core_number(action, "stream", 1);
    else
        event.channel = name_of(action, "channel", "c", &channel);
    if (kind == CHAT_REMOVED)
        event.user = name_of(action, "user", "ann", &user);
    if (number != NULL)
        event.number = core_number(action, number, 1);
    give(hub_of(context), &event, MEMORY_ENOUGH, reply);
    text_release(&channel);
    text_release(&user);
}

void do_hint(void *context, const struct message *action, struct text *reply)
{
    give_plain(context, CHAT_NEWEST, "number", action, reply);
}

void do_drained(void *context, const struct message *action, struct text *reply)
{
    give_plain(context, CHAT_DRAINED, "count", action, reply);
}

void do_removed(void *context, const struct message *action, struct text *reply)
{
    give_plain(context, CHAT_REMOVED, NULL, action, reply);
}

void do_closed(void *context, const struct message *action, struct text *reply)
{
    give_plain(context, CHAT_CLOSED, NULL, action, reply);
}

void do_streams(void *context, const struct message *action, struct text *reply)
{
    struct hub_rig *rig = hub_of(context);
    (void)action;
    message_begin(reply, rig->hub != NULL ? "ok" : "none");
    message_add_int64(reply, "count", rig->hub != NULL ? chat_hub_streams(rig->hub) : 0);
}
