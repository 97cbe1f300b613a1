/*
 * The bus: a log of messages that several processes share. Here it is a table (BUS_URL, an SQLite
 * file), later Kafka. Each group of consumers keeps its own position in it.
 *
 * Messages are those of the outbox; a message's sequence on the bus is the bus's own. Times are
 * milliseconds since 1970 UTC. A bus may be used by several threads. Functions that take an err
 * return a negative code with a sentence in it; err may be NULL.
 */
#ifndef KIT_BUS_H
#define KIT_BUS_H

#include "kit/outbox.h"

struct metrics;

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

#endif
