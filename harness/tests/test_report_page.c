/*
 * What holds of every page and picture: a structure for keyboards and screen readers, colours that
 * can be read, commands that can be copied, and nothing that the name of a tree could break.
 */
#include <check.h>
#include <cjson/cJSON.h>
#include <ctype.h>
#include <math.h>
#include <unistd.h>

#include "base/files.h"
#include "kit/error.h"
#include "kit/utf8.h"
#include "markup.h"
#include "report/command.h"
#include "report/layout.h"
#include "report/styles.h"
#include "report/svg.h"
#include "report_fixture.h"
#include "tests/run_tests.h"

enum { FILE_MAX = 1 << 22 };

typedef int report_writer(const char *path, const struct run_result *run, struct error *err);

/* The report's text, UTF-8 in any case; the caller's to free. */
static char *written(report_writer *report, const struct run_result *run)
{
    char path[] = "/tmp/svclab-page-XXXXXX";
    struct error err = {0};
    struct text text = {0};
    int fd = mkstemp(path);

    ck_assert_int_ge(fd, 0);
    close(fd);
    ck_assert_msg(report(path, run, &err) == 0, "%s", err.text);
    ck_assert_int_eq(files_read(path, FILE_MAX, &text, NULL), 0);
    unlink(path);
    for (size_t at = 0, size = 0; at < text.length; at += size) {
        size = utf8_character(text.bytes + at, text.length - at);
        ck_assert_msg(size > 0, "not UTF-8 behind: %.*s", 40, text.bytes + (at < 40 ? 0 : at - 40));
    }
    return text_detach(&text);
}

