/*
 * Lab 02's check tables, one file for each step or two.
 */
#ifndef SUITES_BREAKER_CHECKS_H
#define SUITES_BREAKER_CHECKS_H

#include "judge/cluster_check.h"
#include "judge/run.h"
#include "kit/text.h"

/* Scripts: a call at 0 that is reported at once; and calls that trip a breaker of 70 percent and a
   minimum of 3 or less, with something to spare. One mistake should cost the check that names it
   and little else, so a scenario stays away from every edge that is not its own. */
#define OK       "admit token=0 now=0\nreport token=0 outcome=OK now=0\n"
#define FAIL     "admit token=0 now=0\nreport token=0 outcome=FAIL now=0\n"
#define NEUTRAL  "admit token=0 now=0\nreport token=0 outcome=NEUTRAL now=0\n"
#define TRIPPING OK FAIL FAIL FAIL

extern const struct check breaker_states_checks[]; /* step 1 */

extern const struct oracle retry_oracle; /* backoff, budget, retry */

extern const struct check breaker_edges_checks[];   /* step 2 */
extern const struct check breaker_guard_checks[];   /* step 3 */
extern const struct check breaker_jitter_checks[];  /* step 4 */
extern const struct check breaker_threads_checks[]; /* step 5 */
extern const struct check breaker_cluster_checks[]; /* step 6 */

/* Adds 120 calls in any order to a scenario that has its create; then counts. */
void breaker_any_calls(struct scenario *out, const struct random *random);

/* The sum of a family's samples that carry the guard's name and the label (NULL: any), in the text
   of /metrics; *found, unless NULL, says how many there are. */
double metric_sum(const char *text, const char *name, const char *family, const char *label,
                  int *found);

/* Checks of a shape of their own. */
void check_large_window(struct check_run *run);
void check_cost_of_a_call(struct check_run *run);
void check_slow_listener(struct check_run *run);
void check_metrics_totals(struct check_run *run);
void check_metrics_rejections(struct check_run *run);
void check_metrics_transitions(struct check_run *run);
void check_metrics_state(struct check_run *run);
void check_metrics_text(struct check_run *run);
void check_crowd(struct check_run *run);
void check_backoff_statistics(struct check_run *run);
void check_all_short_traces(struct check_run *run);
void check_herd(struct check_run *run);

void breaker_pictures(struct check_run *run);

/* What a cluster check saw of the service's own metrics, order by order, for a picture. */
enum { WATCH_MAX = 64 };
struct watch_moment {
    int state;                            /* 0 closed, 1 open, 2 half open */
    double admitted, rejected, fallbacks; /* totals */
};
struct watch {
    struct check_run *run;
    struct http_client *client;
    struct watch_moment moments[WATCH_MAX];
    int count;
};
void watch_begin(struct watch *watch, struct check_run *run);
void watch_sample(struct watch *watch); /* after an order; no part of the story */
void watch_end(struct watch *watch);    /* draws the picture, frees */
/* The service's metrics appended to text; 1 when they came. */
int watch_metrics(struct watch *watch, struct text *text);

#endif
