/*
 * Lab 01, step 2: events, as values and as JSON.
 *
 * An event is an accepted command. An order is what remains when its events are applied one after
 * the other, by the same rules that accepted them. Nothing here reads a clock or a database.
 *
 * Payloads, by type. Only order.created has an older schema.
 *
 *   order.created    schema 2  {"id":"o-1","customerId":"user-123","customerName":"Ada",
 *                               "items":[{"productId":"prod-1","productName":"Pen","quantity":2,
 *                                         "unitPriceCents":1990}]}
 *                    schema 1  the same, but an item's price is "price":19.9, in major units
 *   order.tracked    schema 1  {"place":"Hamburg"}
 *   order.confirmed, order.shipped, order.delivered, order.cancelled    schema 1  {}
 *
 * Totals are not stored: they follow from the items. Readers ignore members they do not know.
 */
#ifndef ORDER_EVENTS_H
#define ORDER_EVENTS_H

#include "kit/text.h"
#include "order.h"

struct order_event {
    char id[ID_SIZE]; /* unique; the same id again is the same event again */
    enum order_command command;
    int64_t at_ms;
    char place[ORDER_NAME_MAX + 1]; /* ORDER_TRACK only */
    const struct order *draft;      /* ORDER_CREATE only: what order_create was given; borrowed */
};

/* "order.created", "order.confirmed", ... Static text. */
const char *order_event_type(enum order_command command);

/* The newest schema of the command's payload, which order_event_encode writes. */
int order_event_schema(enum order_command command);

/* Appends the event's payload to out. The same event gives the same bytes. */
void order_event_encode(const struct order_event *event, struct text *out);

/*
 * Reads a payload of any schema that was ever written (E4) into event's command and place; for
 * ORDER_CREATE fills *draft and points event->draft at it. The event's id and at_ms become empty,
 * the caller's to fill. An older schema is first turned into the
 * newest one in memory (an upcaster), then read by the one reader.
 * ERR_CORRUPT for a type or schema that is not known (E2), or a payload that is not as above.
 */
int order_event_decode(const char *type, int64_t schema, const char *payload,
                       struct order_event *event, struct order *draft, struct error *err);

/*
 * Folds one event into the order; an order with version 0 does not exist yet (E2).
 * ERR_CORRUPT, with the order untouched, when the event cannot follow: it was never accepted here.
 */
int order_fold(struct order *order, const struct order_event *event, struct error *err);

/*
 * A whole order as JSON, for a snapshot (E3), schema ORDER_SNAPSHOT_SCHEMA:
 *     the members of order.created schema 2, then "status":"SHIPPED","version":7,
 *     "createdAtMs":1700000000000,"updatedAtMs":1700000000000
 * Reading: ERR_CORRUPT when it is not that.
 */
enum { ORDER_SNAPSHOT_SCHEMA = 2 };
void order_snapshot_encode(const struct order *order, struct text *out);
int order_snapshot_decode(const char *state, struct order *order, struct error *err);

#endif
