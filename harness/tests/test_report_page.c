/*
 * What holds of every page and picture: a structure for keyboards and screen readers, colours that
 * can be read, numbers and texts that keep their place.
 */
#include <check.h>
#include <ctype.h>
#include <math.h>

#include "markup.h"
#include "report/styles.h"
#include "report_fixture.h"
#include "tests/run_tests.h"

enum { SHEET_MAX = 1 << 20 };

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
    char *html = fixture_written(report_html, &run);
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
    char *html = fixture_written(report_html, &run);

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
    char *html = fixture_written(report_html, &run);

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
        ck_assert_int_eq(files_read(sheets[i], SHEET_MAX, &sheet, NULL), 0);
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

    ck_assert_int_eq(files_read("docs/handbook/template.html", SHEET_MAX, &page, NULL), 0);
    ck_assert_int_eq(files_read("docs/handbook/handbook.css", SHEET_MAX, &sheet, NULL), 0);
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

START_TEST(a_rationale_stands_beside_the_points)
{
    struct run_result run = fixture_run();
    run.labs[2].rationale = fixture_rationale(RATIONALE_NOT_READ); /* it does not build */
    char *html = fixture_written(report_html, &run), *xml = fixture_written(report_junit, &run);
    static const char *const said[] = {
        "<h3>The rationale: 6 of 8</h3>",
        "<caption>Read by Grace on 2026-12-01, written by Ada</caption>",
        "<th scope=\"row\">What breaks &amp; what then</th><td class=\"number\">3 of 4</td>",
        "<p><em>Well &lt;said&gt;.",
        "<h3>The rationale: cannot be read</h3>",
        "<p>rationale-marks.json: marks[0].level is required.</p>",
        "<h3>The rationale: not yet read</h3>"};
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++)
        ck_assert_msg(count_of(html, said[i]) == 1, "%d of %s", count_of(html, said[i]), said[i]);
    ck_assert_int_eq(count_of(xml, "<property name=\"rationale\" value=\"6 of 8\"/>"), 1);
    ck_assert_int_eq(count_of(xml, "<property name=\"rationale\" value=\"cannot be read\"/>"), 1);
    ck_assert_int_eq(run.labs[0].points, 100);
    free(html);
    free(xml);
    run_result_release(&run);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        the_page_has_landmarks_and_headers,
        every_link_of_the_page_leads_to_one_place,
        the_table_keeps_numbers_and_states_whole,
        texts_between_lifelines_cross_none,
        what_is_written_can_be_read_in_light_and_dark,
        every_colour_has_one_place,
        the_list_of_chapters_folds_without_a_script,
        a_rationale_stands_beside_the_points,
        NULL,
    };
    return run_tests("report page", tests);
}
