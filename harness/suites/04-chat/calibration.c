#include "suites/04-chat/calibration.h"

#include <math.h>
#include <stdio.h>
#include <unistd.h>
#include "report/svg.h"

/* --- measuring and predicting ----------------------------------------------------------------- */

/* Lone requests, with the echo beside them. As chat_measure_costs. */
static int measure_alone(struct crowd *crowd, struct calibration *out)
{
    struct echo *echo = NULL;
    if (echo_begin(&echo, NULL) < 0)
        return 1;
    const int ended = chat_measure_costs(crowd, 0, &out->costs);
    echo_end(echo, &out->alone);
    return ended;
}

/* The same under load. */
static int measure_loaded(struct crowd *crowd, const int sends[CALIBRATION_PACES],
                          struct calibration *out)
{
    struct echo *echo = NULL;
    if (echo_begin(&echo, NULL) < 0)
        return 1;
    for (int i = 0; i < CALIBRATION_PACES && !run_ended(crowd->cluster->run); i++)
        (void)chat_measure(crowd, out->paces[i].sends_per_s, sends[i], &out->paces[i].measured);
    echo_end(echo, &out->loaded);
    return run_ended(crowd->cluster->run);
}

int chat_calibrate(struct crowd *crowd, const int sends[CALIBRATION_PACES], struct calibration *out)
{
    static const int paces[CALIBRATION_PACES] = {50, 200};
    *out = (struct calibration){.cores = (int)sysconf(_SC_NPROCESSORS_ONLN)};
    for (int i = 0; i < CALIBRATION_PACES; i++)
        out->paces[i].sends_per_s = paces[i];
    if (measure_alone(crowd, out))
        return 1;
    for (int i = 0; i < CALIBRATION_PACES; i++)
        (void)chat_predict(crowd->cluster->model, &out->costs, paces[i], &out->paces[i].predicted,
                           NULL); /* without a prediction there are the measured figures */
    return measure_loaded(crowd, sends, out);
}

int calibration_is_noisy(const struct calibration *calibration)
{
    return calibration->loaded.p99_ms > CALIBRATION_NOISY_MS ||
           calibration->costs.slow_ms > CALIBRATION_NOISY_MS ||
           calibration->alone.others > calibration->cores;
}

static double off_by(double predicted, double measured)
{
    if (predicted <= 0 || measured <= 0)
        return HUGE_VAL;
    return predicted > measured ? predicted / measured : measured / predicted;
}

double calibration_worst(const struct calibration *calibration)
{
    double worst = 1;
    for (int i = 0; i < CALIBRATION_PACES; i++) {
        const struct chat_delays *predicted = &calibration->paces[i].predicted;
        const struct chat_delays *measured = &calibration->paces[i].measured;
        worst = fmax(worst, off_by(predicted->p50_ms, measured->p50_ms));
        worst = fmax(worst, off_by(predicted->p99_ms, measured->p99_ms));
    }
    return worst;
}

/* --- the report ------------------------------------------------------------------------------- */

enum { LEFT = 190, BAR = 420, RIGHT = 90, TOP = 34, ROW = 18, PAIR = 48, BARS = 4 };

/* Predicted and measured, for p50 and p99 of a pace. */
struct pair {
    const char *name;
    int sends_per_s;
    double predicted_ms, measured_ms;
};

static void list_pairs(const struct calibration *calibration, struct pair pairs[BARS])
{
    for (int i = 0; i < CALIBRATION_PACES; i++) {
        const struct chat_delays *predicted = &calibration->paces[i].predicted;
        const struct chat_delays *measured = &calibration->paces[i].measured;
        const int pace = calibration->paces[i].sends_per_s;
        pairs[2 * i] = (struct pair){"p50", pace, predicted->p50_ms, measured->p50_ms};
        pairs[2 * i + 1] = (struct pair){"p99", pace, predicted->p99_ms, measured->p99_ms};
    }
}

