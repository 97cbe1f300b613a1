/* The event store by the rules E1 to E7 and P1, over arrays. */
#include "suites/01-order/model_store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH_MAX = 256 };

static void *grow(void *array, int count, size_t size)
{
    void *grown = realloc(array, (size_t)(count + 1) * size);
    if (grown == NULL)
        abort();
    return grown;
}

/* The stream of the action, made when it is new. */
struct model_stream *model_stream(struct model *model, const char *name)
{
    struct model_stream *stream = model->streams;
    while (stream != NULL && strcmp(stream->name, name) != 0)
        stream = stream->next;
    if (stream != NULL)
        return stream;
    stream = calloc(1, sizeof *stream);
    if (stream == NULL)
        abort();
    snprintf(stream->name, sizeof stream->name, "%s", name);
    stream->next = model->streams;
    model->streams = stream;
    return stream;
}

struct model_stream *model_named(struct model *model, const struct message *action)
{
    return model_stream(model, message_get_or(action, "stream", "o-1"));
}

/* Puts the event at its place by version; takes over its payload. */
void model_add_event(struct model_stream *stream, const struct model_event *event)
{
    stream->events = grow(stream->events, stream->event_count, sizeof *stream->events);
    int at = stream->event_count++;
    for (; at > 0 && stream->events[at - 1].version > event->version; at--)
        stream->events[at] = stream->events[at - 1];
    stream->events[at] = *event;
}

static int64_t last_version(const struct model_stream *stream)
{
    return stream->event_count > 0 ? stream->events[stream->event_count - 1].version : -1;
}

/* --- loading ------------------------------------------------------------------------------ */

static int fold(struct model_order *order, const struct model_event *event)
{
    enum model_command command = MODEL_CREATE;
    struct model_order draft;
    char place[MODEL_TEXT];
    if (event->version != order->version + 1 ||
        model_read_payload(event->type, event->schema, event->payload, &command, &draft, place) !=
            0)
        return -1;
    if (command == MODEL_CREATE)
        return order->version == 0 ? model_create(order, &draft, event->at) : -1;
    return order->version > 0 ? model_apply(order, command, event->at) : -1;
}

/* The order at version, or NULL with the code of the error. */
static const char *load(const struct model_stream *stream, int64_t version,
                        struct model_order *order)
{
    memset(order, 0, sizeof *order);
    for (int i = 0; i < stream->snapshot_count; i++) {
        const struct model_snapshot *snapshot = &stream->snapshots[i];
        if (snapshot->schema == MODEL_SNAPSHOT_SCHEMA && snapshot->version <= version &&
            snapshot->version > order->version)
            *order = snapshot->order;
    }
    int64_t from = order->version;
    for (int i = 0; i < stream->event_count; i++) {
        const struct model_event *event = &stream->events[i];
        if (event->version > from && event->version <= version && fold(order, event) != 0)
            return "corrupt";
    }
    return order->version == 0 ? "not found" : NULL;
}

static void expect_order(const struct model_stream *stream, int64_t version, int exactly,
                         struct text *expected)
{
    struct model_order order;
    const char *code = load(stream, version, &order);
    if (code == NULL && exactly && order.version != version)
        code = "not found";
    if (code != NULL) {
        model_refuse(expected, code);
        return;
    }
    message_begin(expected, "ok");
    model_describe(&order, expected);
}

static void expect_load(struct model *model, const struct message *action, struct text *expected)
{
    const struct model_stream *stream = model_named(model, action);
    if (!stream->unjudged)
        expect_order(stream, INT64_MAX, 0, expected);
}

static void expect_load_version(struct model *model, const struct message *action,
                                struct text *expected)
{
    const struct model_stream *stream = model_named(model, action);
    if (!stream->unjudged && !stream->deleted)
        expect_order(stream, model_number(action, "version", 0), 1, expected);
}

static void expect_load_time(struct model *model, const struct message *action,
                             struct text *expected)
{
    const struct model_stream *stream = model_named(model, action);
    int64_t at = model_number(action, "at", 0), version = 0;
    for (int i = 0; i < stream->event_count; i++)
        if (stream->events[i].at <= at)
            version = stream->events[i].version;
    if (!stream->unjudged && !stream->deleted)
        expect_order(stream, version, 1, expected);
}

/* --- appending ---------------------------------------------------------------------------- */

void model_add_snapshot(struct model_stream *stream, const struct model_snapshot *snapshot)
{
    int at = 0;
    while (at < stream->snapshot_count && stream->snapshots[at].version != snapshot->version)
        at++;
    if (at == stream->snapshot_count) {
        stream->snapshots = grow(stream->snapshots, at, sizeof *stream->snapshots);
        stream->snapshot_count++;
    }
    stream->snapshots[at] = *snapshot;
}

/* A snapshot when a multiple was reached or passed. A history that cannot be folded has none, and
   whether it may be appended at all is left open. */
