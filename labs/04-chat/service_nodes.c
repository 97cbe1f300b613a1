#include "service_nodes.h"

#include <ctype.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kit/config.h"
#include "kit/error.h"
#include "placement.h"

struct node {
    char name[CHAT_NODE_SIZE];
    int service;
    const char *url; /* NULL: it was not started */
    int is_used;     /* guarded by lock */
};

struct nodes {
    const struct service *service;
    struct chat_model *model;
    struct node list[CHAT_NODES_MAX];
    int count, own;
    pthread_mutex_t lock; /* guards is_used of each */
};

/* --- opening ---------------------------------------------------------------------------------- */

/* MESSAGE_1_URL of message-1. */
static const char *url_of(const char *name)
{
    char variable[CHAT_NODE_SIZE + 8];
    snprintf(variable, sizeof variable, "%s_URL", name);
    for (char *at = variable; *at != '\0'; at++)
        *at = *at == '-' ? '_' : (char)toupper((unsigned char)*at);
    return config_text(variable, NULL);
}

/* The service of the design that a node of this name belongs to, or DESIGN_NONE. */
static int service_of(const struct chat_model *model, const char *node)
{
    char name[CHAT_NODE_SIZE];
    for (int i = 0; i < model->service_count; i++)
        for (int number = 1; number <= 9; number++) {
            chat_node_name(model, i, number, name);
            if (strcmp(name, node) == 0)
                return i;
        }
    return DESIGN_NONE;
}

static int add_node(struct nodes *nodes, const char *name, size_t length, struct error *err)
{
    struct node *node = &nodes->list[nodes->count];
    if (nodes->count == CHAT_NODES_MAX || length >= sizeof node->name)
        return error_set(err, ERR_INVALID, "NODES has more than %d nodes, or too long a name",
                         CHAT_NODES_MAX);
    memcpy(node->name, name, length);
    node->name[length] = '\0';
    node->service = service_of(nodes->model, node->name);
    node->url = url_of(node->name);
    node->is_used = 1;
    if (node->service == DESIGN_NONE)
        return error_set(err, ERR_INVALID, "NODES has %s, and the design no such service",
                         node->name);
    nodes->count++;
    return 0;
}

static int read_nodes(struct nodes *nodes, struct error *err)
{
    const char *own = config_text("NODE", NULL), *all = config_text("NODES", own);
    if (own == NULL)
        return error_set(err, ERR_INVALID, "NODE is not set: which node of the design is this?");
    nodes->own = -1;
    while (*all != '\0') {
        size_t length = strcspn(all, " ");
        int result = length > 0 ? add_node(nodes, all, length, err) : 0;
        if (result < 0)
            return result;
        if (length > 0 && strcmp(nodes->list[nodes->count - 1].name, own) == 0)
            nodes->own = nodes->count - 1;
        all += length + (all[length] == ' ');
    }
    return nodes->own >= 0 ? 0
                           : error_set(err, ERR_INVALID, "NODES has no %s, and NODE says so", own);
}

/* GATEWAYS=3: the first three of them are in use, the others wait to be added. */
static int read_gateways(struct nodes *nodes, struct error *err)
{
    int64_t used = 0;
    int gateway = design_owner(nodes->model, OWNS_CONNECTIONS), seen = 0;
    int result = config_int64("GATEWAYS", 1, CHAT_NODES_MAX, CHAT_NODES_MAX, &used, err);
    for (int i = 0; i < nodes->count && result == 0; i++)
        if (nodes->list[i].service == gateway)
            nodes->list[i].is_used = seen++ < used;
    return result;
}

int nodes_open(struct nodes **out, const struct service *service, struct error *err)
{
    struct nodes *nodes = calloc(1, sizeof *nodes);
    struct design_place place = {{0}, 0};
    struct error why = {0};
    if (nodes != NULL)
        nodes->model = calloc(1, sizeof *nodes->model);
    if (nodes == NULL || nodes->model == NULL) {
        free(nodes);
        return error_set(err, ERR_LIMIT, "no memory for the design");
    }
    nodes->service = service;
    pthread_mutex_init(&nodes->lock, NULL);
    int result = chat_model_build(nodes->model, &place, &why);
    if (result < 0)
        error_set(err, result, "%s:%d: %s", place.file, place.line, why.text);
    if (result == 0)
        result = read_nodes(nodes, err);
    if (result == 0)
        result = read_gateways(nodes, err);
    if (result == 0)
        *out = nodes;
    else
        nodes_close(nodes);
    return result;
}

void nodes_close(struct nodes *nodes)
{
    if (nodes == NULL)
        return;
    pthread_mutex_destroy(&nodes->lock);
    free(nodes->model);
    free(nodes);
}

/* --- who owns what ---------------------------------------------------------------------------- */

