#define _GNU_SOURCE
/*
 * The report files: well formed whatever students' code said, complete, and whole or not there.
 */
#include <check.h>
#include <cjson/cJSON.h>
#include <glob.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json_read.h"
#include "markup.h"
#include "report/picture.h"
#include "report_fixture.h"

static char folder[] = "/tmp/svclab-report-XXXXXX";
static char path[128];

static void make_folder(void)
{
    snprintf(folder, sizeof folder, "/tmp/svclab-report-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/report", folder);
}

static void remove_folder(void)
{
    unlink(path);
    ck_assert_int_eq(rmdir(folder), 0); /* fails when a report left something beside itself */
}

static char *content(const char *name)
{
    struct text text = {0};
    ck_assert_int_eq(files_read(name, FIXTURE_FILE_MAX, &text, NULL), 0);
    return text_detach(&text);
}

static report_writer *const reports[] = {report_json, report_junit, report_tap, report_html};

static char *written(report_writer *report, const struct run_result *run)
{
    struct error err = {0};
    ck_assert_msg(report(path, run, &err) == 0, "%s", err.text);
    return content(path);
}

static const char *const nasty_texts[] = {
    "<script>alert(\"1\")</script> & 'quotes' ]]> -->",
    "\033[31m\a\x01\x7f tab\t and\nnewline",
    "\xff\xfe\xc0\x80 \xed\xa0\x80 \xef\xbf\xbf",
    "\342\200\256right to left # SKIP not really",
    "...\n---\nok 1 - forged\n1..1\n",
};

/* Puts a nasty text into every string of a run that may come from students. */
static struct run_result nasty_run(const char *nasty)
{
    struct run_result run = fixture_run();
    struct result *result = fixture_result(&run, "totals_are_exact");

    result_set_string(&result->expected, nasty);
    result_set_string(&result->got, nasty);
    result_set_string(&result->detail, nasty);
    result_set_string(&result->output, nasty);
    result_set_string(&result->script, nasty);
    story_add(&result->story, 1, STORY_REPLY, "order", "judge", nasty);
    story_add(&result->story, 1, STORY_FAULT, "order", NULL, nasty);
    result_add_figure(result, nasty, 1.5);
    result_set_string(&run.labs[2].compiler, nasty);
    return run;
}

/* --- the tests ------------------------------------------------------------------------------ */

START_TEST(json_reads_back)
{
    struct run_result run = nasty_run(nasty_texts[_i]);
    char *json = written(report_json, &run);
    cJSON *root = cJSON_Parse(json);

    ck_assert_msg(root != NULL, "not JSON: %s", json);
    ck_assert_str_eq(json_member_text(root, "format"), "svclab-results");
    ck_assert_str_eq(json_member_text(root, "seed"), "20261122");
    ck_assert_int_eq(json_member_int64(root, "exitStatus"), 2);
    const cJSON *lab = cJSON_GetArrayItem(json_member(root, "labs"), 1);
    const cJSON *checks = json_member(lab, "checks");
    ck_assert_int_eq(cJSON_GetArraySize(checks), 5);
    const cJSON *check = cJSON_GetArrayItem(checks, 1);
    ck_assert_str_eq(json_member_text(check, "verdict"), "crash");
    ck_assert_str_eq(json_member_text(check, "reason"), "sanitizer");
    const cJSON *story = json_member(check, "story");
    ck_assert_int_eq(cJSON_GetArraySize(json_member(story, "lines")), 4);
    if (_i == 0)
        ck_assert_str_eq(json_member_text(check, "got"), nasty_texts[0]);
    cJSON_Delete(root);
    free(json);
    run_result_release(&run);
}
END_TEST

START_TEST(junit_is_well_formed_and_counts)
{
    struct run_result run = nasty_run(nasty_texts[_i]);
    char *xml = written(report_junit, &run);

    assert_well_formed(xml);
    ck_assert_int_eq(count_of(xml, "<testcase "), 8);
    ck_assert_int_eq(count_of(xml, "<failure "), 1);
    ck_assert_int_eq(count_of(xml, "<error "), 3);
    ck_assert_int_eq(count_of(xml, "<skipped "), 2);
    ck_assert_ptr_nonnull(strstr(xml, "<testsuites name=\"svclab\" tests=\"8\" failures=\"1\" "
                                      "errors=\"3\" time=\"5.120\">"));
    free(xml);
    run_result_release(&run);
}
END_TEST

