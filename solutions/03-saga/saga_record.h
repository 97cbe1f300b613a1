/*
 * The records of a saga's log.
 *
 * A payload is 25 bytes, little endian, and for STARTED the checkout behind them:
 *
 *   offset  0  version, 1           2  step          4  answer, or ENDED's phase
 *           1  kind                 3  direction     5  attempt, 4 bytes
 *           9  wall time in ms, 8 bytes
 *          17  cents (ANSWERED), or the deadline in wall ms (STARTED), 8 bytes
 *          25  STARTED only: id, cart, customer, coupon, each NUL-terminated
 *
 * A field out of its range or a length that is not the kind's makes the record unreadable: it is
 * refused, never guessed at. That the bytes are those that were written, the frame vouches for.
 */
#ifndef LAB03_SAGA_RECORD_H
#define LAB03_SAGA_RECORD_H

#include "saga.h"

enum saga_record_kind {
    RECORD_STARTED,
    RECORD_SENT,         /* about to send step, direction, attempt */
    RECORD_ANSWERED,     /* answer to the current step; UNKNOWN also when time ran out */
    RECORD_NOTED,        /* an answer that came too late to matter: for the story */
    RECORD_COMPENSATING, /* forward is over */
    RECORD_PARKED,
    RECORD_RESUMED,
    RECORD_ENDED, /* phase */
    RECORD_KINDS
};

struct saga_record {
    enum saga_record_kind kind;
    enum saga_step step;
    enum saga_direction direction;
    int attempt;
    enum saga_answer answer;
    enum saga_phase phase;
    int64_t at_ms;       /* wall */
    int64_t cents;       /* ANSWERED */
    int64_t deadline_ms; /* STARTED, wall */
    struct saga_checkout checkout;
};

/* Writes the payload; its length, at most SAGA_PAYLOAD_MAX. */
size_t saga_record_encode(const struct saga_record *record, char bytes[SAGA_PAYLOAD_MAX]);
/* ERR_CORRUPT with what is wrong. */
int saga_record_decode(const void *payload, size_t length, struct saga_record *record,
                       struct error *err);

#endif
