#define _GNU_SOURCE
/*
 * One connection of a client: bytes out, bytes in, and the head of an answer.
 */
#include "suites/04-chat/crowd_internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ_BYTES = 16384, READS = 8 /* of one line, before others have their turn */ };

int line_open(struct crowd_line *line, int port, const char *request, size_t length)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    line_close(line);
    line->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    text_append(&line->out, request, length);
    if (line->fd >= 0 && (connect(line->fd, (struct sockaddr *)&address, sizeof address) == 0 ||
                          errno == EINPROGRESS))
        return 0;
    line_close(line);
    return -1;
}

void line_close(struct crowd_line *line)
{
    if (line->fd >= 0)
        close(line->fd);
    line->fd = -1;
    line->sent = 0;
    text_clear(&line->in);
    text_clear(&line->out);
}

short line_events(const struct crowd_line *line)
{
    return (short)(POLLIN | (line->sent < line->out.length ? POLLOUT : 0));
}

int line_move(struct crowd_line *line)
{
    while (line->sent < line->out.length) {
        ssize_t sent = send(line->fd, line->out.bytes + line->sent, line->out.length - line->sent,
                            MSG_NOSIGNAL);
        if (sent < 0 && (errno == EAGAIN || errno == ENOTCONN))
            break;
        if (sent < 0)
            return -1;
        line->sent += (size_t)sent;
    }
    for (int i = 0; i < READS; i++) {
        ssize_t got = recv(line->fd, text_room(&line->in, READ_BYTES + 1), READ_BYTES, 0);
        if (got < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOTCONN))
            return 0;
        if (got <= 0)
            return -1;
        line->in.length += (size_t)got;
        line->in.bytes[line->in.length] = '\0';
    }
    return 0;
}

void line_drop(struct crowd_line *line, size_t bytes)
{
    if (bytes == 0)
        return;
    line->in.length -= bytes;
    memmove(line->in.bytes, line->in.bytes + bytes, line->in.length);
    line->in.bytes[line->in.length] = '\0';
}

size_t line_head(const struct crowd_line *line, int *status)
{
    const char *text = text_str(&line->in), *end = strstr(text, "\r\n\r\n");
    *status = 0;
    if (end == NULL || sscanf(text, "HTTP/1.%*d %d", status) != 1)
        return 0;
    return (size_t)(end - text) + 4;
}

int line_header(const struct crowd_line *line, size_t head, const char *name, char *value,
                size_t size)
{
    const char *text = text_str(&line->in), *end = text + head;
    const size_t length = strlen(name);
    for (const char *at = strstr(text, "\r\n"); at != NULL && at + 2 < end;
         at = strstr(at + 2, "\r\n")) {
        if (strncasecmp(at + 2, name, length) != 0 || at[2 + length] != ':')
            continue;
        const char *from = at + 3 + length;
        from += strspn(from, " ");
        snprintf(value, size, "%.*s", (int)strcspn(from, "\r"), from);
        return 1;
    }
    return 0;
}

int line_chunks(struct crowd_line *line, int64_t *left, struct sse_reader *events,
                sse_handler *handle, void *context)
{
    enum { END_BYTES = 2 }; /* the line end behind a chunk */
    size_t at = 0, length = line->in.length;
    const char *bytes = text_str(&line->in);
    int result = 0;
    while (at < length) {
        if (*left < 0) { /* the line that says a chunk's size */
            const char *end = memchr(bytes + at, '\n', length - at);
            if (end == NULL)
                break;
            *left = strtoll(bytes + at, NULL, 16) + END_BYTES;
            at = (size_t)(end - bytes) + 1;
            continue;
        }
        size_t here = (size_t)*left < length - at ? (size_t)*left : length - at, data = 0;
        if (*left > END_BYTES)
            data = (size_t)*left - END_BYTES < here ? (size_t)*left - END_BYTES : here;
        if (data > 0 && sse_reader_feed(events, bytes + at, data, handle, context) < 0)
            result = -1;
        at += here;
        *left -= (int64_t)here;
        if (*left == 0)
            *left = -1;
    }
    line_drop(line, at);
    return result;
}
