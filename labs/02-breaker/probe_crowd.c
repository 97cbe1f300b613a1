/*
 * Lab 02's probe: a guard that many threads share. Given: nothing to write here.
 *
 *   crowd threads=8 operations=1000 fail=30 neutral=10 seed= percent= ... (as create)
 *            ok result_ok= result_neutral= result_failed= result_rejected= calls= fallbacks=
 *               text="..."                                                    | error code=
 *
 * Every thread starts at a barrier and makes `operations` guarded calls, and publishes the metrics
 * now and then, as a service's handlers do. The reply says what guard_run returned, how often the
 * call and the fallback were really called, and the metrics at the end. The clock moves 1 ms with
 * every 16th call.
 */
#include "probe.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { CROWD_MAX = 16, CALLS_A_MS = 16, PUBLISH_EVERY = 8, RESULTS = 4 };

struct crowd {
    struct guard *guard;
    pthread_barrier_t barrier;
    atomic_int_fast64_t time, calls, fallbacks, results[RESULTS];
    atomic_int next_thread;
    int operations, fail, neutral;
    uint64_t seed;
};

struct crowd_call {
    struct crowd *crowd;
    enum breaker_outcome outcome;
};

static struct moment crowd_now(void *context)
{
    struct crowd *crowd = context;
    return (struct moment){.mono_ms = atomic_load(&crowd->time) / CALLS_A_MS};
}

static double half(void *context)
{
    (void)context;
    return 0.5;
}

static enum breaker_outcome crowd_play(void *context)
{
    struct crowd_call *call = context;
    atomic_fetch_add(&call->crowd->calls, 1);
    turns_maybe_give();
    return call->outcome;
}

static void crowd_fall_back(void *context)
{
    struct crowd_call *call = context;
    atomic_fetch_add(&call->crowd->fallbacks, 1);
}

static void *crowd_thread(void *context)
{
    struct crowd *crowd = context;
    uint64_t thread = (uint64_t)atomic_fetch_add(&crowd->next_thread, 1);
    struct random_seeded seeded;
    struct random random = random_from_seed(&seeded, crowd->seed + thread);
    pthread_barrier_wait(&crowd->barrier);
    turns_begin(&random);
    for (int i = 0; i < crowd->operations; i++) {
        struct crowd_call call = {crowd, rig_draw_outcome(&random, crowd->fail, crowd->neutral)};
        atomic_fetch_add(&crowd->time, 1);
        struct guarded_call guarded = {crowd_play, crowd_fall_back, &call};
        unsigned result = (unsigned)guard_run(crowd->guard, &guarded);
        if (result < RESULTS)
            atomic_fetch_add(&crowd->results[result], 1);
        if (i % PUBLISH_EVERY == 0)
            guard_publish(crowd->guard);
    }
    turns_end();
    return NULL;
}

static void run_crowd(struct crowd *crowd, int threads)
{
    pthread_t ids[CROWD_MAX];
    pthread_barrier_init(&crowd->barrier, NULL, (unsigned)threads);
    for (int i = 0; i < threads; i++)
        pthread_create(&ids[i], NULL, crowd_thread, crowd);
    for (int i = 0; i < threads; i++)
        pthread_join(ids[i], NULL);
    pthread_barrier_destroy(&crowd->barrier);
}

static void describe_crowd(struct text *reply, const struct crowd *crowd, struct metrics *metrics)
{
    static const char *const names[RESULTS] = {"result_ok", "result_neutral", "result_failed",
                                               "result_rejected"};
    struct text text = {0};
    guard_publish(crowd->guard);
    metrics_render(metrics, &text);
    message_begin(reply, "ok");
    for (int i = 0; i < RESULTS; i++)
        message_add_int64(reply, names[i], atomic_load(&crowd->results[i]));
    message_add_int64(reply, "calls", atomic_load(&crowd->calls));
    message_add_int64(reply, "fallbacks", atomic_load(&crowd->fallbacks));
    message_add(reply, "text", text_str(&text));
    text_release(&text);
}

void do_crowd(void *context, const struct message *action, struct text *reply)
{
    (void)context;
    struct crowd crowd = {.operations = (int)rig_int(action, "operations", 1000),
                          .fail = (int)rig_int(action, "fail", 30),
                          .neutral = (int)rig_int(action, "neutral", 10),
                          .seed = (uint64_t)rig_int(action, "seed", 1)};
    int64_t threads = rig_int(action, "threads", 8);
    struct breaker_config config = rig_config(action, NULL);
    config.random = (struct random){half, NULL};
    struct clock clock = {crowd_now, &crowd};
    struct metrics *metrics = metrics_open();
    struct error err = {0};
    int result = guard_create(&crowd.guard, "user-service", &config, clock, metrics, &err);
    if (result < 0 || threads < 1 || threads > CROWD_MAX) {
        probe_result(reply, result, &err);
    } else {
        run_crowd(&crowd, (int)threads);
        describe_crowd(reply, &crowd, metrics);
    }
    guard_destroy(crowd.guard);
    metrics_close(metrics);
}
