#define _GNU_SOURCE
/*
 * One program for all peers; its own name says which one it is.
 *
 * Environment: LISTEN_FDS=1 and a listening socket as descriptor 3, or PORT (on 127.0.0.1, or
 * BIND_ADDRESS); CONTROL_FD, the number of the control socket's descriptor, may be missing;
 * TRACE_FILE, where spans go, may be missing. `--healthcheck` asks for /health/readiness on PORT.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include "kit/config.h"
#include "kit/error.h"
#include "kit/service.h"
#include "kit/trace.h"
#include "peers/peer_server.h"

enum { LISTEN_FD = 3 };

static const struct peer *find_peer(const char *program);
static int run_peer(const struct peer *peer, struct error *err);

int main(int argc, char **argv)
{
    struct error err = {0};
    const struct peer *peer = argc > 0 ? find_peer(argv[0]) : NULL;
    if (!peer) {
        fprintf(stderr, "call this program by a peer's name, such as build/peers/user-service\n");
        return 64;
    }
    if (argc == 2 && strcmp(argv[1], "--healthcheck") == 0)
        return service_healthcheck();
    if (run_peer(peer, &err) == 0)
        return 0;
    fprintf(stderr, "%s: %s\n", peer->name, err.text);
    return 1;
}

static const struct peer *find_peer(const char *program)
{
    static const struct peer *const peers[] = {
        &user_service,    &cart_service,     &pricing_service,     &inventory_service,
        &payment_service, &shipping_service, &notification_service};
    const char *slash = strrchr(program, '/');
    for (size_t i = 0; i < sizeof peers / sizeof *peers; i++)
        if (strcmp(slash ? slash + 1 : program, peers[i]->name) == 0)
            return peers[i];
    return NULL;
}

/* A descriptor that becomes readable at SIGTERM or SIGINT. */
static int open_stop_fd(void)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    if (sigprocmask(SIG_BLOCK, &signals, NULL) != 0)
        return -1;
    return signalfd(-1, &signals, SFD_CLOEXEC);
}

/* Outside the harness, in a container: a socket of its own. */
static int listen_on_port(int *fd, struct error *err)
{
    enum { BACKLOG = 128 };
    int64_t port = 0;
    if (config_int64("PORT", 1, 65535, 8080, &port, err) != 0 ||
        http_bind(config_text("BIND_ADDRESS", NULL), (int)port, fd, err) != 0)
        return ERR_IO;
    return listen(*fd, BACKLOG) == 0
               ? 0
               : error_set(err, ERR_IO, "cannot listen on port %d", (int)port);
}

static int run_peer(const struct peer *peer, struct error *err)
{
    int64_t fds = 0, control = -1;
    if (config_int64("LISTEN_FDS", 0, 1, 0, &fds, err) != 0 ||
        config_int64("CONTROL_FD", -1, 1023, -1, &control, err) != 0)
        return ERR_INVALID;
    int listen_fd = LISTEN_FD;
    if (fds != 1 && listen_on_port(&listen_fd, err) != 0)
        return ERR_IO;
    struct peer_server_config config = {.peer = peer,
                                        .listen_fd = listen_fd,
                                        .control_fd = (int)control,
                                        .stop_fd = open_stop_fd()};
    if (config.stop_fd < 0)
        return error_set(err, ERR_IO, "cannot listen for signals");
    int result = peer->open ? peer->open(&config.state, err) : 0;
    if (result == 0) {
        const char *spans = getenv("TRACE_FILE");
        config.tracer = spans ? tracer_open(peer->name, spans) : NULL;
        result = peer_serve(&config, err);
        if (config.tracer)
            tracer_close(config.tracer);
        if (peer->close)
            peer->close(config.state);
    }
    close(config.stop_fd);
    return result;
}
