/*
 * The processes of the walking skeleton: a service of the design that owns something is one node or
 * several, each a process of its own. Given.
 *
 * The judge starts them and each of them finds the others by these names, so both ask here.
 */
#ifndef LAB04_CHAT_NODES_H
#define LAB04_CHAT_NODES_H

#include "chat_model.h"

enum {
    CHAT_GATEWAYS = 3,      /* nodes of the service that owns the connections */
    CHAT_MESSAGE_NODES = 2, /* of the one that owns the messages, unless it is the same */
    CHAT_NODES_MAX = 16,
    CHAT_NODE_SIZE = DESIGN_NAME_SIZE + 8
};

/* How many nodes a service has: 0 when it owns nothing. */
int chat_node_count(const struct chat_model *model, int service);
/* The name of its node `number`, 1..9: "message-1" for the service "message". Different for any two
   nodes of a design. */
void chat_node_name(const struct chat_model *model, int service, int number,
                    char out[CHAT_NODE_SIZE]);

#endif
