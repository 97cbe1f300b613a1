/*
 * A connection's stages, all on the loop thread: bytes in, requests one after the other, bytes out.
 *
 * Each stage has a function that does what can be done without waiting, and says whether there is
 * more to do. The loop is told of changes only (edge triggered), so what is known to be readable is
 * remembered until it has been read. The end of the client's stream means that no request follows,
 * and nothing else: an answer that is being made still goes out.
 *
 * A connection is not closed with bytes unread, or the system would reset it and the client might
 * never see the last answer: our side is shut down, and what still comes is dropped for a while
 * (RFC 9112, 9.6).
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include "kit/http_internal.h"

enum step { WAIT, GO_ON, GONE };

static enum step close_now(struct http_connection *connection, const char *why)
{
    http_connection_close(connection, why);
    return GONE;
}

/* Reads once. 1 when bytes came, 0 when none are there or will be. */
static int fill(struct http_connection *connection)
{
    size_t room = sizeof connection->input - connection->input_length;
    if (!connection->readable || connection->ended || room == 0)
        return 0;
    ssize_t got = -1;
    do
        got = recv(connection->fd, connection->input + connection->input_length, room, 0);
    while (got < 0 && errno == EINTR);
    if (got > 0) {
        connection->input_length += (size_t)got;
        /* Less than there was room for is all there is, but for an end that came with it. */
        connection->readable = (size_t)got == room || connection->has_hung_up;
        return 1;
    }
    connection->readable = 0;
    if (got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK))
        connection->ended = 1;
    connection->broken |= got < 0 && connection->ended;
    return 0;
}

static void begin_answer(struct http_connection *connection)
{
    struct http_exchange *exchange = &connection->exchange;
    struct http_server *server = exchange->server;
    if (exchange->stream != NULL && !http_answer_has_body(exchange))
        http_stream_end_without_body(exchange);
    connection->closes |= !exchange->head.keeps_connection || atomic_load(&server->draining) ||
                          exchange->stream != NULL;
    connection->stage = HTTP_ANSWERING;
    connection->sent = 0;
    http_connection_charge(connection);
    if (exchange->stream == NULL)
        http_answer_bound(exchange);
    http_connection_charge(connection);
    http_connection_may_take(connection, server->deadline_ns);
    text_clear(&connection->output);
    http_answer_head(exchange, &connection->output, connection->closes);
    if (exchange->stream != NULL)
        http_stream_begin(connection);
}

/* Answers status now and closes: where the request ends is not known, or not awaited. */
static enum step give_up_request(struct http_connection *connection, int status, const char *why)
{
    connection->closes = 1;
    http_request_refuse(&connection->exchange, status, why);
    http_answer_refusal(&connection->exchange, status);
    begin_answer(connection);
    return GO_ON;
}

/* No other answer follows. */
static enum step begin_to_linger(struct http_connection *connection)
{
    connection->stage = HTTP_LINGERING;
    shutdown(connection->fd, SHUT_WR);
    http_connection_may_take(connection, HTTP_LINGER_MS * INT64_C(1000000));
    return GO_ON;
}

static enum step refuse_head(struct http_connection *connection, int status)
{
    connection->stage = HTTP_BODY;
    connection->head_length = connection->input_length;
    http_request_begin_wrong(&connection->exchange, status);
    return give_up_request(connection, status, connection->exchange.head.wrong);
}

static enum step read_head(struct http_connection *connection)
{
    struct http_exchange *exchange = &connection->exchange;
    struct http_server *server = exchange->server;
    if (server->settled)
        return WAIT;
    if (connection->input_length == 0 && !fill(connection)) {
        if (connection->ended)
            return close_now(connection, NULL);
        return atomic_load(&server->draining) ? begin_to_linger(connection) : WAIT;
    }
    connection->stage = HTTP_HEAD;
    int length = 0;
    while ((length =
                http_head_read(&exchange->head, connection->input, connection->input_length)) == 0)
        if (!fill(connection))
            return connection->ended ? close_now(connection, NULL) : WAIT;
    if (length < 0)
        return refuse_head(connection, -length);

    connection->stage = HTTP_BODY;
    connection->head_length = (size_t)length;
    connection->dropped = 0;
    http_body_begin(&connection->framing, &exchange->head);
    http_request_begin(exchange);
    http_connection_may_take(connection, server->deadline_ns);
    if (exchange->refusal != 0 &&
        (exchange->head.content_length > HTTP_DROP_MAX || http_connection_is_reserve(connection)))
        return give_up_request(connection, exchange->refusal, NULL);
    if (exchange->head.expects_continue && connection->framing.state != HTTP_BODY_DONE &&
        connection->input_length == connection->head_length) {
        static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
        if (exchange->refusal != 0) /* and whether the body comes now is the client's choice */
            return give_up_request(connection, exchange->refusal, NULL);
        if (send(connection->fd, go_on, sizeof go_on - 1, MSG_NOSIGNAL) != sizeof go_on - 1)
            return close_now(connection, "client gone");
    }
    return GO_ON;
}

