/*
 * Lab 02, step 6: the student's breaker in a running service, judged from outside: by what callers
 * got, and by what user-service counted. Nobody looks into the breaker.
 */
#include "suites/02-breaker/checks.h"

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
static int start(struct watch *watch, const char *base, const char *cap)
{
    static const char *const needs[] = {"user-service", NULL};
    char program[1024], peer[1024], base_ms[64], cap_ms[64];
    snprintf(program, sizeof program, "%s/service", watch->run->programs);
    snprintf(peer, sizeof peer, "%s/user-service", watch->run->peers);
    snprintf(base_ms, sizeof base_ms, "BREAKER_BASE_MS=%s", base);
    snprintf(cap_ms, sizeof cap_ms, "BREAKER_CAP_MS=%s", cap);
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
    return run_cluster(watch->run, services, 2);
}

static int start_with_long_wait(struct watch *watch)
{
    return start(watch, "60000", "60000");
}

static int start_with_short_wait(struct watch *watch)
{
    return start(watch, "50", "200");
}

/* One order that must be answered 201 with this customerName (NULL: any of the two). */
static int post(struct watch *watch, const char *name)
{
    struct http_reply reply = {0};
    run_http(watch->run, "order-service", "POST", "/orders", NULL, KNOWN, ASK_MS, &reply);
    int ended = run_expect_status(watch->run, &reply, 201) ||
                (name != NULL && run_expect_json(watch->run, &reply, "customerName", name));
    http_reply_release(&reply);
    watch_sample(watch);
    return ended;
}

static int post_times(struct watch *watch, int times, const char *name)
{
    int ended = 0;
    for (int i = 0; i < times && !ended; i++)
        ended = post(watch, name);
    return ended;
}

/* What user-service has counted; 1 when it cannot be asked. */
static int counted(struct watch *watch, struct peer_counts *counts)
{
    struct error err = {0};
    if (cluster_counts(watch->run->cluster, "user-service", counts, &err) == 0)
        return 0;
    return run_error(watch->run, "%s", err.text);
}

/* While OPEN: answers are the fallback, and user-service hears nothing of them. */
static int expect_open(struct watch *watch, int times)
{
    struct peer_counts before = {0}, after = {0};
    if (counted(watch, &before) || post_times(watch, times, FALLBACK) || counted(watch, &after))
        return 1;
    if (after.requests == before.requests)
        return 0;
    return run_fail(watch->run, "wrong answer", "no call at user-service while the breaker is OPEN",
                    "%lld calls for %d orders", (long long)(after.requests - before.requests),
                    times);
}

static void calls_pass_while_closed(struct watch *watch)
{
    struct peer_counts counts = {0};
    if (start_with_long_wait(watch) || post_times(watch, 12, KNOWN_NAME) || counted(watch, &counts))
        return;
    if (counts.requests != 12)
        run_fail(watch->run, "wrong answer", "12 lookups for 12 orders", "%lld",
                 (long long)counts.requests);
}

static void errors_trip_it(struct watch *watch)
{
    (void)(start_with_long_wait(watch) || post(watch, KNOWN_NAME) ||
           run_fault(watch->run, "user-service", FAULT_STATUS, 500) ||
           post_times(watch, MINIMUM + 1, FALLBACK) ||
           run_fault_reached(watch->run, "user-service") || expect_open(watch, 10));
}

/* A hanging neighbour costs the first few callers their time limit, later ones nothing. */
static void hanging_costs_only_the_first(struct watch *watch)
{
    if (start_with_long_wait(watch) || run_fault(watch->run, "user-service", FAULT_HANG, 0) ||
        post_times(watch, MINIMUM + 1, FALLBACK) || run_fault_reached(watch->run, "user-service") ||
        expect_open(watch, 3))
        return;
    long long fastest_ms = ASK_MS;
    for (int i = 0; i < 5 && !run_ended(watch->run); i++) {
        struct http_reply reply = {0};
        run_http(watch->run, "order-service", "POST", "/orders", NULL, KNOWN, ASK_MS, &reply);
        run_expect_status(watch->run, &reply, 201);
        if (reply.elapsed_ms < fastest_ms)
            fastest_ms = (long long)reply.elapsed_ms;
        http_reply_release(&reply);
    }
    /* The fastest of five: a busy machine may delay some of them, waiting would delay them all. */
    if (!run_ended(watch->run) && fastest_ms >= LOOKUP_MS)
        run_fail(watch->run, "wrong answer", "answers while OPEN do not wait for user-service",
                 "the fastest of five took %lld ms", fastest_ms);
}

