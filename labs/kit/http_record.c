/*
 * The records of a request: one log line, one duration, one span. Also of one that nobody heard the
 * answer to: it may have had its effect.
 */
#include <stdio.h>
#include <string.h>
#include "kit/http_internal.h"
#include "kit/log.h"
#include "kit/thread.h"

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

/* The status that the client was told, or would have been; 0 when none has been decided. */
static int status_of(const struct http_exchange *exchange)
{
    switch (exchange->connection->stage) {
    case HTTP_ANSWERING:
    case HTTP_STREAMING:
        return exchange->response.status;
    case HTTP_BODY:
        return exchange->refusal;
    default:
        return 0; /* a worker has it */
    }
}

static void count(struct http_server *server, const char *method, const char *route, int status,
                  int64_t duration_ns, const char *unanswered)
{
    char labels[128];
    snprintf(labels, sizeof labels, "%s,%s,%d", method, route, status);
    if (server->durations != NULL)
        metric_observe(server->durations, labels, (double)duration_ns / 1e9);
    if (server->unanswered == NULL || unanswered == NULL)
        return;
    snprintf(labels, sizeof labels, "%s,%s,%s", method, route, unanswered);
    metric_add(server->unanswered, labels, 1);
}

static void write_line(struct http_exchange *exchange, const char *method, int status,
                       int64_t duration_ns, const char *unanswered)
{
    enum { OPTIONAL = 4 };
    struct log_field fields[] = {LOG_TEXT("method", method),
                                 LOG_TEXT("route", exchange->request.route),
                                 LOG_TEXT("path", exchange->request.path),
                                 LOG_INT("status", status),
                                 LOG_INT("duration_ms", duration_ns / 1000000),
                                 [5 + OPTIONAL - 1] = LOG_END};
    size_t count = 5;
    if (exchange->connection->stage == HTTP_STREAMING)
        fields[count++] = LOG_INT("bytes", (int64_t)http_stream_written(exchange->stream));
    if (exchange->ended != NULL)
        fields[count++] = LOG_TEXT("ended", exchange->ended);
    if (unanswered != NULL)
        fields[count++] = LOG_TEXT("unanswered", unanswered);
    log_write(LOG_INFO, &exchange->trace, "request", fields);
}

void http_record(struct http_exchange *exchange, const char *unanswered)
{
    struct http_server *server = exchange->server;
    const struct http_request *request = &exchange->request;
    const char *method = known_method(request->method);
    int status = status_of(exchange);
    int64_t duration_ns = monotonic_ns() - exchange->start_ns;

    count(server, method, request->route, status, duration_ns, unanswered);
    if (server->config.tracer != NULL && tracer_enabled(server->config.tracer)) {
        char name[128];
        snprintf(name, sizeof name, "%s %s", method, request->route);
        struct span span = {
            .trace = &exchange->trace,
            .name = name,
            .kind = "server",
            .start_unix_ns = exchange->start_unix_ns,
            .end_unix_ns = exchange->start_unix_ns + duration_ns,
            .http_status = unanswered == NULL ? status : 0,
        };
        tracer_write(server->config.tracer, &span);
    }
    if (log_enabled(LOG_INFO))
        write_line(exchange, method, status, duration_ns, unanswered);
}
