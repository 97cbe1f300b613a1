/*
 * The tables of docs/results.md and docs/judging.md against the code: what one has and the other
 * lacks fails here, with the line to write.
 */
#include "tests/markdown.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

#include "course/result.h"
#include "course/status.h"
#include "judge/run_internal.h"
#include "peers/fault.h"
#include "tests/run_tests.h"

static const char RESULTS[] = "docs/results.md", JUDGING[] = "docs/judging.md";

/* Whether a cell of the table's column is just these words; *row is then that row. */
static int has_row(const struct text *page, const char *heading, int column, const char *words,
                   struct row *row)
{
    for (int state = 0; row_next(text_str(page), heading, &state, row);)
        if (strcmp(row->cells[column], words) == 0)
            return 1;
    return 0;
}

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
        ck_assert_msg(has_row(&page, "## Exit status", 0, number, &row),
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

/* --- reasons ---------------------------------------------------------------------------------- */

enum { REASONS_MAX = 64 };

struct reason {
    char word[96];
    const char *verdict;
    char from[96]; /* the file that says so */
};

struct reasons {
    struct reason list[REASONS_MAX];
    int count;
};

static void add_reason(struct reasons *reasons, const char *word, size_t length,
                       const char *verdict, const char *from)
{
    for (int i = 0; i < reasons->count; i++)
        if (strlen(reasons->list[i].word) == length &&
            strncmp(reasons->list[i].word, word, length) == 0 &&
            strcmp(reasons->list[i].verdict, verdict) == 0)
            return;
    ck_assert_int_lt(reasons->count, REASONS_MAX);
    struct reason *reason = &reasons->list[reasons->count++];
    snprintf(reason->word, sizeof reason->word, "%.*s", (int)length, word);
    snprintf(reason->from, sizeof reason->from, "%s", from);
    reason->verdict = verdict;
}

/* How a process may end, asked from the code that gives the verdict. */
static void add_ends(struct reasons *reasons)
{
    for (int state = PROBE_EXITED; state < PROBE_NO_START; state++) {
        struct result result = {0};
        struct check_run run = {.result = &result};
        run_verdict_of_end(&run, (enum probe_state)state, "", "");
        add_reason(reasons, result.reason, strlen(result.reason), verdict_name(result.verdict),
                   "process/probe_end.c");
        result_release(&result);
    }
}

/* The reasons of run_fail's second argument, which may choose between two: x ? "a" : "b". */
static void add_failures(struct reasons *reasons, const struct text *source, const char *path)
{
    for (const char *at = text_str(source); (at = strstr(at, "run_fail(")) != NULL; at++) {
        int depth = 0, commas = 0;
        for (const char *c = at + strlen("run_fail("); commas < 2 && *c != '\0' && depth >= 0;
             c++) {
            depth += (*c == '(') - (*c == ')');
            commas += *c == ',' && depth == 0;
            if (*c != '"')
                continue;
            const size_t length = strcspn(c + 1, "\"");
            if (commas == 1 && depth == 0)
                add_reason(reasons, c + 1, length, "fail", path);
            c += length + 1;
        }
    }
}

/* What is written into a result without run_fail; its verdict is the one named just before. */
static void add_written(struct reasons *reasons, const struct text *source, const char *path)
{
    static const char write[] = "result->reason, sizeof result->reason, \"";
    const char *last = text_str(source);
    for (const char *at = last; (at = strstr(at, write)) != NULL; last = at) {
        at += strlen(write);
        if (*at == '%')
            continue;
        const char *verdict = NULL;
        for (enum verdict v = VERDICT_PASS; v <= VERDICT_ERROR; v++) {
            char name[32] = "VERDICT_";
            for (const char *c = verdict_name(v); *c != '\0'; c++)
                snprintf(name + strlen(name), 2, "%c", toupper((unsigned char)*c));
            for (const char *seen = last; (seen = strstr(seen, name)) != NULL && seen < at; seen++)
                if (verdict == NULL || seen > last) {
                    verdict = verdict_name(v);
                    last = seen;
                }
        }
        ck_assert_msg(verdict != NULL, "%s: which verdict has %.20s?", path, at);
        add_reason(reasons, at, strcspn(at, "\""), verdict, path);
    }
}

/* "waits for step %d, %s" as the page says it. */
static void name_places(char *word, size_t size)
{
    char *number = strstr(word, "%d"), *check = strstr(word, "%s");
    if (number == NULL || check == NULL)
        return;
    char named[96];
    snprintf(named, sizeof named, "%.*sN%.*sCHECK", (int)(number - word), word,
             (int)(check - number - 2), number + 2);
    snprintf(word, size, "%s", named);
}

static void add_all_reasons(struct reasons *reasons)
{
    glob_t files = {0};
    add_ends(reasons);
    ck_assert_int_eq(glob("harness/judge/*.c", 0, NULL, &files), 0);
    ck_assert_int_eq(glob("harness/suites/*/*.c", GLOB_APPEND, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        struct text source = page_read(files.gl_pathv[i]);
        add_failures(reasons, &source, files.gl_pathv[i]);
        add_written(reasons, &source, files.gl_pathv[i]);
        text_release(&source);
    }
    globfree(&files);
    add_reason(reasons, "harness", strlen("harness"), "error", "judge/run.c");
    for (int i = 0; i < reasons->count; i++)
        name_places(reasons->list[i].word, sizeof reasons->list[i].word);
}

/* Whether the cell is the word, or a list that has it: "cpu limit, wall limit". */
static int lists(const char *cell, const char *word)
{
    const size_t length = strlen(word);
    for (const char *at = cell; (at = strstr(at, word)) != NULL; at++)
        if ((at == cell || strncmp(at - 2, ", ", 2) == 0) &&
            (at[length] == '\0' || strncmp(at + length, ", ", 2) == 0))
            return 1;
    return 0;
}

START_TEST(reasons_are_those_that_the_judge_gives)
{
    struct text page = page_read(RESULTS);
    struct reasons reasons = {0};
    struct row row;
    add_all_reasons(&reasons);
    for (int i = 0; i < reasons.count; i++) {
        const struct reason *reason = &reasons.list[i];
        int found = 0;
        for (int state = 0; row_next(text_str(&page), "## Reasons", &state, &row);)
            found |=
                lists(row.cells[0], reason->word) && strcmp(row.cells[1], reason->verdict) == 0;
        ck_assert_msg(found, "%s lacks a reason of %s. Write: | %s | %s | ... |", RESULTS,
                      reason->from, reason->word, reason->verdict);
    }
    for (int state = 0; row_next(text_str(&page), "## Reasons", &state, &row);) {
        int found = 0;
        for (int i = 0; i < reasons.count; i++)
            found |= lists(row.cells[0], reasons.list[i].word) &&
                     strcmp(row.cells[1], reasons.list[i].verdict) == 0;
        ck_assert_msg(found, "%s:%d: nothing says '%s' with verdict %s: take the line out", RESULTS,
                      row.line, row.cells[0], row.cells[1]);
    }
    text_release(&page);
}
END_TEST

START_TEST(ends_and_limits_have_the_verdicts_of_the_code)
{
    struct text page = page_read(JUDGING);
    struct reasons ends = {0};
    static const char *const headings[] = {"## Ends", "## Limits"};
    struct row row;
    add_ends(&ends);
    for (int i = 0; i < ends.count; i++) {
        char words[128];
        snprintf(words, sizeof words, "%s, %s", ends.list[i].verdict, ends.list[i].word);
        ck_assert_msg(has_row(&page, "## Ends", 1, words, &row) ||
                          has_row(&page, "## Limits", 2, words, &row),
                      "%s lacks an end. Write under Ends or Limits: | ... | %s |", JUDGING, words);
    }
    for (int table = 0; table < 2; table++)
        for (int state = 0; row_next(text_str(&page), headings[table], &state, &row);) {
            const char *said = row.cells[row.count - 1];
            int found = strcmp(said, "error, harness") == 0;
            for (int i = 0; i < ends.count; i++) {
                char words[128];
                snprintf(words, sizeof words, "%s, %s", ends.list[i].verdict, ends.list[i].word);
                found |= strcmp(said, words) == 0;
            }
            ck_assert_msg(found, "%s:%d: no process ends with '%s'", JUDGING, row.line, said);
        }
    text_release(&page);
}
END_TEST

START_TEST(limits_are_the_numbers_of_the_code)
{
    struct text page = page_read(JUDGING), rows[5] = {{0}};
    text_addf(&rows[0], "%d s, or what the check says", PROBE_CPU_MS / 1000);
    text_addf(&rows[1], "%d s", PROBE_IDLE_MS / 1000);
    text_addf(&rows[2], "%d s", PROBE_WALL_MS / 1000);
    text_addf(&rows[3], "%d GB", PROBE_MEMORY_MB / 1024);
    text_addf(&rows[4], "%d MB (%d KB are kept: the first and the last)",
              PROBE_OUTPUT_LIMIT_BYTES >> 20, PROBE_OUTPUT_MAX >> 10);
    struct row row;
    int state = 0, count = 0;
    for (; row_next(text_str(&page), "## Limits", &state, &row); count++) {
        ck_assert_msg(count < 5, "%s:%d: a limit more than process/probe_client.h has", JUDGING,
                      row.line);
        ck_assert_msg(strcmp(row.cells[1], text_str(&rows[count])) == 0,
                      "%s:%d: says %s. Write: | %s | %s | %s |", JUDGING, row.line, row.cells[1],
                      row.cells[0], text_str(&rows[count]), row.cells[2]);
    }
    ck_assert_msg(count == 5, "%s has %d limits, process/probe_client.h has 5", JUDGING, count);
    for (int i = 0; i < 5; i++)
        text_release(&rows[i]);
    text_release(&page);
}
END_TEST

/* --- verdicts, faults ------------------------------------------------------------------------- */

START_TEST(verdicts_are_those_of_a_result)
{
    struct text page = page_read("docs/reading-a-failure.md");
    struct row row;
    enum verdict verdict = VERDICT_PASS;
    for (; verdict <= VERDICT_ERROR; verdict++)
        ck_assert_msg(has_row(&page, "## Verdicts", 0, verdict_name(verdict), &row),
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
        ck_assert_msg(has_row(&page, "## Faults", 0, name, &row),
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
    cJSON_ArrayForEach(one, cJSON_GetObjectItem(object, "properties"))
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
                   {"picture", "pictures[]."}};
    struct text page = page_read(RESULTS), source = page_read("docs/results-schema.json");
    cJSON *schema = cJSON_Parse(text_str(&source));
    struct row row;
    ck_assert_ptr_nonnull(schema);
    int count = look_up(&page, schema, ""), names = 0;
    for (size_t i = 0; i < sizeof objects / sizeof objects[0]; i++)
        count += look_up(
            &page, cJSON_GetObjectItem(cJSON_GetObjectItem(schema, "$defs"), objects[i].object),
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
        ck_assert_msg(has_row(&page, "# Results", 0, name, &row),
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
        exit_statuses_are_those_of_the_header,
        reasons_are_those_that_the_judge_gives,
        ends_and_limits_have_the_verdicts_of_the_code,
        limits_are_the_numbers_of_the_code,
        verdicts_are_those_of_a_result,
        faults_are_those_of_the_peers,
        members_are_those_of_the_schema,
        files_are_those_that_check_writes,
        NULL,
    };
    return run_tests("docs tables", tests);
}
