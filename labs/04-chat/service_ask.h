/*
 * A gateway asks other nodes for its clients. Given: nothing to write here.
 */
#ifndef LAB04_SERVICE_ASK_H
#define LAB04_SERVICE_ASK_H

#include <pthread.h>
#include "service_host.h"
#include "service_streams.h"

/* The state of the gateway's part. */
struct gateway {
    struct streams *streams;
    pthread_mutex_t lock; /* guards asking */
    int asking;
};

/* What is asked of a node for a client. */
struct ask {
    enum capability capability; /* of the node */
    const char *channel;        /* NULL where the capability has one node */
    const char *user, *path, *body;
};
/* Asks with the request's own method, and passes the answer on; 503 when there is none, or when too
   much is asked already. */
void ask_for(struct host *host, const struct http_request *request, struct http_response *response,
             const struct ask *ask);

/* Whether the user is a member of the channel. When that is no, or not known, the response becomes
   what its owner says: 403, 404, 503. */
enum chat_member ask_member(struct host *host, const struct trace *trace, const char *channel,
                            const char *user, struct http_response *response);

/* Handlers of service_door.c and service_heard.c, for the gateway's table. */
http_handler pass_user, pass_workspace, pass_channel, pass_presence, pass_file, get_search,
    get_pushes, get_presence_stream, post_published, post_removed, put_gateways;

#endif
