/*
 * The host of lab 03: checkouts, each one a saga of the student's, over six services.
 * Given: nothing to write here. service_sagas.h says how it works.
 *
 * Environment besides kit/service.h: {CART,PRICING,INVENTORY,PAYMENT,SHIPPING,NOTIFICATION}
 * _SERVICE_URL, USER_SERVICE_URL; SAGA_ANSWER_MS (how long each answer is waited for),
 * SAGA_ATTEMPTS, SAGA_COMPENSATION_ATTEMPTS, SAGA_BACKOFF_BASE_MS, SAGA_BACKOFF_CAP_MS,
 * SAGA_DEADLINE_MS. HOST=inventory: it is the inventory instead (service_inventory.h).
 */
#include "kit/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kit/error.h"
#include "kit/json.h"
#include "kit/problem.h"
#include "kit/service.h"
#include "service_inventory.h"
#include "service_log.h"
#include "service_sagas.h"
#include "service_story.h"

enum { LOOKUP_MS = 300 };

struct checkouts {
    struct store *store;
    struct sagas *sagas;
    struct saga_config config;
    const char *users_url;
};

/* What went wrong in a request, as a status. */
static void refuse(struct http_response *response, int code, const struct error *err)
{
    int again = code == ERR_LIMIT || code == ERR_IO || code == ERR_UNAVAILABLE;
    int status = code == ERR_NOT_FOUND ? 404
                 : code == ERR_REFUSED ? 409
                 : code == ERR_TODO    ? 501
                 : again               ? 503
                                       : 500;
    problem(response, status, "%s", err->text);
    if (again)
        http_set_header(response, "Retry-After", "1");
}

