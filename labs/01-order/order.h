/*
 * Lab 01, step 1: the order entity.
 *
 *                 confirm             ship            deliver
 *     PENDING ------------> CONFIRMED -----> SHIPPED ---------> DELIVERED
 *        \______________________|_______________/
 *                            cancel                            CANCELLED
 *
 * Everything here is pure: no clock, no randomness, no database. Money is a whole number of cents.
 * An order is a plain value: it owns no memory and is copied by assignment.
 */
#ifndef ORDER_H
#define ORDER_H

#include <stdint.h>
#include "kit/id.h"

struct error;

enum {
    ORDER_ITEMS_MAX = 100, /* items in one order, at least 1 */
    ORDER_KEY_MAX = 64,    /* bytes in a customer's or product's id, at least 1 */
    ORDER_NAME_MAX = 100,  /* bytes in a name or place; "" is allowed */
};
#define ORDER_TOTAL_MAX_CENTS INT64_C(9999999999) /* 99,999,999.99 */
/* Of one item; more would not fit, at a cent each. */
#define ORDER_QUANTITY_MAX INT64_C(9999999999)

enum order_status {
    ORDER_PENDING,
    ORDER_CONFIRMED,
    ORDER_SHIPPED,
    ORDER_DELIVERED,
    ORDER_CANCELLED,
    ORDER_STATUSES /* how many */
};

enum order_command {
    ORDER_CREATE, /* by order_create; refused on an order that exists */
    ORDER_CONFIRM,
    ORDER_SHIP,
    ORDER_TRACK, /* the parcel was seen at a place; changes no status */
    ORDER_DELIVER,
    ORDER_CANCEL,
    ORDER_COMMANDS /* how many */
};

struct order_item {
    char product_id[ORDER_KEY_MAX + 1];
    char product_name[ORDER_NAME_MAX + 1];
    int64_t quantity;
    int64_t unit_price_cents;
    int64_t total_price_cents; /* quantity x unit price */
};

struct order {
    char id[ID_SIZE];
    char customer_id[ORDER_KEY_MAX + 1];
    char customer_name[ORDER_NAME_MAX + 1];
    enum order_status status;
    int64_t version;       /* accepted commands so far: 1 after create; 0 = there is no order yet */
    int64_t created_at_ms; /* wall time, like every time here */
    int64_t updated_at_ms;
    int64_t total_cents; /* the sum of the items' totals */
    int item_count;
    struct order_item items[ORDER_ITEMS_MAX]; /* item_count of them */
};

/*
 * Makes a new order from draft at now_ms: PENDING, version 1, both times now_ms (O1).
 * A draft is an order of which only the id, the customer and the items count: the rest is ignored,
 * totals too. It may be *order itself. Every item's total is quantity x unit price and the order's
 * total is their sum (O2).
 * ERR_INVALID, with the order untouched, when id, customer id or a product id is empty, there are
 * no items or too many, a quantity is not 1 to ORDER_QUANTITY_MAX, a unit price is negative, or the
 * total is more than ORDER_TOTAL_MAX_CENTS, however large the numbers are (no product or sum may
 * wrap).
 */
int order_create(struct order *order, const struct order *draft, int64_t now_ms, struct error *err);

/*
 * Carries out command at now_ms (O3): the status as in the picture, updated_at_ms = now_ms, even
 * when that is earlier, version + 1; created_at_ms never moves (O4).
 *     cancel  from PENDING, CONFIRMED or SHIPPED
 *     track   while SHIPPED, any number of times; the status stays. The place is not kept in the
 *             order, only in the event (step 2).
 * ERR_REFUSED when the state does not allow it; nothing of the order changes then.
 */
int order_apply(struct order *order, enum order_command command, int64_t now_ms, struct error *err);

/* "PENDING", "CONFIRMED", "SHIPPED", "DELIVERED", "CANCELLED". Static text. */
const char *order_status_name(enum order_status status);

/* The status of a word, exactly as order_status_name writes it. ERR_INVALID for any other word. */
int order_status_parse(const char *word, enum order_status *status, struct error *err);

#endif
