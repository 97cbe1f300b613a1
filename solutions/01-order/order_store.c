/* Step 2: the event store. See order_store.h. */
#include "order_store.h"

#include <assert.h>
#include "kit/error.h"

/* ---- Appending ---- */

/* The version at which the event is stored: 0 = nowhere, -1 = in another stream. */
static int find_event(struct db_tx *tx, const char *stream, const char *event_id, int64_t *version,
                      struct error *err)
{
    struct db_query *q = db_query(tx, "SELECT CASE WHEN stream = ? THEN version ELSE -1 END"
                                      " FROM order_events WHERE event_id = ?");
    db_bind_text(q, 1, stream);
    db_bind_text(q, 2, event_id);
    *version = db_step(q) == DB_ROW ? db_column_int64(q, 0) : 0;
    return db_finish(q, err);
}

/* Whether the batch was stored before: 1 all of it, 0 nothing of it, ERR_EXISTS anything else. */
static int stored_before(struct db_tx *tx, const struct order_batch *batch, struct error *err)
{
    int found = 0;
    int in_place = 0; /* of those found: in this stream and in the batch's order */
    int64_t first = 0;
    for (int i = 0; i < batch->count; i++) {
        int64_t version = 0;
        int result = find_event(tx, batch->stream, batch->events[i].id, &version, err);
        if (result != 0)
            return result;
        if (i == 0)
            first = version;
        found += version != 0;
        in_place += version > 0 && version == first + i;
    }
    if (found == 0)
        return 0;
    if (in_place == batch->count)
        return 1;
    return error_set(err, ERR_EXISTS, "Some of these events are stored already.");
}

/* The stream's last version, or ORDER_NO_STREAM. */
static int last_version(struct db_tx *tx, const char *stream, int64_t *version, struct error *err)
{
    struct db_query *q = db_query(tx, "SELECT version FROM order_events WHERE stream = ?"
                                      " ORDER BY version DESC LIMIT 1");
    db_bind_text(q, 1, stream);
    *version = db_step(q) == DB_ROW ? db_column_int64(q, 0) : ORDER_NO_STREAM;
    return db_finish(q, err);
}

static int insert_event(struct db_tx *tx, const char *stream, int64_t version,
                        const struct order_event *event, struct error *err)
{
    struct text payload = {0};
    order_event_encode(event, &payload);
    struct db_query *q = db_query(tx, "INSERT INTO order_events"
                                      " (stream, version, event_id, type, schema, at_ms, payload)"
                                      " VALUES (?, ?, ?, ?, ?, ?, ?)");
    db_bind_text(q, 1, stream);
    db_bind_int64(q, 2, version);
    db_bind_text(q, 3, event->id);
    db_bind_text(q, 4, order_event_type(event->command));
    db_bind_int64(q, 5, order_event_schema(event->command));
    db_bind_int64(q, 6, event->at_ms);
    db_bind_text(q, 7, text_str(&payload));
    db_step(q);
    text_release(&payload);
    return db_finish(q, err);
}

/* Keeps the stream's state as a snapshot; one of an older schema at the same version gives way. */
static int write_snapshot(struct db_tx *tx, const char *stream, struct error *err)
{
    struct order order;
    int result = order_load(tx, stream, &order, err);
    if (result != 0)
        return result;

    struct text state = {0};
    order_snapshot_encode(&order, &state);
    struct db_query *q = db_query(tx, "INSERT INTO order_snapshots (stream, version, schema, state)"
                                      " VALUES (?, ?, ?, ?) ON CONFLICT (stream, version)"
                                      " DO UPDATE SET schema = excluded.schema,"
                                      " state = excluded.state");
    db_bind_text(q, 1, stream);
    db_bind_int64(q, 2, order.version);
    db_bind_int64(q, 3, ORDER_SNAPSHOT_SCHEMA);
    db_bind_text(q, 4, text_str(&state));
    db_step(q);
    text_release(&state);
    return db_finish(q, err);
}

