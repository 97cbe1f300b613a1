/*
 * A participant of a saga: what cart, pricing, inventory, payment, shipping and notification have
 * in common. Each one adds only what it decides about a command that it sees for the first time.
 *
 * POST /commands, with the command's key as Idempotency-Key:
 *     {"saga","step","direction","attempt","cartId","customerId","coupon","amount"}
 *     200 {"answer":"ok","cents":12000}     409 {"answer":"rejected","reason":"..."}
 *
 *   The first final answer to a key is stored with its effect and given again for ever. Exceptions
 *   are a rejected compensation and a rejected confirmation: what was wrong there is for a person
 *   to fix, and then the same command may succeed.
 *   The same key with another body (but for the attempt) is 400, and changes nothing: not 409 or
 *   422, which would say that the command surely has no effect.
 *   A compensation that comes before its action succeeds and bars the action (anti-hanging).
 *
 * GET /ledger -> 200 {"service","done","undone","barred","cents",
 *                     "sagas":[{"saga","done","undone","barred","cents"}]}
 *   What was applied, taken back and barred, and the cents that are left; for the judge.
 *
 * The ledger is a file of frames (kit/frames.h) in the current folder. A frame is written before
 * its command is answered, so kill -9 of a peer loses nothing that was answered, and half a frame
 * is dropped at the next start. It is not synced: after a loss of power or a crash of the kernel
 * its last seconds may be missing, and the ledgers need not agree with the sagas any more. That is
 * no fault of this cluster, and a sync for each row cost a third of the checkouts (measured).
 */
#ifndef PEERS_PARTICIPANT_H
#define PEERS_PARTICIPANT_H

#include <stdint.h>
#include "peers/peer.h"

struct command {
    const char *key, *saga, *step, *cart_id, *customer_id, *coupon;
    int back; /* 1: a compensation */
    int64_t amount_cents;
};

/* What a participant is. */
struct participant {
    const char *name; /* its ledger is NAME.ledger */
    const char *step; /* the only one it takes */
    int compensated;  /* 1: takes compensations */
    int retried;      /* 1: a rejection is not kept */
    /* Whether to do a forward command: NULL, or why not (static text). *cents is what an OK says
       the saga; 0 before. */
    const char *(*refuse)(const struct command *command, int64_t *cents);
};

/* For struct peer: an open function calls the first; the others stand in its table. */
int participant_open(void **state, const struct participant *participant, struct error *err);
void participant_close(void *state);
extern const struct peer_route participant_routes[];
/* What it holds. */
void participant_command(void *state, const struct peer_request *request,
                         struct peer_response *response);
void participant_ledger(void *state, const struct peer_request *request,
                        struct peer_response *response);

/* What a cart costs, in dollars: the N of cart-N and of sold-out-N; -1 for any other. */
int64_t participant_cart(const char *cart_id);

/* The N of "PREFIX-N", 1 to 9 digits; -1 for anything else. Sample data is a rule, so a test may
   use any number of carts and customers. */
int64_t participant_number(const char *text, const char *prefix);

#endif
