/* Step 5: health. See order_health.h. */
#include "order_health.h"

#include <stdio.h>
#include <string.h>
#include "kit/error.h"
#include "kit/json.h"
#include "order_api.h"

enum { REQUIRED_PERCENT = 70 };

int order_health_required(int total)
{
    return (total * REQUIRED_PERCENT + 99) / 100;
}

/* ---- The checks ---- */

static int touch_events(struct db_tx *tx, void *arg, struct error *err)
{
    (void)arg;
    return db_finish(db_query(tx, "SELECT 1 FROM order_events LIMIT 1"), err);
}

void order_check_database(void *store, struct health_result *result)
{
    struct error err = {0};
    int code = store_read(store, touch_events, NULL, &err);
    result->status = code == 0 ? HEALTH_UP : HEALTH_DOWN;
    snprintf(result->detail, sizeof result->detail, "%.150s", err.text);
}

static void judge_memory(int64_t bytes, int64_t limit_bytes, struct health_result *result)
{
    result->value = bytes;
    result->status = bytes <= limit_bytes ? HEALTH_UP : HEALTH_DOWN;
    if (result->status == HEALTH_DOWN)
        snprintf(result->detail, sizeof result->detail, "more memory is in use than the limit");
}

void order_check_heap(void *limit_bytes, struct health_result *result)
{
    judge_memory(health_heap_bytes(), *(const int64_t *)limit_bytes, result);
}

void order_check_resident(void *limit_bytes, struct health_result *result)
{
    judge_memory(health_resident_bytes(), *(const int64_t *)limit_bytes, result);
}

void order_check_neighbour(void *context, struct health_result *result)
{
    const struct order_neighbour *neighbour = context;
    result->status = HEALTH_DOWN;
    if (neighbour->url == NULL || neighbour->url[0] == '\0') {
        snprintf(result->detail, sizeof result->detail, "its address is not configured");
        return;
    }
    struct text url = {0};
    text_addf(&url, "%s/health/readiness", neighbour->url);
    const struct http_call call = {.url = text_str(&url), .deadline_ms = ORDER_HEALTH_LIMIT_MS};
    struct http_reply reply = {0};
    http_client_call(neighbour->client, &call, &reply);
    if (reply.status == 200)
        result->status = HEALTH_UP;
    else if (reply.outcome == HTTP_OK)
        snprintf(result->detail, sizeof result->detail, "it answered %d", reply.status);
    else
        snprintf(result->detail, sizeof result->detail, "no answer: %s",
                 http_outcome_name(reply.outcome));
    http_reply_release(&reply);
    text_release(&url);
}

/* ---- A round ---- */

void order_health_refresh(struct order_health *health, int64_t now_ms)
{
    struct health_result results[HEALTH_CHECKS_MAX] = {{.value = -1}};
    health_run(health->pool, health->checks, health->check_count, results);
    pthread_mutex_lock(&health->lock);
    memcpy(health->results, results, sizeof results);
    health->measured_ms = now_ms;
    pthread_mutex_unlock(&health->lock);
}

/* What the last round found; all unknown when it is too old. */
static void latest_results(struct order_health *health, int64_t now_ms,
                           struct health_result results[HEALTH_CHECKS_MAX])
{
    pthread_mutex_lock(&health->lock);
    int64_t measured_ms = health->measured_ms;
    memcpy(results, health->results, sizeof health->results);
    pthread_mutex_unlock(&health->lock);
    if (measured_ms >= 0 && now_ms - measured_ms <= ORDER_HEALTH_MAX_AGE_MS)
        return;
    for (int i = 0; i < health->check_count; i++)
        results[i] = (struct health_result){
            .status = HEALTH_UNKNOWN, .value = -1, .detail = "it was not checked lately"};
}

/* ---- The report ---- */

/* The members of the body that an entry is in. */
enum part { IN_INFO = 1, IN_ERROR = 2, IN_DETAILS = 4 };

struct entry {
    const char *name;
    int parts;
    struct text json;
};

struct report {
    int count;
    struct entry entries[ORDER_OWN_CHECKS + 2]; /* external-services, service */
};

/* Begins an entry {"status":...}; the caller may add members, and closes the object. */
static struct json_writer open_entry(struct report *report, const char *name, int decides,
                                     enum health_status status)
{
    struct entry *entry = &report->entries[report->count++];
    entry->name = name;
    entry->parts = IN_DETAILS;
    if (decides)
        entry->parts |= status == HEALTH_UP ? IN_INFO : IN_ERROR;

