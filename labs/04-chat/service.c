/*
 * The host of lab 04: one node of the student's own design. Given: nothing to write here.
 *
 * Environment besides kit/service.h: NODE, NODES, NAME_URL of each node, GATEWAYS
 * (service_nodes.h); CHAT_QUEUE (messages that may wait on a stream), CHAT_PING_MS (between signs
 * of life on one), CHAT_TTL_MS (of a device; the design's when not set).
 *
 * `service --nodes` writes the names of the nodes that the design asks for, one a line.
 */
#include "service_host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kit/config.h"
#include "kit/error.h"
#include "service_ask.h"
#include "service_wire.h"

enum { ROUTES_MAX = 64 };

static const struct part *const all_parts[] = {&gateway_part,   &message_part, &user_part,
                                               &workspace_part, &channel_part, &presence_part,
                                               &notify_part,    &file_part,    &search_part};
enum { PARTS = sizeof all_parts / sizeof all_parts[0] };

/* The host of this process, which its handlers find through the service. */
struct process {
    struct host host;
    struct text schema;
};

/* Written by setup before the first request, as service_main wants its table beforehand. */
static struct http_route routes[ROUTES_MAX];

struct host *host_of(void *context)
{
    return ((struct service *)context)->state;
}

static void teardown(struct service *service)
{
    struct process *process = service->state;
    for (int i = 0; i < PARTS; i++)
        if (process->host.parts[all_parts[i]->capability] != NULL)
            all_parts[i]->close(process->host.parts[all_parts[i]->capability]);
    store_close(process->host.store);
    nodes_close(process->host.nodes);
    text_release(&process->schema);
    free(process);
}

static int add_routes(const struct http_route *more, int *count, struct error *err)
{
    for (; more->method != NULL; more++) {
        if (*count == ROUTES_MAX - 1)
            return error_set(err, ERR_LIMIT, "a node has at most %d routes: see ROUTES_MAX",
                             ROUTES_MAX - 1);
        routes[(*count)++] = *more;
    }
    return 0;
}

static int open_parts(struct process *process, struct error *err)
{
    static const struct http_route every_node[] = {
        {"GET", "/health/liveness", HTTP_INLINE, NULL, service_get_health},
        {"GET", "/health/readiness", HTTP_HEALTH, NULL, service_get_health},
        {"PUT", "/node/gateways", HTTP_WORKER, WIRE_JSON, put_gateways},
        {NULL, NULL, HTTP_INLINE, NULL, NULL},
    };
    struct host *host = &process->host;
    int count = 0, result = add_routes(every_node, &count, err);
    for (int i = 0; i < PARTS; i++)
        if (nodes_host(host->nodes, all_parts[i]->capability) && all_parts[i]->schema != NULL)
            text_add(&process->schema, all_parts[i]->schema);
    if (result == 0 && process->schema.length > 0) {
        const struct store_config config = {.db.url = host->service->database_url,
                                            .schema = text_str(&process->schema)};
        result = store_open(&host->store, &config, err);
        host->service->store = host->store;
    }
    for (int i = 0; i < PARTS && result == 0; i++) {
        const struct part *part = all_parts[i];
        if (!nodes_host(host->nodes, part->capability))
            continue;
        result = add_routes(part->routes, &count, err);
        if (result == 0 && part->open != NULL)
            result = part->open(host, &host->parts[part->capability], err);
    }
    return result;
}

static int setup(struct service *service, struct error *err)
{
    struct process *process = calloc(1, sizeof *process);
    if (process == NULL)
        return error_set(err, ERR_LIMIT, "no memory to start");
    service->state = process;
    process->host.service = service;
    int result = nodes_open(&process->host.nodes, service, err);
    if (result == 0)
        result = open_parts(process, err);
    if (result < 0)
        teardown(service);
    return result;
}

static int list_nodes(void)
{
    struct chat_model *model = calloc(1, sizeof *model);
    struct design_place place = {{0}, 0};
    struct error err = {0};
    char name[CHAT_NODE_SIZE];
    int result = model != NULL ? chat_model_build(model, &place, &err) : ERR_LIMIT;
    if (result < 0)
        fprintf(stderr, "%s:%d: %s\n", place.file, place.line, err.text);
    for (int i = 0; result == 0 && i < model->service_count; i++)
        for (int number = 1; number <= chat_node_count(model, i); number++) {
            chat_node_name(model, i, number, name);
            puts(name);
        }
    free(model);
    return result == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    const struct service_definition definition = {.name = config_text("NODE", "chat"),
                                                  .setup = setup,
                                                  .teardown = teardown,
                                                  .routes = routes};
    if (argc == 2 && strcmp(argv[1], "--nodes") == 0)
        return list_nodes();
    return service_main(argc, argv, &definition);
}
