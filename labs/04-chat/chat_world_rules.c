/*
 * The rules that the world holds the core to. Given: nothing to write here.
 *
 * They go by what was asked for, what is on the world's own disk, and what reached the readers.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "chat_world.h"

void chat_world_break(struct chat_world *world, int reader, const char *rule, const char *format,
                      ...)
{
    va_list values;
    if (world->rule != NULL)
        return;
    world->rule = rule;
    world->about = reader;
    va_start(values, format);
    vsnprintf(world->seen, sizeof world->seen, format, values);
    va_end(values);
}

/* --- the log ---------------------------------------------------------------------------------- */

/* The message is on disk as the action says it. */
static int is_stored(const struct chat_world *w, const struct chat_message *message)
{
    if (message->number < 1 || message->number > w->shelf_count)
        return 0;
    const struct chat_message *stored = &w->shelf[message->number - 1];
    return chat_world_known(w, message) == chat_world_known(w, stored) &&
           message->sent_ms == stored->sent_ms;
}

static void judge_append(struct chat_world *w, const struct chat_record *record, int asked)
{
    const struct chat_message *message = &record->message;
    if (record->kind == CHAT_RECORD_COUNTER) {
        if (message->number != w->shelf_count)
            chat_world_break(w, -1, "A counter says the number of the last message.",
                             "it says %lld, the last is %d", (long long)message->number,
                             w->shelf_count);
        return;
    }
    if (chat_world_known(w, message) != asked)
        chat_world_break(w, -1, "What is stored is the message that was sent.",
                         "another one is stored as %lld", (long long)message->number);
    else if (message->number != w->shelf_count + 1)
        chat_world_break(w, -1, "Numbers rise by one.", "%lld is stored after %d",
                         (long long)message->number, w->shelf_count);
    for (int i = 0; i < w->shelf_count && w->rule == NULL; i++) {
        if (chat_world_known(w, &w->shelf[i]) == asked)
            chat_world_break(w, -1, "A message that is sent again is stored once.",
                             "'%s' is stored as %d and as %lld", message->text, i + 1,
                             (long long)message->number);
    }
}

void chat_world_judge_log(struct chat_world *w, const struct chat_log_action *action, int asked)
{
    const struct chat_message *message = &action->record.message;
    if (action->kind == CHAT_APPEND)
        judge_append(w, &action->record, asked);
    else if (action->kind != CHAT_ACK && action->kind != CHAT_PUBLISH)
        chat_world_break(w, -1, "An action of the log is CHAT_APPEND, CHAT_ACK or CHAT_PUBLISH.",
                         "it is %d", (int)action->kind);
    else if (chat_world_known(w, message) != asked || !is_stored(w, message))
        chat_world_break(w, -1,
                         action->kind == CHAT_ACK ? "What is answered is on disk."
                                                  : "What is published is on disk.",
                         "number %lld at %lld ms is not that message on disk",
                         (long long)message->number, (long long)message->sent_ms);
}

/* --- hubs ------------------------------------------------------------------------------------- */

static void judge_fetch(struct chat_world *w, const struct chat_world_stream *stream,
                        const struct chat_hub_action *action)
{
    int most = stream->room < CHAT_PAGE_MAX ? stream->room : CHAT_PAGE_MAX;
    if (stream->limit > 0)
        chat_world_break(w, stream->reader, "A stream has one fetch at a time.",
                         "a second one, after %lld", (long long)action->number);
    else if (action->number != stream->written)
        chat_world_break(w, stream->reader, "What is fetched comes after what was written.",
                         "after %lld is fetched, and %lld was written", (long long)action->number,
                         (long long)stream->written);
    else if (action->limit < 1 || action->limit > most)
        chat_world_break(w, stream->reader, "No more is fetched than there is room for.",
                         "%d messages, with room for %d", action->limit, most);
}

