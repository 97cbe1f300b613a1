/*
 * The engine against queueing theory, where the answers are known in closed form.
 *
 * 50 seeds of 100,000 customers each, of which the first fifth is dropped. The mean of the 50 must
 * lie within 3.5 standard errors of theory; and these must be small, or the test would see nothing.
 * Formulas: Kleinrock, "Queueing Systems", volume 1: chapter 3 (M/M/1, M/M/m, M/M/1/K), 4 (Burke's
 * theorem, for stations in a row) and 5 (Pollaczek and Khinchin). A mean service takes 1.
 */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "load/chance.h"
#include "load/events.h"
#include "load/histogram.h"
#include "load/station.h"
#include "tests/run_tests.h"

enum {
    SEEDS = 50,
    CUSTOMERS = 100000,
    DROPPED = CUSTOMERS / 5,
    UNLIMITED = CUSTOMERS,
    MEAN_NS = 1000000,
    STATIONS_MAX = 2
};

/* Stations in a row, each with so many workers, a queue, and the same service time. */
struct network {
    double use; /* of each worker */
    int stations, workers, queue;
    struct service_time time;
};

struct customer {
    struct station_job job; /* first: the station hands it back */
    int64_t came_ns;
    int station;
    int is_counted;
};

enum happening { ARRIVE, FINISH };

struct run {
    const struct network *network;
    struct events events;
    struct chance arrivals, services;
    struct station stations[STATIONS_MAX];
    struct customer *customers; /* CUSTOMERS; one is done before its place is used again */
    int came;
    int64_t lost, counted;
    struct histogram sojourns;
};

static void begin_service(struct run *run, struct station_job *job)
{
    const int64_t took_ns = service_time_draw(&run->network->time, &run->services);
    events_add(&run->events, run->events.now_ns + took_ns, FINISH, job);
}

static void enter(struct run *run, struct customer *customer)
{
    switch (station_offer(&run->stations[customer->station], &customer->job, NULL,
                          run->events.now_ns)) {
    case STATION_STARTED:
        begin_service(run, &customer->job);
        break;
    case STATION_REFUSED:
        run->lost += customer->is_counted;
        break;
    case STATION_QUEUED:
        break;
    }
}

static void arrive(struct run *run)
{
    const struct network *network = run->network;
    struct customer *customer = &run->customers[run->came++];
    *customer = (struct customer){.came_ns = run->events.now_ns, .is_counted = run->came > DROPPED};
    run->counted += customer->is_counted;
    if (run->came < CUSTOMERS) {
        const int64_t gap_ns = (int64_t)(MEAN_NS / network->use / network->workers);
        events_add(&run->events, run->events.now_ns + chance_exponential(&run->arrivals, gap_ns),
                   ARRIVE, NULL);
    }
    enter(run, customer);
}

static void finish(struct run *run, struct customer *customer)
{
    struct station_job *next =
        station_finish(&run->stations[customer->station], &customer->job, run->events.now_ns);
    if (next != NULL)
        begin_service(run, next);
    if (++customer->station < run->network->stations)
        enter(run, customer);
    else if (customer->is_counted)
        histogram_add(&run->sojourns, run->events.now_ns - customer->came_ns);
}

static void simulate(struct run *run, const struct network *network, uint64_t seed)
{
    struct event event;
    struct customer *customers = run->customers;
    *run = (struct run){.network = network, .customers = customers};
    chance_begin(&run->arrivals, seed, 1);
    chance_begin(&run->services, seed, 2);
    for (int i = 0; i < network->stations; i++)
        station_begin(&run->stations[i], network->workers, network->queue);
    events_add(&run->events, 0, ARRIVE, NULL);
    while (events_next(&run->events, &event)) {
        if (event.kind == ARRIVE)
            arrive(run);
        else
            finish(run, event.subject);
    }
    ck_assert_int_eq(run->events.overloaded, 0);
    events_release(&run->events);
}

/* --- figures ---------------------------------------------------------------------------------- */

enum figure { MEAN, HALF, HUNDREDTH, LOSS, FIGURES };
static const char *const figure_names[FIGURES] = {"mean", "p50", "p99", "loss"};

static double figure_of(const struct run *run, enum figure figure)
{
    switch (figure) {
    case HALF:
        return (double)histogram_quantile(&run->sojourns, 0.50) / MEAN_NS;
    case HUNDREDTH:
        return (double)histogram_quantile(&run->sojourns, 0.99) / MEAN_NS;
    case LOSS:
        return (double)run->lost / (double)run->counted;
    default:
        return histogram_mean(&run->sojourns) / MEAN_NS;
    }
}

/* What theory says; theory 0: nothing is asked. bound: of the standard error, to theory. */
struct expected {
    double theory, bound;
};

