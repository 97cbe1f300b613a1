/*
 * Results survive the way between two processes, whatever students' code wrote into them.
 */
#include <string.h>

#include "course/lab.h"
#include "judge/scenario.h"
#include "judge/wire.h"
#include "kit/error.h"
#include "suites/suites.h"
#include "tests/run_tests.h"

static struct lab_result empty_lab(void)
{
    struct lab_result lab = {.lab = lab_find(all_labs, "00"), .builds = 1};
    lab.results = calloc(32, sizeof lab.results[0]);
    ck_assert_ptr_nonnull(lab.results);
    return lab;
}

/* Feeds each line of text to the reader. The first code that is not 0. */
static int read_all(struct wire_reader *reader, char *text, struct error *err)
{
    int code = 0;
    for (char *line = text, *end = NULL; code == 0 && (end = strchr(line, '\n')) != NULL;
         line = end + 1) {
        *end = '\0';
        code = wire_read(reader, line, err);
    }
    return code;
}

START_TEST(result_comes_out_as_it_went_in)
{
    static const char hostile[] = "two\nlines, a \"quote\", \\, \x1b[31m and \xff";
    struct result result = {.check = check_find(lab_find(all_labs, "00"), "openings_are_counted"),
                            .verdict = VERDICT_CRASH,
                            .reason = "signal",
                            .points = 0,
                            .wall_ms = 12,
                            .cpu_ms = 7};
    result_set_string(&result.expected, "");
    result_set_string(&result.got, hostile);
    result_set_string(&result.output, hostile);
    result.story.virtual_time = 1;
    story_add(&result.story, 40, STORY_CALL, "test", "tour.c", "do command=open");
    story_add(&result.story, -1, STORY_NOTE, "tour.c", NULL, hostile);
    result_add_picture(&result, "title", "alt", "digraph {}\n");
    result_add_figure(&result, "schedules", 1.0 / 3);
    struct lab_result sent = {.builds = 0, .wall_ms = 99};
    result_set_string(&sent.compiler, "tour.c:1: error\n");
    lab_result_add_picture(&sent, "states", "the door", "<svg/>");
    struct text lines = {0};
    wire_write_result(&lines, &result);
    wire_write_lab(&lines, &sent);

    struct lab_result lab = empty_lab();
    struct wire_reader reader = {.lab = &lab};
    struct error err = {0};
    ck_assert_msg(read_all(&reader, lines.bytes, &err) == 0, "%s", err.text);
    ck_assert_int_eq(reader.ended, 1);
    ck_assert_int_eq(lab.count, 1);
    const struct result *got = &lab.results[0];
    ck_assert_ptr_eq(got->check, result.check);
    ck_assert_int_eq(got->verdict, VERDICT_CRASH);
    ck_assert_str_eq(got->reason, "signal");
    ck_assert_str_eq(got->expected, "");
    ck_assert_str_eq(got->got, hostile);
    ck_assert_str_eq(got->output, hostile);
    ck_assert_ptr_null(got->script);
    ck_assert_int_eq(got->wall_ms, 12);
    ck_assert_int_eq(got->story.count, 2);
    ck_assert_int_eq(got->story.lines[1].at_ms, -1);
    ck_assert_ptr_null(got->story.lines[1].to);
    ck_assert_str_eq(got->story.lines[1].text, hostile);
    ck_assert_int_eq(got->picture_count, 1);
    ck_assert_double_eq(got->figures[0].value, 1.0 / 3);
    ck_assert_int_eq(lab.builds, 0);
    ck_assert_str_eq(lab.compiler, "tour.c:1: error\n");
    ck_assert_int_eq(lab.picture_count, 1);
    ck_assert_int_eq(lab.points_max, 10);
    text_release(&lines);
    result_release(&result);
    lab_result_release(&sent);
    lab_result_release(&lab);
}
END_TEST

START_TEST(lines_that_no_judge_writes_are_refused)
{
    static const char *const lines[] = {
        "result id=no_such_check verdict=pass",
        "result id=openings_are_counted verdict=splendid",
        "story at=1 kind=0 from=a text=b", /* before any result */
        "nonsense",
        "result id=\"",
        "",
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct lab_result lab = empty_lab();
        struct wire_reader reader = {.lab = &lab};
        ck_assert_msg(wire_read(&reader, lines[i], NULL) == ERR_INVALID, "\"%s\" was accepted",
                      lines[i]);
        ck_assert_int_eq(lab.count, 0);
        lab_result_release(&lab);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        result_comes_out_as_it_went_in,
        lines_that_no_judge_writes_are_refused,
        NULL,
    };
    return run_tests("wire", tests);
}
