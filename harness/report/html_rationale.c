/*
 * A rationale on the page: what a person thinks of it, beside the points and apart from them.
 */
#include "report/html.h"

#include "course/rationale.h"
#include "report/escape.h"

static void row(struct text *out, const struct criterion *criterion)
{
    text_add(out, "<tr><th scope=\"row\">");
    escape_visible(out, criterion->title, 0);
    text_addf(out, "</th><td class=\"number\">%d of %d</td><td>", criterion->level,
              CRITERION_LEVEL_MAX);
    escape_visible(out, criterion->sentence, 0);
    if (criterion->note[0] != '\0') {
        text_add(out, "<p><em>");
        escape_visible(out, criterion->note, 1);
        text_add(out, "</em></p>");
    }
    text_add(out, "</td></tr>\n");
}

static void marks(struct text *out, const struct rationale *rationale)
{
    text_add(out, "<table><caption>Read by ");
    escape_visible(out, rationale->reader, 0);
    text_add(out, " on ");
    escape_visible(out, rationale->date, 0);
    text_add(out, ", written by ");
    escape_visible(out, rationale->student, 0);
    text_add(out, "</caption><thead><tr><th scope=\"col\">criterion</th>"
                  "<th scope=\"col\" class=\"number\">mark</th>"
                  "<th scope=\"col\">what it says</th></tr></thead><tbody>\n");
    for (int i = 0; i < rationale->count; i++)
        row(out, &rationale->criteria[i]);
    text_add(out, "</tbody></table>\n");
}

void html_rationale(struct text *out, const struct lab_result *lab)
{
    const struct rationale *rationale = lab->rationale;
    char words[32];
    if (rationale == NULL)
        return;
    rationale_words(rationale, words, sizeof words);
    text_add(out, "<h3>The rationale: ");
    escape_visible(out, words, 0);
    text_add(out, "</h3>\n");
    if (rationale->state == RATIONALE_READ)
        marks(out, rationale);
    else if (rationale->state == RATIONALE_VOID)
        html_element(out, "p", NULL, rationale->fault);
    text_add(out, "<p class=\"quiet\">A person reads RATIONALE.md by the rubric of the lab. It is "
                  "not a part of the points.</p>\n");
}