static void say_how_near(const struct calibration *calibration, char *out, size_t size)
{
    if (calibration->paces[0].predicted.deliveries == 0)
        snprintf(out, size, "By this design the simulation predicts no deliveries here.");
    else if (calibration_is_noisy(calibration))
        snprintf(out, size,
                 "Noisy, not compared. p99 of lone requests %.1f ms, of an echo %.1f ms; %.1f "
                 "threads wanted to run.",
                 calibration->costs.slow_ms, calibration->loaded.p99_ms, calibration->alone.others);
    else
        snprintf(out, size,
                 "The worst is off by a factor of %.1f. p99 of lone requests %.1f ms, of an echo "
                 "%.1f ms.",
                 calibration_worst(calibration), calibration->costs.slow_ms,
                 calibration->loaded.p99_ms);
}

static void draw_bar(struct text *svg, int y, double share, const char *look, double ms,
                     const char *word)
{
    svg_rect(svg, look, LEFT, y, share * BAR, ROW - 4);
    svg_text(svg, "small", LEFT + share * BAR + 5, y + 11, "%.1f ms %s", ms, word);
}

static void draw_pairs(struct check_run *run, const struct pair pairs[BARS], const char *how_near)
{
    static const char title[] = "From sending to delivery in the cluster: predicted and measured";
    const int bottom = TOP + BARS * PAIR;
    struct text svg = {0}, alt = {0};
    double longest = 0;
    for (int i = 0; i < BARS; i++) {
        longest = fmax(longest, fmax(pairs[i].predicted_ms, pairs[i].measured_ms));
        text_addf(&alt, "%d sends a second, %s: predicted %.1f ms, measured %.1f ms. ",
                  pairs[i].sends_per_s, pairs[i].name, pairs[i].predicted_ms, pairs[i].measured_ms);
    }
    text_add(&alt, how_near);
    svg_begin(&svg, title, text_str(&alt), LEFT + BAR + RIGHT + 40, bottom + 50);
    svg_text(&svg, "small", LEFT, 16, "%d readers of one channel", MEASURE_READERS);
    for (int i = 0; i < BARS && longest > 0; i++) {
        const int y = TOP + i * PAIR;
        svg_text(&svg, "end", LEFT - 8, y + 22, "%d sends/s, %s", pairs[i].sends_per_s,
                 pairs[i].name);
        draw_bar(&svg, y, pairs[i].predicted_ms / longest, "hollow", pairs[i].predicted_ms,
                 "predicted");
        draw_bar(&svg, y + ROW, pairs[i].measured_ms / longest, "full", pairs[i].measured_ms,
                 "measured");
    }
    svg_text(&svg, "small", 10, bottom + 18, "%s", how_near);
    svg_text(&svg, "small quiet", 10, bottom + 38,
             "Predicted by the simulation of your design, with the times of lone requests.");
    svg_end(&svg);
    run_picture(run, title, text_str(&alt), text_str(&svg));
    text_release(&svg);
    text_release(&alt);
}

void calibration_show(struct check_run *run, const struct calibration *calibration)
{
    struct pair pairs[BARS];
    char name[96], how_near[160];
    list_pairs(calibration, pairs);
    for (int i = 0; i < BARS; i++) {
        snprintf(name, sizeof name, "%d sends/s to %d readers: %s ms", pairs[i].sends_per_s,
                 MEASURE_READERS, pairs[i].name);
        run_figure(run, name, pairs[i].measured_ms);
        if (pairs[i].predicted_ms <= 0)
            continue;
        snprintf(name, sizeof name, "%d sends/s to %d readers: %s ms, predicted",
                 pairs[i].sends_per_s, MEASURE_READERS, pairs[i].name);
        run_figure(run, name, pairs[i].predicted_ms);
    }
    run_figure(run, "lone requests before: p99 ms", calibration->costs.slow_ms);
    run_figure(run, "loopback echo meanwhile: p99 ms", calibration->loaded.p99_ms);
    run_figure(run, "threads that wanted to run before", calibration->alone.others);
    say_how_near(calibration, how_near, sizeof how_near);
    draw_pairs(run, pairs, how_near);
}
