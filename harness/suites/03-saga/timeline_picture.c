/*
 * Lab 03's picture of one checkout: one lane per service, time down.
 *
 * A command is a solid arrow, an undoing a dashed one, an answer a dotted line: an open head for
 * OK, a cross for REJECTED, a line that does not arrive for UNKNOWN. What was done to a service
 * from outside stands on its lane. Words say all of it too.
 */
#include "suites/03-saga/timeline.h"

#include <stdio.h>
#include <string.h>
#include "report/svg.h"

enum { ROWS_MAX = 60 };
enum { WIDTH = 900, LEFT = 70, HEAD = 50, ROW = 26 };

struct lanes {
    struct text body;
    int y, rows, marks;
};

static int lane_x(int lane)
{
    return LEFT + (2 * lane + 1) * (WIDTH - LEFT) / (2 * TIMELINE_LANES);
}

/* --- parts ------------------------------------------------------------------------------------ */

static void words(struct lanes *l, int x, const char *class_name, const char *said)
{
    svg_text(&l->body, class_name, x, l->y - 5, "%s", said);
}

/* What stands on one lane, its words beside it. */
static void draw_note(struct lanes *l, const struct timeline_line *note)
{
    int x = lane_x(note->lane), to_the_left = note->lane > TIMELINE_LANES / 2;
    if (note->kind == TIMELINE_FAULT)
        svg_cross(&l->body, x, l->y);
    else
        svg_circle(&l->body, "full", x, l->y, 4);
    l->y += 9;
    words(l, to_the_left ? x - 12 : x + 12, to_the_left ? "code end" : "code", note->words);
    l->y -= 9;
}

static void draw_command(struct lanes *l, const struct timeline_line *sent)
{
    int x = lane_x(sent->lane), from = lane_x(0);
    char command[TIMELINE_WORDS_SIZE], said[TIMELINE_WORDS_SIZE + 24];
    timeline_command(sent, command);
    snprintf(said, sizeof said, "%s", command);
    if (sent->attempt > 1)
        snprintf(said, sizeof said, "%s, attempt %d", command, sent->attempt);
    words(l, (x + from) / 2, "code middle", said);
    svg_arrow(&l->body, sent->back ? "dashed thick" : "", SVG_HEAD_FULL, from, x, l->y);
}

static int is_answer(const struct timeline_line *entry, enum saga_answer answer)
{
    return entry->kind == TIMELINE_ANSWER && strcmp(entry->words, saga_answer_name(answer)) == 0;
}

/* newest: the attempt that had been sent last; an answer to another one says which. */
static void draw_answer(struct lanes *l, const struct timeline_line *answer, int newest)
{
    int x = lane_x(answer->lane), to = lane_x(0);
    char said[TIMELINE_WORDS_SIZE + 40];
    snprintf(said, sizeof said, "%s%s", answer->late ? "late: " : "", answer->words);
    if (newest != answer->attempt)
        snprintf(said, sizeof said, "%s%s, to attempt %d", answer->late ? "late: " : "",
                 answer->words, answer->attempt);
    words(l, (x + to) / 2, "code middle", said);
    if (is_answer(answer, SAGA_UNKNOWN)) {
        svg_line(&l->body, "dotted", x, l->y, (x + to) / 2.0, l->y);
        svg_circle(&l->body, "hollow", (x + to) / 2.0 - 5, l->y, 4);
    } else if (is_answer(answer, SAGA_REJECTED)) {
        svg_line(&l->body, "dotted", x, l->y, to + 2, l->y);
        svg_cross(&l->body, to + 10, l->y);
    } else {
        svg_arrow(&l->body, "dotted", SVG_HEAD_OPEN, x, to, l->y);
    }
}

/* --- the whole -------------------------------------------------------------------------------- */

static const char *look_of(const struct timeline_line *entry)
{
    if (entry->kind == TIMELINE_FAULT)
        return "fault";
    if (entry->kind == TIMELINE_REPAIR)
        return "quiet";
    if (entry->kind != TIMELINE_ANSWER)
        return "step";
    return is_answer(entry, SAGA_OK) ? "ok" : is_answer(entry, SAGA_REJECTED) ? "wrong" : "fault";
}

static void draw_entry(struct lanes *l, const struct timeline *timeline,
                       const struct timeline_line *entry)
{
    l->rows++;
    l->y += ROW;
    l->marks += entry->kind == TIMELINE_FAULT;
    svg_group(&l->body, look_of(entry));
    svg_text(&l->body, "code end", LEFT - 14, l->y + 4, "%lld", (long long)entry->at_ms);
    if (entry->kind == TIMELINE_SENT)
        draw_command(l, entry);
    else if (entry->kind == TIMELINE_ANSWER)
        draw_answer(l, entry, timeline_newest_attempt(timeline, entry));
    else
        draw_note(l, entry);
    svg_group_end(&l->body);
}

static void draw_frame(struct text *svg, int bottom)
{
    for (int i = 0; i < TIMELINE_LANES; i++) {
        const char *name = timeline_service(i);
        int x = lane_x(i), length = (int)(strlen(name) - strlen("-service"));
        svg_line(svg, "life", x, 34, x, bottom);
        svg_rect(svg, "name", x - 52, 8, 104, 26);
        svg_text(svg, "middle", x, 26, "%.*s", length, name);
    }
    svg_text(svg, "code end", LEFT - 14, 26, "ms");
    svg_text(svg, "quiet small", LEFT, bottom + 20,
             "solid: a command; dashed: an undoing; dotted: an answer, lost when unknown, a cross "
             "when rejected; a cross on a lane: broken on purpose");
    text_add(svg, "\n");
}

void timeline_draw(struct check_run *run, const struct timeline *timeline)
{
    struct lanes l = {.y = HEAD};
    struct text svg = {0};
    char title[120], alt[240];
    for (int i = 0; i < timeline->count && i < ROWS_MAX; i++)
        draw_entry(&l, timeline, &timeline->lines[i]);
    if (timeline->count > ROWS_MAX) {
        snprintf(title, sizeof title, "and %d more", timeline->count - ROWS_MAX);
        l.y += ROW;
        words(&l, LEFT, "code", title);
    }
    snprintf(title, sizeof title, "Checkout %s: %s", timeline->id, timeline->phase);
    snprintf(alt, sizeof alt,
             "What the checkout sent to six services and what they answered, in %d rows. Faults "
             "from outside among them: %d. It is %s.",
             l.rows, l.marks, timeline->phase);
    svg_begin(&svg, title, alt, WIDTH, l.y + 50);
    draw_frame(&svg, l.y + 20);
    text_append(&svg, text_str(&l.body), l.body.length);
    svg_end(&svg);
    run_picture(run, title, alt, text_str(&svg));
    text_release(&svg);
    text_release(&l.body);
}
