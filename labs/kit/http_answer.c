/*
 * From a handler's response to the bytes on the wire.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include "kit/error.h"
#include "kit/http_internal.h"
#include "kit/http_status.h"
#include "kit/problem.h"
#include "kit/thread.h"

enum { SMALL_BYTES = 16 * 1024 }; /* an answer up to this is sent, whatever is under way */

int http_set_header(struct http_response *response, const char *name, const char *value)
{
    size_t length = strlen(value);
    if (response->header_count >= HTTP_HEADERS_MAX || length > HTTP_HEADER_VALUE_MAX)
        return ERR_LIMIT;
    for (const char *c = value; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            return ERR_INVALID; /* a line break would start a header of the client's choice */
    int i = response->header_count++;
    response->headers[i].name = name;
    text_clear(&response->headers[i].value);
    text_append(&response->headers[i].value, value, length);
    return 0;
}

void http_response_release(struct http_response *response)
{
    text_release(&response->body);
    for (int i = 0; i < HTTP_HEADERS_MAX; i++)
        text_release(&response->headers[i].value);
}

void http_run_handler(struct http_exchange *exchange)
{
    struct http_response *response = &exchange->response;
    exchange->route->handle(&exchange->request, response, exchange->context);
    if (response->status < 200 || response->status > 599)
        problem(response, 500, "The service answered with a status that HTTP does not have: %d.",
                response->status);
    http_condition_apply(exchange);
}

void http_answer_refusal(struct http_exchange *exchange, int status)
{
    struct http_response *response = &exchange->response;
    if (exchange->refusal_why != NULL) {
        problem(response, status, "%s", exchange->refusal_why);
        if (status == 503)
            (void)http_set_header(response, "Retry-After", "1");
        return;
    }
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
}

void http_answer_bound(struct http_exchange *exchange)
{
    struct http_server *server = exchange->server;
    struct http_response *response = &exchange->response;
    const char *method = exchange->request.method;
    size_t length = response->body.length;
    if (length <= SMALL_BYTES || (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0))
        return; /* what may have had an effect is answered as it is */
    int fits = server->memory <= HTTP_MEMORY_MAX || exchange->route == NULL ||
               http_route_is_watched(exchange->route);
    if (length <= HTTP_ANSWER_MAX && fits)
        return;
    text_release(&response->body);
    response->header_count = 0;
    if (length > HTTP_ANSWER_MAX) {
        problem(response, 500, "The answer has more than %d bytes: ask for less.", HTTP_ANSWER_MAX);
    } else {
        http_request_refuse(exchange, 503, "Too much is under way already: try again in a moment.");
        http_answer_refusal(exchange, 503);
    }
}

int http_answer_has_body(const struct http_exchange *exchange)
{
    int status = exchange->response.status;
    return status != 204 && status != 304 && strcmp(exchange->request.method, "HEAD") != 0;
}

/* The field Date, made once a second. */
static const char *date_of(struct http_server *server)
{
    struct timespec now = {0, 0};
    clock_gettime(CLOCK_REALTIME, &now);
    if ((int64_t)now.tv_sec != server->date_s) {
        struct tm parts;
        server->date_s = (int64_t)now.tv_sec;
        gmtime_r(&now.tv_sec, &parts);
        strftime(server->date, sizeof server->date, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    }
    return server->date;
}

static void add_field(struct text *output, const char *name, const char *value)
{
    text_add(output, name);
    text_append(output, ": ", 2);
    text_add(output, value);
    text_append(output, "\r\n", 2);
}

static int has_header(const struct http_response *response, const char *name)
{
    for (int i = 0; i < response->header_count; i++)
        if (strcasecmp(response->headers[i].name, name) == 0)
            return 1;
    return 0;
}

/* Of a stream, and of the answer to its HEAD. */
static void add_open_fields(const struct http_exchange *exchange, struct text *output)
{
    const struct http_response *response = &exchange->response;
    const char *type = response->content_type;
    if (exchange->stream != NULL && exchange->head.minor > 0)
        add_field(output, "Transfer-Encoding", "chunked");
    add_field(output, "Content-Type", type != NULL ? type : "text/event-stream");
    if (!has_header(response, "Cache-Control"))
        add_field(output, "Cache-Control", "no-cache");
}

void http_answer_head(struct http_exchange *exchange, struct text *output, int closes)
{
    const struct http_response *response = &exchange->response;
    text_add(output, "HTTP/1.1 ");
    text_add_int64(output, response->status);
    text_append(output, " ", 1);
    text_add(output, http_reason(response->status));
    text_append(output, "\r\n", 2);
    add_field(output, "Date", date_of(exchange->server));
    if (exchange->is_open_ended) {
        add_open_fields(exchange, output);
    } else if (response->status != 204 && response->status != 304) {
        text_add(output, "Content-Length: ");
        text_add_int64(output, (int64_t)response->body.length);
        text_append(output, "\r\n", 2);
        const char *type = response->content_type;
        if (type == NULL && response->body.length > 0)
            type = "application/json";
        if (type != NULL)
            add_field(output, "Content-Type", type);
    }
    for (int i = 0; i < response->header_count; i++)
        add_field(output, response->headers[i].name, text_str(&response->headers[i].value));
    if (closes)
        add_field(output, "Connection", "close");
    text_append(output, "\r\n", 2);
}
