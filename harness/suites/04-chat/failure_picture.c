/*
 * Lab 04, step 3: what users can do while a service is down, as a matrix.
 */
#include "report/svg.h"
#include "suites/04-chat/failure.h"

int review_promises(const struct review *review, int service, int requirement)
{
    return (review->model->services[service].survives >> requirement) & 1;
}

int review_survives(const struct review *review, int service, int requirement)
{
    return outcome_is_survived(review->survival.down[service][requirement].outcome);
}

enum { LEFT = 110, COLUMN = 92, TOP = 50, ROW = 40 };

static void draw_cell(const struct review *review, int service, int requirement, struct text *svg)
{
    const enum outcome all = review->survival.down[service][requirement].outcome;
    const enum outcome one = review->survival.one_down[service][requirement].outcome;
    const int is_right = review_survives(review, service, requirement) ==
                         review_promises(review, service, requirement);
    const char *look = !is_right ? "wrong" : outcome_is_survived(all) ? "ok" : "quiet";
    const int x = LEFT + requirement * COLUMN, y = TOP + service * ROW;
    svg_group(svg, look);
    svg_rect(svg, is_right ? "hollow name" : "hollow name thick", x, y, COLUMN - 6, ROW - 6);
    svg_text(svg, "middle", x + (COLUMN - 6) / 2, y + 15, "%s%s", outcome_name(all),
             is_right ? "" : " !");
    svg_group_end(svg);
    svg_text(svg, "small middle quiet", x + (COLUMN - 6) / 2, y + 29, "one: %s", outcome_name(one));
}

/* "search: find fails", what goes on is left out: the picture in words. */
static void describe(const struct review *review, struct text *alt)
{
    text_add(alt, "While all instances are down:");
    for (int i = 0; i < review->model->service_count; i++) {
        int count = 0;
        text_addf(alt, " %s:", review->model->services[i].name);
        for (int k = 0; k < REQUIREMENTS; k++) {
            const int is_promised_here = review_promises(review, i, k);
            if (review_survives(review, i, k) && is_promised_here)
                continue;
            text_addf(alt, "%s %s %s%s", count++ > 0 ? "," : "",
                      requirement_name((enum requirement)(1 << k)),
                      outcome_name(review->survival.down[i][k].outcome),
                      review_survives(review, i, k) != is_promised_here ? " (declared otherwise)"
                                                                        : "");
        }
        text_add(alt, count == 0 ? " all goes on." : ".");
    }
}

void review_draw(const struct review *review)
{
    static const char title[] = "What users can do while a service is down";
    const int bottom = TOP + review->model->service_count * ROW;
    struct text svg = {0}, alt = {0};
    describe(review, &alt);
    svg_begin(&svg, title, text_str(&alt), LEFT + REQUIREMENTS * COLUMN, bottom + 44);
    for (int k = 0; k < REQUIREMENTS; k++)
        svg_text(&svg, "middle", LEFT + k * COLUMN + (COLUMN - 6) / 2, 30, "%s",
                 requirement_name((enum requirement)(1 << k)));
    for (int i = 0; i < review->model->service_count; i++) {
        svg_text(&svg, "end", LEFT - 8, TOP + i * ROW + 21, "%.14s",
                 review->model->services[i].name);
        for (int k = 0; k < REQUIREMENTS; k++)
            draw_cell(review, i, k, &svg);
    }
    svg_text(&svg, "small quiet", LEFT, bottom + 16,
             "Rows: the service that is down, all of it; below, one instance of it.");
    svg_text(&svg, "small quiet", LEFT, bottom + 34,
             "! and a thick line: the design says otherwise (survives).");
    svg_end(&svg);
    run_picture(review->run, title, text_str(&alt), text_str(&svg));
    text_release(&svg);
    text_release(&alt);
}
