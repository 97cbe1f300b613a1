/* What lies in the tables: the probe's own look, and its tampering. */
#include "suites/01-order/model_store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_field(struct text *expected, const char *prefix, int64_t number, const char *value)
{
    char field[48];
    snprintf(field, sizeof field, "%s.%" PRId64, prefix, number);
    message_add(expected, field, value);
}

/* Bytes that the student's code chose are compared as JSON. */
static void add_text(struct text *expected, const char *prefix, int64_t number, const char *text,
                     int json)
{
    char field[48];
    snprintf(field, sizeof field, "%s.%" PRId64 "%s", prefix, number, json ? ".json" : "");
    message_add(expected, field, text);
}

static void expect_rows(struct model *model, const struct message *action, struct text *expected)
{
    const struct model_stream *stream = model_named(model, action);
    if (stream->unjudged)
        return;
    message_begin(expected, "ok");
    message_add_int64(expected, "count", stream->event_count);
    for (int i = 0; i < stream->event_count; i++) {
        const struct model_event *event = &stream->events[i];
        char row[2 * MODEL_TEXT];
        snprintf(row, sizeof row, "%s %" PRId64 " %" PRId64, event->type, event->schema, event->at);
        add_field(expected, "row", event->version, row);
        if (event->id[0] != '\0')
            add_field(expected, "event", event->version, event->id);
        add_text(expected, "payload", event->version, event->payload, !event->put);
    }
}

static void expect_snapshots(struct model *model, const struct message *action,
                             struct text *expected)
{
    const struct model_stream *stream = model_named(model, action);
    if (stream->unjudged)
        return;
    message_begin(expected, "ok");
    for (int i = 0; i < stream->snapshot_count; i++) {
        char schema[24];
        snprintf(schema, sizeof schema, "%" PRId64, stream->snapshots[i].schema);
        add_field(expected, "snapshot", stream->snapshots[i].version, schema);
        if (stream->snapshots[i].schema == MODEL_SNAPSHOT_SCHEMA) {
            struct text state = {0};
            model_snapshot(&stream->snapshots[i].order, &state);
            add_text(expected, "state", stream->snapshots[i].version, text_str(&state), 1);
            text_release(&state);
        }
    }
}

static void expect_put_event(struct model *model, const struct message *action,
                             struct text *expected)
{
    struct model_stream *stream = model_named(model, action);
    struct model_event event = {.put = 1};
    struct text payload = {0};
    (void)expected;
    event.version = model_number(action, "version", 1);
    event.schema = model_number(action, "schema", 1);
    event.at = model_number(action, "at", 0);
    snprintf(event.id, sizeof event.id, "%s", message_get_or(action, "event", "e-1"));
    snprintf(event.type, sizeof event.type, "%s", message_get_or(action, "type", ""));
    text_add(&payload, message_get_or(action, "payload", "{}"));
    event.payload = text_detach(&payload);
    model_add_event(stream, &event);
}

static void expect_delete_event(struct model *model, const struct message *action,
                                struct text *expected)
{
    struct model_stream *stream = model_named(model, action);
    int64_t version = model_number(action, "version", 0);
    int kept = 0;
    (void)expected;
    for (int i = 0; i < stream->event_count; i++) {
        if (stream->events[i].version == version)
            free(stream->events[i].payload);
        else
            stream->events[kept++] = stream->events[i];
    }
    stream->event_count = kept;
    stream->deleted = 1;
}

static void expect_put_snapshot(struct model *model, const struct message *action,
                                struct text *expected)
{
    struct model_stream *stream = model_named(model, action);
    struct model_snapshot snapshot = {.version = model_number(action, "version", 0),
                                      .schema =
                                          model_number(action, "schema", MODEL_SNAPSHOT_SCHEMA)};
    (void)expected;
    if (snapshot.schema == MODEL_SNAPSHOT_SCHEMA &&
        model_read_snapshot(message_get_or(action, "state", "{}"), &snapshot.order) != 0)
        stream->unjudged = 1;
    model_add_snapshot(stream, &snapshot);
}

static void expect_delete_snapshot(struct model *model, const struct message *action,
                                   struct text *expected)
{
    struct model_stream *stream = model_named(model, action);
    int64_t version = model_number(action, "version", 0);
    int kept = 0;
    (void)expected;
    for (int i = 0; i < stream->snapshot_count; i++)
        if (stream->snapshots[i].version != version)
            stream->snapshots[kept++] = stream->snapshots[i];
    stream->snapshot_count = kept;
}

static void expect_outbox(struct model *model, const struct message *action, struct text *expected)
{
    (void)action;
    for (const struct model_stream *stream = model->streams; stream != NULL; stream = stream->next)
        if (stream->unjudged)
            return;
    message_begin(expected, "ok");
    message_add_int64(expected, "count", model->outbox_count);
    for (int i = 0; i < model->outbox_count; i++) {
        const struct model_message *message = &model->outbox[i];
        char row[2 * MODEL_TEXT];
        snprintf(row, sizeof row, "%s %s", message->topic, message->key);
        add_field(expected, "message", i + 1, row);
        if (message->id[0] != '\0')
            add_field(expected, "event", i + 1, message->id);
        add_text(expected, "payload", i + 1, message->payload, 1);
    }
}

const struct model_action model_rows_actions[] = {
    {"rows", expect_rows},
    {"snapshots", expect_snapshots},
    {"put_event", expect_put_event},
    {"delete_event", expect_delete_event},
    {"put_snapshot", expect_put_snapshot},
    {"delete_snapshot", expect_delete_snapshot},
    {"outbox", expect_outbox},
    {NULL, NULL},
};
