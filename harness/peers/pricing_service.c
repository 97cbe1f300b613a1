/*
 * pricing-service: coupons. coupon-N takes N dollars off a cart that costs as much; "" takes
 * nothing; there are no others.
 */
#include "peers/participant.h"

static const char *refuse(const struct command *command, int64_t *cents)
{
    if (command->coupon[0] == '\0')
        return NULL;
    int64_t dollars = participant_number(command->coupon, "coupon");
    if (dollars < 0)
        return "there is no such coupon";
    if (dollars > participant_cart(command->cart_id))
        return "the coupon takes off more than the cart costs";
    *cents = dollars * 100;
    return NULL;
}

static int open_service(void **state, struct error *err)
{
    static const struct participant participant = {
        .name = "pricing-service", .step = "discount", .compensated = 1, .refuse = refuse};
    return participant_open(state, &participant, err);
}

const struct peer pricing_service = {"pricing-service", participant_routes, open_service,
                                     participant_close};
