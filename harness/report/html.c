/*
 * One self-contained page: no script, nothing loaded, readable by keyboard, in dark and light.
 *
 * Headings: the run (h1), its labs (h2), their steps (h3), checks that did not pass (h4).
 */
#include "report/html.h"

#include <inttypes.h>

#include "base/files.h"
#include "course/lab.h"
#include "kit/clock.h"
#include "kit/error.h"
#include "report/command.h"
#include "report/escape.h"
#include "report/report.h"
#include "report/styles.h"
#include "report/summary.h"

static void head(struct text *out, const struct run_result *run)
{
    char started[TIME_TEXT_SIZE];
    struct tally all = run_points(run);

    time_format(run->started_wall_ms, started);
    text_addf(out,
              "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
              "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
              "<title>svclab: %d of %d points</title>\n<style>%s%s%s</style>\n</head>\n<body>\n"
              "<a class=\"skip\" href=\"#results\">Skip to the results</a>\n"
              "<header><h1>svclab: %d of %d points</h1>\n<p class=\"quiet\">Graded <code>",
              all.points, all.points_max, style_colours, style_page, style_picture, all.points,
              all.points_max);
    escape_visible(out, run->tree, 0);
    text_addf(out,
              "</code> on <time datetime=\"%s\">%s</time> in %" PRId64 ".%" PRId64
              " s, seed %" PRIu64 ", isolation: ",
              started, started, run->wall_ms / 1000, run->wall_ms % 1000 / 100, run->seed);
    escape_visible(out, run->isolation, 0);
    text_add(out, ".</p></header>\n<main id=\"results\">\n");
}

static void summary_row(struct text *out, const struct lab_result *lab)
{
    struct tally tally = lab_tally(lab);
    int done = lab_is_done(lab);
    int percent = lab->points_max > 0 ? 100 * lab->points / lab->points_max : 0;

    text_addf(out, "<tr><th scope=\"row\" class=\"lab\"><a href=\"#lab-%s\">%s</a></th>",
              lab->lab->name, lab->lab->name);
    text_add(out, "<td class=\"title\">");
    escape_visible(out, lab->lab->title, 0);
    text_addf(out,
              "</td><td class=\"number\">%d of %d</td><td class=\"share\"><span class=\"bar\" "
              "aria-hidden=\"true\"><span style=\"width:%d%%\"></span></span></td>"
              "<td class=\"number\">%d of %d</td><td class=\"state %s\">%s %s</td></tr>\n",
              lab->points, lab->points_max,
              percent < 0     ? 0
              : percent > 100 ? 100
                              : percent,
              tally.passed, tally.total, done ? "good" : "bad", done ? "&#10003;" : "&#10007;",
              lab_state(lab));
}

static void summary(struct text *out, const struct run_result *run)
{
    text_add(out, "<table><caption>Results of each lab</caption><thead><tr>"
                  "<th scope=\"col\">lab</th><th scope=\"col\" class=\"title\">title</th>"
                  "<th scope=\"col\" class=\"number\">points</th>"
                  "<th scope=\"col\" class=\"share\"><span aria-hidden=\"true\">share</span></th>"
                  "<th scope=\"col\" class=\"number\">checks</th><th scope=\"col\">state</th>"
                  "</tr></thead><tbody>\n");
    for (int i = 0; i < run->lab_count; i++)
        summary_row(out, &run->labs[i]);
    text_add(out, "</tbody></table>\n");
}

static void next_part(struct text *out, const struct run_result *run)
{
    struct next_step next = next_step(run, 0);

    html_element(out, "p", NULL, text_str(&next.words));
    if (next.command.length > 0)
        html_element(out, "code", "command", text_str(&next.command));
    next_step_release(&next);
}

/* How a check of a step is shown. Of those whose function is not written yet only the first of a
   step has a card. */
enum shown { SHOWN_CARD, SHOWN_UNWRITTEN, SHOWN_WAITING, SHOWN_PASSED };

static enum shown shown_as(const struct lab_result *lab, int index)
{
    const struct result *result = &lab->results[index];

    if (result->verdict == VERDICT_PASS)
        return SHOWN_PASSED;
    if (result->verdict == VERDICT_WAITING)
        return SHOWN_WAITING;
    for (int i = 0; i < index && is_unwritten(result); i++)
        if (lab->results[i].check->step == result->check->step && is_unwritten(&lab->results[i]))
            return SHOWN_UNWRITTEN;
    return SHOWN_CARD;
}

