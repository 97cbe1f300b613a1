/* Step 1: the order entity. See order.h. */
#include "order.h"

#include <assert.h>
#include <string.h>
#include "kit/error.h"

static const char *const status_names[ORDER_STATUSES] = {
    [ORDER_PENDING] = "PENDING",     [ORDER_CONFIRMED] = "CONFIRMED", [ORDER_SHIPPED] = "SHIPPED",
    [ORDER_DELIVERED] = "DELIVERED", [ORDER_CANCELLED] = "CANCELLED",
};

static const char *const command_names[ORDER_COMMANDS] = {
    [ORDER_CREATE] = "created again", [ORDER_CONFIRM] = "confirmed", [ORDER_SHIP] = "shipped",
    [ORDER_TRACK] = "tracked",        [ORDER_DELIVER] = "delivered", [ORDER_CANCEL] = "cancelled",
};

/* One edge of the picture in order.h. Whatever has no edge is refused. */
struct transition {
    enum order_status from;
    enum order_command command;
    enum order_status to;
};

static const struct transition transitions[] = {
    {ORDER_PENDING, ORDER_CONFIRM, ORDER_CONFIRMED},
    {ORDER_CONFIRMED, ORDER_SHIP, ORDER_SHIPPED},
    {ORDER_SHIPPED, ORDER_TRACK, ORDER_SHIPPED},
    {ORDER_SHIPPED, ORDER_DELIVER, ORDER_DELIVERED},
    {ORDER_PENDING, ORDER_CANCEL, ORDER_CANCELLED},
    {ORDER_CONFIRMED, ORDER_CANCEL, ORDER_CANCELLED},
    {ORDER_SHIPPED, ORDER_CANCEL, ORDER_CANCELLED},
};

static int check_draft(const struct order *draft, struct error *err)
{
    if (draft->id[0] == '\0')
        return error_set(err, ERR_INVALID, "The order needs an id.");
    if (draft->customer_id[0] == '\0')
        return error_set(err, ERR_INVALID, "The order needs a customer id.");
    if (draft->item_count < 1 || draft->item_count > ORDER_ITEMS_MAX)
        return error_set(err, ERR_INVALID, "An order has 1 to %d items.", ORDER_ITEMS_MAX);

    int64_t left_cents = ORDER_TOTAL_MAX_CENTS;
    for (int i = 0; i < draft->item_count; i++) {
        const struct order_item *item = &draft->items[i];
        if (item->product_id[0] == '\0')
            return error_set(err, ERR_INVALID, "items[%d] needs a product id.", i);
        if (item->quantity < 1 || item->quantity > ORDER_QUANTITY_MAX)
            return error_set(err, ERR_INVALID, "The quantity of items[%d] is not from 1 to %lld.",
                             i, (long long)ORDER_QUANTITY_MAX);
        if (item->unit_price_cents < 0)
            return error_set(err, ERR_INVALID, "The unit price of items[%d] is negative.", i);
        /* Dividing the limit cannot overflow, as multiplying with the quantity can. */
        if (item->unit_price_cents > left_cents / item->quantity)
            return error_set(err, ERR_INVALID, "The items add up to more than 99999999.99.");
        left_cents -= item->quantity * item->unit_price_cents;
    }
    return 0;
}

int order_create(struct order *order, const struct order *draft, int64_t now_ms, struct error *err)
{
    int result = check_draft(draft, err);
    if (result != 0)
        return result;

    *order = *draft; /* from here on nothing can fail, or overflow */
    order->status = ORDER_PENDING;
    order->version = 1;
    order->created_at_ms = now_ms;
    order->updated_at_ms = now_ms;
    order->total_cents = 0;
    for (int i = 0; i < order->item_count; i++) {
        struct order_item *item = &order->items[i];
        item->total_price_cents = item->quantity * item->unit_price_cents;
        order->total_cents += item->total_price_cents;
    }
    return 0;
}

int order_apply(struct order *order, enum order_command command, int64_t now_ms, struct error *err)
{
    for (size_t i = 0; i < sizeof transitions / sizeof *transitions; i++) {
        if (transitions[i].from != order->status || transitions[i].command != command)
            continue;
        order->status = transitions[i].to;
        order->updated_at_ms = now_ms;
        order->version++;
        return 0;
    }
    return error_set(err, ERR_REFUSED, "An order that is %s cannot be %s.",
                     order_status_name(order->status), command_names[command]);
}

const char *order_status_name(enum order_status status)
{
    assert(status < ORDER_STATUSES);
    return status_names[status];
}

int order_status_parse(const char *word, enum order_status *status, struct error *err)
{
    for (int i = 0; i < ORDER_STATUSES; i++) {
        if (strcmp(word, status_names[i]) == 0) {
            *status = (enum order_status)i;
            return 0;
        }
    }
    return error_set(err, ERR_INVALID, "'%.32s' is no status of an order.", word);
}
