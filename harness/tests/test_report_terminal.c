/*
 * The terminal report: blocks stay within 30 lines and 100 columns whatever students' code said,
 * compared texts are whole, and the parts stand in their order.
 */
#include <check.h>

#include "report/block.h"
#include "report_fixture.h"

static char *terminal(const struct run_result *run, const struct terminal_options *options)
{
    char *bytes = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&bytes, &length);

    ck_assert_ptr_nonnull(out);
    report_terminal(out, run, options);
    fclose(out);
    return bytes;
}

static char *block(const struct run_result *run, struct result *result)
{
    char *bytes = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&bytes, &length);

    ck_assert_ptr_nonnull(out);
    report_block(out, run, &run->labs[1], result, 0);
    fclose(out);
    return bytes;
}

static int count_lines(const char *text)
{
    int count = 0;
    for (; *text != '\0'; text++)
        count += *text == '\n';
    return count;
}

/* No line is wider than the screen, and no byte could move its cursor. */
static void assert_harmless(const char *text)
{
    char line[4096];

    for (const char *at = text; *at != '\0';) {
        size_t length = strcspn(at, "\n");
        ck_assert_uint_lt(length, sizeof line);
        memcpy(line, at, length);
        line[length] = '\0';
        ck_assert_msg(layout_columns(line) <= LAYOUT_COLUMNS, "%d columns: %s",
                      layout_columns(line), line);
        for (size_t i = 0; i < length; i++)
            ck_assert_msg((unsigned char)line[i] >= ' ' && line[i] != 0x7f, "control byte: %s",
                          line);
        at += length + (at[length] == '\n');
    }
}

static char *repeated(const char *piece, int times)
{
    struct text text = {0};
    for (int i = 0; i < times; i++)
        text_add(&text, piece);
    return text_detach(&text);
}

START_TEST(parts_stand_in_their_order)
{
    static const char *const order[] = {
        "x 01-order", "\n  rule ",   "\n  story ", "\n  expected ",
        "got  ",      "\n  replay ", "\n  read ",  "make hint LAB=01 CHECK=acknowledged"};
    struct run_result run = fixture_run();
    char *text = block(&run, fixture_result(&run, "acknowledged_orders_survive_a_crash"));
    const char *at = text;

    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        const char *found = strstr(at, order[i]);
        ck_assert_msg(found != NULL, "no \"%s\" behind:\n%s\nin\n%s", order[i], at, text);
        at = found;
    }
    ck_assert_ptr_nonnull(strstr(text, "make check LAB=01 CHECK=acknowledged_orders_survive_a_crash"
                                       " SEED=20261122\n"));
    ck_assert_ptr_nonnull(strstr(text, "0 of 20 points\n"));
    free(text);
    run_result_release(&run);
}
END_TEST

/* Each nasty text goes into every field that students' code can reach. */
START_TEST(any_text_stays_within_30_lines_and_100_columns)
{
    static const char *const pieces[] = {"x",      "word ",           "\033[2J\a\b",  "\xff\xfe",
                                         "line\n", "\342\200\256abc", "\xe6\xbc\xa2", "e\xcc\x81",
                                         "%s%n"};
    struct run_result run = fixture_run();
    struct result *result = fixture_result(&run, "totals_are_exact");
    char *nasty = repeated(pieces[_i], 10240 / (int)strlen(pieces[_i]));

    fixture_story(&result->story);
    for (int i = 0; i < 200; i++)
        story_add(&result->story, i, STORY_CALL, "judge", "order-service", i % 3 ? "short" : nasty);
    result_set_string(&result->expected, nasty);
    result_set_string(&result->got, nasty + 1);
    result_set_string(&result->detail, nasty);
    result_set_string(&result->output, nasty);
    char *text = block(&run, result);
    ck_assert_msg(count_lines(text) <= BLOCK_LINES, "%d lines:\n%s", count_lines(text), text);
    assert_harmless(text);
    ck_assert_ptr_nonnull(strstr(text, "\n  replay "));
    ck_assert_ptr_nonnull(strstr(text, "first difference at byte"));
    free(text);
    free(nasty);
    run_result_release(&run);
}
END_TEST

