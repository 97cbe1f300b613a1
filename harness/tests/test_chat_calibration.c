#define _GNU_SOURCE
/*
 * The simulation held against the running cluster, with the reference chat: three gateways, two
 * message nodes, one owner of the channels. And the parts of that: a prediction by hand, the echo.
 */
#include "suites/04-chat/calibration.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include "base/json_read.h"
#include "kit/error.h"
#include "tests/chat_fixture.h"
#include "tests/svclab_fixture.h"

enum { TRIES = 3, RESULTS_MAX = 4 << 20 };

/* --- the cluster ------------------------------------------------------------------------------ */

/* A figure of the report's only check; 0 when it has none of that name. */
static double figure(const cJSON *results, const char *name)
{
    const cJSON *lab = cJSON_GetArrayItem(json_member(results, "labs"), 0);
    const cJSON *check = cJSON_GetArrayItem(json_member(lab, "checks"), 0), *item = NULL;
    cJSON_ArrayForEach(item, json_member(check, "figures"))
    {
        if (strcmp(json_member_text(item, "name"), name) == 0)
            return json_member(item, "value")->valuedouble;
    }
    return 0;
}

static void read_delays(const cJSON *results, int sends_per_s, const char *behind,
                        struct chat_delays *out)
{
    char name[96];
    snprintf(name, sizeof name, "%d sends/s to 60 readers: p50 ms%s", sends_per_s, behind);
    out->p50_ms = figure(results, name);
    snprintf(name, sizeof name, "%d sends/s to 60 readers: p99 ms%s", sends_per_s, behind);
    out->p99_ms = figure(results, name);
}

/* What the judge's report says, which is built for speed; this test is not. */
static struct calibration calibrate(void)
{
    static const int paces[CALIBRATION_PACES] = {50, 200};
    struct calibration calibration = {.cores = (int)sysconf(_SC_NPROCESSORS_ONLN)};
    struct place place;
    struct error err = {0};
    struct text bytes = {0};
    char out[160], path[192];
    place_open(&place, "good");
    snprintf(out, sizeof out, "%s/report", place.root);
    const char *const arguments[] = {"check",
                                     "--lab",
                                     "04",
                                     "--tree",
                                     "solutions",
                                     "--check",
                                     "members_get_each_once",
                                     "--programs",
                                     BUILD_FOLDER "/trees/solutions",
                                     "--out",
                                     out,
                                     NULL};
    struct outcome_of outcome = svclab_run(&place, arguments);
    ck_assert_msg(outcome.status == 0, "%s", text_str(&outcome.said));
    snprintf(path, sizeof path, "%s/results.json", out);
    ck_assert_msg(files_read(path, RESULTS_MAX, &bytes, &err) == 0, "%s", err.text);
    cJSON *results = json_of_text(&bytes);
    for (int i = 0; i < CALIBRATION_PACES; i++) {
        calibration.paces[i].sends_per_s = paces[i];
        read_delays(results, paces[i], "", &calibration.paces[i].measured);
        read_delays(results, paces[i], ", predicted", &calibration.paces[i].predicted);
    }
    calibration.costs.slow_ms = figure(results, "lone requests before: p99 ms");
    calibration.loaded.p99_ms = figure(results, "loopback echo meanwhile: p99 ms");
    calibration.alone.others = figure(results, "threads that wanted to run before");
    cJSON_Delete(results);
    text_release(&bytes);
    text_release(&outcome.said);
    place_close(&place);
    return calibration;
}

/* Tests of a machine that does something else compare nothing, and say so. */
static void tell(const struct calibration *calibration)
{
    for (int i = 0; i < CALIBRATION_PACES; i++)
        printf("  %d sends/s: p50 %.1f ms (predicted %.1f), p99 %.1f ms (predicted %.1f)\n",
               calibration->paces[i].sends_per_s, calibration->paces[i].measured.p50_ms,
               calibration->paces[i].predicted.p50_ms, calibration->paces[i].measured.p99_ms,
               calibration->paces[i].predicted.p99_ms);
    printf("  p99 of lone requests before %.1f ms, of a loopback echo meanwhile %.1f ms; %.1f "
           "threads wanted to run on %d cores%s\n",
           calibration->costs.slow_ms, calibration->loaded.p99_ms, calibration->alone.others,
           calibration->cores, calibration_is_noisy(calibration) ? ": noisy, not compared" : "");
    fflush(stdout); /* a test that fails ends without it */
}

static double medians_off_by(const struct calibration *calibration)
{
    double worst = 1;
    for (int i = 0; i < CALIBRATION_PACES; i++) {
        const double predicted = calibration->paces[i].predicted.p50_ms;
        const double measured = calibration->paces[i].measured.p50_ms;
        worst = fmax(worst, fmax(predicted / measured, measured / predicted));
    }
    return worst;
}

/* Best of three. The p99 of some thousand deliveries is its slowest message or two, and so what the
   disk was doing just then: that is told, and compared by the benchmark. */
