/* Step 2: events and snapshots as JSON, and the fold. See order_events.h. */
#include "order_events.h"

#include <stdio.h>
#include <string.h>
#include "kit/error.h"
#include "kit/json.h"

/* The type and the newest schema of each command's event. */
static const struct {
    const char *type;
    int schema;
} kinds[ORDER_COMMANDS] = {
    [ORDER_CREATE] = {"order.created", 2},    [ORDER_CONFIRM] = {"order.confirmed", 1},
    [ORDER_SHIP] = {"order.shipped", 1},      [ORDER_TRACK] = {"order.tracked", 1},
    [ORDER_DELIVER] = {"order.delivered", 1}, [ORDER_CANCEL] = {"order.cancelled", 1},
};

const char *order_event_type(enum order_command command)
{
    return kinds[command].type;
}

int order_event_schema(enum order_command command)
{
    return kinds[command].schema;
}

/* ---- What order.created and a snapshot share: id, customer and items ---- */

static void write_draft(struct json_writer *writer, const struct order *draft)
{
    json_put_string(writer, "id", draft->id);
    json_put_string(writer, "customerId", draft->customer_id);
    json_put_string(writer, "customerName", draft->customer_name);
    json_open_array(writer, "items");
    for (int i = 0; i < draft->item_count; i++) {
        const struct order_item *item = &draft->items[i];
        json_open_object(writer, NULL);
        json_put_string(writer, "productId", item->product_id);
        json_put_string(writer, "productName", item->product_name);
        json_put_int64(writer, "quantity", item->quantity);
        json_put_int64(writer, "unitPriceCents", item->unit_price_cents);
        json_close_object(writer);
    }
    json_close_array(writer);
}

static void read_text(struct json_reader *reader, const char *name, char *to, size_t size)
{
    snprintf(to, size, "%s", json_string(reader, name, 0, size - 1));
}

static void read_draft(struct json_reader *reader, struct order *draft)
{
    *draft = (struct order){0};
    read_text(reader, "id", draft->id, sizeof draft->id);
    read_text(reader, "customerId", draft->customer_id, sizeof draft->customer_id);
    read_text(reader, "customerName", draft->customer_name, sizeof draft->customer_name);
    draft->item_count = json_array(reader, "items", 1, ORDER_ITEMS_MAX);
    for (int i = 0; i < draft->item_count; i++) {
        struct json_reader element = json_element(reader, "items", i);
        struct order_item *item = &draft->items[i];
        read_text(&element, "productId", item->product_id, sizeof item->product_id);
        read_text(&element, "productName", item->product_name, sizeof item->product_name);
        item->quantity = json_int64(&element, "quantity", 1, ORDER_QUANTITY_MAX);
        item->unit_price_cents = json_int64(&element, "unitPriceCents", 0, ORDER_TOTAL_MAX_CENTS);
    }
}

/* 0, or ERR_CORRUPT with the first thing that was wrong. */
static int stored_json_error(const char *what, const struct json_errors *errors, struct error *err)
{
    if (errors->count == 0)
        return 0;
    return error_set(err, ERR_CORRUPT, "A stored %s cannot be read: %s %s.", what,
                     errors->fields[0].path, errors->fields[0].reason);
}

/* ---- Events ---- */

void order_event_encode(const struct order_event *event, struct text *out)
{
    struct json_writer writer = json_writer(out);
    json_open_object(&writer, NULL);
    if (event->command == ORDER_CREATE)
        write_draft(&writer, event->draft);
    if (event->command == ORDER_TRACK)
        json_put_string(&writer, "place", event->place);
    json_close_object(&writer);
}

/*
 * order.created from schema 1 to schema 2: "price":19.9 becomes "unitPriceCents":1990. Only the
 * tree in memory changes, never the stored bytes. What is wrong with a price is left as it is, and
 * the reader of schema 2 will miss its unitPriceCents.
 */
