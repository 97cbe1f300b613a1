/*
 * A chat design under simulated load: what can be worked out by hand, what must be bounded, and
 * what each part of a design does to the figures.
 */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "04-chat/load_costs.h"
#include "kit/error.h"
#include "suites/04-chat/load_summary.h"
#include "tests/chat_fixture.h"
#include "tests/run_tests.h"

#define PER_S (1e7 * 0.4 * 25 * 4 / 86400) /* messages */

/* One run of it; static, valid until the next call. */
static const struct load_seen *play(struct knobs wanted, struct load_scenario scenario)
{
    static struct chat_plan plan;
    static struct load_seen seen;
    struct error err = {0};
    ck_assert_msg(chat_plan_make(&plan, model_of(wanted), &err) == 0, "%s", err.text);
    ck_assert_msg(load_play(&plan, &scenario, &seen, &err) == 0, "%s", err.text);
    return &seen;
}

static void expect_near(const char *what, double got, double right, double share)
{
    ck_assert_msg(fabs(got / right - 1) <= share, "%s is %.4f, not %.4f", what, got, right);
}

static double p99_ms(const struct histogram *histogram)
{
    return (double)histogram_quantile(histogram, 0.99) / 1e6;
}

enum { GATEWAY, STORE, MEMBERS }; /* as the fixture declares them */

/* --- by hand ---------------------------------------------------------------------------------- */

START_TEST(figures_are_those_worked_out_by_hand)
{
    struct knobs knobs_now = usual_knobs();
    knobs_now.store.partitions = 65536; /* hardly anybody waits */
    const struct load_seen *seen = play(knobs_now, load_peak(1));
    /* A worker of the gateway waits for the store: two hops, and half a millisecond and another
       half in the mean, and a row; the store's is busy with the last three. */
    const double stored_ms = 1.05, waited_ms = 0.2 + 2 * 0.5 + stored_ms;
    ck_assert_int_eq(seen->is_overloaded, 0);
    expect_near("messages a second", (double)seen->sends / LOAD_MEASURED_S, PER_S, 0.02);
    expect_near("answer", histogram_mean(&seen->answers) / 1e6, waited_ms + 1, 0.01);
    expect_near("use of the store", seen->use[STORE], PER_S * stored_ms / 1e3 / (4 * 16), 0.03);
    ck_assert_int_eq(seen->refused[GATEWAY] + seen->refused[STORE] + seen->lost + seen->failed, 0);
    ck_assert_int_eq(seen->timed_out, 0);
    ck_assert_int_le(seen->sends - seen->answers.count, 60); /* on their way at the end */
}
END_TEST

START_TEST(each_reader_online_gets_each_message)
{
    double count = 0, mean_ms = 0;
    for (uint64_t seed = 0; seed < 6; seed++) {
        const struct load_seen *seen = play(usual_knobs(), load_peak(seed));
        count += (double)seen->deliveries.count / 6;
        mean_ms += (double)histogram_quantile(&seen->deliveries, 0.5) / 1e6 / 6;
    }
    /* 77 readers of a message, one in ten online on 1.3 devices; two thirds of that in the few huge
       channels, hence the tolerance. */
    expect_near("deliveries a second", count / LOAD_MEASURED_S, PER_S * 77 * 0.13, 0.2);
    ck_assert(mean_ms > 2.75 && mean_ms < 8); /* the sum of four hops and some work */
}
END_TEST

START_TEST(one_partition_has_one_worker)
{
    struct knobs knobs_now = usual_knobs();
    knobs_now.store.partitions = 8; /* 579 messages a second on each, 1.05 ms */
    const struct load_seen *seen = play(knobs_now, load_peak(1));
    expect_near("hottest partition", seen->hottest, PER_S * (0.002 + 0.998 / 8) * 1.05e-3, 0.08);
    ck_assert_int_eq(seen->hottest_service, STORE);
    knobs_now.store.partitions = 1;
    ck_assert(play(knobs_now, load_peak(1))->hottest > 0.99);
}
END_TEST

START_TEST(busiest_workspace_makes_its_partition_hot)
{
    struct knobs knobs_now = usual_knobs();
    knobs_now.by_workspace = 1;
    const struct load_seen *seen = play(knobs_now, load_peak(1));
    ck_assert_msg(seen->hottest > 0.9, "it is busy for %.2f", seen->hottest);
}
END_TEST

