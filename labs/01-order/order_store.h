/*
 * Lab 01, step 2: the event store, on kit/db.
 *
 * A stream holds one order's events and is named by the order's id. Its versions are 1, 2, 3, ...
 * without a gap, given by order_append. Rows are never changed or removed. The tables are in
 * order_schema.h. Functions that take a tx run inside the caller's transaction: when one fails, the
 * caller returns its code, and everything is rolled back.
 */
#ifndef ORDER_STORE_H
#define ORDER_STORE_H

#include "kit/id.h"
#include "kit/store.h"
#include "order_events.h"

enum {
    ORDER_NO_STREAM = -1,       /* expected_version of the first append */
    ORDER_ANY_VERSION = 0,      /* if_version of a change that takes the order as it is */
    ORDER_SNAPSHOT_EVERY = 100, /* the service's snapshot_every */
    ORDER_CHANGE_ATTEMPTS = 8   /* order_change decides this often before it gives up */
};

/* Events that go into a stream together. */
struct order_batch {
    const char *stream;
    int64_t expected_version; /* the stream's last version, or ORDER_NO_STREAM */
    const struct order_event *events;
    int count;          /* at least 1 */
    int snapshot_every; /* at least 1 */
};

/*
 * Appends the batch: all of it or nothing, with the versions that follow expected_version (E1).
 *
 * First it looks for the batch's event ids:
 *   all are in this stream, one after the other in this order: it was done before; 0, and nothing
 *   is written, whatever expected_version says (PIN);
 *   some are stored, here or in another stream: ERR_EXISTS.
 * Then the stream's last version must be expected_version, else ERR_CONFLICT. A stream without
 * events has no version: only ORDER_NO_STREAM fits it, and 0 fits no stream at all (PIN).
 *
 * When the stream's version reaches or passes a multiple of snapshot_every, one snapshot of the
 * state after the whole batch is written, labelled with the version of the last event (E3).
 */
int order_append(struct db_tx *tx, const struct order_batch *batch, struct error *err);

/*
 * Loads an order: its newest snapshot of schema ORDER_SNAPSHOT_SCHEMA, if there is one, and the
 * events strictly after it (E3). A snapshot of another schema is as good as none. Writes nothing.
 * ERR_NOT_FOUND when the stream has no events, ERR_CORRUPT when an event cannot be read or cannot
 * follow, or a version is missing (E2). *order is only to be used when 0 is returned.
 */
int order_load(struct db_tx *tx, const char *stream, struct order *order, struct error *err);

/* The order as it was at that version (E6). ERR_NOT_FOUND when the stream has no such version. */
int order_load_version(struct db_tx *tx, const char *stream, int64_t version, struct order *order,
                       struct error *err);

/* The order as it was at that wall time: at the highest version whose time is not later (PIN, E6).
   ERR_NOT_FOUND when there is none. */
int order_load_time(struct db_tx *tx, const char *stream, int64_t wall_ms, struct order *order,
                    struct error *err);

/* What changing orders needs besides a database. */
struct order_store {
    struct store *store;
    struct id_source ids; /* for event ids */
    int snapshot_every;
};

struct order_change {
    const char *id;
    enum order_command command;
    const char *place;  /* ORDER_TRACK only, else NULL */
    int64_t if_version; /* the version that the caller has seen, or ORDER_ANY_VERSION */
    int64_t now_ms;
};

/*
 * Changes one order (E7): load in store_read; decide; in one store_write append the event with the
 * loaded version as the expected one. On ERR_CONFLICT begin again with loading, since the decision
 * may be different now; at most ORDER_CHANGE_ATTEMPTS times in all. Steps 3 and 4 add the view and
 * the outbox message to the same store_write. *order is the order after the change, and only to be
 * used when 0 is returned.
 *
 * ERR_NOT_FOUND; ERR_REFUSED from order_apply; ERR_CONFLICT when if_version is not the order's
 * version, or when every attempt met somebody else's change; or what store_write returns.
 */
int order_change(const struct order_store *orders, const struct order_change *change,
                 struct order *order, struct error *err);

/*
 * Writes what one accepted command leaves behind, inside the caller's transaction (given the
 * order before and after): the event; from step 3 on the view; from step 4 on the outbox message.
 * before->version is 0 for a new order. Used by order_change and by POST /orders.
 */
int order_commit(struct db_tx *tx, const struct order *before, const struct order *after,
                 const struct order_event *event, int snapshot_every, struct error *err);

#endif
