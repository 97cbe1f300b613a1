/*
 * The loop thread: accepts, asks epoll what is ready, takes back what workers have done, and looks
 * now and then whose time is up.
 *
 * A deadline starts when a connection is accepted or its last answer has gone, again when the head
 * of a request is in, and is taken away while a handler runs. It does not start anew with a byte,
 * so a client that trickles is cut off.
 *
 * Draining: what has been accepted by the system is taken, the listening socket is closed, idle
 * connections are closed, and what is in flight goes on. It has settled when nothing is in flight
 * and every last answer has reached the client's system: only then may the process end, since a
 * socket that is closed with unread bytes takes its answer with it.
 */
#include <errno.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "kit/error.h"
#include "kit/http_internal.h"
#include "kit/thread.h"

enum { EVENTS = 64, LOOKS_PER_DEADLINE = 10, DRAIN_LOOK_MS = 5, NS_PER_MS = 1000000 };

static void *loop_main(void *arg);

int http_loop_start(struct http_server *server, struct error *err)
{
    struct epoll_event woken = {.events = EPOLLIN, .data = {.ptr = &server->wake_fd}};
    struct epoll_event asked = {.events = EPOLLIN, .data = {.ptr = &server->listen_fd}};
    server->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    server->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (server->epoll_fd < 0 || server->wake_fd < 0 ||
        epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, server->wake_fd, &woken) < 0 ||
        epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, server->listen_fd, &asked) < 0)
        return error_set(err, ERR_IO, "the HTTP server could not start on port %d (%s)",
                         server->port, strerror(errno));
    server->accepting = 1;
    int code = thread_start(&server->loop, loop_main, server, err);
    server->looping = code == 0;
    return code;
}

void http_loop_wake(struct http_server *server)
{
    uint64_t one = 1;
    ssize_t written = write(server->wake_fd, &one, sizeof one); /* full is woken too */
    (void)written;
}

void http_loop_give(struct http_exchange *exchange)
{
    struct http_server *server = exchange->server;
    struct http_exchange *before = atomic_load(&server->given);
    do
        exchange->next = before;
    while (!atomic_compare_exchange_weak(&server->given, &before, exchange));
    if (before == NULL) /* otherwise whoever gave that one wakes the loop */
        http_loop_wake(server);
}

void http_loop_count(struct http_server *server, int change)
{
    pthread_mutex_lock(&server->drain_lock);
    server->in_flight += change;
    pthread_mutex_unlock(&server->drain_lock);
}

void http_loop_another_turn(struct http_connection *connection)
{
    struct http_server *server = connection->exchange.server;
    if (connection->waits_for_turn)
        return;
    connection->waits_for_turn = 1;
    connection->next_turn = server->turns;
    server->turns = connection;
}

/* --- one round --- */

