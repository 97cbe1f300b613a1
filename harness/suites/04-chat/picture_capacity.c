/*
 * Lab 04's capacity: the student's numbers against what the declared services bear.
 *
 * A bar ends at its limit, 80 % of what a service could do at most; more is drawn beyond it, up to
 * a quarter, and said. The costs are those of the simulation (load_costs.h).
 */
#include "suites/04-chat/pictures.h"

#include <math.h>

#include "04-chat/load_costs.h"
#include "report/svg.h"

enum {
    LABEL = 330,       /* width of the words left of the bars */
    FULL = 420,        /* width of a bar at its limit */
    BEYOND = FULL / 4, /* how far one goes beyond it */
    ROW = 46,
    BAR = 20,
    TOP = 16,
    CONNECTIONS_MAX = 100000 /* of one gateway */
};
static const double use_max = 0.8, link_bytes_s = 125e6; /* 1 Gbit/s */

struct bar {
    const char *words;
    double number, limit;
    void (*add)(struct text *out, double number);
};

static double commits_a_second(void)
{
    return 1e6 / (COST_COMMIT_US + COST_COMMIT_MEAN_US + COST_ROW_US);
}

/* Messages that the service can append with all its workers; a partition has one at a time. */
static double appends_a_second(const struct design_service *service)
{
    const int writers = service->instances * service->workers;
    const int used = writers < service->partitions ? writers : service->partitions;
    return use_max * used * commits_a_second();
}

static void draw_bar(struct text *svg, const struct bar *bar, int y)
{
    const double share = bar->number / bar->limit;
    const int is_over = !(share <= 1);
    const double width = fmax(2, fmin(share, 1) * FULL), more = fmin(share - 1, 0.25) * FULL;
    struct text words = {0};
    bar->add(&words, bar->number);
    text_add(&words, " of ");
    bar->add(&words, bar->limit);
    if (is_over)
        text_addf(&words, ": over its limit, %.3g times", share);
    svg_text(svg, "end", LABEL - 14, y + 15, "%s", bar->words);
    svg_rect(svg, "hollow", LABEL, y, FULL, BAR);
    svg_group(svg, is_over ? "wrong" : "ok");
    svg_rect(svg, "full", LABEL, y, width, BAR);
    if (is_over)
        svg_rect(svg, "dashed hollow", LABEL + FULL, y, more, BAR);
    svg_text(svg, is_over ? "code" : "code quiet", LABEL + 2, y + BAR + 15, "%s", text_str(&words));
    svg_group_end(svg);
    text_release(&words);
}

/* What no limit is known for, as words. */
static void draw_rest(struct text *svg, const struct capacity *own, int y)
{
    static const enum number rest[] = {NUMBER_MESSAGES, NUMBER_DELIVERIES, NUMBER_STORED,
                                       NUMBER_INDEX};
    for (int i = 0; i < 4; i++) {
        struct text words = {0};
        if (rest[i] == NUMBER_STORED || rest[i] == NUMBER_INDEX)
            add_bytes(&words, own->of[rest[i]]);
        else
            add_number(&words, own->of[rest[i]]);
        svg_text(svg, "end", LABEL - 14, y + i * PICTURE_LINE, "%s", number_words(rest[i]));
        svg_text(svg, "code", LABEL + 2, y + i * PICTURE_LINE, "%s", text_str(&words));
        text_release(&words);
    }
}

static void describe(struct text *alt, const struct bar *bars, int count)
{
    for (int i = 0; i < count; i++) {
        text_addf(alt, "%s%s ", i > 0 ? "; " : "", bars[i].words);
        bars[i].add(alt, bars[i].number);
        text_add(alt, " of ");
        bars[i].add(alt, bars[i].limit);
    }
    text_add(alt, ".");
}

void picture_capacity(const struct chat_model *model, const struct workload *workload,
                      const struct capacity *own, const char *title, struct text *svg)
{
    const int writer = design_owner(model, OWNS_MESSAGES);
    const double left = workload->gateways - 1;
    struct bar bars[4] = {
        {"connections of a gateway, one is lost", own->of[NUMBER_CONNECTIONS], CONNECTIONS_MAX,
         add_number},
        {"leaves a gateway a second, link of 1 Gbit/s", own->of[NUMBER_OUTGOING] / left,
         use_max * link_bytes_s, add_bytes},
        {"messages a second in the hottest partition", own->of[NUMBER_HOTTEST],
         use_max * commits_a_second(), add_number},
    };
    int count = 3;
    struct text alt = {0};
    if (writer != DESIGN_NONE)
        bars[count++] =
            (struct bar){"messages a second that are appended", own->of[NUMBER_MESSAGES],
                         appends_a_second(&model->services[writer]), add_number};
    describe(&alt, bars, count);
    svg_begin(svg, title, text_str(&alt), PICTURE_WIDTH, TOP + (count + 2) * ROW);
    for (int i = 0; i < count; i++)
        draw_bar(svg, &bars[i], TOP + i * ROW);
    draw_rest(svg, own, TOP + count * ROW + 20);
    svg_end(svg);
    text_release(&alt);
}
