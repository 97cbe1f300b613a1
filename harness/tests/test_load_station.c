/* A station: the order of jobs, refusals, lanes, and what is counted. */
#include <check.h>

#include "load/station.h"
#include "tests/run_tests.h"

enum { JOBS = 8 };

START_TEST(jobs_are_served_in_the_order_of_their_arrival)
{
    struct station station;
    struct station_job jobs[JOBS];
    station_begin(&station, 2, JOBS);
    for (int i = 0; i < JOBS; i++)
        ck_assert_int_eq(station_offer(&station, &jobs[i], NULL, 0),
                         i < 2 ? STATION_STARTED : STATION_QUEUED);
    for (int i = 0; i < JOBS; i++) {
        struct station_job *next = station_finish(&station, &jobs[i], 0);
        ck_assert_ptr_eq(next, i + 2 < JOBS ? &jobs[i + 2] : NULL);
    }
    ck_assert_int_eq(station.busy, 0);
    ck_assert_int_eq(station.served, JOBS);
    ck_assert_int_eq(station_offer(&station, &jobs[0], NULL, 0), STATION_STARTED);
}
END_TEST

START_TEST(job_beyond_the_queue_is_refused)
{
    for (int queue = 0; queue < JOBS - 2; queue++) {
        struct station station;
        struct station_job jobs[JOBS];
        station_begin(&station, 1, queue);
        for (int i = 0; i < JOBS; i++)
            ck_assert_int_eq(station_offer(&station, &jobs[i], NULL, 0),
                             i == 0 ? STATION_STARTED
                                    : (i <= queue ? STATION_QUEUED : STATION_REFUSED));
        ck_assert_int_eq(station.refused, JOBS - 1 - queue);
        ck_assert_int_eq(station.waiting_peak, queue);
        if (queue == 0)
            continue;
        ck_assert_ptr_eq(station_finish(&station, &jobs[0], 0), &jobs[1]);
        ck_assert_int_eq(station_offer(&station, &jobs[JOBS - 1], NULL, 0), STATION_QUEUED);
        ck_assert_int_eq(station_offer(&station, &jobs[0], NULL, 0), STATION_REFUSED);
    }
}
END_TEST

START_TEST(lane_has_one_job_served_at_a_time_and_holds_up_no_other)
{
    struct station station;
    struct station_lane slow = {0}, other = {0};
    struct station_job jobs[6];
    station_begin(&station, 2, 10);
    ck_assert_int_eq(station_offer(&station, &jobs[0], &slow, 0), STATION_STARTED);
    ck_assert_int_eq(station_offer(&station, &jobs[1], &slow, 0), STATION_QUEUED);
    ck_assert_int_eq(station_offer(&station, &jobs[2], &slow, 0), STATION_QUEUED);
    ck_assert_int_eq(station_offer(&station, &jobs[3], &other, 0), STATION_STARTED);
    ck_assert_int_eq(station_offer(&station, &jobs[4], &other, 0), STATION_QUEUED);
    ck_assert_ptr_eq(station_finish(&station, &jobs[3], 0), &jobs[4]);
    ck_assert_ptr_null(station_finish(&station, &jobs[4], 0));
    ck_assert_int_eq(station.busy, 1); /* a worker is free, yet the lane is not */
    ck_assert_int_eq(station.waiting, 2);
    ck_assert_ptr_eq(station_finish(&station, &jobs[0], 0), &jobs[1]);
    ck_assert_int_eq(station_offer(&station, &jobs[5], &slow, 0), STATION_QUEUED);
    ck_assert_ptr_eq(station_finish(&station, &jobs[1], 0), &jobs[2]);
    ck_assert_ptr_eq(station_finish(&station, &jobs[2], 0), &jobs[5]);
    ck_assert_ptr_null(station_finish(&station, &jobs[5], 0));
    ck_assert_int_eq(station_offer(&station, &jobs[0], &slow, 0), STATION_STARTED);
}
END_TEST

