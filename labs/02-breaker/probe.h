/*
 * What the parts of lab 02's probe share. Given: nothing to write here.
 */
#ifndef LAB02_PROBE_H
#define LAB02_PROBE_H

#include "backoff.h"
#include "breaker.h"
#include "guard.h"
#include "probe/probe.h"

enum { RIG_BREAKERS = 2, RIG_TOKENS = 256, RIG_EVENTS = 256, RIG_DRAWS = 64 };

/* Draws for code under test: a list given by the judge, again from its start when it is used up;
   or a seeded generator when the list is empty. */
struct draws {
    double list[RIG_DRAWS];
    int count, next;
    int64_t drawn;
    struct random_seeded seeded;
    struct random from_seed;
};
struct random draws_random(struct draws *draws);
/* From `draws=0.5,0` or `seed=7`. */
void draws_setup(struct draws *draws, const struct message *action);

struct rig {
    struct breaker *breakers[RIG_BREAKERS];
    struct draws draws[RIG_BREAKERS];
    struct breaker_token tokens[RIG_TOKENS];
    struct breaker_event events[RIG_EVENTS];
    int event_count;
    int reenter; /* the listener reads the breaker's state and counts from within */
    int flood;   /* at the first event the listener is slow: so many cycles come meanwhile */
    int listening, nested; /* nested: an event came while another was being delivered */

    struct guard *guard;
    struct metrics *metrics;
    int64_t now_ms; /* the guard's clock */
    int calls, fallbacks;

    struct retry_budget budget;
    struct storm *storm;
};

int64_t rig_int(const struct message *action, const char *name, int64_t otherwise);
double rig_double(const struct message *action, const char *name, double otherwise);
/* percent, window, minimum, trials, successes, base, cap, lease, jitter; each has a default. */
struct breaker_config rig_config(const struct message *action, struct draws *draws);
/* FAIL for fail_percent in 100 calls, NEUTRAL for neutral_percent, else OK. */
enum breaker_outcome rig_draw_outcome(const struct random *random, int fail_percent,
                                      int neutral_percent);
/* Every counter under its name in breaker.h. */
void rig_add_counts(struct text *reply, const struct breaker_counts *counts);

/* probe_retry.c */
void do_backoff(void *context, const struct message *action, struct text *reply);
void do_budget(void *context, const struct message *action, struct text *reply);
void do_retry(void *context, const struct message *action, struct text *reply);
void do_wait(void *context, const struct message *action, struct text *reply);

/* probe_guard.c */
void do_guard(void *context, const struct message *action, struct text *reply);
void do_call(void *context, const struct message *action, struct text *reply);
void do_metrics(void *context, const struct message *action, struct text *reply);

/* probe_traces.c */
void do_traces(void *context, const struct message *action, struct text *reply);
void do_herd(void *context, const struct message *action, struct text *reply);

/* probe_storm.c */
void do_storm(void *context, const struct message *action, struct text *reply);
void do_storm_log(void *context, const struct message *action, struct text *reply);
void storm_free(struct storm *storm);

/* probe_turns.c: from begin to end the calling thread gives its turn away at one lock or unlock of
   TURNS_KEPT, drawn from random, which is borrowed; and at one call of maybe_give of as many. */
enum { TURNS_KEPT = 4 };
void turns_begin(const struct random *random);
void turns_maybe_give(void);
void turns_end(void);

/* probe_crowd.c */
void do_crowd(void *context, const struct message *action, struct text *reply);

#endif
