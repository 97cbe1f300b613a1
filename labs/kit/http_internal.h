/*
 * What the files of the server share. For the kit alone.
 *
 *   http_server.c      start, drain, stop
 *   http_loop.c        the loop thread: is told what is ready, cuts off what is too slow
 *   http_accept.c      takes connections, and makes room for them
 *   http_connection.c  an open connection: the list, its deadline, what it holds
 *   http_stage.c       its stages: bytes in and out, from one request to the next
 *   http_request.c     a request's life: from its head to the handler
 *   http_head.c        what a head says, as RFC 9112 has it; http_body.c: where the body ends
 *   http_route.c       which route a path has, and its parameters
 *   http_workers.c     the pools of threads that run blocking handlers
 *   http_answer.c      from the handler's response to the wire
 *   http_condition.c   If-Match and If-None-Match against the answer to a GET
 *   http_stream.c      answers that stay open; http_stream_send.c: how they go out
 *   http_record.c      the log, the metrics, the trace
 *
 * The life of a request. The loop thread reads it into the connection's exchange and decides: a
 * refusal or an inline route is answered at once. For another route it hands the exchange to a
 * pool. The worker runs the handler and gives the exchange back, after which it owns nothing of
 * it. The loop thread then writes the answer. So an exchange belongs to one thread at a time: the
 * pool's lock and the list of given ones hand it over.
 */
#ifndef KIT_HTTP_INTERNAL_H
#define KIT_HTTP_INTERNAL_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include "kit/http_head.h"
#include "kit/http_server.h"
#include "kit/http_stream.h"
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
    struct http_exchange *next; /* in a pool's queue, or among those given back */

    struct http_request request;
    struct http_head head; /* its texts lie in the connection's input */
    struct text joined;    /* values of fields that stand more than once */
    struct text query;     /* decoded: name, NUL, value, NUL, ... */
    struct text body;
    char values[HTTP_PATH_MAX]; /* the parameters, each with its NUL */
    struct http_parameter parameters[HTTP_PARAMS_MAX];
    int parameter_count;

    const struct http_route *route; /* NULL when refused */
    void *context;
    int refusal;             /* a status; 0 = none */
    const char *refusal_why; /* static; NULL = the status's own sentence */
    char allow[64];          /* for 405 */

    struct http_response response;
    int is_open_ended;          /* the answer's length is not known: it is a stream, or its HEAD */
    struct http_stream *stream; /* once the handler has opened one, until that has ended */
    const char *ended;          /* how it did, for the record */

    struct trace trace;
    int64_t start_unix_ns;
    int64_t start_ns; /* monotonic */
};

enum http_stage {
    HTTP_IDLE,      /* nothing of a request has come */
    HTTP_HEAD,      /* something of its head */
    HTTP_BODY,      /* the head is in, and the request counts as in flight */
    HTTP_HANDLING,  /* the exchange is a worker's */
    HTTP_ANSWERING, /* the answer goes out */
    HTTP_STREAMING, /* the answer is a stream, and counts as a stream alone */
    HTTP_LINGERING  /* the last answer has gone; what still comes is dropped */
};

enum { HTTP_INPUT_BYTES = 2 * HTTP_HEAD_MAX };

/* One open connection, the loop thread's. The exchange is reused with its memory. */
struct http_connection {
    struct http_connection *next, *previous; /* in the server's list */
    struct http_connection *next_turn;       /* among those that have used up a turn */
    int waits_for_turn;
    int fd;
    enum http_stage stage;
    int64_t cut_at_ns; /* monotonic; 0 = never: a handler runs */
    int is_reserve;    /* came beyond HTTP_CONNECTIONS_MAX: for health alone, while that is so */

    int readable;    /* bytes, or the end, may be there */
    int has_hung_up; /* the end is known to be there, behind the bytes */
    int ended;       /* the client will send nothing more */
    int broken;      /* nor take anything */
    int closes;      /* after this answer */

    struct http_body framing;
    size_t head_length;  /* of the request in the exchange, at the front of input */
    size_t input_length; /* with what came behind */
    struct text output;  /* status line and fields of the answer */
    size_t sent;         /* bytes of output, then of the response's body */
    size_t dropped;      /* bytes of the body of a refused request, or behind a streamed one */
    size_t charged;      /* to the server's memory */
    struct http_exchange exchange;
    char input[HTTP_INPUT_BYTES];
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
    int port;
    int listen_fd;
    int64_t deadline_ns;        /* for a request to arrive, and for its answer to be taken */
    int64_t stall_ns, flush_ns; /* for a stream to be taken, see http_stream.h */
    struct metric *durations, *unanswered, *closed;
    struct http_pool workers, lists, health;

    pthread_t loop;
    int looping;                              /* the thread above runs */
    int epoll_fd, wake_fd;                    /* wake_fd: an eventfd that others write to */
    _Atomic(struct http_exchange *) given;    /* back by workers, the last one first */
    _Atomic(struct http_stream *) news;       /* streams that others have written to or closed */
    atomic_int draining, giving_up, stopping; /* set by others, before they wake the loop */
    atomic_int streams;                       /* opened, and not ended */
    atomic_size_t stream_bytes;               /* waiting on all of them */

    pthread_mutex_t drain_lock; /* guards in_flight and settled for those that wait */
    pthread_cond_t drained;
    int in_flight; /* requests; written by the loop alone */
    int settled;   /* draining has nothing more to wait for: no other request is begun */
    int gave_up;   /* what was in flight has been recorded */

