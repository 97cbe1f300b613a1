/*
 * Lab 02 as the judge knows it: its steps and its tables of checks.
 */
#include "suites/02-breaker/checks.h"

#include <stdlib.h>
#include <string.h>
#include "suites/suites.h"

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
    int ended = run_ask(run, probe, &reply, "create percent=50 window=%d minimum=1", LARGE_WINDOW);
    message_release(&reply);
    for (int i = 0; i < 2 * LARGE_WINDOW && !ended; i++) {
        int failed = i % LARGE_WINDOW != 0 && i % LARGE_WINDOW % 2 == 0;
        ended = record(run, probe, i, failed ? "FAIL" : "OK", "CLOSED");
    }
    /* The oldest of the window is a success. */
    if (!ended)
        ended = record(run, probe, 2 * LARGE_WINDOW, "FAIL", "OPEN");
    run_close(run, probe);
}

/* A window of the largest size, filled three times over; a scan at each call would take minutes. */
void check_cost_of_a_call(struct check_run *run)
{
    struct message reply = {0};
    struct probe *probe = run_probe(run);
    int ended = probe == NULL ||
                run_ask(run, probe, &reply, "create percent=50 window=100000 minimum=100000");
    message_release(&reply);
    ended = ended || run_ask(run, probe, &reply, "many calls=300000 outcome=OK now=0");
    if (!ended && strcmp(message_get_or(&reply, "state", "?"), "CLOSED") != 0)
        ended = run_fail(run, "wrong answer", "CLOSED after 300000 successes", "%s",
                         message_get_or(&reply, "state", "?"));
    int64_t allocations = 0;
    message_get_int64(&reply, "allocations", &allocations);
    message_release(&reply);
    if (!ended && allocations != 0)
        ended = run_fail(run, "wrong answer", "no allocation in admit and report", "%lld of them",
                         (long long)allocations);
    run_close(run, probe);
}

/* --- a listener that is slow ------------------------------------------------------------------ */

enum { FLOOD_CYCLES = 50, EVENTS_WAITING = 64 };

static int64_t number(const struct message *reply, const char *name)
{
    int64_t value = -1;
    message_get_int64(reply, name, &value);
    return value;
}

/* 1 when each event begins in the state where the one before ended, from CLOSED on. */
static int is_chain(const char *list)
{
    for (long state = 0; *list != '\0';) {
        char *end = NULL;
        if (strtol(list, &end, 10) != state || *end != '>')
            return 0;
        state = strtol(end + 1, &end, 10);
        list = end + strcspn(end, ",");
        list += *list == ',';
    }
    return 1;
}

static int judge_events(struct check_run *run, const struct message *counts,
                        const struct message *events)
{
    int64_t happened =
        number(counts, "opened") + number(counts, "half_opened") + number(counts, "closed");
    int64_t delivered = number(events, "count"), lost = number(counts, "events_lost");
    if (number(events, "nested") != 0)
        return run_fail(run, "wrong answer", "one event at a time",
                        "an event while the listener was still busy with another");
    if (delivered + lost != happened)
        return run_fail(run, "wrong answer",
                        "each transition is delivered or counted in events_lost",
                        "%lld transitions, %lld delivered, %lld lost", (long long)happened,
                        (long long)delivered, (long long)lost);
    /* The event that is being delivered may still count as waiting, or not. */
    if (delivered < EVENTS_WAITING || delivered > EVENTS_WAITING + 1)
        return run_fail(run, "wrong answer", "at most 64 events wait, later ones are lost",
                        "%lld delivered, %lld lost", (long long)delivered, (long long)lost);
    if (!is_chain(message_get_or(events, "list", "")))
        return run_fail(run, "wrong answer", "each event begins where the one before ended",
                        "another order");
    return 0;
}

/* The listener does not return before 100 more transitions have happened. */
void check_slow_listener(struct check_run *run)
{
    struct message created = {0}, counts = {0}, events = {0};
    struct probe *probe = run_probe(run);
    (void)(probe == NULL ||
           run_ask(run, probe, &created,
                   "create flood=%d percent=70 window=6 minimum=2 trials=1 successes=1 "
                   "base=10 cap=10 lease=50",
                   FLOOD_CYCLES) ||
           record(run, probe, 0, "OK", "CLOSED") || record(run, probe, 1, "FAIL", "CLOSED") ||
           record(run, probe, 2, "FAIL", "CLOSED") || record(run, probe, 3, "FAIL", "OPEN") ||
           run_ask(run, probe, &counts, "counts") || run_ask(run, probe, &events, "events") ||
           judge_events(run, &counts, &events));
    message_release(&created);
    message_release(&counts);
    message_release(&events);
    run_close(run, probe);
}

static const struct check *const tables[] = {breaker_states_checks,
                                             breaker_edges_checks,
                                             breaker_guard_checks,
                                             breaker_jitter_checks,
                                             breaker_threads_checks,
                                             breaker_cluster_checks,
                                             NULL};
static const struct step steps[] = {
    {"the three states", NULL, NULL},  {"the hard edges", NULL, NULL},
    {"guard and metrics", NULL, NULL}, {"jitter and retries", "", NULL},
    {"threads", NULL, NULL},           {"in the cluster", NULL, NULL}};

const struct lab lab_02_breaker = {.name = "02-breaker",
                                   .title = "The circuit breaker",
                                   .subject = "breaker",
                                   .steps = steps,
                                   .step_count = sizeof steps / sizeof steps[0],
                                   .tables = tables,
                                   .pictures = breaker_pictures};
