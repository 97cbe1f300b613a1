/* Several runs of the simulation together. */
#include "suites/04-chat/load_summary.h"

#include <stddef.h>
#include <stdlib.h>
#include "kit/error.h"

enum { RUNS_MAX = LOAD_RUNS };
#define SECONDS(s) ((int64_t)1000000000 * (s))

/* What one run says, by figure. */
struct figures {
    double answer_p50[RUNS_MAX], answer_p99[RUNS_MAX], delivery_p50[RUNS_MAX],
        delivery_p99[RUNS_MAX], beside_p99[RUNS_MAX];
    double answer_late[RUNS_MAX], delivery_late[RUNS_MAX], beside_late[RUNS_MAX];
    double use[DESIGN_SERVICES_MAX][RUNS_MAX], queue[DESIGN_SERVICES_MAX][RUNS_MAX],
        refused[DESIGN_SERVICES_MAX][RUNS_MAX];
    double lost[RUNS_MAX], failed[RUNS_MAX], hottest[RUNS_MAX];
};

struct load_scenario load_peak(uint64_t seed)
{
    return (struct load_scenario){.seed = seed,
                                  .workload = workload_standard(),
                                  .measured_ns = SECONDS(LOAD_WARM_S),
                                  .end_ns = SECONDS(LOAD_WARM_S + LOAD_MEASURED_S),
                                  .events_max = LOAD_EVENTS_MAX};
}

static double quantile_ms(const struct histogram *histogram, double share)
{
    return (double)histogram_quantile(histogram, share) / 1e6;
}

/* Of those that came, or of all that were due: whichever is more. */
static double share_late(const struct histogram *came, const struct punctual *punctual,
                         int limit_ms)
{
    const double late = histogram_above(came, limit_ms * INT64_C(1000000));
    const double missing =
        punctual->due > 0 ? 1 - (double)punctual->in_time / (double)punctual->due : 0;
    return late > missing ? late : missing;
}

static void note_run(struct figures *figures, int at, struct load_summary *result, int services)
{
    const struct load_seen *seen = &result->last;
    figures->answer_p50[at] = quantile_ms(&seen->answers, 0.50);
    figures->answer_p99[at] = quantile_ms(&seen->answers, 0.99);
    figures->delivery_p50[at] = quantile_ms(&seen->deliveries, 0.50);
    figures->delivery_p99[at] = quantile_ms(&seen->deliveries, 0.99);
    figures->beside_p99[at] = quantile_ms(&seen->beside_huge, 0.99);
    figures->answer_late[at] = share_late(&seen->answers, &seen->answered, ANSWER_LIMIT_MS);
    figures->delivery_late[at] = share_late(&seen->deliveries, &seen->delivered, DELIVERY_LIMIT_MS);
    figures->beside_late[at] =
        share_late(&seen->beside_huge, &seen->delivered_beside, DELIVERY_LIMIT_MS);
    figures->lost[at] = (double)seen->lost;
    figures->failed[at] = (double)seen->failed;
    figures->hottest[at] = seen->hottest;
    for (int i = 0; i < services; i++) {
        figures->use[i][at] = seen->use[i];
        figures->queue[i][at] = seen->queue[i];
        figures->refused[i][at] = (double)seen->refused[i];
        if (seen->queue_peak[i] > result->queue_peak[i])
            result->queue_peak[i] = seen->queue_peak[i];
    }
    histogram_merge(&result->answers, &seen->answers);
    histogram_merge(&result->deliveries, &seen->deliveries);
    histogram_merge(&result->beside_huge, &seen->beside_huge);
    result->beside_due += seen->delivered_beside.due;
    result->is_overloaded |= seen->is_overloaded;
}

static void sum_up(const struct figures *figures, struct load_summary *result, int services)
{
    const int runs = result->runs;
    result->answer_p50_ms = estimate_of(figures->answer_p50, runs);
    result->answer_p99_ms = estimate_of(figures->answer_p99, runs);
    result->delivery_p50_ms = estimate_of(figures->delivery_p50, runs);
    result->delivery_p99_ms = estimate_of(figures->delivery_p99, runs);
    result->beside_p99_ms = estimate_of(figures->beside_p99, runs);
    result->answer_late = estimate_of(figures->answer_late, runs);
    result->delivery_late = estimate_of(figures->delivery_late, runs);
    result->beside_late = estimate_of(figures->beside_late, runs);
    result->lost = estimate_of(figures->lost, runs);
    result->failed = estimate_of(figures->failed, runs);
    result->hottest = estimate_of(figures->hottest, runs);
    for (int i = 0; i < services; i++) {
        result->use[i] = estimate_of(figures->use[i], runs);
        result->queue[i] = estimate_of(figures->queue[i], runs);
        result->refused[i] = estimate_of(figures->refused[i], runs);
    }
}

struct load_summary *load_simulate(const struct chat_plan *plan, struct load_scenario scenario,
                                   int runs, struct error *err)
{
    struct load_summary *result = calloc(1, sizeof *result);
    struct figures *figures = calloc(1, sizeof *figures);
    int code = result != NULL && figures != NULL ? 0 : error_set(err, ERR_LIMIT, "no memory");
    const uint64_t seed = scenario.seed;
    for (int i = 0; i < runs && i < RUNS_MAX && code == 0 && !result->is_overloaded; i++) {
        scenario.seed = seed * RUNS_MAX + (uint64_t)i;
        code = load_play(plan, &scenario, &result->last, err);
        scenario.events_max -= result->last.events;
        if (code == 0)
            note_run(figures, result->runs++, result, plan->model->service_count);
    }
    if (code == 0)
        sum_up(figures, result, plan->model->service_count);
    free(figures);
    if (code == 0)
        return result;
    free(result);
    return NULL;
}
