/*
 * Server-sent events: the text of an event stream, made and read (WHATWG HTML, 9.2
 * "Server-sent events"). Pure: no input, no output, no clock. Bytes are taken as they are; that
 * they are UTF-8 is the caller's business.
 */
#ifndef KIT_SSE_H
#define KIT_SSE_H

#include <stddef.h>
#include <stdint.h>
#include "kit/text.h"

/*
 * Appends one event. id NULL: the client keeps its last id; event NULL: the client calls it
 * "message". data may have several lines, each ended by LF, CR LF or CR, and arrives with LF.
 * ERR_INVALID, and nothing is appended, when id or event has a CR or LF, or event is "", which no
 * client could tell from none.
 */
int sse_event(struct text *out, const char *id, const char *event, const char *data);
/* Appends lines that clients drop: a sign of life. Several lines are several comments. */
void sse_comment(struct text *out, const char *comment);
/* Appends how long clients wait before they connect again. ms: 0 or more. */
void sse_retry(struct text *out, int64_t ms);

/* What a reader passes on, borrowed for the call. */
struct sse_message {
    const char *id;    /* the last one that the stream has given; "" if none */
    const char *event; /* "message" where the stream says nothing */
    const char *data;  /* NUL-terminated; may have NULs inside */
    size_t data_length;
};
typedef void sse_handler(void *context, const struct sse_message *message);

/* Reads an event stream in pieces of any size. {0} is one at the start of a stream, with no memory
   yet; sse_reader_release frees. */
struct sse_reader {
    int64_t retry_ms; /* what the stream asked for last; has_retry 0: nothing yet */
    int has_retry;
    /* The reader's own. */
    struct text line; /* begun, its end has not come */
    struct text data, event;
    struct text last_id;
    int begun;    /* the first line, which may have a byte order mark, has ended */
    int after_cr; /* an LF now belongs to the line end before it */
    int failed;   /* ERR_LIMIT was returned */
};

/*
 * Takes the next bytes of the stream and calls handle for each event that they complete. handle
 * must not use the reader. An event that the stream's end cuts short is none.
 * ERR_LIMIT: a line of more than SSE_LINE_MAX bytes, or data of more than SSE_EVENT_MAX; the events
 * before were passed on, and the reader takes nothing more until it is released.
 */
int sse_reader_feed(struct sse_reader *reader, const char *bytes, size_t length,
                    sse_handler *handle, void *context);
/* Frees; the reader is at the start of a stream again and keeps nothing. */
void sse_reader_release(struct sse_reader *reader);

#endif
