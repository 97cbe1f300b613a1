/*
 * What a node hosts, and what its parts share. Given: nothing to write here.
 *
 * A part does the work of one capability: service_streams.c and service_gateway.c the connections,
 * service_message.c the messages, and so on. A node has the parts of what its service owns, in one
 * process and over one database: of a design that cuts in another way the processes are others, the
 * parts are the same.
 */
#ifndef LAB04_SERVICE_HOST_H
#define LAB04_SERVICE_HOST_H

#include "kit/http_server.h"
#include "kit/store.h"
#include "service_nodes.h"

struct host {
    struct service *service;
    struct nodes *nodes;
    struct store *store;
    void *parts[CAPABILITIES]; /* the state of each part that this node hosts */
};

struct part {
    enum capability capability;
    const char *schema; /* of its tables; NULL: it stores nothing */
    const struct http_route *routes;
    int (*open)(struct host *host, void **state, struct error *err); /* NULL: it has no state */
    void (*close)(void *state);
};
extern const struct part user_part, workspace_part, channel_part, message_part, gateway_part,
    presence_part, notify_part, file_part, search_part;

/* Handlers get the service; this is its host. */
struct host *host_of(void *context);

#endif
