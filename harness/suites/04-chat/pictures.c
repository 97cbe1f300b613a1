/*
 * Lab 04's pictures, drawn from the student's design as a review would have them: the services, who
 * owns what, each flow, and the numbers against what the services bear.
 */
#include "suites/04-chat/pictures.h"

#include <stdio.h>
#include <stdlib.h>

#include "report/layout.h"
#include "report/svg.h"
#include "suites/04-chat/capacity_ask.h"
#include "suites/04-chat/checks.h"

/* In the place of a picture: why there is none. */
static void say_why_not(struct check_run *run, const char *title, const char *why)
{
    struct text svg = {0};
    const char *rest = why;
    int y = 24;
    svg_begin(&svg, title, why, PICTURE_WIDTH, 24 + 4 * PICTURE_LINE);
    svg_text(&svg, "", 8, y, "There is nothing to draw yet:");
    while (*rest != '\0' && y < 24 + 3 * PICTURE_LINE) {
        const size_t piece = layout_piece(rest, 120);
        svg_text(&svg, "code", 8, y += PICTURE_LINE, "%.*s", (int)piece, rest);
        rest += piece;
    }
    svg_end(&svg);
    run_picture(run, title, why, text_str(&svg));
    text_release(&svg);
}

static void draw_map(struct check_run *run, const struct chat_model *model)
{
    struct text source = {0};
    char alt[200];
    snprintf(alt, sizeof alt,
             "%d services and who is outside. Solid edges are calls, dashed ones posts, dotted "
             "ones streams; what a sender waits for is bold.",
             model->service_count);
    picture_service_map(model, &source);
    run_picture(
        run,
        "Service map (calls solid, posts dashed, streams dotted, what a sender waits for bold)",
        alt, text_str(&source));
    text_release(&source);
}

static void draw_owners(struct check_run *run, const struct chat_model *model)
{
    static const char title[] = "Who owns which data";
    struct text source = {0};
    picture_owners(model, title, &source);
    run_picture(run, title, "The services with their entities and fields.", text_str(&source));
    text_release(&source);
}

static void draw_flows(struct check_run *run, const struct chat_model *model)
{
    for (int i = 0; i < model->flow_count; i++) {
        const struct design_flow *flow = &model->flows[i];
        struct text source = {0}, title = {0}, alt = {0};
        text_addf(&title, "Flow: %s", flow->name);
        text_addf(&alt, "%d hops.", flow->hop_count);
        if (flow->hop_count > 0) {
            picture_flow(model, flow, text_str(&title), &source);
            run_picture(run, text_str(&title), text_str(&alt), text_str(&source));
        } else {
            say_why_not(run, text_str(&title), "the flow has no hops.");
        }
        text_release(&source);
        text_release(&title);
        text_release(&alt);
    }
}

/* The workload of the lab text on the design's gateways and partitions. */
static void draw_capacity(struct check_run *run, const struct chat_model *model)
{
    static const char title[] = "Capacity (your numbers against what your services bear)";
    const int door = design_owner(model, OWNS_CONNECTIONS);
    const int writer = design_owner(model, OWNS_MESSAGES);
    struct workload workload = workload_standard();
    struct capacity own;
    struct text source = {0};
    if (door != DESIGN_NONE && model->services[door].instances >= 2)
        workload.gateways = model->services[door].instances;
    if (writer != DESIGN_NONE)
        workload.partitions = model->services[writer].partitions;
    struct probe *probe = run_probe(run);
    if (probe == NULL)
        return;
    const int is_there = capacity_ask(probe, &workload, &own) == PROBE_READY;
    probe_free(probe);
    if (!is_there || !capacity_is_usable(&own)) {
        say_why_not(run, title,
                    is_there ? "a function of capacity.c gives no number above 0 (step 2)."
                             : "the probe ended while it was asked for the numbers.");
        return;
    }
    picture_capacity(model, &workload, &own, title, &source);
    run_picture(run, title, "Bars of numbers against limits.", text_str(&source));
    text_release(&source);
}

void chat_pictures(struct check_run *run)
{
    struct chat_model *model = chat_read_design(run);
    if (model == NULL) {
        say_why_not(run, "The design",
                    run->result->got != NULL ? run->result->got : "the design cannot be read.");
        return;
    }
    draw_map(run, model);
    draw_owners(run, model);
    draw_flows(run, model);
    draw_capacity(run, model);
    free(model);
}
