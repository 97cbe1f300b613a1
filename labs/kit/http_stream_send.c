/*
 * Answers that stay open, on the loop thread: from what waits to the wire, and the end.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include "kit/http_stream_internal.h"

enum { KEEP_BYTES = 2048 }; /* a larger buffer is given back once it is sent */

void http_stream_take_news(struct http_server *server)
{
    struct http_stream *stream = atomic_exchange(&server->news, NULL);
    for (struct http_stream *next = NULL; stream != NULL; stream = next) {
        next = stream->next;
        pthread_mutex_lock(&stream->lock);
        stream->is_news = 0;
        pthread_mutex_unlock(&stream->lock);
        if (stream->connection != NULL)
            http_connection_go_on(stream->connection);
        http_stream_release(stream);
    }
}

/* Makes a piece of what waits, behind the connection's output. 0 when there is nothing. */
static int take_piece(struct http_stream *stream)
{
    static const char *const tails[] = {"", "\r\n", "0\r\n\r\n", "\r\n0\r\n\r\n"};
    struct http_connection *connection = stream->connection;
    struct text empty = stream->piece;
    text_clear(&empty);
    if (empty.capacity > KEEP_BYTES)
        text_release(&empty);
    pthread_mutex_lock(&stream->lock);
    stream->piece = stream->waiting;
    stream->waiting = empty;
    stream->is_last = stream->closing;
    pthread_mutex_unlock(&stream->lock);

    int has_bytes = stream->piece.length > 0;
    stream->tail = "";
    if (connection->exchange.head.minor > 0) {
        if (has_bytes)
            text_addf(&connection->output, "%zx\r\n", stream->piece.length);
        stream->tail = tails[has_bytes + 2 * stream->is_last];
    }
    return has_bytes || stream->is_last;
}

/* The system would hold megabytes for a client that reads nothing; what it does not hold is counted
   here, and whoever writes sees it. */
static void limit_unsent(int fd)
{
    int bytes = HTTP_STREAM_UNSENT_MAX;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &bytes, sizeof bytes);
}

void http_stream_begin(struct http_connection *connection)
{
    struct http_exchange *exchange = &connection->exchange;
    struct http_server *server = exchange->server;
    struct http_stream *stream = exchange->stream;
    struct text first = exchange->response.body;
    exchange->response.body = (struct text){0};
    http_request_end(exchange); /* the head stays, for the record */
    http_connection_charge(connection);
    connection->stage = HTTP_STREAMING;
    connection->dropped = 0;
    stream->connection = connection;
    limit_unsent(connection->fd);
    server->connection_count--;
    server->has_room = 1;
    http_loop_count(server, -1);
    http_connection_may_take(connection, server->stall_ns);

    pthread_mutex_lock(&stream->lock);
    atomic_fetch_add(&server->stream_bytes, first.length);
    stream->pending += first.length;
    text_append(&first, text_str(&stream->waiting), stream->waiting.length);
    text_release(&stream->waiting);
    stream->waiting = first;
    pthread_mutex_unlock(&stream->lock);
    (void)take_piece(stream);
}

/* What is left to send of output, piece and tail: the number of parts. */
static size_t gather(const struct http_stream *stream, struct iovec parts[3])
{
    const struct text *output = &stream->connection->output;
    const struct iovec all[] = {{output->bytes, output->length},
                                {stream->piece.bytes, stream->piece.length},
                                {(void *)(uintptr_t)stream->tail, strlen(stream->tail)}};
    size_t count = 0, skip = stream->connection->sent;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        size_t skipped = skip < all[i].iov_len ? skip : all[i].iov_len;
        skip -= skipped;
        if (skipped < all[i].iov_len)
            parts[count++] =
                (struct iovec){(char *)all[i].iov_base + skipped, all[i].iov_len - skipped};
    }
    return count;
}

/* Bytes of the piece among the first `sent` of output, piece and tail. */
static size_t of_piece(const struct http_stream *stream, size_t sent)
{
    size_t head = stream->connection->output.length;
    size_t behind = sent > head ? sent - head : 0;
    return behind < stream->piece.length ? behind : stream->piece.length;
}

static void count_sent(struct http_stream *stream, size_t length)
{
    struct http_connection *connection = stream->connection;
    size_t bytes = of_piece(stream, connection->sent + length) - of_piece(stream, connection->sent);
    connection->sent += length;
    pthread_mutex_lock(&stream->lock);
    stream->pending -= bytes;
    stream->written += bytes;
    pthread_mutex_unlock(&stream->lock);
    atomic_fetch_sub(&stream->server->stream_bytes, bytes);
}

