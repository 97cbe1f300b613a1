/*
 * Lab 02 as the judge knows it: its steps and its tables of checks.
 */
#include "judge/suites/02-breaker.h"
#include "judge/suites/suites.h"

#include <string.h>

enum { LARGE_WINDOW = 131 };

/* Records one outcome; 1 when a verdict stands. */
static int record(struct check_run *run, struct probe *probe, int at, const char *outcome,
                  const char *state)
{
    struct message reply = {0};
    int ended = run_ask(run, probe, &reply, "admit token=0 now=%d", at);
    message_release(&reply);
    if (ended)
        return 1;
    ended = run_ask(run, probe, &reply, "report token=0 outcome=%s now=%d", outcome, at);
    if (!ended && strcmp(message_get_or(&reply, "state", "?"), state) != 0)
        ended = run_fail(run, "wrong answer", state, "%s after outcome number %d",
                         message_get_or(&reply, "state", "?"), at + 1);
    message_release(&reply);
    return ended;
}

/* Fills the window twice: 65 failures of 131, just below half; then the one that makes it more. */
void check_large_window(struct check_run *run)
{
    struct probe *probe = run_probe(run);
    struct message reply = {0};
    if (probe == NULL)
        return;
    int ended = run_ask(run, probe, &reply, "create percent=50 window=%d minimum=%d", LARGE_WINDOW,
                        LARGE_WINDOW - 1);
    message_release(&reply);
    for (int i = 0; i < 2 * LARGE_WINDOW && !ended; i++) {
        int failed = i % LARGE_WINDOW != 0 && i % LARGE_WINDOW % 2 == 0;
        ended = record(run, probe, i, failed ? "FAIL" : "OK", "CLOSED");
    }
    /* The oldest of the window is a success. */
    if (!ended)
        ended = record(run, probe, 2 * LARGE_WINDOW, "FAIL", "OPEN");
    if (ended)
        probe_free(probe);
    else
        run_close(run, probe);
}

static const struct check *const tables[] = {breaker_states_checks,
                                             breaker_edges_checks,
                                             breaker_guard_checks,
                                             breaker_jitter_checks,
                                             breaker_threads_checks,
                                             breaker_cluster_checks,
                                             NULL};
static const int sizes[] = {BREAKER_STATES_CHECKS, BREAKER_EDGES_CHECKS,   BREAKER_GUARD_CHECKS,
                            BREAKER_JITTER_CHECKS, BREAKER_THREADS_CHECKS, BREAKER_CLUSTER_CHECKS};
static const int *const table_counts[] = {&sizes[0], &sizes[1], &sizes[2],
                                          &sizes[3], &sizes[4], &sizes[5]};
static const struct step steps[] = {{"the three states"},  {"the hard edges"},
                                    {"guard and metrics"}, {"jitter and retries"},
                                    {"threads"},           {"in the cluster"}};

const struct lab lab_02_breaker = {.name = "02-breaker",
                                   .title = "The circuit breaker",
                                   .subject = "breaker",
                                   .steps = steps,
                                   .step_count = 6,
                                   .tables = tables,
                                   .table_counts = table_counts,
                                   .pictures = breaker_pictures};
