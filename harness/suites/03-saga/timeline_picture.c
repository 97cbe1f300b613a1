/*
 * Lab 03's picture of one checkout: a lane a service, time down.
 *
 * A command is a solid arrow, an undoing a dashed one, an answer a dotted line: an open head for
 * OK, a cross for REJECTED, a line that does not arrive for UNKNOWN. What was done to a service
 * from outside stands on its lane. Words say all of it too.
 */
#include "suites/03-saga/timeline.h"

#include <stdio.h>
#include <string.h>
#include "report/escape.h"
#include "report/picture.h"

enum { ROWS_MAX = 60 };
enum { WIDTH = 900, LEFT = 70, HEAD = 50, ROW = 26 };

struct lanes {
    struct text body;
    int y, rows, faults;
};

static int lane_x(int lane)
{
    return LEFT + (2 * lane + 1) * (WIDTH - LEFT) / (2 * TIMELINE_LANES);
}

/* --- parts ------------------------------------------------------------------------------------ */

static void draw_text(struct lanes *l, int x, const char *anchor, const char *text)
{
    text_addf(&l->body, "<text class=\"code\" text-anchor=\"%s\" x=\"%d\" y=\"%d\">", anchor, x,
              l->y - 5);
    escape_visible(&l->body, text, 0);
    text_add(&l->body, "</text>");
}

static void draw_cross(struct lanes *l, int x)
{
    text_addf(&l->body,
              "<path fill=\"none\" stroke-width=\"3\" d=\"M%d %d l12 12 m0 -12 l-12 12\"/>", x - 6,
              l->y - 6);
}

static void draw_shaft(struct lanes *l, int from, int to, const char *dashes)
{
    text_addf(&l->body, "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"%s/>", from, l->y, to, l->y,
              dashes);
}

/* What stands on one lane, its words beside it. */
static void draw_note(struct lanes *l, const struct timeline_entry *note)
{
    int x = lane_x(note->lane), to_the_left = note->lane > TIMELINE_LANES / 2;
    if (note->kind == TIMELINE_FAULT)
        draw_cross(l, x);
    else
        text_addf(&l->body, "<circle fill=\"currentColor\" cx=\"%d\" cy=\"%d\" r=\"4\"/>", x, l->y);
    l->y += 9;
    draw_text(l, to_the_left ? x - 12 : x + 12, to_the_left ? "end" : "start", note->text);
    l->y -= 9;
}

static void draw_command(struct lanes *l, const struct timeline_entry *sent)
{
    int x = lane_x(sent->lane), from = lane_x(0);
    char command[TIMELINE_TEXT_SIZE], said[TIMELINE_TEXT_SIZE + 24];
    timeline_command(sent, command);
    snprintf(said, sizeof said, "%s", command);
    if (sent->attempt > 1)
        snprintf(said, sizeof said, "%s, attempt %d", command, sent->attempt);
    draw_text(l, (x + from) / 2, "middle", said);
    draw_shaft(l, from, x - 2, sent->back ? " stroke-width=\"2\" stroke-dasharray=\"10 5\"" : "");
    text_addf(&l->body, "<polygon class=\"head\" points=\"%d,%d %d,%d %d,%d\"/>", x - 11, l->y - 5,
              x - 1, l->y, x - 11, l->y + 5);
}

static int is_answer(const struct timeline_entry *entry, enum saga_answer answer)
{
    return entry->kind == TIMELINE_ANSWER && strcmp(entry->text, saga_answer_name(answer)) == 0;
}

static void draw_answer(struct lanes *l, const struct timeline_entry *answer)
{
    int x = lane_x(answer->lane), to = lane_x(0);
    char said[TIMELINE_TEXT_SIZE + 8];
    snprintf(said, sizeof said, "%s%s", answer->late ? "late: " : "", answer->text);
    draw_text(l, (x + to) / 2, "middle", said);
    if (is_answer(answer, SAGA_UNKNOWN)) {
        draw_shaft(l, x, (x + to) / 2, " stroke-dasharray=\"2 4\"");
        text_addf(&l->body, "<circle fill=\"none\" cx=\"%d\" cy=\"%d\" r=\"4\"/>", (x + to) / 2 - 5,
                  l->y);
        return;
    }
    draw_shaft(l, x, to + 2, " stroke-dasharray=\"2 4\"");
    if (is_answer(answer, SAGA_REJECTED))
        draw_cross(l, to + 10);
    else
        text_addf(&l->body, "<path fill=\"none\" d=\"M%d %d L%d %d L%d %d\"/>", to + 10, l->y - 5,
                  to + 1, l->y, to + 10, l->y + 5);
}

