/* Step 3: the handlers and their routes. See order_api.h and openapi.yaml. */
#include "order_api.h"

#include "kit/error.h"
#include "kit/problem.h"

static http_handler post_order, patch_status;

const struct http_route order_api_routes[] = {
    {"POST", "/orders", HTTP_WORKER, "application/json", post_order},
    {"GET", "/orders", HTTP_LIST, NULL, order_get_list},
    {"GET", "/orders/{id}", HTTP_INLINE, NULL, order_get_one},
    {"PATCH", "/orders/{id}/status", HTTP_WORKER, "application/json", patch_status},
    {"GET", "/health/liveness", HTTP_INLINE, NULL, order_get_liveness},
    {"GET", "/health/readiness", HTTP_INLINE, NULL, order_get_readiness},
    {"GET", "/health", HTTP_INLINE, NULL, order_get_health},
    {.method = NULL},
};

void order_refuse(struct http_response *response, int code, const struct error *err)
{
    /* TODO(step 3): which code is which status? */
    (void)code;
    problem(response, 501, "%s", err->text);
}

void order_set_etag(struct http_response *response, int64_t version)
{
    /* TODO(step 3): a strong entity tag is the version in double quotes. */
    (void)response, (void)version;
}

/* POST /orders {customerId, items}: 201, 400, 422, 503 (413 and 415 by the kit) */
static void post_order(const struct http_request *request, struct http_response *response,
                       void *context)
{
    /* TODO(step 3): parse, read, look the customer up, create, place; then relay_wake. */
    (void)request, (void)context;
    problem(response, 501, "TODO(step 3): POST /orders");
}

/* PATCH /orders/{id}/status {status}: 200, 400, 404, 422, 412, 409, 503 (413 and 415 by the kit) */
static void patch_status(const struct http_request *request, struct http_response *response,
                         void *context)
{
    /* TODO(step 3): order_change does the work; here its codes become statuses. */
    (void)request, (void)context;
    problem(response, 501, "TODO(step 3): PATCH /orders/{id}/status");
}
