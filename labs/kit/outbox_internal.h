/* The rows of messages, alike in the outbox and on the bus. For the kit alone. */
#ifndef KIT_OUTBOX_INTERNAL_H
#define KIT_OUTBOX_INTERNAL_H

#include "kit/outbox.h"

/* Runs sql, an INSERT of (id, topic, key, payload, at_ms). ERR_INVALID when the id, topic or key is
   longer than a message holds. */
int message_insert(struct db_tx *tx, const char *sql, const char *id, const char *topic,
                   const char *key, const char *payload, int64_t at_ms, struct error *err);

/* Reads a SELECT of sequence, id, topic, key, payload, at_ms, up to max rows. The number of
   messages, each the caller's to release, or a negative code and none. */
int message_read(struct db_query *q, struct outbox_message *messages, int max, struct error *err);

#endif
