/*
 * One reader: what is written to its stream, and how much of that it has taken. Given: nothing to
 * write here.
 *
 * Whoever calls holds the lock of the streams that the reader belongs to.
 */
#ifndef LAB04_SERVICE_READER_H
#define LAB04_SERVICE_READER_H

#include "chat.h"
#include "kit/http_stream.h"
#include "kit/text.h"

enum {
    READER_BYTES_MAX = 1 << 20,            /* that wait for one reader */
    READER_LIMIT = READER_BYTES_MAX + 1024 /* the rest is for what is no message */
};

struct streams;
struct reader {
    struct streams *streams;
    uint32_t id; /* the hub's word for its stream */
    char channel[CHAT_ID_SIZE], user[CHAT_ID_SIZE];
    struct http_stream *stream;
    int has_ended;                 /* nothing is written any more */
    int is_unknown;                /* 1: the hub has not been told that it has ended */
    uint64_t bytes;                /* written so far */
    uint64_t ends[CHAT_QUEUE_MAX]; /* where each message ends that was written and not taken */
    int first, waiting;            /* of ends, a ring */
};

/* A message as every reader of it gets it: id, event "message", data. */
void reader_format(struct text *out, const struct chat_message *message);
/* Writes it. The hub has seen to it that there is room; a reader that has it in messages but not in
   bytes is as slow as one that has none: its stream ends with a gap, and is_unknown is 1. */
void reader_write(struct reader *reader, const struct text *event, int64_t number);
/* Writes what is no message. ERR_LIMIT, ERR_REFUSED: it was left out. */
int reader_say(struct reader *reader, const char *words);
/* Ends the stream with an event; event NULL: without a word. */
void reader_end(struct reader *reader, const char *event, const char *data);
/* Ends the stream without a word, and is_unknown is 1: its reader comes back by itself. */
void reader_lose(struct reader *reader);
void reader_gap(struct reader *reader, int64_t from);
/* Messages that the reader's system has taken since this was asked last. */
int64_t reader_taken(struct reader *reader);

#endif
