/*
 * What the files of the crowd share: crowd.c the loop, crowd_line.c connections, crowd_reader.c and
 * crowd_sender.c the two kinds of clients.
 */
#ifndef SUITES_CHAT_CROWD_INTERNAL_H
#define SUITES_CHAT_CROWD_INTERNAL_H

#include "suites/04-chat/crowd.h"

enum { CROWD_AGAIN_MS = 25 /* until a client that found nobody asks again */ };

/* A broken rule, with its reader (-1: nobody's); the first one counts. */
void crowd_wrong(struct crowd *crowd, int reader, const char *expected, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Connects to the port of 127.0.0.1 and queues the request. 0, or -1: nobody is there. */
int line_open(struct crowd_line *line, int port, const char *request, size_t length);
void line_close(struct crowd_line *line);
short line_events(const struct crowd_line *line);
/* Sends and receives what goes at once. -1 when the other side has closed, after its last bytes. */
int line_move(struct crowd_line *line);
/* Drops the first bytes of what came in. */
void line_drop(struct crowd_line *line, size_t bytes);
/* Bytes of the head that came in, with its empty line; 0: not all of it. */
size_t line_head(const struct crowd_line *line, int *status);
/* The value of a header of the head, copied: 1; or 0. */
int line_header(const struct crowd_line *line, size_t head, const char *name, char *value,
                size_t size);

/* Feeds the events of the chunks that came in, and drops them. left: -1 at first. -1: the reader of
   events takes no more. */
int line_chunks(struct crowd_line *line, int64_t *left, struct sse_reader *events,
                sse_handler *handle, void *context);

void reader_turn(struct crowd *crowd, int reader, int64_t now_ms);
void reader_moved(struct crowd *crowd, int reader, int is_closed);
void reader_note(struct crowd *crowd, int reader, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void sender_turn(struct crowd *crowd, struct crowd_sender *sender, int64_t now_ms);
void sender_moved(struct crowd *crowd, struct crowd_sender *sender, int is_closed);
/* Which send was read, or acknowledged, as number of the channel. */
void crowd_saw(struct crowd *crowd, int channel, int64_t number, int64_t send, int reader);

#endif
