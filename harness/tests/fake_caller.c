/*
 * A student's service that does what most do: GET /orders/{id} asks user-service for the user of
 * that id, and answers with its status.
 */
#include <stdio.h>
#include <stdlib.h>

#include "kit/service.h"

enum { LOOKUP_MS = 5000 };

static int set_up(struct service *service, struct error *err)
{
    (void)service, (void)err;
    return 0;
}

static void get_order(const struct http_request *request, struct http_response *response,
                      void *context)
{
    struct service *service = context;
    const char *users = getenv("USER_SERVICE_URL");
    struct text url = {0};
    struct http_reply reply;
    text_addf(&url, "%s/users/%s", users != NULL ? users : "", http_param(request, "id"));
    struct http_call call = {
        .url = text_str(&url), .deadline_ms = LOOKUP_MS, .trace = request->trace};
    http_client_call(service->client, &call, &reply);
    response->status = reply.outcome == HTTP_OK ? reply.status : 503;
    http_reply_release(&reply);
    text_release(&url);
}

int main(int argc, char **argv)
{
    static const struct http_route routes[] = {
        {"GET", "/orders/{id}", HTTP_WORKER, NULL, get_order},
        {"GET", "/health/liveness", HTTP_INLINE, NULL, service_get_health},
        {"GET", "/health/readiness", HTTP_INLINE, NULL, service_get_health},
        {0}};
    static const struct service_definition definition = {
        .name = "order-service", .setup = set_up, .routes = routes};
    return service_main(argc, argv, &definition);
}
