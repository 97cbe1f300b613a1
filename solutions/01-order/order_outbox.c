/* Step 4: domain events out. See order_outbox.h. */
#include "order_outbox.h"

#include "kit/error.h"
#include "kit/json.h"
#include "order_api.h"

/* ---- Into the outbox ---- */

int order_announce(struct db_tx *tx, const struct order *before, const struct order *after,
                   const struct order_event *event, struct error *err)
{
    int created = before->version == 0;
    if (!created && before->status == after->status)
        return 0;

    struct text payload = {0};
    struct json_writer writer = json_writer(&payload);
    json_open_object(&writer, NULL);
    json_put_string(&writer, "eventId", event->id);
    json_put_string(&writer, "orderId", after->id);
    if (created) {
        json_put_string(&writer, "customerId", after->customer_id);
        order_json_items(&writer, after->items, after->item_count);
        json_put_cents(&writer, "totalAmount", after->total_cents);
    } else {
        json_put_string(&writer, "oldStatus", order_status_name(before->status));
        json_put_string(&writer, "newStatus", order_status_name(after->status));
    }
    json_put_time(&writer, "at", event->at_ms);
    json_close_object(&writer);

    int result = outbox_add(tx, event->id, created ? "order.created" : "order.status.changed",
                            after->id, event->at_ms, text_str(&payload), err);
    text_release(&payload);
    return result;
}

/* ---- From the outbox to the bus ---- */

struct batch {
    struct outbox_message messages[ORDER_RELAY_MAX];
    int count;
};

static void release_batch(struct batch *batch)
{
    for (int i = 0; i < batch->count; i++)
        outbox_message_release(&batch->messages[i]);
}

static int peek(struct db_tx *tx, void *arg, struct error *err)
{
    struct batch *batch = arg;
    int count = outbox_peek(tx, batch->messages, ORDER_RELAY_MAX, err);
    batch->count = count > 0 ? count : 0;
    return count;
}

static int remove_sent(struct db_tx *tx, void *arg, struct error *err)
{
    const struct batch *batch = arg;
    return outbox_remove(tx, batch->messages[batch->count - 1].sequence, err);
}

/* Removing comes after publishing: a crash between the two sends again, and loses nothing. */
int order_relay_pass(struct store *store, struct bus *bus, void *arg, struct error *err)
{
    (void)arg;
    struct batch batch = {0};
    int result = store_read(store, peek, &batch, err);
    if (result > 0)
        result = bus_publish(bus, batch.messages, batch.count, err);
    if (batch.count > 0 && result >= 0)
        result = store_write(store, remove_sent, &batch, err);
    release_batch(&batch);
    return result < 0 ? result : batch.count;
}

/* ---- A consumer ---- */

int order_consume(struct db_tx *tx, const struct outbox_message *message, struct error *err)
{
    struct db_query *q = db_query(tx, "INSERT INTO order_seen (message_id) VALUES (?)"
                                      " ON CONFLICT (message_id) DO NOTHING");
    db_bind_text(q, 1, message->id);
    int result = db_finish(q, err);
    if (result != 0 || db_changes(tx) == 0)
        return result; /* failed, or seen before */

    q = db_query(tx, "INSERT INTO order_counts (topic, messages) VALUES (?, 1)"
                     " ON CONFLICT (topic) DO UPDATE SET messages = order_counts.messages + 1");
    db_bind_text(q, 1, message->topic);
    return db_finish(q, err);
}

static int consume_batch(struct db_tx *tx, void *arg, struct error *err)
{
    const struct batch *batch = arg;
    int result = 0;
    for (int i = 0; i < batch->count && result == 0; i++)
        result = order_consume(tx, &batch->messages[i], err);
    return result;
}

/* The position moves after the effects: a crash between the two delivers again, and order_seen
   knows it. */
int order_consume_pass(struct store *store, struct bus *bus, void *arg, struct error *err)
{
    (void)arg;
    static const char group[] = "order-counts";
    struct batch batch = {0};
    int result = bus_poll(bus, group, batch.messages, ORDER_RELAY_MAX, err);
    if (result > 0) {
        batch.count = result;
        result = store_write(store, consume_batch, &batch, err);
        if (result == 0)
            result = bus_commit(bus, group, batch.messages[batch.count - 1].sequence, err);
    }
    release_batch(&batch);
    return result < 0 ? result : batch.count;
}

int64_t order_count(struct db_tx *tx, const char *topic, struct error *err)
{
    struct db_query *q = db_query(tx, "SELECT messages FROM order_counts WHERE topic = ?");
    db_bind_text(q, 1, topic);
    int64_t messages = db_step(q) == DB_ROW ? db_column_int64(q, 0) : 0;
    int result = db_finish(q, err);
    return result == 0 ? messages : result;
}
