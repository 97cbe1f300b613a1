/*
 * notification-service: confirms by mail. user-0 has no address: a confirmation to user-0 is
 * rejected, however often it is tried.
 */
#include "peers/participant.h"

static const char *refuse(const struct command *command, int64_t *cents)
{
    (void)cents;
    return participant_number(command->customer_id, "user") == 0 ? "user-0 has no address" : NULL;
}

static int open_service(void **state, struct error *err)
{
    static const struct participant participant = {
        .name = "notification-service", .step = "confirm", .retried = 1, .refuse = refuse};
    return participant_open(state, &participant, err);
}

const struct peer notification_service = {"notification-service", participant_routes, open_service,
                                          participant_close};
