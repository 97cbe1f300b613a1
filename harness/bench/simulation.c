/*
 * How much of lab 04's load is simulated a second: the reference design at the peak of the standard
 * workload, as the checks of step 3 play it, and with a channel of 100,000 readers besides. One
 * core, a release build.
 *
 * A delivery is one message at one reader's connection. Those of the warm-up are played and not
 * counted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include "04-chat/chat_model.h"
#include "bench/bench.h"
#include "kit/error.h"
#include "suites/04-chat/load_summary.h"

enum { ROUNDS = 15 };

struct simulated {
    struct chat_model model;
    struct chat_plan plan;
    struct load_seen seen;
};

static double cpu_s(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

static int row(struct simulated *simulated, int has_huge_channel, struct error *err)
{
    double deliveries[ROUNDS], events[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
        struct load_scenario scenario = load_peak((uint64_t)round);
        scenario.has_huge_channel = has_huge_channel;
        const double start_s = cpu_s();
        const int code = load_play(&simulated->plan, &scenario, &simulated->seen, err);
        const double took_s = cpu_s() - start_s;
        if (code < 0)
            return code;
        deliveries[round] = (double)simulated->seen.deliveries.count / took_s;
        events[round] = (double)simulated->seen.events / took_s;
    }
    printf("simulated chat, %s   %.1f M deliveries/s of one core, %.1f M events/s; median of %d "
           "runs of %d s\n",
           has_huge_channel ? "with a channel of 100000 readers" : "the reference at the peak",
           bench_percentile(deliveries, ROUNDS, 0.5) / 1e6,
           bench_percentile(events, ROUNDS, 0.5) / 1e6, ROUNDS, LOAD_MEASURED_S);
    return 0;
}

int bench_simulation(struct bench *bench, struct error *err)
{
    (void)bench;
    struct design_place place;
    struct simulated *simulated = calloc(1, sizeof *simulated);
    if (simulated == NULL)
        return error_set(err, ERR_LIMIT, "no memory");
    int code = chat_model_build(&simulated->model, &place, err);
    if (code == 0)
        code = chat_plan_make(&simulated->plan, &simulated->model, err);
    for (int has_huge_channel = 0; has_huge_channel < 2 && code == 0; has_huge_channel++)
        code = row(simulated, has_huge_channel, err);
    if (code == 0)
        printf("  memory   %.0f MB at most, of this program in all\n",
               bench_memory_mb(getpid(), "VmHWM:"));
    free(simulated);
    return code;
}