/* The longest texts that a check may compare are never cut: joined, their lines are the text. */
START_TEST(compared_texts_are_whole)
{
    struct run_result run = fixture_run();
    struct result *result = fixture_result(&run, "totals_are_exact");
    char *long_text = repeated("0123456789abcde ", 63);
    struct text joined = {0};

    result_set_string(&result->expected, long_text);
    result_set_string(&result->got, "short");
    result_set_string(&result->detail, NULL);
    char *text = block(&run, result);
    ck_assert_int_le(count_lines(text), BLOCK_LINES);
    const char *at = strstr(text, "  expected  ");
    ck_assert_ptr_nonnull(at);
    for (; strncmp(at, "  got ", 6) != 0; at += strcspn(at, "\n") + 1)
        text_append(&joined, at + BLOCK_INDENT, strcspn(at, "\n") - BLOCK_INDENT);
    ck_assert_str_eq(text_str(&joined), long_text);
    text_release(&joined);
    free(text);
    free(long_text);
    run_result_release(&run);
}
END_TEST

START_TEST(a_long_story_keeps_the_step_that_broke_the_rule)
{
    struct run_result run = fixture_run();
    struct result *result = fixture_result(&run, "totals_are_exact");

    story_release(&result->story);
    for (int i = 0; i < 200; i++)
        story_add(&result->story, i, i == _i ? STORY_WRONG : STORY_CALL, "judge", "order",
                  i == _i ? "this one" : "another one");
    char *text = block(&run, result);
    ck_assert_int_le(count_lines(text), BLOCK_LINES);
    ck_assert_msg(strstr(text, "WRONG this one") != NULL, "%s", text);
    ck_assert_msg(strstr(text, "left out here") != NULL, "%s", text);
    free(text);
    run_result_release(&run);
}
END_TEST

START_TEST(participants_stay_in_columns)
{
    static const char *const names[] = {"judge",
                                        "order-service",
                                        "payment-service",
                                        "inventory-service",
                                        "notification-service",
                                        "a-sixth-service"};
    struct run_result run = fixture_run();
    struct result *result = fixture_result(&run, "totals_are_exact");

    story_release(&result->story);
    for (int i = 0; i + 1 < _i; i++) {
        story_add(&result->story, 1795339800000 + i, STORY_CALL, names[i], names[i + 1],
                  "POST /a/path/that/is/long {\"and\":\"a body that goes with it\"}");
        story_add(&result->story, 1795339800001 + i, STORY_REPLY, names[i + 1], names[0], "201");
    }
    char *text = block(&run, result);
    ck_assert_int_le(count_lines(text), BLOCK_LINES);
    assert_harmless(text);
    free(text);
    run_result_release(&run);
}
END_TEST

START_TEST(one_line_a_lab_then_the_next_failure_then_what_is_next)
{
    struct run_result run = fixture_run();
    struct terminal_options options = {0};
    char *text = terminal(&run, &options);

    ck_assert_ptr_nonnull(strstr(text, "+ 00-tour "));
    ck_assert_ptr_nonnull(strstr(text, "full marks\n"));
    ck_assert_ptr_nonnull(strstr(text, "x 02-breaker "));
    ck_assert_ptr_nonnull(strstr(text, "expected ';' before 'return'"));
    ck_assert_ptr_nonnull(strstr(text, "x 01-order  totals_are_exact "));
    ck_assert_ptr_null(strstr(text, "x 01-order  acknowledged_orders"));
    ck_assert_ptr_nonnull(
        strstr(text, "Next: totals_are_exact, step 1 of 01-order, then `make check LAB=01`.\n"));
    free(text);

    options.only_lab = "01";
    text = terminal(&run, &options);
    ck_assert_ptr_nonnull(strstr(text, "x 01-order  acknowledged_orders"));
    ck_assert_ptr_nonnull(strstr(text, "1 check waits for step 1\n"));
    free(text);
    run_result_release(&run);
}
END_TEST

