/*
 * The transactional outbox: messages that wait in the service's own database.
 *
 * A fact is written to the outbox in the transaction that makes it true; a relay (kit/relay.h)
 * passes it on to the bus (kit/bus.h) afterwards, again and again until the bus has it. So it
 * arrives at least once, in order for each key, and never for a transaction that was rolled back.
 *
 * Functions that take an err return a negative code with a sentence in it; err may be NULL.
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

#endif
