/*
 * The readers of a crowd: each has one stream of one channel, and comes back when it breaks off.
 */
#include "suites/04-chat/crowd_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/json_read.h"
#include "kit/clock.h"

void reader_note(struct crowd *crowd, int reader, const char *format, ...)
{
    struct crowd_reader *r = &crowd->readers[reader];
    struct crowd_note *note = &r->notes[r->note_count++ % CROWD_NOTES_MAX];
    va_list values;
    va_start(values, format);
    vsnprintf(note->words, sizeof note->words, format, values);
    va_end(values);
    note->at_ms = run_story_ms(crowd->cluster->run);
}

static void come_back(struct crowd_reader *reader, int64_t after_ms)
{
    line_close(&reader->line);
    sse_reader_release(&reader->events);
    if (reader->state == CROWD_OUT || reader->state == CROWD_STOPPED)
        return;
    reader->state = CROWD_AWAY;
    reader->due_ms = monotonic_ms() + after_ms;
}

/* --- asking for a stream ---------------------------------------------------------------------- */

static void ask(struct crowd *crowd, int index)
{
    struct crowd_reader *reader = &crowd->readers[index];
    struct crowd_channel *channel = &crowd->channels[reader->channel];
    reader->gateway =
        channel->home >= 0 ? channel->home : reader->number % crowd->cluster->gateway_count;
    struct text request = {0};
    /* Last-Event-ID wins over after; so every other reader says something else there. */
    text_addf(&request,
              "GET /channels/%s/stream?after=%lld HTTP/1.1\r\nHost: chat\r\nX-User: %s\r\n",
              channel->name, (long long)(reader->number % 2 ? reader->last : 0), reader->user);
    if (reader->last > 0 && reader->number % 2 == 0)
        text_addf(&request, "Last-Event-ID: %lld\r\n", (long long)reader->last);
    text_add(&request, "\r\n");
    reader->acknowledged = channel->acknowledged;
    reader->is_live = 0;
    reader->left = -1;
    reader->state = CROWD_ASKING;
    if (line_open(&reader->line, crowd->ports[reader->gateway], text_str(&request),
                  request.length) < 0)
        come_back(reader, CROWD_AGAIN_MS);
    text_release(&request);
}

void reader_turn(struct crowd *crowd, int reader, int64_t now_ms)
{
    struct crowd_reader *r = &crowd->readers[reader];
    if (r->state == CROWD_AWAY && r->due_ms <= now_ms)
        ask(crowd, reader);
}

/* The home of the channel, by the Location of a 307. */
static void find_home(struct crowd *crowd, struct crowd_channel *channel, const char *location)
{
    int port = 0;
    channel->home = -1;
    if (sscanf(location, "http://127.0.0.1:%d/", &port) != 1)
        return;
    for (int i = 0; i < crowd->cluster->gateway_count; i++)
        if (crowd->ports[i] == port)
            channel->home = i;
}

/* Reads the head of the answer. 1: the stream follows. */
static int read_head(struct crowd *crowd, int index)
{
    struct crowd_reader *reader = &crowd->readers[index];
    struct crowd_channel *channel = &crowd->channels[reader->channel];
    int status = 0;
    char value[256] = "";
    size_t head = line_head(&reader->line, &status);
    if (head == 0)
        return 0;
    line_header(&reader->line, head, status == 307 ? "Location" : "Transfer-Encoding", value,
                sizeof value);
    if (status == 200 && strcmp(value, "chunked") == 0) {
        line_drop(&reader->line, head);
        reader->state = CROWD_READING;
        reader->opened++;
        channel->home = reader->gateway;
        reader_note(crowd, index, "stream opened after %lld", (long long)reader->last);
        return 1;
    }
    if (status == 307)
        find_home(crowd, channel, value);
    else if (status != 503)
        crowd_wrong(crowd, index, "a member's stream is answered 200, 307 or, for a while, 503",
                    "%s is answered %d for %s", reader->user, status, channel->name);
    come_back(reader, status == 307 ? 0 : CROWD_AGAIN_MS);
    return 0;
}

/* --- events ----------------------------------------------------------------------------------- */

