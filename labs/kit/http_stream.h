/*
 * Answers that stay open: a handler turns its answer into a stream, and from then on any thread
 * writes to it, until it is closed. Server-sent events travel so (kit/sse.h makes their text).
 *
 * Nobody waits. A write is queued whole or refused whole; the loop thread hands the queue to the
 * system as the client takes it. An open stream holds no worker, is no request in flight, and has
 * no deadline while nothing waits. It counts as none of HTTP_CONNECTIONS_MAX, but as one of
 * HTTP_STREAMS_MAX.
 *
 * The answer has the status and the headers of the response, Content-Type: text/event-stream and
 * Cache-Control: no-cache unless the handler sets others, and Connection: close. HTTP/1.1 gets
 * chunks (RFC 9112, 7.1), HTTP/1.0 all until the connection closes. What the response's body has
 * goes first. A status without a body (204, 304) ends the stream at once.
 *
 * Ownership: http_stream_open gives its caller one reference, which ends with http_stream_release.
 * Until then the handle may be used from any thread, also when the stream has ended and the server
 * has stopped. Threads that share the reference agree on who releases it, after all have finished.
 *
 * The callbacks run on the loop thread, after the handler has returned, one at a time. They must
 * not block. They may call everything below but open. None is called from within a write, a close
 * or a release, and none with a lock of the kit held: a caller may hold a lock of its own that the
 * callbacks take.
 */
#ifndef KIT_HTTP_STREAM_H
#define KIT_HTTP_STREAM_H

#include <stddef.h>
#include <stdint.h>
#include "kit/http_server.h"

struct http_stream;

/* Why a stream ended. */
enum http_stream_end {
    HTTP_STREAM_CLOSED, /* by http_stream_close; all that was taken has been handed to the system */
    HTTP_STREAM_GONE,   /* the client closed, its half is enough, or sent more than
                           HTTP_STREAM_HEARD_MAX */
    HTTP_STREAM_STALLED, /* the client took nothing for too long, see http_stream_write */
    HTTP_STREAM_ENDING   /* the server drains or stops; what waited was flushed as far as it went */
};
const char *http_stream_end_name(enum http_stream_end end); /* "closed", ...; static text */

struct http_stream_config {
    /* Some of what waited has been handed to the system, up to http_stream_written (a client that
       is slow, but reads, is heard of while more waits); or a write was refused and at most half of
       limit waits now. Never after close. May be NULL. */
    void (*on_drain)(void *context);
    /* The stream has ended: exactly once, and the last callback. Whoever waits for it to free
       context may do so from here on. May be NULL. */
    void (*on_close)(void *context, enum http_stream_end why);
    void *context; /* borrowed until on_close has returned */
    size_t limit;  /* bytes that may wait; 0 = HTTP_STREAM_WAITING_MAX */
};

/*
 * From a handler, of any run kind and once a request, as its last step: whatever can fail comes
 * before. The handler may write at once. The stream, or NULL where there is none and the response
 * says so already (on_close is not called then): for HEAD, which gets the head alone, and at
 * HTTP_STREAMS_MAX, a 503 with Retry-After.
 */
struct http_stream *http_stream_open(const struct http_request *request,
                                     struct http_response *response,
                                     const struct http_stream_config *config);

/*
 * Queues a copy of the bytes, from any thread, without waiting. 0, or nothing of them was taken:
 * ERR_LIMIT: more than limit would wait; or more than HTTP_STREAM_SHARE, and with what waits on all
 *     streams of the server more than HTTP_STREAM_MEMORY_MAX. on_drain says when to try again;
 * ERR_INVALID: they alone are more than limit, so they never fit;
 * ERR_REFUSED: it was closed, or has ended.
 * A client that takes nothing for HTTP_STREAM_STALL_MS while bytes wait is cut off. Once the stream
 * is closed it has that time for all that still waits, and HTTP_STREAM_FLUSH_MS when the server
 * drains.
 */
int http_stream_write(struct http_stream *stream, const char *bytes, size_t length);
/* Bytes that were taken and not yet handed to the system; 0 once it has ended. */
size_t http_stream_pending(struct http_stream *stream);
/* Bytes of the body that were handed to the system since the stream began. */
uint64_t http_stream_written(struct http_stream *stream);
/* Takes nothing more, hands over what waits, then ends the answer properly. Again: no effect. */
void http_stream_close(struct http_stream *stream);
/* Closes it behind last bytes, which are taken however much waits. 0; ERR_INVALID: they are more
   than HTTP_STREAM_LAST_MAX, and it is closed without them; ERR_REFUSED: it was closed before. */
int http_stream_finish(struct http_stream *stream, const char *bytes, size_t length);
/* Gives up the caller's reference; the stream goes on without it. NULL: no effect. */
void http_stream_release(struct http_stream *stream);

#endif
