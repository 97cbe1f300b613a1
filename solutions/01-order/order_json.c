/* Step 3: the order on the wire. See order_api.h and openapi.yaml. */
#include "order_api.h"

#include <stdio.h>

void order_json_items(struct json_writer *writer, const struct order_item *items, int count)
{
    json_open_array(writer, "items");
    for (int i = 0; i < count; i++) {
        json_open_object(writer, NULL);
        json_put_string(writer, "productId", items[i].product_id);
        json_put_string(writer, "productName", items[i].product_name);
        json_put_int64(writer, "quantity", items[i].quantity);
        json_put_cents(writer, "unitPrice", items[i].unit_price_cents);
        json_put_cents(writer, "totalPrice", items[i].total_price_cents);
        json_close_object(writer);
    }
    json_close_array(writer);
}

void order_json_write(const struct order *order, struct text *out)
{
    struct json_writer writer = json_writer(out);
    json_open_object(&writer, NULL);
    json_put_string(&writer, "id", order->id);
    json_put_string(&writer, "customerId", order->customer_id);
    json_put_string(&writer, "customerName", order->customer_name);
    json_put_string(&writer, "status", order_status_name(order->status));
    order_json_items(&writer, order->items, order->item_count);
    json_put_cents(&writer, "totalAmount", order->total_cents);
    json_put_time(&writer, "createdAt", order->created_at_ms);
    json_put_time(&writer, "updatedAt", order->updated_at_ms);
    json_close_object(&writer);
}

/* Prices are read, totals are not: what is computed is never taken from the client. */
void order_json_read(struct json_reader *reader, struct order *draft)
{
    *draft = (struct order){0};
    snprintf(draft->customer_id, sizeof draft->customer_id, "%s",
             json_string(reader, "customerId", 1, ORDER_KEY_MAX));
    draft->item_count = json_array(reader, "items", 1, ORDER_ITEMS_MAX);
    for (int i = 0; i < draft->item_count; i++) {
        struct json_reader element = json_element(reader, "items", i);
        struct order_item *item = &draft->items[i];
        snprintf(item->product_id, sizeof item->product_id, "%s",
                 json_string(&element, "productId", 1, ORDER_KEY_MAX));
        snprintf(item->product_name, sizeof item->product_name, "%s",
                 json_string_or(&element, "productName", ORDER_NAME_MAX, ""));
        item->quantity = json_int64(&element, "quantity", 1, ORDER_QUANTITY_MAX);
        item->unit_price_cents = json_cents(&element, "unitPrice", 0, ORDER_TOTAL_MAX_CENTS);
    }
}
