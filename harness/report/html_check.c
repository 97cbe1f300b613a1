#include "report/html.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "course/lab.h"
#include "kit/error.h"
#include "report/command.h"
#include "report/escape.h"
#include "report/layout.h"
#include "report/report.h"
#include "report/summary.h"

enum { MARK_SHARED_MIN = 12 }; /* bytes two texts share before their difference is marked */

void html_element(struct text *out, const char *tag, const char *class_name, const char *string)
{
    text_addf(out, "<%s", tag);
    if (class_name != NULL)
        text_addf(out, " class=\"%s\"", class_name);
    text_add(out, ">");
    escape_visible(out, string, 1);
    text_addf(out, "</%s>\n", tag);
}

void html_prose(struct text *out, const char *string)
{
    const char *opening = NULL, *closing = NULL;

    while ((opening = strchr(string, '`')) != NULL &&
           (closing = strchr(opening + 1, '`')) != NULL) {
        struct text words = {0}, code = {0};
        text_append(&words, string, (size_t)(opening - string));
        text_append(&code, opening + 1, (size_t)(closing - opening - 1));
        escape_visible(out, text_str(&words), 0);
        text_add(out, "<code>");
        escape_visible(out, text_str(&code), 0);
        text_add(out, "</code>");
        text_release(&words);
        text_release(&code);
        string = closing + 1;
    }
    escape_visible(out, string, 0);
}

void html_card_id(struct text *out, const struct lab_result *lab, const struct result *result)
{
    text_addf(out, "check-%s-%s", lab->lab->name, result->check->id);
}

static void term(struct text *out, const char *name)
{
    text_addf(out, "<dt>%s</dt><dd>", name);
}

static void term_element(struct text *out, const char *name, const char *tag,
                         const char *class_name, const char *string)
{
    if (string == NULL || *string == '\0')
        return;
    term(out, name);
    html_element(out, tag, class_name, string);
    text_add(out, "</dd>");
}

static int continues(const char *bytes)
{
    return ((unsigned char)*bytes & 0xc0) == 0x80;
}

/* One of two compared texts, whole; what differs is marked when they share enough. */
static void compared(struct text *out, const char *name, const char *mine, const char *other)
{
    if (mine == NULL)
        return;
    char *clean = layout_clean_string(mine), *against = layout_clean_string(other);
    size_t length = strlen(clean), other_length = strlen(against), head = 0, tail = 0;
    size_t shorter = length < other_length ? length : other_length;

    while (head < shorter && clean[head] == against[head])
        head++;
    while (tail < shorter - head && clean[length - 1 - tail] == against[other_length - 1 - tail])
        tail++;
    while (head > 0 && continues(clean + head))
        head--;
    while (tail > 0 && continues(clean + length - tail))
        tail--;
    int marked = head + tail >= MARK_SHARED_MIN && head + tail < length;
    struct text pieces[3] = {{0}, {0}, {0}};
    text_append(&pieces[0], clean, marked ? head : length);
    if (marked) {
        text_append(&pieces[1], clean + head, length - head - tail);
        text_append(&pieces[2], clean + length - tail, tail);
    }
    term(out, name);
    text_add(out, "<pre>");
    escape_xml(out, text_str(&pieces[0]));
    if (marked) {
        text_add(out, "<mark>");
        escape_xml(out, text_str(&pieces[1]));
        text_add(out, "</mark>");
        escape_xml(out, text_str(&pieces[2]));
    }
    text_add(out, "</pre></dd>\n");
    for (int i = 0; i < 3; i++)
        text_release(&pieces[i]);
    free(clean);
    free(against);
}

/* The story as a table, for those who do not see the picture or want to copy from it. */
static void story_table(struct text *out, const struct story *story)
{
    text_addf(out,
              "<details><summary>The same story in words</summary><table><thead><tr><th "
              "class=\"number\" scope=\"col\">%sms</th><th scope=\"col\">who</th><th "
              "scope=\"col\">what</th></tr></thead><tbody>\n",
              story->virtual_time ? "virtual " : "");
    for (int i = 0; i < story->count; i++) {
        const struct story_line *line = &story->lines[i];
        text_addf(out, "<tr><td class=\"number\">%" PRId64 "</td><td>", line->at_ms);
        escape_visible(out, line->from, 0);
        if (line->to != NULL) {
            text_add(out, " &rarr; ");
            escape_visible(out, line->to, 0);
        }
        text_add(out, "</td><td class=\"said\">");
        if (line->kind == STORY_FAULT || line->kind == STORY_WRONG)
            text_addf(out, "<strong class=\"%s\">%s</strong> ",
                      line->kind == STORY_FAULT ? "fault" : "bad",
                      line->kind == STORY_FAULT ? "fault:" : "the rule breaks here:");
        escape_visible(out, line->text, 0);
        text_add(out, "</td></tr>\n");
    }
    text_add(out, "</tbody></table></details>\n");
}

