/*
 * Lab 02's probe: many threads at once. Given: nothing to write here.
 *
 *   storm threads=8 operations=1000 fail=30 neutral=10 seed= step=1 trip=0 percent= ... (as create)
 *            ok operations= before= events= disordered= (and the counts)   | error code=
 *   log from= count=           ok entries=thread:admit_before:admit_after:admission:outcome:
 *                                          report_before:report_after:refused;...
 *
 * Every thread starts at a barrier and makes `operations` calls: admit, and when admitted, report
 * (FAIL for `fail` in 100, NEUTRAL for `neutral` in 100). With trip=1 one thread first makes calls
 * that fail until one is rejected; they are not in the log, and `before` counts them. A shared
 * counter gives tickets before and after each call into the student's code, so the judge can bound
 * what ran at the same time. The clock moves `step` ms with every ticket divided by 16. admission
 * and refused are numbers; the report fields are -1 where no call was admitted. Meanwhile one
 * more thread reads state and counts. disordered: events that did not begin where the one
 * before ended.
 */
#include "probe.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { THREADS_MAX = 16, TICKETS_A_STEP = 16, READS_A_COUNT = 16 };

struct storm_entry {
    int thread;
    int64_t admit_before, admit_after, report_before, report_after;
    int admission, outcome, refused;
};

struct storm {
    struct breaker *breaker;
    struct draws draws;
    pthread_barrier_t barrier;
    atomic_int_fast64_t ticket, events, disordered;
    enum breaker_state last_to; /* of the event before; they come one at a time, so no lock */
    int64_t step_ms;
    int operations, fail, neutral, threads;
    uint64_t seed;
    struct storm_entry *entries;  /* threads x operations */
    atomic_int next_thread, over; /* over: the reader may stop */
};

void storm_free(struct storm *storm)
{
    if (storm == NULL)
        return;
    breaker_destroy(storm->breaker);
    free(storm->entries);
    free(storm);
}

static int64_t now_of(const struct storm *storm, int64_t ticket)
{
    return ticket / TICKETS_A_STEP * storm->step_ms;
}

static void count_event(void *context, const struct breaker_event *event)
{
    struct storm *storm = context;
    atomic_fetch_add(&storm->events, 1);
    atomic_fetch_add(&storm->disordered, event->from != storm->last_to);
    storm->last_to = event->to;
}

/* The random source is called inside the student's code, perhaps by several threads: a constant. */
static double half(void *context)
{
    (void)context;
    return 0.5;
}

static void one_call(struct storm *storm, struct storm_entry *entry, struct random *random)
{
    struct breaker_token token;
    entry->admit_before = atomic_fetch_add(&storm->ticket, 1);
    entry->admission =
        (int)breaker_admit(storm->breaker, now_of(storm, entry->admit_before), &token);
    entry->admit_after = atomic_fetch_add(&storm->ticket, 1);
    entry->outcome = entry->refused = -1;
    entry->report_before = entry->report_after = -1;
    if (entry->admission != BREAKER_ADMITTED)
        return;
    enum breaker_outcome outcome = rig_draw_outcome(random, storm->fail, storm->neutral);
    entry->outcome = (int)outcome;
    turns_maybe_give(); /* the call that is made takes a while */
    entry->report_before = atomic_fetch_add(&storm->ticket, 1);
    entry->refused =
        breaker_report(storm->breaker, &token, outcome, now_of(storm, entry->report_before)) != 0;
    entry->report_after = atomic_fetch_add(&storm->ticket, 1);
}

static void *storm_thread(void *context)
{
    struct storm *storm = context;
    int thread = atomic_fetch_add(&storm->next_thread, 1);
    struct random_seeded seeded;
    struct random random = random_from_seed(&seeded, storm->seed + (uint64_t)thread);
    pthread_barrier_wait(&storm->barrier);
    turns_begin(&random);
    for (int i = 0; i < storm->operations; i++) {
        struct storm_entry *entry = &storm->entries[thread * storm->operations + i];
        entry->thread = thread;
        one_call(storm, entry, &random);
    }
    turns_end();
    return NULL;
}

