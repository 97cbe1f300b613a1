/*
 * Names that people give their folders, and commands that hold them: whatever bytes they are of, no
 * report and no picture breaks, and what is to be typed can be copied as one.
 */
#include <check.h>
#include <cjson/cJSON.h>

#include "base/json_read.h"
#include "markup.h"
#include "report/command.h"
#include "report/styles.h"
#include "report/svg.h"
#include "report_fixture.h"
#include "tests/run_tests.h"

/* --- names of trees --------------------------------------------------------------------------- */

static const struct {
    const char *tree;
    const char *word; /* as it is typed after LABS= */
} trees[] = {
    {"solutions", "solutions"},
    {"../class/ann-b_2.c", "../class/ann-b_2.c"},
    {"<script>alert(1)</script>", "'<script>alert(1)</script>'"},
    {"a&b", "'a&b'"},
    {"say \"hello\"", "'say \"hello\"'"},
    {"o'clock", "'o'\\''clock'"},
    {"$(id)`id`", "'$(id)`id`'"},
    {"two\nlines", "'two\\nlines'"},
    {"\xff\xfe not UTF-8 \xc0\x80", "'\\xff\\xfe not UTF-8 \\xc0\\x80'"},
    {"\033[2J\a gone", "'\\x1b[2J\\x07 gone'"},
    {"]]> --> <!-- ok 1 - forged # SKIP", "']]> --> <!-- ok 1 - forged # SKIP'"},
    {"\n...\nok 1 - forged\n1..1\n", "'\\n...\\nok 1 - forged\\n1..1\\n'"},
    {"\xe6\xbc\xa2\xe5\xad\x97", "'\xe6\xbc\xa2\xe5\xad\x97'"},
};
enum { TREES = sizeof trees / sizeof trees[0] };

START_TEST(a_trees_name_is_one_word_of_the_shell)
{
    for (int i = 0; i < TREES; i++) {
        struct run_result run = fixture_run();
        struct text command = {0}, wanted = {0};
        run.tree = trees[i].tree;
        replay_command(&command, &run, &run.labs[1], &run.labs[1].results[1]);
        text_addf(&wanted, "make check LAB=01 CHECK=totals_are_exact SEED=20261122 LABS=%s",
                  trees[i].word);
        ck_assert_str_eq(text_str(&command), text_str(&wanted));
        text_release(&command);
        text_release(&wanted);
        run_result_release(&run);
    }
}
END_TEST

/* A line of TAP is the version, the plan, a check, or indented. */
static void assert_tap(const char *tap)
{
    int plan = -1, checks = 0;

    ck_assert_int_eq(sscanf(tap, "TAP version 14\n1..%d\n", &plan), 1);
    for (const char *at = strchr(strchr(tap, '\n') + 1, '\n') + 1; *at != '\0';
         at += strcspn(at, "\n") + 1) {
        int is_check = strncmp(at, "ok ", 3) == 0 || strncmp(at, "not ok ", 7) == 0;
        ck_assert_msg(is_check || strncmp(at, "  ", 2) == 0, "no line of TAP: %.40s", at);
        checks += is_check;
    }
    ck_assert_int_eq(checks, plan);
}

START_TEST(a_trees_name_breaks_no_format)
{
    ck_assert_int_eq(setenv("PATH", "/nowhere", 1), 0); /* no Graphviz: it is slow */
    struct run_result run = fixture_run();
    run.tree = trees[_i].tree;
    run.isolation = trees[_i].tree;
    char *html = fixture_written(report_html, &run), *xml = fixture_written(report_junit, &run);
    char *tap = fixture_written(report_tap, &run), *json = fixture_written(report_json, &run);
    char *terminal = fixture_terminal(&run);
    assert_well_formed(html);
    ck_assert_int_eq(count_of(html, "<script"), 0);
    assert_well_formed(xml);
    ck_assert_int_eq(count_of(xml, "<testcase "), 8);
    assert_tap(tap);
    cJSON *root = cJSON_Parse(json);
    ck_assert_msg(root != NULL, "not JSON with the tree %d", _i);
    if (_i < 7)
        ck_assert_str_eq(json_member_text(root, "tree"), trees[_i].tree);
    for (const char *at = terminal; *at != '\0'; at++)
        ck_assert_msg((unsigned char)*at >= ' ' || *at == '\n', "control byte %d", *at);
    cJSON_Delete(root);
    free(html);
    free(xml);
    free(tap);
    free(json);
    free(terminal);
    run_result_release(&run);
}
END_TEST

