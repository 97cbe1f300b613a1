/* Step 4: domain events out. See order_outbox.h. */
#include "order_outbox.h"

#include "kit/error.h"
#include "order_api.h"

int order_announce(struct db_tx *tx, const struct order *before, const struct order *after,
                   const struct order_event *event, struct error *err)
{
    /* TODO(step 4): build the payload, then outbox_add through the same tx. */
    (void)tx, (void)before, (void)after, (void)event;
    return error_set(err, ERR_TODO, "TODO(step 4): order_announce");
}

int order_relay_pass(struct store *store, struct bus *bus, void *arg, struct error *err)
{
    /* TODO(step 4): peek, publish, remove. What is lost when the process dies in between? */
    (void)store, (void)bus, (void)arg;
    return error_set(err, ERR_TODO, "TODO(step 4): order_relay_pass");
}

int order_consume(struct db_tx *tx, const struct outbox_message *message, struct error *err)
{
    /* TODO(step 4): remember the id and count, or do neither. */
    (void)tx, (void)message;
    return error_set(err, ERR_TODO, "TODO(step 4): order_consume");
}

int order_consume_pass(struct store *store, struct bus *bus, void *arg, struct error *err)
{
    /* TODO(step 4): poll, consume, commit the position; in which order? */
    (void)store, (void)bus, (void)arg;
    return error_set(err, ERR_TODO, "TODO(step 4): order_consume_pass");
}

int64_t order_count(struct db_tx *tx, const char *topic, struct error *err)
{
    /* TODO(step 4): a topic without messages has no row. */
    (void)tx, (void)topic;
    return error_set(err, ERR_TODO, "TODO(step 4): order_count");
}