/* A caller that only looks, and takes no ticket: tickets would order its reads after the writes. */
static void *reader_thread(void *context)
{
    struct storm *storm = context;
    struct random_seeded seeded;
    struct random random = random_from_seed(&seeded, storm->seed + THREADS_MAX);
    pthread_barrier_wait(&storm->barrier);
    turns_begin(&random);
    while (!atomic_load_explicit(&storm->over, memory_order_relaxed)) {
        for (int again = 0; again < READS_A_COUNT; again++)
            breaker_state(storm->breaker);
        breaker_counts(storm->breaker);
        turns_maybe_give();
    }
    turns_end();
    return NULL;
}

/* Calls that fail, until the breaker rejects one. How many were admitted. */
static int trip(struct storm *storm)
{
    enum { CALLS_MAX = 1000 };
    struct breaker_token token;
    int calls = 0;
    while (calls < CALLS_MAX && breaker_admit(storm->breaker, 0, &token) == BREAKER_ADMITTED) {
        breaker_report(storm->breaker, &token, BREAKER_FAIL, 0);
        calls++;
    }
    return calls;
}

static void run_threads(struct storm *storm)
{
    pthread_t threads[THREADS_MAX], reader;
    pthread_barrier_init(&storm->barrier, NULL, (unsigned)storm->threads + 1);
    pthread_create(&reader, NULL, reader_thread, storm);
    for (int i = 0; i < storm->threads; i++)
        pthread_create(&threads[i], NULL, storm_thread, storm);
    for (int i = 0; i < storm->threads; i++)
        pthread_join(threads[i], NULL);
    atomic_store_explicit(&storm->over, 1, memory_order_relaxed);
    pthread_join(reader, NULL);
    pthread_barrier_destroy(&storm->barrier);
}

static int64_t in_range(int64_t value, int64_t min, int64_t max)
{
    return value < min ? min : (value > max ? max : value);
}

void do_storm(void *context, const struct message *action, struct text *reply)
{
    struct rig *rig = context;
    storm_free(rig->storm);
    struct storm *storm = rig->storm = calloc(1, sizeof *storm);
    if (storm == NULL)
        abort();
    storm->threads = (int)in_range(rig_int(action, "threads", 8), 1, THREADS_MAX);
    storm->operations = (int)in_range(rig_int(action, "operations", 1000), 1, 100000);
    storm->fail = (int)rig_int(action, "fail", 30);
    storm->neutral = (int)rig_int(action, "neutral", 10);
    storm->step_ms = rig_int(action, "step", 1);
    storm->seed = (uint64_t)rig_int(action, "seed", 1);
    storm->entries =
        calloc((size_t)storm->threads * (size_t)storm->operations, sizeof *storm->entries);
    if (storm->entries == NULL)
        abort();
    struct breaker_config config = rig_config(action, &storm->draws);
    config.random = (struct random){half, NULL};
    struct error err = {0};
    int result = breaker_create(&storm->breaker, &config, count_event, storm, &err);
    if (result < 0) {
        probe_result(reply, result, &err);
        return;
    }
    int before = rig_int(action, "trip", 0) == 1 ? trip(storm) : 0;
    run_threads(storm);
    struct breaker_counts counts = breaker_counts(storm->breaker);
    message_begin(reply, "ok");
    message_add_int64(reply, "operations", (int64_t)storm->threads * storm->operations);
    message_add_int64(reply, "before", before);
    message_add_int64(reply, "events", atomic_load(&storm->events));
    message_add_int64(reply, "disordered", atomic_load(&storm->disordered));
    rig_add_counts(reply, &counts);
}

void do_storm_log(void *context, const struct message *action, struct text *reply)
{
    struct rig *rig = context;
    struct text entries = {0};
    const struct storm *storm = rig->storm;
    int64_t all = storm == NULL ? 0 : (int64_t)storm->threads * storm->operations;
    int64_t from = rig_int(action, "from", 0);
    int64_t end = from + rig_int(action, "count", 500);
    for (int64_t i = from; i < end && i < all; i++) {
        const struct storm_entry *e = &storm->entries[i];
        text_addf(&entries, "%d:%lld:%lld:%d:%d:%lld:%lld:%d;", e->thread,
                  (long long)e->admit_before, (long long)e->admit_after, e->admission, e->outcome,
                  (long long)e->report_before, (long long)e->report_after, e->refused);
    }
    message_begin(reply, "ok");
    message_add(reply, "entries", text_str(&entries));
    text_release(&entries);
}
