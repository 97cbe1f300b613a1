/*
 * From a handler's response to the wire, and to the records: one log line, one duration, one span
 * for each request that was answered.
 */
#include <stdio.h>
#include <string.h>
#include "kit/error.h"
#include "kit/http_internal.h"
#include "kit/log.h"
#include "kit/problem.h"
#include "kit/thread.h"

static void build_answer(struct http_exchange *exchange);

int http_set_header(struct http_response *response, const char *name, const char *value)
{
    if (response->header_count >= HTTP_HEADERS_MAX)
        return ERR_LIMIT;
    for (const char *c = value; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            return ERR_INVALID; /* a line break would start a header of the client's choice */
    int i = response->header_count++;
    response->headers[i].name = name;
    snprintf(response->headers[i].value, sizeof response->headers[i].value, "%s", value);
    return 0;
}

void http_run_handler(struct http_exchange *exchange)
{
    struct http_response *response = &exchange->response;
    exchange->route->handle(&exchange->request, response, exchange->context);
    if (response->status < 200 || response->status > 599)
        problem(response, 500, "The service answered with a status that HTTP does not have: %d.",
                response->status);
    build_answer(exchange);
}

void http_answer_refusal(struct http_exchange *exchange, int status)
{
    struct http_response *response = &exchange->response;
    switch (status) {
    case 404:
        problem(response, status, "There is nothing at this path.");
        break;
    case 405:
        problem(response, status, "This path does not take that method: see the Allow header.");
        (void)http_set_header(response, "Allow", exchange->allow);
        break;
    case 413:
        problem(response, status, "A body may have up to %d bytes.", HTTP_BODY_MAX);
        break;
    case 415:
        problem(response, status, "Send the body as %s.", exchange->route->accepts);
        break;
    default:
        problem(response, status, "Too many requests wait already: try again in a moment.");
        (void)http_set_header(response, "Retry-After", "1");
        break;
    }
    build_answer(exchange);
}

/* Leaves answer NULL without memory. The body stays the exchange's: libmicrohttpd only reads it. */
static void build_answer(struct http_exchange *exchange)
{
    struct http_response *response = &exchange->response;
    exchange->answer = MHD_create_response_from_buffer(response->body.length, response->body.bytes,
                                                       MHD_RESPMEM_PERSISTENT);
    if (exchange->answer == NULL)
        return;
    const char *type = response->content_type;
    if (type == NULL && response->body.length > 0)
        type = "application/json";
    if (type != NULL)
        (void)MHD_add_response_header(exchange->answer, "Content-Type", type);
    for (int i = 0; i < response->header_count; i++)
        (void)MHD_add_response_header(exchange->answer, response->headers[i].name,
                                      response->headers[i].value);
    if (atomic_load(&exchange->server->draining))
        (void)MHD_add_response_header(exchange->answer, "Connection", "close");
}

/* The method as a label: a client must not be able to make up new ones. */
static const char *known_method(const char *method)
{
    static const char *const known[] = {"GET",  "POST",    "PATCH",   "PUT",   "DELETE",
                                        "HEAD", "OPTIONS", "CONNECT", "TRACE", NULL};
    for (int i = 0; known[i] != NULL; i++)
        if (strcmp(method, known[i]) == 0)
            return known[i];
    return "_OTHER";
}

void http_record(struct http_exchange *exchange)
{
    struct http_server *server = exchange->server;
    const struct http_request *request = &exchange->request;
    const char *method = known_method(request->method);
    int status = exchange->response.status;
    int64_t duration_ns = monotonic_ns() - exchange->start_ns;

    if (server->durations != NULL) {
        char labels[128];
        snprintf(labels, sizeof labels, "%s,%s,%d", method, request->route, status);
        metric_observe(server->durations, labels, (double)duration_ns / 1e9);
    }
    if (server->config.tracer != NULL && tracer_enabled(server->config.tracer)) {
        char name[128];
        snprintf(name, sizeof name, "%s %s", method, request->route);
        struct span span = {
            .trace = &exchange->trace,
            .name = name,
            .kind = "server",
            .start_unix_ns = exchange->start_unix_ns,
            .end_unix_ns = exchange->start_unix_ns + duration_ns,
            .http_status = status,
        };
        tracer_write(server->config.tracer, &span);
    }
    if (log_enabled(LOG_INFO))
        log_write(LOG_INFO, &exchange->trace, "request",
                  LOG_FIELDS(LOG_TEXT("method", method), LOG_TEXT("route", request->route),
                             LOG_TEXT("path", request->path), LOG_INT("status", status),
                             LOG_INT("duration_ms", duration_ns / 1000000)));
}
