#include "cluster/raw_http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>
#include "kit/clock.h"

/* Waits for events until the monotonic deadline. 1 when one came. */
static int wait_for(int fd, short events, int64_t deadline_ms)
{
    for (;;) {
        int64_t left = deadline_ms - monotonic_ms();
        struct pollfd poll_fd = {fd, events, 0};
        int found = poll(&poll_fd, 1, left > 0 ? (int)left : 0);
        if (found > 0 || (found == 0 && left <= 0))
            return found > 0;
    }
}

/* A connected non-blocking socket, or -1. */
static int connect_to(int port, int64_t deadline_ms)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int failed = 0;
    socklen_t size = sizeof failed;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) != 0 || fcntl(fd, F_SETFL, O_NONBLOCK) != 0)
        goto bad;
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    if (errno == EINPROGRESS && wait_for(fd, POLLOUT, deadline_ms) &&
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &size) == 0 && failed == 0)
        return fd;
bad:
    if (fd >= 0)
        close(fd);
    return -1;
}

/* Reads status and body from what has come. 1 when the answer is whole. */
static int parse_reply(struct raw_reply *reply)
{
    reply->bytes[reply->length] = '\0';
    if (strncmp(reply->bytes, "HTTP/1.1 ", 9) == 0)
        reply->status = (int)strtol(reply->bytes + 9, NULL, 10);
    const char *end = strstr(reply->bytes, "\r\n\r\n");
    if (!end)
        return 0;
    reply->body = end + 4;
    for (const char *line = reply->bytes; line < end; line = strstr(line, "\r\n") + 2) {
        if (strncasecmp(line, "Content-Length:", 15) != 0)
            continue;
        size_t head = (size_t)(reply->body - reply->bytes);
        return reply->length >= head + strtoul(line + 15, NULL, 10);
    }
    return 0;
}

static enum raw_end receive(int fd, int64_t deadline_ms, int first_only, struct raw_reply *reply)
{
    while (wait_for(fd, POLLIN, deadline_ms)) {
        ssize_t got = recv(fd, reply->bytes + reply->length, RAW_REPLY_MAX - reply->length, 0);
        if (got < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (got <= 0)
            return RAW_CLOSED;
        reply->length += (size_t)got;
        if (parse_reply(reply))
            return RAW_WHOLE;
        if (first_only)
            return RAW_FIRST;
    }
    return RAW_TIMEOUT;
}

void raw_get(const struct raw_call *call, struct raw_reply *reply)
{
    int64_t deadline_ms = monotonic_ms() + call->deadline_ms;
    reply->end = RAW_REFUSED;
    reply->status = 0;
    reply->length = 0;
    reply->bytes[0] = '\0';
    reply->body = "";
    int fd = connect_to(call->port, deadline_ms);
    if (fd < 0)
        return;
    char request[512];
    int length = snprintf(request, sizeof request,
                          "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n%sConnection: close\r\n\r\n",
                          call->path, call->headers ? call->headers : "");
    if (send(fd, request, (size_t)length, MSG_NOSIGNAL) == length)
        reply->end = receive(fd, deadline_ms, call->first_only, reply);
    else
        reply->end = RAW_CLOSED;
    close(fd);
}
