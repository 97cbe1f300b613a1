/*
 * The guard: a call behind a breaker, with a fallback and metrics. Step 3 of lab 02.
 */
#ifndef LAB02_GUARD_H
#define LAB02_GUARD_H

#include "breaker.h"
#include "kit/clock.h"
#include "kit/metrics.h"

struct guard;

/* What came of a guarded call, for the caller. */
enum guard_result {
    GUARD_OK,               /* the call's own answer */
    GUARD_NEUTRAL,          /* the call's own answer: the caller's mistake; no fallback */
    GUARD_FALLBACK_FAILED,  /* the call failed, the fallback answered */
    GUARD_FALLBACK_REJECTED /* no call was made, the fallback answered */
};

struct guarded_call {
    /* Makes the call and says how it went. */
    enum breaker_outcome (*call)(void *context);
    /* Answers instead, on failure and on rejection; must not call the dependency. */
    void (*fallback)(void *context);
    void *context;
};

/* name: the dependency, for the metrics' label ("user-service"). metrics may be NULL. name and
   clock are copied. ERR_INVALID as in breaker_create. */
int guard_create(struct guard **out, const char *name, const struct breaker_config *config,
                 struct clock clock, struct metrics *metrics, struct error *err);
void guard_destroy(struct guard *guard);

/* Admit, call, report, fall back: every exit path reports an admitted call exactly once,
   at the time when it ended. Safe from several threads, whose calls run side by side. */
enum guard_result guard_run(struct guard *guard, const struct guarded_call *call);

/* The breaker inside, for reading its state. Borrowed. */
struct breaker *guard_breaker(struct guard *guard);

/* Brings the metrics up to date; called before they are rendered. Families, all with the label
 * `name` (a counter's own labels in braces):
 *   circuit_breaker_calls_total{outcome="success|failure|neutral"}   admitted calls by outcome;
 *                                                          a late one, refused as stale, has none
 *   circuit_breaker_admitted_total
 *   circuit_breaker_rejected_total{reason="open|busy"}
 *   circuit_breaker_fallbacks_total{reason="failure|rejection"}
 *   circuit_breaker_transitions_total{from,to}    states in lower case: closed, open, half_open
 *   circuit_breaker_state{state="closed|open|half_open"}   gauge, 1 for the state it is in
 */
void guard_publish(struct guard *guard);

#endif
