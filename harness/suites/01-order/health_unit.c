/*
 * Lab 01, step 5, in the probe: what is decided from results, and how a round is run.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "suites/01-order/cluster.h"

/* A number in the reply. */
static int expect_number(struct check_run *run, const struct message *reply, const char *name,
                         int64_t value)
{
    int64_t got = -1;
    char expected[64];
    if (message_get_int64(reply, name, &got) == 0 && got == value)
        return 0;
    snprintf(expected, sizeof expected, "%s=%lld", name, (long long)value);
    return run_fail(run, "wrong answer", expected, "%s=%s", name,
                    message_get_or(reply, name, "(nothing)"));
}

static void seventy_percent_rounds_up(struct check_run *run)
{
    static const int required[] = {0, 1, 2, 3, 3, 4, 5, 5, 6, 7, 7, 8, 9, 10};
    struct probe *probe = run_probe(run);
    for (int total = 0; total < (int)(sizeof required / sizeof required[0]); total++) {
        struct message reply = {0};
        if (probe != NULL && !run_ended(run) &&
            run_ask(run, probe, &reply, "health_required total=%d", total) == 0)
            (void)expect_number(run, &reply, "required", required[total]);
        message_release(&reply);
    }
    (void)run_close(run, probe);
}

/* --- what the body says ---------------------------------------------------------------------- */

/* One question to order_health_report and what must come of it. A member's value is the status of
   that check; NULL: the check must not stand there. */
struct decision {
    const char *ask;
    int status;
    const char *word; /* the body's "status" */
    const char *members[8][2];
};

#define ALL_UP "results=\"up up up up up up\" measured=1000 now=1000"

static const struct decision decisions[] = {
    {"scope=health " ALL_UP,
     200,
     "ok",
     {{"info.database", "up"},
      {"info.memory_heap", "up"},
      {"info.memory_rss", "up"},
      {"info.external-services", "up"},
      {"details.external-services", "up"},
      {"details.database", "up"},
      {"error.database", NULL},
      {"error.external-services", NULL}}},
    {"scope=health results=\"up down up up up up\" measured=1000 now=1000",
     503,
     "error",
     {{"error.memory_heap", "down"},
      {"details.memory_heap", "down"},
      {"info.memory_heap", NULL},
      {"info.memory_rss", "up"},
      {"details.memory_rss", "up"},
      {"info.database", "up"},
      {"details.external-services", "up"}}},
    {"scope=health results=\"unknown up up up up up\" measured=1000 now=1000",
     503,
     "error",
     {{"error.database", "unknown"},
      {"details.database", "unknown"},
      {"info.database", NULL},
      {"details.memory_heap", "up"},
      {"details.external-services", "up"}}},
    {"scope=health results=\"up up up up unknown up\" measured=1000 now=1000",
     503,
     "error",
     {{"error.external-services", "!up"},
      {"info.external-services", NULL},
      {"details.external-services", "!up"},
      {"info.database", "up"}}},
    /* 7 of 10 are enough, 6 are not. */
    {"scope=health results=\"up up up up up up up up up up down down down\" measured=1 now=1",
     200,
     "ok",
     {{"info.external-services", "up"}, {"error.external-services", NULL}}},
    {"scope=health results=\"up up up up up up up up up down down down down\" measured=1 now=1",
     503,
     "error",
     {{"error.external-services", "!up"}}},
    {"scope=readiness results=\"up down down down down down\" measured=1000 now=1000",
     200,
     "ok",
     {{"info.database", "up"},
      {"details.database", "up"},
      {"details.external-services", "!up"},
      {"error.external-services", NULL},
      {"error.memory_rss", NULL}}},
    {"scope=readiness results=\"down up up up up up\" measured=1000 now=1000",
     503,
     "error",
     {{"error.database", "down"}, {"details.database", "down"}, {"info.database", NULL}}},
    {"scope=readiness draining=1 " ALL_UP,
     503,
     "error",
     {{"error.service", "down"}, {"info.database", "up"}, {"error.database", NULL}}},
    {"scope=liveness draining=1 results=\"down down down down down down\" measured=1 now=90000",
     200,
     "ok",
     {{"error.database", NULL}, {"error.service", NULL}}},
};

/* "info.database" in the body must have that status, or not be there. */
static int expect_part(struct check_run *run, const struct http_reply *body,
                       const char *const member[2])
{
    char path[80], expected[120];
    snprintf(path, sizeof path, "%s.status", member[0]);
    if (member[1] != NULL)
        return order_expect_member(run, body, path, member[1]);
    char *there = run_json(body, path);
    snprintf(expected, sizeof expected, "no %s", member[0]);
    const int wrong =
        there != NULL && run_fail(run, "wrong answer", expected, "%.700s", text_str(&body->body));
    free(there);
    return wrong;
}

