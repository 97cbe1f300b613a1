/*
 * Lab 04, step 3: pictures of the design under load.
 */
#include <math.h>
#include <stdio.h>
#include "report/svg.h"
#include "suites/04-chat/load.h"

/* --- use -------------------------------------------------------------------------------------- */

enum { LEFT = 150, BAR = 480, RIGHT = 90, TOP = 34, ROW = 26 };

void draw_use(const struct trial *trial)
{
    static const char title[] = "How busy each service is at the peak, one gateway being lost";
    const struct chat_model *model = trial->model;
    const struct load_summary *result = trial->result;
    const int limit = LEFT + BAR * USE_LIMIT_PERCENT / 100;
    const int bottom = TOP + model->service_count * ROW;
    struct text svg = {0}, alt = {0};
    text_add(&alt, "Percent of the time, and the mean queue of one instance:");
    for (int i = 0; i < model->service_count; i++)
        text_addf(&alt, " %s %.1f, %.1f%s", model->services[i].name, 100 * result->use[i].mean,
                  result->queue[i].mean, i < model->service_count - 1 ? ";" : ". ");
    text_addf(&alt, "The limit is %d percent.", USE_LIMIT_PERCENT);
    svg_begin(&svg, title, text_str(&alt), LEFT + BAR + RIGHT, bottom + 30);
    svg_text(&svg, "small end", limit, 16, "limit %d %%", USE_LIMIT_PERCENT);
    svg_text(&svg, "small", LEFT + BAR + 8, 16, "queue");
    for (int i = 0; i < model->service_count; i++) {
        const double use = result->use[i].mean < 1 ? result->use[i].mean : 1;
        const int y = TOP + i * ROW,
                  is_over = estimate_is_above(&result->use[i], 0.01 * USE_LIMIT_PERCENT);
        svg_group(&svg, is_over ? "wrong" : "ok");
        svg_text(&svg, "end", LEFT - 8, y + 13, "%s", model->services[i].name);
        svg_rect(&svg, "full", LEFT, y, use * BAR, ROW - 10);
        svg_group_end(&svg);
        svg_text(&svg, "small", LEFT + use * BAR + 5, y + 13, "%.1f %%", 100 * result->use[i].mean);
        svg_text(&svg, "small", LEFT + BAR + 8, y + 13, "%.1f (%d)", result->queue[i].mean,
                 result->queue_peak[i]);
    }
    svg_line(&svg, "dashed", limit, 22, limit, bottom);
    svg_text(&svg, "small quiet", LEFT, bottom + 20,
             "Queue: its mean length at one instance, and in brackets the longest.");
    svg_end(&svg);
    run_picture(trial->run, title, text_str(&alt), text_str(&svg));
    text_release(&svg);
    text_release(&alt);
}

/* --- latencies -------------------------------------------------------------------------------- */

enum { GRAPH_LEFT = 60, GRAPH_WIDTH = 600, GRAPH_HEIGHT = 200, GRAPH_TOP = 30, DECADES = 4 };

/* 1 ms at the left, 10 s at the right: each decade is as wide. */
static double place_of_ms(double ms)
{
    const double place = log10(ms > 1 ? ms : 1) / DECADES;
    return GRAPH_LEFT + GRAPH_WIDTH * (place < 1 ? place : 1);
}

/* The share of all that took at most so long. */
static void draw_curve(struct text *svg, const char *look, const struct histogram *histogram)
{
    struct text path = {0};
    int64_t below = 0;
    text_addf(&path, "M%d %d", GRAPH_LEFT, GRAPH_TOP + GRAPH_HEIGHT);
    double last_x = GRAPH_LEFT;
    for (int i = 0; i < HISTOGRAM_BUCKETS; i++) {
        below += histogram->buckets[i];
        const double x = place_of_ms((double)histogram_floor(i + 1) / 1e6);
        if (histogram->buckets[i] == 0 || (x < last_x + 1 && below < histogram->count))
            continue;
        text_addf(&path, " L%.1f %.1f", x,
                  GRAPH_TOP + GRAPH_HEIGHT * (1 - (double)below / (double)histogram->count));
        last_x = x;
    }
    svg_path(svg, look, "%s", text_str(&path));
    text_release(&path);
}

static void draw_limit(struct text *svg, double ms, int y, const char *words)
{
    const double x = place_of_ms(ms);
    svg_line(svg, "dashed", x, GRAPH_TOP, x, GRAPH_TOP + GRAPH_HEIGHT);
    svg_text(svg, "small", x + 5, y, "%s", words);
}

