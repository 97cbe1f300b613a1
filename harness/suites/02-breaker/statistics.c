/*
 * Lab 02, step 4: what only many draws show. Bounds are wide enough that right code fails less than
 * once in a million seeds: five and a half standard errors of the mean.
 */
#include "suites/02-breaker/checks.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "report/svg.h"

enum {
    DRAWS = 10000,
    QUARTER_SLACK = 240,
    CAP_MS = 1000,
    HERD = 200,
    HERD_DOWN_MS = 2000,
    BIN_MS = 10,
    BINS = 100,
    HERD_SHARE_PERCENT = 15 /* of all trials in one bin of 10 ms */
};

struct summary {
    int64_t count, minimum, maximum, at_cap, in_lowest_quarter;
    double mean;
};

/* quarter: the end of the lowest quarter of what can come. */
static struct summary summarise(const char *list, int64_t cap, int64_t quarter)
{
    struct summary summary = {.minimum = INT64_MAX, .maximum = INT64_MIN};
    double sum = 0;
    while (*list != '\0') {
        char *end = NULL;
        int64_t value = strtoll(list, &end, 10);
        if (end == list)
            break;
        summary.count++;
        sum += (double)value;
        summary.minimum = value < summary.minimum ? value : summary.minimum;
        summary.maximum = value > summary.maximum ? value : summary.maximum;
        summary.at_cap += value == cap;
        summary.in_lowest_quarter += value < quarter;
        list = *end == ',' ? end + 1 : end;
    }
    summary.mean = summary.count > 0 ? sum / (double)summary.count : 0;
    return summary;
}

struct bounds {
    const char *kind;
    double mean, mean_slack;
    int64_t lowest_max; /* the smallest of 10,000 is at most this ... */
    int64_t lowest;     /* ... and at least this */
    int64_t at_cap_max; /* so many of 10,000 at most equal the cap */
    int64_t quarter;    /* 2,500 +- 240 are below this */
};

static int judge_delays(struct check_run *run, struct probe *probe, const struct bounds *bounds)
{
    struct message reply = {0};
    if (run_ask(run, probe, &reply, "backoff kind=%s base=%d cap=%d count=%d seed=%lld",
                bounds->kind, CAP_MS, CAP_MS, DRAWS, (long long)(run->seed % 1000000))) {
        message_release(&reply);
        return 1;
    }
    struct summary got = summarise(message_get_or(&reply, "delays", ""), CAP_MS, bounds->quarter);
    message_release(&reply);
    char expected[200];
    snprintf(expected, sizeof expected,
             "%s: mean %.0f +- %.0f, %d +- %d below %lld, smallest %lld..%lld, at most %lld at the "
             "cap",
             bounds->kind, bounds->mean, bounds->mean_slack, DRAWS / 4, QUARTER_SLACK,
             (long long)bounds->quarter, (long long)bounds->lowest, (long long)bounds->lowest_max,
             (long long)bounds->at_cap_max);
    int fits = got.count == DRAWS && fabs(got.mean - bounds->mean) <= bounds->mean_slack &&
               got.minimum >= bounds->lowest && got.minimum <= bounds->lowest_max &&
               got.maximum <= CAP_MS && got.at_cap <= bounds->at_cap_max &&
               llabs(got.in_lowest_quarter - DRAWS / 4) <= QUARTER_SLACK;
    if (fits)
        return 0;
    return run_fail(run, "wrong answer", expected,
                    "%lld delays, mean %.1f, %lld below %lld, smallest %lld, largest %lld, %lld at "
                    "the cap",
                    (long long)got.count, got.mean, (long long)got.in_lowest_quarter,
                    (long long)bounds->quarter, (long long)got.minimum, (long long)got.maximum,
                    (long long)got.at_cap);
}

void check_backoff_statistics(struct check_run *run)
{
    /* Uniform over w values: standard deviation w / sqrt(12), of the mean / sqrt(10,000). Of the
       share in the lowest quarter, sqrt(10,000 x 1/4 x 3/4) = 43 draws. */
    static const struct bounds kinds[] = {
        {"full", 500, 16, 3, 0, 40, 250},
        {"equal", 750, 8, 503, 500, 60, 625},
    };
    struct probe *probe = run_probe(run);
    int ended = probe == NULL;
    for (int i = 0; i < 2 && !ended; i++)
        ended = judge_delays(run, probe, &kinds[i]);
    run_close(run, probe);
    run_figure(run, "delays drawn", 2 * DRAWS);
}