struct heard {
    struct crowd *crowd;
    int reader;
};

static void on_message(struct crowd *crowd, int index, const struct sse_message *message)
{
    struct crowd_reader *reader = &crowd->readers[index];
    cJSON *body = cJSON_Parse(message->data);
    int64_t number = json_member_int64(body, "number");
    const char *text = json_member_text(body, "text");
    char id[24];
    snprintf(id, sizeof id, "%lld", (long long)number);
    if (strcmp(message->id, id) != 0)
        crowd_wrong(crowd, index, "the id of a message's event is its number",
                    "number %lld has the id \"%.20s\"", (long long)number, message->id);
    else if (number != reader->last + 1)
        crowd_wrong(crowd, index, "every reader gets every number once, rising by one",
                    "%s of %s: %lld came after %lld", reader->user,
                    crowd->channels[reader->channel].name, (long long)number,
                    (long long)reader->last);
    crowd_saw(crowd, reader->channel, number, strtoll(text, NULL, 10), index);
    reader->last = number;
    crowd->delivered++;
    cJSON_Delete(body);
}

static void on_live(struct crowd *crowd, int index)
{
    struct crowd_reader *reader = &crowd->readers[index];
    if (reader->is_live)
        crowd_wrong(crowd, index, "a stream says live once", "%s heard it twice", reader->user);
    if (reader->last < reader->acknowledged)
        crowd_wrong(crowd, index, "what was acknowledged before a stream opened comes before live",
                    "%s heard live after %lld; %lld was acknowledged before", reader->user,
                    (long long)reader->last, (long long)reader->acknowledged);
    reader->is_live = 1;
}

static void on_event(void *context, const struct sse_message *message)
{
    const struct heard *heard = context;
    struct crowd *crowd = heard->crowd;
    struct crowd_reader *reader = &crowd->readers[heard->reader];
    if (strcmp(message->event, "message") == 0) {
        on_message(crowd, heard->reader, message);
        return;
    }
    if (strcmp(message->event, "live") == 0) {
        on_live(crowd, heard->reader);
        return;
    }
    reader_note(crowd, heard->reader, "%.20s after %lld", message->event, (long long)reader->last);
    if (strcmp(message->event, "gap") == 0) {
        cJSON *body = cJSON_Parse(message->data);
        reader->gap_from = json_member_int64(body, "from");
        reader->gaps++;
        cJSON_Delete(body);
        if (reader->gap_from != reader->last + 1)
            crowd_wrong(crowd, heard->reader, "gap names the first number that was not written",
                        "%s read up to %lld and heard a gap from %lld", reader->user,
                        (long long)reader->last, (long long)reader->gap_from);
    } else if (strcmp(message->event, "removed") == 0) {
        reader->state = CROWD_OUT;
    } else if (strcmp(message->event, "moved") == 0) {
        reader->moves++;
        crowd->channels[reader->channel].home = -1;
    } else {
        crowd_wrong(crowd, heard->reader, "message, live, gap, removed or moved",
                    "%s heard \"%.40s\"", reader->user, message->event);
    }
}

static void read_chunks(struct crowd *crowd, int index)
{
    struct crowd_reader *reader = &crowd->readers[index];
    struct heard heard = {crowd, index};
    if (line_chunks(&reader->line, &reader->left, &reader->events, on_event, &heard) < 0)
        crowd_wrong(crowd, index, "an event has less than 64 kB", "%s was sent more", reader->user);
    if (reader->events.has_retry)
        reader->retry_ms = reader->events.retry_ms;
}

void reader_moved(struct crowd *crowd, int index, int is_closed)
{
    struct crowd_reader *reader = &crowd->readers[index];
    if (reader->state == CROWD_ASKING && !read_head(crowd, index)) {
        if (reader->state == CROWD_ASKING && is_closed)
            come_back(reader, CROWD_AGAIN_MS);
        return;
    }
    if (reader->state == CROWD_READING || reader->state == CROWD_OUT)
        read_chunks(crowd, index);
    if (is_closed) {
        reader_note(crowd, index, "stream ended after %lld", (long long)reader->last);
        come_back(reader, 1);
    }
}
