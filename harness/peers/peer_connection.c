#include "peers/peer_connection.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>
#include "kit/error.h"
#include "peers/peer_http.h"

enum { RECEIVE_SIZE = 4096 };

/* GET /health, /health/liveness, /health/readiness  200 {"status":"ok"} */
static void get_health(void *state, const struct peer_request *request,
                       struct peer_response *response)
{
    (void)state;
    (void)request;
    text_add(&response->body, "{\"status\":\"ok\"}");
}

static const struct peer_route health_routes[] = {
    {"GET", "/health", get_health},
    {"GET", "/health/liveness", get_health},
    {"GET", "/health/readiness", get_health},
    {NULL, NULL, NULL},
};

/* Runs the route that fits. Returns its template, or "" after a 404 or 405. */
static const char *answer(const struct peer_server_config *config, struct peer_request *request,
                          struct peer_response *response)
{
    const struct peer_route *tables[] = {config->peer->routes, health_routes};
    int path_known = 0;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        for (const struct peer_route *route = tables[i]; route->method; route++) {
            if (!peer_route_fits(route->path, request->path, request->parameter))
                continue;
            path_known = 1;
            if (strcmp(route->method, request->method) != 0)
                continue;
            route->handle(config->state, request, response);
            return route->path;
        }
    }
    if (path_known)
        peer_problem(response, 405, "this path has no such method");
    else
        peer_problem(response, 404, "there is no such path");
    return "";
}

/* --- spans --------------------------------------------------------------------------------- */

static void begin_span(struct connection *connection, const struct peer_request *request)
{
    char header[TRACEPARENT_SIZE + 8];
    int given = peer_header(request, "traceparent", header, sizeof header);
    connection->trace = trace_from_header(given ? header : NULL);
    connection->start_unix_ns = trace_now_ns();
    connection->spanned = 1;
    text_clear(&connection->span_name);
    text_addf(&connection->span_name, "%s %s", request->method, request->path);
}

/* status 0: no whole answer was sent. */
static void end_span(const struct peer_loop *loop, struct connection *connection, int status)
{
    if (!connection->spanned)
        return;
    connection->spanned = 0;
    struct span span = {.trace = &connection->trace,
                        .name = text_str(&connection->span_name),
                        .kind = "server",
                        .start_unix_ns = connection->start_unix_ns,
                        .end_unix_ns = trace_now_ns(),
                        .http_status = status};
    tracer_write(loop->config->tracer, &span);
}

/* --- one request --------------------------------------------------------------------------- */

static enum request_class class_of(const struct peer_request *request)
{
    char value[8];
    if (peer_header(request, CANARY_HEADER, value, sizeof value))
        return REQUEST_CANARY;
    return strncmp(request->path, "/health", 7) == 0 ? REQUEST_HEALTH : REQUEST_BUSINESS;
}

/* Puts the honest answer, or what the fault makes of it, into output. Returns its status. */
static int write_answer(struct peer_loop *loop, struct connection *connection,
                        struct peer_request *request, enum request_class class,
                        enum fault_kind fault)
{
    struct peer_response response = {.status = 200};
    if (peer_fault_works(fault)) {
        answer(loop->config, request, &response);
        loop->faults.effects += class == REQUEST_BUSINESS;
    } else if (fault == FAULT_STATUS || fault == FAULT_FLAP) {
        int status = fault == FAULT_STATUS ? (int)loop->faults.value : 503;
        peer_problem(&response, status, "this peer was told to fail");
    } else if (fault == FAULT_BAD_BODY) {
        text_add(&response.body, "<html>an answer, but not in JSON");
    }
    int status = response.status;
    if (fault == FAULT_GARBAGE) {
        text_append(&connection->output, "\x16\x03\x01 no HTTP \x00\xff\r\n\r\n", 18);
        connection->keep_alive = 0;
    } else if (fault == FAULT_CLOSE_DURING) {
        connection->keep_alive = 0;
        peer_http_format(&connection->output, &response, 1);
        connection->output.length -= response.body.length - response.body.length / 2;
    } else {
        peer_http_format(&connection->output, &response, connection->keep_alive);
    }
    text_release(&response.body);
    return fault == FAULT_GARBAGE || fault == FAULT_CLOSE_DURING ? 0 : status;
}