/* The id goes into a URL path, so it is kept to characters that mean themselves there. */
static int is_plain(const char *id)
{
    return id[strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")] ==
           '\0';
}

/* 1 when user-service says that there is no such customer. Any other trouble with it is no reason
   to lose a sale. */
static int is_unknown(const struct service *service, const struct http_request *request,
                      const char *customer_id)
{
    const struct checkouts *checkouts = service->state;
    char url[512];
    struct http_reply reply;
    snprintf(url, sizeof url, "%s/users/%s", checkouts->users_url, customer_id);
    http_client_call(
        service->client,
        &(struct http_call){.url = url, .deadline_ms = LOOKUP_MS, .trace = request->trace}, &reply);
    int unknown = reply.status == 404;
    http_reply_release(&reply);
    return unknown;
}

/* Visible ASCII characters. */
static int is_key(const char *key)
{
    size_t length = 0;
    while (key[length] >= 0x21 && key[length] <= 0x7e)
        length++;
    return length >= 1 && length <= LOG_KEY_MAX && key[length] == '\0';
}

/* What is wrong with the body goes to the reader's errors. */
static void read_checkout(struct json_reader *reader, struct saga_checkout *checkout)
{
    snprintf(checkout->cart_id, sizeof checkout->cart_id, "%s",
             json_string(reader, "cartId", 1, SAGA_WORD_SIZE - 1));
    const char *customer_id = json_string(reader, "customerId", 1, SAGA_WORD_SIZE - 1);
    snprintf(checkout->customer_id, sizeof checkout->customer_id, "%s", customer_id);
    snprintf(checkout->coupon, sizeof checkout->coupon, "%s",
             json_string_or(reader, "coupon", SAGA_WORD_SIZE - 1, ""));
    if (!is_plain(customer_id))
        json_wrong(reader, "customerId", "may hold letters, digits, - _ and . only");
}

/* Begins the checkout under a new id, or gives it the id of the one that its request has begun. */
static int begin(struct service *service, const struct log_request *request,
                 const struct trace *trace, struct saga_checkout *checkout, struct error *err)
{
    const struct checkouts *checkouts = service->state;
    id_next(&service->ids, clock_now(&service->clock).wall_ms, checkout->id);
    int result = sagas_start(checkouts->sagas, checkout, request, trace, err);
    if (result != ERR_EXISTS)
        return result;
    result = log_find_request(checkouts->store, request, checkout->id, err);
    return result != 0 ? result : error_set(err, ERR_IO, "The checkout was not begun: try again.");
}

/* A repeated request gets the answer that the first one got. */
static void answer_begun(struct http_response *response, const char *id)
{
    char location[64];
    snprintf(location, sizeof location, "/checkouts/%s", id);
    http_set_header(response, "Location", location);
    response->status = 202;
    struct json_writer writer = json_writer(&response->body);
    json_open_object(&writer, NULL);
    json_put_string(&writer, "id", id);
    json_put_string(&writer, "phase", saga_phase_name(SAGA_RUNNING));
    json_close_object(&writer);
}

/* POST /checkouts {cartId, customerId, coupon?}, Idempotency-Key? -> 202, Location, {id, phase},
   the same again for a known key and the same body; 400 not JSON or no key, 422 a wrong field, no
   such customer or a key that was used with another body, 503. */
static void post_checkout(const struct http_request *request, struct http_response *response,
                          void *context)
{
    struct service *service = context;
    const struct checkouts *checkouts = service->state;
    struct log_request asked = {.key = http_header(request, "Idempotency-Key")};
    struct saga_checkout checkout = {0};
    struct error err = {0};
    struct json_errors errors = {0};
    if (asked.key != NULL && !is_key(asked.key)) {
        problem(response, 400, "An Idempotency-Key is 1 to %d visible ASCII characters.",
                LOG_KEY_MAX);
        return;
    }
    cJSON *body = json_parse(request->body, request->body_length, &err);
    if (body == NULL) {
        problem(response, 400, "%s", err.text);
        return;
    }
    struct json_reader reader = json_reader(body, &errors);
    sha256_text(request->body, request->body_length, asked.body_sha256);
    int result = log_find_request(checkouts->store, &asked, checkout.id, &err);
    if (result == 0)
        read_checkout(&reader, &checkout);
    if (result == 0 && errors.count == 0 && is_unknown(service, request, checkout.customer_id))
        json_wrong(&reader, "customerId", "is nobody that user-service knows");
    if (result == 0 && errors.count == 0)
        result = begin(service, &asked, request->trace, &checkout, &err);
    if (result == ERR_CONFLICT)
        json_wrong(&reader, "Idempotency-Key", "was used with another body");

    if (errors.count > 0)
        problem_fields(response, &errors);
    else if (result < 0)
        refuse(response, result, &err);
    else
        answer_begun(response, checkout.id);
    cJSON_Delete(body);
}

/* The id in the path; NULL, and 404, for one that no checkout can have. */
static const char *asked_id(const struct http_request *request, struct http_response *response)
{
    const char *id = http_param(request, "id");
    if (id_valid(id))
        return id;
    problem(response, 404, "There is no checkout %.64s: an id is 36 characters.", id);
    return NULL;
}

/* GET /checkouts/{id} -> 200 {id, phase, parkedStep?, ..., records}; 404; 500 when its log is
   damaged. */
static void get_checkout(const struct http_request *request, struct http_response *response,
                         void *context)
{
    const struct checkouts *checkouts = ((struct service *)context)->state;
    const char *id = asked_id(request, response);
    struct error err = {0};
    int result = id == NULL
                     ? 0
                     : story_write(checkouts->store, &checkouts->config, id, &response->body, &err);
    if (result < 0)
        refuse(response, result, &err);
}

/* POST /checkouts/{id}/resume -> 202 {id}; 404; 409 when it is not parked; 500 as above. */
static void post_resume(const struct http_request *request, struct http_response *response,
                        void *context)
{
    const struct checkouts *checkouts = ((struct service *)context)->state;
    const char *id = asked_id(request, response);
    struct error err = {0};
    if (id == NULL)
        return;
    int result = sagas_resume(checkouts->sagas, id, &err);
    if (result < 0) {
        refuse(response, result, &err);
        return;
    }
    response->status = 202;
    struct json_writer writer = json_writer(&response->body);
    json_open_object(&writer, NULL);
    json_put_string(&writer, "id", id);
    json_close_object(&writer);
}

static const struct http_route routes[] = {
    {"POST", "/checkouts", HTTP_WORKER, "application/json", post_checkout},
    {"GET", "/checkouts/{id}", HTTP_WORKER, NULL, get_checkout},
    {"POST", "/checkouts/{id}/resume", HTTP_WORKER, NULL, post_resume},
    {"GET", "/health/liveness", HTTP_INLINE, NULL, service_get_health},
    {"GET", "/health/readiness", HTTP_HEALTH, NULL, service_get_health},
    {NULL, NULL, HTTP_INLINE, NULL, NULL},
};

static int read_config(struct saga_config *config, struct error *err)
{
    struct {
        const char *name;
        int64_t most, value;
    } settings[] = {
        {"SAGA_ANSWER_MS", 600000, 2000},        {"SAGA_ATTEMPTS", 1000, 4},
        {"SAGA_COMPENSATION_ATTEMPTS", 1000, 6}, {"SAGA_BACKOFF_BASE_MS", 600000, 50},
        {"SAGA_BACKOFF_CAP_MS", 600000, 2000},   {"SAGA_DEADLINE_MS", 86400000, 60000},
    };
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        int result = config_int64(settings[i].name, 1, settings[i].most, settings[i].value,
                                  &settings[i].value, err);
        if (result < 0)
            return result;
    }
    for (int i = 0; i < SAGA_STEPS; i++)
        config->answer_ms[i] = settings[0].value;
    config->attempts = (int)settings[1].value;
    config->compensation_attempts = (int)settings[2].value;
    config->backoff_base_ms = settings[3].value;
    config->backoff_cap_ms = settings[4].value;
    config->deadline_ms = settings[5].value;
    if (config->backoff_cap_ms < config->backoff_base_ms) /* no saga could be made, or read */
        return error_set(err, ERR_INVALID,
                         "SAGA_BACKOFF_CAP_MS is %lld: it must not be below SAGA_BACKOFF_BASE_MS, "
                         "which is %lld.",
                         (long long)config->backoff_cap_ms, (long long)config->backoff_base_ms);
    return 0;
}

