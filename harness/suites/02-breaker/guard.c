/*
 * Lab 02, step 3: the guard, its fallback, its metrics.
 */
#include "suites/02-breaker/checks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "suites/02-breaker/model.h"

/* A guard that trips at its second call, when the first worked and the second failed. */
#define CREATE "guard percent=40 window=6 minimum=1 trials=1 successes=1 base=100 cap=100 lease=50"
#define GUARD  CREATE "\n"
/* OPEN since 1, until 101. */
#define OPENED_GUARD GUARD "call outcome=OK now=0\ncall outcome=FAIL now=1\n"

/* --- metrics: scraped, parsed, added up ------------------------------------------------------- */

struct sample {
    const char *family;
    const char *label; /* one more label than name, "outcome=\"success\""; NULL = none */
    double value;
};

/* 1 when the line is a sample of the family that carries the guard's name and the label. */
static int is_sample(const char *line, const char *name, const char *family, const char *label)
{
    size_t length = strlen(family);
    char name_label[96];
    snprintf(name_label, sizeof name_label, "name=\"%s\"", name);
    return strncmp(line, family, length) == 0 && line[length] == '{' &&
           strstr(line, name_label) != NULL && (label == NULL || strstr(line, label) != NULL);
}

double metric_sum(const char *text, const char *name, const char *family, const char *label,
                  int *found)
{
    double sum = 0;
    int count = 0;
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        char line[512];
        snprintf(line, sizeof line, "%.*s", (int)length, text);
        const char *value = strchr(line, '}');
        if (is_sample(line, name, family, label)) {
            sum += value == NULL ? 0 : strtod(value + 1, NULL);
            count++;
        }
        text += length + (text[length] == '\n');
    }
    if (found != NULL)
        *found = count;
    return sum;
}

static int has_type(const char *text, const char *family, const char *type)
{
    char line[160];
    snprintf(line, sizeof line, "# TYPE %s %s\n", family, type);
    return strstr(text, line) != NULL;
}

static int expect_samples(struct check_run *run, const char *text, const char *name,
                          const struct sample *samples, int count)
{
    for (int i = 0; i < count; i++) {
        int found = 0;
        double value = metric_sum(text, name, samples[i].family, samples[i].label, &found);
        const char *label = samples[i].label == NULL ? "" : samples[i].label;
        char expected[200];
        snprintf(expected, sizeof expected, "%s{name=\"%s\",%s} %g", samples[i].family, name, label,
                 samples[i].value);
        if (found == 0 && samples[i].value > 0)
            return run_fail(run, "wrong answer", expected, "no such sample");
        if (value < samples[i].value || value > samples[i].value)
            return run_fail(run, "wrong answer", expected, "%g", value);
    }
    return 0;
}

/* Plays the lines to a guard of this name, then scrapes and compares. Scraping twice must not count
   twice. */
static void play_and_scrape(struct check_run *run, const char *name, const char *const *lines,
                            const struct sample *samples, int count)
{
    struct message reply = {0};
    struct probe *probe = run_probe(run);
    int ended = probe == NULL || run_ask(run, probe, &reply, CREATE " name=%s", name);
    message_release(&reply);
    for (int i = 0; lines[i] != NULL && !ended; i++) {
        ended = run_ask(run, probe, &reply, "%s", lines[i]);
        message_release(&reply);
    }
    for (int scrape = 0; scrape < 2 && !ended; scrape++) {
        ended = run_ask(run, probe, &reply, "metrics");
        if (!ended)
            ended = expect_samples(run, message_get_or(&reply, "text", ""), name, samples, count);
        message_release(&reply);
    }
    run_close(run, probe);
}

/* Opens at 2 and at 110, closes at 220. */
static const char *const mixed_life[] = {
    "call outcome=OK now=0",        "call outcome=NEUTRAL now=1", "call outcome=FAIL now=2",
    "call outcome=OK now=3",        "call outcome=FAIL now=4",    "call outcome=OK now=5",
    "call outcome=OK now=50",       "call outcome=FAIL now=110",  "call outcome=OK now=150",
    "call outcome=NEUTRAL now=215", "call outcome=OK now=220",    NULL};