/* Otherwise a busy lane would keep every worker from the others. */
START_TEST(next_job_of_a_lane_stands_behind_those_that_wait)
{
    struct station station;
    struct station_lane busy = {0}, other = {0};
    struct station_job jobs[3];
    station_begin(&station, 1, 10);
    ck_assert_int_eq(station_offer(&station, &jobs[0], &busy, 0), STATION_STARTED);
    ck_assert_int_eq(station_offer(&station, &jobs[1], &busy, 0), STATION_QUEUED);
    ck_assert_int_eq(station_offer(&station, &jobs[2], &other, 0), STATION_QUEUED);
    ck_assert_ptr_eq(station_finish(&station, &jobs[0], 0), &jobs[2]);
    ck_assert_ptr_eq(station_finish(&station, &jobs[2], 0), &jobs[1]);
}
END_TEST

START_TEST(jobs_that_wait_for_their_lane_take_up_the_queue)
{
    struct station station;
    struct station_lane lane = {0}, other = {0};
    struct station_job jobs[4];
    station_begin(&station, 2, 1);
    ck_assert_int_eq(station_offer(&station, &jobs[0], &lane, 0), STATION_STARTED);
    ck_assert_int_eq(station_offer(&station, &jobs[1], &lane, 0), STATION_QUEUED);
    ck_assert_int_eq(station_offer(&station, &jobs[2], &lane, 0), STATION_REFUSED);
    ck_assert_int_eq(station_offer(&station, &jobs[3], &other, 0), STATION_STARTED);
}
END_TEST

START_TEST(use_and_queue_are_means_over_the_time)
{
    struct station station;
    struct station_job jobs[4];
    station_begin(&station, 2, 10);
    for (int i = 0; i < 4; i++) /* busy 1, 2, 2, 2; waiting 0, 0, 1, 2 from 100, 200, ... on */
        (void)station_offer(&station, &jobs[i], NULL, 100 * (i + 1));
    ck_assert(station_use(&station, 400) == (100 + 2 * 200) / (2 * 400.0));
    ck_assert(station_queue(&station, 500) == (100 + 2 * 100) / 500.0);
    station_measure(&station, 500);
    ck_assert(station_use(&station, 500) == 0); /* no time has passed */
    ck_assert_int_eq(station.waiting_peak, 2);
    (void)station_finish(&station, &jobs[0], 600);
    (void)station_finish(&station, &jobs[1], 700);
    (void)station_finish(&station, &jobs[2], 700);
    (void)station_finish(&station, &jobs[3], 700);
    ck_assert(station_use(&station, 900) == 2 * 200 / (2 * 400.0));
    ck_assert(station_queue(&station, 900) == (2 * 100 + 100) / 400.0);
    ck_assert_int_eq(station.served, 2);
}
END_TEST

START_TEST(service_time_has_a_fixed_part_and_one_by_chance)
{
    enum { DRAWS = 10000 };
    const struct service_time fixed = {.fixed_ns = 500}, mixed = {.fixed_ns = 500, .mean_ns = 300};
    struct chance chance, same;
    double sum = 0;
    chance_begin(&chance, 1, 0);
    same = chance;
    ck_assert_int_eq(service_time_draw(&fixed, &chance), 500);
    ck_assert_mem_eq(&chance, &same, sizeof chance); /* nothing was drawn */
    for (int i = 0; i < DRAWS; i++) {
        const int64_t drawn = service_time_draw(&mixed, &chance);
        ck_assert_int_ge(drawn, 500);
        sum += (double)drawn;
    }
    ck_assert(sum / DRAWS > 785 && sum / DRAWS < 815); /* 800; five deviations of 3 */
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {jobs_are_served_in_the_order_of_their_arrival,
                                  job_beyond_the_queue_is_refused,
                                  lane_has_one_job_served_at_a_time_and_holds_up_no_other,
                                  next_job_of_a_lane_stands_behind_those_that_wait,
                                  jobs_that_wait_for_their_lane_take_up_the_queue,
                                  use_and_queue_are_means_over_the_time,
                                  service_time_has_a_fixed_part_and_one_by_chance,
                                  NULL};
    return run_tests("load_station", tests);
}