START_TEST(figures_stand_below_each_other_whatever_the_names)
{
    struct run_result run = fixture_run();
    struct terminal_options options = {0};
    struct lab lab = *run.labs[1].lab;
    const struct lab *before = run.labs[1].lab;
    static const char longest[] = "drill-with-a-long-name";

    lab.name = longest;
    run.labs[1].lab = &lab;
    char *text = terminal(&run, &options);
    for (int i = 0; i < run.lab_count; i++) {
        char line[128];
        snprintf(line, sizeof line, "%c %-*s %3d of 100 points  ", i == 0 ? '+' : 'x',
                 (int)strlen(longest), run.labs[i].lab->name, run.labs[i].points);
        ck_assert_msg(strstr(text, line) != NULL, "no line \"%s\" in\n%s", line, text);
    }
    assert_harmless(text);
    free(text);
    run.labs[1].lab = before;
    run_result_release(&run);
}
END_TEST

START_TEST(fault_of_the_grader_is_printed_once)
{
    struct run_result run = fixture_run();
    struct terminal_options options = {.only_lab = "01"};
    static const char cause[] = "services cannot be reached on 127.0.0.1";

    run.lab_count = 2; /* without the one that does not compile */
    for (int i = 0; i < run.labs[1].count; i++)
        fixture_fail(&run.labs[1].results[i], VERDICT_ERROR, "harness", "the grader works", cause);
    for (int all_labs = 0; all_labs < 2; all_labs++) {
        char *text = terminal(&run, &options);
        const char *printed = strstr(text, cause);
        ck_assert_msg(printed != NULL && strstr(printed + 1, cause) == NULL, "not once in\n%s",
                      text);
        ck_assert_msg(strstr(text, "Next: do what stands above") != NULL, "%s", text);
        ck_assert_msg(all_labs || strstr(text, "! totals_are_exact ") != NULL, "%s", text);
        assert_harmless(text);
        free(text);
        options.only_lab = NULL;
    }
    run.lab_count = 3;
    run_result_release(&run);
}
END_TEST

static void fail_all(struct lab_result *lab, const char *reason)
{
    for (int i = 0; i < lab->count; i++) {
        lab->results[i].verdict = VERDICT_FAIL;
        snprintf(lab->results[i].reason, sizeof lab->results[i].reason, "%s", reason);
    }
}

START_TEST(unwritten_checks_are_one_block_and_a_line_each)
{
    struct run_result run = fixture_run();
    struct terminal_options options = {.only_lab = "01"};

    fail_all(&run.labs[1], "not written yet");
    char *text = terminal(&run, &options);
    ck_assert_ptr_nonnull(strstr(text, "x 01-order  new_order_is_pending "));
    ck_assert_ptr_null(strstr(text, "x 01-order  totals_are_exact "));
    ck_assert_ptr_nonnull(strstr(text, "x totals_are_exact "));
    ck_assert_ptr_nonnull(strstr(text, "x 01-order  append_is_atomic ")); /* of the next step */
    free(text);
    options.verbose = 1;
    text = terminal(&run, &options);
    ck_assert_ptr_nonnull(strstr(text, "x 01-order  totals_are_exact "));
    free(text);
    run_result_release(&run);
}
END_TEST

START_TEST(ids_are_short_in_a_story)
{
    struct text out = {0};
    static const char said[] = "GET /orders/01a20699-7e0b-74ef-af67-2225f90d2468 and "
                               "01a20699-7e0b-74ef-af67-2225f90d246, \x01";

    layout_clean_short(&out, said, strlen(said));
    ck_assert_str_eq(text_str(&out),
                     "GET /orders/01a2..2468 and 01a20699-7e0b-74ef-af67-2225f90d246, \\x01");
    text_release(&out);
}
END_TEST

