/*
 * What other nodes say to a gateway, and operators to every node. Given: nothing to write here.
 */
#include <string.h>
#include "kit/error.h"
#include "kit/problem.h"
#include "service_ask.h"
#include "service_wire.h"

/* POST /hub/published {messages} -> 204: they were stored. */
void post_published(const struct http_request *request, struct http_response *response,
                    void *context)
{
    struct gateway *gateway = host_of(context)->parts[OWNS_CONNECTIONS];
    cJSON *body = json_parse(request->body, request->body_length, NULL);
    struct chat_message message;
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(body, "messages"))
    {
        if (wire_get_message(item, &message) == 0)
            streams_published(gateway->streams, &message);
    }
    cJSON_Delete(body);
    response->status = 204;
}

/* POST /hub/removed {channel, user} -> 204: nothing is written to the user's streams any more. */
void post_removed(const struct http_request *request, struct http_response *response, void *context)
{
    struct gateway *gateway = host_of(context)->parts[OWNS_CONNECTIONS];
    struct json_errors errors = {0};
    cJSON *body = json_parse(request->body, request->body_length, NULL);
    struct json_reader reader = json_reader(body, &errors);
    const char *channel = json_string(&reader, "channel", 1, CHAT_ID_SIZE - 1);
    const char *user = json_string(&reader, "user", 1, CHAT_ID_SIZE - 1);
    response->status = 204;
    if (errors.count > 0)
        problem_fields(response, &errors);
    else
        streams_removed(gateway->streams, channel, user);
    cJSON_Delete(body);
}

/* PUT /node/gateways {names} -> 204: these gateways are in use from now on. An operator says so to
   every node, since whoever has connections, messages or channels computes a channel's home;
   streams that have another home now end with "moved". 422. */
void put_gateways(const struct http_request *request, struct http_response *response, void *context)
{
    struct host *host = host_of(context);
    struct gateway *gateway = host->parts[OWNS_CONNECTIONS];
    const char *names[CHAT_NODES_MAX];
    struct error err = {0};
    int count = 0;
    cJSON *body = json_parse(request->body, request->body_length, NULL);
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(body, "names"))
    {
        if (count < CHAT_NODES_MAX && cJSON_IsString(item))
            names[count++] = item->valuestring;
    }
    int result = nodes_use_gateways(host->nodes, names, count, &err);
    response->status = 204;
    if (result < 0)
        wire_refuse(response, result, err.text);
    else if (gateway != NULL)
        streams_move(gateway->streams);
    cJSON_Delete(body);
}