/* 1 for the listening socket. */
static int on_ready(struct http_server *server, const struct epoll_event *event)
{
    if (event->data.ptr == &server->listen_fd)
        return 1;
    if (event->data.ptr == &server->wake_fd) {
        uint64_t count = 0;
        ssize_t got = read(server->wake_fd, &count, sizeof count);
        (void)got;
    } else {
        struct http_connection *connection = event->data.ptr;
        connection->has_hung_up |= (event->events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
        connection->readable |= (event->events & ~(uint32_t)EPOLLOUT) != 0;
        http_connection_go_on(connection);
    }
    return 0;
}

/* Waits for something to do, and does it. */
static void serve(struct http_server *server, int wait_ms)
{
    struct epoll_event events[EVENTS];
    int count = epoll_wait(server->epoll_fd, events, EVENTS, wait_ms);
    int accepts = 0;
    for (int i = 0; i < count; i++)
        accepts |= on_ready(server, &events[i]);
    /* Last: it may close what others are told of. And not all: whoever comes without a pause would
       keep the others waiting. epoll tells of the rest again. */
    for (int i = 0; i < HTTP_TURN_ACCEPTS && accepts && server->listen_fd >= 0; i++)
        accepts = http_accept_one(server);
}

/* What workers have done since the last time, in the order in which they gave it back. */
static void take_given(struct http_server *server)
{
    struct http_exchange *newest = atomic_exchange(&server->given, NULL), *oldest = NULL;
    while (newest != NULL) {
        struct http_exchange *next = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    for (struct http_exchange *next = NULL; oldest != NULL; oldest = next) {
        next = oldest->next;
        http_connection_take_back(oldest->connection);
    }
}

static void take_turns(struct http_server *server)
{
    struct http_connection *connection = server->turns;
    server->turns = NULL;
    for (struct http_connection *next = NULL; connection != NULL; connection = next) {
        next = connection->next_turn;
        connection->waits_for_turn = 0;
        http_connection_go_on(connection); /* closes no other one */
    }
}

static void cut_off_the_late(struct http_server *server, int64_t now_ns)
{
    struct http_connection *next = NULL;
    for (struct http_connection *c = server->oldest; c != NULL; c = next) {
        next = c->next;
        if (c->cut_at_ns != 0 && now_ns >= c->cut_at_ns)
            http_connection_cut_off(c);
        else if (c->stage == HTTP_STREAMING) /* all streams together may have room again */
            http_connection_go_on(c);
    }
    http_accept_log(server, now_ns);
}

/* --- the end --- */

static void begin_draining(struct http_server *server)
{
    /* What the system has accepted for us, but not for ever. */
    for (int i = 0; i < HTTP_CONNECTIONS_MAX && http_accept_one(server); i++)
        continue;
    close(server->listen_fd);
    server->listen_fd = -1;
    struct http_connection *next = NULL;
    for (struct http_connection *c = server->oldest; c != NULL; c = next) {
        next = c->next;
        c->readable = 1;
        http_connection_go_on(c); /* an idle one is closed */
    }
}

/* 1 when every last answer has reached the client's system. */
static int all_are_taken(const struct http_server *server)
{
    int unsent = 0; /* or sent, and not acknowledged; the end of the stream counts as one */
    for (const struct http_connection *c = server->oldest; c != NULL; c = c->next)
        if (c->stage == HTTP_LINGERING && ioctl(c->fd, SIOCOUTQ, &unsent) == 0 && unsent > 1)
            return 0;
    return 1;
}

/* What is still in flight is recorded now: the process will not wait for it. Of a request that a
   worker has only that is read which the worker leaves alone. */
static void record_unfinished(struct http_server *server)
{
    for (struct http_connection *c = server->oldest; c != NULL; c = c->next)
        if (c->stage == HTTP_HANDLING || c->stage == HTTP_BODY || c->stage == HTTP_ANSWERING ||
            c->stage == HTTP_STREAMING)
            http_record(&c->exchange, "service ended");
}

static void look_at_the_end(struct http_server *server)
{
    if (server->listen_fd >= 0)
        begin_draining(server);
    int settled =
        server->in_flight == 0 && atomic_load(&server->streams) == 0 && all_are_taken(server);
    int gives_up = atomic_load(&server->giving_up) && !server->gave_up;
    if (gives_up)
        record_unfinished(server);
    pthread_mutex_lock(&server->drain_lock);
    server->settled |= settled;
    server->gave_up |= gives_up;
    if (settled || gives_up)
        pthread_cond_broadcast(&server->drained);
    pthread_mutex_unlock(&server->drain_lock);
}

/* What their clients' systems take without waiting. */
static void flush_streams(struct http_server *server)
{
    struct http_connection *next = NULL;
    for (struct http_connection *c = server->oldest; c != NULL; c = next) {
        next = c->next;
        if (c->stage == HTTP_STREAMING)
            http_connection_go_on(c);
    }
}

static void *loop_main(void *arg)
{
    struct http_server *server = arg;
    int64_t shorter_ns =
        server->stall_ns < server->deadline_ns ? server->stall_ns : server->deadline_ns;
    int64_t interval_ns = shorter_ns / LOOKS_PER_DEADLINE;
    int64_t look_at_ns = monotonic_ns() + interval_ns;
    while (!atomic_load(&server->stopping)) {
        int draining = atomic_load(&server->draining);
        int wait_ms = server->turns != NULL ? 0
                      : draining            ? DRAIN_LOOK_MS
                                            : (int)(interval_ns / NS_PER_MS) + 1;
        serve(server, wait_ms);
        take_given(server);
        http_stream_take_news(server);
        take_turns(server);
        int64_t now_ns = monotonic_ns();
        if (now_ns >= look_at_ns || draining) {
            cut_off_the_late(server, now_ns);
            look_at_ns = now_ns + interval_ns;
            server->has_room = 1; /* others may have given back what was short */
        }
        if (draining)
            look_at_the_end(server);
        else if (server->has_room)
            http_accept_watch(server, 1);
        server->has_room = 0;
    }
    take_given(server); /* the workers have ended */
    flush_streams(server);
    while (server->oldest != NULL)
        http_connection_close(server->oldest, "service ended");
    http_stream_take_news(server);
    return NULL;
}
