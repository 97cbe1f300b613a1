#define _GNU_SOURCE
/*
 * A bound socket that never listens keeps the port; each start of a service gets a listener of its
 * own beside it. SO_REUSEADDR on all of them lets a reservation, a listener and connections in
 * TIME_WAIT share a port; two listeners still cannot.
 */
#include "process/ports.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "kit/error.h"

enum { LISTEN_BACKLOG = 512 };

static void close_keeping_errno(int fd)
{
    int saved = errno;
    if (fd >= 0)
        close(fd);
    errno = saved;
}

/* A socket bound to port on 127.0.0.1, or -1 with errno. */
static int bound_socket(int port)
{
    int on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        bind(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    close_keeping_errno(fd);
    return -1;
}

int port_reserve(struct launcher *launcher, int *port, int *fd, struct error *err)
{
    (void)launcher;
    struct sockaddr_in address = {0};
    socklen_t size = sizeof address;
    *fd = bound_socket(*port);
    if (*fd >= 0 && getsockname(*fd, (struct sockaddr *)&address, &size) == 0) {
        *port = ntohs(address.sin_port);
        return 0;
    }
    close_keeping_errno(*fd);
    if (*port == 0)
        return error_set(err, ERR_UNAVAILABLE, "no free port on 127.0.0.1: %s", strerror(errno));
    if (errno == EADDRINUSE)
        return error_set(err, ERR_EXISTS, "port %d on 127.0.0.1 is taken by another process",
                         *port);
    return error_set(err, ERR_UNAVAILABLE, "port %d on 127.0.0.1 cannot be had: %s", *port,
                     strerror(errno));
}

int port_listen(struct launcher *launcher, int port, int *fd, struct error *err)
{
    (void)launcher;
    *fd = bound_socket(port);
    if (*fd >= 0 && listen(*fd, LISTEN_BACKLOG) == 0)
        return 0;
    close_keeping_errno(*fd);
    return error_set(err, ERR_UNAVAILABLE, "cannot listen on 127.0.0.1:%d: %s", port,
                     strerror(errno));
}
