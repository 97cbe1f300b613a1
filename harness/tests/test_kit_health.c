/* Health checks side by side: one that hangs costs its own limit and nothing else. */
#include <check.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include "kit/health.h"
#include "kit/thread.h"
#include "run_tests.h"

enum { LIMIT_MS = 100, FAR_MS = 20000 };

struct gate {
    sem_t open;
    atomic_int entries;
};

static void is_up(void *context, struct health_result *result)
{
    (void)context;
    result->status = HEALTH_UP;
    result->value = 7;
}

static void hangs(void *context, struct health_result *result)
{
    struct gate *gate = context;
    atomic_fetch_add(&gate->entries, 1);
    sem_wait(&gate->open);
    result->status = HEALTH_UP;
}

static int64_t run(struct health_pool *pool, const struct health_check *checks, int count,
                   struct health_result *results)
{
    int64_t start_ns = monotonic_ns();
    health_run(pool, checks, count, results);
    return (monotonic_ns() - start_ns) / 1000000;
}

/* Meets the other check of the round: one after the other they would never end. */
static void meets(void *context, struct health_result *result)
{
    pthread_barrier_wait(context);
    is_up(NULL, result);
}

static void meets_too(void *context, struct health_result *result)
{
    meets(context, result);
}

START_TEST(checks_run_side_by_side)
{
    struct health_pool *pool = health_pool_open();
    pthread_barrier_t barrier;
    pthread_barrier_init(&barrier, NULL, 2);
    struct health_check checks[] = {{"a", meets, &barrier, FAR_MS},
                                    {"b", meets_too, &barrier, FAR_MS}};
    struct health_result results[2];
    for (int round = 0; round < 50; round++) {
        health_run(pool, checks, 2, results);
        for (int i = 0; i < 2; i++) {
            ck_assert_int_eq(results[i].status, HEALTH_UP);
            ck_assert_int_eq(results[i].value, 7);
            ck_assert_str_eq(results[i].detail, "");
        }
    }
    pthread_barrier_destroy(&barrier);
    health_pool_close(pool);
}
END_TEST

START_TEST(one_that_hangs_is_unknown_and_is_not_started_again)
{
    struct health_pool *pool = health_pool_open();
    struct gate gate;
    atomic_init(&gate.entries, 0);
    sem_init(&gate.open, 0, 0);
    struct health_check checks[] = {{"stuck", hangs, &gate, LIMIT_MS}, {"up", is_up, NULL, FAR_MS}};
    struct health_result results[2];
    ck_assert_int_ge(run(pool, checks, 2, results), LIMIT_MS);
    ck_assert_int_eq(results[0].status, HEALTH_UNKNOWN);
    ck_assert_str_eq(results[0].detail, "no answer within 100 ms");
    ck_assert_int_eq(results[1].status, HEALTH_UP);

    for (int round = 0; round < 5; round++) {
        ck_assert_int_lt(run(pool, checks, 2, results), FAR_MS);
        ck_assert_int_eq(results[0].status, HEALTH_UNKNOWN);
        ck_assert_int_eq(results[1].status, HEALTH_UP);
    }
    ck_assert_int_eq(atomic_load(&gate.entries), 1);

    /* When what it asks answers again, so does the check. */
    sem_post(&gate.open);
    do {
        sem_post(&gate.open);
        health_run(pool, checks, 2, results);
    } while (results[0].status != HEALTH_UP);
    sem_destroy(&gate.open);
    health_pool_close(pool);
}
END_TEST

START_TEST(hung_checks_are_bounded)
{
    enum { CHECKS = HEALTH_CHECKS_MAX + 2 };
    struct health_pool *pool = health_pool_open();
    static struct gate gates[CHECKS];
    struct health_check checks[CHECKS];
    struct health_result results[CHECKS];
    for (int i = 0; i < CHECKS; i++) {
        sem_init(&gates[i].open, 0, 0);
        checks[i] = (struct health_check){"stuck", hangs, &gates[i], LIMIT_MS};
    }
    health_run(pool, checks, CHECKS, results);
    for (int i = 0; i < CHECKS; i++) {
        ck_assert_int_eq(results[i].status, HEALTH_UNKNOWN);
        ck_assert_str_ne(results[i].detail, "");
        sem_post(&gates[i].open);
    }
    health_pool_close(pool); /* waits for those that run */
    ck_assert_int_eq(atomic_load(&gates[CHECKS - 1].entries), 0);
}
END_TEST

static void *run_both(void *arg)
{
    void **both = arg;
    for (int round = 0; round < 50; round++) {
        struct health_result results[1];
        health_run(both[0], both[1], 1, results);
        ck_assert_int_eq(results[0].status, HEALTH_UP);
    }
    return NULL;
}

START_TEST(two_callers_get_an_answer_each)
{
    struct health_pool *pool = health_pool_open();
    struct health_check check = {"up", is_up, NULL, FAR_MS};
    void *both[2] = {pool, &check};
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(thread_start(&threads[i], run_both, both, NULL), 0);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    health_pool_close(pool);
}
END_TEST

START_TEST(memory_is_measured)
{
    int64_t before = health_heap_bytes();
    void *block = malloc(1 << 20);
    ck_assert_int_ge(health_heap_bytes(), before); /* under ASan the heap is not glibc's */
    free(block);
    ck_assert_int_gt(health_resident_bytes(), 1 << 20);
    ck_assert_str_eq(health_status_name(HEALTH_DOWN), "down");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        checks_run_side_by_side, one_that_hangs_is_unknown_and_is_not_started_again,
        hung_checks_are_bounded, two_callers_get_an_answer_each,
        memory_is_measured,      NULL};
    return run_tests("kit health", tests);
}
