#include "service_publish.h"

#include <stdlib.h>
#include <string.h>
#include "kit/error.h"
#include "kit/thread.h"
#include "service_wire.h"

enum { NS_PER_MS = 1000000, PUBLISH_BODY_MAX = 128 * 1024 };

struct waiting {
    struct waiting *next;
    int64_t at_ns;
    char *json;
};

/* What waits for one gateway. */
struct outlet {
    struct publisher *publisher;
    const char *gateway;
    pthread_t thread;
    int started;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t more;
    struct waiting *first, **last;
    int count, stopping;
};

struct publisher {
    struct host *host;
    int batch; /* messages that travel together at most; 0: nothing is published */
    int64_t batch_ns;
    struct outlet outlets[CHAT_NODES_MAX];
    int count;
};

/* The hop of the design over which messages reach the gateways; NULL: there is none. */
static const struct design_hop *find_hop(const struct chat_model *model)
{
    int from = design_owner(model, OWNS_MESSAGES), to = design_owner(model, OWNS_CONNECTIONS);
    for (int i = 0; i < model->flow_count; i++)
        for (int k = 0; k < model->flows[i].hop_count; k++) {
            const struct design_hop *hop = &model->flows[i].hops[k];
            if (hop->kind != DESIGN_CALL && hop->from == from && hop->to == to)
                return hop;
        }
    return NULL;
}

/* Takes what goes together into {"messages": [...]}. 1: enough waits, or the first waited enough.
 */
static int take_batch(struct outlet *outlet, struct text *body)
{
    const struct publisher *publisher = outlet->publisher;
    if (outlet->first == NULL || (outlet->count < publisher->batch && !outlet->stopping &&
                                  monotonic_ns() < outlet->first->at_ns + publisher->batch_ns))
        return 0;
    text_clear(body);
    text_add(body, "{\"messages\":[");
    for (int i = 0; i < publisher->batch && outlet->first != NULL; i++) {
        struct waiting *waiting = outlet->first;
        if (i > 0 && body->length + strlen(waiting->json) > PUBLISH_BODY_MAX)
            break;
        text_addf(body, "%s%s", i > 0 ? "," : "", waiting->json);
        outlet->first = waiting->next;
        if (outlet->first == NULL)
            outlet->last = &outlet->first;
        outlet->count--;
        free(waiting->json);
        free(waiting);
    }
    text_add(body, "]}");
    return 1;
}

static void *outlet_main(void *arg)
{
    struct outlet *outlet = arg;
    struct text body = {0};
    pthread_mutex_lock(&outlet->lock);
    while (!outlet->stopping || outlet->first != NULL) {
        if (take_batch(outlet, &body)) {
            struct http_reply reply;
            int stopping = outlet->stopping; /* then nobody is waited for: what is left are hints */
            pthread_mutex_unlock(&outlet->lock);
            if (!stopping) {
                nodes_call(outlet->publisher->host->nodes,
                           &(struct node_call){.node = outlet->gateway,
                                               .method = "POST",
                                               .path = "/hub/published",
                                               .body = text_str(&body)},
                           &reply);
                http_reply_release(&reply);
            }
            pthread_mutex_lock(&outlet->lock);
        } else if (outlet->first != NULL) {
            thread_wait(&outlet->more, &outlet->lock,
                        outlet->first->at_ns + outlet->publisher->batch_ns);
        } else {
            pthread_cond_wait(&outlet->more, &outlet->lock);
        }
    }
    pthread_mutex_unlock(&outlet->lock);
    text_release(&body);
    return NULL;
}

static int open_outlet(struct publisher *publisher, const char *gateway, struct error *err)
{
    struct outlet *outlet = &publisher->outlets[publisher->count++];
    outlet->publisher = publisher;
    outlet->gateway = gateway;
    outlet->last = &outlet->first;
    pthread_mutex_init(&outlet->lock, NULL);
    thread_condition_init(&outlet->more);
    int result = thread_start(&outlet->thread, outlet_main, outlet, err);
    outlet->started = result == 0;
    return result;
}

int publisher_open(struct publisher **out, struct host *host, struct error *err)
{
    struct publisher *publisher = calloc(1, sizeof *publisher);
    const struct design_hop *hop = find_hop(nodes_model(host->nodes));
    const char *gateways[CHAT_NODES_MAX];
    if (publisher == NULL)
        return error_set(err, ERR_LIMIT, "no memory for what is published");
    publisher->host = host;
    if (hop != NULL || nodes_host(host->nodes, OWNS_CONNECTIONS))
        publisher->batch = hop != NULL && hop->batch > 0 ? hop->batch : 1;
    publisher->batch_ns = hop != NULL ? hop->batch_ms * NS_PER_MS : 0;
    int count = nodes_all_gateways(host->nodes, gateways), result = 0;
    for (int i = 0; i < count && result == 0; i++)
        result = open_outlet(publisher, gateways[i], err);
    if (result == 0)
        *out = publisher;
    else
        publisher_close(publisher);
    return result;
}

void publisher_close(struct publisher *publisher)
{
    for (int i = 0; publisher != NULL && i < publisher->count; i++) {
        struct outlet *outlet = &publisher->outlets[i];
        pthread_mutex_lock(&outlet->lock);
        outlet->stopping = 1;
        pthread_cond_signal(&outlet->more);
        pthread_mutex_unlock(&outlet->lock);
        if (outlet->started)
            pthread_join(outlet->thread, NULL);
        pthread_cond_destroy(&outlet->more);
        pthread_mutex_destroy(&outlet->lock);
    }
    free(publisher);
}

void publisher_add(struct publisher *publisher, const struct chat_message *message)
{
    const char *home = nodes_keeper(publisher->host->nodes, OWNS_CONNECTIONS, message->channel);
    struct outlet *outlet = NULL;
    for (int i = 0; i < publisher->count && home != NULL && publisher->batch > 0; i++)
        if (strcmp(publisher->outlets[i].gateway, home) == 0)
            outlet = &publisher->outlets[i];
    struct waiting *waiting = outlet != NULL ? calloc(1, sizeof *waiting) : NULL;
    if (waiting == NULL)
        return;
    struct text json = {0};
    struct json_writer writer = json_writer(&json);
    wire_put_message(&writer, NULL, message);
    waiting->at_ns = monotonic_ns();
    waiting->json = text_detach(&json);
    pthread_mutex_lock(&outlet->lock);
    int has_room = outlet->count < PUBLISH_WAITING_MAX && !outlet->stopping;
    if (has_room) {
        *outlet->last = waiting;
        outlet->last = &waiting->next;
        outlet->count++;
        pthread_cond_signal(&outlet->more);
    }
    pthread_mutex_unlock(&outlet->lock);
    if (!has_room) {
        free(waiting->json);
        free(waiting);
    }
}
