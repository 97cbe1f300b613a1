/*
 * Lab 02's pictures: the breaker's states as the student's code behaves, and what a breaker in a
 * service did over time.
 */
#include "suites/02-breaker/checks.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kit/http_client.h"
#include "report/report.h"

/* --- states ----------------------------------------------------------------------------------- */

#define CREATE "create percent=50 window=4 minimum=2 trials=1 successes=2 base=10 cap=80 lease=50\n"
#define CALL(now, outcome)                                                                         \
    "admit token=0 now=" #now "\nreport token=0 outcome=" #outcome " now=" #now "\n"
#define TRIPPED     CREATE CALL(0, FAIL) CALL(1, FAIL)
#define HALF_OPENED TRIPPED "admit token=0 now=15\n"

/* A command in a state: how to get there, the command, and what the rules make of it. */
struct drive {
    struct state_edge rule;
    const char *before;
    const char *command;
};

static const struct drive drives[] = {
    {{"CLOSED", "CLOSED", "OK", STATE_OK},
     CREATE "admit token=0 now=0\n",
     "report token=0 outcome=OK now=0"},
    {{"CLOSED", "CLOSED", "FAIL, too few", STATE_OK},
     CREATE "admit token=0 now=0\n",
     "report token=0 outcome=FAIL now=0"},
    {{"CLOSED", "OPEN", "FAIL, rate reached", STATE_OK},
     CREATE CALL(0, FAIL) "admit token=0 now=1\n",
     "report token=0 outcome=FAIL now=1"},
    {{"OPEN", "OPEN", "asked too early", STATE_OK}, TRIPPED, "admit token=0 now=5"},
    {{"OPEN", "HALF_OPEN", "asked after the wait", STATE_OK}, TRIPPED, "admit token=0 now=15"},
    {{"HALF_OPEN", "HALF_OPEN", "first OK", STATE_OK},
     HALF_OPENED,
     "report token=0 outcome=OK now=16"},
    {{"HALF_OPEN", "HALF_OPEN", "NEUTRAL", STATE_OK},
     HALF_OPENED,
     "report token=0 outcome=NEUTRAL now=16"},
    {{"HALF_OPEN", "CLOSED", "OK, enough in a row", STATE_OK},
     HALF_OPENED "report token=0 outcome=OK now=16\nadmit token=0 now=17\n",
     "report token=0 outcome=OK now=18"},
    {{"HALF_OPEN", "OPEN", "FAIL", STATE_OK}, HALF_OPENED, "report token=0 outcome=FAIL now=16"},
    {{"HALF_OPEN", "OPEN", "lease over", STATE_OK}, HALF_OPENED, "admit token=1 now=70"},
};
enum { DRIVES = sizeof drives / sizeof drives[0] };

static const char *const states[] = {"CLOSED", "OPEN", "HALF_OPEN"};

/* The name among states, or "elsewhere": what the student's process says is never kept. */
static const char *state_of(const struct message *reply)
{
    for (int i = 0; i < 3; i++) {
        if (strcmp(message_get_or(reply, "state", ""), states[i]) == 0)
            return states[i];
    }
    return "elsewhere";
}

/* The state after the command, NULL when the probe did not answer. */
static const char *drive(struct probe *probe, const struct drive *drive)
{
    struct scenario scenario = {0};
    const char *state = "elsewhere";
    scenario_add_script(&scenario, drive->before);
    scenario_add_script(&scenario, drive->command);
    for (int i = 0; i < scenario.count && state != NULL; i++) {
        struct message reply = {0};
        if (probe_ask(probe, scenario.lines[i], &reply) == PROBE_READY)
            state = state_of(&reply);
        else
            state = NULL;
        message_release(&reply);
    }
    scenario_release(&scenario);
    return state;
}

void breaker_pictures(struct check_run *run)
{
    struct state_edge rule[DRIVES], observed[DRIVES], edges[2 * DRIVES];
    int seen = 0;
    struct probe *probe = run_probe(run);
    if (probe == NULL)
        return;
    for (int i = 0; i < DRIVES; i++) {
        const char *to = drive(probe, &drives[i]);
        rule[i] = drives[i].rule;
        if (to == NULL)
            break;
        observed[seen] = drives[i].rule;
        observed[seen++].to = to;
    }
    probe_free(probe);
    int count = states_compare(rule, DRIVES, observed, seen, edges, 2 * DRIVES);
    int wrong = 0;
    for (int i = 0; i < count; i++)
        wrong += edges[i].kind != STATE_OK;
    char alt[160];
    snprintf(alt, sizeof alt,
             "The states CLOSED, OPEN and HALF_OPEN with %d edges, %d of them not by "
             "the rule.",
             count, wrong);
    struct text dot = {0};
    picture_states(states, 3, edges, count, &dot);
    run_picture(run, "The breaker's states, as your code behaves", alt, text_str(&dot));
    text_release(&dot);
}

