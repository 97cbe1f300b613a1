/*
 * The inventory participant. See inventory.h.
 *
 * The order matters: first the key, since an answer that was given is given again whatever has
 * happened since; then the effect; then the answer is stored, in the same transaction.
 */
#include "inventory.h"

#include <stdio.h>
#include <string.h>
#include "kit/error.h"

enum { BODY_SIZE = 2 * INVENTORY_WORD_MAX + 64 }; /* the words, and a number between them */

/* What a key stands for: the same key with other words in it is a mistake of the caller's. */
static void body_of(const struct inventory_request *request, char body[BODY_SIZE])
{
    snprintf(body, BODY_SIZE, "%s %s %s %lld", request->saga,
             saga_direction_name(request->direction), request->product,
             (long long)request->quantity);
}

/* 1 and *answer when the key was answered before, 0 when it is new, ERR_EXISTS for another body. */
static int find_answer(struct db_tx *tx, const struct inventory_request *request,
                       enum saga_answer *answer, struct error *err)
{
    char body[BODY_SIZE];
    int found = 0, same = 0;
    body_of(request, body);
    struct db_query *q = db_query(tx, "SELECT body, answer FROM inventory_keys WHERE key = ?");
    db_bind_text(q, 1, request->key);
    if (db_step(q) == DB_ROW) {
        found = 1;
        same = strcmp(db_column_text(q, 0), body) == 0;
        *answer = (enum saga_answer)db_column_int64(q, 1);
    }
    int result = db_finish(q, err);
    if (result == 0 && found && !same)
        return error_set(err, ERR_EXISTS, "The key %s was used for another command.", request->key);
    return result < 0 ? result : found;
}

static int store_answer(struct db_tx *tx, const struct inventory_request *request,
                        enum saga_answer answer, struct error *err)
{
    char body[BODY_SIZE];
    body_of(request, body);
    struct db_query *q =
        db_query(tx, "INSERT INTO inventory_keys (key, body, answer) VALUES (?, ?, ?)");
    db_bind_text(q, 1, request->key);
    db_bind_text(q, 2, body);
    db_bind_int64(q, 3, answer);
    return db_finish(q, err);
}

/* What this saga has of this product. */
struct reservation {
    char state[16]; /* "" = nothing yet */
    int64_t quantity;
};

static int find_reservation(struct db_tx *tx, const struct inventory_request *request,
                            struct reservation *reservation, struct error *err)
{
    *reservation = (struct reservation){0};
    struct db_query *q = db_query(tx, "SELECT state, quantity FROM inventory_reservations"
                                      " WHERE saga = ? AND product = ?");
    db_bind_text(q, 1, request->saga);
    db_bind_text(q, 2, request->product);
    if (db_step(q) == DB_ROW) {
        snprintf(reservation->state, sizeof reservation->state, "%s", db_column_text(q, 0));
        reservation->quantity = db_column_int64(q, 1);
    }
    return db_finish(q, err);
}

static int put_reservation(struct db_tx *tx, const struct inventory_request *request,
                           const char *state, int64_t quantity, struct error *err)
{
    struct db_query *q = db_query(tx, "INSERT INTO inventory_reservations"
                                      " (saga, product, quantity, state) VALUES (?, ?, ?, ?)"
                                      " ON CONFLICT (saga, product) DO UPDATE"
                                      " SET quantity = excluded.quantity, state = excluded.state");
    db_bind_text(q, 1, request->saga);
    db_bind_text(q, 2, request->product);
    db_bind_int64(q, 3, quantity);
    db_bind_text(q, 4, state);
    return db_finish(q, err);
}

static int add_pending(struct db_tx *tx, const char *product, int64_t quantity, struct error *err)
{
    struct db_query *q =
        db_query(tx, "UPDATE inventory_stock SET pending = pending + ? WHERE product = ?");
    db_bind_int64(q, 1, quantity);
    db_bind_text(q, 2, product);
    return db_finish(q, err);
}

static int reserve(struct db_tx *tx, const struct inventory_request *request,
                   enum saga_answer *answer, struct error *err)
{
    struct reservation mine;
    int result = find_reservation(tx, request, &mine, err);
    if (result < 0)
        return result;
    int64_t available = inventory_available(tx, request->product, err);
    if (available < 0)
        return (int)available;
    *answer = SAGA_REJECTED;
    if (mine.state[0] != '\0' || available < request->quantity)
        return 0; /* barred, had already, or too little */
    *answer = SAGA_OK;
    result = put_reservation(tx, request, "PENDING", request->quantity, err);
    return result < 0 ? result : add_pending(tx, request->product, request->quantity, err);
}

static int release(struct db_tx *tx, const struct inventory_request *request,
                   enum saga_answer *answer, struct error *err)
{
    struct reservation mine;
    *answer = SAGA_OK;
    int result = find_reservation(tx, request, &mine, err);
    if (result < 0)
        return result;
    if (mine.state[0] == '\0') /* the reservation may still be on its way: it comes too late */
        return put_reservation(tx, request, "BARRED", 0, err);
    if (strcmp(mine.state, "PENDING") != 0)
        return 0;
    result = put_reservation(tx, request, "RELEASED", mine.quantity, err);
    return result < 0 ? result : add_pending(tx, request->product, -mine.quantity, err);
}

int inventory_handle(struct db_tx *tx, const struct inventory_request *request,
                     enum saga_answer *answer, struct error *err)
{
    if (request->key[0] == '\0' || strlen(request->key) >= SAGA_KEY_SIZE)
        return error_set(err, ERR_INVALID, "A key has 1 to %d characters.", SAGA_KEY_SIZE - 1);
    if (strlen(request->saga) > INVENTORY_WORD_MAX || strlen(request->product) > INVENTORY_WORD_MAX)
        return error_set(err, ERR_INVALID, "A saga and a product have at most %d characters.",
                         INVENTORY_WORD_MAX);
    if (request->quantity < 1 || request->quantity > INVENTORY_QUANTITY_MAX)
        return error_set(err, ERR_INVALID, "quantity is %lld; it must be 1 to %d.",
                         (long long)request->quantity, INVENTORY_QUANTITY_MAX);
    int result = find_answer(tx, request, answer, err);
    if (result != 0)
        return result < 0 ? result : 0;
    if (request->direction == SAGA_FORWARD)
        result = reserve(tx, request, answer, err);
    else
        result = release(tx, request, answer, err);
    return result < 0 ? result : store_answer(tx, request, *answer, err);
}

int inventory_settle(struct db_tx *tx, const char *saga, struct error *err)
{
    struct db_query *stock =
        db_query(tx, "UPDATE inventory_stock SET on_hand = on_hand - r.quantity,"
                     " pending = pending - r.quantity"
                     " FROM inventory_reservations r"
                     " WHERE r.saga = ? AND r.state = 'PENDING'"
                     " AND r.product = inventory_stock.product");
    db_bind_text(stock, 1, saga);
    int result = db_finish(stock, err);
    if (result < 0)
        return result;
    struct db_query *sold = db_query(tx, "UPDATE inventory_reservations SET state = 'SOLD'"
                                         " WHERE saga = ? AND state = 'PENDING'");
    db_bind_text(sold, 1, saga);
    return db_finish(sold, err);
}
