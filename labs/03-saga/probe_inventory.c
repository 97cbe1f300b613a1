/*
 * Lab 03's probe: the participant, on a database in memory. Given: nothing to write here.
 *
 *   stock   product= [add=n]                             ok on_hand= pending= available=
 *   reserve key= saga= product= quantity= [rollback=1]   ok answer=ok|rejected on_hand= pending=
 *   release key= saga= product= quantity= [rollback=1]      (of the product) state= | error code=
 *   settle  saga= product=                               ok on_hand= pending= state=
 *
 * state= is what the saga has of the product: PENDING, RELEASED, SOLD, BARRED, or none (no row).
 * rollback=1: the transaction is rolled back after the call, as by a crash before the commit.
 */
#include "probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "inventory.h"

struct work {
    const struct message *action;
    struct text *reply;
    enum saga_answer answer;
    int64_t on_hand, pending;
    char state[16];
    int rolled_back;
};

/* Runs fn in a transaction of the rig's database, which is made at the first use. */
static int run(struct rig *rig, db_fn *fn, struct work *work, struct error *err)
{
    if (rig->db == NULL) {
        const struct db_config config = {.url = ":memory:"};
        int result = db_open(&rig->db, &config, err);
        if (result == 0)
            result = db_script(rig->db, INVENTORY_SCHEMA, err);
        if (result < 0)
            return result;
    }
    return db_write(rig->db, fn, work, err);
}

static int look_at_reservation(struct db_tx *tx, struct work *work, struct error *err)
{
    snprintf(work->state, sizeof work->state, "none");
    struct db_query *q = db_query(tx, "SELECT state FROM inventory_reservations"
                                      " WHERE saga = ? AND product = ?");
    db_bind_text(q, 1, message_get_or(work->action, "saga", "s1"));
    db_bind_text(q, 2, message_get_or(work->action, "product", ""));
    if (db_step(q) == DB_ROW)
        snprintf(work->state, sizeof work->state, "%s", db_column_text(q, 0));
    return db_finish(q, err);
}

static int look(struct db_tx *tx, struct work *work, struct error *err)
{
    struct db_query *q =
        db_query(tx, "SELECT on_hand, pending FROM inventory_stock WHERE product = ?");
    db_bind_text(q, 1, message_get_or(work->action, "product", ""));
    if (db_step(q) == DB_ROW) {
        work->on_hand = db_column_int64(q, 0);
        work->pending = db_column_int64(q, 1);
    }
    int result = db_finish(q, err);
    return result < 0 ? result : look_at_reservation(tx, work, err);
}

static void answer(const struct work *work, int result, const struct error *err, int with_answer)
{
    probe_result(work->reply, result, err);
    if (result < 0)
        return;
    if (with_answer)
        message_add(work->reply, "answer",
                    (unsigned)work->answer <= SAGA_UNKNOWN ? saga_answer_name(work->answer) : "?");
    message_add_int64(work->reply, "on_hand", work->on_hand);
    message_add_int64(work->reply, "pending", work->pending);
    message_add_int64(work->reply, "available", work->on_hand - work->pending);
    if (strcmp(work->action->word, "stock") != 0)
        message_add(work->reply, "state", work->state);
}

static int stock_tx(struct db_tx *tx, void *arg, struct error *err)
{
    struct work *work = arg;
    int result = 0;
    if (message_get(work->action, "add") != NULL)
        result = inventory_stock_up(tx, message_get_or(work->action, "product", ""),
                                    rig_number(work->action, "add", 0), err);
    return result < 0 ? result : look(tx, work, err);
}

void do_stock(void *context, const struct message *action, struct text *reply)
{
    struct error err = {0};
    struct work work = {.action = action, .reply = reply};
    answer(&work, run(context, stock_tx, &work, &err), &err, 0);
}

static int command_tx(struct db_tx *tx, void *arg, struct error *err)
{
    struct work *work = arg;
    const struct message *action = work->action;
    const struct inventory_request request = {
        .key = message_get_or(action, "key", ""),
        .saga = message_get_or(action, "saga", "s1"),
        .direction = strcmp(action->word, "release") == 0 ? SAGA_BACK : SAGA_FORWARD,
        .product = message_get_or(action, "product", ""),
        .quantity = rig_number(action, "quantity", 0),
    };
    int result = inventory_handle(tx, &request, &work->answer, err);
    if (result == 0)
        result = look(tx, work, err);
    if (result == 0 && rig_number(action, "rollback", 0) == 1) {
        work->rolled_back = 1;
        return ERR_IO;
    }
    return result;
}

void do_command(void *context, const struct message *action, struct text *reply)
{
    struct error err = {0};
    struct work work = {.action = action, .reply = reply, .answer = SAGA_UNKNOWN};
    int result = run(context, command_tx, &work, &err);
    answer(&work, work.rolled_back ? 0 : result, &err, 1);
}

static int settle_tx(struct db_tx *tx, void *arg, struct error *err)
{
    struct work *work = arg;
    int result = inventory_settle(tx, message_get_or(work->action, "saga", "s1"), err);
    return result < 0 ? result : look(tx, work, err);
}

void do_settle(void *context, const struct message *action, struct text *reply)
{
    struct error err = {0};
    struct work work = {.action = action, .reply = reply};
    answer(&work, run(context, settle_tx, &work, &err), &err, 0);
}
