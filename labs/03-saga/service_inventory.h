/*
 * The student's inventory as a process of its own: the same program, started with
 * HOST=inventory. Given: nothing to write here.
 *
 *   POST /commands      as service_peers.h says; one piece of "goods" for a cart called cart-N, one
 *                       of what the cart is called for any other: there is none of that
 *   POST /settlements   {"saga"} -> 200: the checkout has COMPLETED
 *   GET /ledger         {"service","onHand","pending","done","undone","barred",
 *                       "sagas":[{"saga","done","undone","barred"}]}
 *
 * It opens with STOCK pieces of goods on the shelf.
 */
#ifndef LAB03_SERVICE_INVENTORY_H
#define LAB03_SERVICE_INVENTORY_H

#include "kit/service.h"

enum { INVENTORY_STOCK = 1000000 };

extern const struct service_definition inventory_definition;

#endif
