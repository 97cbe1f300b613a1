/*
 * What the reference of lab 02 costs a call: admit and report while CLOSED, and a rejection while
 * OPEN, by one thread and by eight, with a small window and a large one.
 *
 * The least that a thread-safe breaker can cost is measured beside it: two lock-and-unlock pairs of
 * a mutex that nobody else wants.
 */
#include <pthread.h>
#include <stdio.h>
#include <time.h>
#include "02-breaker/breaker.h"
#include "bench/bench.h"
#include "kit/error.h"

enum { ROUNDS = 7, CALLS = 2000000, THREADS = 8 };

struct work {
    struct breaker *breaker;
    pthread_mutex_t *lock;
    pthread_barrier_t *barrier;
    int calls;
};

static void *call_and_report(void *context)
{
    const struct work *work = context;
    struct breaker_token token;
    pthread_barrier_wait(work->barrier);
    for (int i = 0; i < work->calls; i++) {
        breaker_admit(work->breaker, 1, &token);
        breaker_report(work->breaker, &token, BREAKER_OK, 1);
    }
    return NULL;
}

static void *be_rejected(void *context)
{
    const struct work *work = context;
    struct breaker_token token;
    pthread_barrier_wait(work->barrier);
    for (int i = 0; i < work->calls; i++)
        breaker_admit(work->breaker, 1, &token);
    return NULL;
}

static void *lock_twice(void *context)
{
    const struct work *work = context;
    pthread_barrier_wait(work->barrier);
    for (int i = 0; i < work->calls; i++) {
        pthread_mutex_lock(work->lock);
        pthread_mutex_unlock(work->lock);
        pthread_mutex_lock(work->lock);
        pthread_mutex_unlock(work->lock);
    }
    return NULL;
}

static double cpu_s(void)
{
    struct timespec now = {0, 0};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* CPU nanoseconds for one call, all threads' calls counted: the best of some rounds. CPU time, so
   that other work on the machine is not counted. */
static double measure(void *(*job)(void *context), struct breaker *breaker, int threads)
{
    pthread_t ids[THREADS];
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_barrier_t barrier;
    struct work work = {breaker, &lock, &barrier, CALLS / threads};
    double best_s = 1e9;
    for (int round = 0; round < ROUNDS; round++) {
        int started = 0;
        pthread_barrier_init(&barrier, NULL, (unsigned)threads + 1);
        while (started < threads && pthread_create(&ids[started], NULL, job, &work) == 0)
            started++;
        if (started < threads)
            return -1; /* the threads wait at the barrier for good: the caller ends the program */
        pthread_barrier_wait(&barrier);
        double start_s = cpu_s();
        for (int i = 0; i < threads; i++)
            pthread_join(ids[i], NULL);
        double took_s = cpu_s() - start_s;
        best_s = took_s < best_s ? took_s : best_s;
        pthread_barrier_destroy(&barrier);
    }
    return best_s * 1e9 / (work.calls * threads);
}

static int open_breaker(struct breaker **breaker, int window, int open, struct error *err)
{
    struct breaker_token token;
    const struct breaker_config config = {.failure_percent = 50,
                                          .window = window,
                                          .minimum = 1,
                                          .trials = 1,
                                          .successes = 1,
                                          .base_ms = BREAKER_TIME_MAX_MS,
                                          .cap_ms = BREAKER_TIME_MAX_MS,
                                          .lease_ms = 1000,
                                          .random = random_system()};
    int code = breaker_create(breaker, &config, NULL, NULL, err);
    if (code == 0 && open) {
        breaker_admit(*breaker, 0, &token);
        breaker_report(*breaker, &token, BREAKER_FAIL, 0);
    }
    return code;
}

static int row(const char *what, void *(*job)(void *context), int window, int open, int threads,
               const char *note, struct error *err)
{
    struct breaker *breaker = NULL;
    int code = open_breaker(&breaker, window, open, err);
    if (code < 0)
        return code;
    double ns = measure(job, breaker, threads);
    if (ns < 0)
        return error_set(err, ERR_UNAVAILABLE, "there are no threads to be had for the benchmark.");
    printf("breaker, %-34s %d thread%s %6.1f ns of CPU%s\n", what, threads,
           threads == 1 ? ", " : "s,", ns, note);
    breaker_destroy(breaker);
    return 0;
}

int bench_breaker(struct bench *bench, struct error *err)
{
    (void)bench;
    int code = row("a mutex locked twice, alone", lock_twice, 10, 0, 1, "   (the floor)", err);
    for (int i = 0; i < 2 && code == 0; i++) {
        int threads = i == 0 ? 1 : THREADS;
        const char *pair = i == 0 ? "   (target: 60)" : "";
        code = row("admit + report, window 10", call_and_report, 10, 0, threads, pair, err);
        if (code == 0)
            code =
                row("admit + report, window 10,000", call_and_report, 10000, 0, threads, pair, err);
        if (code == 0)
            code = row("a rejection while OPEN", be_rejected, 10, 1, threads,
                       i == 0 ? "   (target: 25)" : "", err);
    }
    return code;
}
