/*
 * What the two files of an open answer share. For the kit alone.
 *
 * http_stream.c, any thread: a write puts its bytes behind `waiting` under the stream's lock and
 * the stream among the server's news, which wakes the loop. http_stream_send.c, the loop thread: it
 * exchanges `waiting` for an empty text and sends what it got as one piece. However many events
 * came meanwhile, they are one chunk and one system call.
 *
 * References: the opener's, the server's until the stream has ended, and the news' while it is
 * among them. A writer reaches the server only while the stream has not ended, under its lock, and
 * the loop ends every stream before the server goes.
 */
#ifndef KIT_HTTP_STREAM_INTERNAL_H
#define KIT_HTTP_STREAM_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include "kit/http_internal.h"
#include "kit/http_stream.h"

struct http_stream {
    struct http_stream_config config;
    atomic_int references;
    struct http_stream *next; /* among the news */

    pthread_mutex_t lock;       /* guards what follows */
    struct http_server *server; /* NULL once it has ended */
    struct text waiting;        /* taken, and not in a piece yet */
    size_t pending;             /* taken, and not handed to the system */
    uint64_t written;           /* handed to the system */
    int closing;                /* nothing more is taken */
    int refused;                /* a write was, since on_drain was called */
    int is_news;

    /* The loop thread's. A piece goes out behind the connection's output: its head or a chunk's. */
    struct http_connection *connection; /* NULL until the handler has returned */
    struct text piece;
    const char *tail; /* goes behind the piece */
    int is_last;      /* nothing goes behind the tail */
    int has_deadline; /* for all that still waits; it was closed */
    int is_flushed;   /* the server ends: and a shorter one */
    int is_ending;    /* that is why it was closed */
};

#endif