/* 1 when the piece is sent, 0 when the system takes no more, -1 when the client is gone. */
static int send_piece(struct http_stream *stream)
{
    struct iovec parts[3];
    for (size_t count = 0; (count = gather(stream, parts)) > 0;) {
        struct msghdr message = {.msg_iov = parts, .msg_iovlen = count};
        ssize_t some = sendmsg(stream->connection->fd, &message, MSG_NOSIGNAL);
        if (some < 0 && errno == EINTR)
            continue;
        if (some < 0)
            return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -1;
        count_sent(stream, (size_t)some);
    }
    return 1;
}

/* After close, or when the server ends, there is one deadline for all that still waits. */
static void look_for_the_end(struct http_stream *stream)
{
    struct http_server *server = stream->server;
    int server_ends = atomic_load(&server->draining) || atomic_load(&server->stopping);
    pthread_mutex_lock(&stream->lock);
    int was_closing = stream->closing;
    stream->closing |= server_ends;
    pthread_mutex_unlock(&stream->lock);
    if (server_ends && !stream->is_flushed) {
        stream->is_flushed = 1;
        stream->is_ending = !was_closing;
        http_connection_may_take(stream->connection, server->flush_ns);
    } else if (was_closing && !stream->has_deadline) {
        http_connection_may_take(stream->connection, server->stall_ns);
    }
    stream->has_deadline |= was_closing || server_ends;
}

/* Whether on_drain is due, which is then under way. */
static int has_room_again(struct http_stream *stream, int has_moved)
{
    pthread_mutex_lock(&stream->lock);
    int has = !stream->closing &&
              (has_moved || (stream->refused && stream->pending <= stream->config.limit / 2));
    if (has)
        stream->refused = 0;
    pthread_mutex_unlock(&stream->lock);
    return has;
}

/* Sends piece after piece, up to a turn's worth: as send_piece, and 1 only after the last. */
static int send_pieces(struct http_stream *stream)
{
    struct http_connection *connection = stream->connection;
    int sent = 0;
    for (int pieces = 0; (sent = send_piece(stream)) > 0 && !stream->is_last; pieces++) {
        text_clear(&connection->output);
        connection->sent = 0;
        if (!take_piece(stream)) {
            http_connection_may_take(connection, 0); /* nothing waits */
            return 0;
        }
        if (pieces == HTTP_TURN_REQUESTS) {
            http_loop_another_turn(connection);
            return 0;
        }
    }
    return sent;
}

enum http_stream_step http_stream_send(struct http_connection *connection)
{
    struct http_stream *stream = connection->exchange.stream;
    look_for_the_end(stream);
    uint64_t before = stream->written; /* which only this thread changes */
    int sent = send_pieces(stream);
    if (sent < 0)
        return HTTP_STREAM_BROKEN;
    if (sent > 0)
        return HTTP_STREAM_COMPLETE;
    int has_moved = stream->written != before;
    int waits = gather(stream, (struct iovec[3]){{0}}) > 0;
    if (waits && !stream->has_deadline && (has_moved || connection->cut_at_ns == 0))
        http_connection_may_take(connection, stream->server->stall_ns);
    if (stream->config.on_drain != NULL && has_room_again(stream, has_moved))
        stream->config.on_drain(stream->config.context);
    return HTTP_STREAM_WAITS;
}

static void end(struct http_stream *stream, enum http_stream_end why)
{
    struct http_server *server = stream->server;
    pthread_mutex_lock(&stream->lock);
    atomic_fetch_sub(&server->stream_bytes, stream->pending);
    stream->pending = 0;
    stream->closing = 1;
    stream->server = NULL;
    text_release(&stream->waiting);
    pthread_mutex_unlock(&stream->lock);
    text_release(&stream->piece);
    stream->connection = NULL;
    if (stream->config.on_close != NULL)
        stream->config.on_close(stream->config.context, why);
    atomic_fetch_sub(&server->streams, 1);
    http_stream_release(stream);
}

void http_stream_end_without_body(struct http_exchange *exchange)
{
    struct http_stream *stream = exchange->stream;
    exchange->stream = NULL;
    exchange->is_open_ended = 0;
    end(stream, HTTP_STREAM_CLOSED);
}

void http_stream_end(struct http_connection *connection, enum http_stream_end why)
{
    struct http_exchange *exchange = &connection->exchange;
    struct http_stream *stream = exchange->stream;
    int has_all = gather(stream, (struct iovec[3]){{0}}) == 0 && http_stream_pending(stream) == 0;
    if (stream->is_ending && why != HTTP_STREAM_GONE)
        why = HTTP_STREAM_ENDING;
    exchange->ended = http_stream_end_name(why);
    http_record(exchange, has_all ? NULL : exchange->ended);
    exchange->stream = NULL;
    connection->stage = HTTP_LINGERING;
    exchange->server->connection_count++;
    end(stream, why);
}
