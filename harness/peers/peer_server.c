#define _GNU_SOURCE
/*
 * The loop. Level-triggered; a connection asks for input only while it reads and for room only
 * while it answers. In other states it hears nothing but that its client has gone.
 */
#include "peers/peer_server.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "kit/clock.h"
#include "kit/error.h"
#include "peers/peer_connection.h"

enum { EVENTS_MAX = 64 };

struct server {
    struct peer_loop loop;
    int epoll_fd;
    int timed; /* connections with a due time, as of the last pass */
    struct connection connections[PEER_CONNECTIONS_MAX]; /* fd -1: free */
};

static int watch(struct server *server, int how, int fd, uint32_t events, void *source)
{
    struct epoll_event event = {.events = events, .data = {.ptr = source}};
    return epoll_ctl(server->epoll_fd, how, fd, &event);
}

static uint32_t interest(const struct connection *connection)
{
    switch (connection->state) {
    case READING:
        return EPOLLIN;
    case ANSWERING:
        return EPOLLOUT;
    default:
        return EPOLLRDHUP;
    }
}

/* was: the events that the connection is registered for. */
static void go_on(struct server *server, struct connection *connection)
{
    uint32_t was = interest(connection);
    int result = connection_go_on(&server->loop, connection);
    if (result == 0 && interest(connection) != was)
        result = watch(server, EPOLL_CTL_MOD, connection->fd, interest(connection), connection);
    if (result != 0)
        connection_close(&server->loop, connection);
    else
        server->timed |= connection->state == DELAYED || connection->state == TRICKLING;
}

static void accept_one(struct server *server)
{
    int fd = accept4(server->loop.config->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return; /* its client has gone again */
    for (int i = 0; i < PEER_CONNECTIONS_MAX; i++) {
        struct connection *connection = &server->connections[i];
        if (connection->fd >= 0)
            continue;
        int on = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        *connection = (struct connection){.fd = fd};
        if (watch(server, EPOLL_CTL_ADD, fd, EPOLLIN, connection) != 0)
            connection_close(&server->loop, connection);
        else
            go_on(server, connection); /* the request is often there already */
        return;
    }
    close(fd);
}

/* Answers one line of the control socket. ERR_IO when its other end is gone. */
static int answer_control(struct server *server)
{
    char line[CONTROL_PACKET_MAX + 1];
    int fd = server->loop.config->control_fd;
    ssize_t got = recv(fd, line, sizeof line - 1, 0);
    if (got <= 0)
        return got < 0 && (errno == EINTR || errno == EAGAIN) ? 0 : ERR_IO;
    line[got] = '\0';
    struct text reply = {0};
    peer_control(&server->loop.faults, line, &reply);
    ssize_t sent = send(fd, reply.bytes, reply.length, MSG_NOSIGNAL);
    text_release(&reply);
    return sent < 0 ? ERR_IO : 0;
}

/* Connections whose time has come go on. Returns how long the loop may sleep, -1 = for ever. */
static int run_timers(struct server *server)
{
    if (!server->timed)
        return -1;
    int64_t next = INT64_MAX;
    server->timed = 0;
    for (int i = 0; i < PEER_CONNECTIONS_MAX; i++) {
        struct connection *connection = &server->connections[i];
        if (connection->fd < 0 || (connection->state != DELAYED && connection->state != TRICKLING))
            continue;
        if (connection->due_ms <= server->loop.now_ms)
            go_on(server, connection);
        else
            server->timed = 1;
        if (connection->fd >= 0 &&
            (connection->state == DELAYED || connection->state == TRICKLING) &&
            connection->due_ms < next)
            next = connection->due_ms;
    }
    return next == INT64_MAX ? -1 : (int)(next - server->loop.now_ms);
}

/* 0 to go on, 1 to stop. */
static int handle(struct server *server, const struct epoll_event *event)
{
    const struct peer_server_config *config = server->loop.config;
    struct connection *connection = event->data.ptr;
    if (event->data.ptr == &config->stop_fd)
        return 1;
    if (event->data.ptr == &config->control_fd)
        return answer_control(server) != 0;
    if (event->data.ptr == &config->listen_fd)
        accept_one(server);
    else if (event->events & (EPOLLHUP | EPOLLRDHUP | EPOLLERR))
        connection_close(&server->loop, connection);
    else
        go_on(server, connection);
    return 0;
}

static int run(struct server *server)
{
    for (int stop = 0; !stop;) {
        server->loop.now_ms = monotonic_ms();
        int sleep_ms = run_timers(server);
        struct epoll_event events[EVENTS_MAX];
        int count = epoll_wait(server->epoll_fd, events, EVENTS_MAX, sleep_ms);
        if (count < 0 && errno != EINTR)
            return ERR_IO;
        server->loop.now_ms = monotonic_ms();
        for (int i = 0; i < count && !stop; i++)
            stop = handle(server, &events[i]);
    }
    return 0;
}

int peer_serve(const struct peer_server_config *config, struct error *err)
{
    union { /* epoll carries pointers to non-const; these only name what has happened */
        const void *given;
        void *taken;
    } listen_source = {&config->listen_fd}, control_source = {&config->control_fd},
      stop_source = {&config->stop_fd};
    int result = ERR_IO;
    struct server *server = calloc(1, sizeof *server);
    if (!server)
        return error_set(err, ERR_LIMIT, "out of memory for the peer's connections");
    server->loop.config = config;
    for (int i = 0; i < PEER_CONNECTIONS_MAX; i++)
        server->connections[i].fd = -1;
    server->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    int flags = fcntl(config->listen_fd, F_GETFL);
    if (server->epoll_fd >= 0 && flags >= 0 &&
        fcntl(config->listen_fd, F_SETFL, flags | O_NONBLOCK) == 0 &&
        watch(server, EPOLL_CTL_ADD, config->listen_fd, EPOLLIN, listen_source.taken) == 0 &&
        watch(server, EPOLL_CTL_ADD, config->stop_fd, EPOLLIN, stop_source.taken) == 0 &&
        (config->control_fd < 0 ||
         watch(server, EPOLL_CTL_ADD, config->control_fd, EPOLLIN, control_source.taken) == 0))
        result = run(server);
    if (result != 0)
        error_set(err, result, "cannot serve: %s", strerror(errno));
    for (int i = 0; i < PEER_CONNECTIONS_MAX; i++)
        if (server->connections[i].fd >= 0)
            connection_close(&server->loop, &server->connections[i]);
    if (server->epoll_fd >= 0)
        close(server->epoll_fd);
    free(server);
    return result;
}
