/* Step 3: the handlers and their routes. See order_api.h and openapi.yaml. */
#include "order_api.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kit/error.h"
#include "kit/log.h"
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

/* ---- Versions on the wire: strong entity tags ---- */

enum { ETAG_SIZE = 32, NO_VERSION = -1 };

static void format_etag(int64_t version, char etag[ETAG_SIZE])
{
    snprintf(etag, ETAG_SIZE, "\"%" PRId64 "\"", version);
}

void order_set_etag(struct http_response *response, int64_t version)
{
    char etag[ETAG_SIZE];
    format_etag(version, etag);
    http_set_header(response, "ETag", etag);
}

/* The version that If-Match asks for; NO_VERSION, which no order has, when it is not one of our
   tags alone. */
static int64_t asked_version(const struct http_request *request)
{
    const char *asked = http_header(request, "If-Match");
    if (asked == NULL || strcmp(asked, "*") == 0)
        return ORDER_ANY_VERSION;
    int64_t version = asked[0] == '"' ? strtoll(asked + 1, NULL, 10) : NO_VERSION;
    char etag[ETAG_SIZE];
    format_etag(version, etag);
    return version >= 1 && strcmp(asked, etag) == 0 ? version : NO_VERSION;
}

/* ---- Answers that several handlers give ---- */

/* 400 and NULL when the body is not JSON. The caller deletes the tree. */
static cJSON *parse_body(const struct http_request *request, struct http_response *response)
{
    struct error err = {0};
    cJSON *body = json_parse(request->body, request->body_length, &err);
    if (body == NULL)
        problem(response, 400, "%s", err.text);
    return body;
}

void order_refuse(struct http_response *response, int code, const struct error *err)
{
    if (code == ERR_NOT_FOUND) {
        problem(response, 404, "%s", err->text);
    } else if (code == ERR_REFUSED) {
        problem(response, 409, "%s", err->text);
    } else if (code == ERR_CONFLICT || code == ERR_LIMIT || code == ERR_UNAVAILABLE) {
        problem(response, 503, "%s", err->text);
        http_set_header(response, "Retry-After", "1");
    } else {
        problem(response, 500, "The orders cannot be read or written now.");
        log_error("order store failed", LOG_TEXT("error", err->text));
    }
}

/* 422 for one field. */
static void refuse_field(struct http_response *response, const char *field, const char *reason)
{
    struct json_errors errors = {0};
    struct json_reader reader = {.errors = &errors};
    json_wrong(&reader, field, reason);
    problem_fields(response, &errors);
}

/* ---- POST /orders ---- */

/* The request's Idempotency-Key, NULL when there is none. ERR_INVALID: not visible ASCII. */
static int read_key(const struct http_request *request, const char **key)
{
    *key = http_header(request, "Idempotency-Key");
    if (*key == NULL)
        return 0;
    size_t length = strlen(*key);
    for (size_t i = 0; i < length; i++)
        if ((*key)[i] < 0x21 || (*key)[i] > 0x7e)
            return ERR_INVALID;
    return length >= 1 && length <= ORDER_REQUEST_KEY_MAX ? 0 : ERR_INVALID;
}

/* Makes the order that a body asks for, and its event. What is wrong goes to errors. */
static void decide(const struct order_service *service, const struct trace *trace,
                   const cJSON *body, struct order *order, struct order_event *event,
                   struct json_errors *errors)
{
    const struct service *host = service->host;
    struct json_reader reader = json_reader(body, errors);
    order_json_read(&reader, order);
    if (errors->count == 0 &&
        order_customer_name(service, order->customer_id, trace, order->customer_name, NULL) != 0)
        json_wrong(&reader, "customerId", "is nobody that user-service knows");
    if (errors->count != 0)
        return;

    int64_t now_ms = clock_now(&host->clock).wall_ms;
    id_next(&host->ids, now_ms, order->id);
    *event = (struct order_event){.command = ORDER_CREATE, .at_ms = now_ms, .draft = order};
    id_next(&host->ids, now_ms, event->id);
    if (order_create(order, order, now_ms, NULL) != 0)
        json_wrong(&reader, "items", "must add up to at most 99999999.99");
}

/* Completes the response, whose body stands, for an answer that may be a replayed one. */
static void send_answer(struct http_response *response, const struct order_answer *answer)
{
    response->status = answer->status;
    if (answer->status != 201) {
        response->content_type = "application/problem+json";
        return;
    }
    char location[sizeof "/orders/" + ID_SIZE];
    snprintf(location, sizeof location, "/orders/%s", answer->order_id);
    response->content_type = "application/json";
    http_set_header(response, "Location", location);
    order_set_etag(response, 1);
}