static int is_well_again(void *context)
{
    struct watch *watch = context;
    struct http_reply reply = {0};
    run_http(watch->run, "order-service", "POST", "/orders", NULL, KNOWN, ASK_MS, &reply);
    char *name = run_json(&reply, "customerName");
    int well = name != NULL && strcmp(name, KNOWN_NAME) == 0;
    free(name);
    watch_sample(watch);
    http_reply_release(&reply);
    return well;
}

/* By itself: callers keep coming, nothing else happens. */
static int expect_recovery(struct watch *watch)
{
    if (run_until(watch->run, SETTLE_MS, is_well_again, watch))
        return post_times(watch, 12, NULL) || post_times(watch, 4, KNOWN_NAME);
    return run_fail(watch->run, "wrong answer", "CLOSED again, soon after user-service is well",
                    "still the fallback after %d s", SETTLE_MS / 1000);
}

static void killed_and_back(struct watch *watch)
{
    (void)(start_with_short_wait(watch) || post(watch, KNOWN_NAME) ||
           run_kill(watch->run, "user-service", SIGKILL) || post_times(watch, 6, FALLBACK) ||
           run_restart(watch->run, "user-service") || expect_recovery(watch));
}

static void recovers_from_errors(struct watch *watch)
{
    (void)(start_with_short_wait(watch) ||
           run_fault(watch->run, "user-service", FAULT_STATUS, 503) ||
           post_times(watch, 8, FALLBACK) || run_fault_reached(watch->run, "user-service") ||
           run_fault(watch->run, "user-service", FAULT_NONE, 0) || expect_recovery(watch));
}

static void unknown_customers_never_trip(struct watch *watch)
{
    struct peer_counts counts = {0};
    if (start_with_long_wait(watch))
        return;
    for (int i = 0; i < 15; i++) {
        struct http_reply reply = {0};
        run_http(watch->run, "order-service", "POST", "/orders", NULL, UNKNOWN, ASK_MS, &reply);
        int ended = run_expect_status(watch->run, &reply, 422);
        http_reply_release(&reply);
        if (ended)
            return;
    }
    if (post_times(watch, 3, KNOWN_NAME) || counted(watch, &counts))
        return;
    if (counts.requests != 18)
        run_fail(watch->run, "wrong answer", "all 18 lookups reach user-service", "%lld",
                 (long long)counts.requests);
}

static void a_few_errors_do_not_trip(struct watch *watch)
{
    struct peer_counts counts = {0};
    if (start_with_long_wait(watch) || run_fault(watch->run, "user-service", FAULT_FLAP, 4) ||
        post_times(watch, 20, NULL) || run_fault_reached(watch->run, "user-service") ||
        counted(watch, &counts))
        return;
    if (counts.requests != 20)
        run_fail(watch->run, "wrong answer",
                 "one error in four is below 50 percent: all 20 lookups are made", "%lld",
                 (long long)counts.requests);
}

/* The sum of the family's samples with the label, in the service's own metrics, must be wanted. */
static int expect_metric(struct watch *watch, const char *family, const char *label, double wanted)
{
    struct text metrics = {0};
    char expected[160];
    int came = watch_metrics(watch, &metrics);
    double sum = metric_sum(text_str(&metrics), "user-service", family, label, NULL);
    text_release(&metrics);
    snprintf(expected, sizeof expected, "%s{%s} %.0f", family, label, wanted);
    if (!came)
        return run_fail(watch->run, "wrong answer", "GET /metrics answers 200", "it does not");
    if (sum >= wanted && sum <= wanted)
        return 0;
    return run_fail(watch->run, "wrong answer", expected, "%.0f", sum);
}