START_TEST(three_failures_of_a_lab_are_shown_whole)
{
    struct run_result run = fixture_run();
    struct terminal_options options = {.only_lab = "01"};

    fail_all(&run.labs[1], "wrong answer");
    char *text = terminal(&run, &options);
    int whole = 0, named = 0;
    for (const char *at = text; (at = strstr(at, "\nx 01-order  ")) != NULL; at++)
        whole++;
    for (const char *at = text; (at = strstr(at, " wrong answer, ")) != NULL; at++)
        named++;
    ck_assert_int_eq(whole - 1, 3); /* and the lab's own line */
    ck_assert_int_eq(named, run.labs[1].count - 3);
    free(text);
    run_result_release(&run);
}
END_TEST

START_TEST(full_marks_are_said)
{
    struct run_result run = fixture_run();
    struct terminal_options options = {.page = "build/report/index.html"};

    run.lab_count = 1;
    char *text = terminal(&run, &options);
    ck_assert_ptr_nonnull(strstr(text, "build/report/index.html\n"));
    ck_assert_ptr_nonnull(strstr(text, "\nFull marks.\n"));
    free(text);
    run.lab_count = 3;
    run_result_release(&run);
}
END_TEST

START_TEST(compilers_words_are_bounded)
{
    struct run_result run = fixture_run();
    struct terminal_options options = {0};
    char *words = repeated("order.c:1:1: error: expected something\n", 500);

    result_set_string(&run.labs[2].compiler, words);
    char *text = terminal(&run, &options);
    ck_assert_int_lt(count_lines(text), 70);
    ck_assert_ptr_nonnull(strstr(text, "... 476 more lines of the compiler"));
    assert_harmless(text);
    free(text);
    free(words);
    run_result_release(&run);
}
END_TEST

START_TEST(a_lab_that_does_not_compile_has_no_blocks)
{
    struct run_result run = fixture_run();
    struct terminal_options options = {.only_lab = "02"};

    struct lab_result *first = &run.labs[0];
    struct lab_result kept = *first;
    *first = run.labs[2];
    run.lab_count = 1;
    char *text = terminal(&run, &options);
    ck_assert_ptr_nonnull(strstr(text, "x 02-breaker does not compile"));
    ck_assert_ptr_null(strstr(text, "breaker_is_closed_at_first"));
    ck_assert_ptr_nonnull(strstr(text, "Next: correct what the build says about 02-breaker"));
    free(text);
    *first = kept;
    run.lab_count = 3;
    run_result_release(&run);
}
END_TEST

START_TEST(another_tree_is_named_in_the_commands)
{
    struct run_result run = fixture_run();
    struct terminal_options options = {0};

    run.tree = "solutions";
    char *text = terminal(&run, &options);
    ck_assert_ptr_nonnull(strstr(text, "SEED=20261122 LABS=solutions\n"));
    ck_assert_ptr_nonnull(strstr(text, "`make check LAB=01 LABS=solutions`.\n"));
    free(text);
    run_result_release(&run);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("report terminal");
    TCase *tests = tcase_create("terminal");

    tcase_add_test(tests, parts_stand_in_their_order);
    tcase_add_loop_test(tests, any_text_stays_within_30_lines_and_100_columns, 0, 9);
    tcase_add_test(tests, compared_texts_are_whole);
    tcase_add_loop_test(tests, a_long_story_keeps_the_step_that_broke_the_rule, 98, 101);
    tcase_add_loop_test(tests, participants_stay_in_columns, 2, 7);
    tcase_add_test(tests, one_line_a_lab_then_the_next_failure_then_what_is_next);
    tcase_add_test(tests, figures_stand_below_each_other_whatever_the_names);
    tcase_add_test(tests, fault_of_the_grader_is_printed_once);
    tcase_add_test(tests, unwritten_checks_are_one_block_and_a_line_each);
    tcase_add_test(tests, ids_are_short_in_a_story);
    tcase_add_test(tests, three_failures_of_a_lab_are_shown_whole);
    tcase_add_test(tests, full_marks_are_said);
    tcase_add_test(tests, compilers_words_are_bounded);
    tcase_add_test(tests, a_lab_that_does_not_compile_has_no_blocks);
    tcase_add_test(tests, another_tree_is_named_in_the_commands);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
