/*
 * The transactional outbox and the bus.
 *
 * A fact is written to the outbox in the transaction that makes it true; a relay passes it on to
 * the bus afterwards, again and again until the bus has it. So it arrives at least once, in order
 * for each key, and never for a transaction that was rolled back.
 *
 * The bus is a log: here a table (BUS_URL, an SQLite file), later Kafka. Consumers keep their own
 * position for each group.
 */
#ifndef KIT_OUTBOX_H
#define KIT_OUTBOX_H

#include "kit/id.h"
#include "kit/store.h"

extern const char OUTBOX_SCHEMA[]; /* table outbox(sequence, id, topic, key, payload, at_ms) */

struct outbox_message {
    int64_t sequence; /* the order of commits; given by outbox_add */
    char id[ID_SIZE]; /* what a consumer remembers to count it once */
    char topic[64];   /* "order.created" */
    char key[64];     /* the order's id: order is kept for each key */
    int64_t at_ms;
    char *payload; /* JSON */
};
void outbox_message_release(struct outbox_message *message);

/* Adds a message inside the caller's transaction. */
int outbox_add(struct db_tx *tx, const char *id, const char *topic, const char *key, int64_t at_ms,
               const char *payload, struct error *err);
/* Up to max messages that are not yet removed, oldest first; the caller releases each. Their
   number, or a negative code. */
int outbox_peek(struct db_tx *tx, struct outbox_message *messages, int max, struct error *err);
/* Removes all messages up to and including sequence. */
int outbox_remove(struct db_tx *tx, int64_t sequence, struct error *err);

struct bus;
/* url NULL or "": a bus in memory (tests). A file of an older version is brought up to date;
   ERR_REFUSED for one of a newer. */
int bus_open(struct bus **out, const char *url, struct error *err);
void bus_close(struct bus *bus);

/*
 * How long messages stay. Those that every registered group has read go when they are older than
 * age_ms, or when there are more than count; what a group has not read stays. But when all take
 * more than bytes, the oldest go although a group has not read them, and the log says so. A group
 * is registered by its first bus_poll. Of processes that share a bus each goes by its own limits.
 * bus_open sets BUS_KEEP_COUNT, BUS_KEEP_MS and BUS_BYTES_MAX.
 */
struct bus_limits {
    int64_t count, age_ms, bytes;
};
void bus_limit(struct bus *bus, const struct bus_limits *limits);
/* For a service: takes the limits from the environment variables of these names, and counts what
   goes in bus_messages_removed_total{state="read|unread"}. metrics is borrowed. ERR_INVALID. */
struct metrics;
int bus_configure(struct bus *bus, struct metrics *metrics, struct error *err);

/* Appends; returns after the bus has it durably. */
int bus_publish(struct bus *bus, const struct outbox_message *messages, int count,
                struct error *err);
/* Up to max messages after the group's position, in order; the caller releases each. A new group
   begins with the oldest that is there. */
int bus_poll(struct bus *bus, const char *group, struct outbox_message *messages, int max,
             struct error *err);
/* Moves the group's position past sequence (the bus's own, in message->sequence). */
int bus_commit(struct bus *bus, const char *group, int64_t sequence, struct error *err);

/* A thread that calls pass until it returns 0 (nothing left), then waits for relay_wake or a
   second. After a pass that moved little it rests some milliseconds, so that the next moves more.
   pass is the student's: peek, publish, remove, in the order that loses nothing. It returns how
   many messages it moved, or a negative code (then it waits and tries again). relay_start gives
   NULL when there is no memory or no thread left. */
struct relay;
typedef int relay_pass(struct store *store, struct bus *bus, void *arg, struct error *err);
struct relay *relay_start(struct store *store, struct bus *bus, relay_pass *pass, void *arg);
void relay_wake(struct relay *relay);
void relay_stop(struct relay *relay); /* finishes the pass that runs */

#endif