static void upcast_created_1(cJSON *payload)
{
    cJSON *item = NULL;
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(payload, "items"))
    {
        const cJSON *price = cJSON_GetObjectItemCaseSensitive(item, "price");
        int64_t cents = 0;
        if (cJSON_IsNumber(price) && json_cents_from_double(price->valuedouble, &cents) == 0)
            cJSON_AddNumberToObject(item, "unitPriceCents", (double)cents);
    }
}

/* The command whose events have this type; ORDER_COMMANDS when there is none. */
static enum order_command command_of(const char *type)
{
    enum order_command command = 0;
    while (command < ORDER_COMMANDS && strcmp(type, kinds[command].type) != 0)
        command++;
    return command;
}

int order_event_decode(const char *type, int64_t schema, const char *payload,
                       struct order_event *event, struct order *draft, struct error *err)
{
    enum order_command command = command_of(type);
    if (command == ORDER_COMMANDS)
        return error_set(err, ERR_CORRUPT, "The event type '%.64s' is not known.", type);
    if (schema < 1 || schema > kinds[command].schema)
        return error_set(err, ERR_CORRUPT, "Schema %lld of %s is not known.", (long long)schema,
                         type);

    cJSON *tree = json_parse(payload, strlen(payload), err);
    if (tree == NULL)
        return ERR_CORRUPT;
    if (command == ORDER_CREATE && schema == 1)
        upcast_created_1(tree);

    struct json_errors errors = {0};
    struct json_reader reader = json_reader(tree, &errors);
    *event = (struct order_event){.command = command};
    if (command == ORDER_CREATE) {
        read_draft(&reader, draft);
        event->draft = draft;
    }
    if (command == ORDER_TRACK)
        read_text(&reader, "place", event->place, sizeof event->place);
    cJSON_Delete(tree);
    return stored_json_error(type, &errors, err);
}

int order_fold(struct order *order, const struct order_event *event, struct error *err)
{
    struct error why = {0};
    int result = ERR_REFUSED;
    if (event->command == ORDER_CREATE && order->version == 0)
        result = order_create(order, event->draft, event->at_ms, &why);
    else if (order->version > 0)
        result = order_apply(order, event->command, event->at_ms, &why);
    if (result == 0)
        return 0;
    return error_set(err, ERR_CORRUPT, "A stored %s cannot follow version %lld. %s",
                     order_event_type(event->command), (long long)order->version, why.text);
}

/* ---- Snapshots ---- */

void order_snapshot_encode(const struct order *order, struct text *out)
{
    struct json_writer writer = json_writer(out);
    json_open_object(&writer, NULL);
    write_draft(&writer, order);
    json_put_string(&writer, "status", order_status_name(order->status));
    json_put_int64(&writer, "version", order->version);
    json_put_int64(&writer, "createdAtMs", order->created_at_ms);
    json_put_int64(&writer, "updatedAtMs", order->updated_at_ms);
    json_close_object(&writer);
}

/* Totals are not stored, so the order is created again, and then brought to where it was. */
int order_snapshot_decode(const char *state, struct order *order, struct error *err)
{
    cJSON *tree = json_parse(state, strlen(state), err);
    if (tree == NULL)
        return ERR_CORRUPT;

    struct json_errors errors = {0};
    struct json_reader reader = json_reader(tree, &errors);
    read_draft(&reader, order);
    int64_t created_at_ms = json_int64(&reader, "createdAtMs", INT64_MIN, INT64_MAX);
    int64_t updated_at_ms = json_int64(&reader, "updatedAtMs", INT64_MIN, INT64_MAX);
    int64_t version = json_int64(&reader, "version", 1, INT64_MAX);
    enum order_status status = ORDER_PENDING;
    if (order_status_parse(json_string(&reader, "status", 1, 16), &status, NULL) != 0)
        json_wrong(&reader, "status", "is no status of an order");
    cJSON_Delete(tree);

    int result = stored_json_error("snapshot", &errors, err);
    if (result == 0 && order_create(order, order, created_at_ms, err) != 0)
        result = ERR_CORRUPT;
    if (result != 0)
        return result;
    order->status = status;
    order->version = version;
    order->updated_at_ms = updated_at_ms;
    return 0;
}