START_TEST(tap_plan_equals_its_lines)
{
    struct run_result run = nasty_run(nasty_texts[_i]);
    char *tap = written(report_tap, &run);
    int plan = 0, lines = 0;

    ck_assert_int_eq(sscanf(tap, "TAP version 14\n1..%d\n", &plan), 1);
    for (const char *at = tap; *at != '\0'; at += strcspn(at, "\n") + 1) {
        if (strncmp(at, "ok ", 3) != 0 && strncmp(at, "not ok ", 7) != 0)
            continue;
        ck_assert_int_eq(strtol(at + (*at == 'n' ? 7 : 3), NULL, 10), ++lines);
    }
    ck_assert_int_eq(plan, lines);
    ck_assert_int_eq(plan, 8);
    ck_assert_int_eq(count_of(tap, "\n  ---\n"), 4);
    ck_assert_int_eq(count_of(tap, "\n  ...\n"), 4);
    free(tap);
    run_result_release(&run);
}
END_TEST

START_TEST(html_is_well_formed_and_holds_no_foreign_markup)
{
    struct run_result run = nasty_run(nasty_texts[_i]);
    char *html = written(report_html, &run);

    assert_well_formed(html);
    ck_assert_ptr_null(strstr(html, "<script"));
    ck_assert_int_eq(count_of(html, "<h1"), 1);
    ck_assert_int_eq(count_of(html, "<h2"), 3);
    ck_assert_int_eq(count_of(html, "<article "), 3);
    ck_assert_ptr_nonnull(strstr(html, "<html lang=\"en\">"));
    ck_assert_ptr_nonnull(strstr(html, "prefers-color-scheme: dark"));
    ck_assert_int_eq(count_of(html, " src="), 0);
    ck_assert_int_eq(count_of(html, "href=\"#"), count_of(html, "href="));
    ck_assert_int_eq(count_of(html, "role=\"img\""), count_of(html, "<svg "));
    free(html);
    run_result_release(&run);
}
END_TEST

START_TEST(headings_never_skip_a_level)
{
    struct run_result run = fixture_run();
    char *html = written(report_html, &run);
    int level = 0;

    for (const char *at = html; (at = strstr(at, "<h")) != NULL; at++) {
        if (at[2] < '1' || at[2] > '6')
            continue;
        ck_assert_int_le(at[2] - '0', level + 1);
        level = at[2] - '0';
    }
    ck_assert_int_eq(level > 0, 1);
    free(html);
    run_result_release(&run);
}
END_TEST

START_TEST(without_graphviz_the_page_says_so_in_place)
{
    struct run_result run = fixture_run();

    ck_assert_int_eq(setenv("PATH", "/nowhere", 1), 0);
    char *html = written(report_html, &run);
    assert_well_formed(html);
    ck_assert_ptr_nonnull(strstr(html, "Graphviz is not installed. `make deps`"));
    ck_assert_ptr_nonnull(strstr(html, "PENDING to CONFIRMED by confirm."));
    free(html);
    run_result_release(&run);
}
END_TEST

/* Writes with a full disk, as near as a test can come: files may not grow beyond 100 bytes. */
static int write_with_full_disk(report_writer *report, const struct run_result *run)
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        struct rlimit limit = {100, 100};
        struct error err = {0};
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &limit);
        int status = report(path, run, &err);
        _exit(status == ERR_IO && strstr(err.text, "cannot write") != NULL ? 0 : 1);
    }
    int ended = 1;
    ck_assert_int_eq(waitpid(child, &ended, 0), child);
    return ended;
}

START_TEST(a_full_disk_leaves_the_old_report_and_nothing_else)
{
    struct run_result run = fixture_run();
    FILE *old = fopen(path, "w");

    ck_assert_ptr_nonnull(old);
    fputs("the old report", old);
    fclose(old);
    ck_assert_int_eq(write_with_full_disk(reports[_i], &run), 0);
    char *left = content(path);
    ck_assert_str_eq(left, "the old report");
    free(left);
    run_result_release(&run);
}
END_TEST

START_TEST(a_missing_folder_is_one_sentence)
{
    struct run_result run = fixture_run();
    struct error err = {0};

    ck_assert_int_eq(report_json("/nowhere/at/all/results.json", &run, &err), ERR_IO);
    ck_assert_msg(strstr(err.text, "/nowhere/at/all/results.json") != NULL, "%s", err.text);
    run_result_release(&run);
}
END_TEST

START_TEST(a_story_picture_is_well_formed_for_any_cast)
{
    static const char *const names[] = {"a", "b-service", "<c>", "d", "e", "notification-service"};
    struct story story = {0};
    struct text svg = {0};

    for (int i = 0; i < 200; i++)
        story_add(&story, i, (enum story_kind)(i % 5), names[i % _i],
                  i % 5 == STORY_NOTE ? NULL : names[(i + 1) % _i], nasty_texts[i % 5]);
    picture_from_story(&story, "a \"title\" <b>", &svg);
    assert_well_formed(text_str(&svg));
    ck_assert_int_eq(count_of(text_str(&svg), "class=\"band\""), 40);
    text_release(&svg);
    story_release(&story);
}
END_TEST