/* --- the herd -------------------------------------------------------------------------------- */

struct histogram {
    int bins[BINS];
    int total, highest;
};

static struct histogram count_bins(const char *list)
{
    struct histogram histogram = {0};
    while (*list != '\0') {
        char *end = NULL;
        int64_t bin = (strtoll(list, &end, 10) - HERD_DOWN_MS) / BIN_MS;
        if (end == list)
            break;
        if (bin >= 0 && bin < BINS) {
            int height = ++histogram.bins[bin];
            histogram.highest = height > histogram.highest ? height : histogram.highest;
        }
        histogram.total++;
        list = *end == ',' ? end + 1 : end;
    }
    return histogram;
}

static void draw_histogram(struct check_run *run, const char *title,
                           const struct histogram *histogram)
{
    enum { WIDTH = 8, HEIGHT = 160, LEFT = 40 };
    struct text svg = {0};
    char alt[160];
    snprintf(alt, sizeof alt,
             "%d trials in bins of %d ms after the recovery; the fullest holds %d.",
             histogram->total, BIN_MS, histogram->highest);
    svg_begin(&svg, title, alt, LEFT + BINS * WIDTH + 10, HEIGHT + 50);
    svg_text(&svg, "small", 0, 20, "%d", HERD);
    svg_line(&svg, "life", LEFT, HEIGHT + 11, LEFT + BINS * WIDTH, HEIGHT + 11);
    for (int i = 0; i < BINS; i++) {
        int height = histogram->bins[i] * HEIGHT / HERD;
        height = height > 0 || histogram->bins[i] == 0 ? height : 1;
        if (height > 0)
            svg_rect(&svg, "full", LEFT + i * WIDTH, 10 + HEIGHT - height, WIDTH - 1, height);
    }
    svg_text(&svg, "small", LEFT, HEIGHT + 30, "0 ms");
    svg_text(&svg, "small end", LEFT + BINS * WIDTH, HEIGHT + 30, "%d ms after the recovery",
             BINS * BIN_MS);
    svg_end(&svg);
    run_picture(run, title, alt, text_str(&svg));
    text_release(&svg);
}

/* One herd; 1 when a verdict stands. */
static int run_herd(struct check_run *run, struct probe *probe, double jitter, const char *title,
                    struct histogram *histogram)
{
    struct message reply = {0};
    int ended = run_ask(run, probe, &reply,
                        "herd breakers=%d down=%d until=%d seed=%lld percent=50 window=2 minimum=1 "
                        "trials=1 successes=1 base=100 cap=800 lease=1000 jitter=%.1f",
                        HERD, HERD_DOWN_MS, HERD_DOWN_MS + BINS * BIN_MS,
                        (long long)(run->seed % 1000000), jitter);
    *histogram = count_bins(message_get_or(&reply, "times", ""));
    message_release(&reply);
    if (ended)
        return 1;
    draw_histogram(run, title, histogram);
    if (histogram->total == HERD)
        return 0;
    return run_fail(run, "wrong answer", "each of the 200 breakers makes one trial that closes it",
                    "%d trials after the recovery", histogram->total);
}

void check_herd(struct check_run *run)
{
    struct histogram together, scattered;
    struct probe *probe = run_probe(run);
    int ended = probe == NULL || run_herd(run, probe, 0, "The herd without jitter", &together) ||
                run_herd(run, probe, 0.5, "The herd with jitter 0.5", &scattered);
    if (!ended && together.highest != HERD)
        ended = run_fail(run, "wrong answer",
                         "without jitter all 200 trials in one bin: the control of this check",
                         "the fullest bin holds %d", together.highest);
    if (!ended && scattered.highest * 100 > HERD_SHARE_PERCENT * HERD)
        ended = run_fail(run, "wrong answer",
                         "no bin of 10 ms holds more than 15 percent of the trials",
                         "the fullest holds %d of %d", scattered.highest, HERD);
    if (ended) {
        run_close(run, probe);
        return;
    }
    run_figure(run, "trials in the fullest 10 ms without jitter", together.highest);
    run_figure(run, "trials in the fullest 10 ms with jitter", scattered.highest);
    run_close(run, probe);
}