/* A whole request is there: meets the fault, and decides how the answer goes out. ERR_IO: close. */
static int take_request(struct peer_loop *loop, struct connection *connection,
                        struct peer_request *request)
{
    enum request_class class = class_of(request);
    enum fault_kind fault = peer_fault_meet(&loop->faults, class);
    char value[16];
    connection->keep_alive =
        !peer_header(request, "Connection", value, sizeof value) || strcasecmp(value, "close") != 0;
    if (loop->config->tracer && class == REQUEST_BUSINESS)
        begin_span(connection, request);
    connection->sent = 0;
    text_clear(&connection->output);
    connection->state = ANSWERING;
    if (fault == FAULT_CLOSE_BEFORE)
        return ERR_IO;
    if (fault == FAULT_HANG) {
        connection->state = HANGING;
        return 0;
    }
    connection->span_status = write_answer(loop, connection, request, class, fault);
    if (fault == FAULT_CLOSE_AFTER) {
        connection->span_status = 0;
        return ERR_IO;
    }
    if (fault == FAULT_LATENCY)
        connection->state = DELAYED;
    if (fault == FAULT_SLOW_BYTES)
        connection->state = TRICKLING;
    connection->gap_ms = loop->faults.value;
    connection->due_ms = loop->now_ms; /* the first slow byte goes out at once */
    if (fault == FAULT_LATENCY)        /* + 1: the clock's milliseconds are rounded down */
        connection->due_ms += loop->faults.value + 1;
    return 0;
}

/* Reads what has come. 0 when a request was taken, EAGAIN when more must come, ERR_IO. */
static int read_request(struct peer_loop *loop, struct connection *connection)
{
    struct peer_request request;
    for (;;) {
        long used = peer_http_parse(&connection->input, &request);
        if (used < 0)
            return ERR_IO;
        if (used > 0) {
            int taken = take_request(loop, connection, &request);
            struct text *input = &connection->input;
            input->length -= (size_t)used;
            memmove(input->bytes, input->bytes + used, input->length + 1);
            return taken;
        }
        char bytes[RECEIVE_SIZE];
        ssize_t got = recv(connection->fd, bytes, sizeof bytes, 0);
        if (got < 0)
            return errno == EAGAIN || errno == EINTR ? EAGAIN : ERR_IO;
        if (got == 0)
            return ERR_IO;
        text_append(&connection->input, bytes, (size_t)got);
    }
}

/* Sends what is left of the answer, at most max bytes. 0, EAGAIN, ERR_IO. */
static int send_answer(struct connection *connection, size_t max)
{
    size_t left = connection->output.length - connection->sent;
    while (left > 0 && max > 0) {
        size_t size = left < max ? left : max;
        ssize_t sent =
            send(connection->fd, connection->output.bytes + connection->sent, size, MSG_NOSIGNAL);
        if (sent < 0)
            return errno == EAGAIN || errno == EINTR ? EAGAIN : ERR_IO;
        connection->sent += (size_t)sent;
        left -= (size_t)sent;
        max -= (size_t)sent;
    }
    return 0;
}

static int finish_answer(const struct peer_loop *loop, struct connection *connection)
{
    end_span(loop, connection, connection->span_status);
    connection->state = READING;
    return connection->keep_alive ? 0 : ERR_IO;
}

int connection_go_on(struct peer_loop *loop, struct connection *connection)
{
    for (;;) {
        int result = 0;
        switch (connection->state) {
        case READING:
            result = read_request(loop, connection);
            break;
        case ANSWERING:
            result = send_answer(connection, connection->output.length);
            if (result == 0)
                result = finish_answer(loop, connection);
            break;
        case DELAYED:
            if (loop->now_ms < connection->due_ms)
                return 0;
            connection->state = ANSWERING;
            break;
        case TRICKLING:
            if (loop->now_ms < connection->due_ms)
                return 0;
            connection->due_ms = loop->now_ms + connection->gap_ms;
            result = send_answer(connection, 1);
            if (result == 0 && connection->sent == connection->output.length)
                result = finish_answer(loop, connection);
            break;
        case HANGING:
            return 0;
        }
        if (result != 0)
            return result == EAGAIN ? 0 : result;
    }
}

void connection_close(struct peer_loop *loop, struct connection *connection)
{
    end_span(loop, connection, 0);
    close(connection->fd);
    text_release(&connection->input);
    text_release(&connection->output);
    text_release(&connection->span_name);
    *connection = (struct connection){.fd = -1};
}