/* POST /orders {customerId, items}: 201, 400, 422, 503 (413 and 415 by the kit) */
static void post_order(const struct http_request *request, struct http_response *response,
                       void *context)
{
    const struct service *host = context;
    const struct order_service *service = host->state;
    struct order order;
    struct order_event event;
    struct order_placing placing = {.order = &order, .event = &event};
    if (read_key(request, &placing.key) != 0) {
        problem(response, 400, "An Idempotency-Key is 1 to %d visible ASCII characters.",
                ORDER_REQUEST_KEY_MAX);
        return;
    }
    cJSON *body = parse_body(request, response);
    if (body == NULL)
        return;
    struct json_errors errors = {0};
    decide(service, request->trace, body, &order, &event, &errors);
    cJSON_Delete(body);

    struct order_answer answer = {.status = 422, .body = &response->body};
    if (errors.count > 0) {
        problem_fields(response, &errors);
    } else {
        answer.status = 201;
        memcpy(answer.order_id, order.id, sizeof answer.order_id);
        order_json_write(&order, answer.body);
    }
    sha256_text(request->body, request->body_length, placing.body_sha256);
    struct error err = {0};
    int result = order_place(&service->orders, &placing, &answer, &err);
    if (result == ERR_EXISTS && placing.key != NULL) {
        refuse_field(response, "Idempotency-Key", "was used with another body");
    } else if (result != 0) {
        order_refuse(response, result, &err);
    } else {
        send_answer(response, &answer);
        relay_wake(service->relay);
    }
}

/* ---- PATCH /orders/{id}/status ---- */

struct looking {
    const char *id;
    int64_t version;
};

static int read_version(struct db_tx *tx, void *arg, struct error *err)
{
    struct looking *looking = arg;
    struct text body = {0};
    int result = order_view_get(tx, looking->id, &body, &looking->version, err);
    text_release(&body);
    return result;
}

/* As order_change, with If-Match. One tag names the version itself. In a list the order's version
   is looked for; should it be another one by then, that may be listed too. */
static int change_as_asked(const struct order_service *service, const struct http_request *request,
                           struct order_change *change, struct order *order, struct error *err)
{
    change->if_version = asked_version(request);
    if (change->if_version != NO_VERSION)
        return order_change(&service->orders, change, order, err);
    struct looking looking = {.id = change->id};
    int result = ERR_CONFLICT;
    for (int i = 0; i < ORDER_CHANGE_ATTEMPTS && result == ERR_CONFLICT; i++) {
        result = store_read(service->orders.store, read_version, &looking, err);
        if (result != 0)
            return result;
        char etag[ETAG_SIZE];
        format_etag(looking.version, etag);
        if (http_etag_listed(http_header(request, "If-Match"), etag, 0) != 1)
            return error_set(err, ERR_CONFLICT, "The order is at version %" PRId64 ".",
                             looking.version);
        change->if_version = looking.version;
        result = order_change(&service->orders, change, order, err);
    }
    return result;
}

/* The command that leads to a status. No command leads to PENDING but creating, which is refused
   on an order that exists. */
static const enum order_command leads_to[ORDER_STATUSES] = {
    [ORDER_PENDING] = ORDER_CREATE,   [ORDER_CONFIRMED] = ORDER_CONFIRM,
    [ORDER_SHIPPED] = ORDER_SHIP,     [ORDER_DELIVERED] = ORDER_DELIVER,
    [ORDER_CANCELLED] = ORDER_CANCEL,
};

static enum order_command read_command(const cJSON *body, struct json_errors *errors)
{
    enum order_status status = ORDER_PENDING;
    struct json_reader reader = json_reader(body, errors);
    const char *word = json_string(&reader, "status", 1, 64);
    if (errors->count == 0 && order_status_parse(word, &status, NULL) != 0)
        json_wrong(&reader, "status",
                   "must be PENDING, CONFIRMED, SHIPPED, DELIVERED or CANCELLED");
    return leads_to[status];
}

/* PATCH /orders/{id}/status {status}: 200, 400, 404, 422, 412, 409, 503 (413 and 415 by the kit) */
static void patch_status(const struct http_request *request, struct http_response *response,
                         void *context)
{
    const struct service *host = context;
    const struct order_service *service = host->state;
    cJSON *body = parse_body(request, response);
    if (body == NULL)
        return;
    struct json_errors errors = {0};
    struct order_change change = {
        .id = http_param(request, "id"),
        .command = read_command(body, &errors),
        .now_ms = clock_now(&host->clock).wall_ms,
    };
    cJSON_Delete(body);
    struct error err = {0};
    struct order order;
    int result = 0;
    if (errors.count > 0)
        result = order_exists(service, change.id, &err); /* 404 comes before 422 */
    else
        result = change_as_asked(service, request, &change, &order, &err);

    if (result == ERR_CONFLICT && change.if_version != ORDER_ANY_VERSION) {
        problem(response, 412, "%s", err.text);
    } else if (result != 0) {
        order_refuse(response, result, &err);
    } else if (errors.count > 0) {
        problem_fields(response, &errors);
    } else {
        order_json_write(&order, &response->body);
        order_set_etag(response, order.version);
        relay_wake(service->relay);
    }
}
