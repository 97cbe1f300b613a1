/*
 * inventory-service: reserves what is in the cart. There is enough of everything but of what is in
 * a cart called sold-out-N. (Lab 03's own participant keeps stock; this one stands in for it.)
 */
#include "peers/participant.h"

static const char *refuse(const struct command *command, int64_t *cents)
{
    (void)cents;
    return participant_number(command->cart_id, "sold-out") >= 0 ? "it is sold out" : NULL;
}

/* POST /settlements  200: nothing is kept of it here */
static void post_settlement(void *state, const struct peer_request *request,
                            struct peer_response *response)
{
    (void)state;
    (void)request;
    text_add(&response->body, "{}");
}

static const struct peer_route routes[] = {
    {"POST", "/commands", participant_command},
    {"GET", "/ledger", participant_ledger},
    {"POST", "/settlements", post_settlement},
    {NULL, NULL, NULL},
};

static int open_service(void **state, struct error *err)
{
    static const struct participant participant = {
        .name = "inventory-service", .step = "reserve", .compensated = 1, .refuse = refuse};
    return participant_open(state, &participant, err);
}

const struct peer inventory_service = {"inventory-service", routes, open_service,
                                       participant_close};