void check_metrics_totals(struct check_run *run)
{
    static const struct sample samples[] = {
        {"circuit_breaker_admitted_total", NULL, 6},
        {"circuit_breaker_calls_total", "outcome=\"success\"", 2},
        {"circuit_breaker_calls_total", "outcome=\"failure\"", 2},
        {"circuit_breaker_calls_total", "outcome=\"neutral\"", 2},
    };
    play_and_scrape(run, "user-service", mixed_life, samples, 4);
}

void check_metrics_rejections(struct check_run *run)
{
    static const char *const rejections[] = {"call outcome=OK now=0",
                                             "call outcome=FAIL now=2",
                                             "call outcome=OK now=3",
                                             "call outcome=FAIL now=4",
                                             "metrics",
                                             "call outcome=FAIL now=110 inside=1",
                                             "call outcome=OK now=150",
                                             NULL};
    static const struct sample samples[] = {
        {"circuit_breaker_rejected_total", "reason=\"open\"", 3},
        {"circuit_breaker_rejected_total", "reason=\"busy\"", 1},
        {"circuit_breaker_fallbacks_total", "reason=\"failure\"", 2},
        {"circuit_breaker_fallbacks_total", "reason=\"rejection\"", 4},
    };
    play_and_scrape(run, "stock-service", rejections, samples, 4);
}

void check_metrics_transitions(struct check_run *run)
{
    static const struct sample samples[] = {
        {"circuit_breaker_transitions_total", "from=\"closed\",to=\"open\"", 1},
        {"circuit_breaker_transitions_total", "from=\"open\",to=\"half_open\"", 2},
        {"circuit_breaker_transitions_total", "from=\"half_open\",to=\"open\"", 1},
        {"circuit_breaker_transitions_total", "from=\"half_open\",to=\"closed\"", 1},
        {"circuit_breaker_transitions_total", NULL, 5},
    };
    play_and_scrape(run, "user-service", mixed_life, samples, 5);
}

void check_metrics_state(struct check_run *run)
{
    static const struct sample opened[] = {
        {"circuit_breaker_state", "state=\"open\"", 1},
        {"circuit_breaker_state", "state=\"closed\"", 0},
        {"circuit_breaker_state", NULL, 1},
    };
    static const char *const until_open[] = {"metrics", "call outcome=OK now=0",
                                             "call outcome=FAIL now=1", NULL};
    play_and_scrape(run, "stock-service", until_open, opened, 3);
    static const struct sample closed[] = {
        {"circuit_breaker_state", "state=\"open\"", 0},
        {"circuit_breaker_state", "state=\"closed\"", 1},
        {"circuit_breaker_state", NULL, 1},
    };
    if (!run_ended(run))
        play_and_scrape(run, "user-service", mixed_life, closed, 3);
}

void check_metrics_text(struct check_run *run)
{
    static const char *const counters[] = {
        "circuit_breaker_admitted_total", "circuit_breaker_calls_total",
        "circuit_breaker_rejected_total", "circuit_breaker_fallbacks_total",
        "circuit_breaker_transitions_total"};
    struct message reply = {0};
    struct probe *probe = run_probe(run);
    int ended = probe == NULL || run_ask(run, probe, &reply, CREATE);
    message_release(&reply);
    for (int i = 0; mixed_life[i] != NULL && !ended; i++) {
        ended = run_ask(run, probe, &reply, "%s", mixed_life[i]);
        message_release(&reply);
    }
    if (!ended)
        ended = run_ask(run, probe, &reply, "metrics");
    const char *text = ended ? "" : message_get_or(&reply, "text", "");
    for (int i = 0; i < 5 && !ended; i++) {
        if (!has_type(text, counters[i], "counter"))
            ended = run_fail(run, "wrong answer", counters[i], "no such counter in the text");
    }
    if (!ended && !has_type(text, "circuit_breaker_state", "gauge"))
        ended = run_fail(run, "wrong answer", "circuit_breaker_state", "no such gauge in the text");
    message_release(&reply);
    run_close(run, probe);
}

/* --- threads ---------------------------------------------------------------------------------- */

