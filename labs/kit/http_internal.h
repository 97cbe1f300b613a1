/*
 * What the files of the server share. For the kit alone.
 *
 *   http_server.c      start, drain, stop
 *   http_connection.c  libmicrohttpd's callbacks: a connection's life, a request's life
 *   http_route.c       which route a path has, and its parameters
 *   http_workers.c     the pool of threads that run blocking handlers
 *   http_answer.c      from the handler's response to the wire, the log, the metrics, the trace
 *   http_watch.c       cuts off connections that take too long
 *
 * The life of a request. The loop thread reads it into the connection's exchange and decides: a
 * refusal or an inline route is answered at once. For another route it suspends the connection and
 * hands the exchange to a pool. The worker runs the handler, builds the answer and resumes the
 * connection, after which it owns nothing of it. The loop thread then queues the answer. So an
 * exchange belongs to one thread at a time: the pool's lock and libmicrohttpd's hand it over.
 */
#ifndef KIT_HTTP_INTERNAL_H
#define KIT_HTTP_INTERNAL_H

#include <microhttpd.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include "kit/http_server.h"
#include "kit/metrics.h"
#include "kit/trace.h"

struct http_parameter {
    const char *name; /* inside the route's template */
    size_t name_length;
    const char *value;
};

/* One request on its way, and its answer. */
struct http_exchange {
    struct http_server *server;
    struct http_connection *connection;
    struct MHD_Connection *mhd;
    struct http_exchange *next; /* in a pool's queue */

    struct http_request request;
    struct text body;
    char path[HTTP_PATH_MAX];
    char values[HTTP_PATH_MAX]; /* the parameters, each with its NUL */
    struct http_parameter parameters[HTTP_PARAMS_MAX];
    int parameter_count;

    const struct http_route *route; /* NULL when refused */
    void *context;
    int refusal;    /* 404, 405, 415 or 413; 0 = none */
    char allow[64]; /* for 405 */

    struct http_response response;
    struct MHD_Response *answer; /* built, and to be queued */

    struct trace trace;
    int64_t start_unix_ns;
    int64_t start_ns; /* monotonic */
};

enum http_stage { HTTP_IDLE, HTTP_READING, HTTP_ANSWERING };

/* One open connection. The exchange is reused from request to request, with its memory. */
struct http_connection {
    struct http_connection *next, *previous; /* under the server's connections_lock */
    int fd;
    _Atomic int64_t cut_at_ns; /* monotonic; 0 = never: a handler runs */
    atomic_int served;         /* requests answered */
    atomic_int stage;          /* of its request; an http_stage */
    struct http_exchange exchange;
};

struct http_worker {
    struct http_pool *pool;
    pthread_t thread;
    sem_t wake;
    struct http_exchange *task;
    struct http_worker *next_idle;
};

/* Threads that start when they are needed, up to a limit, and a bounded queue. */
struct http_pool {
    pthread_mutex_t lock; /* guards all below and every worker's task */
    struct http_exchange *first, **last;
    int queued;
    int stopping;
    int started, limit;
    struct http_worker *idle; /* last in, first out: the warmest stack is used again */
    struct http_worker *workers;
};

struct http_server {
    struct http_server_config config;
    struct MHD_Daemon *daemon;
    int port;
    int listen_fd;
    int64_t deadline_ns; /* for a request to arrive, and for its answer to be taken */
    struct metric *durations;

    atomic_int draining;
    pthread_mutex_t drain_lock;
    pthread_cond_t drained; /* signalled when in_flight falls to 0 while draining */
    atomic_int in_flight;

    struct http_pool workers, health;

    pthread_mutex_t connections_lock; /* guards the list and watch_stop */
    struct http_connection *connections;
    pthread_cond_t watch_wake;
    int watch_stop;
    int watching; /* the thread below runs */
    pthread_t watch;
};

/* http_connection.c: given to libmicrohttpd; context is the server. */
void http_on_connection(void *context, struct MHD_Connection *mhd, void **socket_context,
                        enum MHD_ConnectionNotificationCode what);
enum MHD_Result http_on_request(void *context, struct MHD_Connection *mhd, const char *url,
                                const char *method, const char *version, const char *upload,
                                size_t *upload_size, void **request_context);
void http_on_completed(void *context, struct MHD_Connection *mhd, void **request_context,
                       enum MHD_RequestTerminationCode why);

/* http_route.c: finds the route of exchange->request.path and method, or sets refusal (404, 405).
 */
void http_route_find(struct http_exchange *exchange);
/* libmicrohttpd's percent decoding, but for %00, which would cut the text. */
size_t http_unescape(void *context, struct MHD_Connection *mhd, char *text);

/* http_workers.c */
int http_pool_init(struct http_pool *pool, int limit); /* 0, or -1 without memory */
/* Takes over the exchange, or returns -1 when HTTP_QUEUE_MAX wait. */
int http_pool_submit(struct http_pool *pool, struct http_exchange *exchange);
/* Refuses what waits and what still comes, lets running handlers end, joins the threads. */
void http_pool_stop(struct http_pool *pool);
/* When nothing can come any more. */
void http_pool_destroy(struct http_pool *pool);

/* http_answer.c */
void http_run_handler(struct http_exchange *exchange); /* the handler, then the answer */
void http_answer_refusal(struct http_exchange *exchange, int status); /* a problem, as the answer */
void http_record(struct http_exchange *exchange);                     /* log, metrics, span */

/* http_watch.c */
int http_watch_start(struct http_server *server, struct error *err);
void http_watch_stop(struct http_server *server);

#endif
