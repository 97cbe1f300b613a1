/* Step 3: POST /orders, once for each Idempotency-Key. See order_api.h. */
#include "order_api.h"

#include <stdio.h>
#include <string.h>
#include "kit/error.h"

struct writing {
    const struct order_placing *placing;
    struct order_answer *answer;
    int snapshot_every;
};

/* Replaces *answer by the one that is stored under the key: 1; 0 when the key is new; ERR_EXISTS
   when it was used for another body. */
static int replay(struct db_tx *tx, const struct order_placing *placing,
                  struct order_answer *answer, struct error *err)
{
    int known = 0;
    int same = 0;
    struct db_query *q =
        db_query(tx, "SELECT body_sha256, status, order_id, body FROM order_keys WHERE key = ?");
    db_bind_text(q, 1, placing->key);
    if (db_step(q) == DB_ROW) {
        known = 1;
        same = strcmp(db_column_text(q, 0), placing->body_sha256) == 0;
    }
    if (same) {
        answer->status = (int)db_column_int64(q, 1);
        snprintf(answer->order_id, sizeof answer->order_id, "%s", db_column_text(q, 2));
        text_clear(answer->body);
        text_append(answer->body, db_column_text(q, 3), db_column_length(q, 3));
    }
    int result = db_finish(q, err);
    if (result == 0 && known && !same)
        return error_set(err, ERR_EXISTS, "This key was used with another body.");
    return result == 0 ? known : result;
}

static int remember(struct db_tx *tx, const struct order_placing *placing,
                    const struct order_answer *answer, struct error *err)
{
    struct db_query *q = db_query(tx, "INSERT INTO order_keys"
                                      " (key, body_sha256, status, order_id, body)"
                                      " VALUES (?, ?, ?, ?, ?)");
    db_bind_text(q, 1, placing->key);
    db_bind_text(q, 2, placing->body_sha256);
    db_bind_int64(q, 3, answer->status);
    db_bind_text(q, 4, answer->order_id);
    db_bind_text(q, 5, text_str(answer->body));
    return db_finish(q, err);
}

static int place(struct db_tx *tx, void *arg, struct error *err)
{
    static const struct order none = {0};
    struct writing *writing = arg;
    const struct order_placing *placing = writing->placing;
    int result = placing->key != NULL ? replay(tx, placing, writing->answer, err) : 0;
    if (result != 0)
        return result; /* replayed, or refused */
    if (writing->answer->status == 201)
        result =
            order_commit(tx, &none, placing->order, placing->event, writing->snapshot_every, err);
    if (result == 0 && placing->key != NULL)
        result = remember(tx, placing, writing->answer, err);
    return result;
}

int order_place(const struct order_store *orders, const struct order_placing *placing,
                struct order_answer *answer, struct error *err)
{
    if (answer->status != 201 && placing->key == NULL)
        return 0; /* nothing is to be kept */
    struct writing writing = {placing, answer, orders->snapshot_every};
    int result = store_write(orders->store, place, &writing, err);
    return result < 0 ? result : 0;
}
