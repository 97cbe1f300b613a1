/* Step 5: health. See order_health.h. */
#include "order_health.h"

#include "kit/problem.h"
#include "order_api.h"

int order_health_required(int total)
{
    /* TODO(step 5): whole numbers only; binary floating point has no 0.7. */
    (void)total;
    return -1;
}

void order_health_refresh(struct order_health *health, int64_t now_ms)
{
    /* TODO(step 5): health_run, without the lock: it may take a while. Then keep the results. */
    (void)health, (void)now_ms;
}

void order_health_report(struct order_health *health, enum order_health_scope scope, int draining,
                         int64_t now_ms, struct http_response *response)
{
    /* TODO(step 5): copy the results under the lock, then decide and write the body. */
    (void)health, (void)draining, (void)now_ms;
    if (scope != ORDER_READINESS)
        problem(response, 501, "TODO(step 5): health");
    /* An empty 200 for readiness lets steps 3 and 4 be tried; it says nothing to anybody. */
}

void order_check_database(void *store, struct health_result *result)
{
    /* TODO(step 5): read something from a table of the schema. */
    (void)store;
    result->status = HEALTH_UNKNOWN;
}

void order_check_heap(void *limit_bytes, struct health_result *result)
{
    /* TODO(step 5): health_heap_bytes against *limit_bytes; value is what was measured. */
    (void)limit_bytes;
    result->status = HEALTH_UNKNOWN;
}

void order_check_resident(void *limit_bytes, struct health_result *result)
{
    /* TODO(step 5): health_resident_bytes against *limit_bytes. */
    (void)limit_bytes;
    result->status = HEALTH_UNKNOWN;
}

void order_check_neighbour(void *neighbour, struct health_result *result)
{
    /* TODO(step 5): a call with a deadline; only a 200 is an answer that counts. */
    (void)neighbour;
    result->status = HEALTH_UNKNOWN;
}

/* GET /health/liveness: 200 */
void order_get_liveness(const struct http_request *request, struct http_response *response,
                        void *context)
{
    /* TODO(step 5): order_health_report with the monotonic time of the service's clock. */
    (void)request, (void)context;
    order_health_report(NULL, ORDER_LIVENESS, 0, 0, response);
}

/* GET /health/readiness: 200, 503 */
void order_get_readiness(const struct http_request *request, struct http_response *response,
                         void *context)
{
    /* TODO(step 5): and whether the service is draining. */
    (void)request, (void)context;
    order_health_report(NULL, ORDER_READINESS, 0, 0, response);
}

/* GET /health: 200, 503 */
void order_get_health(const struct http_request *request, struct http_response *response,
                      void *context)
{
    /* TODO(step 5) */
    (void)request, (void)context;
    order_health_report(NULL, ORDER_HEALTH, 0, 0, response);
}