/* Takes what has come of the body, and reads on, until it is whole. */
static enum step read_body(struct http_connection *connection)
{
    struct http_exchange *exchange = &connection->exchange;
    struct http_body *framing = &connection->framing;
    char *rest = connection->input + connection->head_length;
    size_t length = connection->input_length - connection->head_length, taken = 0;
    while (framing->state < HTTP_BODY_DONE && taken < length) {
        const char *piece = NULL;
        size_t piece_length = 0;
        taken += http_body_read(framing, rest + taken, length - taken, &piece, &piece_length);
        http_request_take_body(exchange, piece, piece_length);
        connection->dropped += exchange->refusal != 0 ? piece_length : 0;
    }
    connection->input_length -= taken;
    memmove(rest, rest + taken, length - taken);
    if (framing->state == HTTP_BODY_WRONG)
        return give_up_request(connection, 400, "The chunks of the body are not those of HTTP.");
    if (framing->state != HTTP_BODY_DONE && exchange->refusal != 0 &&
        connection->dropped > HTTP_DROP_MAX)
        return give_up_request(connection, exchange->refusal, NULL);
    if (framing->state != HTTP_BODY_DONE) {
        if (fill(connection))
            return GO_ON;
        if (connection->broken)
            return close_now(connection, "client gone");
        return connection->ended
                   ? give_up_request(connection, 400, "The body ends before all of it has come.")
                   : WAIT;
    }
    http_connection_charge(connection);
    http_connection_may_take(connection, 0);
    connection->stage = HTTP_HANDLING;
    if (!http_request_dispatch(exchange))
        return WAIT; /* and nothing of the exchange may be touched */
    begin_answer(connection);
    return GO_ON;
}

/* Makes room for the next request, which may be here already. */
static enum step next_request(struct http_connection *connection)
{
    struct http_server *server = connection->exchange.server;
    connection->input_length -= connection->head_length;
    memmove(connection->input, connection->input + connection->head_length,
            connection->input_length);
    connection->head_length = 0;
    connection->stage = HTTP_IDLE;
    http_connection_may_take(connection, server->deadline_ns);
    http_connection_become_newest(server, connection);
    return GO_ON;
}

static enum step write_answer(struct http_connection *connection)
{
    struct http_exchange *exchange = &connection->exchange;
    const struct text *body = &exchange->response.body;
    size_t head = connection->output.length;
    size_t total = head + (http_answer_has_body(exchange) ? body->length : 0);
    while (connection->sent < total) {
        struct iovec parts[2];
        size_t count = 0, of_body = 0;
        if (connection->sent < head)
            parts[count++] = (struct iovec){connection->output.bytes + connection->sent,
                                            head - connection->sent};
        else
            of_body = connection->sent - head;
        if (total > head)
            parts[count++] = (struct iovec){body->bytes + of_body, total - head - of_body};
        struct msghdr message = {.msg_iov = parts, .msg_iovlen = count};
        ssize_t some = sendmsg(connection->fd, &message, MSG_NOSIGNAL);
        if (some < 0 && errno == EINTR)
            continue;
        if (some < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return WAIT;
        if (some < 0)
            return close_now(connection, "client gone");
        connection->sent += (size_t)some;
    }
    http_connection_end_request(connection, NULL);
    if (!connection->closes)
        return next_request(connection);
    return begin_to_linger(connection);
}

/* Sends what waits, and drops what comes. Here the end of the client's stream means that it has
   gone, since nothing else would tell of one that only listens; what is complete goes out first. */
static enum step stream(struct http_connection *connection)
{
    enum http_stream_step step = http_stream_send(connection);
    if (step == HTTP_STREAM_COMPLETE) {
        http_stream_end(connection, HTTP_STREAM_CLOSED);
        return begin_to_linger(connection);
    }
    int is_gone = step == HTTP_STREAM_BROKEN;
    for (int more = 1; more && !is_gone;) {
        connection->input_length = connection->head_length; /* which the record still needs */
        more = fill(connection);
        connection->dropped += connection->input_length - connection->head_length;
        is_gone = connection->ended || connection->dropped > HTTP_STREAM_HEARD_MAX;
    }
    if (!is_gone)
        return WAIT;
    http_stream_end(connection, HTTP_STREAM_GONE);
    return close_now(connection, NULL);
}

/* Drops what comes, however much: the time is bounded, and others have their turns between. */
static enum step linger(struct http_connection *connection)
{
    for (int pieces = 0; pieces < HTTP_TURN_REQUESTS; pieces++) {
        connection->input_length = 0;
        if (!fill(connection))
            return connection->ended ? close_now(connection, NULL) : WAIT;
    }
    http_loop_another_turn(connection);
    return WAIT;
}

void http_connection_go_on(struct http_connection *connection)
{
    enum step step = GO_ON;
    for (int answers = 0, reads = 0; step == GO_ON;) {
        if (answers == HTTP_TURN_REQUESTS || reads == HTTP_TURN_REQUESTS) {
            http_loop_another_turn(connection);
            return;
        }
        switch (connection->stage) {
        case HTTP_IDLE:
        case HTTP_HEAD:
            step = read_head(connection);
            break;
        case HTTP_BODY: /* of small chunks may need many */
            step = read_body(connection);
            reads++;
            break;
        case HTTP_HANDLING:
            return;
        case HTTP_ANSWERING:
            step = write_answer(connection);
            answers++;
            break;
        case HTTP_STREAMING:
            step = stream(connection);
            break;
        case HTTP_LINGERING:
            step = linger(connection);
            break;
        }
    }
}

void http_connection_take_back(struct http_connection *connection)
{
    begin_answer(connection);
    http_connection_go_on(connection);
}

void http_connection_cut_off(struct http_connection *connection)
{
    static const char why[] = "The request did not come in time.";
    if (connection->stage == HTTP_HEAD) {
        connection->stage = HTTP_BODY;
        connection->head_length = connection->input_length;
        http_request_begin_wrong(&connection->exchange, 408);
    }
    if (connection->stage == HTTP_STREAMING)
        http_stream_end(connection, HTTP_STREAM_STALLED);
    if (connection->stage != HTTP_BODY) {
        http_connection_close(connection, "too slow");
        return;
    }
    give_up_request(connection, 408, why);
    http_connection_go_on(connection);
}