START_TEST(same_seed_gives_the_same_bytes)
{
    static struct load_seen first;
    first = *play(usual_knobs(), load_peak(7));
    ck_assert_mem_eq(&first, play(usual_knobs(), load_peak(7)), sizeof first);
    ck_assert_mem_ne(&first, play(usual_knobs(), load_peak(8)), sizeof first);
}
END_TEST

/* --- what a design does ----------------------------------------------------------------------- */

START_TEST(full_queue_refuses_and_attempts_help)
{
    struct knobs knobs_now = usual_knobs();
    knobs_now.store.queue = 1;
    const struct load_seen *seen = play(knobs_now, load_peak(1));
    ck_assert_int_gt(seen->refused[STORE], 10);
    ck_assert_int_lt(seen->failed, seen->refused[STORE] / 4);
    knobs_now.store_attempts = 1;
    seen = play(knobs_now, load_peak(1));
    ck_assert_int_gt(seen->failed, 10);
}
END_TEST

START_TEST(fallback_goes_on_without_an_answer)
{
    struct knobs knobs_now = usual_knobs();
    knobs_now.has_members = 1;
    knobs_now.members = (struct scale){.partitions = 1, .workers = 1, .queue = 1000};
    knobs_now.members_timeout_ms = 50; /* one worker needs 2.3 s for the queries of a second */
    const struct load_seen *seen = play(knobs_now, load_peak(1));
    ck_assert_int_gt(seen->timed_out + seen->refused[MEMBERS], seen->sends / 2);
    ck_assert_int_gt(seen->failed, seen->sends / 3);
    ck_assert_int_eq(seen->degraded, 0);
    knobs_now.fallback = OR_DEFAULT;
    seen = play(knobs_now, load_peak(1));
    ck_assert_int_eq(seen->failed, 0);
    ck_assert_int_gt(seen->degraded, seen->sends / 3);
    ck_assert(p99_ms(&seen->answers) > 50);
}
END_TEST

START_TEST(late_answer_is_no_answer)
{
    struct knobs knobs_now = usual_knobs();
    knobs_now.store_timeout_ms = 1; /* two hops take as long */
    const struct load_seen *seen = play(knobs_now, load_peak(1));
    ck_assert_int_eq(seen->answers.count, 0);
    ck_assert_int_gt(seen->failed, seen->sends * 9 / 10);
    ck_assert_int_gt(seen->timed_out, seen->sends);
}
END_TEST

START_TEST(batch_waits_for_its_milliseconds)
{
    struct knobs knobs_now = usual_knobs();
    const double at_once_ms = p99_ms(&play(knobs_now, load_peak(1))->deliveries);
    knobs_now.backlog.batch = 10000;
    knobs_now.backlog.batch_ms = 300;
    const struct load_seen *seen = play(knobs_now, load_peak(1));
    ck_assert(p99_ms(&seen->deliveries) > 290 && p99_ms(&seen->deliveries) < at_once_ms + 400);
    expect_near("half of the wait", (double)histogram_quantile(&seen->deliveries, 0.5) / 1e6, 155,
                0.5);
    knobs_now.backlog = (struct backlog){.buffer = 5000000, .batch = 1};
    knobs_now.batch = 10;
    knobs_now.batch_ms = 200;
    seen = play(knobs_now, load_peak(1));
    ck_assert(p99_ms(&seen->deliveries) > 200 && p99_ms(&seen->deliveries) < at_once_ms + 220);
}
END_TEST

START_TEST(full_batch_leaves_before_its_time)
{
    struct knobs knobs_now = usual_knobs();
    knobs_now.backlog.batch = 20; /* 1,157 a second at each instance: 17 ms */
    knobs_now.backlog.batch_ms = 1000;
    ck_assert(p99_ms(&play(knobs_now, load_peak(1))->deliveries) < 100);
}
END_TEST

START_TEST(buffer_that_is_full_loses)
{
    struct knobs knobs_now = usual_knobs();
    knobs_now.backlog = (struct backlog){.buffer = 100, .batch = 10000, .batch_ms = 1000};
    const struct load_seen *seen = play(knobs_now, load_peak(1));
    ck_assert_int_gt(seen->lost, seen->sends / 2);
}
END_TEST