/* --- the whole -------------------------------------------------------------------------------- */

static const char *css_class(const struct timeline_entry *entry)
{
    if (entry->kind == TIMELINE_FAULT)
        return "fault";
    if (entry->kind == TIMELINE_REPAIR)
        return "quiet";
    if (entry->kind != TIMELINE_ANSWER)
        return "step";
    return is_answer(entry, SAGA_OK) ? "ok" : is_answer(entry, SAGA_REJECTED) ? "wrong" : "fault";
}

static void draw_entry(struct lanes *l, const struct timeline_entry *entry)
{
    l->rows++;
    l->y += ROW;
    l->faults += entry->kind == TIMELINE_FAULT;
    text_addf(&l->body,
              "<g class=\"%s\"><text class=\"code\" text-anchor=\"end\" x=\"%d\" y=\"%d\">%lld"
              "</text>",
              css_class(entry), LEFT - 14, l->y + 4, (long long)entry->at_ms);
    if (entry->kind == TIMELINE_SENT)
        draw_command(l, entry);
    else if (entry->kind == TIMELINE_ANSWER)
        draw_answer(l, entry);
    else
        draw_note(l, entry);
    text_add(&l->body, "</g>\n");
}

static void draw_frame(struct text *svg, int bottom)
{
    for (int i = 0; i < TIMELINE_LANES; i++) {
        const char *name = timeline_service(i);
        int x = lane_x(i), length = (int)(strlen(name) - strlen("-service"));
        text_addf(svg,
                  "<line class=\"life\" x1=\"%d\" y1=\"34\" x2=\"%d\" y2=\"%d\"/><rect x=\"%d\" "
                  "y=\"8\" width=\"104\" height=\"26\" rx=\"5\"/><text text-anchor=\"middle\" "
                  "font-size=\"13\" x=\"%d\" y=\"26\">%.*s</text>",
                  x, x, bottom, x - 52, x, length, name);
    }
    text_addf(svg,
              "<text class=\"code\" text-anchor=\"end\" x=\"%d\" y=\"26\">ms</text>"
              "<text class=\"quiet\" font-size=\"12\" x=\"%d\" y=\"%d\">solid: a command; dashed: "
              "an undoing; dotted: an answer, lost when unknown, a cross when rejected; a cross on "
              "a lane: broken on purpose</text>\n",
              LEFT - 14, LEFT, bottom + 20);
}

void timeline_draw(struct check_run *run, const struct timeline *timeline)
{
    struct lanes l = {.y = HEAD};
    struct text svg = {0};
    char title[120], alt[240], box[40];
    for (int i = 0; i < timeline->count && i < ROWS_MAX; i++)
        draw_entry(&l, &timeline->entries[i]);
    if (timeline->count > ROWS_MAX) {
        snprintf(title, sizeof title, "and %d more", timeline->count - ROWS_MAX);
        l.y += ROW;
        draw_text(&l, LEFT, "start", title);
    }
    snprintf(title, sizeof title, "Checkout %s: %s", timeline->id, timeline->phase);
    snprintf(alt, sizeof alt,
             "What the checkout sent to six services and what they answered, in %d rows. Faults "
             "from outside among them: %d. It is %s.",
             l.rows, l.faults, timeline->phase);
    snprintf(box, sizeof box, "0 0 %d %d", WIDTH, l.y + 50);
    picture_open(&svg, title, alt, box);
    draw_frame(&svg, l.y + 20);
    text_append(&svg, text_str(&l.body), l.body.length);
    text_add(&svg, "</svg>");
    run_picture(run, title, alt, text_str(&svg));
    text_release(&svg);
    text_release(&l.body);
}