static int64_t number(const struct message *reply, const char *name)
{
    int64_t value = -1;
    message_get_int64(reply, name, &value);
    return value;
}

static int judge_crowd(struct check_run *run, const struct message *reply)
{
    int64_t failed = number(reply, "result_failed"), rejected = number(reply, "result_rejected");
    int64_t answered = number(reply, "result_ok") + number(reply, "result_neutral") + failed;
    const struct sample samples[] = {
        {"circuit_breaker_admitted_total", NULL, (double)answered},
        {"circuit_breaker_rejected_total", NULL, (double)rejected},
        {"circuit_breaker_fallbacks_total", "reason=\"failure\"", (double)failed},
        {"circuit_breaker_fallbacks_total", "reason=\"rejection\"", (double)rejected},
    };
    if (number(reply, "calls") != answered || number(reply, "fallbacks") != failed + rejected)
        return run_fail(run, "wrong answer",
                        "one call or one fallback, or both, as the result says",
                        "%lld calls, %lld fallbacks", (long long)number(reply, "calls"),
                        (long long)number(reply, "fallbacks"));
    return expect_samples(run, message_get_or(reply, "text", ""), "user-service", samples, 4);
}

void check_crowd(struct check_run *run)
{
    struct message reply = {0};
    struct probe *probe = run_program(run, "probe-tsan");
    (void)(probe == NULL ||
           run_ask(
               run, probe, &reply,
               "crowd threads=8 operations=300 fail=20 neutral=10 seed=%lld percent=30 window=20 "
               "minimum=5 trials=3 successes=4 base=5 cap=20 lease=1000 jitter=0.5",
               (long long)(run->seed % 100000)) ||
           judge_crowd(run, &reply));
    message_release(&reply);
    run_close(run, probe);
}

/* --- the table -------------------------------------------------------------------------------- */

#define CHECK(name, its_points, its_anchor)                                                        \
    .id = name, .step = 3, .points = its_points, .anchor = its_anchor, .oracle = &breaker_oracle