static void teardown(struct service *service)
{
    struct checkouts *checkouts = service->state;
    sagas_close(checkouts->sagas);
    store_close(checkouts->store);
    free(checkouts);
}

static int setup(struct service *service, struct error *err)
{
    static const char *const names[SAGA_STEPS] = {
        "CART_SERVICE_URL",    "PRICING_SERVICE_URL",  "INVENTORY_SERVICE_URL",
        "PAYMENT_SERVICE_URL", "SHIPPING_SERVICE_URL", "NOTIFICATION_SERVICE_URL"};
    struct checkouts *checkouts = calloc(1, sizeof *checkouts);
    if (checkouts == NULL)
        return error_set(err, ERR_LIMIT, "no memory to start");
    service->state = checkouts;
    checkouts->users_url = config_text("USER_SERVICE_URL", "http://127.0.0.1:3002");
    const struct store_config store = {.db.url = service->database_url,
                                       .schema = SERVICE_LOG_SCHEMA};
    int result = read_config(&checkouts->config, err);
    struct sagas_config config = {.saga = checkouts->config, .service = service};
    for (int i = 0; i < SAGA_STEPS && result == 0; i++) {
        config.urls[i] = config_text(names[i], NULL);
        if (config.urls[i] == NULL)
            result = error_set(err, ERR_INVALID, "%s is not set: where is that service?", names[i]);
    }
    if (result == 0)
        result = store_open(&checkouts->store, &store, err);
    service->store = checkouts->store;
    config.store = checkouts->store;
    if (result == 0)
        result = sagas_open(&checkouts->sagas, &config, err);
    if (result < 0)
        teardown(service);
    return result;
}

int main(int argc, char **argv)
{
    static const struct service_definition definition = {
        .name = "checkout-service", .setup = setup, .teardown = teardown, .routes = routes};
    int is_inventory = strcmp(config_text("HOST", ""), "inventory") == 0;
    return service_main(argc, argv, is_inventory ? &inventory_definition : &definition);
}
