/*
 * A peer that says ok to every fault and stays honest: the canary must find it out. Every GET is
 * answered 200 and SIGTERM ends it well, so it also stands in for a student's service.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LISTEN_FD = 3, CONTROL_FD = 4 };

static void answer_control(void)
{
    char line[512], reply[512];
    ssize_t got = recv(CONTROL_FD, line, sizeof line - 1, 0);
    if (got <= 0)
        _exit(0);
    line[got] = '\0';
    const char *id = strstr(line, " id=");
    int length = snprintf(reply, sizeof reply, "ok%s", id ? id : "");
    send(CONTROL_FD, reply, (size_t)length, MSG_NOSIGNAL);
}

static void answer_http(void)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
    char request[4096];
    int fd = accept(LISTEN_FD, NULL, NULL);
    if (fd < 0)
        return;
    if (recv(fd, request, sizeof request, 0) > 0)
        send(fd, answer, sizeof answer - 1, MSG_NOSIGNAL);
    close(fd);
}

static void end_well(int number)
{
    (void)number;
    _exit(0);
}

int main(void)
{
    signal(SIGTERM, end_well);
    int control_fd = getenv("CONTROL_FD") ? CONTROL_FD : -1; /* a student's service has none */
    for (;;) {
        struct pollfd fds[] = {{LISTEN_FD, POLLIN, 0}, {control_fd, POLLIN, 0}};
        if (poll(fds, 2, -1) < 0)
            return 1;
        if (fds[1].revents)
            answer_control();
        if (fds[0].revents)
            answer_http();
    }
}
