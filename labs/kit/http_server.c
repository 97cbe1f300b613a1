/*
 * Starting, draining and stopping the server. See http_internal.h for its other parts.
 *
 * The order of the end matters. libmicrohttpd must not be stopped while a connection is suspended,
 * so first every handler ends and every connection is resumed, then the daemon stops. An idle
 * keep-alive connection would keep the daemon's own count of connections above 0 for ever, so
 * draining counts requests in flight instead, and tells idle connections that the stream has ended.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "kit/error.h"
#include "kit/http_internal.h"
#include "kit/thread.h"

enum {
    BACKLOG = 511,                     /* connections the system keeps until they are accepted */
    CONNECTION_MEMORY_BYTES = 8 * 1024 /* request line and headers must fit */
};

static int open_listener(struct http_server *server, struct error *err);
static int start_daemon(struct http_server *server, struct error *err);

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
    pthread_mutex_init(&server->drain_lock, NULL);
    thread_condition_init(&server->drained);
    pthread_mutex_init(&server->connections_lock, NULL);
    thread_condition_init(&server->watch_wake);
    if (config->metrics != NULL)
        server->durations = metrics_family(
            config->metrics, METRIC_HISTOGRAM, "http_server_request_duration_seconds",
            "Time from the head of a request to the end of its answer.",
            "http_request_method,http_route,http_response_status_code");

    int code = 0;
    if (http_pool_init(&server->workers, config->workers > 0 ? config->workers : HTTP_WORKERS) <
            0 ||
        http_pool_init(&server->health, HTTP_HEALTH_WORKERS) < 0)
        code = error_set(err, ERR_LIMIT, "no memory for an HTTP server");
    if (code == 0)
        code = open_listener(server, err);
    if (code == 0)
        code = http_watch_start(server, err);
    if (code == 0)
        code = start_daemon(server, err);
    if (code < 0) {
        http_server_stop(server);
        return code;
    }
    *out = server;
    return 0;
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
    int fd = server->listen_fd;
    if (listen(fd, BACKLOG) < 0 || fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0 ||
        fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) < 0)
        return error_set(err, ERR_IO, "descriptor %d is no socket to listen on (%s)", fd,
                         strerror(errno));
    server->port = ntohs(address.sin_port);
    return 0;
}

static int start_daemon(struct http_server *server, struct error *err)
{
    struct MHD_OptionItem options[] = {
        {MHD_OPTION_LISTEN_SOCKET, server->listen_fd, NULL},
        {MHD_OPTION_CONNECTION_LIMIT, HTTP_CONNECTIONS_MAX, NULL},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY_BYTES, NULL},
        {MHD_OPTION_THREAD_STACK_SIZE, THREAD_STACK_BYTES, NULL},
        {MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL},
        {MHD_OPTION_END, 0, NULL},
    };
    server->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, http_on_request,
        server, MHD_OPTION_NOTIFY_CONNECTION, http_on_connection, server,
        MHD_OPTION_NOTIFY_COMPLETED, http_on_completed, server, MHD_OPTION_UNESCAPE_CALLBACK,
        http_unescape, server, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
    if (server->daemon == NULL)
        return error_set(err, ERR_IO, "the HTTP server could not start on port %d (%s)",
                         server->port, strerror(errno));
    return 0;
}

int http_server_port(const struct http_server *server)
{
    return server->port;
}

/* Stops accepting. Connections that have been served and wait for more read the end of the stream
   after what has arrived already; new ones may still send their first request. */
static void stop_accepting(struct http_server *server)
{
    if (server->daemon != NULL && !atomic_exchange(&server->draining, 1))
        (void)MHD_quiesce_daemon(server->daemon);
    /* The daemon may look at the number once more, so it must not come to mean another file: put
       something harmless there. This closes the socket, and new connections are refused. */
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (nothing >= 0) {
        (void)dup2(nothing, server->listen_fd);
        close(nothing);
    }
    pthread_mutex_lock(&server->connections_lock);
    for (struct http_connection *c = server->connections; c != NULL; c = c->next)
        if (atomic_load(&c->stage) == HTTP_IDLE && atomic_load(&c->served) > 0)
            shutdown(c->fd, SHUT_RD);
    pthread_mutex_unlock(&server->connections_lock);
}

int http_server_drain(struct http_server *server, int64_t deadline_ms)
{
    int64_t until_ns = monotonic_ns() + deadline_ms * 1000000;
    stop_accepting(server);
    pthread_mutex_lock(&server->drain_lock);
    while (atomic_load(&server->in_flight) > 0 &&
           thread_wait(&server->drained, &server->drain_lock, until_ns))
        continue;
    pthread_mutex_unlock(&server->drain_lock);
    return atomic_load(&server->in_flight) > 0 ? ERR_LIMIT : 0;
}

void http_server_stop(struct http_server *server)
{
    if (server == NULL)
        return;
    if (server->daemon != NULL && !atomic_load(&server->draining))
        stop_accepting(server);
    http_pool_stop(&server->workers);
    http_pool_stop(&server->health);
    http_watch_stop(server);
    if (server->daemon != NULL)
        MHD_stop_daemon(server->daemon);
    http_pool_destroy(&server->workers);
    http_pool_destroy(&server->health);
    if (server->listen_fd >= 0)
        close(server->listen_fd);
    pthread_cond_destroy(&server->watch_wake);
    pthread_mutex_destroy(&server->connections_lock);
    pthread_cond_destroy(&server->drained);
    pthread_mutex_destroy(&server->drain_lock);
    free(server);
}
