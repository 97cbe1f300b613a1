/*
 * Lab 01, step 4: domain events out, by kit/outbox.h to kit/bus.h.
 *
 *   topic                  payload
 *   order.created          {"eventId","orderId","customerId","items":[...],"totalAmount","at"}
 *   order.status.changed   {"eventId","orderId","oldStatus","newStatus","at"}
 *
 * The message's id is the event's id, its key is the order's id. items and totalAmount are written
 * as in the order's own JSON (openapi.yaml), at is RFC 3339.
 */
#ifndef ORDER_OUTBOX_H
#define ORDER_OUTBOX_H

#include "kit/bus.h"
#include "kit/outbox.h"
#include "kit/relay.h"
#include "order_events.h"

enum { ORDER_RELAY_MAX = 64 }; /* messages in one pass */

/*
 * Writes the message of an accepted command to the outbox, inside the transaction that stores its
 * event (P1). before is the order before the command (version 0: a new order): oldStatus is its
 * status. ORDER_TRACK changes no status and sends nothing (PIN).
 */
int order_announce(struct db_tx *tx, const struct order *before, const struct order *after,
                   const struct order_event *event, struct error *err);

/*
 * One pass of the relay (a relay_pass of kit/relay.h): peek at up to ORDER_RELAY_MAX messages,
 * publish them, then remove them; in an order that may send twice but never loses (P2). A publish
 * that fails leaves the outbox as it was.
 * The number of messages that were passed on, or a negative code. arg is not used.
 */
int order_relay_pass(struct store *store, struct bus *bus, void *arg, struct error *err);

/*
 * A consumer that counts messages by topic, each message id once however often it is delivered
 * (P2): remembers the id in order_seen and adds to order_counts in the same transaction.
 * A message that was counted before is not an error.
 */
int order_consume(struct db_tx *tx, const struct outbox_message *message, struct error *err);

/* One pass of the consumer over the bus, as group "order-counts": poll up to ORDER_RELAY_MAX,
   consume them in one store_write, then move the group's position. Returns as order_relay_pass. */
int order_consume_pass(struct store *store, struct bus *bus, void *arg, struct error *err);

/* How many messages of the topic were counted; 0 for none. Negative code on error. */
int64_t order_count(struct db_tx *tx, const char *topic, struct error *err);

#endif