START_TEST(a_strange_name_breaks_no_picture)
{
    for (int i = 0; i < TREES; i++) {
        const char *name = trees[i].tree;
        const struct state_edge edge = {.from = name, .to = name, .label = name};
        struct story story = {0};
        struct text svg = {0}, dot = {0};
        struct error err = {0};

        story_add(&story, 0, STORY_CALL, name, "judge", name);
        story_add(&story, 1, STORY_WRONG, "judge", name, name);
        picture_from_story(&story, name, &svg);
        assert_well_formed(text_str(&svg));
        text_clear(&svg);
        picture_states(&name, 1, &edge, 1, &dot);
        int status = picture_from_dot(text_str(&dot), name, name, &svg, &err);
        ck_assert_msg(status == 0 || status == ERR_UNAVAILABLE, "tree %d: %s", i, err.text);
        assert_well_formed(text_str(&svg));
        text_release(&svg);
        text_release(&dot);
        story_release(&story);
    }
}
END_TEST

START_TEST(parts_of_a_picture_are_well_formed_whatever_they_say)
{
    for (int i = 0; i < TREES; i++) {
        const char *said = trees[i].tree;
        struct text svg = {0};
        svg_begin(&svg, said, said, 900, 40.5);
        svg_group(&svg, "wrong");
        svg_text(&svg, "code end", 1.5, 2, "%s: %d", said, i);
        svg_line(&svg, "", 0, 0, 0.1, 1e6);
        svg_rect(&svg, "hollow", 0, 0, 1, 1);
        svg_circle(&svg, "full", 0, 0, 1);
        svg_path(&svg, "thick", "M%d %d", i, i);
        svg_arrow(&svg, "dashed", SVG_HEAD_OPEN, 100, 10, 5);
        svg_cross(&svg, 1, 1);
        svg_diamond(&svg, 1, 1);
        svg_group_end(&svg);
        svg_end(&svg);
        assert_well_formed(text_str(&svg));
        ck_assert_ptr_nonnull(strstr(text_str(&svg), "viewBox=\"0 0 900 40.5\""));
        ck_assert_int_eq(count_of(text_str(&svg), "role=\"img\" aria-label=\""), 1);
        text_release(&svg);
    }
}
END_TEST

/* --- commands --------------------------------------------------------------------------------- */

START_TEST(the_next_command_is_on_one_line_however_long)
{
    char tree[200] = "";

    for (size_t length = 1; length < sizeof tree; length++) {
        struct run_result run = fixture_run();
        char command[256];
        memset(tree, 'x', length);
        tree[length / 2] = length % 3 == 0 ? ' ' : '/';
        tree[length] = '\0';
        run.tree = tree;
        int quoted = strchr(tree, ' ') != NULL;
        snprintf(command, sizeof command, "make check LAB=01 LABS=%s%s%s", quoted ? "'" : "", tree,
                 quoted ? "'" : "");
        char *terminal = fixture_terminal(&run);
        const char *next = strstr(terminal, "\nNext: ");
        ck_assert_ptr_nonnull(next);
        ck_assert_msg(strstr(next, command) != NULL, "no %s in:%s", command, next);
        /* The replay goes on behind backslashes, and none of its arguments is broken. */
        const char *argument = strstr(command, "LABS=");
        ck_assert_msg(count_of(terminal, argument) == 2, "%d of %s in\n%s",
                      count_of(terminal, argument), argument, terminal);
        free(terminal);
        run_result_release(&run);
    }
}
END_TEST

START_TEST(the_page_says_what_is_next)
{
    struct run_result run = fixture_run();

    run.tree = "class/ann b";
    char *html = fixture_written(report_html, &run);
    ck_assert_ptr_nonnull(strstr(html, "<p>Next: totals_are_exact, step 1 of 01-order, then</p>\n"
                                       "<code class=\"command\">make check LAB=01 "
                                       "LABS=&#39;class/ann b&#39;</code>"));
    const char *rule = strstr(style_page, "code.command {");
    ck_assert_ptr_nonnull(rule);
    ck_assert_int_eq(count_of(rule, "white-space: nowrap"), 1);
    free(html);
    run_result_release(&run);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("report names");
    TCase *tests = tcase_create("names");

    tcase_set_timeout(tests, TEST_TIMEOUT_S);
    tcase_add_test(tests, a_trees_name_is_one_word_of_the_shell);
    tcase_add_loop_test(tests, a_trees_name_breaks_no_format, 0, TREES);
    tcase_add_test(tests, a_strange_name_breaks_no_picture);
    tcase_add_test(tests, parts_of_a_picture_are_well_formed_whatever_they_say);
    tcase_add_test(tests, the_next_command_is_on_one_line_however_long);
    tcase_add_test(tests, the_page_says_what_is_next);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