static void snapshot_if_due(const struct model *model, struct model_stream *stream, int64_t before)
{
    struct model_snapshot snapshot = {.schema = MODEL_SNAPSHOT_SCHEMA};
    snapshot.version = last_version(stream);
    if (snapshot.version / model->every == before / model->every)
        return;
    if (load(stream, INT64_MAX, &snapshot.order) != NULL)
        stream->unjudged = 1;
    else
        model_add_snapshot(stream, &snapshot);
}

static void add_command(struct model *model, struct model_stream *stream,
                        enum model_command command, const struct model_order *draft,
                        const char *place, const char *id, int64_t at)
{
    struct model_event event = {.at = at, .schema = command == MODEL_CREATE ? 2 : 1};
    struct text payload = {0};
    int64_t last = last_version(stream);
    event.version = (last < 0 ? 0 : last) + 1;
    snprintf(event.id, sizeof event.id, "%s", id);
    snprintf(event.type, sizeof event.type, "%s", model_event_types[command]);
    model_payload(command, draft, place, &payload);
    event.payload = text_detach(&payload);
    model_add_event(stream, &event);
    (void)model;
}

/* Where the event id is stored: its version, with the stream; 0 when nowhere. */
static int64_t find_id(const struct model *model, const char *id, const char **name)
{
    for (const struct model_stream *stream = model->streams; stream != NULL; stream = stream->next)
        for (int i = 0; i < stream->event_count; i++)
            if (strcmp(stream->events[i].id, id) == 0) {
                *name = stream->name;
                return stream->events[i].version;
            }
    return 0;
}

struct batch {
    int count;
    int commands[BATCH_MAX];
    char places[BATCH_MAX][MODEL_TEXT], ids[BATCH_MAX][MODEL_TEXT];
    int64_t at[BATCH_MAX];
};

static int next_word(const char **list, char word[MODEL_TEXT])
{
    *list += strspn(*list, " ");
    size_t length = strcspn(*list, " ");
    snprintf(word, MODEL_TEXT, "%.*s", (int)length, *list);
    *list += length;
    return length > 0;
}

static void read_batch(const struct message *action, struct batch *batch)
{
    const char *commands = message_get_or(action, "commands", "");
    const char *ids = message_get_or(action, "ids", "");
    const char *times = message_get_or(action, "at", "0");
    char word[MODEL_TEXT];
    int64_t at = -1;
    batch->count = 0;
    while (batch->count < BATCH_MAX && next_word(&commands, word)) {
        int i = batch->count++;
        batch->commands[i] = model_command(word, batch->places[i]);
        if (!next_word(&ids, batch->ids[i]))
            snprintf(batch->ids[i], MODEL_TEXT, "%.*s-%d", 64, message_get_or(action, "batch", "e"),
                     i + 1);
        at = next_word(&times, word) ? strtoll(word, NULL, 10) : at + 1;
        batch->at[i] = at;
    }
}

/* 0 when nothing of the batch is stored, 1 when all of it is in place, -1 for anything else. */
static int stored_before(const struct model *model, const struct batch *batch, const char *name)
{
    int found = 0, in_place = 0;
    int64_t before = 0;
    for (int i = 0; i < batch->count; i++) {
        const char *where = "";
        int64_t version = find_id(model, batch->ids[i], &where);
        found += version > 0;
        in_place += version > 0 && strcmp(where, name) == 0 && (i == 0 || version == before + 1);
        before = version;
    }
    return found == 0 ? 0 : in_place == batch->count ? 1 : -1;
}

static void append_batch(struct model *model, struct model_stream *stream,
                         const struct message *action, const struct batch *batch)
{
    struct model_order draft;
    int64_t last = last_version(stream);
    model_draft(action, &draft);
    for (int i = 0; i < batch->count; i++)
        add_command(model, stream, (enum model_command)batch->commands[i], &draft, batch->places[i],
                    batch->ids[i], batch->at[i]);
    snapshot_if_due(model, stream, last < 0 ? 0 : last);
}

static void expect_append(struct model *model, const struct message *action, struct text *expected)
{
    struct model_stream *stream = model_named(model, action);
    const char *word = message_get_or(action, "expected", "none");
    int64_t wanted = strcmp(word, "none") == 0 ? -1 : strtoll(word, NULL, 10);
    struct batch *batch = calloc(1, sizeof *batch);
    if (batch == NULL)
        abort();
    read_batch(action, batch);
    int stored = stored_before(model, batch, stream->name);
    if (stored == 0 && last_version(stream) == wanted && !stream->unjudged)
        append_batch(model, stream, action, batch);
    else if (stored == 0)
        stored = -2;
    free(batch);
    if (stream->unjudged)
        return;
    if (stored >= 0)
        message_begin(expected, "ok");
    else
        model_refuse(expected, stored == -1 ? "exists" : "conflict");
}

/* --- changing and placing ----------------------------------------------------------------- */

