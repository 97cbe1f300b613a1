/*
 * The text of an event stream.
 *
 * A stream is lines; CR LF, LF and CR end one. An empty line ends an event, a line that begins with
 * a colon is a comment, any other is a field: its name, and behind the first colon and one blank
 * its value. Of the fields only event, data, id and retry mean something. An id with a NUL counts
 * as none, a retry that is not all digits too, and an event without data is not passed on, but its
 * id stays.
 */
#include "kit/sse.h"
#include <string.h>
#include "kit/error.h"
#include "kit/limits.h"

/* --- made --- */

static void add_field(struct text *out, const char *name, const char *value, size_t length)
{
    text_add(out, name);
    text_append(out, ": ", 2);
    text_append(out, value, length);
    text_append(out, "\n", 1);
}

/* A field for each line of the value. */
static void add_lines(struct text *out, const char *name, const char *value)
{
    for (;;) {
        size_t length = strcspn(value, "\r\n");
        add_field(out, name, value, length);
        value += length;
        if (*value == '\0')
            return;
        value += value[0] == '\r' && value[1] == '\n' ? 2 : 1;
    }
}

static int is_one_line(const char *value)
{
    return value == NULL || value[strcspn(value, "\r\n")] == '\0';
}

int sse_event(struct text *out, const char *id, const char *event, const char *data)
{
    if (!is_one_line(id) || !is_one_line(event) || (event != NULL && event[0] == '\0'))
        return ERR_INVALID;
    if (id != NULL)
        add_field(out, "id", id, strlen(id));
    if (event != NULL)
        add_field(out, "event", event, strlen(event));
    add_lines(out, "data", data);
    text_append(out, "\n", 1);
    return 0;
}

void sse_comment(struct text *out, const char *comment)
{
    add_lines(out, "", comment);
}

void sse_retry(struct text *out, int64_t ms)
{
    text_add(out, "retry: ");
    text_add_int64(out, ms);
    text_append(out, "\n", 1);
}

/* --- read --- */

static void set(struct text *text, const char *bytes, size_t length)
{
    text_clear(text);
    text_append(text, bytes, length);
}

static void take_retry(struct sse_reader *reader, const char *digits, size_t length)
{
    enum { DIGITS_MAX = 18 }; /* more do not fit */
    int64_t ms = 0;
    if (length == 0 || length > DIGITS_MAX)
        return;
    for (size_t i = 0; i < length; i++) {
        if (digits[i] < '0' || digits[i] > '9')
            return;
        ms = ms * 10 + (digits[i] - '0');
    }
    reader->retry_ms = ms;
    reader->has_retry = 1;
}

static int is_field(const char *line, size_t name_length, const char *name)
{
    return strlen(name) == name_length && memcmp(line, name, name_length) == 0;
}

static int take_field(struct sse_reader *reader, const char *line, size_t length)
{
    const char *colon = memchr(line, ':', length);
    size_t name_length = colon != NULL ? (size_t)(colon - line) : length;
    const char *value = colon != NULL ? colon + 1 : line + length;
    size_t value_length = (size_t)(line + length - value);
    if (value_length > 0 && *value == ' ') {
        value++;
        value_length--;
    }
    if (is_field(line, name_length, "data")) {
        if (reader->data.length + value_length > SSE_EVENT_MAX)
            return ERR_LIMIT;
        text_append(&reader->data, value, value_length);
        text_append(&reader->data, "\n", 1);
    } else if (is_field(line, name_length, "event")) {
        set(&reader->event, value, value_length);
    } else if (is_field(line, name_length, "id")) {
        if (memchr(value, '\0', value_length) == NULL)
            set(&reader->last_id, value, value_length);
    } else if (is_field(line, name_length, "retry")) {
        take_retry(reader, value, value_length);
    }
    return 0;
}

static void end_event(struct sse_reader *reader, sse_handler *handle, void *context)
{
    if (reader->data.length > 0) {
        reader->data.bytes[--reader->data.length] = '\0'; /* the last line's LF */
        struct sse_message message = {
            .id = text_str(&reader->last_id),
            .event = reader->event.length > 0 ? text_str(&reader->event) : "message",
            .data = text_str(&reader->data),
            .data_length = reader->data.length,
        };
        handle(context, &message);
    }
    text_clear(&reader->data);
    text_clear(&reader->event);
}

static int end_line(struct sse_reader *reader, sse_handler *handle, void *context)
{
    static const char mark[] = "\xef\xbb\xbf"; /* U+FEFF, at the start of the stream only */
    const char *line = text_str(&reader->line);
    size_t length = reader->line.length;
    if (!reader->begun && length >= sizeof mark - 1 && memcmp(line, mark, sizeof mark - 1) == 0) {
        line += sizeof mark - 1;
        length -= sizeof mark - 1;
    }
    reader->begun = 1;
    int code = 0;
    if (length == 0)
        end_event(reader, handle, context);
    else
        code = take_field(reader, line, length); /* a comment has the name "" */
    text_clear(&reader->line);
    return code;
}

/* The bytes before the next CR or LF. */
static size_t line_length(const char *bytes, size_t length)
{
    size_t i = 0;
    while (i < length && bytes[i] != '\r' && bytes[i] != '\n')
        i++;
    return i;
}

int sse_reader_feed(struct sse_reader *reader, const char *bytes, size_t length,
                    sse_handler *handle, void *context)
{
    int code = reader->failed ? ERR_LIMIT : 0;
    for (size_t at = 0; at < length && code == 0;) {
        if (reader->after_cr && bytes[at] == '\n')
            at++;
        reader->after_cr = 0;
        size_t some = line_length(bytes + at, length - at);
        if (reader->line.length + some > SSE_LINE_MAX) {
            code = ERR_LIMIT;
            break;
        }
        text_append(&reader->line, bytes + at, some);
        at += some;
        if (at < length) {
            reader->after_cr = bytes[at++] == '\r';
            code = end_line(reader, handle, context);
        }
    }
    reader->failed = code != 0;
    return code;
}

void sse_reader_release(struct sse_reader *reader)
{
    text_release(&reader->line);
    text_release(&reader->data);
    text_release(&reader->event);
    text_release(&reader->last_id);
    *reader = (struct sse_reader){0};
}