int order_append(struct db_tx *tx, const struct order_batch *batch, struct error *err)
{
    assert(batch->count >= 1 && batch->snapshot_every >= 1);
    int stored = stored_before(tx, batch, err);
    if (stored != 0)
        return stored < 0 ? stored : 0;

    int64_t last = 0;
    int result = last_version(tx, batch->stream, &last, err);
    if (result != 0)
        return result;
    if (last != batch->expected_version)
        return error_set(err, ERR_CONFLICT, "Stream %s is at version %lld, not %lld.",
                         batch->stream, (long long)last, (long long)batch->expected_version);

    int64_t before = last == ORDER_NO_STREAM ? 0 : last;
    int64_t version = before;
    for (int i = 0; i < batch->count; i++) {
        version++;
        result = insert_event(tx, batch->stream, version, &batch->events[i], err);
        if (result != 0)
            return result;
    }
    if (version / batch->snapshot_every == before / batch->snapshot_every)
        return 0;
    return write_snapshot(tx, batch->stream, err);
}

/* ---- Loading ---- */

/* The newest usable snapshot at or before version; an order with version 0 when there is none. */
static int load_snapshot(struct db_tx *tx, const char *stream, int64_t version, struct order *order,
                         struct error *err)
{
    int result = 0;
    order->version = 0;
    struct db_query *q = db_query(tx, "SELECT version, state FROM order_snapshots"
                                      " WHERE stream = ? AND schema = ? AND version <= ?"
                                      " ORDER BY version DESC LIMIT 1");
    db_bind_text(q, 1, stream);
    db_bind_int64(q, 2, ORDER_SNAPSHOT_SCHEMA);
    db_bind_int64(q, 3, version);
    if (db_step(q) == DB_ROW) {
        result = order_snapshot_decode(db_column_text(q, 1), order, err);
        if (result == 0 && order->version != db_column_int64(q, 0))
            result = error_set(err, ERR_CORRUPT, "A snapshot of %s has the wrong label.", stream);
    }
    int finished = db_finish(q, err);
    return result != 0 ? result : finished;
}

/* Folds the event of the current row into the order. */
static int fold_row(struct db_query *q, struct order *order, struct error *err)
{
    struct order_event event;
    struct order draft;
    if (db_column_int64(q, 0) != order->version + 1)
        return error_set(err, ERR_CORRUPT, "The event after version %lld is missing.",
                         (long long)order->version);
    int result = order_event_decode(db_column_text(q, 1), db_column_int64(q, 2),
                                    db_column_text(q, 4), &event, &draft, err);
    if (result != 0)
        return result;
    event.at_ms = db_column_int64(q, 3);
    return order_fold(order, &event, err);
}

/* The order at version, or at its last one when that is lower. */
static int load_up_to(struct db_tx *tx, const char *stream, int64_t version, struct order *order,
                      struct error *err)
{
    int result = load_snapshot(tx, stream, version, order, err);
    if (result != 0)
        return result;

    struct db_query *q = db_query(tx, "SELECT version, type, schema, at_ms, payload"
                                      " FROM order_events"
                                      " WHERE stream = ? AND version > ? AND version <= ?"
                                      " ORDER BY version");
    db_bind_text(q, 1, stream);
    db_bind_int64(q, 2, order->version);
    db_bind_int64(q, 3, version);
    while (result == 0 && db_step(q) == DB_ROW)
        result = fold_row(q, order, err);
    int finished = db_finish(q, err);
    if (result == 0)
        result = finished;
    if (result == 0 && order->version == 0)
        return error_set(err, ERR_NOT_FOUND, "There is no order %s.", stream);
    return result;
}

int order_load(struct db_tx *tx, const char *stream, struct order *order, struct error *err)
{
    return load_up_to(tx, stream, INT64_MAX, order, err);
}

int order_load_version(struct db_tx *tx, const char *stream, int64_t version, struct order *order,
                       struct error *err)
{
    int result = load_up_to(tx, stream, version, order, err);
    if (result == 0 && order->version != version)
        return error_set(err, ERR_NOT_FOUND, "Order %s has no version %lld.", stream,
                         (long long)version);
    return result;
}

int order_load_time(struct db_tx *tx, const char *stream, int64_t wall_ms, struct order *order,
                    struct error *err)
{
    struct db_query *q = db_query(tx, "SELECT version FROM order_events"
                                      " WHERE stream = ? AND at_ms <= ?"
                                      " ORDER BY version DESC LIMIT 1");
    db_bind_text(q, 1, stream);
    db_bind_int64(q, 2, wall_ms);
    int64_t version = db_step(q) == DB_ROW ? db_column_int64(q, 0) : 0;
    int result = db_finish(q, err);
    if (result != 0)
        return result;
    return order_load_version(tx, stream, version, order, err);
}