static void announce(struct model *model, const struct model_order *before,
                     const struct model_order *after, const char *event_id)
{
    if (before->version > 0 && before->status == after->status)
        return;
    if (model->outbox_count == MODEL_OUTBOX)
        return;
    struct model_message *message = &model->outbox[model->outbox_count++];
    struct text payload = {0};
    snprintf(message->topic, sizeof message->topic, "%s",
             before->version == 0 ? "order.created" : "order.status.changed");
    snprintf(message->key, sizeof message->key, "%s", after->id);
    snprintf(message->id, sizeof message->id, "%s", event_id);
    text_addf(&payload, "{\"orderId\":\"%s\"", after->id);
    if (before->version == 0)
        text_addf(&payload, ",\"customerId\":\"%s\",\"totalAmount\":%" PRId64 ".%02d",
                  after->customer, after->total / 100, (int)(after->total % 100));
    else
        text_addf(&payload, ",\"oldStatus\":\"%s\",\"newStatus\":\"%s\"",
                  model_statuses[before->status], model_statuses[after->status]);
    if (event_id[0] != '\0')
        text_addf(&payload, ",\"eventId\":\"%s\"", event_id);
    text_add(&payload, "}");
    message->payload = text_detach(&payload);
}

/* One writer's whole change, with nobody else about. NULL, or the code of the error. */
static const char *change_once(struct model *model, struct model_stream *stream, const char *word,
                               int64_t if_version, int64_t at, struct model_order *after)
{
    struct model_order before;
    char place[MODEL_TEXT];
    int command = model_command(word, place);
    const char *code = load(stream, INT64_MAX, &before);
    if (code != NULL)
        return code;
    if (if_version != 0 && if_version != before.version)
        return "conflict";
    *after = before;
    if (command < 0 || model_apply(after, (enum model_command)command, at) != 0)
        return "refused";
    add_command(model, stream, (enum model_command)command, after, place, "", at);
    snapshot_if_due(model, stream, before.version);
    announce(model, &before, after, "");
    return NULL;
}

/* Whether the change would go through now: what a writer decides before somebody else comes. */
static int would_write(const struct model_stream *stream, const struct message *action)
{
    struct model_order order;
    int64_t if_version = model_number(action, "if_version", 0);
    int command = model_command(message_get_or(action, "command", ""), NULL);
    return load(stream, INT64_MAX, &order) == NULL &&
           (if_version == 0 || if_version == order.version) && command >= 0 &&
           model_apply(&order, (enum model_command)command, 0) == 0;
}

static void expect_change(struct model *model, const struct message *action, struct text *expected)
{
    struct model_stream *stream = model_stream(model, message_get_or(action, "id", "o-1"));
    const char *meet = message_get_or(action, "meet", "");
    char word[MODEL_TEXT];
    int64_t at = model_number(action, "at", 0);
    struct model_order after;
    if (stream->unjudged)
        return;
    if (next_word(&meet, word)) {
        /* A refusal before the first write meets nobody; a change that loads inside its write
           does. Both are right, and so is a second meeting that does not happen. */
        if (!would_write(stream, action) || next_word(&meet, (char[MODEL_TEXT]){""})) {
            stream->unjudged = 1;
            return;
        }
        change_once(model, stream, word, 0, at, &after);
    }
    const char *code = change_once(model, stream, message_get_or(action, "command", ""),
                                   model_number(action, "if_version", 0), at, &after);
    if (code != NULL) {
        model_refuse(expected, code);
        return;
    }
    message_begin(expected, "ok");
    model_describe(&after, expected);
}

static void expect_place(struct model *model, const struct message *action, struct text *expected)
{
    struct model_order draft, blank = {0}, order;
    const char *name = "", *event = message_get_or(action, "event", "e-1");
    int64_t at = model_number(action, "at", 0);
    if (!model_draft(action, &draft))
        return;
    struct model_stream *stream = model_stream(model, draft.id);
    if (stream->unjudged)
        return;
    if (model_create(&order, &draft, at) != 0) {
        model_refuse(expected, "invalid");
    } else if (find_id(model, event, &name) > 0) {
        stream->unjudged = 1; /* an event that was stored before: what is announced is open */
    } else if (stream->event_count > 0) {
        model_refuse(expected, "conflict");
    } else if (model_number(action, "rollback", 0) != 0) {
        model_refuse(expected, "refused");
    } else {
        add_command(model, stream, MODEL_CREATE, &draft, "", event, at);
        snapshot_if_due(model, stream, 0);
        announce(model, &blank, &order, event);
        message_begin(expected, "ok");
        model_describe(&order, expected);
    }
}

static void expect_store(struct model *model, const struct message *action, struct text *expected)
{
    struct model_order order = model->order;
    (void)expected;
    model_forget(model);
    memset(model, 0, sizeof *model);
    model->order = order;
    model->every = (int)model_number(action, "every", 100);
}

const struct model_action model_store_actions[] = {
    {"store", expect_store},         {"append", expect_append},
    {"load", expect_load},           {"load_version", expect_load_version},
    {"load_time", expect_load_time}, {"change", expect_change},
    {"place", expect_place},         {NULL, NULL},
};
