#include "service_ask.h"

#include <stdio.h>
#include "service_wire.h"

enum {
    ASKING_MAX = 20,    /* requests that wait for other nodes at once; more are refused with 503 */
    MEMBERSHIP_MS = 500 /* for the answer whether somebody is a member */
};

/* 1: it may ask others, and says stop_asking afterwards; 0: a 503. So half of the threads are left
   for what other nodes write at this one, which may be itself. What they read here has threads of
   its own (HTTP_LIST), so that ask_member, which everybody needs, need not be counted. */
static int may_ask(struct gateway *gateway, struct http_response *response)
{
    pthread_mutex_lock(&gateway->lock);
    int may = gateway->asking < ASKING_MAX;
    gateway->asking += may;
    pthread_mutex_unlock(&gateway->lock);
    if (!may)
        wire_again(response, "This gateway has too much to do: try again.");
    return may;
}

static void stop_asking(struct gateway *gateway)
{
    pthread_mutex_lock(&gateway->lock);
    gateway->asking--;
    pthread_mutex_unlock(&gateway->lock);
}

static const char *word_of(enum capability capability)
{
    static const char *const words[CAPABILITIES] = {[OWNS_USERS] = "The owner of users",
                                                    [OWNS_WORKSPACES] = "The owner of workspaces",
                                                    [OWNS_CHANNELS] = "The owner of channels",
                                                    [OWNS_MESSAGES] = "The channel's message node",
                                                    [OWNS_CONNECTIONS] = "The channel's gateway",
                                                    [OWNS_PRESENCE] = "The owner of presence",
                                                    [OWNS_PUSH] = "The owner of push",
                                                    [OWNS_FILES] = "The owner of files",
                                                    [OWNS_SEARCH] = "The owner of the search",
                                                    [OWNS_OTHER] = "It"};
    return words[capability];
}

void ask_for(struct host *host, const struct http_request *request, struct http_response *response,
             const struct ask *ask)
{
    struct gateway *gateway = host->parts[OWNS_CONNECTIONS];
    struct http_reply reply;
    if (!may_ask(gateway, response))
        return;
    nodes_call(host->nodes,
               &(struct node_call){.node = nodes_keeper(host->nodes, ask->capability, ask->channel),
                                   .method = request->method,
                                   .path = ask->path,
                                   .user = ask->user,
                                   .body = ask->body,
                                   .trace = request->trace},
               &reply);
    stop_asking(gateway);
    wire_pass_on(response, &reply, word_of(ask->capability));
    http_reply_release(&reply);
}

enum chat_member ask_member(struct host *host, const struct trace *trace, const char *channel,
                            const char *user, struct http_response *response)
{
    struct http_reply reply;
    char path[2 * CHAT_ID_SIZE + 64];
    snprintf(path, sizeof path, "/node/channels/%s/members/%s", channel, user);
    nodes_call(host->nodes,
               &(struct node_call){.node = nodes_keeper(host->nodes, OWNS_CHANNELS, NULL),
                                   .method = "GET",
                                   .path = path,
                                   .deadline_ms = MEMBERSHIP_MS,
                                   .trace = trace},
               &reply);
    int is_known = reply.status == 200 || reply.status == 403 || reply.status == 404;
    enum chat_member member = !is_known ? CHAT_UNKNOWN : reply.status == 200 ? CHAT_YES : CHAT_NO;
    if (member == CHAT_UNKNOWN)
        wire_again(response, "Nobody can say now whether %s is a member of %s.", user, channel);
    else if (member == CHAT_NO)
        wire_pass_on(response, &reply, word_of(OWNS_CHANNELS));
    http_reply_release(&reply);
    return member;
}
