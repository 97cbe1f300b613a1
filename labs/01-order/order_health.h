/*
 * Lab 01, step 5: health.
 *
 * A round runs every check side by side and keeps the results; the host does one every
 * ORDER_HEALTH_PERIOD_MS on a thread of its own. The three routes only read what the last round
 * found, so they answer at once, even while every worker is busy or a neighbour hangs. Results
 * older than ORDER_HEALTH_MAX_AGE_MS are worth nothing: each check is then unknown.
 *
 *                            decided by                                      also in details
 *   GET /health/liveness     nothing: 200 whenever the process can answer
 *   GET /health/readiness    database, draining                              external-services
 *   GET /health              database, memory_heap, memory_rss,
 *                            external-services
 *
 * 200 {"status":"ok",...} or 503 {"status":"error",...}. The body (H2), members by check name:
 *   "info"     the deciding checks that are up
 *   "error"    the deciding checks that are not; unknown counts as down
 *   "details"  all of the table's row
 *   {"database":{"status":"up"},
 *    "memory_rss":{"status":"down","bytes":9,"limitBytes":8,"detail":"..."},
 *    "external-services":{"status":"up","healthy":2,"total":3,
 *                         "services":{"user-service":"up",...,"inventory-service":"unknown"}}}
 * A draining service adds "service":{"status":"down","detail":"..."} to readiness (H3).
 */
#ifndef ORDER_HEALTH_H
#define ORDER_HEALTH_H

#include <pthread.h>
#include "kit/health.h"
#include "kit/http_client.h"
#include "kit/http_server.h"
#include "kit/store.h"

enum {
    ORDER_HEALTH_PERIOD_MS = 200,
    ORDER_HEALTH_MAX_AGE_MS = 3000,
    ORDER_HEALTH_LIMIT_MS = 500, /* for each check */
    ORDER_OWN_CHECKS = 3         /* database, memory_heap, memory_rss; then the external services */
};

enum order_health_scope { ORDER_LIVENESS, ORDER_READINESS, ORDER_HEALTH };

/* Checks 0 to ORDER_OWN_CHECKS - 1 are this instance's own, in the order named above; the others
   are external services. Filled by the host (or by the judge), then only read. */
struct order_health {
    struct health_pool *pool;
    struct health_check checks[HEALTH_CHECKS_MAX];
    int check_count;
    int64_t memory_limit_bytes; /* shown beside memory_heap and memory_rss */

    pthread_mutex_t lock; /* guards what is below */
    struct health_result results[HEALTH_CHECKS_MAX];
    int64_t measured_ms; /* monotonic, when the last round began; -1 = there was none */
};

/* How many of total external services must be up: 70 %, rounded up (3 of 3, 7 of 10; 0 of 0). */
int order_health_required(int total);

/* Runs one round and keeps its results. now_ms: monotonic. Called by one thread at a time. */
void order_health_refresh(struct order_health *health, int64_t now_ms);

/* Fills response with the status and body of one route at now_ms (monotonic). Never waits for a
   round that is running. draining: the service was told to stop. */
void order_health_report(struct order_health *health, enum order_health_scope scope, int draining,
                         int64_t now_ms, struct http_response *response);

/* The checks (run of struct health_check); context is what each one asks. The database's reads a
   table; whether the database can be written, the host looks itself. */
void order_check_database(void *store, struct health_result *result);       /* struct store * */
void order_check_heap(void *limit_bytes, struct health_result *result);     /* const int64_t * */
void order_check_resident(void *limit_bytes, struct health_result *result); /* const int64_t * */

/* A neighbour is up when GET url/health/readiness answers 200 in time. */
struct order_neighbour {
    struct http_client *client;
    const char *url; /* "http://127.0.0.1:9001"; NULL or "": not configured, so down */
};
void order_check_neighbour(void *neighbour, struct health_result *result);

/* Handlers of the three routes; context: struct service * whose state is a struct order_service
   (order_api.h). The table in order_api.c runs them inline: they only read. */
http_handler order_get_liveness, order_get_readiness, order_get_health;

#endif
