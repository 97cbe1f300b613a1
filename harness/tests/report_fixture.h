/*
 * A run to test reports with: one lab with full marks, one half done with every verdict, one that
 * does not compile. Tests change what they need before they report.
 */
#ifndef TESTS_REPORT_FIXTURE_H
#define TESTS_REPORT_FIXTURE_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "course/lab.h"
#include "course/rationale.h"
#include "kit/error.h"
#include "kit/utf8.h"
#include "report/report.h"

static const struct check fixture_checks[] = {
    {.id = "greets_by_name", .rule = "The greeting holds the name.", .step = 1, .points = 100},
    {.id = "new_order_is_pending",
     .rule = "A new order is PENDING.",
     .rules = "O1",
     .step = 1,
     .points = 10,
     .gate = 1,
     .anchor = "a-new-order"},
    {.id = "totals_are_exact",
     .rule = "The total is the sum of quantity times unit price, to the cent.",
     .rules = "O2",
     .step = 1,
     .points = 20,
     .anchor = "money"},
    {.id = "append_is_atomic",
     .rule = "A batch of events is stored whole or not at all.",
     .rules = "E1",
     .step = 2,
     .tier = TIER_MODEL,
     .points = 30,
     .anchor = "append"},
    {.id = "acknowledged_orders_survive_a_crash",
     .rule = "An order that was answered with 201 is there after kill -9 and a restart.",
     .rules = "A5",
     .step = 3,
     .tier = TIER_CLUSTER,
     .points = 20,
     .anchor = "crash"},
    {.id = "unknown_customer_is_refused",
     .rule = "An unknown customer is answered with 422.",
     .rules = "A6",
     .step = 3,
     .tier = TIER_CLUSTER,
     .points = 20,
     .anchor = "customer"},
    {.id = "breaker_is_closed_at_first",
     .rule = "A new breaker is CLOSED.",
     .step = 1,
     .points = 100},
};
static const struct step fixture_steps[] = {
    {"The entity", NULL, NULL}, {"The event store", NULL, NULL}, {"The service", NULL, NULL}};
static const struct check *const fixture_tables[] = {NULL}; /* labs here have no registry */
static const struct lab fixture_labs[] = {
    {.name = "00-tour",
     .title = "The tour",
     .steps = fixture_steps,
     .step_count = 1,
     .tables = fixture_tables},
    {.name = "01-order",
     .title = "Order: an entity, its history, its service",
     .steps = fixture_steps,
     .step_count = 3,
     .tables = fixture_tables},
    {.name = "02-breaker",
     .title = "Circuit breaker",
     .steps = fixture_steps,
     .step_count = 3,
     .tables = fixture_tables},
};

static inline struct result *fixture_result(struct run_result *run, const char *id)
{
    for (int i = 0; i < run->lab_count; i++)
        for (int j = 0; j < run->labs[i].count; j++)
            if (strcmp(run->labs[i].results[j].check->id, id) == 0)
                return &run->labs[i].results[j];
    abort();
}

static inline void fixture_story(struct story *story)
{
    static const char *const j = "judge", *const o = "order-service", *const u = "user-service";

    story_release(story);
    story_add(story, 0, STORY_CALL, j, o, "POST /orders {\"customerId\":\"user-123\"}");
    story_add(story, 1, STORY_CALL, o, u, "GET /users/user-123");
    story_add(story, 1, STORY_FAULT, u, NULL, "hang: takes the request, never answers");
    story_add(story, 1001, STORY_NOTE, o, NULL, "time limit of the lookup");
    story_add(story, 1002, STORY_REPLY, o, j, "201 {\"id\":\"0193-...\",\"status\":\"PENDING\"}");
    story_add(story, 1003, STORY_FAULT, j, o, "kill -9");
    story_add(story, 1020, STORY_NOTE, o, NULL, "started again");
    story_add(story, 1021, STORY_CALL, j, o, "GET /orders/0193-...");
    story_add(story, 1022, STORY_WRONG, o, j, "404 {\"title\":\"no such order\"}");
}

static inline void fixture_fail(struct result *result, enum verdict verdict, const char *reason,
                                const char *expected, const char *got)
{
    result->verdict = verdict;
    result->points = 0;
    snprintf(result->reason, sizeof result->reason, "%s", reason);
    result_set_string(&result->expected, expected);
    result_set_string(&result->got, got);
}

static inline void fixture_lab(struct lab_result *lab, int index, int first, int count)
{
    *lab = (struct lab_result){.lab = &fixture_labs[index], .builds = 1, .count = count};
    lab->results = calloc((size_t)count + 1, sizeof lab->results[0]);
    if (lab->results == NULL)
        abort();
    for (int i = 0; i < count; i++) {
        lab->results[i].check = &fixture_checks[first + i];
        lab->results[i].points = fixture_checks[first + i].points;
        lab->results[i].wall_ms = 3;
    }
    lab->points = lab->points_max = 100;
}

