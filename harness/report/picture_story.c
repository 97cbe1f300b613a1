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

#include "report/layout.h"
#include "report/participants.h"
#include "report/svg.h"

enum {
    WIDTH = 900,
    LEFT = 76, /* the times' column */
    HEAD = 44, /* the participants' names */
    NAME_HEIGHT = 26,
    NAME_CHARACTER = 7, /* a column of a name at 13 px */
    NAME_MARGIN = 24,
    LINE = 16,        /* height of a line of text */
    CHARACTER = 73,   /* a monospaced column at 12 px, in tenths */
    TEXT_MARGIN = 20, /* between a text and the lifelines beside it */
    TEXT_MIN = 180,   /* with five lifelines and more a text may cross one */
    TEXT_LINES = 12,  /* of one step */
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

/* From one lifeline to the next. */
static int lane_step(const struct drawing *d)
{
    return (WIDTH - LEFT) / (d->count == 0 ? 1 : d->count);
}

static int lane(const struct drawing *d, int index)
{
    return LEFT + lane_step(d) / 2 + index * lane_step(d);
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
    svg_text(out, "code middle", x, y, "%s", text_str(&line));
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
    if (step->from != NULL && find(d, step->from) < 0)
        text_addf(&all, "%s: ", step->from);
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
    const int is_reply = kind == STORY_REPLY;

    svg_arrow(out,
              is_reply              ? "dashed"
              : kind == STORY_WRONG ? "thick"
                                    : "",
              is_reply ? SVG_HEAD_OPEN : SVG_HEAD_FULL, from, to, y);
}

/* The mark of a fault, of the broken rule, or of what happens at one participant. */
static void mark(struct text *out, int x, int y, enum story_kind kind)
{
    if (kind == STORY_FAULT)
        svg_diamond(out, x, y);
    else if (kind == STORY_WRONG)
        svg_cross(out, x, y);
    else
        svg_circle(out, "full", x, y, 4);
}

static void step(struct drawing *d, const struct story_line *line)
{
    int from = find(d, line->from), to = find(d, line->to);
    int a = lane(d, from >= 0 ? from : to >= 0 ? to : 0), b = to >= 0 ? lane(d, to) : a;
    int span = (a == b ? lane_step(d) : abs(a - b)) - TEXT_MARGIN;
    int width = span > TEXT_MIN ? span : TEXT_MIN;
    struct text said = {0};

    int height = LINE * words(&said, d, line, (a + b) / 2, width) + 12;
    int y = d->y + height - 4;
    svg_group(&d->body, kind_class(line->kind));
    if (line->kind == STORY_WRONG)
        svg_rect(&d->body, "band", 0, d->y - 2, WIDTH, height + 10);
    text_add(&d->body, text_str(&said));
    text_release(&said);
    if (a != b)
        arrow(&d->body, a, b, y, line->kind);
    if (a == b || line->kind >= STORY_FAULT)
        mark(&d->body, (a + b) / 2, y, line->kind);
    svg_text(&d->body, "code end", LEFT - 12, y + 4, "%" PRId64, line->at_ms);
    svg_group_end(&d->body);
    d->y += height + 14;
}

/* A participant's name as it fits into room: whole, without "-service", or without its end. */
static void fitting_name(const char *name, int room, struct text *out)
{
    static const char suffix[] = "-service";
    const int columns = room / NAME_CHARACTER;

    layout_clean(out, name, strlen(name));
    size_t tail = sizeof suffix - 1;
    if (layout_columns(text_str(out)) > columns && out->length > tail &&
        strcmp(out->bytes + out->length - tail, suffix) == 0)
        out->bytes[out->length -= tail] = '\0';
    if (layout_columns(text_str(out)) > columns) {
        out->bytes[out->length = layout_piece(out->bytes, columns - 1)] = '\0';
        text_add(out, "~");
    }
}

static void participants(struct text *svg, const struct drawing *d, int y)
{
    for (int i = 0; i < d->count; i++) {
        struct text name = {0};
        int x = lane(d, i);
        fitting_name(d->names[i], lane_step(d) - NAME_MARGIN, &name);
        int wide = 16 + NAME_CHARACTER * layout_columns(text_str(&name));
        svg_rect(svg, "name", x - wide / 2.0, y, wide, NAME_HEIGHT);
        svg_text(svg, "middle", x, y + 17, "%s", text_str(&name));
        text_release(&name);
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
    struct text alt = {0};

    d.count = story_participants(story, d.names, PARTICIPANTS);
    for (int i = 0; i < story->count; i++)
        step(&d, &story->lines[i]);
    describe(&alt, &d, story);
    svg_begin(svg, title, text_str(&alt), WIDTH, d.y + 34);
    svg_text(svg, "code end", LEFT - 12, 23, "%s", story->virtual_time ? "virt. ms" : "ms");
    for (int i = 0; i < d.count; i++)
        svg_line(svg, "life", lane(&d, i), 30, lane(&d, i), d.y + 4);
    participants(svg, &d, 6);
    text_add(svg, "\n");
    text_add(svg, text_str(&d.body));
    participants(svg, &d, d.y + 4);
    svg_end(svg);
    text_release(&d.body);
    text_release(&alt);
}
