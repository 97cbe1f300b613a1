#include "suites/04-chat/predict.h"

#include <math.h>
#include <stdlib.h>
#include "04-chat/chat_nodes.h"
#include "04-chat/service_fetch.h"
#include "kit/error.h"
#include "kit/limits.h"
#include "suites/04-chat/load_run.h"

enum { WARM_S = 1, MEASURED_S = 10, DAY_S = 86400 };
#define SECONDS(s) ((int64_t)1000000000 * (s))

/* --- the cluster ------------------------------------------------------------------------------ */

static int64_t ns_of(double us)
{
    return (int64_t)(1e3 * us);
}

/* A fixed part and one by chance, by which half take less than the median. */
static struct service_time work_of(struct chat_took took)
{
    return (struct service_time){ns_of(took.least_us),
                                 ns_of((took.median_us - took.least_us) / log(2))};
}

static struct load_costs costs_of(const struct chat_costs *measured)
{
    struct load_costs costs = load_costs_standard();
    costs.hop_ns = ns_of(measured->hop_us);
    costs.row_ns = 0; /* a commit was measured with its row, ... */
    costs.pass = work_of(measured->pass);
    costs.query = work_of(measured->query);
    costs.commit = work_of(measured->commit);
    costs.fan_out_ns = 0; /* ... and the first reader with what comes before the readers */
    costs.reader_ns = ns_of(measured->reader_us);
    costs.poll_ns = costs.reader_ns; /* the cluster streams in any case */
    return costs;
}

static void scale_to_cluster(struct chat_model *model)
{
    for (int i = 0; i < model->service_count; i++) {
        struct design_service *service = &model->services[i];
        const int nodes = chat_node_count(model, i);
        service->instances = nodes > 0 ? nodes : 1;
        service->copies =
            service->copies < service->instances ? service->copies : service->instances;
        service->workers = HTTP_WORKERS;
    }
}

/* 1: the cluster tells gateways of messages, as the design says; 0: gateways ask for them. */
static int is_told(const struct chat_model *model)
{
    const int from = design_owner(model, OWNS_MESSAGES), to = design_owner(model, OWNS_CONNECTIONS);
    for (int i = 0; i < model->flow_count; i++)
        for (int k = 0; k < model->flows[i].hop_count; k++) {
            const struct design_hop *hop = &model->flows[i].hops[k];
            if (hop->kind != DESIGN_CALL && hop->from == from && hop->to == to)
                return 1;
        }
    return from == to;
}

/* What gathers until a gateway asks for it. */
static void wait_for_asking(struct chat_plan *plan)
{
    struct plan_node *node = plan->delivery != PLAN_NONE ? &plan->nodes[plan->delivery] : NULL;
    if (node == NULL || node->hop == NULL || node->hop->kind == DESIGN_CALL)
        return;
    plan->poll = *node->hop;
    plan->poll.batch = DESIGN_BATCH_MAX;
    plan->poll.batch_ms = NEWEST_MS;
    node->hop = &plan->poll;
    node->target = TARGET_READERS;
}

/* --- the load --------------------------------------------------------------------------------- */

static struct load_scenario pace(int sends_per_s)
{
    struct workload workload = workload_standard();
    workload.users = 1;
    workload.online_share = workload.active_share = workload.peak_factor = workload.devices = 1;
    workload.messages_per_user = (double)DAY_S * sends_per_s;
    workload.busiest_share = 1; /* the one channel */
    for (int i = 0; i < WORKLOAD_CHANNEL_CLASSES; i++)
        workload.channels[i].readers = MEASURE_READERS;
    return (struct load_scenario){.seed = 1,
                                  .workload = workload,
                                  .is_even = 1,
                                  .has_home = 1,
                                  .measured_ns = SECONDS(WARM_S),
                                  .end_ns = SECONDS(WARM_S + MEASURED_S),
                                  .events_max = LOAD_EVENTS_MAX};
}

int chat_predict(const struct chat_model *model, const struct chat_costs *costs, int sends_per_s,
                 struct chat_delays *out, struct error *err)
{
    const struct load_costs here = costs_of(costs);
    const struct load_scenario scenario = pace(sends_per_s);
    struct chat_model *scaled = calloc(1, sizeof *scaled);
    struct chat_plan *plan = calloc(1, sizeof *plan);
    struct load_seen *seen = calloc(1, sizeof *seen);
    int code = scaled != NULL && plan != NULL && seen != NULL
                   ? 0
                   : error_set(err, ERR_LIMIT, "no memory to predict with");
    *out = (struct chat_delays){0};
    if (code == 0) {
        *scaled = *model;
        scale_to_cluster(scaled);
        code = chat_plan_make_for(plan, scaled, &here, err);
    }
    if (code == 0 && !is_told(model))
        wait_for_asking(plan);
    if (code == 0)
        code = load_play(plan, &scenario, seen, err);
    if (code == 0 && !seen->is_overloaded)
        *out = (struct chat_delays){
            .p50_ms = (double)histogram_quantile(&seen->deliveries, 0.50) / 1e6,
            .p99_ms = (double)histogram_quantile(&seen->deliveries, 0.99) / 1e6,
            .per_s = (double)seen->deliveries.count / MEASURED_S,
            .deliveries = (int)seen->deliveries.count};
    free(seen);
    free(plan);
    free(scaled);
    return code;
}
