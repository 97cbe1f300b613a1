/*
 * A story as a sequence picture: straight lifelines, time down, one arrow a step.
 *
 * Calls are solid with a full head, replies dashed with an open one, faults carry a diamond and
 * the word, the step that broke the rule stands on a band with a cross and words: no meaning hangs
 * on colour alone.
 */
#include "report/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/escape.h"
#include "report/layout.h"
#include "report/participants.h"
#include "report/picture.h"

enum {
    WIDTH = 900,
    LEFT = 76,       /* the times' column */
    HEAD = 44,       /* the participants' names */
    LINE = 16,       /* height of a line of text */
    CHARACTER = 73,  /* a monospaced column at 12 px, in tenths */
    TEXT_MIN = 300,  /* narrower arrows have texts that are wider than they are */
    TEXT_LINES = 12, /* of one step */
    PARTICIPANTS = 10
};

struct drawing {
    const char *names[PARTICIPANTS]; /* borrowed */
    int count;
    int y; /* where the next step starts */
    struct text body;
};

static int find(const struct drawing *d, const char *name)
{
    return find_participant(d->names, d->count, name);
}

static int lane(const struct drawing *d, int index)
{
    int step = (WIDTH - LEFT) / (d->count == 0 ? 1 : d->count);
    return LEFT + step / 2 + index * step;
}

static const char *kind_class(enum story_kind kind)
{
    return kind == STORY_WRONG ? "wrong" : kind == STORY_FAULT ? "fault" : "step";
}

/* Writes one line of words around x, moved where it would leave the picture. */
static void words_line(struct text *out, const char *bytes, size_t length, int x, int y)
{
    struct text line = {0};

    text_append(&line, bytes, length);
    int half = layout_columns(text_str(&line)) * CHARACTER / 20;
    x = x - half < LEFT ? LEFT + half : x + half > WIDTH ? WIDTH - half : x;
    text_addf(out, "<text class=\"code\" text-anchor=\"middle\" x=\"%d\" y=\"%d\">", x, y);
    escape_xml(out, text_str(&line));
    text_add(out, "</text>");
    text_release(&line);
}

/* Writes the step's words, wrapped around x, from d->y down; returns their lines. */
static int words(struct text *out, const struct drawing *d, const struct story_line *step, int x,
                 int width)
{
    struct text all = {0}, more = {0};
    int lines = 0;

    text_add(&all, step->kind == STORY_FAULT ? "fault: " : "");
    text_add(&all, step->kind == STORY_WRONG ? "the rule breaks here: " : "");
    if (step->to != NULL && find(d, step->to) < 0)
        text_addf(&all, "to %s: ", step->to);
    if (step->text != NULL)
        layout_clean_short(&all, step->text, strlen(step->text));
    const char *rest = text_str(&all);
    for (; *rest != '\0' && lines < TEXT_LINES; lines++) {
        size_t piece = layout_piece(rest, width * 10 / CHARACTER);
        words_line(out, rest, piece, x, d->y + LINE * (lines + 1) - 4);
        rest += piece;
    }
    if (*rest != '\0') {
        lines++;
        text_addf(&more, "(%zu bytes more)", strlen(rest));
        words_line(out, text_str(&more), more.length, x, d->y + LINE * lines - 4);
    }
    text_release(&all);
    text_release(&more);
    return lines;
}

static void arrow(struct text *out, int from, int to, int y, enum story_kind kind)
{
    const int way = to > from ? 1 : -1, tip = to - way;

    text_addf(out, "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"%s%s/>", from, y, tip, y,
              kind == STORY_REPLY ? " stroke-dasharray=\"7 5\"" : "",
              kind == STORY_WRONG ? " stroke-width=\"2.5\"" : "");
    if (kind == STORY_REPLY)
        text_addf(out, "<path fill=\"none\" d=\"M%d %d L%d %d L%d %d\"/>", tip - 9 * way, y - 5,
                  tip, y, tip - 9 * way, y + 5);
    else
        text_addf(out, "<polygon class=\"head\" points=\"%d,%d %d,%d %d,%d\"/>", tip - 10 * way,
                  y - 5, tip, y, tip - 10 * way, y + 5);
}

/* The mark of a fault (a diamond) or of the broken rule (a cross) around x, y. */
static void mark(struct text *out, int x, int y, enum story_kind kind)
{
    if (kind == STORY_FAULT)
        text_addf(out, "<polygon class=\"head\" points=\"%d,%d %d,%d %d,%d %d,%d\"/>", x - 8, y, x,
                  y - 8, x + 8, y, x, y + 8);
    else if (kind == STORY_WRONG)
        text_addf(out,
                  "<path fill=\"none\" stroke-width=\"3\" d=\"M%d %d l14 14 m0 -14 l-14 14\"/>",
                  x - 7, y - 7);
    else
        text_addf(out, "<circle class=\"head\" fill=\"currentColor\" cx=\"%d\" cy=\"%d\" r=\"4\"/>",
                  x, y);
}

