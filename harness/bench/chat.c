/*
 * The chat of lab 04: deliveries through three gateways, and how long they take.
 *
 * The reference design as processes, from a release build: three gateways, two message nodes, one
 * owner of the channels. The clients are one thread of this process (suites/04-chat/crowd.h) and
 * share the machine's cores with all of them; so the figures are the whole machine's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bench/bench.h"
#include "judge/run_internal.h"
#include "kit/error.h"
#include "suites/04-chat/calibration.h"

#define PROGRAMS BUILD_FOLDER "/trees/solutions/04-chat/release"

enum { READERS = 300, CHANNELS = 20, FLOOD = 3000, PACED_S = 5 };

/* As many as go: every sender sends the next one when the last was answered. */
static int flood(struct crowd *crowd)
{
    struct chat_delays delays;
    if (chat_measure(crowd, 1000000, FLOOD, &delays))
        return 1;
    printf("  %d sends to %d readers of %d channels, as quick as it goes: %.0f deliveries/s, "
           "p50 %.1f ms, p99 %.1f ms\n",
           FLOOD, READERS, CHANNELS, delays.per_s, delays.p50_ms, delays.p99_ms);
    return 0;
}

static int measure_flood(struct chat_cluster *cluster)
{
    struct crowd *crowd = NULL;
    int ended =
        crowd_open(&crowd, cluster) || chat_measure_open(crowd, CHANNELS, READERS) || flood(crowd);
    crowd_close(crowd);
    return ended;
}

static void print_calibration(const struct calibration *calibration)
{
    const struct chat_costs *costs = &calibration->costs;
    printf("  alone (median): one hop %.0f us, a pass %.0f us, a query %.0f us, a commit %.0f us, "
           "each reader %.1f us\n",
           costs->hop_us, costs->pass.median_us, costs->query.median_us, costs->commit.median_us,
           costs->reader_us);
    for (int i = 0; i < CALIBRATION_PACES; i++)
        printf("  %d sends/s to %d readers of one channel, %d deliveries: p50 %.1f ms (predicted "
               "%.1f), p99 %.1f ms (predicted %.1f)\n",
               calibration->paces[i].sends_per_s, MEASURE_READERS,
               calibration->paces[i].measured.deliveries, calibration->paces[i].measured.p50_ms,
               calibration->paces[i].predicted.p50_ms, calibration->paces[i].measured.p99_ms,
               calibration->paces[i].predicted.p99_ms);
    printf("  p99 of the lone requests before %.1f ms, of a loopback echo meanwhile %.1f ms; %.1f "
           "threads wanted to run before",
           costs->slow_ms, calibration->loaded.p99_ms, calibration->alone.others);
    if (calibration_is_noisy(calibration))
        printf(": noisy, not compared\n");
    else
        printf("; the worst prediction is off by a factor of %.1f\n",
               calibration_worst(calibration));
}

static int measure_paced(struct chat_cluster *cluster)
{
    static const int sends[CALIBRATION_PACES] = {50 * PACED_S, 200 * PACED_S};
    struct calibration calibration;
    struct crowd *crowd = NULL;
    int ended = crowd_open(&crowd, cluster) || chat_measure_open(crowd, 1, MEASURE_READERS) ||
                chat_calibrate(crowd, sends, &calibration);
    if (!ended)
        print_calibration(&calibration);
    else
        printf("  what was predicted and measured cannot be compared here\n");
    crowd_close(crowd);
    return ended;
}

int bench_chat(struct bench *bench, struct error *err)
{
    static const struct lab lab = {.name = "04-chat", .title = "", .subject = "chat"};
    static const struct check check = {.id = "bench", .tier = TIER_CLUSTER};
    struct result result = {.check = &check};
    struct check_run run = {.lab = &lab,
                            .check = &check,
                            .launcher = bench->launcher,
                            .programs = PROGRAMS,
                            .work_dir = bench->dir,
                            .result = &result,
                            .seed = 1};
    struct chat_cluster cluster;
    int code = 0;
    run.random = random_from_seed(&run.random_state, run.seed);
    printf("chat, three gateways, two message nodes, one owner of channels\n");
    if (!chat_cluster_open(&cluster, &run, (struct chat_options){.owners = CHAT_TALK}) &&
        !measure_paced(&cluster))
        measure_flood(&cluster);
    if (run_ended(&run))
        code = error_set(err, ERR_UNAVAILABLE, "the reference chat does not work: %s",
                         result.got != NULL ? result.got : result.reason);
    chat_cluster_close(&cluster);
    run_cluster_end(&run);
    text_release(&run.script);
    result_release(&result);
    return code;
}
