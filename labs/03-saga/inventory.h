/*
 * Lab 03, step 3: a participant. Inventory reserves stock for a checkout, and gives it back.
 *
 * A participant cannot trust that a command comes once, in time, or at all. So the first final
 * answer to a key, OK or REJECTED, is stored with its effect in one transaction and given again for
 * ever; and a compensation that comes before its action succeeds, and bars the action
 * (anti-hanging).
 *
 * Stock that is reserved is PENDING: it belongs to nobody else, and is not sold yet. This semantic
 * lock is freed by the end of the saga: released, or settled.
 *
 *   available = on_hand - pending     reserve: pending += n     release: pending -= n
 *                                     settle:  pending -= n, on_hand -= n
 *
 * All functions run inside the caller's transaction; a negative code rolls it back.
 */
#ifndef LAB03_INVENTORY_H
#define LAB03_INVENTORY_H

#include <stdint.h>
#include "kit/db.h"
#include "saga.h"

/*
 * The tables, given (inventory_schema.c):
 *   inventory_stock(product PRIMARY KEY, on_hand, pending)
 *   inventory_keys(key PRIMARY KEY, body, answer)              what was answered, for ever
 *   inventory_reservations(saga, product, quantity, state, PRIMARY KEY (saga, product))
 *       state: PENDING, RELEASED, SOLD, BARRED. GET /ledger shows them, so every saga that got
 *       something here, or is barred, keeps its row; a reservation that was REJECTED leaves none
 */
extern const char INVENTORY_SCHEMA[];

enum { INVENTORY_QUANTITY_MAX = 1000000, INVENTORY_WORD_MAX = 64 };

struct inventory_request {
    const char *key;               /* 1..63 characters; the same for every send of this command */
    const char *saga;              /* it and product: at most INVENTORY_WORD_MAX characters */
    enum saga_direction direction; /* SAGA_FORWARD reserves, SAGA_BACK releases */
    const char *product;
    int64_t quantity; /* 1..INVENTORY_QUANTITY_MAX */
};

/*
 * Handles one command. 0 and *answer is SAGA_OK or SAGA_REJECTED, stored under the key; never
 * UNKNOWN, which is what the caller says when it heard nothing.
 *   reserve: REJECTED when the product is unknown, too little is available, or the saga has had
 *            some of it already (under another key) or is barred.
 *   release: always OK; takes back what this saga has PENDING of the product; when it has nothing,
 *            the saga is barred from reserving it.
 * ERR_EXISTS: the key was used with another body (saga, direction, product, quantity): nothing
 * changes. ERR_INVALID: a quantity, key, saga or product out of range: nothing is stored.
 */
int inventory_handle(struct db_tx *tx, const struct inventory_request *request,
                     enum saga_answer *answer, struct error *err);

/* The saga has COMPLETED: what it has PENDING is SOLD. Any number of times. */
int inventory_settle(struct db_tx *tx, const char *saga, struct error *err);

/* Puts stock on the shelf: adds to on_hand; a new product begins with it. Given. */
int inventory_stock_up(struct db_tx *tx, const char *product, int64_t quantity, struct error *err);

/* What can still be reserved; 0 for an unknown product. Given. */
int64_t inventory_available(struct db_tx *tx, const char *product, struct error *err);

#endif
