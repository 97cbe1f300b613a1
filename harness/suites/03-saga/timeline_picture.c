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
#include "report/svg.h"

enum { ROWS_MAX = 60 };
enum { WIDTH = 900, LEFT = 70, HEAD = 50, ROW = 26 };

struct lanes {
    struct text body;
    int y, rows, marks;
};

static int lane_x(int lane)
{
    return LEFT + (2 * lane + 1) * (WIDTH - LEFT) / (2 * TALE_LANES);
}

/* --- parts ------------------------------------------------------------------------------------ */

static void words(struct lanes *l, int x, const char *class_name, const char *said)
{
    svg_text(&l->body, class_name, x, l->y - 5, "%s", said);
}

/* What stands on one lane, its words beside it. */
static void draw_note(struct lanes *l, const struct tale_line *note)
{
    int x = lane_x(note->lane), to_the_left = note->lane > TALE_LANES / 2;
    if (note->kind == TALE_BLOW)
        svg_cross(&l->body, x, l->y);
    else
        svg_circle(&l->body, "full", x, l->y, 4);
    l->y += 9;
    words(l, to_the_left ? x - 12 : x + 12, to_the_left ? "code end" : "code", note->words);
    l->y -= 9;
}

static void draw_command(struct lanes *l, const struct tale_line *sent)
{
    int x = lane_x(sent->lane), from = lane_x(0);
    char command[TALE_WORDS_SIZE], said[TALE_WORDS_SIZE + 24];
    tale_command(sent, command);
    snprintf(said, sizeof said, "%s", command);
    if (sent->attempt > 1)
        snprintf(said, sizeof said, "%s, attempt %d", command, sent->attempt);
    words(l, (x + from) / 2, "code middle", said);
    svg_arrow(&l->body, sent->back ? "dashed thick" : "", SVG_HEAD_FULL, from, x, l->y);
}

static int is_answer(const struct tale_line *told, enum saga_answer answer)
{
    return told->kind == TALE_ANSWER && strcmp(told->words, saga_answer_name(answer)) == 0;
}

static void draw_answer(struct lanes *l, const struct tale_line *answer)
{
    int x = lane_x(answer->lane), to = lane_x(0);
    char said[TALE_WORDS_SIZE + 8];
    snprintf(said, sizeof said, "%s%s", answer->late ? "late: " : "", answer->words);
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

static const char *look_of(const struct tale_line *told)
{
    if (told->kind == TALE_BLOW)
        return "fault";
    if (told->kind == TALE_MENDED)
        return "quiet";
    if (told->kind != TALE_ANSWER)
        return "step";
    return is_answer(told, SAGA_OK) ? "ok" : is_answer(told, SAGA_REJECTED) ? "wrong" : "fault";
}

static void draw_line(struct lanes *l, const struct tale_line *told)
{
    l->rows++;
    l->y += ROW;
    l->marks += told->kind == TALE_BLOW;
    svg_group(&l->body, look_of(told));
    svg_text(&l->body, "code end", LEFT - 14, l->y + 4, "%lld", (long long)told->at_ms);
    if (told->kind == TALE_SENT)
        draw_command(l, told);
    else if (told->kind == TALE_ANSWER)
        draw_answer(l, told);
    else
        draw_note(l, told);
    svg_group_end(&l->body);
}

static void draw_frame(struct text *svg, int bottom)
{
    for (int i = 0; i < TALE_LANES; i++) {
        const char *name = tale_service(i);
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

void tale_draw(struct check_run *run, const struct tale *tale)
{
    struct lanes l = {.y = HEAD};
    struct text svg = {0};
    char title[120], alt[240];
    for (int i = 0; i < tale->count && i < ROWS_MAX; i++)
        draw_line(&l, &tale->lines[i]);
    if (tale->count > ROWS_MAX) {
        snprintf(title, sizeof title, "and %d more", tale->count - ROWS_MAX);
        l.y += ROW;
        words(&l, LEFT, "code", title);
    }
    snprintf(title, sizeof title, "Checkout %s: %s", tale->id, tale->phase);
    snprintf(alt, sizeof alt,
             "What the checkout sent to six services and what they answered, in %d rows. Blows "
             "from outside among them: %d. It is %s.",
             l.rows, l.marks, tale->phase);
    svg_begin(&svg, title, alt, WIDTH, l.y + 50);
    draw_frame(&svg, l.y + 20);
    text_append(&svg, text_str(&l.body), l.body.length);
    svg_end(&svg);
    run_picture(run, title, alt, text_str(&svg));
    text_release(&svg);
    text_release(&l.body);
}