void draw_latencies(const struct trial *trial)
{
    static const char title[] = "From sending to the answer, and to the readers, at the peak";
    static const char *const marks[] = {"1 ms", "10 ms", "100 ms", "1 s", "10 s"};
    const struct load_summary *result = trial->result;
    const int bottom = GRAPH_TOP + GRAPH_HEIGHT;
    struct text svg = {0};
    char alt[320];
    if (result->answers.count == 0)
        snprintf(
            alt, sizeof alt,
            "No sender has an answer. Half of the readers have the message after %.1f ms, 99 of "
            "100 after %.1f ms (limit %d).",
            result->delivery_p50_ms.mean, result->delivery_p99_ms.mean, DELIVERY_LIMIT_MS);
    else
        snprintf(
            alt, sizeof alt,
            "Half of the senders have their answer after %.1f ms, 99 of 100 after %.1f ms (limit "
            "%d). Half of the readers have the message after %.1f ms, 99 of 100 after %.1f ms "
            "(limit %d).",
            result->answer_p50_ms.mean, result->answer_p99_ms.mean, ANSWER_LIMIT_MS,
            result->delivery_p50_ms.mean, result->delivery_p99_ms.mean, DELIVERY_LIMIT_MS);
    svg_begin(&svg, title, alt, GRAPH_LEFT + GRAPH_WIDTH + 40, bottom + 60);
    for (int i = 0; i <= DECADES; i++) {
        const double x = GRAPH_LEFT + (double)GRAPH_WIDTH * i / DECADES;
        svg_line(&svg, "life", x, GRAPH_TOP, x, bottom);
        svg_text(&svg, "small middle", x, bottom + 18, "%s", marks[i]);
    }
    for (int percent = 0; percent <= 100; percent += 50)
        svg_text(&svg, "small end", GRAPH_LEFT - 6, bottom - GRAPH_HEIGHT * percent / 100 + 4,
                 "%d %%", percent);
    draw_limit(&svg, ANSWER_LIMIT_MS, bottom - 40, "answers");
    draw_limit(&svg, DELIVERY_LIMIT_MS, bottom - 20, "readers");
    draw_curve(&svg, "thick", &result->answers);
    draw_curve(&svg, "thick dashed ok", &result->deliveries);
    if (result->answers.count == 0)
        svg_text(&svg, "small", GRAPH_LEFT, bottom + 40,
                 "Nobody is answered. Dashed: with the readers. p99 %.1f ms.",
                 result->delivery_p99_ms.mean);
    else
        svg_text(&svg, "small", GRAPH_LEFT, bottom + 40,
                 "Line: answered. Dashed: with the readers. p99 %.1f and %.1f ms.",
                 result->answer_p99_ms.mean, result->delivery_p99_ms.mean);
    svg_end(&svg);
    run_picture(trial->run, title, alt, text_str(&svg));
    text_release(&svg);
}

/* --- the storm -------------------------------------------------------------------------------- */

enum { STORM_S = LOAD_BACK_S };

static void draw_return(struct text *svg, const char *look, const struct load_seen *seen)
{
    struct text path = {0};
    int64_t back = 0;
    const int bottom = GRAPH_TOP + GRAPH_HEIGHT;
    text_addf(&path, "M%d %d", GRAPH_LEFT, bottom);
    for (int i = 0; i < STORM_S * 1000 / LOAD_BACK_BIN_MS && back < seen->back; i++) {
        back += seen->back_in[i];
        text_addf(&path, " L%.1f %.1f",
                  GRAPH_LEFT + (double)GRAPH_WIDTH * (i + 1) * LOAD_BACK_BIN_MS / 1000 / STORM_S,
                  bottom - GRAPH_HEIGHT * (double)back / (double)seen->returning);
    }
    svg_path(svg, look, "%s", text_str(&path));
    text_release(&path);
}

/* "answers take 12 ms", or that there are none. */
static const char *say_answers(const struct histogram *answers, char out[40])
{
    if (answers->count == 0)
        return "nobody is answered";
    snprintf(out, 40, "answers take %.0f ms", (double)histogram_quantile(answers, 0.99) / 1e6);
    return out;
}

void draw_storm(const struct trial *trial, const struct load_seen *spread,
                const struct load_seen *plain)
{
    static const char title[] = "A gateway is lost: its clients come back";
    const int bottom = GRAPH_TOP + GRAPH_HEIGHT;
    struct text svg = {0}, alt = {0};
    char words[40];
    text_addf(
        &alt,
        "%lld clients. With the declared jitter 99 of 100 are back after %.1f s; %s meanwhile "
        "(99 of 100).",
        (long long)spread->returning, (double)spread->back_99_ns / 1e9,
        say_answers(&spread->answers, words));
    if (plain != NULL)
        text_addf(&alt, " Without jitter they are back after %.1f s, and %s.",
                  (double)plain->back_99_ns / 1e9, say_answers(&plain->answers, words));
    svg_begin(&svg, title, text_str(&alt), GRAPH_LEFT + GRAPH_WIDTH + 40, bottom + 80);
    for (int s = 0; s <= STORM_S; s += 10) {
        const double x = GRAPH_LEFT + (double)GRAPH_WIDTH * s / STORM_S;
        svg_line(&svg, "life", x, GRAPH_TOP, x, bottom);
        svg_text(&svg, "small middle", x, bottom + 18, "%d s", s);
    }
    for (int percent = 0; percent <= 100; percent += 50)
        svg_text(&svg, "small end", GRAPH_LEFT - 6, bottom - GRAPH_HEIGHT * percent / 100 + 4,
                 "%d %%", percent);
    draw_return(&svg, "thick ok", spread);
    if (plain != NULL)
        draw_return(&svg, "thick dashed fault", plain);
    svg_text(&svg, "small", GRAPH_LEFT, bottom + 40,
             "Line: with the declared jitter; %s meanwhile (p99).",
             say_answers(&spread->answers, words));
    if (plain != NULL)
        svg_text(&svg, "small", GRAPH_LEFT, bottom + 60,
                 "Dashed: without; %s, %lld requests are refused.",
                 say_answers(&plain->answers, words),
                 (long long)plain->refused[trial->plan.gateway]);
    svg_end(&svg);
    run_picture(trial->run, title, text_str(&alt), text_str(&svg));
    text_release(&svg);
    text_release(&alt);
}
