/*
 * A server with routes that open streams, what their callbacks have said, and a client that reads
 * them.
 */
#ifndef TESTS_STREAM_BENCH_H
#define TESTS_STREAM_BENCH_H

#include <check.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include "kit/error.h"
#include "kit/http_head.h"
#include "kit/http_stream.h"
#include "kit/log.h"
#include "kit/metrics.h"
#include "kit/problem.h"
#include "kit_fixture.h"

enum { OPENED_MAX = 128 };

struct opened {
    struct http_stream *stream; /* the test's reference */
    sem_t drained, closed;
    atomic_int drains, closes, why;
    atomic_size_t waiting; /* when it was drained last */
    int writes_left;       /* that on_drain makes; then it closes. -1: it does nothing */
};

struct stream_bench {
    struct http_server *server;
    struct metrics *metrics;
    const struct http_route *tables[2];
    void *contexts[1];
    int port;
    size_t limit; /* of each stream */
    int chain;    /* writes that on_drain makes; -1: none */
    sem_t has_opened;
    sem_t entered, gate; /* of /stall and /held */
    atomic_int count;    /* of opened */
    struct opened opened[OPENED_MAX];
};

static inline void note_drain(void *context)
{
    struct opened *opened = context;
    atomic_store(&opened->waiting, http_stream_pending(opened->stream));
    atomic_fetch_add(&opened->drains, 1);
    if (opened->writes_left > 0) {
        opened->writes_left--;
        ck_assert_int_eq(http_stream_write(opened->stream, "again\n", 6), 0);
    } else if (opened->writes_left == 0) {
        http_stream_close(opened->stream);
    }
    sem_post(&opened->drained);
}

static inline void note_close(void *context, enum http_stream_end why)
{
    struct opened *opened = context;
    ck_assert_int_eq(http_stream_write(opened->stream, "late", 4), ERR_REFUSED);
    atomic_store(&opened->why, (int)why);
    atomic_fetch_add(&opened->closes, 1);
    sem_post(&opened->closed);
}

/* Until everything that was written has been handed to the system, and on_drain has said so. */
static inline void wait_until_empty(struct opened *opened)
{
    do
        sem_wait(&opened->drained);
    while (atomic_load(&opened->waiting) > 0);
}

/* GET /stream, /worker -> 200, open until the test closes it; 503 */
static inline void open_stream(const struct http_request *request, struct http_response *response,
                               void *context)
{
    struct stream_bench *bench = context;
    struct opened *opened = &bench->opened[atomic_load(&bench->count)];
    struct http_stream_config config = {note_drain, note_close, opened, bench->limit};
    if (http_query(request, "body") != NULL)
        text_add(&response->body, "body\n");
    if (http_query(request, "tag") != NULL)
        ck_assert_int_eq(http_set_header(response, "ETag", "\"7\""), 0);
    if (http_query(request, "plain") != NULL) {
        response->content_type = "text/plain";
        ck_assert_int_eq(http_set_header(response, "Cache-Control", "no-store"), 0);
    }
    sem_init(&opened->drained, 0, 0);
    sem_init(&opened->closed, 0, 0);
    opened->writes_left = bench->chain;
    struct http_stream *stream = http_stream_open(request, response, &config);
    if (stream == NULL)
        return;
    opened->stream = stream;
    ck_assert_int_eq(http_stream_write(stream, "hello\n", 6), 0);
    if (http_query(request, "short") != NULL)
        http_stream_close(stream);
    atomic_fetch_add(&bench->count, 1);
    sem_post(&bench->has_opened);
}

/* GET /stall -> 204 after the gate; the loop itself */
static inline void stall(const struct http_request *request, struct http_response *response,
                         void *context)
{
    (void)request;
    struct stream_bench *bench = context;
    response->status = 204;
    sem_post(&bench->entered);
    sem_wait(&bench->gate);
}

/* GET /held -> 200, opens after the gate */
static inline void hold_and_open(const struct http_request *request, struct http_response *response,
                                 void *context)
{
    stall(request, response, context);
    response->status = 200;
    open_stream(request, response, context);
}

static const struct http_route stream_routes[] = {
    {"GET", "/stream", HTTP_INLINE, NULL, open_stream},
    {"GET", "/worker", HTTP_WORKER, NULL, open_stream},
    {"GET", "/held", HTTP_WORKER, NULL, hold_and_open},
    {"GET", "/stall", HTTP_INLINE, NULL, stall},
    {NULL, NULL, HTTP_INLINE, NULL, NULL},
};

