/*
 * Lab 02, step 6: the student's breaker in a running service, judged from outside: by what callers
 * got, and by what user-service counted. Nobody looks into the breaker.
 */
#include "judge/suites/02-breaker.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "judge/cluster_check.h"
#include "kit/error.h"

enum {
    ASK_MS = 5000,
    LOOKUP_MS = 300,  /* the service's time limit for one lookup */
    MINIMUM = 3,      /* failures that trip it */
    SETTLE_MS = 10000 /* recovery, which takes a few waits of 50 to 200 ms */
};
#define KNOWN      "{\"customerId\":\"user-123\"}"
#define KNOWN_NAME "User 123"
#define UNKNOWN    "{\"customerId\":\"nobody\"}"
#define FALLBACK   "Anonymous"

/* base and cap: the breaker's wait in ms, long to stay OPEN, short to see it recover. */
static int start(struct check_run *run, const char *base, const char *cap)
{
    static const char *const needs[] = {"user-service", NULL};
    char program[1024], peer[1024], base_ms[64], cap_ms[64];
    snprintf(program, sizeof(program), "%s/service", run->programs);
    snprintf(peer, sizeof(peer), "%s/user-service", run->peers);
    snprintf(base_ms, sizeof(base_ms), "BREAKER_BASE_MS=%s", base);
    snprintf(cap_ms, sizeof(cap_ms), "BREAKER_CAP_MS=%s", cap);
    const char *environment[] = {"LOOKUP_MS=300",
                                 "BREAKER_PERCENT=50",
                                 "BREAKER_WINDOW=10",
                                 "BREAKER_MINIMUM=3",
                                 "BREAKER_TRIALS=1",
                                 "BREAKER_SUCCESSES=2",
                                 "BREAKER_LEASE_MS=2000",
                                 "BREAKER_JITTER_PERCENT=50",
                                 base_ms,
                                 cap_ms,
                                 NULL};
    const struct service_entry services[] = {
        {.name = "order-service",
         .program = program,
         .student = 1,
         .needs = needs,
         .environment = environment},
        {.name = "user-service", .program = peer},
    };
    return run_cluster(run, services, 2);
}

static int start_with_long_wait(struct check_run *run)
{
    return start(run, "60000", "60000");
}

static int start_with_short_wait(struct check_run *run)
{
    return start(run, "50", "200");
}

/* One order that must be answered 201 with this customerName (NULL: any of the two). */
static int post(struct check_run *run, const char *name)
{
    struct http_reply reply = {0};
    run_http(run, "order-service", "POST", "/orders", NULL, KNOWN, ASK_MS, &reply);
    int ended = run_expect_status(run, &reply, 201) ||
                (name != NULL && run_expect_json(run, &reply, "customerName", name));
    http_reply_release(&reply);
    return ended;
}

static int post_times(struct check_run *run, int times, const char *name)
{
    int ended = 0;
    for (int i = 0; i < times && !ended; i++)
        ended = post(run, name);
    return ended;
}

/* What user-service has counted; 1 when it cannot be asked. */
static int counted(struct check_run *run, struct peer_counts *counts)
{
    struct error err = {{0}};
    if (cluster_counts(run->cluster, "user-service", counts, &err) == 0)
        return 0;
    return run_error(run, "%s", err.text);
}

/* While OPEN: answers are the fallback, and user-service hears nothing of them. */
static int expect_open(struct check_run *run, int times)
{
    struct peer_counts before = {0}, after = {0};
    if (counted(run, &before) || post_times(run, times, FALLBACK) || counted(run, &after))
        return 1;
    if (after.requests == before.requests)
        return 0;
    return run_fail(run, "wrong answer", "no call at user-service while the breaker is OPEN",
                    "%lld calls for %d orders", (long long)(after.requests - before.requests),
                    times);
}

static void calls_pass_while_closed(struct check_run *run)
{
    struct peer_counts counts = {0};
    if (start_with_long_wait(run) || post_times(run, 12, KNOWN_NAME) || counted(run, &counts))
        return;
    if (counts.requests != 12)
        run_fail(run, "wrong answer", "12 lookups for 12 orders", "%lld",
                 (long long)counts.requests);
}

static void errors_trip_it(struct check_run *run)
{
    (void)(start_with_long_wait(run) || post(run, KNOWN_NAME) ||
           run_fault(run, "user-service", FAULT_STATUS, 500) ||
           post_times(run, MINIMUM + 1, FALLBACK) || run_fault_reached(run, "user-service") ||
           expect_open(run, 10));
}

