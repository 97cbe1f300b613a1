/* The rows of messages, alike in the outbox and on the bus. For the kit alone. */
#ifndef KIT_OUTBOX_INTERNAL_H
#define KIT_OUTBOX_INTERNAL_H

#include "kit/bus.h"

/* AUTOINCREMENT keeps numbers from being used again. Without it an emptied table starts at 1, and a
   removal that is repeated because nobody knows whether it happened would take new messages. */
#define MESSAGE_COLUMNS                                                                            \
    "  sequence INTEGER PRIMARY KEY AUTOINCREMENT,"                                                \
    "  id TEXT NOT NULL,"                                                                          \
    "  topic TEXT NOT NULL,"                                                                       \
    "  key TEXT NOT NULL,"                                                                         \
    "  payload TEXT NOT NULL,"                                                                     \
    "  at_ms INTEGER NOT NULL"

/* ERR_INVALID when the id, topic or key is longer than a message holds. */
int message_fits(const char *id, const char *topic, const char *key, struct error *err);

/* Reads a SELECT of sequence, id, topic, key, payload, at_ms, up to max rows. The number of
   messages, each the caller's to release, or a negative code and none. */
int message_read(struct db_query *q, struct outbox_message *messages, int max, struct error *err);

/* What a publishing has removed from the bus. */
struct bus_removed {
    int64_t read;   /* by every registered group */
    int64_t unread; /* by one at least */
    char group[64]; /* the one that has read least, "" when there is none */
};

/* Removes what is beyond the limits, inside the transaction that has published. */
int bus_clean(struct db_tx *tx, const struct bus_limits *limits, struct bus_removed *removed,
              struct error *err);

#endif
