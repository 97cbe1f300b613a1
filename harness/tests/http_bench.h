/*
 * A server on a free port for each test, with routes that show what came in.
 *
 * /hold waits in its handler until the test opens the gate.
 */
#ifndef TESTS_HTTP_BENCH_H
#define TESTS_HTTP_BENCH_H

#include <check.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include "kit/error.h"
#include "kit/http_server.h"
#include "kit/log.h"
#include "kit/metrics.h"
#include "kit/trace.h"

struct bench {
    struct http_server *server;
    struct metrics *metrics;
    const struct http_route *tables[2];
    void *contexts[1];
    int port;
    sem_t entered, gate;
    atomic_int entries; /* into /hold */
    int turns;          /* of /turn, the loop's */
};

/* GET /greet/{name}?mood= -> 200 what came in */
static inline void greet(const struct http_request *request, struct http_response *response,
                         void *context)
{
    (void)context;
    const char *mood = http_query(request, "mood");
    const char *agent = http_header(request, "x-agent");
    text_addf(&response->body, "%s|%s|%s|%s", request->route, http_param(request, "name"),
              mood != NULL ? mood : "-", agent != NULL ? agent : "-");
    response->content_type = "text/plain";
    ck_assert_int_eq(http_set_header(response, "X-Kind", "greeting"), 0);
    ck_assert_int_eq(http_set_header(response, "X-Evil", "a\r\nSet-Cookie: b"), ERR_INVALID);
}

/* POST /echo application/json -> 200 the body */
static inline void echo(const struct http_request *request, struct http_response *response,
                        void *context)
{
    (void)context;
    ck_assert_uint_eq(strlen(request->body), request->body_length);
    text_append(&response->body, request->body, request->body_length);
}

/* POST /hold -> 204 after the gate */
static inline void hold(const struct http_request *request, struct http_response *response,
                        void *context)
{
    (void)request;
    struct bench *bench = context;
    atomic_fetch_add(&bench->entries, 1);
    sem_post(&bench->entered);
    sem_wait(&bench->gate);
    response->status = 204;
}

static inline void nonsense(const struct http_request *request, struct http_response *response,
                            void *context)
{
    (void)request;
    (void)context;
    response->status = 99;
}

/* GET /tagged -> 200, 304, 412 */
static inline void tagged(const struct http_request *request, struct http_response *response,
                          void *context)
{
    (void)request;
    (void)context;
    text_add(&response->body, "tagged");
    ck_assert_int_eq(http_set_header(response, "ETag", "\"7\""), 0);
}

/* GET /traced -> 200 trace id | parent | tracestate */
static inline void traced(const struct http_request *request, struct http_response *response,
                          void *context)
{
    (void)context;
    text_addf(&response->body, "%s|%s|%s", request->trace->trace_id, request->trace->parent_id,
              request->trace->state);
}

/* GET /long -> 200 with a header as long as they may be, and none that is longer */
static inline void answer_long(const struct http_request *request, struct http_response *response,
                               void *context)
{
    (void)request;
    (void)context;
    char value[HTTP_HEADER_VALUE_MAX + 2];
    memset(value, 'v', sizeof value - 1);
    value[sizeof value - 1] = '\0';
    ck_assert_int_eq(http_set_header(response, "X-Longer", value), ERR_LIMIT);
    ck_assert_int_eq(response->header_count, 0);
    value[HTTP_HEADER_VALUE_MAX] = '\0';
    ck_assert_int_eq(http_set_header(response, "X-Long", value), 0);
    while (response->header_count < HTTP_HEADERS_MAX)
        ck_assert_int_eq(http_set_header(response, "X-Kind", "more"), 0);
    ck_assert_int_eq(http_set_header(response, "X-More", "more"), ERR_LIMIT);
}

enum { FLOOD_BYTES = 16 * 1024 * 1024 };

/* GET /flood -> 200 more than fits into any socket's buffer */
static inline void flood(const struct http_request *request, struct http_response *response,
                         void *context)
{
    struct bench *bench = context;
    static const char piece[64 * 1024];
    for (int i = 0; i < FLOOD_BYTES / (int)sizeof piece; i++)
        text_append(&response->body, piece, sizeof piece);
    if (http_query(request, "more") != NULL)
        text_add(&response->body, "more");
    sem_post(&bench->entered);
}

/* GET and PUT /turn -> 200 how many of them came before, on the loop thread */
static inline void turn(const struct http_request *request, struct http_response *response,
                        void *context)
{
    (void)request;
    struct bench *bench = context;
    text_addf(&response->body, "%d", bench->turns++);
}

static const struct http_route routes[] = {
    {"GET", "/turn", HTTP_INLINE, NULL, turn},
    {"PUT", "/turn", HTTP_INLINE, NULL, turn},
    {"GET", "/stall", HTTP_INLINE, NULL, hold}, /* the loop itself */
    {"GET", "/flood", HTTP_LIST, NULL, flood},
    {"GET", "/greet/{name}", HTTP_INLINE, NULL, greet},
    {"GET", "/greet/{name}/on/{day}", HTTP_WORKER, NULL, greet},
    {"POST", "/echo", HTTP_WORKER, "application/json", echo},
    {"PUT", "/echo", HTTP_INLINE, "application/json", echo},
    {"POST", "/hold", HTTP_WORKER, NULL, hold},
    {"GET", "/health", HTTP_HEALTH, NULL, greet},
    {"GET", "/nonsense", HTTP_INLINE, NULL, nonsense},
    {"GET", "/traced", HTTP_INLINE, NULL, traced},
    {"GET", "/long", HTTP_INLINE, NULL, answer_long},
    {"GET", "/tagged", HTTP_INLINE, NULL, tagged},
    {NULL, NULL, HTTP_INLINE, NULL, NULL},
};

static inline void bench_open(struct bench *bench, int workers, int64_t deadline_ms)
{
    memset(bench, 0, sizeof *bench);
    sem_init(&bench->entered, 0, 0);
    sem_init(&bench->gate, 0, 0);
    bench->metrics = metrics_open();
    bench->tables[0] = routes;
    bench->contexts[0] = bench;
    struct http_server_config config = {
        .listen_fd = -1,
        .workers = workers,
        .request_deadline_ms = deadline_ms,
        .service = "test",
        .tables = bench->tables,
        .contexts = bench->contexts,
        .metrics = bench->metrics,
    };
    struct error err = {0};
    ck_assert_msg(http_server_start(&bench->server, &config, &err) == 0, "%s", err.text);
    bench->port = http_server_port(bench->server);
}

static inline void bench_close(struct bench *bench)
{
    http_server_stop(bench->server);
    metrics_close(bench->metrics);
    sem_destroy(&bench->entered);
    sem_destroy(&bench->gate);
}

#endif