/* number: -1 = no message of the event. */
static void judge_write(struct chat_world *w, const struct chat_world_stream *stream,
                        const struct chat_hub_event *event, int64_t number)
{
    if (number != stream->written + 1)
        chat_world_break(w, stream->reader,
                         "A reader is written each number once, in order, without a hole.",
                         number < 0 ? "what is written is no message of the event"
                                    : "%lld is written after %lld",
                         (long long)number, (long long)stream->written);
    else if (stream->room == 0)
        chat_world_break(w, stream->reader, "Nothing is written to a stream without room.",
                         "%lld is written", (long long)number);
    else if (event->kind != CHAT_PAGE && (!stream->is_live || stream->limit > 0))
        chat_world_break(w, stream->reader,
                         "While it replays or fetches, a stream is written its pages alone.",
                         "%lld is written beside them", (long long)number);
}

static void judge_gap(struct chat_world *w, const struct chat_world_stream *stream, int64_t number)
{
    if (!stream->is_live || stream->limit > 0 || stream->room > 0)
        chat_world_break(w, stream->reader,
                         "Only a live stream that fetches nothing and has no room is cut.",
                         "it is%s live%s, with room for %d", stream->is_live ? "" : " not",
                         stream->limit > 0 ? " and fetches" : "", stream->room);
    else if (number != stream->written + 1)
        chat_world_break(w, stream->reader, "CHAT_GAP says the first number that was not written.",
                         "it says %lld, and %lld was written", (long long)number,
                         (long long)stream->written);
}

void chat_world_judge_hub(struct chat_world *w, int hub, const struct chat_hub_event *event,
                          const struct chat_hub_action *action)
{
    int is_known = action->stream < (uint32_t)w->stream_count;
    const struct chat_world_stream *stream = is_known ? &w->streams[action->stream] : NULL;
    int is_message = action->kind == CHAT_WRITE && action->message != NULL;
    if (stream == NULL || !stream->is_open || stream->hub != hub) {
        chat_world_break(
            w, stream != NULL ? stream->reader : 0, "A hub writes to the streams that it has open.",
            "stream %u is not, and something is asked for it", (unsigned)action->stream);
        return;
    }
    switch (action->kind) {
    case CHAT_FETCH:
        judge_fetch(w, stream, action);
        return;
    case CHAT_WRITE:
        judge_write(w, stream, event, is_message ? action->message->number : -1);
        return;
    case CHAT_LIVE:
        if (stream->is_live || !stream->was_short)
            chat_world_break(w, stream->reader, "CHAT_LIVE comes once, when the replay is over.",
                             stream->is_live ? "it comes again" : "more is there to replay");
        return;
    case CHAT_GAP:
        judge_gap(w, stream, action->number);
        return;
    case CHAT_PUT_OUT:
        if (!w->readers[stream->reader].is_removed)
            chat_world_break(w, stream->reader, "Only who was removed is put out.",
                             "nobody removed it");
        return;
    }
    chat_world_break(w, stream->reader, "An action of the hub is one of five kinds.", "it is %d",
                     (int)action->kind);
}

/* --- at rest ---------------------------------------------------------------------------------- */

void chat_world_judge_end(struct chat_world *w)
{
    for (int i = 0; i < CHAT_WORLD_SENDERS; i++) {
        if (w->senders[i].next < CHAT_WORLD_EACH)
            chat_world_break(w, -1, "Every message is answered in the end.",
                             "%s waits for the answer to its message %d",
                             chat_world_sender_names[i], w->senders[i].next + 1);
    }
    for (int i = 0; i < CHAT_WORLD_READERS; i++) {
        const struct chat_world_reader *reader = &w->readers[i];
        if (reader->is_removed)
            continue;
        if (reader->last != w->shelf_count)
            chat_world_break(w, i, "At rest every reader has the whole channel.",
                             "%s has %lld of %d messages", chat_world_reader_names[i],
                             (long long)reader->last, w->shelf_count);
        else if (reader->stream >= 0 && !w->streams[reader->stream].is_live)
            chat_world_break(w, i, "A reader that has everything is told that it is live.",
                             "%s was not told", chat_world_reader_names[i]);
    }
}
