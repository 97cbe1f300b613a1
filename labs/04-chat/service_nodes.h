/*
 * Where everything is: which node of the design owns what, and how to ask it. Given: nothing to
 * write here.
 *
 * A process is one node of a service of the student's design: NODE says which, and the design says
 * what it hosts. Every other node that it may ask is in NODES, with its address in NAME_URL
 * (message-1: MESSAGE_1_URL). A channel has one message node and one home gateway, both by
 * placement_of.
 */
#ifndef LAB04_SERVICE_NODES_H
#define LAB04_SERVICE_NODES_H

#include "chat.h"
#include "chat_nodes.h"
#include "kit/json.h"
#include "kit/service.h"

struct nodes;

/* Builds the design and reads NODE, NODES and GATEWAYS (the gateways in use, when not all are).
   ERR_INVALID, ERR_TODO with a sentence that names the line of the design or the variable. */
int nodes_open(struct nodes **out, const struct service *service, struct error *err);
void nodes_close(struct nodes *nodes); /* NULL is fine */

const struct chat_model *nodes_model(const struct nodes *nodes);
const char *nodes_own_name(const struct nodes *nodes);
/* 1 when this node's service owns the capability. */
int nodes_host(const struct nodes *nodes, enum capability capability);

/* The names of the capability's nodes that are in use, borrowed; how many (0: none was started). */
int nodes_of(struct nodes *nodes, enum capability capability, const char *names[CHAT_NODES_MAX]);
/* All gateways, also those that are not in use. */
int nodes_all_gateways(const struct nodes *nodes, const char *names[CHAT_NODES_MAX]);
/* The one that keeps the channel; of a capability with one node channel may be NULL. NULL: there is
   none. */
const char *nodes_keeper(struct nodes *nodes, enum capability capability, const char *channel);
const char *nodes_url(const struct nodes *nodes, const char *name);
/* From now on these gateways are in use. ERR_INVALID when one is not in NODES; nothing changes. */
int nodes_use_gateways(struct nodes *nodes, const char *const *names, int count, struct error *err);

struct node_call {
    const char *node; /* NULL: as if it did not answer */
    const char *method, *path;
    const char *user, *body;
    int64_t deadline_ms; /* 0: NODE_CALL_MS */
    const struct trace *trace;
};
enum { NODE_CALL_MS = 1000 };
/* Asks a node. reply is the caller's to release; its status is 0 when there was no answer. */
void nodes_call(struct nodes *nodes, const struct node_call *call, struct http_reply *reply);
/* The object that its 200 brings, the caller's to cJSON_Delete. NULL, and ERR_UNAVAILABLE in err:
   there was none. */
cJSON *nodes_get(struct nodes *nodes, const struct node_call *call, struct error *err);

#endif
