/*
 * The kill matrix's own parts: a patch's header lines, what counts as killed, kept outcomes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "kit/error.h"
#include "matrix/matrix.h"
#include "tests/run_tests.h"

#define DIFF   "--- a/order.c\n+++ b/order.c\n@@ -1 +1 @@\n-x\n+y\n"
#define HEADER "Breaks: O3 ships from PENDING\nKilled-by: all_pairs\nSibling: new_order\n"

/* Writes dir/name with text and reads it as a patch. */
static int read_patch(const char *dir, const char *name, const char *text, struct mutant *mutant,
                      struct error *err)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    ck_assert_int_eq(files_write(path, text, strlen(text), NULL), 0);
    return mutant_read(mutant, "01-order", path, err);
}

START_TEST(a_patch_says_what_it_breaks)
{
    char *dir = NULL;
    struct mutant mutant;
    struct error err = {0};
    ck_assert_int_eq(files_make_temporary(&dir, NULL), 0);
    ck_assert_int_eq(read_patch(dir, "early.patch",
                                "# a comment\n\n" HEADER "Verdict: crash\n" DIFF
                                "--- a/order_api.c\t2026\n+++ b/order_api.c\t2026\n",
                                &mutant, &err),
                     0);
    ck_assert_str_eq(mutant.name, "early");
    ck_assert_str_eq(mutant.rule, "O3");
    ck_assert_str_eq(mutant.says, "ships from PENDING");
    ck_assert_str_eq(mutant.killed_by, "all_pairs");
    ck_assert_str_eq(mutant.sibling, "new_order");
    ck_assert_int_eq(mutant.crash, 1);
    ck_assert_int_eq(mutant.right, 0);
    ck_assert_int_eq(mutant.file_count, 2);
    ck_assert_str_eq(mutant.files[0], "order.c");
    ck_assert_str_eq(mutant.files[1], "order_api.c");
    ck_assert_int_eq(read_patch(dir, "right-slow.patch", "Right: no limit\n" DIFF, &mutant, &err),
                     0);
    ck_assert_int_eq(mutant.right, 1);
    ck_assert_str_eq(mutant.says, "no limit");
    files_remove(dir);
    free(dir);
}
END_TEST

START_TEST(what_is_missing_or_wrong_is_named)
{
    static const struct {
        const char *name, *text, *sentence; /* a part of it */
    } cases[] = {
        {"a.patch", DIFF, "lacks the line \"Breaks: RULE WHAT-IS-WRONG\""},
        {"a.patch", "Breaks: O3\nKilled-by: a\nSibling: b\n" DIFF, "lacks the line \"Breaks:"},
        {"a.patch", "Breaks: O3 x\nSibling: b\n" DIFF, "lacks the line \"Killed-by: CHECK\""},
        {"a.patch", "Breaks: O3 x\nKilled-by: a\n" DIFF, "lacks the line \"Sibling: CHECK\""},
        {"a.patch", "Breaks: O3 x\nKilled-by: a\nSibling: a\n" DIFF, "another check than a"},
        {"a.patch", HEADER, "holds no diff"},
        {"a.patch", HEADER "Verdict: maybe\n" DIFF, ":4: \"Verdict: maybe\" is not a header line"},
        {"a.patch", HEADER "Story: short\n" DIFF, ":4: \"Story: short\" is not a header line"},
        {"a.patch", HEADER "Kiled-by: c\n" DIFF, ":4: \"Kiled-by: c\" is not a header line"},
        {"a.patch", HEADER "--- a/x.c\n+++ b/../x.c\n", "should be \"+++ b/FILE.c\""},
        {"a.patch", HEADER "--- a/x.c\n+++ b/kit/x.c\n", "should be \"+++ b/FILE.c\""},
        {"a.patch", HEADER "--- x.c\n+++ /etc/x.c\n", "should be \"+++ b/FILE.c\""},
        {"right-a.patch", HEADER DIFF,
         ":1: \"Breaks: O3 ships from PENDING\" is not a header line"},
        {"right-a.patch", DIFF, "lacks the line \"Right: WHY\""},
        {"a.diff", HEADER DIFF, "should be named NAME.patch"},
    };
    char *dir = NULL;
    ck_assert_int_eq(files_make_temporary(&dir, NULL), 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mutant mutant;
        struct error err = {0};
        int result = read_patch(dir, cases[i].name, cases[i].text, &mutant, &err);
        ck_assert_int_eq(result, ERR_INVALID);
        ck_assert_msg(strstr(err.text, cases[i].sentence) != NULL, "case %zu: %s, not %s", i,
                      err.text, cases[i].sentence);
    }
    files_remove(dir);
    free(dir);
}
END_TEST

