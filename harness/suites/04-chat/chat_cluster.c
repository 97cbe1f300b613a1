#include "suites/04-chat/chat_cluster.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/json_read.h"
#include "kit/error.h"
#include "suites/04-chat/checks.h"

enum { PAGE = 100, ASKED_MAX = 5 /* times, while the answer is 503 */ };

/* --- starting --------------------------------------------------------------------------------- */

static int owns_any(const struct chat_model *model, int service, int owners)
{
    for (int i = 0; i < OWNS_OTHER; i++)
        if ((owners & CHAT_OWNS(i)) && design_owner(model, (enum capability)i) == service)
            return 1;
    return 0;
}

/* The nodes to start. 1 when a verdict stands. */
static int choose_nodes(struct chat_cluster *cluster, const struct chat_options *options)
{
    const struct chat_model *model = cluster->model;
    int gateway = design_owner(model, OWNS_CONNECTIONS);
    for (int i = 0; i < OWNS_OTHER; i++)
        if (design_owner(model, (enum capability)i) == DESIGN_NONE)
            return run_fail(cluster->run, "wrong answer",
                            "every capability has an owner, which becomes a process",
                            "nobody owns %s in your design", capability_name((enum capability)i));
    for (int i = 0; i < model->service_count; i++) {
        if (!owns_any(model, i, options->owners))
            continue;
        int count = chat_node_count(model, i);
        if (i == gateway)
            count = (options->gateways > 0 ? options->gateways : count) + options->spare;
        for (int number = 1; number <= count && cluster->count < CHAT_NODES_MAX; number++) {
            struct chat_node *node = &cluster->nodes[cluster->count++];
            node->service = i;
            chat_node_name(model, i, number, node->name);
            if (i == gateway)
                cluster->gateways[cluster->gateway_count++] = node->name;
        }
    }
    return 0;
}

static int start_nodes(struct chat_cluster *cluster, const struct chat_options *options)
{
    enum { WORDS = 8 };
    struct service_entry services[CHAT_NODES_MAX];
    const char *needs[CHAT_NODES_MAX + 1] = {0}, *environments[CHAT_NODES_MAX][WORDS + 1];
    char program[1024], own[CHAT_NODES_MAX][CHAT_NODE_SIZE + 8], ttl[40], ping[40];
    char queue[40], gateways[40];
    struct text all = {0};
    text_add(&all, "NODES=");
    for (int i = 0; i < cluster->count; i++) {
        needs[i] = cluster->nodes[i].name;
        text_addf(&all, "%s%s", i > 0 ? " " : "", cluster->nodes[i].name);
    }
    snprintf(program, sizeof program, "%s/service", cluster->run->programs);
    snprintf(ttl, sizeof ttl, "CHAT_TTL_MS=%d",
             options->ttl_ms > 0 ? options->ttl_ms : CHAT_TTL_MS);
    snprintf(ping, sizeof ping, "CHAT_PING_MS=%d", CHAT_PING_MS);
    snprintf(queue, sizeof queue, "CHAT_QUEUE=%d", options->queue > 0 ? options->queue : 256);
    snprintf(gateways, sizeof gateways, "GATEWAYS=%d", cluster->gateway_count - options->spare);
    for (int i = 0; i < cluster->count; i++) {
        snprintf(own[i], sizeof own[i], "NODE=%s", cluster->nodes[i].name);
        const char *const words[WORDS + 1] = {own[i],
                                              text_str(&all),
                                              ttl,
                                              ping,
                                              queue,
                                              gateways,
                                              "LOG_LEVEL=warn",
                                              options->with_spans ? NULL : "TRACE_FILE="};
        memcpy(environments[i], words, sizeof words);
        services[i] = (struct service_entry){.name = cluster->nodes[i].name,
                                             .program = program,
                                             .student = 1,
                                             .needs = needs,
                                             .environment = environments[i]};
    }
    int ended = run_cluster(cluster->run, services, cluster->count);
    text_release(&all);
    return ended;
}

int chat_cluster_open(struct chat_cluster *cluster, struct check_run *run,
                      struct chat_options options)
{
    *cluster = (struct chat_cluster){.run = run, .model = chat_read_design(run)};
    if (cluster->model == NULL)
        return 1;
    return choose_nodes(cluster, &options) || start_nodes(cluster, &options);
}

void chat_cluster_close(struct chat_cluster *cluster)
{
    free(cluster->model);
    cluster->model = NULL;
}

