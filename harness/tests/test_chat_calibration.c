#define _GNU_SOURCE
/*
 * The simulation held against the running cluster, with the reference chat: three gateways, two
 * message nodes, one owner of the channels. And the parts of that: a prediction by hand, the echo.
 */
#include "suites/04-chat/calibration.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include "judge/run_internal.h"
#include "kit/error.h"
#include "suites/04-chat/echo.h"
#include "tests/chat_fixture.h"
#include "tests/cluster_fixture.h"
#include "tests/run_tests.h"

#define PROGRAMS BUILD_FOLDER "/trees/solutions/04-chat"

enum { TRIES = 3, TRY_S = 2 };

/* --- the cluster ------------------------------------------------------------------------------ */

/* One try, with a cluster of its own. */
static void calibrate(struct calibration *out)
{
    static const struct lab lab = {.name = "04-chat", .title = "", .subject = "chat"};
    static const struct check check = {.id = "calibration", .tier = TIER_CLUSTER};
    static const int sends[CALIBRATION_PACES] = {50 * TRY_S, 200 * TRY_S};
    struct fixture fixture;
    struct result result = {.check = &check};
    struct chat_cluster cluster;
    struct crowd *crowd = NULL;
    fixture_open(&fixture);
    struct check_run run = {.lab = &lab,
                            .check = &check,
                            .launcher = fixture.launcher,
                            .programs = PROGRAMS,
                            .work_dir = fixture.dir,
                            .result = &result,
                            .seed = 1};
    run.random = random_from_seed(&run.random_state, run.seed);
    (void)(chat_cluster_open(&cluster, &run, (struct chat_options){.owners = CHAT_TALK}) ||
           crowd_open(&crowd, &cluster) || chat_measure_open(crowd, 1, MEASURE_READERS) ||
           chat_calibrate(crowd, sends, out));
    ck_assert_msg(!run_ended(&run), "the reference chat does not work: %s",
                  result.got != NULL ? result.got : result.reason);
    crowd_close(crowd);
    chat_cluster_close(&cluster);
    run_cluster_end(&run);
    text_release(&run.script);
    result_release(&result);
    fixture_close(&fixture);
}

static void tell(const struct calibration *calibration)
{
    for (int i = 0; i < CALIBRATION_PACES; i++)
        printf("  %d sends/s: p50 %.1f ms (predicted %.1f), p99 %.1f ms (predicted %.1f)\n",
               calibration->paces[i].sends_per_s, calibration->paces[i].measured.p50_ms,
               calibration->paces[i].predicted.p50_ms, calibration->paces[i].measured.p99_ms,
               calibration->paces[i].predicted.p99_ms);
    const struct chat_costs *costs = &calibration->costs;
    printf("  hop %.0f pass %.0f/%.0f/%.0f query %.0f/%.0f/%.0f commit %.0f/%.0f/%.0f reader %.1f us\n",
           costs->hop_us, costs->pass.least_us, costs->pass.median_us, costs->pass.p99_us,
           costs->query.least_us, costs->query.median_us, costs->query.p99_us,
           costs->commit.least_us, costs->commit.median_us, costs->commit.p99_us, costs->reader_us);
    printf("  loopback echo meanwhile: p99 %.1f ms\n", calibration->echo_p99_ms);
    fflush(stdout); /* a test that fails ends without it */
}

/* Best of three. Where the machine is busy with something else nothing can be said, and that is
   said. */
START_TEST(reference_is_as_quick_as_predicted_within_a_factor_of_two)
{
    struct calibration calibration;
    int compared = 0;
    double best = HUGE_VAL;
    for (int i = 0; i < TRIES && best > CALIBRATION_FACTOR; i++) {
        calibrate(&calibration);
        tell(&calibration);
        if (calibration_is_noisy(&calibration))
            continue;
        compared++;
        best = fmin(best, calibration_worst(&calibration));
    }
    if (compared == 0)
        printf("not compared: this machine is busy with something else\n");
    ck_assert_msg(compared == 0 || best <= CALIBRATION_FACTOR,
                  "in the best of %d tries a prediction is off by a factor of %.2f", compared,
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

START_TEST(echo_comes_back)
{
    struct echo *echo = NULL;
    struct error err = {0};
    ck_assert_msg(echo_begin(&echo, &err) == 0, "%s", err.text);
    ck_assert(echo_end(echo) >= 0);
    ck_assert(echo_end(NULL) == 0);
}
END_TEST

START_TEST(worst_prediction_counts)
{
    struct calibration calibration = {.echo_p99_ms = 5};
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
    ck_assert(!calibration_is_noisy(&calibration));
    calibration.echo_p99_ms = 5.1;
    ck_assert(calibration_is_noisy(&calibration));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {prediction_is_the_one_worked_out_by_hand, echo_comes_back,
                                  worst_prediction_counts,
                                  reference_is_as_quick_as_predicted_within_a_factor_of_two, NULL};
    return run_tests("chat_calibration", tests);
}
