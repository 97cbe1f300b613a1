/* Lines to a descriptor that nobody may take them from. See sink.h. */
#define _GNU_SOURCE /* F_SETPIPE_SZ */
#include "kit/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/limits.h"

/* A reader that is late for some milliseconds should cost no lines. Fails for what is no pipe. */
static void widen(int fd)
{
    (void)fcntl(fd, F_SETPIPE_SZ, SINK_PIPE_BYTES);
}

static void init(struct sink *sink, int fd)
{
    *sink = (struct sink){.fd = fd};
    pthread_mutex_init(&sink->turn, NULL);
}

void sink_open(struct sink *sink, int fd)
{
    init(sink, fd);
    struct stat kind;
    if (fstat(fd, &kind) < 0 || S_ISREG(kind.st_mode)) {
        return; /* a file never makes its writer wait; its place is shared with who else has it */
    }
    if (S_ISSOCK(kind.st_mode)) {
        sink->way = SINK_SEND;
        return;
    }
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int own = open(path, O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (own < 0) {
        sink->way = SINK_LOOK_FIRST;
        return;
    }
    widen(own);
    sink->fd = own;
    sink->is_own = 1;
}

int sink_open_path(struct sink *sink, const char *path)
{
    struct stat kind;
    int is_fifo = stat(path, &kind) == 0 && S_ISFIFO(kind.st_mode);
    /* A FIFO that is open for reading too can be opened, and has a reader, at any time. */
    int mode = is_fifo ? O_RDWR : O_WRONLY;
    int fd = open(path, mode | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0644);
    if (is_fifo)
        widen(fd);
    init(sink, fd);
    sink->is_own = fd >= 0;
    return fd >= 0 ? 0 : -1;
}

void sink_close(struct sink *sink)
{
    if (sink->is_own)
        close(sink->fd);
    sink->fd = -1;
    pthread_mutex_destroy(&sink->turn);
}

/* As write, without waiting. Needs the turn. */
static ssize_t put(const struct sink *sink, const char *bytes, size_t length)
{
    if (sink->way == SINK_SEND)
        return send(sink->fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    struct pollfd room = {.fd = sink->fd, .events = POLLOUT};
    if (sink->way == SINK_LOOK_FIRST && (poll(&room, 1, 0) != 1 || room.revents != POLLOUT)) {
        errno = EAGAIN;
        return -1;
    }
    return write(sink->fd, bytes, length);
}

int sink_write(struct sink *sink, const char *line, size_t length)
{
    if (sink->fd < 0)
        return 0;
    pthread_mutex_lock(&sink->turn);
    if (sink->torn && put(sink, "\n", 1) == 1)
        sink->torn = 0;
    ssize_t written = sink->torn ? -1 : put(sink, line, length);
    int lost = written != (ssize_t)length;
    sink->torn |= lost && written > 0;
    pthread_mutex_unlock(&sink->turn);
    if (lost)
        atomic_fetch_add(&sink->lost, 1);
    return lost ? -1 : 0;
}

int64_t sink_lost(const struct sink *sink)
{
    return atomic_load(&sink->lost);
}