START_TEST(states_are_compared_edge_by_edge)
{
    static const char *const states[] = {"A", "B\"quoted"};
    const struct state_edge rule[] = {{.from = "A", .to = "B\"quoted", .label = "go"},
                                      {.from = "A", .to = "A", .label = "stay"}};
    const struct state_edge observed[] = {{.from = "A", .to = "B\"quoted", .label = "go"},
                                          {.from = "B\"quoted", .to = "A", .label = "back"}};
    struct state_edge edges[4];
    struct text dot = {0}, svg = {0};
    struct error err = {0};

    ck_assert_int_eq(states_compare(rule, 2, observed, 2, edges, 4), 3);
    ck_assert_int_eq(edges[0].kind, STATE_OK);
    ck_assert_int_eq(edges[1].kind, STATE_WRONG);
    ck_assert_int_eq(edges[2].kind, STATE_MISSING);
    picture_states(states, 2, edges, 3, &dot);
    ck_assert_ptr_nonnull(strstr(text_str(&dot), "label=\"wrong: back\" class=wrong style=dashed"));
    ck_assert_ptr_nonnull(strstr(text_str(&dot), "label=\"missing: stay\" class=missing"));
    int status = picture_from_dot(text_str(&dot), "t", "a", &svg, &err);
    ck_assert_msg(status == 0 || status == ERR_UNAVAILABLE, "%s", err.text);
    if (status == 0)
        assert_well_formed(text_str(&svg));
    ck_assert_int_eq(picture_from_dot("digraph {{{", "t", "a", &svg, &err) == 0, 0);
    text_release(&dot);
    text_release(&svg);
}
END_TEST

START_TEST(a_sequence_source_is_read)
{
    struct story story = {0};
    struct error err = {0};

    ck_assert_int_eq(story_from_source("// title: T\n\n a -> b: call\n5 b --> a: reply: x\n"
                                       "a: note\n! b: kill\nx b -> a: broke",
                                       &story, &err),
                     0);
    ck_assert_int_eq(story.count, 5);
    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(story.lines[i].kind,
                         ((enum story_kind[]){STORY_CALL, STORY_REPLY, STORY_NOTE, STORY_FAULT,
                                              STORY_WRONG})[i]);
    ck_assert_str_eq(story.lines[1].from, "b");
    ck_assert_str_eq(story.lines[1].text, "reply: x");
    ck_assert_int_eq(story.lines[1].at_ms, 5);
    story_release(&story);
    ck_assert_int_eq(story_from_source("a -> b: fine\nnonsense", &story, &err), ERR_INVALID);
    ck_assert_msg(strstr(err.text, "line 2") != NULL, "%s", err.text);
    story_release(&story);
}
END_TEST

/* Runs from the root of the repository. */
START_TEST(every_diagram_has_a_name_and_words)
{
    glob_t found;

    ck_assert_msg(glob("diagrams/*.dot", 0, NULL, &found) == 0, "run from the repository's root");
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct text svg = {0};
        struct error err = {0};
        const char *name = found.gl_pathv[i];
        char *source = content(name);
        int status = picture_from_source(source, &svg, &err);
        ck_assert_msg(status == 0 || status == ERR_UNAVAILABLE, "%s: %s", name, err.text);
        if (status == 0)
            assert_well_formed(text_str(&svg));
        ck_assert_msg(strstr(text_str(&svg), "<title></title>") == NULL, "%s: no title", name);
        ck_assert_msg(strstr(text_str(&svg), ". \" viewBox") == NULL, "%s: no alt", name);
        free(source);
        text_release(&svg);
    }
    globfree(&found);
}
END_TEST

int main(void)
{
    const int nasty = (int)(sizeof nasty_texts / sizeof nasty_texts[0]);
    Suite *suite = suite_create("report files");
    TCase *tests = tcase_create("files");

    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, make_folder, remove_folder);
    tcase_add_loop_test(tests, json_reads_back, 0, nasty);
    tcase_add_loop_test(tests, junit_is_well_formed_and_counts, 0, nasty);
    tcase_add_loop_test(tests, tap_plan_equals_its_lines, 0, nasty);
    tcase_add_loop_test(tests, html_is_well_formed_and_holds_no_foreign_markup, 0, nasty);
    tcase_add_test(tests, headings_never_skip_a_level);
    tcase_add_test(tests, without_graphviz_the_page_says_so_in_place);
    tcase_add_loop_test(tests, a_full_disk_leaves_the_old_report_and_nothing_else, 0, 4);
    tcase_add_test(tests, a_missing_folder_is_one_sentence);
    tcase_add_loop_test(tests, a_story_picture_is_well_formed_for_any_cast, 1, 7);
    tcase_add_test(tests, states_are_compared_edge_by_edge);
    tcase_add_test(tests, a_sequence_source_is_read);
    tcase_add_test(tests, every_diagram_has_a_name_and_words);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