START_TEST(only_its_own_check_kills_a_mutant)
{
    static const struct {
        struct outcome outcome;
        int crash, right, holds;
    } cases[] = {
        {{.stage = OUTCOME_JUDGED, .own.verdict = "fail", .sibling.verdict = "pass"}, 0, 0, 1},
        {{.stage = OUTCOME_JUDGED, .own.verdict = "pass", .sibling.verdict = "pass"}, 0, 0, 0},
        {{.stage = OUTCOME_JUDGED, .own.verdict = "crash", .sibling.verdict = "pass"}, 0, 0, 0},
        {{.stage = OUTCOME_JUDGED, .own.verdict = "error", .sibling.verdict = "pass"}, 0, 0, 0},
        {{.stage = OUTCOME_JUDGED, .own.verdict = "crash", .sibling.verdict = "pass"}, 1, 0, 1},
        {{.stage = OUTCOME_JUDGED, .own.verdict = "fail", .sibling.verdict = "pass"}, 1, 0, 0},
        {{.stage = OUTCOME_JUDGED, .own.verdict = "fail", .sibling.verdict = "fail"}, 0, 0, 0},
        {{.stage = OUTCOME_BUILD, .own.verdict = "fail", .sibling.verdict = "pass"}, 0, 0, 0},
        {{.stage = OUTCOME_JUDGED, .passed = 9, .checks = 9}, 0, 1, 1},
        {{.stage = OUTCOME_JUDGED, .passed = 8, .checks = 9}, 0, 1, 0},
        {{.stage = OUTCOME_JUDGED, .passed = 0, .checks = 0}, 0, 1, 0},
        {{.stage = OUTCOME_PATCH, .passed = 9, .checks = 9}, 0, 1, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mutant mutant = {.crash = cases[i].crash, .right = cases[i].right};
        char why[512];
        int holds = outcome_holds(&cases[i].outcome, &mutant, why, sizeof why);
        ck_assert_msg(holds == cases[i].holds, "case %zu: %s", i, why);
        ck_assert_msg(holds || why[0] != '\0', "case %zu gives no reason", i);
    }
}
END_TEST

START_TEST(a_story_may_have_a_length)
{
    struct outcome outcome = {.stage = OUTCOME_JUDGED,
                              .own = {.verdict = "fail", .story_lines = 13},
                              .sibling.verdict = "pass"};
    struct mutant mutant = {.killed_by = "a", .story_lines = 12};
    char why[512];
    ck_assert_int_eq(outcome_holds(&outcome, &mutant, why, sizeof why), 0);
    ck_assert_str_eq(why, "the story of a has 13 lines; 12 should be enough");
    outcome.own.story_lines = 12;
    ck_assert_int_eq(outcome_holds(&outcome, &mutant, why, sizeof why), 1);
}
END_TEST

START_TEST(a_kept_outcome_is_whole_or_none)
{
    struct outcome outcome = {.key = "k", .stage = OUTCOME_JUDGED, .passed = 3, .note = "n"}, read;
    char *dir = NULL, path[256];
    ck_assert_int_eq(files_make_temporary(&dir, NULL), 0);
    snprintf(path, sizeof path, "%s/outcome", dir);
    outcome_load(&read, path);
    ck_assert_int_eq(read.stage, OUTCOME_NONE);
    ck_assert_int_eq(outcome_save(&outcome, path), 0);
    outcome_load(&read, path);
    ck_assert_int_eq(memcmp(&read, &outcome, sizeof read), 0);
    ck_assert_int_eq(truncate(path, (off_t)sizeof outcome - 1), 0);
    outcome_load(&read, path);
    ck_assert_int_eq(read.stage, OUTCOME_NONE);
    ck_assert_str_eq(read.key, "");
    ck_assert_int_eq(outcome_save(&outcome, "/nowhere/outcome"), ERR_IO);
    files_remove(dir);
    free(dir);
}
END_TEST

START_TEST(patches_come_right_ones_first_then_by_name)
{
    char *dir = NULL, lab[256];
    struct mutant mutant, *list = NULL;
    struct error err = {0};
    ck_assert_int_eq(files_make_temporary(&dir, NULL), 0);
    ck_assert_int_eq(mutant_list(&list, dir, "01-order", &err), 0);
    snprintf(lab, sizeof lab, "%s/01-order", dir);
    ck_assert_int_eq(files_make(lab, NULL), 0);
    ck_assert_int_eq(files_write(dir, "", 0, NULL), ERR_IO);
    ck_assert_int_eq(read_patch(lab, "b.patch", HEADER DIFF, &mutant, &err), 0);
    ck_assert_int_eq(read_patch(lab, "a.patch", HEADER DIFF, &mutant, &err), 0);
    ck_assert_int_eq(read_patch(lab, "right-z.patch", "Right: w\n" DIFF, &mutant, &err), 0);
    ck_assert_int_eq(mutant_list(&list, dir, "01-order", &err), 3);
    ck_assert_str_eq(list[0].name, "right-z");
    ck_assert_str_eq(list[1].name, "a");
    ck_assert_str_eq(list[2].name, "b");
    free(list);
    ck_assert_int_lt(read_patch(lab, "c.patch", "nonsense\n", &mutant, &err), 0);
    ck_assert_int_eq(mutant_list(&list, dir, "01-order", &err), ERR_INVALID);
    ck_assert_ptr_null(list);
    files_remove(dir);
    free(dir);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_patch_says_what_it_breaks,
        what_is_missing_or_wrong_is_named,
        only_its_own_check_kills_a_mutant,
        a_story_may_have_a_length,
        a_kept_outcome_is_whole_or_none,
        patches_come_right_ones_first_then_by_name,
        NULL,
    };
    return run_tests("mutants", tests);
}