/* Two criteria; the marks of a person, or why they cannot be read. */
static inline struct rationale *fixture_rationale(enum rationale_state state)
{
    static const char *const titles[] = {"Why it is cut so", "What breaks & what then"};
    struct rationale *made = calloc(1, sizeof *made);
    if (made == NULL)
        abort();
    *made = (struct rationale){.state = state, .count = 2, .points_max = 8};
    for (int i = 0; i < 2; i++) {
        made->criteria[i].id = strdup(i == 0 ? "cut" : "failure");
        made->criteria[i].title = strdup(titles[i]);
        if (state != RATIONALE_READ)
            continue;
        made->criteria[i].level = 3;
        made->points += 3;
        made->criteria[i].sentence = strdup("Each has a reason.");
        made->criteria[i].note = strdup(i == 0 ? "" : "Well <said>.\nTwice.");
    }
    if (state == RATIONALE_READ) {
        made->student = strdup("Ada");
        made->reader = strdup("Grace");
        made->date = strdup("2026-12-01");
    } else if (state == RATIONALE_VOID) {
        made->fault = strdup("rationale-marks.json: marks[0].level is required.");
    }
    return made;
}

/* Release with run_result_release. */
static inline struct run_result fixture_run(void)
{
    struct run_result run = {.lab_count = 3, .seed = 20261122, .tree = "labs", .exit_status = 2};
    run.isolation = "none";
    run.started_wall_ms = 1795339800000;
    run.wall_ms = 5120;
    run.labs = calloc(3, sizeof run.labs[0]);
    if (run.labs == NULL)
        abort();
    fixture_lab(&run.labs[0], 0, 0, 1);
    fixture_lab(&run.labs[1], 1, 1, 5);
    fixture_lab(&run.labs[2], 2, 6, 1);
    run.labs[2].builds = 0;
    run.labs[2].points = 0;
    fixture_fail(&run.labs[2].results[0], VERDICT_FAIL, "compile error", "files that compile",
                 "the compiler refuses them");
    result_set_string(&run.labs[2].compiler,
                      "labs/02-breaker/breaker.c:12:5: error: expected ';' before 'return'\n"
                      "   12 |     return 0;\n      |     ^~~~~~\n");

    struct result *r = fixture_result(&run, "totals_are_exact");
    fixture_fail(r, VERDICT_CRASH, "sanitizer", "total=1990", "the process ended");
    result_set_string(&r->detail, "heap-buffer-overflow in order_create, labs/01-order/order.c:88");
    result_set_string(&r->output, "adding item 1\nadding item 2\n");
    story_add(&r->story, 0, STORY_CALL, "judge", "order", "create customer=c-1 items=2");
    story_add(&r->story, 0, STORY_WRONG, "order", "judge", "(the process ended)");
    r->story.virtual_time = 1;
    fixture_fail(fixture_result(&run, "append_is_atomic"), VERDICT_WAITING, "waits for step 1",
                 NULL, NULL);
    r = fixture_result(&run, "acknowledged_orders_survive_a_crash");
    fixture_fail(r, VERDICT_FAIL, "wrong answer", "200, the order", "404 no such order");
    fixture_story(&r->story);
    result_add_figure(r, "orders placed", 200);
    r = fixture_result(&run, "unknown_customer_is_refused");
    fixture_fail(r, VERDICT_ERROR, "harness", NULL, "user-service did not start");
    lab_result_add_picture(&run.labs[1], "Order states as your code behaves",
                           "PENDING to CONFIRMED by confirm.",
                           "digraph g { PENDING -> CONFIRMED [label=\"confirm\"] }");
    run.labs[1].points = 10;
    run.labs[0].rationale = fixture_rationale(RATIONALE_READ);
    run.labs[1].rationale = fixture_rationale(RATIONALE_VOID);
    return run;
}

enum { FIXTURE_FILE_MAX = 1 << 22 };
typedef int report_writer(const char *path, const struct run_result *run, struct error *err);

/* The report's text, UTF-8 in any case; the caller's to free. */
static inline char *fixture_written(report_writer *report, const struct run_result *run)
{
    char path[] = "/tmp/svclab-page-XXXXXX";
    struct error err = {0};
    struct text text = {0};
    int fd = mkstemp(path);

    ck_assert_int_ge(fd, 0);
    close(fd);
    ck_assert_msg(report(path, run, &err) == 0, "%s", err.text);
    ck_assert_int_eq(files_read(path, FIXTURE_FILE_MAX, &text, NULL), 0);
    unlink(path);
    for (size_t at = 0, size = 0; at < text.length; at += size) {
        size = utf8_character(text.bytes + at, text.length - at);
        ck_assert_msg(size > 0, "not UTF-8 behind: %.*s", 40, text.bytes + (at < 40 ? 0 : at - 40));
    }
    return text_detach(&text);
}

static inline char *fixture_terminal(const struct run_result *run)
{
    struct terminal_options options = {0};
    char *bytes = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&bytes, &length);

    ck_assert_ptr_nonnull(out);
    report_terminal(out, run, &options);
    fclose(out);
    return bytes;
}

#endif