static char *on_terminal(const struct run_result *run)
{
    struct terminal_options options = {0};
    char *bytes = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&bytes, &length);

    ck_assert_ptr_nonnull(out);
    report_terminal(out, run, &options);
    fclose(out);
    return bytes;
}

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
    for (int i = 0; i < TREES; i++) {
        struct run_result run = fixture_run();
        run.tree = trees[i].tree;
        run.isolation = trees[i].tree;
        char *html = written(report_html, &run), *xml = written(report_junit, &run);
        char *tap = written(report_tap, &run), *json = written(report_json, &run);
        char *terminal = on_terminal(&run);
        assert_well_formed(html);
        ck_assert_int_eq(count_of(html, "<script"), 0);
        assert_well_formed(xml);
        ck_assert_int_eq(count_of(xml, "<testcase "), 8);
        assert_tap(tap);
        cJSON *root = cJSON_Parse(json);
        ck_assert_msg(root != NULL, "not JSON with the tree %d", i);
        if (i < 7)
            ck_assert_str_eq(cJSON_GetObjectItemCaseSensitive(root, "tree")->valuestring,
                             trees[i].tree);
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
        char *terminal = on_terminal(&run);
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
    char *html = written(report_html, &run);
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

/* --- the page's structure --------------------------------------------------------------------- */

/* Every place of `before` is followed by `behind`. */
static void assert_follows(const char *html, const char *before, const char *behind)
{
    for (const char *at = html; (at = strstr(at, before)) != NULL;) {
        at += strlen(before);
        ck_assert_msg(strncmp(at, behind, strlen(behind)) == 0, "%s goes on with %.60s", before,
                      at);
    }
}

START_TEST(the_page_has_landmarks_and_headers)
{
    struct run_result run = fixture_run();
    char *html = written(report_html, &run);
    static const char *const once[] = {"<main id=\"results\">", "<h1>", "<html lang=\"en\">",
                                       "<a class=\"skip\" href=\"#results\">", "<title>svclab"};

    for (size_t i = 0; i < sizeof once / sizeof once[0]; i++)
        ck_assert_msg(count_of(html, once[i]) == 1, "%d of %s", count_of(html, once[i]), once[i]);
    assert_follows(html, "<details>", "<summary>");
    assert_follows(html, "<figure>", "<svg class=\"picture\"");
    assert_follows(html, "<svg class=\"picture\"",
                   " xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-label=\"");
    assert_follows(html, "<section", " aria-labelledby=\"");
    assert_follows(html, "<nav", " aria-label=\"");
    for (const char *at = html; (at = strstr(at, "<table")) != NULL; at++) {
        const char *header = strstr(at, "scope=\""), *end = strstr(at, "</table>");
        ck_assert_msg(header != NULL && header < end, "a table without headers: %.60s", at);
    }
    ck_assert_int_eq(count_of(html, "tabindex"),
                     0); /* the order of the page is the order of tabs */
    free(html);
    run_result_release(&run);
}
END_TEST

START_TEST(every_link_of_the_page_leads_to_one_place)
{
    struct run_result run = fixture_run();
    char *html = written(report_html, &run);

    for (const char *at = html; (at = strstr(at, " href=\"#")) != NULL; at++) {
        char id[256];
        at += strlen(" href=\"#");
        snprintf(id, sizeof id, " id=\"%.*s\"", (int)strcspn(at, "\""), at);
        ck_assert_msg(count_of(html, id) == 1, "%d places have%s", count_of(html, id), id);
    }
    free(html);
    run_result_release(&run);
}
END_TEST

START_TEST(the_table_keeps_numbers_and_states_whole)
{
    const char *rule = strstr(style_page, ".number, .state, .lab {");
    struct run_result run = fixture_run();
    char *html = written(report_html, &run);

    ck_assert_ptr_nonnull(rule);
    ck_assert_int_eq(strncmp(strchr(rule, '{'), "{ white-space: nowrap; }", 24), 0);
    ck_assert_int_eq(count_of(html, "<td class=\"state "), 3);
    /* On a phone the title and the bar give way, and nothing else. */
    ck_assert_int_eq(count_of(style_page, "display: none"), 3);
    ck_assert_ptr_nonnull(strstr(style_page, ".share { display: none; }"));
    ck_assert_ptr_nonnull(strstr(style_page, ".title { display: none; }"));
    free(html);
    run_result_release(&run);
}
END_TEST

/* --- pictures --------------------------------------------------------------------------------- */

enum { LANES_MAX = 4 }; /* with more a long text may cross the line of another */

START_TEST(texts_between_lifelines_cross_none)
{
    static const char *const names[] = {"judge", "order-service", "user-service", "cart-service"};

    for (int lanes = 2; lanes <= LANES_MAX; lanes++) {
        struct story story = {0};
        struct text svg = {0};
        int x[LANES_MAX], count = 0, texts = 0;
        for (int i = 0; i + 1 < lanes; i++)
            story_add(
                &story, i, STORY_CALL, names[i], names[i + 1],
                "POST /a/path/that/is/very/long/indeed with words and words behind it, enough "
                "of them for three lines at least");
        picture_from_story(&story, "t", &svg);
        for (const char *at = text_str(&svg); (at = strstr(at, "<line class=\"life\" x1=\"")); at++)
            ck_assert_int_eq(sscanf(at, "<line class=\"life\" x1=\"%d\"", &x[count++]), 1);
        ck_assert_int_eq(count, lanes);
        for (const char *at = text_str(&svg); (at = strstr(at, "<text class=\"code middle\""));
             at++, texts++) {
            double middle = 0, half = 7.3 * (double)strcspn(strchr(at, '>') + 1, "<") / 2;
            ck_assert_int_eq(sscanf(at, "<text class=\"code middle\" x=\"%lf\"", &middle), 1);
            for (int i = 0; i < lanes; i++)
                ck_assert_msg(x[i] <= middle - half || x[i] >= middle + half,
                              "%d lanes: %.0f crosses the line at %d", lanes, middle, x[i]);
        }
        ck_assert_int_ge(texts, 3);
        text_release(&svg);
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

/* --- colours ---------------------------------------------------------------------------------- */

/* A channel of the colour, 0 to 1, made linear: WCAG 2.2, relative luminance. */
static double channel(unsigned value)
{
    double share = value / 255.0;
    return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4);
}

/* The luminance of the property in the first or, when dark, the second set of colours.css. */
static double luminance(const char *name, int dark)
{
    char property[32], digits[8] = "";
    unsigned red = 0, green = 0, blue = 0;
    snprintf(property, sizeof property, " --%s: #", name);
    const char *at = strstr(style_colours, property);
    if (dark && at != NULL)
        at = strstr(at + 1, property);
    ck_assert_msg(at != NULL, "no%s in colours.css", property);
    at += strlen(property);
    int length = 0;
    while (length < 6 && isxdigit((unsigned char)at[length]))
        length++;
    ck_assert_msg((length == 3 || length == 6) && at[length] == ';', "%s: no colour", property);
    for (int i = 0; i < 6; i++)
        digits[i] = length == 6 ? at[i] : at[i / 2];
    ck_assert_int_eq(sscanf(digits, "%2x%2x%2x", &red, &green, &blue), 3);
    return 0.2126 * channel(red) + 0.7152 * channel(green) + 0.0722 * channel(blue);
}

static double contrast(const char *one, const char *other, int dark)
{
    double a = luminance(one, dark) + 0.05, b = luminance(other, dark) + 0.05;
    return a > b ? a / b : b / a;
}

START_TEST(what_is_written_can_be_read_in_light_and_dark)
{
    static const struct {
        const char *ink, *papers;
    } pairs[] = {
        {"ink", "paper soft mark bad-soft"},
        {"quiet", "paper soft"},
        {"good", "paper soft"},
        {"bad", "paper soft bad-soft"},
        {"fault", "paper soft"},
        {"link", "paper soft"}, /* also the frame of what has the focus */
        {"word", "paper soft"},
        {"number", "paper soft"},
    };
    const double enough = 4.5; /* AA for text of any size; signs and frames need 3 */

    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        char paper[16];
        int read = 0;
        for (const char *at = pairs[i].papers; sscanf(at, "%15s%n", paper, &read) == 1; at += read)
            for (int dark = 0; dark < 2; dark++)
                ck_assert_msg(contrast(pairs[i].ink, paper, dark) >= enough,
                              "%s on %s is %.2f to 1 in the %s set", pairs[i].ink, paper,
                              contrast(pairs[i].ink, paper, dark), dark ? "dark" : "light");
    }
}
END_TEST

/* Colours stand in colours.css alone, and what the sheet takes is there. Runs from the root. */
START_TEST(every_colour_has_one_place)
{
    static const char *const sheets[] = {"harness/report/page.css", "harness/report/picture.css",
                                         "docs/handbook/handbook.css"};

    for (size_t i = 0; i < sizeof sheets / sizeof sheets[0]; i++) {
        struct text sheet = {0};
        ck_assert_int_eq(files_read(sheets[i], FILE_MAX, &sheet, NULL), 0);
        ck_assert_msg(strchr(text_str(&sheet), '#') == NULL, "%s has a colour of its own",
                      sheets[i]);
        for (const char *at = text_str(&sheet); (at = strstr(at, "var(--")) != NULL;) {
            char property[32];
            at += strlen("var(--");
            const int length = (int)strcspn(at, ")");
            snprintf(property, sizeof property, " --%.*s: #", length, at);
            ck_assert_msg(count_of(style_colours, property) == 2 || strncmp(at, "wide)", 5) == 0,
                          "%s takes%s, which is not in both sets", sheets[i], property);
        }
        text_release(&sheet);
    }
}
END_TEST

/* --- the handbook ----------------------------------------------------------------------------- */

START_TEST(the_list_of_chapters_folds_without_a_script)
{
    struct text page = {0}, sheet = {0};

    ck_assert_int_eq(files_read("docs/handbook/template.html", FILE_MAX, &page, NULL), 0);
    ck_assert_int_eq(files_read("docs/handbook/handbook.css", FILE_MAX, &sheet, NULL), 0);
    ck_assert_int_eq(count_of(text_str(&page), "<script"), 0);
    ck_assert_ptr_nonnull(strstr(text_str(&page), "<nav class=\"book wide\" aria-label="));
    ck_assert_ptr_nonnull(
        strstr(text_str(&page), "<details class=\"book narrow\"><summary>Chapters</summary>"));
    ck_assert_ptr_nonnull(strstr(text_str(&sheet), "position: sticky"));
    const char *narrow = strstr(text_str(&sheet), "@media (max-width");
    ck_assert_ptr_nonnull(narrow);
    ck_assert_ptr_nonnull(strstr(narrow, ".wide { display: none; }"));
    ck_assert_ptr_nonnull(strstr(narrow, ".narrow { display: block; }"));
    text_release(&page);
    text_release(&sheet);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_trees_name_is_one_word_of_the_shell,
        a_trees_name_breaks_no_format,
        a_strange_name_breaks_no_picture,
        the_next_command_is_on_one_line_however_long,
        the_page_says_what_is_next,
        the_page_has_landmarks_and_headers,
        every_link_of_the_page_leads_to_one_place,
        the_table_keeps_numbers_and_states_whole,
        texts_between_lifelines_cross_none,
        parts_of_a_picture_are_well_formed_whatever_they_say,
        what_is_written_can_be_read_in_light_and_dark,
        every_colour_has_one_place,
        the_list_of_chapters_folds_without_a_script,
        NULL,
    };
    return run_tests("report page", tests);
}