START_TEST(median_delivery_is_as_quick_as_predicted_within_a_factor_of_two)
{
    int compared = 0;
    double best = HUGE_VAL;
    for (int i = 0; i < TRIES && best > CALIBRATION_FACTOR; i++) {
        const struct calibration calibration = calibrate();
        tell(&calibration);
        ck_assert_msg(calibration.paces[0].predicted.p99_ms > 0 &&
                          calibration.paces[1].measured.p99_ms > 0,
                      "the report has no figures of a calibration");
        if (calibration_is_noisy(&calibration))
            continue;
        compared++;
        best = fmin(best, medians_off_by(&calibration));
    }
    ck_assert_msg(compared == 0 || best <= CALIBRATION_FACTOR,
                  "in the best of %d tries a predicted median is off by a factor of %.2f", compared,
                  best);
}
END_TEST

/* --- its parts -------------------------------------------------------------------------------- */

START_TEST(prediction_is_the_one_worked_out_by_hand)
{
    /* Each takes as long every time. */
    const struct chat_costs costs = {.hop_us = 100,
                                     .pass = {200, 200},
                                     .query = {300, 300},
                                     .commit = {1000, 1000},
                                     .reader_us = 20};
    static struct chat_model model;
    struct design_place place = {0};
    struct chat_delays delays;
    struct error err = {0};
    knobs = usual_knobs();
    knobs.has_members = 1;
    knobs.backlog.batch = 20;
    knobs.backlog.batch_ms = 5;
    ck_assert_msg(chat_model_build(&model, &place, &err) == 0, "%s", err.text);
    ck_assert_msg(chat_predict(&model, &costs, 50, &delays, &err) == 0, "%s", err.text);
    /* To the gateway, to the members and back, to the store: four hops. Then the batch waits, and
       two hops more lead to the gateway and to the readers, one after the other. */
    const double first_ms = 6 * 0.1 + 2 * 0.2 + 0.3 + 1.0 + 5;
    ck_assert_int_eq(delays.deliveries, 50 * 10 * MEASURE_READERS);
    ck_assert_double_eq_tol(delays.p50_ms, first_ms + 30 * 0.02, 0.1);
    ck_assert_double_eq_tol(delays.p99_ms, first_ms + 60 * 0.02, 0.1);
}
END_TEST

START_TEST(design_that_tells_no_gateway_lives_on_their_asking)
{
    const struct chat_costs costs = {.hop_us = 100, .commit = {1000, 1000}, .reader_us = 1};
    static struct chat_model model;
    struct design_place place = {0};
    struct chat_delays delays;
    struct error err = {0};
    knobs = usual_knobs();
    knobs.shape = READERS_POLL;
    ck_assert_msg(chat_model_build(&model, &place, &err) == 0, "%s", err.text);
    ck_assert_msg(chat_predict(&model, &costs, 200, &delays, &err) == 0, "%s", err.text);
    /* Every 200 ms: half of the messages wait longer than 100. */
    ck_assert_double_eq_tol(delays.p50_ms, 100, 10);
    ck_assert_double_eq_tol(delays.p99_ms, 200, 10);
    knobs.shape = NOBODY_DELIVERS;
    ck_assert_msg(chat_model_build(&model, &place, &err) == 0, "%s", err.text);
    ck_assert_msg(chat_predict(&model, &costs, 200, &delays, &err) == 0, "%s", err.text);
    ck_assert_int_eq(delays.deliveries, 0);
}
END_TEST

START_TEST(echo_comes_back)
{
    struct echo *echo = NULL;
    struct echo_heard heard;
    struct error err = {0};
    ck_assert_msg(echo_begin(&echo, &err) == 0, "%s", err.text);
    echo_end(echo, &heard);
    ck_assert(heard.p99_ms >= 0 && heard.others >= 0);
    echo_end(NULL, &heard);
    ck_assert(heard.p99_ms == 0 && heard.others == 0);
}
END_TEST

START_TEST(worst_prediction_counts)
{
    struct calibration calibration = {0};
    for (int i = 0; i < CALIBRATION_PACES; i++)
        calibration.paces[i].predicted = calibration.paces[i].measured =
            (struct chat_delays){.p50_ms = 6, .p99_ms = 9, .deliveries = 1};
    ck_assert(calibration_worst(&calibration) == 1);
    calibration.paces[0].measured.p99_ms = 3;
    ck_assert(calibration_worst(&calibration) == 3);
    calibration.paces[1].predicted.p50_ms = 1.5;
    ck_assert(calibration_worst(&calibration) == 4);
    calibration.paces[1].predicted.p50_ms = 0;
    ck_assert(calibration_worst(&calibration) == HUGE_VAL);
}
END_TEST

START_TEST(busy_machine_is_noisy)
{
    const struct calibration quiet = {.costs.slow_ms = 5,
                                      .alone = {.p99_ms = 9, .others = 2},
                                      .loaded = {.p99_ms = 5, .others = 9},
                                      .cores = 2};
    struct calibration busy = quiet;
    ck_assert(!calibration_is_noisy(&quiet));
    busy.costs.slow_ms = 5.1;
    ck_assert(calibration_is_noisy(&busy));
    busy = quiet;
    busy.loaded.p99_ms = 5.1;
    ck_assert(calibration_is_noisy(&busy));
    busy = quiet;
    busy.alone.others = 2.1;
    ck_assert(calibration_is_noisy(&busy));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {prediction_is_the_one_worked_out_by_hand,
                                  design_that_tells_no_gateway_lives_on_their_asking,
                                  echo_comes_back,
                                  worst_prediction_counts,
                                  busy_machine_is_noisy,
                                  median_delivery_is_as_quick_as_predicted_within_a_factor_of_two,
                                  NULL};
    return run_tests("chat_calibration", tests);
}