static void step(struct drawing *d, const struct story_line *line)
{
    int from = find(d, line->from), to = find(d, line->to);
    int a = lane(d, from >= 0 ? from : 0), b = to >= 0 ? lane(d, to) : a;
    int span = abs(a - b) - 20, width = span > TEXT_MIN ? span : TEXT_MIN;
    int middle = (a + b) / 2;
    struct text said = {0};

    if (d->count == 1)
        width = WIDTH - LEFT - 20;
    int height = LINE * words(&said, d, line, middle, width) + 12;
    int y = d->y + height - 4;
    text_addf(&d->body, "<g class=\"%s\">", kind_class(line->kind));
    if (line->kind == STORY_WRONG)
        text_addf(&d->body, "<rect class=\"band\" x=\"0\" y=\"%d\" width=\"%d\" height=\"%d\"/>",
                  d->y - 2, WIDTH, height + 10);
    text_add(&d->body, text_str(&said));
    text_release(&said);
    if (a != b) {
        arrow(&d->body, a, b, y, line->kind);
        if (line->kind >= STORY_FAULT)
            mark(&d->body, (a + b) / 2, y, line->kind);
    } else {
        mark(&d->body, a, y, line->kind);
    }
    text_addf(&d->body,
              "<text class=\"code\" text-anchor=\"end\" x=\"%d\" y=\"%d\">%" PRId64 "</text></g>\n",
              LEFT - 12, y + 4, line->at_ms);
    d->y += height + 14;
}

static void participants(struct text *svg, const struct drawing *d, int y)
{
    for (int i = 0; i < d->count; i++) {
        int room = (WIDTH - LEFT) / d->count - 12;
        int x = lane(d, i), wide = 20 + 8 * layout_columns(d->names[i]);
        if (wide > room)
            wide = room;
        text_addf(svg,
                  "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"26\" rx=\"5\"/><text x=\"%d\" "
                  "y=\"%d\" text-anchor=\"middle\" font-size=\"13\"",
                  x - wide / 2, y, wide, x, y + 17);
        if (63 * layout_columns(d->names[i]) / 10 > wide - 10)
            text_addf(svg, " textLength=\"%d\" lengthAdjust=\"spacingAndGlyphs\"", wide - 10);
        text_add(svg, ">");
        escape_visible(svg, d->names[i], 0);
        text_add(svg, "</text>");
    }
}

/* The picture in words: who takes part, how long it is, where the rule broke. */
static void describe(struct text *alt, const struct drawing *d, const struct story *story)
{
    text_addf(alt, "%d steps between", story->count);
    for (int i = 0; i < d->count; i++)
        text_addf(alt, "%s %s", i == 0 ? "" : i == d->count - 1 ? " and" : ",", d->names[i]);
    text_add(alt, ".");
    for (int i = 0; i < story->count; i++)
        if (story->lines[i].kind == STORY_WRONG)
            text_addf(alt, " The rule breaks at step %d: %.200s.", i + 1,
                      story->lines[i].text == NULL ? "" : story->lines[i].text);
}

void picture_from_story(const struct story *story, const char *title, struct text *svg)
{
    struct drawing d = {.y = HEAD};
    struct text alt = {0}, box = {0};

    d.count = story_participants(story, d.names, PARTICIPANTS);
    for (int i = 0; i < story->count; i++)
        step(&d, &story->lines[i]);
    describe(&alt, &d, story);
    text_addf(&box, "0 0 %d %d", WIDTH, d.y + 34);
    picture_open(svg, title, text_str(&alt), text_str(&box));
    text_addf(svg, "<text class=\"code\" text-anchor=\"end\" x=\"%d\" y=\"23\">%s</text>",
              LEFT - 12, story->virtual_time ? "virt. ms" : "ms");
    for (int i = 0; i < d.count; i++)
        text_addf(svg, "<line class=\"life\" x1=\"%d\" y1=\"30\" x2=\"%d\" y2=\"%d\"/>",
                  lane(&d, i), lane(&d, i), d.y + 4);
    participants(svg, &d, 6);
    text_add(svg, "\n");
    text_add(svg, text_str(&d.body));
    participants(svg, &d, d.y + 4);
    text_add(svg, "</svg>\n");
    text_release(&d.body);
    text_release(&alt);
    text_release(&box);
}
