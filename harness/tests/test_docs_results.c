/*
 * What a run says and leaves behind: the tables of docs/results.md, of verdicts and of faults
 * against the code. What one has and the other lacks fails here, with the line to write.
 */
#include "tests/markdown.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

#include "base/json_read.h"
#include "course/result.h"
#include "peers/fault.h"
#include "tests/run_tests.h"

static const char RESULTS[] = "docs/results.md";

/* --- exit statuses ---------------------------------------------------------------------------- */

START_TEST(exit_statuses_are_those_of_the_header)
{
    struct text page = page_read(RESULTS), header = page_read("harness/course/status.h");
    struct row row;
    int statuses = 0, rows = 0;
    for (char *at = strstr(header.bytes, "STATUS_FULL"); at != NULL;
         at = strstr(at, "    STATUS_")) {
        const char *equals = strchr(at, '='), *said = strstr(at, "/* ");
        char number[16], meaning[96] = "...";
        ck_assert_ptr_nonnull(equals);
        snprintf(number, sizeof number, "%ld", strtol(equals + 1, NULL, 10));
        if (said != NULL && said < at + strcspn(at, "\n"))
            snprintf(meaning, sizeof meaning, "%.*s", (int)(strstr(said, " */") - said - 3),
                     said + 3);
        ck_assert_msg(has_row(text_str(&page), "## Exit status", 0, number, &row),
                      "%s lacks an exit status. Write: | %s | %s |", RESULTS, number, meaning);
        statuses++;
        at++;
    }
    for (int state = 0; row_next(text_str(&page), "## Exit status", &state, &row);)
        rows++;
    ck_assert_msg(rows == statuses, "%s has %d exit statuses, course/status.h has %d", RESULTS,
                  rows, statuses);
    text_release(&page);
    text_release(&header);
}
END_TEST

/* --- verdicts, faults ------------------------------------------------------------------------- */

START_TEST(verdicts_are_those_of_a_result)
{
    struct text page = page_read("docs/reading-a-failure.md");
    struct row row;
    enum verdict verdict = VERDICT_PASS;
    for (; verdict <= VERDICT_ERROR; verdict++)
        ck_assert_msg(has_row(text_str(&page), "## Verdicts", 0, verdict_name(verdict), &row),
                      "docs/reading-a-failure.md lacks the verdict %s", verdict_name(verdict));
    for (int state = 0; row_next(text_str(&page), "## Verdicts", &state, &row);)
        ck_assert_msg(verdict_from_name(row.cells[0], &verdict) == 0,
                      "docs/reading-a-failure.md:%d: there is no verdict %s", row.line,
                      row.cells[0]);
    text_release(&page);
}
END_TEST

START_TEST(faults_are_those_of_the_peers)
{
    struct text page = page_read("docs/mini-cluster.md");
    struct row row;
    int rows = 0;
    for (int kind = FAULT_LATENCY; kind <= FAULT_FLAP; kind++) {
        char name[32];
        snprintf(name, sizeof name, "`%s`", fault_name((enum fault_kind)kind));
        ck_assert_msg(has_row(text_str(&page), "## Faults", 0, name, &row),
                      "docs/mini-cluster.md lacks a fault. Write: | %s | ... |", name);
    }
    for (int state = 0; row_next(text_str(&page), "## Faults", &state, &row);)
        rows++;
    ck_assert_msg(rows == FAULT_FLAP, "docs/mini-cluster.md has %d faults, peers/fault.h has %d",
                  rows, FAULT_FLAP);
    text_release(&page);
}
END_TEST

/* --- what a run leaves behind ----------------------------------------------------------------- */

/* Finds `name` in the first column: alone, or in a list of names in backticks. */
static int is_described(const struct text *page, const char *name)
{
    char quoted[96];
    struct row row;
    snprintf(quoted, sizeof quoted, "`%s`", name);
    for (int state = 0; row_next(text_str(page), "## results.json", &state, &row);)
        if (strstr(row.cells[0], quoted) != NULL)
            return 1;
    return 0;
}

/* How many members the schema has below one of its objects, each looked up as PREFIXname. */
static int look_up(const struct text *page, const cJSON *object, const char *prefix)
{
    const cJSON *one = NULL;
    int count = 0;
    cJSON_ArrayForEach(one, json_member(object, "properties"))
    {
        char name[96];
        snprintf(name, sizeof name, "%s%s", prefix, one->string);
        ck_assert_msg(is_described(page, name), "%s lacks a member. Write: | `%s` | ... |", RESULTS,
                      name);
        count++;
    }
    ck_assert_msg(count > 0, "the schema has nothing for %s", prefix);
    return count;
}

START_TEST(members_are_those_of_the_schema)
{
    static const struct {
        const char *object, *prefix;
    } objects[] = {{"lab", "labs[]."},
                   {"step", "steps[]."},
                   {"check", "checks[]."},
                   {"storyLine", "story.lines[]."},
                   {"picture", "pictures[]."},
                   {"rationale", "rationale."},
                   {"criterion", "criteria[]."}};
    struct text page = page_read(RESULTS), source = page_read("docs/results-schema.json");
    cJSON *schema = cJSON_Parse(text_str(&source));
    struct row row;
    ck_assert_ptr_nonnull(schema);
    int count = look_up(&page, schema, ""), names = 0;
    for (size_t i = 0; i < sizeof objects / sizeof objects[0]; i++)
        count += look_up(&page, json_member(json_member(schema, "$defs"), objects[i].object),
                         objects[i].prefix);
    for (int state = 0; row_next(text_str(&page), "## results.json", &state, &row);)
        for (const char *at = row.cells[0]; (at = strchr(at, '`')) != NULL; at++)
            names++;
    ck_assert_msg(names == 2 * count, "%s describes %d members, the schema has %d", RESULTS,
                  names / 2, count);
    cJSON_Delete(schema);
    text_release(&source);
    text_release(&page);
}
END_TEST

START_TEST(files_are_those_that_check_writes)
{
    struct text page = page_read(RESULTS), source = page_read("harness/commands/check.c");
    struct row row;
    int written = 0, rows = 0;
    const char *at = strstr(text_str(&source), "} reports[] = {");
    ck_assert_ptr_nonnull(at);
    for (const char *end = strchr(at, ';'); (at = strchr(at, '"')) != NULL && at < end;) {
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(at + 1, "\""), at + 1);
        ck_assert_msg(has_row(text_str(&page), "# Results", 0, name, &row),
                      "%s lacks a file. Write: | %s | ... |", RESULTS, name);
        at += strlen(name) + 2;
        written++;
    }
    for (int state = 0; row_next(text_str(&page), "# Results", &state, &row);)
        rows++;
    ck_assert_msg(rows == written, "%s has %d files, commands/check.c writes %d", RESULTS, rows,
                  written);
    text_release(&page);
    text_release(&source);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        exit_statuses_are_those_of_the_header, verdicts_are_those_of_a_result,
        faults_are_those_of_the_peers,         members_are_those_of_the_schema,
        files_are_those_that_check_writes,     NULL};
    return run_tests("docs results", tests);
}
