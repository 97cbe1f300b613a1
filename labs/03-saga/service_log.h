/*
 * The log of the checkout service: frames in SQLite, one a row. Given: nothing to write here.
 *
 *     checkouts(id, cart_id, customer_id, coupon, ended)     one row a checkout
 *     saga_log(saga_id, sequence, frame)                     one row a record of it
 *
 * What the records say is the saga's business; the frames (kit/frames.h) tell whether they are
 * what was written.
 */
#ifndef LAB03_SERVICE_LOG_H
#define LAB03_SERVICE_LOG_H

#include "kit/frames.h"
#include "kit/store.h"
#include "saga.h"

extern const char SERVICE_LOG_SCHEMA[];

struct log_write {
    const struct saga_checkout *checkout;
    const struct saga_action *records; /* SAGA_APPEND, in order */
    int count;
    uint32_t sequence; /* of the first */
    int begins;        /* 1: the checkout is new */
    int cuts;          /* 1: rows from sequence on are torn: they go first */
    int ends;          /* 1: it needs no recovery any more */
};

/* One transaction: on return all is on disk, or, with an error, nothing. */
int log_append(struct store *store, const struct log_write *write, struct error *err);

/* A checkout as it is in the log: its frames, one after another. The caller releases frames. */
struct logged {
    struct saga_checkout checkout;
    struct text frames;
    int torn; /* set by log_replay: the last frame is incomplete, and counts as not written */
};
/* ERR_NOT_FOUND. */
int log_load(struct store *store, const char *id, struct logged *out, struct error *err);

/* Replays the frames into saga. Their number, or ERR_CORRUPT with the checkout and the place. */
int log_replay(struct logged *logged, struct saga *saga, struct error *err);

/* The ids of all checkouts that have not ended, ID_SIZE - 1 bytes each. */
int log_open_checkouts(struct store *store, struct text *ids, struct error *err);

#endif
