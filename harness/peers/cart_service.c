/*
 * cart-service: what is in a cart, and what it costs. cart-N costs N dollars, cart-0 is empty, and
 * no other cart exists, but sold-out-N, which costs as much and cannot be delivered.
 */
#include "peers/participant.h"

enum { TOTAL_MAX_DOLLARS = 99999999 };

static const char *refuse(const struct command *command, int64_t *cents)
{
    int64_t dollars = participant_cart(command->cart_id);
    if (dollars < 0)
        return "there is no such cart";
    if (dollars == 0)
        return "the cart is empty";
    if (dollars > TOTAL_MAX_DOLLARS)
        return "the cart costs more than 99,999,999.99";
    *cents = dollars * 100;
    return NULL;
}

static int open_service(void **state, struct error *err)
{
    static const struct participant participant = {
        .name = "cart-service", .step = "validate", .refuse = refuse};
    return participant_open(state, &participant, err);
}

const struct peer cart_service = {"cart-service", participant_routes, open_service,
                                  participant_close};
