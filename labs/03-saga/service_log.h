/*
 * The log of the checkout service: frames in SQLite, one per row. Given: nothing to write here.
 *
 *     checkouts(id, cart_id, customer_id, coupon, ended)     one row per checkout
 *     saga_log(saga_id, sequence, frame)                     one row per record of it
 *     checkout_keys(key, body_sha256, checkout_id)           one row per request that began one
 *
 * What the records say is the saga's business; the frames (kit/frames.h) tell whether they are
 * what was written. A frame that is cut off is damage here, even the last one: a row is whole or
 * not there, so a crash does not tear it, and what it said may have been acted on.
 */
#ifndef LAB03_SERVICE_LOG_H
#define LAB03_SERVICE_LOG_H

#include "kit/frames.h"
#include "kit/sha256.h"
#include "kit/store.h"
#include "saga.h"

extern const char SERVICE_LOG_SCHEMA[];

enum { LOG_KEY_MAX = 255 }; /* bytes of an Idempotency-Key */

/* How a request is known again. */
struct log_request {
    const char *key; /* its Idempotency-Key, NULL when it has none */
    char body_sha256[SHA256_TEXT_SIZE];
};
/* 1 when a checkout was begun under the key by the same body: *id is that one's. 0 when none was,
   or key is NULL. ERR_CONFLICT: by another body. */
int log_find_request(struct store *store, const struct log_request *request, char id[ID_SIZE],
                     struct error *err);

struct log_write {
    const struct saga_checkout *checkout;
    const struct saga_action *records; /* SAGA_APPEND, in order */
    int count;
    uint32_t sequence;                 /* of the first */
    int begins;                        /* 1: the checkout is new */
    const struct log_request *request; /* that began it, when it is new; NULL is fine */
    int ends;                          /* 1: it needs no recovery any more */
};

/* One transaction: on return all is on disk, or, with an error, nothing. ERR_EXISTS when the
   request's key was used meanwhile: of two such requests at once, the second waits for the first.
 */
int log_append(struct store *store, const struct log_write *write, struct error *err);

/* A checkout as it is in the log: its frames, one after another. The caller releases frames. */
struct logged {
    struct saga_checkout checkout;
    struct text frames;
    int rows;
};
/* ERR_NOT_FOUND. */
int log_load(struct store *store, const char *id, struct logged *out, struct error *err);

/* Replays the frames into saga. Their number, or ERR_CORRUPT with the checkout and the place. */
int log_replay(struct logged *logged, struct saga *saga, struct error *err);

/* The ids of all checkouts that have not ended, ID_SIZE - 1 bytes each. */
int log_open_checkouts(struct store *store, struct text *ids, struct error *err);

#endif
