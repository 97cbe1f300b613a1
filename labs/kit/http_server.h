/*
 * An HTTP/1.1 server from a table of routes.
 *
 * One loop thread serves every connection. A route marked HTTP_WORKER runs on a bounded pool of
 * threads and may block: no connection stalls another. A route marked HTTP_INLINE runs on the loop
 * thread and must neither write, call out nor wait, nor give large answers. Of two routes that fit
 * a path the one that stands first is taken; an encoded slash (%2F) belongs to its segment.
 *
 * A request must arrive, and its answer be taken, within HTTP_REQUEST_DEADLINE_MS each; a
 * connection that trickles or idles longer is cut off. How long a handler takes is the handler's
 * business. For answers that stay open see http_stream.h.
 *
 * The server itself answers, as problem details and in this order: what is wrong with the head
 * (400, 414, 417, 431, 501, 505, see http_head.h), 404 for a path no route has, 405 with Allow,
 * 415, 413, 503 with Retry-After when the queue or the memory for bodies and answers is full. HEAD
 * is answered by GET routes, and If-Match and If-None-Match of a GET against the ETag of its
 * answer. Every request gets a trace context, a span, metrics and one log line at its end, also one
 * whose client has gone meanwhile: it may have had its effect.
 */
#ifndef KIT_HTTP_SERVER_H
#define KIT_HTTP_SERVER_H

#include <stddef.h>
#include <stdint.h>
#include "kit/limits.h"
#include "kit/text.h"

struct error;
struct trace; /* the request's trace context, kit/trace.h */
struct http_server;

/* What a handler is given; everything is borrowed until it returns. */
struct http_request {
    const char *method;
    const char *path;  /* as it came, still encoded */
    const char *route; /* the template, "/orders/{id}" */
    const char *body;  /* NUL-terminated, "" when there is none */
    size_t body_length;
    const struct trace *trace;
    struct http_exchange *exchange; /* the server's own; read through the functions below */
};
const char *http_param(const struct http_request *request, const char *name); /* "" if none */
const char *http_query(const struct http_request *request, const char *name); /* NULL if none */
/* NULL if none; of several lines of that name the values in their order, joined by ", ", as a proxy
   might have joined them. */
const char *http_header(const struct http_request *request, const char *name);
/* 1 when the list of an If-Match or If-None-Match has the entity tag or is "*", 0 when not, -1 when
   it is none. weak = 0 compares as If-Match does, 1 as If-None-Match does (RFC 9110, 8.8.3.2). */
int http_etag_listed(const char *list, const char *etag, int weak);

/* What a handler fills. It starts as 200 with an empty body. The server releases it; one that
   somebody else makes, {.status = 200}, is that one's to release. */
struct http_response {
    int status;
    const char *content_type; /* static text; NULL = application/json when there is a body */
    struct text body;
    int header_count;
    struct {
        const char *name; /* static text */
        struct text value;
    } headers[HTTP_HEADERS_MAX];
};
/* Adds a header; value is copied. ERR_LIMIT when it has more than HTTP_HEADER_VALUE_MAX bytes or
   there are HTTP_HEADERS_MAX already, ERR_INVALID when it has control bytes: nothing is set then,
   and the handler answers something else. */
int http_set_header(struct http_response *response, const char *name, const char *value);
void http_response_release(struct http_response *response);

typedef void http_handler(const struct http_request *request, struct http_response *response,
                          void *context);

enum http_run {
    HTTP_INLINE, /* on the loop thread: must not block */
    HTTP_WORKER, /* on a worker: may write, call out, wait */
    HTTP_LIST,   /* like a worker, on few threads: answers that may be large are made there */
    HTTP_HEALTH  /* like a worker, on threads kept free for health: answers when all workers hang */
};

struct http_route {
    const char *method; /* "GET"; a NULL method ends the table */
    const char *path;   /* "/orders/{id}/status" */
    enum http_run run;
    const char *accepts; /* required media type of the body, NULL = no body is read (ignored) */
    http_handler *handle;
};

struct http_server_config {
    int listen_fd; /* a bound socket; the server listens on it and owns it. -1: use port */
    int port;      /* on 127.0.0.1; 0 = any free one */
    const char *bind_address;    /* NULL = 127.0.0.1 (containers: 0.0.0.0) */
    int workers;                 /* 0 = HTTP_WORKERS */
    int64_t request_deadline_ms; /* 0 = HTTP_REQUEST_DEADLINE_MS */
    int streams;                 /* open at a time, see http_stream.h; 0 = HTTP_STREAMS_MAX */
    int64_t stream_stall_ms;     /* 0 = HTTP_STREAM_STALL_MS */
    int64_t stream_flush_ms;     /* 0 = HTTP_STREAM_FLUSH_MS */
    const char *service;         /* name for logs, spans and metrics */
    /* Borrowed until http_server_stop. */
    const struct http_route *const *tables; /* NULL-terminated list of route tables */
    void *const *contexts;                  /* one for each table, given to its handlers */
    struct metrics *metrics;                /* borrowed; may be NULL */
    struct tracer *tracer;                  /* borrowed; may be NULL */
};

/* A socket bound to host (NULL = 127.0.0.1) and port, not listening yet; the caller's to close.
   ERR_INVALID for no address, ERR_IO with what to do for a port that cannot be used. */
int http_bind(const char *host, int port, int *fd, struct error *err);

int http_server_start(struct http_server **out, const struct http_server_config *config,
                      struct error *err);
int http_server_port(const struct http_server *server);

/* Stops accepting, answers what is in flight with Connection: close, flushes and ends open streams,
   waits up to deadline_ms for all that and for the answers to reach the clients' systems. The
   number of requests that were still running, without streams; 0 when all are done. The server
   goes on to exist. */
int http_server_drain(struct http_server *server, int64_t deadline_ms);
/* Records each request that is still in flight as unanswered, before the process ends without
   waiting for it. */
void http_server_give_up(struct http_server *server);
/* Waits for the handlers that run, and closes all connections. */
void http_server_stop(struct http_server *server);

#endif
