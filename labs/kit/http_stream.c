/* Answers that stay open: what any thread may do with one. See http_stream_internal.h. */
#include "kit/http_stream.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "kit/error.h"
#include "kit/http_stream_internal.h"
#include "kit/problem.h"

const char *http_stream_end_name(enum http_stream_end end)
{
    static const char *const names[] = {
        [HTTP_STREAM_CLOSED] = "closed",
        [HTTP_STREAM_GONE] = "client gone",
        [HTTP_STREAM_STALLED] = "too slow",
        [HTTP_STREAM_ENDING] = "service ended",
    };
    return names[end];
}

static void hold(struct http_stream *stream)
{
    atomic_fetch_add(&stream->references, 1);
}

void http_stream_release(struct http_stream *stream)
{
    if (stream == NULL || atomic_fetch_sub(&stream->references, 1) > 1)
        return;
    text_release(&stream->waiting);
    text_release(&stream->piece);
    pthread_mutex_destroy(&stream->lock);
    free(stream);
}

/* NULL at the limit, or without memory. */
static struct http_stream *make(struct http_server *server, const struct http_stream_config *config)
{
    int most = server->config.streams > 0 ? server->config.streams : HTTP_STREAMS_MAX;
    struct http_stream *stream = NULL;
    if (atomic_fetch_add(&server->streams, 1) < most)
        stream = calloc(1, sizeof *stream);
    if (stream == NULL) {
        atomic_fetch_sub(&server->streams, 1);
        return NULL;
    }
    stream->config = *config;
    if (config->limit == 0)
        stream->config.limit = HTTP_STREAM_WAITING_MAX;
    atomic_init(&stream->references, 2); /* the opener's and the server's */
    pthread_mutex_init(&stream->lock, NULL);
    stream->server = server;
    stream->tail = "";
    return stream;
}

struct http_stream *http_stream_open(const struct http_request *request,
                                     struct http_response *response,
                                     const struct http_stream_config *config)
{
    struct http_exchange *exchange = request->exchange;
    assert(exchange->stream == NULL);
    exchange->is_open_ended = 1;
    if (strcmp(request->method, "HEAD") == 0)
        return NULL;
    exchange->stream = make(exchange->server, config);
    if (exchange->stream == NULL) {
        exchange->is_open_ended = 0;
        problem(response, 503, "Too many streams are open already: try again in a moment.");
        (void)http_set_header(response, "Retry-After", "1");
    }
    return exchange->stream;
}

/* Has the loop look at it. Needs the lock, before it has ended. */
static void tell_loop(struct http_stream *stream)
{
    struct http_server *server = stream->server;
    if (stream->is_news)
        return;
    stream->is_news = 1;
    hold(stream);
    struct http_stream *before = atomic_load(&server->news);
    do
        stream->next = before;
    while (!atomic_compare_exchange_weak(&server->news, &before, stream));
    if (before == NULL) /* otherwise whoever put that one there wakes the loop */
        http_loop_wake(server);
}

/* Whether there is room for length more bytes, which then count. A stream within its share has it
   however much waits on others. Needs the lock. */
static int take_room(struct http_stream *stream, size_t length)
{
    struct http_server *server = stream->server;
    size_t most = stream->config.limit;
    if (stream->pending > most || length > most - stream->pending)
        return ERR_LIMIT;
    int is_full = atomic_fetch_add(&server->stream_bytes, length) + length > HTTP_STREAM_MEMORY_MAX;
    if (is_full && stream->pending + length > HTTP_STREAM_SHARE) {
        atomic_fetch_sub(&server->stream_bytes, length);
        return ERR_LIMIT;
    }
    stream->pending += length;
    return 0;
}

int http_stream_write(struct http_stream *stream, const char *bytes, size_t length)
{
    int code = 0;
    pthread_mutex_lock(&stream->lock);
    if (stream->closing)
        code = ERR_REFUSED;
    else if (length > stream->config.limit)
        code = ERR_INVALID;
    else
        code = take_room(stream, length);
    stream->refused |= code == ERR_LIMIT;
    if (code == 0 && length > 0) {
        text_append(&stream->waiting, bytes, length);
        tell_loop(stream);
    }
    pthread_mutex_unlock(&stream->lock);
    return code;
}

size_t http_stream_pending(struct http_stream *stream)
{
    pthread_mutex_lock(&stream->lock);
    size_t pending = stream->pending;
    pthread_mutex_unlock(&stream->lock);
    return pending;
}

uint64_t http_stream_written(struct http_stream *stream)
{
    pthread_mutex_lock(&stream->lock);
    uint64_t written = stream->written;
    pthread_mutex_unlock(&stream->lock);
    return written;
}

int http_stream_finish(struct http_stream *stream, const char *bytes, size_t length)
{
    int code = length > HTTP_STREAM_LAST_MAX ? ERR_INVALID : 0;
    pthread_mutex_lock(&stream->lock);
    if (stream->closing) {
        code = ERR_REFUSED;
    } else {
        size_t taken = code == 0 ? length : 0;
        text_append(&stream->waiting, bytes, taken);
        stream->pending += taken;
        atomic_fetch_add(&stream->server->stream_bytes, taken);
        stream->closing = 1;
        tell_loop(stream);
    }
    pthread_mutex_unlock(&stream->lock);
    return code;
}

void http_stream_close(struct http_stream *stream)
{
    (void)http_stream_finish(stream, "", 0);
}
