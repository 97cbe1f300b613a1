#define _GNU_SOURCE
/*
 * One listener, one connection: the judge's side and the service's side of every cluster check.
 */
#include "process/loopback.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kit/error.h"
#include "process/launcher.h"

/* 0, or the errno of why no connection to port comes about. */
static int connect_to(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int failure = 0;
    socklen_t size = sizeof failure;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return errno;
    struct pollfd connected = {fd, POLLOUT, 0};
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        failure = 0;
    else if (errno != EINPROGRESS)
        failure = errno;
    else if (poll(&connected, 1, CONNECT_WAIT_MS) != 1)
        failure = ETIMEDOUT;
    else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &size) != 0)
        failure = errno;
    close(fd);
    return failure;
}

int loopback_works(struct launcher *launcher, struct error *err)
{
    int port = 0, reserved = -1, listener = -1;
    int code = launcher->reserve_port(launcher, &port, &reserved, err);
    if (code != 0)
        return code;
    code = launcher->listen(launcher, port, &listener, err);
    int failure = code == 0 ? connect_to(port) : 0;
    if (failure != 0)
        code =
            error_set(err, ERR_UNAVAILABLE,
                      "services cannot be reached on 127.0.0.1: %s. Bring the loopback "
                      "interface up (ip link set lo up), or look at the firewall, and run again.",
                      strerror(failure));
    if (listener >= 0)
        close(listener);
    close(reserved);
    return code;
}