/* limits: streams, their times and the request's, as in http_server_config; {0} for the usual */
static inline void bench_open(struct stream_bench *bench, struct http_server_config config)
{
    memset(bench, 0, sizeof *bench);
    sem_init(&bench->has_opened, 0, 0);
    sem_init(&bench->entered, 0, 0);
    sem_init(&bench->gate, 0, 0);
    bench->chain = -1;
    bench->metrics = metrics_open();
    bench->tables[0] = stream_routes;
    bench->contexts[0] = bench;
    config.listen_fd = -1;
    config.service = "test";
    config.tables = bench->tables;
    config.contexts = bench->contexts;
    config.metrics = bench->metrics;
    struct error err = {0};
    ck_assert_msg(http_server_start(&bench->server, &config, &err) == 0, "%s", err.text);
    bench->port = http_server_port(bench->server);
}

/* Stops the server; every stream has ended once, by then. */
static inline void bench_close(struct stream_bench *bench)
{
    http_server_stop(bench->server);
    for (int i = 0; i < atomic_load(&bench->count); i++) {
        struct opened *opened = &bench->opened[i];
        ck_assert_int_eq(atomic_load(&opened->closes), 1);
        ck_assert_uint_eq(http_stream_pending(opened->stream), 0);
        ck_assert_int_eq(http_stream_write(opened->stream, "x", 1), ERR_REFUSED);
        http_stream_close(opened->stream);
        http_stream_release(opened->stream);
        sem_destroy(&opened->drained);
        sem_destroy(&opened->closed);
    }
    metrics_close(bench->metrics);
    sem_destroy(&bench->has_opened);
    sem_destroy(&bench->entered);
    sem_destroy(&bench->gate);
}

/* Asks for a stream, and waits until it is open: the client's socket. */
static inline int bench_ask(struct stream_bench *bench, const char *target)
{
    char request[256];
    int fd = dial(bench->port);
    ck_assert_int_ge(fd, 0);
    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: t\r\n\r\n", target);
    say(fd, request);
    sem_wait(&bench->has_opened);
    return fd;
}

/* The loop stands still from here on, until the gate is posted and the socket closed. */
static inline int bench_stall(struct stream_bench *bench)
{
    int fd = dial(bench->port);
    say(fd, "GET /stall HTTP/1.1\r\nHost: t\r\n\r\n");
    sem_wait(&bench->entered);
    return fd;
}

/* A stream as a client reads it. */
struct listener {
    int fd;
    struct answer answer; /* its head */
    struct http_body framing;
    struct text body;
};

static inline void listener_hear_head(struct listener *listener, int fd)
{
    memset(listener, 0, sizeof *listener);
    listener->fd = fd;
    hear(fd, 0, &listener->answer);
    struct http_head head = {
        .chunked = strstr(listener->answer.head, "\r\nTransfer-Encoding: chunked\r\n") != NULL,
        .content_length = INT64_MAX,
    };
    http_body_begin(&listener->framing, &head);
}

/* Reads until the body has `wanted` bytes, or ends. 1 when all were there. */
static inline int listener_hear(struct listener *listener, size_t wanted)
{
    static _Thread_local char bytes[16 * 1024];
    while (listener->body.length < wanted && listener->framing.state != HTTP_BODY_DONE) {
        ssize_t got = recv(listener->fd, bytes, sizeof bytes, 0);
        for (size_t taken = 0; got > 0 && taken < (size_t)got;) {
            const char *piece = NULL;
            size_t length = 0;
            taken += http_body_read(&listener->framing, bytes + taken, (size_t)got - taken, &piece,
                                    &length);
            text_append(&listener->body, piece != NULL ? piece : "", length);
            ck_assert_int_ne(listener->framing.state, HTTP_BODY_WRONG);
            if (listener->framing.state == HTTP_BODY_DONE)
                ck_assert_uint_eq(taken, (size_t)got);
        }
        if (got <= 0)
            break;
    }
    return listener->body.length >= wanted;
}

/* Reads to the end: 1 when it was a proper one, 0 when the connection broke. */
static inline int listener_hear_all(struct listener *listener)
{
    (void)listener_hear(listener, SIZE_MAX);
    return listener->framing.state == HTTP_BODY_DONE;
}

static inline void listener_close(struct listener *listener)
{
    text_release(&listener->body);
    close(listener->fd);
}

#endif
