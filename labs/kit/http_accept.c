#define _GNU_SOURCE /* accept4 */
/*
 * Taking connections, and making room for them. All on the loop thread.
 *
 * At HTTP_CONNECTIONS_MAX the connection that has been idle longest is closed for a new one. When
 * none is idle, HTTP_CONNECTIONS_RESERVE more are taken, for health alone; then new ones wait in
 * the system's queue.
 */
#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "kit/http_internal.h"
#include "kit/log.h"

enum { ROOM_LOG_NS = 1000000000 }; /* closing for room is logged once a second */

void http_accept_watch(struct http_server *server, int accepting)
{
    struct epoll_event asked = {.events = EPOLLIN, .data = {.ptr = &server->listen_fd}};
    if (server->listen_fd >= 0 && server->accepting != accepting)
        (void)epoll_ctl(server->epoll_fd, accepting ? EPOLL_CTL_ADD : EPOLL_CTL_DEL,
                        server->listen_fd, &asked);
    server->accepting = accepting;
}

/* 1 when nothing of a request is there, not even unread. */
static int is_idle(const struct http_connection *connection)
{
    char byte = 0;
    return connection->stage == HTTP_IDLE && connection->input_length == 0 &&
           recv(connection->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) <= 0;
}

/* Closes the connection that has been idle longest, or else one at the head of a request or after
   its last answer. 0 when every one has a request in flight. */
static int make_room(struct http_server *server)
{
    struct http_connection *found = NULL, *begun = NULL;
    for (struct http_connection *c = server->oldest; c != NULL && found == NULL; c = c->next) {
        if (is_idle(c))
            found = c;
        else if (begun == NULL && (c->stage == HTTP_HEAD || c->stage == HTTP_LINGERING))
            begun = c;
    }
    found = found != NULL ? found : begun;
    if (found == NULL)
        return 0;
    http_connection_close(found, NULL);
    server->closed_for_room++;
    if (server->closed != NULL)
        metric_add(server->closed, "room", 1);
    return 1;
}

void http_accept_log(struct http_server *server, int64_t now_ns)
{
    if (server->closed_for_room == 0 || now_ns - server->logged_room_ns < ROOM_LOG_NS)
        return;
    log_warn("idle connections were closed to make room",
             LOG_INT("closed", server->closed_for_room), LOG_INT("open", server->connection_count));
    server->closed_for_room = 0;
    server->logged_room_ns = now_ns;
}

int http_accept_one(struct http_server *server)
{
    enum { MOST = HTTP_CONNECTIONS_MAX + HTTP_CONNECTIONS_RESERVE };
    if (server->connection_count >= MOST && !make_room(server)) {
        http_accept_watch(server, 0);
        return 0;
    }
    int fd = accept4(server->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)) {
        int room = make_room(server);
        http_accept_watch(server, room);
        return room;
    }
    if (fd < 0)
        return errno == ECONNABORTED || errno == EINTR;
    if (server->connection_count >= HTTP_CONNECTIONS_MAX)
        (void)make_room(server); /* or it is one of the reserve */
    struct http_connection *connection = http_connection_open(server, fd);
    if (connection == NULL) {
        close(fd);
        return 1;
    }
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                                .data = {.ptr = connection}};
    if (epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
        http_connection_close(connection, NULL);
    else
        http_connection_go_on(connection);
    return 1;
}
