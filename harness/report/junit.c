/*
 * JUnit XML, the subset that CI servers agree on: failure is a wrong answer, error is a crash, a
 * limit or the grader's own fault, skipped is a check that waits for an earlier step.
 */
#include "report/report.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/files.h"
#include "course/lab.h"
#include "course/rationale.h"
#include "kit/clock.h"
#include "kit/error.h"
#include "report/block.h"
#include "report/escape.h"
#include "report/summary.h"

static void attribute(struct text *out, const char *name, const char *value)
{
    text_addf(out, " %s=\"", name);
    escape_visible(out, value, 0);
    text_add(out, "\"");
}

static void seconds(struct text *out, int64_t ms)
{
    text_addf(out, " time=\"%" PRId64 ".%03" PRId64 "\"", ms / 1000, ms % 1000);
}

static void block_text(struct text *out, const struct run_result *run, const struct lab_result *lab,
                       const struct result *result)
{
    struct lines lines = {0};

    block_lines(&lines, run, lab, result);
    for (int i = 0; i < lines.count; i++) {
        escape_xml(out, lines.lines[i].text);
        text_add(out, "\n");
    }
    lines_release(&lines);
}

static void outcome(struct text *out, const struct run_result *run, const struct lab_result *lab,
                    const struct result *result)
{
    const char *element = result->verdict == VERDICT_FAIL ? "failure" : "error";

    if (result->verdict == VERDICT_WAITING || !lab->builds) {
        text_add(out, "<skipped");
        attribute(out, "message", result->reason);
        text_add(out, "/>");
    } else if (result->verdict != VERDICT_PASS) {
        text_addf(out, "<%s", element);
        attribute(out, "message", result->check->rule);
        attribute(out, "type", result->reason);
        text_add(out, ">");
        block_text(out, run, lab, result);
        text_addf(out, "</%s>", element);
    }
    if (result->output != NULL) {
        text_add(out, "<system-out>");
        escape_visible(out, result->output, 1);
        text_add(out, "</system-out>");
    }
}

static void testcase(struct text *out, const struct run_result *run, const struct lab_result *lab,
                     const struct result *result)
{
    struct text class_name = {0};

    text_addf(&class_name, "%s.step%d", lab->lab->name, result->check->step);
    text_add(out, "    <testcase");
    attribute(out, "name", result->check->id);
    attribute(out, "classname", text_str(&class_name));
    seconds(out, result->wall_ms);
    text_add(out, ">");
    outcome(out, run, lab, result);
    text_add(out, "</testcase>\n");
    text_release(&class_name);
}

static void property(struct text *out, const char *name, const char *value)
{
    text_add(out, "<property");
    attribute(out, "name", name);
    attribute(out, "value", value);
    text_add(out, "/>");
}

/* What a suite's attributes count. A lab that does not compile is one error, its checks skipped. */
static struct tally suite_tally(const struct lab_result *lab)
{
    struct tally tally = lab_tally(lab);

    if (!lab->builds)
        return (struct tally){.total = tally.total + 1, .errors = 1, .waiting = tally.total};
    tally.errors += tally.crashed;
    return tally;
}

static void suite(struct text *out, const struct run_result *run, const struct lab_result *lab)
{
    struct tally tally = suite_tally(lab);
    char started[TIME_TEXT_SIZE], seed[24], words[32];

    time_format(run->started_wall_ms, started);
    started[19] = '\0'; /* whole seconds, as the schema has them */
    snprintf(seed, sizeof seed, "%" PRIu64, run->seed);
    text_add(out, "  <testsuite");
    attribute(out, "name", lab->lab->name);
    text_addf(out, " tests=\"%d\" failures=\"%d\" errors=\"%d\" skipped=\"%d\"", tally.total,
              tally.failed, tally.errors, tally.waiting);
    seconds(out, lab->wall_ms);
    attribute(out, "timestamp", started);
    attribute(out, "hostname", "localhost"); /* required by the schema; says nothing about us */
    text_add(out, ">\n    <properties>");
    property(out, "seed", seed);
    property(out, "tree", run->tree);
    property(out, "isolation", run->isolation);
    if (lab->rationale != NULL) {
        rationale_words(lab->rationale, words, sizeof words);
        property(out, "rationale", words);
    }
    text_add(out, "</properties>\n");
    if (!lab->builds) {
        text_add(out, "    <testcase name=\"compiles\"");
        attribute(out, "classname", lab->lab->name);
        text_add(out, " time=\"0.000\"><error message=\"The lab's files do not compile.\" "
                      "type=\"compile error\">");
        escape_visible(out, lab->compiler, 1);
        text_add(out, "</error></testcase>\n");
    }
    for (int i = 0; i < lab->count; i++)
        testcase(out, run, lab, &lab->results[i]);
    text_add(out, "  </testsuite>\n");
}

int report_junit(const char *path, const struct run_result *run, struct error *err)
{
    struct tally all = {0};
    struct text out = {0};
    for (int i = 0; i < run->lab_count; i++) {
        struct tally tally = suite_tally(&run->labs[i]);
        all.total += tally.total;
        all.failed += tally.failed;
        all.errors += tally.errors;
    }
    text_add(&out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"svclab\"");
    text_addf(&out, " tests=\"%d\" failures=\"%d\" errors=\"%d\"", all.total, all.failed,
              all.errors);
    seconds(&out, run->wall_ms);
    text_add(&out, ">\n");
    for (int i = 0; i < run->lab_count; i++)
        suite(&out, run, &run->labs[i]);
    text_add(&out, "</testsuites>\n");
    int status = files_write(path, text_str(&out), out.length, err);
    text_release(&out);
    return status;
}
