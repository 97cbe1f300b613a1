/*
 * Follows the logs of all message nodes: what search and push are made from. Given: nothing to
 * write here.
 *
 * Whoever follows reads on where it stopped, and keeps that place in the same commit as what it
 * made of the messages: each is taken once. It may be down, late or slow; nobody waits for it, and
 * nothing is lost, since the log is its queue.
 */
#ifndef LAB04_SERVICE_FEED_H
#define LAB04_SERVICE_FEED_H

#include "service_host.h"

enum { FEED_MS = 100 /* from one look to the next */ };
#define SERVICE_FEED_SCHEMA                                                                        \
    "CREATE TABLE IF NOT EXISTS feed(name TEXT NOT NULL, node TEXT NOT NULL,"                      \
    " position INTEGER NOT NULL, PRIMARY KEY (name, node));"

struct feed;
struct follower {
    const char *name;
    void *context;
    /* May ask other nodes, and gives up when feed_is_stopping. Negative: the same messages come
       again later. NULL: nothing to do. */
    int (*prepare)(void *context, struct feed *feed, const struct chat_message *messages, int count,
                   struct error *err);
    /* In the transaction that keeps the place. */
    int (*store)(void *context, struct db_tx *tx, const struct chat_message *messages, int count,
                 struct error *err);
};

int feed_open(struct feed **out, struct host *host, const struct follower *follower,
              struct error *err);
void feed_close(struct feed *feed); /* NULL is fine */
/* 1 from feed_close on. Any thread. */
int feed_is_stopping(struct feed *feed);

#endif