START_TEST(huge_channel_holds_up_a_partition_that_multiplies)
{
    struct load_scenario scenario = load_peak(1);
    struct knobs knobs_now = usual_knobs();
    scenario.has_huge_channel = 1;
    const struct load_seen *seen = play(knobs_now, scenario);
    ck_assert_int_gt(seen->beside_huge.count, 100);
    ck_assert(p99_ms(&seen->beside_huge) < 100);
    knobs_now.shape = STORE_STREAMS;
    seen = play(knobs_now, scenario);
    ck_assert_int_gt(seen->beside_huge.count, 100);
    ck_assert(p99_ms(&seen->beside_huge) > 500);
}
END_TEST

START_TEST(readers_that_poll_are_reached)
{
    struct knobs knobs_now = usual_knobs();
    const struct load_seen *seen = play(knobs_now, load_peak(1));
    const int64_t streamed = seen->deliveries.count;
    const double use = seen->use[GATEWAY];
    knobs_now.shape = READERS_POLL;
    seen = play(knobs_now, load_peak(1));
    expect_near("deliveries", (double)seen->deliveries.count, (double)streamed, 0.02);
    ck_assert(seen->use[GATEWAY] > use); /* each of them asks again */
    knobs_now.shape = NOBODY_DELIVERS;
    ck_assert_int_eq(play(knobs_now, load_peak(1))->deliveries.count, 0);
}
END_TEST

START_TEST(heartbeats_are_a_load_of_their_own)
{
    const double beats_per_s = 1e7 * 0.1 * 1.3 / 30;
    struct knobs knobs_now = usual_knobs();
    struct load_scenario scenario = load_peak(1);
    const int served = MEMBERS; /* the fixture's third service */
    knobs_now.has_presence = 1;
    knobs_now.beats = (struct backlog){.buffer = 100000, .batch = 200, .batch_ms = 200};
    ck_assert(play(knobs_now, scenario)->use[served] == 0.0);
    scenario.has_beats = 1;
    /* A batch is parted to three instances: one commit in 67, and a row for each. */
    const struct load_seen *seen = play(knobs_now, scenario);
    expect_near("use of presence", seen->use[served], beats_per_s * (0.05 + 3.0 / 200) / 1e3 / 24,
                0.05);
    expect_near("messages a second", (double)seen->sends / LOAD_MEASURED_S, PER_S, 0.02);
    ck_assert_int_eq(seen->lost + seen->failed, 0); /* what follows from a change is not played */
    knobs_now.beats.batch = 1;
    seen = play(knobs_now, scenario);
    ck_assert(seen->use[served] > 0.99);
    ck_assert_int_gt(seen->refused[served], 0);
    ck_assert_int_eq(seen->lost,
                     seen->lost_on[6]); /* four nodes of a message; client, gateway, this */
}
END_TEST

/* --- the storm -------------------------------------------------------------------------------- */

static struct load_scenario storm(int64_t jitter_ms)
{
    struct load_scenario scenario = load_peak(1);
    scenario.lost_gateways = 1;
    scenario.has_storm = 1;
    scenario.ends_when_back = 1;
    scenario.jitter_ns = jitter_ms * 1000000;
    scenario.end_ns = scenario.measured_ns + INT64_C(60000000000);
    return scenario;
}

START_TEST(clients_come_back_within_the_jitter)
{
    struct knobs knobs_now = usual_knobs();
    knobs_now.has_catch_up = 1;
    const struct load_seen *seen = play(knobs_now, storm(10000));
    ck_assert_int_eq(seen->returning, 65000);
    expect_near("99 percent are back after s", (double)seen->back_99_ns / 1e9, 9.9, 0.02);
    ck_assert(p99_ms(&seen->answers) < 50);
}
END_TEST

START_TEST(without_jitter_they_stand_in_the_senders_queues)
{
    struct knobs knobs_now = usual_knobs();
    knobs_now.has_catch_up = 1;
    const struct load_seen *seen = play(knobs_now, storm(0));
    ck_assert(p99_ms(&seen->answers) > 200);
    ck_assert(seen->back_99_ns > 0 && seen->back_99_ns < INT64_C(5000000000));
    knobs_now.gateway_queue = 100; /* most are refused, and try again */
    seen = play(knobs_now, storm(0));
    ck_assert_int_gt(seen->refused[GATEWAY], 0);
    ck_assert(seen->back_99_ns > INT64_C(1000000000));
}
END_TEST