int chat_nodes_of(const struct chat_cluster *cluster, enum capability capability,
                  const char *names[CHAT_NODES_MAX])
{
    int owner = design_owner(cluster->model, capability), count = 0;
    for (int i = 0; i < cluster->count; i++)
        if (cluster->nodes[i].service == owner)
            names[count++] = cluster->nodes[i].name;
    return count;
}

const char *chat_node_of(const struct chat_cluster *cluster, enum capability capability)
{
    const char *names[CHAT_NODES_MAX];
    return chat_nodes_of(cluster, capability, names) > 0 ? names[0] : NULL;
}

/* --- asking ----------------------------------------------------------------------------------- */

static void ask(struct chat_cluster *cluster, const char *gateway, const char *user,
                const char *method, const char *path, const char *body, struct http_reply *reply)
{
    char name[96];
    snprintf(name, sizeof name, "X-User: %s", user);
    const char *const headers[] = {name, NULL};
    run_http(cluster->run, gateway, method, path, headers, body, 0, reply);
}

int chat_ask_again(struct chat_cluster *cluster, const char *gateway, const char *user,
                   const char *method, const char *path, const char *body, int status)
{
    struct http_reply reply = {0};
    for (int i = 0; i < ASKED_MAX && !run_ended(cluster->run); i++) {
        http_reply_release(&reply);
        ask(cluster, gateway, user, method, path, body, &reply);
        if (reply.status != 503)
            break;
    }
    int ended = run_ended(cluster->run) || run_expect_status(cluster->run, &reply, status);
    http_reply_release(&reply);
    return ended;
}

int chat_ask(struct chat_cluster *cluster, const char *gateway, const char *user,
             const char *method, const char *path, const char *body, int status,
             struct http_reply *reply)
{
    struct http_reply own = {0};
    if (run_ended(cluster->run))
        return 1;
    ask(cluster, gateway, user, method, path, body, &own);
    int ended = run_expect_status(cluster->run, &own, status);
    if (reply != NULL)
        *reply = own;
    else
        http_reply_release(&own);
    return ended;
}

int chat_make_channel(struct chat_cluster *cluster, const char *channel, int members)
{
    char path[96];
    struct text body = {0};
    snprintf(path, sizeof path, "/channels/%s", channel);
    text_add(&body, "{\"workspace\":\"acme\",\"members\":[");
    for (int i = 0; i < members; i++)
        text_addf(&body, "%s\"user-%d\"", i > 0 ? "," : "", i);
    text_add(&body, "]}");
    int ended =
        chat_ask_again(cluster, cluster->gateways[0], "user-0", "PUT", path, text_str(&body), 204);
    text_release(&body);
    return ended;
}

/* Adds a page's messages to texts. How many there are then, or -1. */
static int add_page(struct check_run *run, const struct http_reply *reply, const char *channel,
                    char ***texts, int count)
{
    cJSON *body = json_of_text(&reply->body);
    const cJSON *message = NULL;
    cJSON_ArrayForEach(message, json_member(body, "messages"))
    {
        int64_t number = json_member_int64(message, "number");
        if (number != count + 1) {
            run_fail(run, "wrong answer", "the list has every number once, from 1 on",
                     "in %s number %lld comes after %d", channel, (long long)number, count);
            count = -1;
            break;
        }
        char **more = realloc(*texts, (size_t)(count + 1) * sizeof *more);
        if (more == NULL)
            abort();
        *texts = more;
        more[count++] = strdup(json_member_text(message, "text"));
    }
    cJSON_Delete(body);
    return count;
}

int chat_list(struct chat_cluster *cluster, const char *channel, char ***texts)
{
    int count = 0, before = -1;
    *texts = NULL;
    while (count >= 0 && count != before) {
        char path[128];
        struct http_reply reply = {0};
        snprintf(path, sizeof path, "/channels/%s/messages?after=%d&limit=%d", channel, count,
                 PAGE);
        before = count;
        if (chat_ask(cluster, cluster->gateways[0], "user-0", "GET", path, NULL, 200, &reply))
            count = -1;
        else
            count = add_page(cluster->run, &reply, channel, texts, count);
        http_reply_release(&reply);
    }
    return count;
}

void chat_free_texts(char **texts, int count)
{
    for (int i = 0; i < count; i++)
        free(texts[i]);
    free(texts);
}