/* The checks of a step that are shown in one way, folded away. */
static void fold(struct text *out, const struct lab_result *lab, int step, enum shown shown,
                 const char *words)
{
    struct text list = {0};
    int count = 0;

    for (int i = 0; i < lab->count; i++) {
        const struct result *result = &lab->results[i];
        if (result->check->step != step || shown_as(lab, i) != shown)
            continue;
        count++;
        text_add(&list, "<li><strong>");
        escape_visible(&list, result->check->id, 0);
        text_add(&list, "</strong>: ");
        html_prose(&list, result->check->rule);
        if (shown == SHOWN_WAITING) {
            text_add(&list, " (");
            escape_visible(&list, result->reason, 0);
            text_add(&list, ")");
        }
        text_add(&list, "</li>\n");
    }
    if (count > 0)
        text_addf(out,
                  "<details><summary>%d %s %s</summary><ul class=\"checks\">\n%s</ul></details>\n",
                  count, count == 1 ? "check" : "checks", words, text_str(&list));
    text_release(&list);
}

static void step_part(struct text *out, const struct run_result *run, const struct lab_result *lab,
                      int step)
{
    struct tally tally = step_tally(lab, step);

    if (tally.total == 0)
        return;
    text_addf(out, "<h3>Step %d: ", step);
    escape_visible(out, lab->lab->steps[step - 1].title, 0);
    text_addf(out, "</h3>\n<p>%d of %d checks, %d of %d points.</p>\n", tally.passed, tally.total,
              tally.points, tally.points_max);
    for (int i = 0; i < lab->count; i++)
        if (lab->results[i].check->step == step && shown_as(lab, i) == SHOWN_CARD)
            html_card(out, run, lab, &lab->results[i]);
    fold(out, lab, step, SHOWN_UNWRITTEN, "also need a function that is not written yet");
    fold(out, lab, step, SHOWN_WAITING, "waiting");
    fold(out, lab, step, SHOWN_PASSED, "passed");
}

/* Links to every card of a lab, so that a keyboard gets there in two steps. */
static void contents(struct text *out, const struct lab_result *lab)
{
    struct tally tally = lab_tally(lab);
    const int failed = tally.failed + tally.crashed + tally.errors;
    struct text links = {0};
    int count = 0;

    if (failed == 0)
        return;
    for (int i = 0; i < lab->count; i++) {
        if (shown_as(lab, i) != SHOWN_CARD)
            continue;
        count++;
        text_add(&links, "<li><a href=\"#");
        html_card_id(&links, lab, &lab->results[i]);
        text_add(&links, "\">");
        escape_visible(&links, lab->results[i].check->id, 0);
        text_add(&links, "</a></li>\n");
    }
    text_addf(out,
              "<nav aria-label=\"Checks of %s that did not pass\"><p>%d did not pass%s</p>"
              "<ul class=\"checks\">\n%s</ul></nav>\n",
              lab->lab->name, failed, count < failed ? "; begin with:" : ":", text_str(&links));
    text_release(&links);
}

/* What a check that passed has to show: its figures, and its pictures below its name. */
static void passed(struct text *out, const struct result *result)
{
    html_figures(out, result);
    if (result->picture_count > 0)
        html_element(out, "h4", NULL, result->check->id);
    html_pictures(out, result->pictures, result->picture_count);
}

static void lab_part(struct text *out, const struct run_result *run, const struct lab_result *lab)
{
    int passed_shown = 0;

    text_addf(out, "<section aria-labelledby=\"lab-%s\">\n<h2 id=\"lab-%s\">%s: ", lab->lab->name,
              lab->lab->name, lab->lab->name);
    escape_visible(out, lab->lab->title, 0);
    text_addf(out, "</h2>\n<p>%s, %d of %d points.</p>\n", lab_state(lab), lab->points,
              lab->points_max);
    if (!lab->builds) {
        text_add(out, "<p>The lab's files do not compile, so none of its checks ran. The "
                      "compiler's words:</p>\n");
        html_element(out, "pre", NULL, lab->compiler);
        html_rationale(out, lab);
        text_add(out, "</section>\n");
        return;
    }
    contents(out, lab);
    html_pictures(out, lab->pictures, lab->picture_count);
    for (int step = 1; step <= lab->lab->step_count; step++)
        step_part(out, run, lab, step);
    for (int i = 0; i < lab->count; i++)
        if (lab->results[i].verdict == VERDICT_PASS &&
            lab->results[i].figure_count + lab->results[i].picture_count > 0)
            passed_shown = 1;
    if (passed_shown) {
        text_add(out, "<details><summary>Figures and pictures of checks that passed</summary>\n");
        for (int i = 0; i < lab->count; i++)
            if (lab->results[i].verdict == VERDICT_PASS)
                passed(out, &lab->results[i]);
        text_add(out, "</details>\n");
    }
    html_rationale(out, lab);
    text_add(out, "</section>\n");
}

int report_html(const char *path, const struct run_result *run, struct error *err)
{
    struct text out = {0};

    head(&out, run);
    summary(&out, run);
    next_part(&out, run);
    for (int i = 0; i < run->lab_count; i++)
        lab_part(&out, run, &run->labs[i]);
    text_add(&out, "</main>\n</body>\n</html>\n");
    int status = files_write(path, text_str(&out), out.length, err);
    text_release(&out);
    return status;
}