/* A hanging neighbour costs the first few callers their time limit, later ones nothing. */
static void hanging_costs_only_the_first(struct check_run *run)
{
    if (start_with_long_wait(run) || run_fault(run, "user-service", FAULT_HANG, 0) ||
        post_times(run, MINIMUM, FALLBACK) || run_fault_reached(run, "user-service") ||
        expect_open(run, 3))
        return;
    long long fastest_ms = ASK_MS;
    for (int i = 0; i < 5 && !run_ended(run); i++) {
        struct http_reply reply = {0};
        run_http(run, "order-service", "POST", "/orders", NULL, KNOWN, ASK_MS, &reply);
        run_expect_status(run, &reply, 201);
        if (reply.elapsed_ms < fastest_ms)
            fastest_ms = (long long)reply.elapsed_ms;
        http_reply_release(&reply);
    }
    /* The fastest of five: a busy machine may delay some of them, waiting would delay them all. */
    if (!run_ended(run) && fastest_ms >= LOOKUP_MS)
        run_fail(run, "wrong answer", "answers while OPEN do not wait for user-service",
                 "the fastest of five took %lld ms", fastest_ms);
}

static int is_well_again(void *context)
{
    struct check_run *run = context;
    struct http_reply reply = {0};
    run_http(run, "order-service", "POST", "/orders", NULL, KNOWN, ASK_MS, &reply);
    char *name = run_json(&reply, "customerName");
    int well = name != NULL && strcmp(name, KNOWN_NAME) == 0;
    free(name);
    http_reply_release(&reply);
    return well;
}

/* By itself: callers keep coming, nothing else happens. */
static int expect_recovery(struct check_run *run)
{
    if (run_until(run, SETTLE_MS, is_well_again, run))
        return post_times(run, 12, NULL) || post_times(run, 4, KNOWN_NAME);
    return run_fail(run, "wrong answer", "CLOSED again, soon after user-service is well",
                    "still the fallback after %d s", SETTLE_MS / 1000);
}

static void killed_and_back(struct check_run *run)
{
    (void)(start_with_short_wait(run) || post(run, KNOWN_NAME) ||
           run_kill(run, "user-service", SIGKILL) || post_times(run, 6, FALLBACK) ||
           run_restart(run, "user-service") || expect_recovery(run));
}

static void recovers_from_errors(struct check_run *run)
{
    (void)(start_with_short_wait(run) || run_fault(run, "user-service", FAULT_STATUS, 503) ||
           post_times(run, 8, FALLBACK) || run_fault_reached(run, "user-service") ||
           run_fault(run, "user-service", FAULT_NONE, 0) || expect_recovery(run));
}

static void unknown_customers_never_trip(struct check_run *run)
{
    struct peer_counts counts = {0};
    if (start_with_long_wait(run))
        return;
    for (int i = 0; i < 15; i++) {
        struct http_reply reply = {0};
        run_http(run, "order-service", "POST", "/orders", NULL, UNKNOWN, ASK_MS, &reply);
        int ended = run_expect_status(run, &reply, 422);
        http_reply_release(&reply);
        if (ended)
            return;
    }
    if (post_times(run, 3, KNOWN_NAME) || counted(run, &counts))
        return;
    if (counts.requests != 18)
        run_fail(run, "wrong answer", "all 18 lookups reach user-service", "%lld",
                 (long long)counts.requests);
}

static void a_few_errors_do_not_trip(struct check_run *run)
{
    struct peer_counts counts = {0};
    if (start_with_long_wait(run) || run_fault(run, "user-service", FAULT_FLAP, 4) ||
        post_times(run, 20, NULL) || run_fault_reached(run, "user-service") ||
        counted(run, &counts))
        return;
    if (counts.requests != 20)
        run_fail(run, "wrong answer",
                 "one error in four is below 50 percent: all 20 lookups are made", "%lld",
                 (long long)counts.requests);
}

/* The sum of a family's samples in the service's own metrics. */
static int scrape(struct check_run *run, const char *family, const char *label, double *sum)
{
    struct http_reply reply = {0};
    run_http(run, "order-service", "GET", "/metrics", NULL, NULL, ASK_MS, &reply);
    int ended = run_expect_status(run, &reply, 200);
    *sum = 0;
    for (const char *line = text_str(&reply.body); *line != '\0' && !ended;) {
        size_t length = strcspn(line, "\n");
        char text[512];
        snprintf(text, sizeof(text), "%.*s", (int)length, line);
        const char *value = strrchr(text, ' ');
        if (strncmp(text, family, strlen(family)) == 0 && text[strlen(family)] == '{' &&
            strstr(text, label) != NULL && value != NULL)
            *sum += strtod(value, NULL);
        line += length + (line[length] == '\n');
    }
    http_reply_release(&reply);
    return ended;
}

