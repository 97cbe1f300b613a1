/*
 * Starting, draining and stopping the server. See http_internal.h for its other parts.
 *
 * The order of the end matters: first every handler ends and gives its request back, then the loop
 * sends what it still has and closes all connections. A client may keep an idle connection for
 * ever, so draining counts requests, not connections.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "kit/error.h"
#include "kit/http_internal.h"
#include "kit/thread.h"

enum { BACKLOG = 511 }; /* connections the system keeps until they are accepted */

static int open_listener(struct http_server *server, struct error *err);
static void open_metrics(struct http_server *server);

int http_server_start(struct http_server **out, const struct http_server_config *config,
                      struct error *err)
{
    struct http_server *server = calloc(1, sizeof *server);
    if (server == NULL)
        return error_set(err, ERR_LIMIT, "no memory for an HTTP server");
    server->config = *config;
    server->listen_fd = config->listen_fd;
    server->deadline_ns =
        (config->request_deadline_ms > 0 ? config->request_deadline_ms : HTTP_REQUEST_DEADLINE_MS) *
        INT64_C(1000000);
    server->stall_ns =
        (config->stream_stall_ms > 0 ? config->stream_stall_ms : HTTP_STREAM_STALL_MS) *
        INT64_C(1000000);
    server->flush_ns =
        (config->stream_flush_ms > 0 ? config->stream_flush_ms : HTTP_STREAM_FLUSH_MS) *
        INT64_C(1000000);
    pthread_mutex_init(&server->drain_lock, NULL);
    thread_condition_init(&server->drained);
    server->epoll_fd = -1;
    server->wake_fd = -1;
    open_metrics(server);

    int code = 0;
    if (http_pool_init(&server->workers, config->workers > 0 ? config->workers : HTTP_WORKERS) <
            0 ||
        http_pool_init(&server->lists, HTTP_LIST_WORKERS) < 0 ||
        http_pool_init(&server->health, HTTP_HEALTH_WORKERS) < 0)
        code = error_set(err, ERR_LIMIT, "no memory for an HTTP server");
    if (code == 0)
        code = open_listener(server, err);
    if (code == 0)
        code = http_loop_start(server, err);
    if (code < 0) {
        http_server_stop(server);
        return code;
    }
    *out = server;
    return 0;
}

static void open_metrics(struct http_server *server)
{
    struct metrics *metrics = server->config.metrics;
    if (metrics == NULL)
        return;
    server->durations =
        metrics_family(metrics, METRIC_HISTOGRAM, "http_server_request_duration_seconds",
                       "Time from the head of a request to the end of its answer.",
                       "http_request_method,http_route,http_response_status_code");
    server->unanswered =
        metrics_family(metrics, METRIC_COUNTER, "http_server_requests_unanswered_total",
                       "Requests whose answer the client did not take, or never got.",
                       "http_request_method,http_route,reason");
    server->closed = metrics_family(metrics, METRIC_COUNTER, "http_server_connections_closed_total",
                                    "Idle connections closed to make room for others.", "reason");
}

int http_bind(const char *host, int port, int *fd, struct error *err)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    if (inet_pton(AF_INET, host != NULL ? host : "127.0.0.1", &address.sin_addr) != 1)
        return error_set(err, ERR_INVALID, "%s is no IPv4 address", host);
    *fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int yes = 1;
    if (*fd < 0 || setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) < 0 ||
        bind(*fd, (struct sockaddr *)&address, sizeof address) < 0) {
        error_set(err, ERR_IO, "port %d cannot be used (%s): set PORT to a free one", port,
                  strerror(errno));
        if (*fd >= 0)
            close(*fd);
        *fd = -1;
        return ERR_IO;
    }
    return 0;
}

static int open_listener(struct http_server *server, struct error *err)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    if (server->listen_fd < 0) {
        int code =
            http_bind(server->config.bind_address, server->config.port, &server->listen_fd, err);
        if (code < 0)
            return code;
    }
    /* Listening again on a socket that listens already is allowed and only sets the backlog. */
    int fd = server->listen_fd, yes = 1;
    if (listen(fd, BACKLOG) < 0 || fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0 ||
        fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ||
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes) < 0 || /* of all it accepts */
        getsockname(fd, (struct sockaddr *)&address, &size) < 0)
        return error_set(err, ERR_IO, "descriptor %d is no socket to listen on (%s)", fd,
                         strerror(errno));
    server->port = ntohs(address.sin_port);
    return 0;
}

int http_server_port(const struct http_server *server)
{
    return server->port;
}

int http_server_drain(struct http_server *server, int64_t deadline_ms)
{
    int64_t until_ns = monotonic_ns() + deadline_ms * 1000000;
    atomic_store(&server->draining, 1);
    http_loop_wake(server);
    pthread_mutex_lock(&server->drain_lock);
    while (!server->settled && thread_wait(&server->drained, &server->drain_lock, until_ns))
        continue;
    int in_flight = server->in_flight;
    pthread_mutex_unlock(&server->drain_lock);
    return in_flight;
}

void http_server_give_up(struct http_server *server)
{
    int64_t until_ns = monotonic_ns() + HTTP_GIVE_UP_MS * INT64_C(1000000);
    atomic_store(&server->draining, 1);
    atomic_store(&server->giving_up, 1);
    http_loop_wake(server);
    pthread_mutex_lock(&server->drain_lock);
    while (!server->gave_up && thread_wait(&server->drained, &server->drain_lock, until_ns))
        continue;
    pthread_mutex_unlock(&server->drain_lock);
}

void http_server_stop(struct http_server *server)
{
    if (server == NULL)
        return;
    http_pool_stop(&server->workers);
    http_pool_stop(&server->lists);
    http_pool_stop(&server->health);
    if (server->looping) {
        atomic_store(&server->stopping, 1);
        http_loop_wake(server);
        pthread_join(server->loop, NULL);
    }
    http_pool_destroy(&server->workers);
    http_pool_destroy(&server->lists);
    http_pool_destroy(&server->health);
    const int fds[] = {server->listen_fd, server->epoll_fd, server->wake_fd};
    for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    pthread_cond_destroy(&server->drained);
    pthread_mutex_destroy(&server->drain_lock);
    free(server);
}