const struct chat_model *nodes_model(const struct nodes *nodes)
{
    return nodes->model;
}

const char *nodes_own_name(const struct nodes *nodes)
{
    return nodes->list[nodes->own].name;
}

int nodes_host(const struct nodes *nodes, enum capability capability)
{
    return nodes->list[nodes->own].service == design_owner(nodes->model, capability);
}

int nodes_of(struct nodes *nodes, enum capability capability, const char *names[CHAT_NODES_MAX])
{
    int owner = design_owner(nodes->model, capability), count = 0;
    /* A node that gives up its connections still keeps its messages. */
    int all = capability != OWNS_CONNECTIONS;
    pthread_mutex_lock(&nodes->lock);
    for (int i = 0; i < nodes->count; i++)
        if (nodes->list[i].service == owner && (all || nodes->list[i].is_used))
            names[count++] = nodes->list[i].name;
    pthread_mutex_unlock(&nodes->lock);
    return count;
}

int nodes_all_gateways(const struct nodes *nodes, const char *names[CHAT_NODES_MAX])
{
    int owner = design_owner(nodes->model, OWNS_CONNECTIONS), count = 0;
    for (int i = 0; i < nodes->count; i++)
        if (nodes->list[i].service == owner)
            names[count++] = nodes->list[i].name;
    return count;
}

const char *nodes_keeper(struct nodes *nodes, enum capability capability, const char *channel)
{
    const char *names[CHAT_NODES_MAX];
    int count = nodes_of(nodes, capability, names);
    if (count == 0)
        return NULL;
    int place = count > 1 && channel != NULL ? placement_of(channel, names, count) : 0;
    return place >= 0 && place < count ? names[place] : NULL;
}

const char *nodes_url(const struct nodes *nodes, const char *name)
{
    for (int i = 0; i < nodes->count && name != NULL; i++)
        if (strcmp(nodes->list[i].name, name) == 0)
            return nodes->list[i].url;
    return NULL;
}

int nodes_use_gateways(struct nodes *nodes, const char *const *names, int count, struct error *err)
{
    int gateway = design_owner(nodes->model, OWNS_CONNECTIONS), known = 0;
    int is_used[CHAT_NODES_MAX] = {0};
    for (int i = 0; i < nodes->count; i++)
        for (int k = 0; k < count && nodes->list[i].service == gateway; k++)
            is_used[i] |= strcmp(nodes->list[i].name, names[k]) == 0;
    for (int i = 0; i < nodes->count; i++)
        known += is_used[i];
    if (known != count || count == 0)
        return error_set(err, ERR_INVALID, "of these %d gateways %d are in NODES", count, known);
    pthread_mutex_lock(&nodes->lock);
    for (int i = 0; i < nodes->count; i++)
        if (nodes->list[i].service == gateway)
            nodes->list[i].is_used = is_used[i];
    pthread_mutex_unlock(&nodes->lock);
    return 0;
}

/* --- asking ----------------------------------------------------------------------------------- */

void nodes_call(struct nodes *nodes, const struct node_call *call, struct http_reply *reply)
{
    char user[CHAT_ID_SIZE + 16];
    struct text url = {0};
    const char *base = nodes_url(nodes, call->node);
    if (base == NULL) {
        *reply = (struct http_reply){.outcome = HTTP_REFUSED, .retry_after_s = -1};
        return;
    }
    text_addf(&url, "%s%s", base, call->path);
    snprintf(user, sizeof user, "X-User: %s", call->user != NULL ? call->user : "");
    const char *const headers[] = {call->user != NULL ? user : NULL, NULL};
    struct http_call request = {.method = call->method,
                                .url = text_str(&url),
                                .body = call->body,
                                .headers = headers,
                                .deadline_ms =
                                    call->deadline_ms > 0 ? call->deadline_ms : NODE_CALL_MS,
                                .trace = call->trace};
    http_client_call(nodes->service->client, &request, reply);
    text_release(&url);
}

cJSON *nodes_get(struct nodes *nodes, const struct node_call *call, struct error *err)
{
    struct http_reply reply;
    struct error why = {0};
    const char *name = call->node != NULL ? call->node : "a node that was not started";
    nodes_call(nodes, call, &reply);
    cJSON *body =
        reply.status == 200 ? json_parse(text_str(&reply.body), reply.body.length, &why) : NULL;
    if (body == NULL && reply.status == 0)
        error_set(err, ERR_UNAVAILABLE, "%s does not answer: %s", name,
                  http_outcome_name(reply.outcome));
    else if (body == NULL)
        error_set(err, ERR_UNAVAILABLE, "%s answers %d: %.100s", name, reply.status,
                  reply.status == 200 ? why.text : text_str(&reply.body));
    http_reply_release(&reply);
    return body;
}
