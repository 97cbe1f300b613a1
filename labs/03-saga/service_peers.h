/*
 * Commands on the wire: what the services that take part are sent, and what their answers mean.
 * Given: nothing to write here.
 */
#ifndef LAB03_SERVICE_PEERS_H
#define LAB03_SERVICE_PEERS_H

#include "kit/http_client.h"
#include "saga.h"

struct peer_command {
    const char *url; /* of the service */
    const struct saga_checkout *checkout;
    const struct saga_command *command;
    const struct trace *trace;
    int64_t deadline_ms;
};

/*
 * POST url/commands, Idempotency-Key: the command's key,
 *      {"saga","step","direction","attempt","cartId","customerId","coupon","amount"}
 *   200 {"answer":"ok","cents":12000}           OK
 *   409 or 422                                  REJECTED
 *   anything else, no connection included       UNKNOWN
 *   nothing in time                             0 is returned: the saga's own timer tells it
 * A refused connection surely had no effect, but UNKNOWN is safe there too: the command is sent
 * again, or undone at a participant that never saw it. REJECTED would end the checkout because a
 * service was being restarted.
 * 1 when reply is filled.
 */
int peer_send(struct http_client *client, const struct peer_command *what,
              struct saga_reply *reply);

/* POST url/settlements {"saga"}: the checkout has COMPLETED, so what it reserved is sold. Of what,
   command is not looked at. 1 when that was heard; any number of times is as good as one. */
int peer_settle(struct http_client *client, const struct peer_command *what);

#endif
