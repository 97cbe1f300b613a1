/*
 * A descriptor that lines go to, and that nobody may take them from: a pipe that is full, a FIFO
 * without a reader, a disk without room. A line then is dropped and counted, and nobody waits.
 * (SIGPIPE must be ignored, as service_main does.) What is written are whole lines: where one was
 * torn all the same, because the disk became full within it, the next begins behind a newline.
 *
 * Making a descriptor non-blocking would do so for everyone who shares it, such as the shell that
 * owns the terminal. So a pipe or terminal is opened a second time, through /proc/self/fd, and its
 * own descriptor is left alone; a socket can be told with each call. Where that is not allowed (the
 * pipe is another user's), a look whether there is room comes before each write: that waits only if
 * another process fills the pipe in between.
 */
#ifndef KIT_SINK_H
#define KIT_SINK_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct sink {
    int fd; /* -1: nothing is written, and nothing counted */
    enum { SINK_WRITE, SINK_SEND, SINK_LOOK_FIRST } way;
    int is_own; /* fd is to be closed */
    pthread_mutex_t turn;
    int torn;             /* the last line ended in its middle; guarded by turn */
    _Atomic int64_t lost; /* lines since the start */
};

/* fd is borrowed, and must stay open until sink_close. */
void sink_open(struct sink *sink, int fd);
/* A file that is appended to, or a FIFO, whether somebody reads it or not. 0, or -1 with errno. */
int sink_open_path(struct sink *sink, const char *path);
void sink_close(struct sink *sink);

/* The whole line, its newline too: 0, or -1 when it was dropped. From any thread; errno is lost. */
int sink_write(struct sink *sink, const char *line, size_t length);
int64_t sink_lost(const struct sink *sink);

#endif
