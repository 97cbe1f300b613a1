/*
 * shipping-service: the pivot. It ships to everybody but user-900 to user-999, who live on an
 * island.
 */
#include "peers/participant.h"

static const char *refuse(const struct command *command, int64_t *cents)
{
    int64_t number = participant_number(command->customer_id, "user");
    (void)cents;
    return number >= 900 && number <= 999 ? "nobody ships to this island" : NULL;
}

static int open_service(void **state, struct error *err)
{
    static const struct participant participant = {
        .name = "shipping-service", .step = "ship", .refuse = refuse};
    return participant_open(state, &participant, err);
}

const struct peer shipping_service = {"shipping-service", participant_routes, open_service,
                                      participant_close};
