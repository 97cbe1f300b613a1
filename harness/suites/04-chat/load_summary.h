/*
 * Several runs of the simulation together: what the checks of step 3 judge, and the pictures show.
 */
#ifndef SUITES_CHAT_LOAD_SUMMARY_H
#define SUITES_CHAT_LOAD_SUMMARY_H

#include "load/estimate.h"
#include "suites/04-chat/load_run.h"

enum {
    LOAD_RUNS = 5, /* of 4 s, of which the first is dropped */
    LOAD_STORM_RUNS = 3,
    LOAD_WARM_S = 1,
    LOAD_MEASURED_S = 3,
    LOAD_STORM_S = 5, /* of a storm in which messages are sent */
    LOAD_BACK_S = 60  /* until its clients are back */
};
#define LATE_SHARE_MAX 0.01 /* of all may take longer than the limit */

struct load_summary {
    int runs;
    int is_overloaded; /* one of them was: nothing below holds */
    struct estimate answer_p50_ms, answer_p99_ms, delivery_p50_ms, delivery_p99_ms, beside_p99_ms;
    /* Shares that take longer than the limit, or never come. These are judged: runs differ less in
       them than in quantiles far out. */
    struct estimate answer_late, delivery_late, beside_late;
    struct estimate use[DESIGN_SERVICES_MAX];
    struct estimate queue[DESIGN_SERVICES_MAX]; /* mean length at one instance */
    int queue_peak[DESIGN_SERVICES_MAX];
    struct estimate refused[DESIGN_SERVICES_MAX], lost, failed; /* of a run */
    struct estimate hottest; /* share of its worker's time; which one is in `last` */
    struct histogram answers, deliveries, beside_huge; /* of all runs */
    int64_t beside_due; /* readers of other channels in the huge one's partition, in all runs */
    struct load_seen last;
};

/* The standard scenario: the peak for LOAD_MEASURED_S, messages alone. */
struct load_scenario load_peak(uint64_t seed);
/* Another seed for each run. The result is the caller's to free; NULL with err when there is none.
 */
struct load_summary *load_simulate(const struct chat_plan *plan, struct load_scenario scenario,
                                   int runs, struct error *err);

#endif
