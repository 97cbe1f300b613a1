/*
 * The host of lab 02: orders kept in memory, customers looked up behind the student's guard.
 * Given: nothing to write here.
 *
 * Environment besides kit/service.h: USER_SERVICE_URL, LOOKUP_MS (time limit of one lookup), and
 * the breaker's configuration: BREAKER_PERCENT, BREAKER_WINDOW, BREAKER_MINIMUM, BREAKER_TRIALS,
 * BREAKER_SUCCESSES, BREAKER_BASE_MS, BREAKER_CAP_MS, BREAKER_LEASE_MS, BREAKER_JITTER_PERCENT.
 */
#include "guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kit/config.h"
#include "kit/json.h"
#include "kit/problem.h"
#include "kit/service.h"

enum { CUSTOMER_ID_MAX = 64, CUSTOMER_NAME_MAX = 128 };

struct orders {
    struct guard *guard;
    const char *users_url;
    int64_t lookup_ms;
};

/* One lookup: what it was asked, and what came of it. */
struct lookup {
    const struct service *service;
    const struct orders *orders;
    const struct trace *trace;
    const char *customer_id;
    char name[CUSTOMER_NAME_MAX + 1];
};

static enum breaker_outcome call_user_service(void *context)
{
    struct lookup *lookup = context;
    char url[512];
    snprintf(url, sizeof url, "%s/users/%s", lookup->orders->users_url, lookup->customer_id);
    struct http_call call = {
        .url = url, .deadline_ms = lookup->orders->lookup_ms, .trace = lookup->trace};
    struct http_reply reply;
    http_client_call(lookup->service->client, &call, &reply);

    enum breaker_outcome outcome = BREAKER_FAIL;
    if (reply.outcome == HTTP_OK && reply.status == 200) {
        struct json_errors errors = {0};
        cJSON *body = json_parse(text_str(&reply.body), reply.body.length, NULL);
        struct json_reader reader = json_reader(body, &errors);
        const char *name = json_string(&reader, "name", 1, CUSTOMER_NAME_MAX);
        snprintf(lookup->name, sizeof lookup->name, "%s", name);
        outcome = errors.count == 0 ? BREAKER_OK : BREAKER_FAIL;
        cJSON_Delete(body);
    } else if (reply.outcome == HTTP_OK && reply.status >= 400 && reply.status < 500) {
        outcome = BREAKER_NEUTRAL; /* our mistake, not the dependency's illness */
    }
    http_reply_release(&reply);
    return outcome;
}

static void call_anonymous(void *context)
{
    struct lookup *lookup = context;
    snprintf(lookup->name, sizeof lookup->name, "Anonymous");
}

/* The id goes into a URL path, so it is kept to characters that mean themselves there. */
static int is_plain(const char *id)
{
    return id[strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")] ==
           '\0';
}

static void answer_order(const struct service *service, const struct lookup *lookup,
                         struct http_response *response)
{
    char id[ID_SIZE];
    id_next(&service->ids, clock_now(&service->clock).wall_ms, id);
    struct json_writer writer = json_writer(&response->body);
    json_open_object(&writer, NULL);
    json_put_string(&writer, "id", id);
    json_put_string(&writer, "customerId", lookup->customer_id);
    json_put_string(&writer, "customerName", lookup->name);
    json_put_string(&writer, "status", "PENDING");
    json_close_object(&writer);
    char location[64];
    snprintf(location, sizeof location, "/orders/%s", id);
    http_set_header(response, "Location", location);
    response->status = 201;
}

/* POST /orders {"customerId"} -> 201 with the order, 400 not JSON, 422 unknown customer. */
static void post_order(const struct http_request *request, struct http_response *response,
                       void *context)
{
    struct service *service = context;
    struct orders *orders = service->state;
    struct error err = {0};
    cJSON *body = json_parse(request->body, request->body_length, &err);
    if (body == NULL) {
        problem(response, 400, "%s", err.text);
        return;
    }
    struct json_errors errors = {0};
    struct json_reader reader = json_reader(body, &errors);
    struct lookup lookup = {.service = service, .orders = orders, .trace = request->trace};
    lookup.customer_id = json_string(&reader, "customerId", 1, CUSTOMER_ID_MAX);
    if (errors.count == 0 && !is_plain(lookup.customer_id))
        json_wrong(&reader, "customerId", "may hold letters, digits, - _ and . only");
    if (errors.count > 0) {
        problem_fields(response, &errors);
    } else {
        struct guarded_call call = {call_user_service, call_anonymous, &lookup};
        if (guard_run(orders->guard, &call) == GUARD_NEUTRAL)
            problem(response, 422, "There is no customer %s.", lookup.customer_id);
        else
            answer_order(service, &lookup, response);
        guard_publish(orders->guard);
    }
    cJSON_Delete(body);
}

static const struct http_route routes[] = {
    {"POST", "/orders", HTTP_WORKER, "application/json", post_order},
    {"GET", "/health/liveness", HTTP_INLINE, NULL, service_get_health},
    {"GET", "/health/readiness", HTTP_INLINE, NULL, service_get_health},
    {NULL, NULL, HTTP_INLINE, NULL, NULL},
};

static int read_config(struct breaker_config *config, struct error *err)
{
    struct setting {
        const char *name;
        int64_t otherwise, value;
    } settings[] = {
        {"BREAKER_PERCENT", 50, 0},        {"BREAKER_WINDOW", 10, 0},
        {"BREAKER_MINIMUM", 5, 0},         {"BREAKER_TRIALS", 1, 0},
        {"BREAKER_SUCCESSES", 2, 0},       {"BREAKER_BASE_MS", 1000, 0},
        {"BREAKER_CAP_MS", 30000, 0},      {"BREAKER_LEASE_MS", 5000, 0},
        {"BREAKER_JITTER_PERCENT", 50, 0},
    };
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        int result = config_int64(settings[i].name, 0, BREAKER_TIME_MAX_MS, settings[i].otherwise,
                                  &settings[i].value, err);
        if (result < 0)
            return result;
    }
    *config = (struct breaker_config){.failure_percent = (int)settings[0].value,
                                      .window = (int)settings[1].value,
                                      .minimum = (int)settings[2].value,
                                      .trials = (int)settings[3].value,
                                      .successes = (int)settings[4].value,
                                      .base_ms = settings[5].value,
                                      .cap_ms = settings[6].value,
                                      .lease_ms = settings[7].value,
                                      .jitter = (double)settings[8].value / 100,
                                      .random = random_system()};
    return 0;
}

static int setup(struct service *service, struct error *err)
{
    struct orders *orders = calloc(1, sizeof *orders);
    if (orders == NULL)
        return error_set(err, ERR_LIMIT, "no memory to start");
    service->state = orders;
    orders->users_url = config_text("USER_SERVICE_URL", "http://127.0.0.1:3002");
    struct breaker_config config;
    int result = read_config(&config, err);
    if (result == 0)
        result = config_int64("LOOKUP_MS", 1, 60000, 500, &orders->lookup_ms, err);
    if (result == 0)
        result = guard_create(&orders->guard, "user-service", &config, service->clock,
                              service->metrics, err);
    return result;
}

static void teardown(struct service *service)
{
    struct orders *orders = service->state;
    if (orders == NULL)
        return;
    guard_destroy(orders->guard);
    free(orders);
}

int main(int argc, char **argv)
{
    static const struct service_definition definition = {
        .name = "order-service", .setup = setup, .teardown = teardown, .routes = routes};
    return service_main(argc, argv, &definition);
}
