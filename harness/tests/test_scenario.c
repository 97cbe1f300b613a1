/*
 * Scenarios, comparisons, finding labs and checks, printed output.
 */
#include <stdio.h>
#include <string.h>

#include "course/lab.h"
#include "judge/compare.h"
#include "judge/judge.h"
#include "judge/scenario.h"
#include "process/printed.h"
#include "process/probe_client.h"
#include "suites/suites.h"
#include "tests/run_tests.h"

START_TEST(script_becomes_lines_without_comments)
{
    struct scenario scenario = {0}, without = {0};
    scenario_add_script(&scenario, "# first\na x=1\n\n   b y=2\n#c\nd");
    scenario_add(&scenario, "e n=%d", 3);
    ck_assert_int_eq(scenario.count, 4);
    ck_assert_str_eq(scenario.lines[1], "b y=2");
    ck_assert_str_eq(scenario.lines[2], "d");
    ck_assert_str_eq(scenario.lines[3], "e n=3");
    scenario_copy_without(&without, &scenario, 1, 2);
    ck_assert_int_eq(without.count, 2);
    ck_assert_str_eq(without.lines[0], "a x=1");
    ck_assert_str_eq(without.lines[1], "e n=3");
    scenario_release(&scenario);
    scenario_release(&without);
    ck_assert_ptr_null(scenario.lines);
}
END_TEST

START_TEST(an_empty_line_ends_a_scene)
{
    struct scenario first = {0}, second = {0};
    const char *rest = scenario_add_scene(&first, "\n# of two lines\na\nb\n  \n\n# of one\nc\n\n");
    ck_assert_int_eq(first.count, 2);
    ck_assert_str_eq(first.lines[1], "b");
    ck_assert_str_eq(scenario_add_scene(&second, rest), "");
    ck_assert_int_eq(second.count, 1);
    ck_assert_str_eq(second.lines[0], "c");
    scenario_release(&first);
    scenario_release(&second);
}
END_TEST

START_TEST(replies_are_compared_part_by_part)
{
    static const struct {
        const char *reply, *expected, *judged, *wanted, *got; /* wanted NULL: they agree */
    } cases[] = {
        {"ok a=1 b=2", "ok a=1 b=3", "word a", NULL, NULL},
        {"ok a=1 b=2", "ok a=1 b=3", "word a b", "b=\"3\"", "b=\"2\""},
        {"ok a=1", "ok", "a", "no a", "a=\"1\""},
        {"ok", "ok a=\"\"", "a", "a=\"\"", "no a"},
        {"ok", "ok", "word a b", NULL, NULL},
        {"error code=refused a=1", "ok a=2 z=3", "word a", "ok a=\"2\"", "error a=\"1\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct message reply = {0};
        struct finding finding = {"", ""};
        ck_assert_int_eq(message_parse(cases[i].reply, &reply, NULL), 0);
        int differs = compare_reply(&reply, cases[i].expected, cases[i].judged, &finding);
        ck_assert_msg(differs == (cases[i].wanted != NULL), "case %zu", i);
        if (differs) {
            ck_assert_str_eq(finding.expected, cases[i].wanted);
            ck_assert_str_eq(finding.got, cases[i].got);
        }
        message_release(&reply);
    }
}
END_TEST

START_TEST(labs_are_found_by_number_and_by_name)
{
    ck_assert_str_eq(lab_find(all_labs, "00")->name, "00-tour");
    ck_assert_ptr_eq(lab_find(all_labs, "00-tour"), lab_find(all_labs, "00"));
    ck_assert_ptr_null(lab_find(all_labs, "0"));
    ck_assert_ptr_null(lab_find(all_labs, ""));
    ck_assert_ptr_eq(lab_find(all_labs, "00-t"), lab_find(all_labs, "00"));
    ck_assert_ptr_null(lab_find(all_labs, "drill")); /* which of them? */
    ck_assert_ptr_null(lab_find(all_labs, "00-tours"));
    ck_assert_ptr_null(lab_check(lab_find(all_labs, "00"), -1));
    ck_assert_ptr_null(lab_check(lab_find(all_labs, "00"), 1000));
    const struct check *check = check_find(lab_find(all_labs, "00"), "new_door_is_closed");
    ck_assert_int_eq(check_matches(check, "new_*"), 1);
    ck_assert_int_eq(check_matches(check, "new"), 0);
}
END_TEST

START_TEST(every_check_has_random_numbers_of_its_own)
{
    ck_assert_uint_eq(judge_seed(1, "a", "b"), judge_seed(1, "a", "b"));
    ck_assert_uint_ne(judge_seed(1, "a", "b"), judge_seed(2, "a", "b"));
    ck_assert_uint_ne(judge_seed(1, "a", "b"), judge_seed(1, "a", "c"));
    ck_assert_uint_ne(judge_seed(1, "ab", "c"), judge_seed(1, "a", "bc"));
}
END_TEST

START_TEST(beginning_and_end_of_the_output_are_kept)
{
    struct printed printed = {0};
    for (int i = 0; i < 20000; i++) {
        char line[32];
        int length = snprintf(line, sizeof line, "line %d\n", i);
        printed_add(&printed, line, (size_t)length);
    }
    printed_end(&printed);
    const char *text = printed_text(&printed);
    ck_assert_int_eq(strncmp(text, "line 0\nline 1\n", 14), 0);
    ck_assert_ptr_nonnull(strstr(text, "left out"));
    ck_assert_str_eq(text + strlen(text) - 11, "line 19999\n");
    ck_assert_uint_le(strlen(text), PROBE_OUTPUT_MAX + 100);
    printed_cut(&printed, text + 7);
    ck_assert_str_eq(printed_text(&printed), "line 0\n");
    printed_release(&printed);

    printed_add(&printed, "a\x1b\x00z\n", 5);
    printed_end(&printed);
    ck_assert_str_eq(printed_text(&printed), "a\\x1b\\x00z\n");
    printed_release(&printed);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        script_becomes_lines_without_comments,
        an_empty_line_ends_a_scene,
        replies_are_compared_part_by_part,
        labs_are_found_by_number_and_by_name,
        every_check_has_random_numbers_of_its_own,
        beginning_and_end_of_the_output_are_kept,
        NULL,
    };
    return run_tests("scenario", tests);
}
