/* Step 2, with a line each for steps 3 and 4: changing an order. See order_store.h. */
#include "order_store.h"

#include <stdio.h>
#include "kit/error.h"
#include "order_api.h"
#include "order_outbox.h"

int order_commit(struct db_tx *tx, const struct order *before, const struct order *after,
                 const struct order_event *event, int snapshot_every, struct error *err)
{
    const struct order_batch batch = {
        .stream = after->id,
        .expected_version = before->version == 0 ? ORDER_NO_STREAM : before->version,
        .events = event,
        .count = 1,
        .snapshot_every = snapshot_every,
    };
    int result = order_append(tx, &batch, err);
    if (result == 0)
        result = order_view_put(tx, after, err);
    if (result == 0)
        result = order_announce(tx, before, after, event, err);
    return result;
}

/* One attempt to change an order: what was loaded, and what was decided on it. */
struct attempt {
    const char *id;
    struct order before;
    struct order *after; /* the caller's */
    struct order_event event;
    int snapshot_every;
};

static int load(struct db_tx *tx, void *arg, struct error *err)
{
    struct attempt *attempt = arg;
    return order_load(tx, attempt->id, &attempt->before, err);
}

static int decide(struct attempt *attempt, const struct order_change *change, struct error *err)
{
    int64_t version = attempt->before.version;
    if (change->if_version != ORDER_ANY_VERSION && change->if_version != version)
        return error_set(err, ERR_CONFLICT, "The order is at version %lld.", (long long)version);

    attempt->event = (struct order_event){.command = change->command, .at_ms = change->now_ms};
    if (change->place != NULL)
        snprintf(attempt->event.place, sizeof attempt->event.place, "%s", change->place);
    *attempt->after = attempt->before;
    return order_apply(attempt->after, change->command, change->now_ms, err);
}

static int commit(struct db_tx *tx, void *arg, struct error *err)
{
    struct attempt *attempt = arg;
    return order_commit(tx, &attempt->before, attempt->after, &attempt->event,
                        attempt->snapshot_every, err);
}

int order_change(const struct order_store *orders, const struct order_change *change,
                 struct order *order, struct error *err)
{
    struct attempt attempt = {
        .id = change->id, .after = order, .snapshot_every = orders->snapshot_every};
    int result = ERR_CONFLICT;
    for (int i = 0; i < ORDER_CHANGE_ATTEMPTS && result == ERR_CONFLICT; i++) {
        result = store_read(orders->store, load, &attempt, err);
        if (result == 0)
            result = decide(&attempt, change, err);
        if (result != 0)
            return result;
        id_next(&orders->ids, change->now_ms, attempt.event.id);
        result = store_write(orders->store, commit, &attempt, err);
    }
    return result;
}