static void metrics_agree(struct watch *watch)
{
    struct peer_counts counts = {0};
    if (start_with_long_wait(watch) || post_times(watch, 2, KNOWN_NAME) ||
        run_fault(watch->run, "user-service", FAULT_STATUS, 500) ||
        post_times(watch, 10, FALLBACK) || run_fault_reached(watch->run, "user-service") ||
        counted(watch, &counts))
        return;
    double made = (double)counts.requests;
    (void)(expect_metric(watch, "circuit_breaker_admitted_total", "name=\"user-service\"", made) ||
           expect_metric(watch, "circuit_breaker_rejected_total", "reason=\"open\"", 12 - made) ||
           expect_metric(watch, "circuit_breaker_calls_total", "outcome=\"failure\"", made - 2) ||
           expect_metric(watch, "circuit_breaker_state", "state=\"open\"", 1));
}

static const struct {
    const char *check;
    void (*play)(struct watch *watch);
} plays[] = {
    {"calls_pass_while_closed", calls_pass_while_closed},
    {"errors_open_the_circuit", errors_trip_it},
    {"a_hanging_service_costs_only_the_first", hanging_costs_only_the_first},
    {"it_closes_by_itself_when_killed_and_back", killed_and_back},
    {"it_closes_by_itself_after_errors", recovers_from_errors},
    {"unknown_customers_never_open_it", unknown_customers_never_trip},
    {"one_error_in_four_does_not_open_it", a_few_errors_do_not_trip},
    {"metrics_tell_what_callers_saw", metrics_agree},
};

/* Every check here: its play, watched order by order for the picture. */
static void watched(struct check_run *run)
{
    struct watch watch;
    watch_begin(&watch, run);
    for (size_t i = 0; i < sizeof plays / sizeof plays[0]; i++) {
        if (strcmp(plays[i].check, run->check->id) == 0)
            plays[i].play(&watch);
    }
    watch_end(&watch);
}

#define CHECK(name, its_points)                                                                    \
    .id = name, .step = 6, .points = its_points, .anchor = "in-the-cluster", .tier = TIER_CLUSTER

const struct check breaker_cluster_checks[] = {
    {CHECK("calls_pass_while_closed", 1), .rules = "B1", .run = watched,
     .rule = "While user-service is well, every order is looked up once and carries the name.",
     .hints = {"Does the handler's guard call its function, and exactly once?",
               "Finish steps 1 and 3; service.c needs nothing from you."}},
    {CHECK("errors_open_the_circuit", 1), .rules = "B1 B2 F1", .run = watched,
     .rule = "When user-service fails, the circuit opens: callers get the fallback, user-service "
             "gets rest.",
     .hints = {"user-service still hears from you after it has failed often enough.",
               "The service is configured with minimum 3, window 10, 50 percent, wait 60 s."}},
    {CHECK("a_hanging_service_costs_only_the_first", 1), .rules = "B2 F1", .run = watched,
     .rule =
         "When user-service hangs, the first few callers wait, later ones are answered at once.",
     .hints = {"A time-out is a failure: the host reports it as BREAKER_FAIL.",
               "While OPEN the guard must not even try."}},
    {CHECK("it_closes_by_itself_when_killed_and_back", 2), .rules = "B3 B7", .run = watched,
     .rule = "When user-service is killed and started again, its callers alone find it again.",
     .hints = {"After the wait the next caller is a trial.",
               "Two good trials in a row close it; look at what a failed trial leaves behind."}},
    {CHECK("it_closes_by_itself_after_errors", 1), .rules = "B3 B7", .run = watched,
     .rule = "When errors stop, the circuit closes within a few waits, and stays closed.",
     .hints = {"Waits grow to 200 ms here and no further.",
               "Old failures must not trip it again right after closing."}},
    {CHECK("unknown_customers_never_open_it", 1), .rules = "B6", .run = watched,
     .rule = "A 404 is an answer: 422 to the caller, and it never opens the circuit.",
     .hints = {"NEUTRAL is neither success nor failure.",
               "guard_run returns GUARD_NEUTRAL and calls no fallback."}},
    {CHECK("one_error_in_four_does_not_open_it", 1), .rules = "B1", .run = watched,
     .rule = "Below the threshold the circuit stays closed.",
     .hints = {"A rate, not a count of failures.", "Successes belong in the window, too."}},
    {CHECK("metrics_tell_what_callers_saw", 1), .rules = "B8", .run = watched,
     .rule = "What /metrics says agrees with what user-service and the callers counted.",
     .hints = {"Compare /metrics with the orders you placed: make run SERVICE=breaker, then curl.",
               "guard_publish adds what has come since it was last called."}},
    {0},
};