const struct check breaker_guard_checks[] = {
    {CHECK("success_needs_no_fallback", 1, "fallback"), .rules = "F1", .gate = 1,
     .rule = "A call that works is made once, and its answer is the answer.",
     .script = GUARD "call outcome=OK now=0\ncall outcome=OK now=1\n",
     .hints = {"guard_run: admit, call, report, and return GUARD_OK.",
               "call->call(call->context) makes the call; do it once."}},
    {CHECK("failure_calls_the_fallback", 1, "fallback"), .rules = "F1",
     .rule = "A call that fails is answered by the fallback.",
     .script = GUARD "call outcome=OK now=0\ncall outcome=FAIL now=1\n",
     .hints = {"What does the caller get when the call failed?",
               "call->fallback(call->context) once, then GUARD_FALLBACK_FAILED."}},
    {CHECK("rejection_calls_the_fallback_only", 1, "fallback"), .rules = "F1",
     .rule = "A rejected call is not made; the fallback answers.",
     .script = OPENED_GUARD "call outcome=OK now=20\ncall outcome=OK now=30\n",
     .hints = {"While OPEN nothing may reach the dependency.",
               "Anything but BREAKER_ADMITTED: fallback, GUARD_FALLBACK_REJECTED, no report."}},
    {CHECK("neutral_is_an_answer", 1, "fallback"), .rules = "F1",
     .rule = "NEUTRAL calls no fallback: \"no such customer\" is the answer.",
     .script =
         GUARD "call outcome=NEUTRAL now=0\ncall outcome=NEUTRAL now=1\ncall outcome=OK now=2\n",
     .hints = {"A 404 that becomes the fallback customer hides the caller's mistake.",
               "GUARD_NEUTRAL is returned, and neither fallback nor failure happened."}},
    {CHECK("every_admitted_call_is_reported", 1, "fallback"), .rules = "F1",
     .rule = "Every exit path reports: after a neutral trial there is room for the next.",
     .script = OPENED_GUARD "call outcome=NEUTRAL now=110\ncall outcome=NEUTRAL now=111\n"
                            "call outcome=OK now=112\ncall outcome=OK now=113\n",
     .hints = {"The trial at 110 ended NEUTRAL. Was it reported?",
               "Report right after the call, before you look at the outcome."}},
    {CHECK("failures_are_reported_once", 1, "fallback"), .rules = "F1",
     .rule = "A failed call is one failure for the breaker.",
     .script = "guard percent=60 window=6 minimum=2\ncall outcome=OK now=0\n"
               "call outcome=FAIL now=1\ncall outcome=OK now=2\ncall outcome=FAIL now=3\n",
     .judged = "result calls fallbacks state stale inside",
     .hints = {"Half of the calls failed; the threshold is 60 percent.", "One admit, one report."}},
    {CHECK("calls_do_not_wait_for_each_other", 1, "fallback"), .rules = "F1",
     .script = GUARD "call outcome=OK now=0 inside=1\ncall outcome=FAIL now=2 inside=1\n"
                     "call outcome=OK now=3\n",
     .rule = "While one call is out, others come and go: no lock is held across a call.",
     .judged = "result calls fallbacks state stale inside",
     .hints = {"inside=1: before the call ends, another goes through the same guard.",
               "The breaker locks itself; the token belongs on guard_run's stack."}},
    {CHECK("report_carries_the_time_of_the_end", 1, "fallback"), .rules = "F1",
     .rule = "An outcome is reported at the time when the call ended.",
     .script =
         "guard percent=40 window=6 minimum=1 trials=1 successes=1 base=100 cap=100 lease=5000\n"
         "call outcome=OK now=0\ncall outcome=FAIL now=1 took=80 fallback=40\n"
         "call outcome=OK now=120\ncall outcome=OK now=170\ncall outcome=OK now=190\n",
     .hints =
         {"The second call began at 1 and failed at 81; its fallback took until 121. When does "
          "the wait begin?",
          "Ask the clock again for the report, and report before you fall back."}},
    {CHECK("a_slow_trial_is_lost", 1, "fallback"), .rules = "F1 B6",
     .rule = "A trial that outlives its lease still answers its caller, and does not close.",
     .script = OPENED_GUARD "call outcome=OK now=110 took=60\ncall outcome=OK now=200\n"
                            "call outcome=OK now=280\n",
     .hints = {"The report is stale; that is not the caller's mistake.",
               "Do not look at what breaker_report returns to choose the answer."}},
    {CHECK("admitted_calls_are_counted_by_outcome", 1, "metrics"), .rules = "B8",
     .run = check_metrics_totals,
     .rule = "The counters of calls give every admitted call its outcome, and add up.",
     .hints = {"circuit_breaker_calls_total{name=...,outcome=\"success\"} and its siblings.",
               "A counter takes what has come since the last time: keep what you published."}},
    {CHECK("rejections_and_fallbacks_are_counted", 1, "metrics"), .rules = "B8",
     .run = check_metrics_rejections,
     .rule = "Rejections are counted by reason, fallbacks by why they were needed.",
     .hints =
         {"reason=\"open\" or \"busy\" for rejections; \"failure\" or \"rejection\" for fallbacks.",
          "Count fallbacks where they are called, under a lock: threads share the guard."}},
    {CHECK("transitions_are_counted", 1, "metrics"), .rules = "B8",
     .run = check_metrics_transitions,
     .rule = "Each transition counts once, by where it came from and where it went.",
     .hints = {"The breaker's listener sees every transition.",
               "State names in labels are lower case: closed, open, half_open."}},
    {CHECK("the_state_is_a_gauge", 1, "metrics"), .rules = "B8", .run = check_metrics_state,
     .rule = "Exactly one state's gauge is 1.",
     .hints = {"Set all three each time you publish: one to 1, the others to 0.",
               "metric_set(gauge, \"user-service,open\", state == BREAKER_OPEN)"}},
    {CHECK("metric_families_have_their_types", 1, "metrics"), .rules = "B8",
     .run = check_metrics_text,
     .rule = "Counters are counters, the state is a gauge, under the names of the lab text.",
     .hints = {"metrics_family(metrics, METRIC_COUNTER, name, help, labels) once each.",
               "Names and labels are in guard.h, letter by letter."}},
    {0},
};