    struct json_writer writer = json_writer(&entry->json);
    json_open_object(&writer, NULL);
    json_put_string(&writer, "status", health_status_name(status));
    return writer;
}

/* A check of this instance: the first is the database, the others measure memory. */
static void add_own(struct report *report, const struct order_health *health, int index,
                    const struct health_result *result)
{
    struct json_writer writer = open_entry(report, health->checks[index].name, 1, result->status);
    if (index > 0) {
        json_put_int64(&writer, "bytes", result->value);
        json_put_int64(&writer, "limitBytes", health->memory_limit_bytes);
    }
    if (result->status != HEALTH_UP)
        json_put_string(&writer, "detail", result->detail);
    json_close_object(&writer);
}

/* All external services as one. One whose status is unknown is not up. */
static void add_external(struct report *report, const struct order_health *health, int decides,
                         const struct health_result *results)
{
    int total = health->check_count - ORDER_OWN_CHECKS;
    int healthy = 0;
    for (int i = ORDER_OWN_CHECKS; i < health->check_count; i++)
        healthy += results[i].status == HEALTH_UP;
    int up = healthy >= order_health_required(total);

    struct json_writer writer =
        open_entry(report, "external-services", decides, up ? HEALTH_UP : HEALTH_DOWN);
    json_put_int64(&writer, "healthy", healthy);
    json_put_int64(&writer, "total", total);
    json_open_object(&writer, "services");
    for (int i = ORDER_OWN_CHECKS; i < health->check_count; i++)
        json_put_string(&writer, health->checks[i].name, health_status_name(results[i].status));
    json_close_object(&writer);
    json_close_object(&writer);
}

static void add_draining(struct report *report)
{
    struct json_writer writer = open_entry(report, "service", 1, HEALTH_DOWN);
    json_put_string(&writer, "detail", "it was told to stop");
    json_close_object(&writer);
}

static void put_part(struct json_writer *writer, const char *name, const struct report *report,
                     enum part part)
{
    json_open_object(writer, name);
    for (int i = 0; i < report->count; i++)
        if (report->entries[i].parts & (int)part)
            json_put_raw(writer, report->entries[i].name, text_str(&report->entries[i].json));
    json_close_object(writer);
}

/* Writes the body, and releases the report. */
static void send_report(struct report *report, struct http_response *response)
{
    int parts = 0;
    for (int i = 0; i < report->count; i++)
        parts |= report->entries[i].parts;
    int down = (parts & IN_ERROR) != 0;

    struct json_writer writer = json_writer(&response->body);
    response->status = down ? 503 : 200;
    json_open_object(&writer, NULL);
    json_put_string(&writer, "status", down ? "error" : "ok");
    put_part(&writer, "info", report, IN_INFO);
    put_part(&writer, "error", report, IN_ERROR);
    put_part(&writer, "details", report, IN_DETAILS);
    json_close_object(&writer);
    for (int i = 0; i < report->count; i++)
        text_release(&report->entries[i].json);
}

void order_health_report(struct order_health *health, enum order_health_scope scope, int draining,
                         int64_t now_ms, struct http_response *response)
{
    struct health_result results[HEALTH_CHECKS_MAX];
    struct report report = {0};
    latest_results(health, now_ms, results);
    if (scope == ORDER_READINESS) {
        add_own(&report, health, 0, &results[0]);
        add_external(&report, health, 0, results);
        if (draining)
            add_draining(&report);
    }
    if (scope == ORDER_HEALTH) {
        for (int i = 0; i < ORDER_OWN_CHECKS; i++)
            add_own(&report, health, i, &results[i]);
        add_external(&report, health, 1, results);
    }
    send_report(&report, response);
}

/* ---- The routes ---- */

static void answer(struct service *host, enum order_health_scope scope,
                   struct http_response *response)
{
    struct order_service *service = host->state;
    order_health_report(&service->health, scope, service_draining(host),
                        clock_now(&host->clock).mono_ms, response);
}

/* GET /health/liveness: 200 */
void order_get_liveness(const struct http_request *request, struct http_response *response,
                        void *context)
{
    (void)request;
    answer(context, ORDER_LIVENESS, response);
}

/* GET /health/readiness: 200, 503 */
void order_get_readiness(const struct http_request *request, struct http_response *response,
                         void *context)
{
    (void)request;
    answer(context, ORDER_READINESS, response);
}

/* GET /health: 200, 503 */
void order_get_health(const struct http_request *request, struct http_response *response,
                      void *context)
{
    (void)request;
    answer(context, ORDER_HEALTH, response);
}
