/*
 * Given: the order service. Opens what the handlers stand on, and starts two threads beside them:
 * the relay (step 4) and the rounds of health checks (step 5).
 *
 * Environment, besides kit/service.h:
 *   USER_SERVICE_URL, PAYMENT_SERVICE_URL, INVENTORY_SERVICE_URL    the neighbours
 *   MEMORY_LIMIT_BYTES    what memory_heap and memory_rss are held against; default 512 MiB
 *   IDEMPOTENCY_KEEP_MS   how long an Idempotency-Key is remembered at least; default 24 hours
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include "kit/config.h"
#include "kit/error.h"
#include "kit/thread.h"
#include "order_api.h"
#include "order_outbox.h"
#include "order_schema.h"

enum { NEIGHBOURS = 3, IDEMPOTENCY_KEEP_MS = 24 * 3600000 };
#define MEMORY_LIMIT_BYTES (INT64_C(512) << 20)

struct host {
    struct order_service service; /* first: service->state points at it */
    struct order_neighbour neighbours[NEIGHBOURS];

    pthread_t thread; /* does the rounds of health checks */
    int thread_started;
    pthread_mutex_t lock; /* guards stopping */
    pthread_cond_t wake;
    int stopping;
};

/* The student's check reads. Whether it can also be written, the host looks itself. */
static void check_database(void *store, struct health_result *result)
{
    order_check_database(store, result);
    struct error err = {0};
    if (result->status == HEALTH_UP && store_check(store, &err) < 0) {
        result->status = HEALTH_DOWN;
        snprintf(result->detail, sizeof result->detail, "%.150s", err.text);
    }
}

static void *rounds_main(void *arg)
{
    struct host *host = arg;
    const struct clock *clock = &host->service.host->clock;
    pthread_mutex_lock(&host->lock);
    while (!host->stopping) {
        pthread_mutex_unlock(&host->lock);
        order_health_refresh(&host->service.health, clock_now(clock).mono_ms);
        int64_t next_ns = monotonic_ns() + ORDER_HEALTH_PERIOD_MS * INT64_C(1000000);
        pthread_mutex_lock(&host->lock);
        while (!host->stopping && thread_wait(&host->wake, &host->lock, next_ns))
            continue;
    }
    pthread_mutex_unlock(&host->lock);
    return NULL;
}

static int set_up_health(struct host *host, struct service *service, struct error *err)
{
    static const char *const names[NEIGHBOURS][2] = {
        {"user-service", "USER_SERVICE_URL"},
        {"payment-service", "PAYMENT_SERVICE_URL"},
        {"inventory-service", "INVENTORY_SERVICE_URL"},
    };
    struct order_health *health = &host->service.health;
    pthread_mutex_init(&health->lock, NULL);
    health->measured_ms = -1;
    if (config_int64("MEMORY_LIMIT_BYTES", 1, INT64_MAX, MEMORY_LIMIT_BYTES,
                     &health->memory_limit_bytes, err) < 0)
        return ERR_INVALID;

    health->pool = health_pool_open();
    if (health->pool == NULL)
        return error_set(err, ERR_LIMIT, "no memory for health checks");
    health->checks[0] = (struct health_check){"database", check_database,
                                              host->service.orders.store, ORDER_HEALTH_LIMIT_MS};
    health->checks[1] = (struct health_check){"memory_heap", order_check_heap,
                                              &health->memory_limit_bytes, ORDER_HEALTH_LIMIT_MS};
    health->checks[2] = (struct health_check){"memory_rss", order_check_resident,
                                              &health->memory_limit_bytes, ORDER_HEALTH_LIMIT_MS};
    for (int i = 0; i < NEIGHBOURS; i++) {
        host->neighbours[i] =
            (struct order_neighbour){service->client, config_text(names[i][1], NULL)};
        health->checks[ORDER_OWN_CHECKS + i] = (struct health_check){
            names[i][0], order_check_neighbour, &host->neighbours[i], ORDER_HEALTH_LIMIT_MS};
    }
    health->check_count = ORDER_OWN_CHECKS + NEIGHBOURS;

    thread_condition_init(&host->wake);
    pthread_mutex_init(&host->lock, NULL);
    int result = thread_start(&host->thread, rounds_main, host, err);
    host->thread_started = result == 0;
    return result;
}

static void tear_down(struct service *service);

static int set_up(struct service *service, struct error *err)
{
    struct host *host = calloc(1, sizeof *host);
    if (host == NULL)
        return error_set(err, ERR_LIMIT, "no memory for the order service");
    service->state = &host->service;
    host->service.host = service;
    host->service.user_url = config_text("USER_SERVICE_URL", NULL);
    host->service.orders.ids = service->ids;
    host->service.orders.snapshot_every = ORDER_SNAPSHOT_EVERY;

    struct expiry keys = {.table = "order_keys", .clock = service->clock};
    int result = config_int64("IDEMPOTENCY_KEEP_MS", 1000, INT64_MAX, IDEMPOTENCY_KEEP_MS,
                              &keys.keep_ms, err);
    struct text schema = {0};
    text_add(&schema, ORDER_SCHEMA);
    text_add(&schema, OUTBOX_SCHEMA);
    const struct store_config config = {
        .db.url = service->database_url, .schema = text_str(&schema), .expiry = keys};
    if (result == 0)
        result = store_open(&host->service.orders.store, &config, err);
    text_release(&schema);
    if (result == 0)
        result = bus_open(&host->service.bus, service->bus_url, err);
    if (result == 0)
        result = bus_configure(host->service.bus, service->metrics, err);
    if (result == 0)
        result = set_up_health(host, service, err);
    if (result == 0) {
        host->service.relay =
            relay_start(host->service.orders.store, host->service.bus, order_relay_pass, NULL);
        if (host->service.relay == NULL)
            result = error_set(err, ERR_LIMIT, "no thread for the relay");
    }
    if (result != 0)
        tear_down(service);
    return result;
}

/* Also for a host that was set up in part. */
static void tear_down(struct service *service)
{
    struct order_service *state = service->state;
    struct host *host = (struct host *)state; /* service is its first member */
    relay_stop(state->relay);
    if (host->thread_started) {
        pthread_mutex_lock(&host->lock);
        host->stopping = 1;
        pthread_cond_signal(&host->wake);
        pthread_mutex_unlock(&host->lock);
        pthread_join(host->thread, NULL);
    }
    health_pool_close(state->health.pool);
    bus_close(state->bus);
    store_close(state->orders.store);
    free(host);
}

int main(int argc, char **argv)
{
    static const struct service_definition definition = {
        .name = "order-service",
        .setup = set_up,
        .teardown = tear_down,
        .routes = order_api_routes,
    };
    return service_main(argc, argv, &definition);
}
