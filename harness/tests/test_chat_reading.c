/*
 * Reading a design from a probe that lies: nothing of it is believed before it was looked at.
 */
#define _GNU_SOURCE
#include <string.h>

#include "judge/judge.h"
#include "suites/suites.h"
#include "tests/cluster_fixture.h"

/* Judges the check with fake_design in this mode. */
static struct lab_result judge(const char *check, const char *mode)
{
    struct fixture fixture;
    struct lab_result result;
    char programs[96], path[128];
    fixture_open(&fixture);
    snprintf(programs, sizeof programs, BUILD_FOLDER "/asan/tests/reading-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(programs));
    snprintf(path, sizeof path, "%s/probe", programs);
    ck_assert_int_eq(link(BUILD_FOLDER "/asan/tests/fake_design", path), 0);
    snprintf(path, sizeof path, "%s/mode", programs);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(mode, file);
    fclose(file);
    struct judge_options options = {.lab = &lab_04_chat,
                                    .check = check,
                                    .programs = programs,
                                    .peers = BUILD_FOLDER "/peers",
                                    .sources = programs,
                                    .work_dir = fixture.dir,
                                    .seed = 1};
    judge_lab(&options, fixture.launcher, NULL, NULL, &result);
    nftw(programs, fixture_remove, 16, FTW_DEPTH | FTW_PHYS);
    fixture_close(&fixture);
    return result;
}

static const struct row {
    const char *mode;
    enum verdict verdict;
    const char *reason, *got; /* words of it */
} rows[] = {
    {"honest", VERDICT_PASS, "", ""},
    {"refused", VERDICT_FAIL, "wrong answer", "chat_design.c:41: no service \"x\""},
    {"counts_missing", VERDICT_FAIL, "protocol", "service_count="},
    {"too_many", VERDICT_FAIL, "protocol", "service_count is 35"},
    {"one_more", VERDICT_FAIL, "protocol", "\"service n=3\" is answered error"},
    {"silent", VERDICT_FAIL, "protocol", "name="},
    {"fallback_on_a_write", VERDICT_FAIL, "protocol", "told of success"},
    {"far_away", VERDICT_FAIL, "protocol", "1073741824"},
    {"another", VERDICT_FAIL, "wrong answer", "other services"},
    {"nothing_later", VERDICT_FAIL, "wrong answer", "other services"},
    {"another_time", VERDICT_FAIL, "wrong answer", "other presence"},
    {"exits", VERDICT_FAIL, "early exit", ""},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

START_TEST(a_lie_is_found_out)
{
    const struct row *row = &rows[_i];
    struct lab_result all = judge("design_is_read", row->mode);
    ck_assert_int_eq(all.count, 1);
    const struct result *result = &all.results[0];
    const char *got = result->got != NULL ? result->got : "";
    ck_assert_msg(result->verdict == row->verdict && strcmp(result->reason, row->reason) == 0 &&
                      strstr(got, row->got) != NULL,
                  "%s: %s (%s): %s", row->mode, verdict_name(result->verdict), result->reason, got);
    ck_assert_int_eq(all.points, row->verdict == VERDICT_PASS);
    lab_result_release(&all);
}
END_TEST

START_TEST(what_is_refused_is_told_once)
{
    struct lab_result all = judge("no_call_comes_back", "refused");
    const struct result *result = &all.results[0];
    ck_assert_int_eq(all.count, 1);
    ck_assert_int_eq(result->verdict, VERDICT_WAITING);
    ck_assert_str_eq(result->reason, "waits for step 1, design_is_read");
    ck_assert_ptr_null(result->got);
    ck_assert_int_eq(result->story.count, 0);
    lab_result_release(&all);
}
END_TEST

START_TEST(a_broken_rule_has_its_lines_and_no_story)
{
    struct lab_result all = judge("no_single_instance_stops_it", "one_edge");
    const struct result *result = &all.results[0];
    ck_assert_int_eq(all.count, 1);
    ck_assert_int_eq(result->verdict, VERDICT_FAIL);
    ck_assert_ptr_nonnull(strstr(result->got, "one instance"));
    ck_assert_int_eq(result->story.count, 0);
    lab_result_release(&all);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("chat reading");
    TCase *tcase = tcase_create("chat reading");
    tcase_set_timeout(tcase, TEST_TIMEOUT_S);
    tcase_add_loop_test(tcase, a_lie_is_found_out, 0, ROWS);
    tcase_add_test(tcase, what_is_refused_is_told_once);
    tcase_add_test(tcase, a_broken_rule_has_its_lines_and_no_story);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
