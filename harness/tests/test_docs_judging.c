/*
 * Reasons, ends and limits: the tables of docs/results.md and docs/judging.md against the code.
 * What one has and the other lacks fails here, with the line to write.
 */
#include "tests/markdown.h"

#include "course/result.h"
#include "judge/run_internal.h"
#include "tests/run_tests.h"

static const char RESULTS[] = "docs/results.md", JUDGING[] = "docs/judging.md";

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
        ck_assert_msg(has_row(text_str(&page), "## Ends", 1, words, &row) ||
                          has_row(text_str(&page), "## Limits", 2, words, &row),
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

int main(void)
{
    const TTest *const tests[] = {reasons_are_those_that_the_judge_gives,
                                  ends_and_limits_have_the_verdicts_of_the_code,
                                  limits_are_the_numbers_of_the_code, NULL};
    return run_tests("docs judging", tests);
}