START_TEST(without_a_flow_to_catch_up_a_handshake_is_all)
{
    const struct load_seen *seen = play(usual_knobs(), storm(5000));
    expect_near("99 percent are back after s", (double)seen->back_99_ns / 1e9, 4.95, 0.02);
}
END_TEST

START_TEST(lost_gateway_that_was_the_only_one_is_told)
{
    static struct chat_plan plan;
    static struct load_seen seen;
    struct error err = {0};
    struct knobs knobs_now = usual_knobs();
    struct load_scenario scenario = load_peak(1);
    knobs_now.gateways = scenario.lost_gateways = 1;
    ck_assert_int_eq(chat_plan_make(&plan, model_of(knobs_now), &err), 0);
    ck_assert_int_eq(load_play(&plan, &scenario, &seen, &err), ERR_REFUSED);
    ck_assert_str_eq(err.text, "no instance of \"gateway\" is left");
}
END_TEST

/* --- bounds ----------------------------------------------------------------------------------- */

static long peak_mb(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss / 1024;
}

START_TEST(overload_is_told_and_bounded)
{
    struct knobs knobs_now = usual_knobs();
    struct load_scenario scenario = load_peak(1);
    scenario.end_ns = INT64_C(600000000000);
    knobs_now.gateways = 1;
    knobs_now.gateway_workers = 1;
    knobs_now.gateway_queue = 1000000;
    const struct load_seen *seen = play(knobs_now, scenario);
    ck_assert_int_eq(seen->is_overloaded, 1);
    ck_assert_int_le(seen->events, LOAD_EVENTS_MAX);
    ck_assert_int_lt(peak_mb(), 700); /* the sanitizer's own share is more than half */
}
END_TEST

START_TEST(largest_design_is_bounded)
{
    struct knobs knobs_now = usual_knobs();
    knobs_now.gateways = 4096;
    knobs_now.gateway_workers = 1024;
    knobs_now.gateway_queue = 1000000;
    knobs_now.store = (struct scale){.partitions = 65536, .workers = 1024, .queue = 1000000};
    knobs_now.has_members = 1;
    const struct load_seen *seen = play(knobs_now, load_peak(1));
    ck_assert_int_eq(seen->is_overloaded, 0);
    ck_assert_int_lt(peak_mb(), 700);
}
END_TEST

/* --- several runs ------------------------------------------------------------------------------
 */

START_TEST(several_runs_make_an_estimate)
{
    static struct chat_plan plan;
    struct error err = {0};
    ck_assert_int_eq(chat_plan_make(&plan, model_of(usual_knobs()), &err), 0);
    struct load_summary *result = load_simulate(&plan, load_peak(1), LOAD_RUNS, &err);
    ck_assert_ptr_nonnull(result);
    ck_assert_int_eq(result->runs, LOAD_RUNS);
    expect_near("answers", (double)result->answers.count, PER_S * LOAD_MEASURED_S * LOAD_RUNS,
                0.02);
    ck_assert(result->answer_p99_ms.error > 0 &&
              result->answer_p99_ms.error < 0.1 * result->answer_p99_ms.mean);
    free(result);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {figures_are_those_worked_out_by_hand,
                                  each_reader_online_gets_each_message,
                                  one_partition_has_one_worker,
                                  busiest_workspace_makes_its_partition_hot,
                                  same_seed_gives_the_same_bytes,
                                  full_queue_refuses_and_attempts_help,
                                  fallback_goes_on_without_an_answer,
                                  late_answer_is_no_answer,
                                  batch_waits_for_its_milliseconds,
                                  full_batch_leaves_before_its_time,
                                  buffer_that_is_full_loses,
                                  huge_channel_holds_up_a_partition_that_multiplies,
                                  readers_that_poll_are_reached,
                                  heartbeats_are_a_load_of_their_own,
                                  clients_come_back_within_the_jitter,
                                  without_jitter_they_stand_in_the_senders_queues,
                                  without_a_flow_to_catch_up_a_handshake_is_all,
                                  lost_gateway_that_was_the_only_one_is_told,
                                  overload_is_told_and_bounded,
                                  largest_design_is_bounded,
                                  several_runs_make_an_estimate,
                                  NULL};
    return run_tests("chat_load", tests);
}
