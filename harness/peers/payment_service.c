/*
 * payment-service: charges cards, whose limit is 10,000.00, and gives money back.
 */
#include "peers/participant.h"

enum { CARD_LIMIT_CENTS = 1000000 };

static const char *refuse(const struct command *command, int64_t *cents)
{
    (void)cents; /* the answer to a charge names no amount: the saga sent it */
    if (command->amount_cents < 0)
        return "nobody can be charged less than nothing";
    return command->amount_cents > CARD_LIMIT_CENTS ? "it is beyond the card's limit" : NULL;
}

static int open_service(void **state, struct error *err)
{
    static const struct participant participant = {
        .name = "payment-service", .step = "pay", .compensated = 1, .refuse = refuse};
    return participant_open(state, &participant, err);
}

const struct peer payment_service = {"payment-service", participant_routes, open_service,
                                     participant_close};
