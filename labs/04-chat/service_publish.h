/*
 * Tells the gateways what was stored. Given: nothing to write here.
 *
 * A queue and a thread for each gateway, so that one that hangs delays no other. Messages travel in
 * batches as the design says: it posts an event from the messages' owner to the connections'
 * (batch, batch_ms), or streams it, or does neither; then gateways hear of news by asking alone.
 * What is published is a hint: when a gateway does not take it, or PUBLISH_WAITING_MAX wait, it is
 * dropped.
 */
#ifndef LAB04_SERVICE_PUBLISH_H
#define LAB04_SERVICE_PUBLISH_H

#include "service_host.h"

enum { PUBLISH_WAITING_MAX = 1000 };

struct publisher;
int publisher_open(struct publisher **out, struct host *host, struct error *err);
void publisher_close(struct publisher *publisher); /* NULL is fine */
/* Queues a copy for the channel's home gateway. */
void publisher_add(struct publisher *publisher, const struct chat_message *message);

#endif