static void expect_decision(struct check_run *run, const struct decision *decision,
                            const struct message *reply)
{
    struct http_reply body = {.outcome = HTTP_OK, .status = decision->status};
    text_add(&body.body, message_get_or(reply, "body", ""));
    int wrong = expect_number(run, reply, "status", decision->status) ||
                run_expect_json(run, &body, "status", decision->word);
    for (int i = 0; i < 8 && decision->members[i][0] != NULL && !wrong; i++)
        wrong = expect_part(run, &body, decision->members[i]);
    http_reply_release(&body);
}

static void ask_decisions(struct check_run *run, const struct decision *table, size_t count)
{
    struct probe *probe = run_probe(run);
    for (size_t i = 0; i < count; i++) {
        struct message reply = {0};
        if (probe != NULL && !run_ended(run) &&
            run_ask(run, probe, &reply, "health %s", table[i].ask) == 0)
            expect_decision(run, &table[i], &reply);
        message_release(&reply);
    }
    (void)run_close(run, probe);
}

static void body_reports_every_check(struct check_run *run)
{
    ask_decisions(run, decisions, sizeof decisions / sizeof decisions[0]);
}

static void old_results_are_unknown(struct check_run *run)
{
    static const struct decision ages[] = {
        {"scope=readiness results=\"up up up up up up\" measured=1000 now=4000",
         200,
         "ok",
         {{"info.database", "up"}}},
        {"scope=readiness results=\"up up up up up up\" measured=1000 now=4001",
         503,
         "error",
         {{"error.database", "unknown"}, {"details.database", "unknown"}}},
        {"scope=health results=\"up up up up up up\" measured=0 now=3001",
         503,
         "error",
         {{"error.memory_rss", "unknown"}, {"error.external-services", "!up"}}},
        {"scope=readiness results=\"up up up up up up\" measured=-1 now=500",
         503,
         "error",
         {{"error.database", "unknown"}}},
    };
    ask_decisions(run, ages, sizeof ages / sizeof ages[0]);
}

/* --- a round
 * -------------------------------------------------------------------------------------- */

/* Asks for a round, with one check that hangs (-1: none), and expects what is kept of it. */
static int expect_round(struct check_run *run, struct probe *probe, int hang, const char *results)
{
    struct message reply = {0};
    int wrong = run_ask(run, probe, &reply, "health_round now=%d hang=%d", 4000 + hang, hang);
    if (!wrong && strcmp(message_get_or(&reply, "results", ""), results) != 0)
        wrong = run_fail(run, "wrong answer", results, "%s",
                         message_get_or(&reply, "results", "(nothing)"));
    wrong = wrong || expect_number(run, &reply, "measured", 4000 + hang) ||
            expect_number(run, &reply, "locked", 0);
    message_release(&reply);
    return wrong;
}

static void round_runs_side_by_side(struct check_run *run)
{
    struct probe *probe = run_probe(run);
    if (probe != NULL)
        (void)(expect_round(run, probe, -1, "up up up up up up") ||
               expect_round(run, probe, 4, "up up up up unknown up") ||
               expect_round(run, probe, 0, "unknown up up up up up"));
    (void)run_close(run, probe);
}

const struct check order_health_unit_checks[] = {
    {.id = "seventy_percent_rounds_up",
     .rule = "At least 70 % of the external services must be up, counted in whole services and "
             "rounded up: 3 of 3, 7 of 10, 0 of 0.",
     .rules = "H1",
     .step = 5,
     .tier = TIER_UNIT,
     .points = 1,
     .anchor = "health",
     .hints = {"Try 1, 3 and 10 by hand before you write it.",
               "Whole numbers only: (total * 70 + 99) / 100."},
     .run = seventy_percent_rounds_up},
    {.id = "health_body_reports_every_check",
     .rule = "The body has status, info, error and details; what decides is in info or error, "
             "unknown counts as down, and details has every check even when one fails.",
     .rules = "H1 H2",
     .step = 5,
     .tier = TIER_UNIT,
     .points = 1,
     .anchor = "health",
     .hints = {"The table in order_health.h says for each route what decides and what is reported.",
               "Do not stop at the first check that is down: write all, then choose 200 or 503.",
               "external-services is one entry, up when order_health_required of them are up."},
     .run = body_reports_every_check},
    {.id = "old_health_results_are_unknown",
     .rule = "Results older than 3000 ms, or none yet, are unknown.",
     .rules = "H2",
     .step = 5,
     .tier = TIER_UNIT,
     .points = 1,
     .anchor = "health",
     .hints = {"What does a verdict from an hour ago say about now?",
               "now_ms - measured_ms > ORDER_HEALTH_MAX_AGE_MS, or measured_ms below 0: each check "
               "is HEALTH_UNKNOWN."},
     .run = old_results_are_unknown},
    {.id = "health_round_runs_side_by_side",
     .rule = "A round runs its checks side by side, each with its own limit, and without the lock "
             "that guards the results.",
     .rules = "H2",
     .step = 5,
     .tier = TIER_UNIT,
     .points = 1,
     .anchor = "health",
     .hints = {"Six checks of half a second each: how long may a round take?",
               "Call health_run once with all of them, into an array of your own; then take the "
               "lock, copy, and note when the round began."},
     .run = round_runs_side_by_side},
    {0},
};