static int expect_metric(struct check_run *run, const char *family, const char *label,
                         double wanted)
{
    double sum = 0;
    char expected[160];
    if (scrape(run, family, label, &sum))
        return 1;
    snprintf(expected, sizeof(expected), "%s{%s} %.0f", family, label, wanted);
    if (sum >= wanted && sum <= wanted)
        return 0;
    return run_fail(run, "wrong answer", expected, "%.0f", sum);
}

static void metrics_tell_the_same(struct check_run *run)
{
    struct peer_counts counts = {0};
    if (start_with_long_wait(run) || post_times(run, 2, KNOWN_NAME) ||
        run_fault(run, "user-service", FAULT_STATUS, 500) || post_times(run, 10, FALLBACK) ||
        run_fault_reached(run, "user-service") || counted(run, &counts))
        return;
    double made = (double)counts.requests;
    (void)(expect_metric(run, "circuit_breaker_admitted_total", "name=\"user-service\"", made) ||
           expect_metric(run, "circuit_breaker_rejected_total", "reason=\"open\"", 12 - made) ||
           expect_metric(run, "circuit_breaker_calls_total", "outcome=\"failure\"", made - 2) ||
           expect_metric(run, "circuit_breaker_state", "state=\"open\"", 1));
}

#define CHECK(name, its_points)                                                                    \
    .id = name, .step = 6, .points = its_points, .anchor = "in-the-cluster", .tier = TIER_CLUSTER

const struct check breaker_cluster_checks[BREAKER_CLUSTER_CHECKS] = {
    {CHECK("calls_pass_while_closed", 1), .rules = "B1", .run = calls_pass_while_closed,
     .rule = "With user-service well, every order is looked up once and carries the name.",
     .hints = {"Does the handler's guard call its function, and exactly once?",
               "Finish steps 1 and 3; service.c needs nothing from you."}},
    {CHECK("errors_open_the_circuit", 2), .rules = "B1 B2 F1", .run = errors_trip_it,
     .rule = "When user-service fails, the circuit opens: callers get the fallback, it gets rest.",
     .hints = {"user-service still hears from you after it failed often enough.",
               "The service is configured with minimum 3, window 10, 50 percent, wait 60 s."}},
    {CHECK("a_hanging_service_costs_only_the_first", 2), .rules = "B2 F1",
     .run = hanging_costs_only_the_first,
     .rule =
         "When user-service hangs, the first few callers wait, later ones are answered at once.",
     .hints = {"A time-out is a failure: the host reports it as BREAKER_FAIL.",
               "While OPEN the guard must not even try."}},
    {CHECK("it_closes_by_itself_when_killed_and_back", 2), .rules = "B3 B7", .run = killed_and_back,
     .rule = "Killed and started again, user-service is found again by the callers alone.",
     .hints = {"After the wait the next caller is a trial.",
               "Two good trials in a row close it; look at what a failed trial leaves behind."}},
    {CHECK("it_closes_by_itself_after_errors", 1), .rules = "B3 B7", .run = recovers_from_errors,
     .rule = "When errors stop, the circuit closes within a few waits, and stays closed.",
     .hints = {"Waits grow to 200 ms here and no further.",
               "Old failures must not trip it again right after closing."}},
    {CHECK("unknown_customers_never_open_it", 2), .rules = "B6",
     .run = unknown_customers_never_trip,
     .rule = "A 404 is an answer: 422 to the caller, and it never opens the circuit.",
     .hints = {"NEUTRAL is neither success nor failure.",
               "guard_run returns GUARD_NEUTRAL and calls no fallback."}},
    {CHECK("one_error_in_four_does_not_open_it", 1), .rules = "B1", .run = a_few_errors_do_not_trip,
     .rule = "Below the threshold the circuit stays closed.",
     .hints = {"A rate, not a count of failures.", "Successes belong into the window, too."}},
    {CHECK("metrics_tell_what_callers_saw", 1), .rules = "B8", .run = metrics_tell_the_same,
     .rule = "What /metrics says agrees with what user-service and the callers counted.",
     .hints = {"Compare /metrics with the orders you placed: make run SERVICE=breaker, then curl.",
               "guard_publish adds what has come since it was called last."}},
};