    /* The loop thread's. */
    struct http_connection *oldest, *newest; /* by when their last answer went, or they came */
    struct http_connection *turns;
    int connection_count; /* without those that stream */
    int accepting;        /* listen_fd is watched */
    int has_room;         /* a descriptor was given back: accepting may go on */
    size_t memory;        /* bytes of bodies and answers under way */
    int64_t logged_room_ns;
    int closed_for_room; /* since then */
    int64_t date_s;
    char date[40];
};

/* http_loop.c */
int http_loop_start(struct http_server *server, struct error *err);
void http_loop_wake(struct http_server *server);
/* From a worker: the exchange has its response, and is the loop's again. */
void http_loop_give(struct http_exchange *exchange);
/* From here on the loop thread alone. in_flight by one more or less. */
void http_loop_count(struct http_server *server, int change);
void http_loop_another_turn(struct http_connection *connection);

/* http_accept.c; the loop thread alone. */
/* Takes one connection: 1, or 0 when no more are to be taken now. */
int http_accept_one(struct http_server *server);
/* Whether the loop is told of new connections. */
void http_accept_watch(struct http_server *server, int accepting);
/* Logs what was closed to make room, at most once a second. */
void http_accept_log(struct http_server *server, int64_t now_ns);

/* http_connection.c; the loop thread alone. NULL without memory. */
struct http_connection *http_connection_open(struct http_server *server, int fd);
/* 1 while it is one of those beyond HTTP_CONNECTIONS_MAX. When others have gone it is one like all,
   for good. */
int http_connection_is_reserve(struct http_connection *connection);
/* It was used last. */
void http_connection_become_newest(struct http_server *server, struct http_connection *connection);
/* The request in the exchange is over, and recorded; unanswered as for http_record. */
void http_connection_end_request(struct http_connection *connection, const char *unanswered);
/* Ends it in any stage but HTTP_HANDLING. why is logged for a request that has no answer. */
void http_connection_close(struct http_connection *connection, const char *why);
void http_connection_may_take(struct http_connection *connection, int64_t duration_ns);
/* Counts what its exchange holds by now as the server's memory under way. */
void http_connection_charge(struct http_connection *connection);

/* http_stage.c; the loop thread alone. Does what can be done without waiting. The connection may be
 * gone afterwards. */
void http_connection_go_on(struct http_connection *connection);
/* A worker has made the response. The connection may be gone afterwards. */
void http_connection_take_back(struct http_connection *connection);
/* Its time is up. The connection may be gone afterwards. */
void http_connection_cut_off(struct http_connection *connection);

/* http_request.c; the loop thread alone. */
/* 1 for health and metrics, which are answered also when all else is refused. */
int http_route_is_watched(const struct http_route *route);
void http_request_begin(struct http_exchange *exchange); /* the head is in */
/* The head was refused with status, and nothing of it can be believed. */
void http_request_begin_wrong(struct http_exchange *exchange, int status);
void http_request_refuse(struct http_exchange *exchange, int status, const char *why);
void http_request_take_body(struct http_exchange *exchange, const char *bytes, size_t length);
/* The whole request is here: 1 when its response is made, 0 when a worker makes it. */
int http_request_dispatch(struct http_exchange *exchange);
/* Gives back what is large. The answer has gone, or never will. */
void http_request_end(struct http_exchange *exchange);

/* http_route.c: finds the route of the head's path and method, or sets refusal (404, 405). */
void http_route_find(struct http_exchange *exchange);

/* http_workers.c */
int http_pool_init(struct http_pool *pool, int limit); /* 0, or -1 without memory */
/* Takes over the exchange, or returns -1 when HTTP_QUEUE_MAX wait. */
int http_pool_submit(struct http_pool *pool, struct http_exchange *exchange);
/* Refuses what waits and what still comes, lets running handlers end, joins the threads. */
void http_pool_stop(struct http_pool *pool);
/* When nothing can come any more. */
void http_pool_destroy(struct http_pool *pool);

/* http_answer.c */
void http_run_handler(struct http_exchange *exchange);
void http_answer_refusal(struct http_exchange *exchange, int status); /* a problem, as response */
/* Replaces the answer to a GET that is beyond the limits by a refusal. The loop thread alone. */
void http_answer_bound(struct http_exchange *exchange);
/* Status line and fields, to output. The loop thread alone. */
void http_answer_head(struct http_exchange *exchange, struct text *output, int closes);
/* 1 when the response's body is sent too. */
int http_answer_has_body(const struct http_exchange *exchange);

/* http_condition.c: turns a 200 with an ETag into 304 or 412 where the request asks for that. */
void http_condition_apply(struct http_exchange *exchange);

/* http_stream_send.c; the loop thread alone. */
/* Looks at each stream that was written to or closed. Connections may be gone afterwards. */
void http_stream_take_news(struct http_server *server);
/* The handler has opened a stream, and the answer's head is in output. */
void http_stream_begin(struct http_connection *connection);
enum http_stream_step {
    HTTP_STREAM_WAITS,    /* for the client, or for something to send */
    HTTP_STREAM_COMPLETE, /* it was closed, and all has been handed to the system */
    HTTP_STREAM_BROKEN    /* the client takes nothing more */
};
/* Sends what can be sent now. */
enum http_stream_step http_stream_send(struct http_connection *connection);
/* Records it and ends it; the connection lingers. */
void http_stream_end(struct http_connection *connection, enum http_stream_end why);
/* Before it has begun: the answer turned out to have no body. */
void http_stream_end_without_body(struct http_exchange *exchange);

/* http_record.c: log line, metrics, span. unanswered NULL = the answer went out; else why not. */
void http_record(struct http_exchange *exchange, const char *unanswered);

#endif
