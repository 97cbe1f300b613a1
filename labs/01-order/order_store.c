/* Step 2: the event store. See order_store.h, and kit/db.h for how a statement is run. */
#include "order_store.h"

#include "kit/error.h"

int order_append(struct db_tx *tx, const struct order_batch *batch, struct error *err)
{
    /* TODO(step 2): was it stored before? Is the version the expected one? Then one row for each
       event, and a snapshot when one is due. Everything through tx: it is one transaction. */
    (void)tx, (void)batch;
    return error_set(err, ERR_TODO, "TODO(step 2): order_append");
}

int order_load(struct db_tx *tx, const char *stream, struct order *order, struct error *err)
{
    /* TODO(step 2): begin with version 0, or with the newest snapshot, and fold the rest. The
       other two are nearly the same: write one function that all three call. */
    (void)tx, (void)stream, (void)order;
    return error_set(err, ERR_TODO, "TODO(step 2): order_load");
}

int order_load_version(struct db_tx *tx, const char *stream, int64_t version, struct order *order,
                       struct error *err)
{
    /* TODO(step 2): which snapshots may be used here? */
    (void)tx, (void)stream, (void)version, (void)order;
    return error_set(err, ERR_TODO, "TODO(step 2): order_load_version");
}

int order_load_time(struct db_tx *tx, const char *stream, int64_t wall_ms, struct order *order,
                    struct error *err)
{
    /* TODO(step 2): find the version first; wall time may have jumped back in between. */
    (void)tx, (void)stream, (void)wall_ms, (void)order;
    return error_set(err, ERR_TODO, "TODO(step 2): order_load_time");
}
