/*
 * Lab 04's flows, each as a sequence from top to bottom.
 */
#include "suites/04-chat/pictures.h"

#include <stdlib.h>

#include "report/svg.h"

enum {
    HEAD = 46, /* names, and the room below them */
    NAME_HEIGHT = 26,
    CHARACTER = 7, /* width of one, about */
    ROW = 3 * PICTURE_LINE + 10,
    MARGIN = 6,
    PARTIES_MAX = DESIGN_SERVICES_MAX + 4
};

struct lanes {
    int parties[PARTIES_MAX]; /* in the order in which they are met */
    int count;
};

static int lane_of(struct lanes *lanes, int party)
{
    for (int i = 0; i < lanes->count; i++)
        if (lanes->parties[i] == party)
            return i;
    lanes->parties[lanes->count] = party;
    return lanes->count++;
}

static int middle_of(const struct lanes *lanes, int lane)
{
    const int step = PICTURE_WIDTH / lanes->count;
    return step / 2 + lane * step;
}

/* Words around x, moved where they would leave the picture. */
static void write_around(struct text *svg, const char *class_name, int x, int y,
                         const struct text *words)
{
    const int half = (int)words->length * CHARACTER / 2 + MARGIN;
    const int left = x - half < 0 ? half : x;
    svg_text(svg, class_name, left + half > PICTURE_WIDTH ? PICTURE_WIDTH - half : left, y, "%s",
             text_str(words));
}

/* A hop of a service to itself is an arrow that comes back. */
static void draw_arrow(struct text *svg, const struct design_hop *hop, int is_awaited, int from,
                       int to, int y)
{
    static const char *const classes[] = {"", "dashed", "dotted"};
    const char *class_name = is_awaited ? "thick" : classes[hop->kind];
    if (from != to) {
        svg_arrow(svg, class_name, hop->kind == DESIGN_CALL ? SVG_HEAD_FULL : SVG_HEAD_OPEN, from,
                  to, y);
        return;
    }
    svg_line(svg, class_name, from, y - 8, from + 30, y - 8);
    svg_line(svg, class_name, from + 30, y - 8, from + 30, y);
    svg_arrow(svg, class_name, SVG_HEAD_OPEN, from + 30, from, y);
}

static void draw_hop(struct text *svg, const struct chat_model *model, const struct design_hop *hop,
                     int is_awaited, struct lanes *lanes, int y)
{
    const int from = middle_of(lanes, lane_of(lanes, hop->from));
    const int to = middle_of(lanes, lane_of(lanes, hop->to));
    struct text name = {0}, terms = {0};
    text_add(&name, model->messages[hop->message].name);
    add_terms(&terms, hop);
    draw_arrow(svg, hop, is_awaited, from, to, y + 2 * PICTURE_LINE + 2);
    write_around(svg, "code middle", (from + to) / 2, y + PICTURE_LINE - 4, &name);
    write_around(svg, "code quiet middle", (from + to) / 2, y + 2 * PICTURE_LINE - 6, &terms);
    text_release(&name);
    text_release(&terms);
}

static void draw_names(struct text *svg, const struct chat_model *model, const struct lanes *lanes)
{
    for (int i = 0; i < lanes->count; i++) {
        struct text name = {0};
        text_add(&name, design_party_name(model, lanes->parties[i]));
        const int room = PICTURE_WIDTH / lanes->count - 4, columns = room / CHARACTER - 1;
        if ((int)name.length > columns) {
            name.bytes[name.length = (size_t)(columns > 1 ? columns - 1 : 0)] = '\0';
            text_add(&name, "~");
        }
        const int wide = (int)name.length * CHARACTER + CHARACTER * 2;
        svg_rect(svg, "name", middle_of(lanes, i) - wide / 2.0, 6, wide, NAME_HEIGHT);
        svg_text(svg, "middle", middle_of(lanes, i), 23, "%s", text_str(&name));
        text_release(&name);
    }
}

void picture_flow(const struct chat_model *model, const struct design_flow *flow, const char *title,
                  struct text *svg)
{
    struct lanes lanes = {0};
    struct text alt = {0}, serves = {0};
    const uint32_t awaited = flow_awaited(flow);
    for (int n = 0; n < flow->hop_count; n++) {
        lane_of(&lanes, flow->hops[n].from);
        lane_of(&lanes, flow->hops[n].to);
    }
    add_requirements(&serves, flow->requirements);
    text_addf(&alt, "%d hops between %d parties, serving %s.", flow->hop_count, lanes.count,
              text_str(&serves));
    const int bottom = HEAD + flow->hop_count * ROW;
    svg_begin(svg, title, text_str(&alt), PICTURE_WIDTH, bottom + 30);
    for (int i = 0; i < lanes.count; i++)
        svg_line(svg, "life", middle_of(&lanes, i), 6 + NAME_HEIGHT, middle_of(&lanes, i), bottom);
    draw_names(svg, model, &lanes);
    for (int n = 0; n < flow->hop_count; n++)
        draw_hop(svg, model, &flow->hops[n], (int)(awaited >> n & 1), &lanes, HEAD + n * ROW);
    svg_text(svg, "small quiet", MARGIN, bottom + 22,
             "Serves %s. Thick: somebody waits for the answer. Thin: a call nobody outside waits "
             "for. Dashed: posted. Dotted: streamed.",
             text_str(&serves));
    svg_end(svg);
    text_release(&alt);
    text_release(&serves);
}