static void expect_theory(const struct network *network, const struct expected *expected)
{
    static double figures[FIGURES][SEEDS];
    struct run *run = calloc(1, sizeof *run);
    ck_assert_ptr_nonnull(run);
    run->customers = calloc(CUSTOMERS, sizeof *run->customers);
    ck_assert_ptr_nonnull(run->customers);
    for (int seed = 0; seed < SEEDS; seed++) {
        simulate(run, network, (uint64_t)seed);
        for (int i = 0; i < FIGURES; i++)
            figures[i][seed] = figure_of(run, (enum figure)i);
    }
    free(run->customers);
    free(run);
    for (int i = 0; i < FIGURES; i++) {
        double mean = 0, squares = 0;
        if (expected[i].theory <= 0)
            continue;
        for (int seed = 0; seed < SEEDS; seed++)
            mean += figures[i][seed] / SEEDS;
        for (int seed = 0; seed < SEEDS; seed++)
            squares += pow(figures[i][seed] - mean, 2);
        const double error = sqrt(squares / (SEEDS - 1) / SEEDS);
        ck_assert_msg(fabs(mean - expected[i].theory) <= 3.5 * error,
                      "%s is %.5f, by theory %.5f: %.1f standard errors of %.5f away",
                      figure_names[i], mean, expected[i].theory,
                      (mean - expected[i].theory) / error, error);
        ck_assert_msg(error <= expected[i].bound * expected[i].theory,
                      "the standard error of %s is %.2f %% of it, more than %.1f %%",
                      figure_names[i], 100 * error / expected[i].theory, 100 * expected[i].bound);
    }
}

static const struct service_time exponential = {.mean_ns = MEAN_NS};

START_TEST(same_seed_gives_the_same_bytes)
{
    static struct customer customers[CUSTOMERS];
    static struct run runs[3];
    const struct network network = {0.8, 2, 3, 20, {.fixed_ns = MEAN_NS / 2, MEAN_NS / 2}};
    for (int i = 0; i < 3; i++) {
        runs[i].customers = customers;
        simulate(&runs[i], &network, i < 2 ? 1 : 2);
    }
    ck_assert_int_eq(runs[0].lost, runs[1].lost);
    ck_assert_mem_eq(&runs[0].sojourns, &runs[1].sojourns, sizeof runs[0].sojourns);
    ck_assert_mem_ne(&runs[0].sojourns, &runs[2].sojourns, sizeof runs[0].sojourns);
}
END_TEST

START_TEST(one_worker_moderate_load)
{
    const struct network network = {0.7, 1, 1, UNLIMITED, exponential};
    const double d = 1 - network.use;
    const struct expected expected[FIGURES] = {
        [MEAN] = {1 / d, 0.015}, [HALF] = {log(2) / d, 0.015}, [HUNDREDTH] = {log(100) / d, 0.03}};
    expect_theory(&network, expected);
}
END_TEST

START_TEST(one_worker_heavy_load)
{
    const struct network network = {0.9, 1, 1, UNLIMITED, exponential};
    const double d = 1 - network.use;
    const struct expected expected[FIGURES] = {
        [MEAN] = {1 / d, 0.04}, [HALF] = {log(2) / d, 0.04}, [HUNDREDTH] = {log(100) / d, 0.07}};
    expect_theory(&network, expected);
}
END_TEST

START_TEST(three_workers_and_one_queue)
{
    const struct network network = {0.8, 1, 3, UNLIMITED, exponential};
    const double load = 3 * network.use;
    const double all_busy = pow(load, 3) / 6 / (1 - network.use);
    const double erlang_c = all_busy / (1 + load + load * load / 2 + all_busy);
    const struct expected expected[FIGURES] = {[MEAN] = {erlang_c / (3 - load) + 1, 0.02}};
    expect_theory(&network, expected);
}
END_TEST

START_TEST(service_that_always_takes_the_same)
{
    const struct network network = {0.7, 1, 1, UNLIMITED, {.fixed_ns = MEAN_NS}};
    const struct expected expected[FIGURES] = {
        [MEAN] = {1 + network.use / (2 * (1 - network.use)), 0.01}};
    expect_theory(&network, expected);
}
END_TEST

/* The sojourn is the sum of two independent exponential times: 1 - (1 + d t) e^(-d t) = .99. */
START_TEST(two_stations_in_a_row)
{
    const struct network network = {0.7, 2, 1, UNLIMITED, exponential};
    const double d = 1 - network.use;
    const struct expected expected[FIGURES] = {
        [MEAN] = {2 / d, 0.015}, [HUNDREDTH] = {6.6383521 / d, 0.03}};
    expect_theory(&network, expected);
}
END_TEST

START_TEST(full_queue_loses_customers)
{
    enum { PLACES = 10 }; /* the worker's is one of them */
    const struct network network = {0.9, 1, 1, PLACES - 1, exponential};
    const double use = network.use;
    const struct expected expected[FIGURES] = {
        [LOSS] = {(1 - use) * pow(use, PLACES) / (1 - pow(use, PLACES + 1)), 0.03}};
    expect_theory(&network, expected);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {same_seed_gives_the_same_bytes,
                                  one_worker_moderate_load,
                                  one_worker_heavy_load,
                                  three_workers_and_one_queue,
                                  service_that_always_takes_the_same,
                                  two_stations_in_a_row,
                                  full_queue_loses_customers,
                                  NULL};
    return run_tests("load_theory", tests);
}
