/* Step 2, with a line each for steps 3 and 4: changing an order. See order_store.h. */
#include "kit/error.h"
#include "order_api.h"
#include "order_outbox.h"
#include "order_store.h"

int order_commit(struct db_tx *tx, const struct order *before, const struct order *after,
                 const struct order_event *event, int snapshot_every, struct error *err)
{
    /* TODO(step 2): append the event. What is the expected version?
       TODO(step 3): order_view_put.
       TODO(step 4): order_announce. */
    (void)tx, (void)before, (void)after, (void)event, (void)snapshot_every;
    return error_set(err, ERR_TODO, "TODO(step 2): order_commit");
}

int order_change(const struct order_store *orders, const struct order_change *change,
                 struct order *order, struct error *err)
{
    /* TODO(step 2): store_read and order_load; order_apply on a copy; store_write and
       order_commit. On ERR_CONFLICT all of it again, with an end. Each attempt is a new event. */
    (void)orders, (void)change, (void)order;
    return error_set(err, ERR_TODO, "TODO(step 2): order_change");
}