/* --- over time -------------------------------------------------------------------------------- */

void watch_begin(struct watch *watch, struct check_run *run)
{
    *watch = (struct watch){.run = run, .client = http_client_open()};
}

int watch_metrics(struct watch *watch, struct text *text)
{
    char url[128];
    snprintf(url, sizeof url, "%s/metrics", cluster_url(watch->run->cluster, "order-service"));
    struct http_call call = {.url = url, .deadline_ms = 5000};
    struct http_reply reply = {0};
    http_client_call(watch->client, &call, &reply);
    int ok = reply.outcome == HTTP_OK && reply.status == 200;
    text_append(text, text_str(&reply.body), reply.body.length);
    http_reply_release(&reply);
    return ok;
}

static double of_users(const char *metrics, const char *family, const char *label)
{
    return metric_sum(metrics, "user-service", family, label, NULL);
}

void watch_sample(struct watch *watch)
{
    struct text text = {0};
    if (watch->count < WATCH_MAX && watch_metrics(watch, &text)) {
        const char *metrics = text_str(&text);
        struct watch_moment *now = &watch->moments[watch->count++];
        int is_open = of_users(metrics, "circuit_breaker_state", "state=\"open\"") > 0;
        int is_trying = of_users(metrics, "circuit_breaker_state", "state=\"half_open\"") > 0;
        now->state = is_trying ? 2 : is_open;
        now->admitted = of_users(metrics, "circuit_breaker_admitted_total", NULL);
        now->rejected = of_users(metrics, "circuit_breaker_rejected_total", NULL);
        now->fallbacks = of_users(metrics, "circuit_breaker_fallbacks_total", NULL);
    }
    text_release(&text);
}

enum { STEP = 16, TOP = 40, ROW = 70, LEFT = 90, HEIGHT = TOP + 3 * ROW + 30 };

/* One row: a line of the running total, its name left, its end right. */
static void draw_row(struct text *svg, const struct watch *watch, int row, const char *name,
                     size_t offset)
{
    double last = 0;
    memcpy(&last, (const char *)&watch->moments[watch->count - 1] + offset, sizeof last);
    int base = TOP + (row + 1) * ROW;
    text_addf(svg,
              "<text x=\"0\" y=\"%d\">%s</text><polyline fill=\"none\" "
              "stroke=\"currentColor\" stroke-width=\"2\" points=\"",
              base, name);
    for (int i = 0; i < watch->count; i++) {
        double value = 0;
        memcpy(&value, (const char *)&watch->moments[i] + offset, sizeof value);
        double height = last > 0 ? value / last * (ROW - 20) : 0;
        text_addf(svg, "%d,%.1f ", LEFT + i * STEP, base - height);
    }
    text_addf(svg, "\"/><text x=\"%d\" y=\"%.1f\">%.0f</text>", LEFT + watch->count * STEP,
              last > 0 ? base - (ROW - 20.0) : base, last);
}

static void draw_states(struct text *svg, const struct watch *watch)
{
    static const char *const letters[] = {"C", "O", "H"};
    text_addf(svg, "<text x=\"0\" y=\"%d\">state</text>", TOP);
    for (int i = 0; i < watch->count; i++) {
        int state = watch->moments[i].state;
        text_addf(svg,
                  "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"20\" fill=\"none\" "
                  "stroke=\"currentColor\"%s/><text x=\"%d\" y=\"%d\">%s</text>",
                  LEFT + i * STEP, TOP - 15, STEP - 1,
                  state == 0 ? ""
                             : (state == 1 ? " stroke-width=\"3\"" : " stroke-dasharray=\"3\""),
                  LEFT + i * STEP + 3, TOP, letters[state]);
    }
}

void watch_end(struct watch *watch)
{
    http_client_close(watch->client);
    if (watch->count == 0)
        return;
    char alt[200];
    const struct watch_moment *last = &watch->moments[watch->count - 1];
    snprintf(alt, sizeof alt,
             "%d orders: the state after each (C closed, O open, H half open), and the "
             "running totals: %.0f admitted, %.0f rejected, %.0f fallbacks.",
             watch->count, last->admitted, last->rejected, last->fallbacks);
    struct text svg = {0};
    text_addf(&svg,
              "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\" "
              "aria-label=\"%s\"><g font-size=\"12\" fill=\"currentColor\">",
              LEFT + watch->count * STEP + 60, HEIGHT, alt);
    draw_states(&svg, watch);
    draw_row(&svg, watch, 0, "admitted", offsetof(struct watch_moment, admitted));
    draw_row(&svg, watch, 1, "rejected", offsetof(struct watch_moment, rejected));
    draw_row(&svg, watch, 2, "fallbacks", offsetof(struct watch_moment, fallbacks));
    text_add(&svg, "</g></svg>");
    run_picture(watch->run, "The breaker over time, order by order", alt, text_str(&svg));
    text_release(&svg);
}