static void story(struct text *out, const struct result *result)
{
    if (result->story.count == 0)
        return;
    text_add(out, "<figure>");
    picture_from_story(&result->story, result->check->id, out);
    text_add(out, "</figure>\n");
    story_table(out, &result->story);
}

static void commands(struct text *out, const struct run_result *run, const struct lab_result *lab,
                     const struct result *result)
{
    struct text replay = {0}, read = {0}, hint = {0};

    replay_command(&replay, run, lab, result);
    read_place(&read, lab, result);
    hint_command(&hint, lab, result);
    term_element(out, "replay", "code", "command", text_str(&replay));
    term_element(out, "read", "code", NULL, text_str(&read));
    term_element(out, "hint", "code", "command", text_str(&hint));
    text_release(&replay);
    text_release(&read);
    text_release(&hint);
}

static void hints(struct text *out, const struct check *check)
{
    const int max = (int)(sizeof check->hints / sizeof check->hints[0]);

    for (int i = 0; i < max && check->hints[i] != NULL; i++) {
        text_addf(out, "<details><summary>Hint %d</summary>", i + 1);
        text_add(out, "<p>");
        html_prose(out, check->hints[i]);
        text_add(out, "</p></details>\n");
    }
}

static void output(struct text *out, const char *name, const char *string)
{
    if (string == NULL || *string == '\0')
        return;
    text_addf(out, "<details><summary>%s</summary>", name);
    html_element(out, "pre", NULL, string);
    text_add(out, "</details>\n");
}

void html_figures(struct text *out, const struct result *result)
{
    if (result->figure_count == 0)
        return;
    text_add(out, "<table class=\"figures\"><caption>Figures of ");
    escape_visible(out, result->check->id, 0);
    text_add(out, "</caption><tbody>");
    for (int i = 0; i < result->figure_count; i++) {
        text_add(out, "<tr><th scope=\"row\">");
        escape_visible(out, result->figures[i].name, 0);
        text_addf(out, "</th><td class=\"number\">%.10g</td></tr>", result->figures[i].value);
    }
    text_add(out, "</tbody></table>\n");
}

void html_pictures(struct text *out, const struct picture *pictures, int count)
{
    for (int i = 0; i < count; i++) {
        const struct picture *picture = &pictures[i];
        const char *title = picture->title == NULL ? "" : picture->title;
        const char *source = picture->source == NULL ? "" : picture->source;
        struct error err = {0};

        int is_drawn = strncmp(source, "<svg", 4) == 0;
        text_add(out, "<figure>");
        if (is_drawn) {
            text_add(out, source);
        } else if (picture_from_dot(source, title, picture->alt == NULL ? "" : picture->alt, out,
                                    &err) != 0) {
            text_add(out, "<p><strong>This picture could not be drawn.</strong> ");
            escape_visible(out, err.text, 0);
            text_add(out, " What it shows: ");
            escape_visible(out, picture->alt, 0);
            text_add(out, "</p>");
        }
        html_element(out, "figcaption", NULL, title);
        text_add(out, "</figure>\n");
    }
}

void html_card(struct text *out, const struct run_result *run, const struct lab_result *lab,
               const struct result *result)
{
    text_addf(out, "<article class=\"card %s\" id=\"", verdict_name(result->verdict));
    html_card_id(out, lab, result);
    text_add(out, "\"><header>");
    html_element(out, "h4", NULL, result->check->id);
    text_addf(out, "<p>%s: ", verdict_name(result->verdict));
    escape_visible(out, result->reason, 0);
    text_addf(out, ", %d of %d points</p></header>\n<dl>", result->points, result->check->points);
    term(out, "rule");
    html_prose(out, result->check->rule);
    text_add(out, "</dd></dl>\n");
    story(out, result);
    text_add(out, "<dl>");
    compared(out, "expected", result->expected, result->got);
    compared(out, "got", result->got, result->expected);
    term_element(out, "detail", "pre", NULL, result->detail);
    commands(out, run, lab, result);
    text_add(out, "</dl>\n");
    html_pictures(out, result->pictures, result->picture_count);
    html_figures(out, result);
    output(out, "What your code printed", result->output);
    output(out, "The script of this story, for probe --script", result->script);
    hints(out, result->check);
    text_add(out, "</article>\n");
}
