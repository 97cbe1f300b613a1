/*
 * A circuit breaker: stops calling a dependency that keeps failing, and finds out by itself when it
 * is well again. Steps 1, 2, 4 and 5 of lab 02.
 *
 * The breaker is pure: time and chance are arguments, nothing here sleeps, logs or calls out. A
 * caller asks breaker_admit before each call and tells breaker_report what came of it. From step 5
 * on, both may be called from many threads at once.
 *
 *   CLOSED     every call is admitted; the last `window` outcomes are remembered
 *   OPEN       no call is admitted until the wait is over
 *   HALF_OPEN  a few trial calls find out whether the dependency is well
 *
 * Read more: M. Nygard, Release It!, 2nd edition, chapter 5; resilience4j's and Polly's
 * documentation (they differ at the edges: where a rule here is marked PIN, it is this lab's
 * choice).
 */
#ifndef LAB02_BREAKER_H
#define LAB02_BREAKER_H

#include <stdint.h>
#include "kit/error.h"
#include "kit/random.h"

enum {
    BREAKER_WINDOW_MAX = 100000,   /* outcomes */
    BREAKER_TRIALS_MAX = 64,       /* trial calls in flight */
    BREAKER_EVENTS_MAX = 64,       /* events waiting for a slow listener */
    BREAKER_TIME_MAX_MS = 86400000 /* any duration: one day */
};

enum breaker_state { BREAKER_CLOSED, BREAKER_OPEN, BREAKER_HALF_OPEN };
enum breaker_admission { BREAKER_ADMITTED, BREAKER_REJECTED_OPEN, BREAKER_REJECTED_BUSY };
enum breaker_outcome {
    BREAKER_OK,
    BREAKER_FAIL,
    BREAKER_NEUTRAL /* says nothing about the dependency: the caller's mistake (4xx), cancelled */
};

struct breaker_config {
    int failure_percent; /* 1..100: trips when 100 x failures >= failure_percent x recorded */
    int window;          /* 1..BREAKER_WINDOW_MAX: how many outcomes are looked at */
    int minimum;         /* 1..window: fewer recorded outcomes never trip */
    int trials;          /* P, 1..BREAKER_TRIALS_MAX: trial calls in flight while HALF_OPEN */
    int successes;       /* k, 1..: successes in a row that close */
    int64_t base_ms;     /* 1..: first wait; doubles at each reopening ... */
    int64_t cap_ms;      /* base_ms..BREAKER_TIME_MAX_MS: ... up to this */
    int64_t lease_ms;    /* 1..BREAKER_TIME_MAX_MS: a trial that has not reported by then is lost */
    double jitter;       /* j, 0..1: how much of the wait chance may take away */
    struct random random; /* one draw at each opening, even when jitter is 0 */
};

/* A transition as it happened. Delivered once, in order, outside the breaker's lock, one at a time;
   the listener may call back into the breaker. When BREAKER_EVENTS_MAX wait, later ones are dropped
   and counted in counts.events_lost. */
struct breaker_event {
    enum breaker_state from, to;
    int64_t at_ms;
    int64_t wait_ms; /* the new wait when `to` is OPEN, else 0 */
};

struct breaker_counts {
    int64_t admitted, succeeded, failed, neutral; /* stale reports are in none of the last three */
    int64_t rejected_open, rejected_busy;
    int64_t stale; /* reports that changed nothing: spent, foreign, or of an earlier state */
    int64_t lost;  /* trials whose lease ran out */
    int64_t opened, half_opened, closed; /* transitions into each state */
    int64_t events_lost;
};

/* Owned by the caller, filled by breaker_admit, spent by breaker_report: a second report of the
   same token is stale. Its fields are the breaker's business. */
struct breaker_token {
    uint64_t breaker;    /* which breaker: its address will do */
    uint64_t generation; /* which stay in a state */
    uint64_t serial;     /* 0 = spent */
    int slot;            /* a trial's slot, -1 outside HALF_OPEN */
};

struct breaker;

/* Checks the whole configuration: ERR_INVALID with the field's name in the sentence, *out NULL.
   listener may be NULL. *out is the caller's to destroy, after the last call has returned. */
int breaker_create(struct breaker **out, const struct breaker_config *config,
                   void (*listener)(void *context, const struct breaker_event *event),
                   void *listener_context, struct error *err);
void breaker_destroy(struct breaker *breaker); /* NULL is fine */

/*
 * May a call be made at now_ms (monotonic; may repeat, and with threads lag a little behind what
 * another caller brought)? BREAKER_ADMITTED fills *token, which the caller must report; the others
 * leave it spent. No allocation; the same time whatever the window.
 *
 * OPEN: at now >= opened + wait (PIN: >=) this very call turns the breaker HALF_OPEN and is its
 * first trial.
 *
 * HALF_OPEN: a trial whose lease is over (now >= admitted + lease) is looked at here first: the
 * breaker reopens as of now.
 */
enum breaker_admission breaker_admit(struct breaker *breaker, int64_t now_ms,
                                     struct breaker_token *token);

/*
 * What came of an admitted call. 0 and the token is spent; or ERR_REFUSED when it is stale (spent,
 * another breaker's, or of an earlier generation): then nothing changed but counts.stale.
 * CLOSED: OK and FAIL are recorded; a recorded failure may trip (PIN: never a success).
 * HALF_OPEN: FAIL reopens with a full new wait, OK counts towards `successes`, NEUTRAL gives the
 * permit back. Lost leases are looked at first, as in breaker_admit.
 */
int breaker_report(struct breaker *breaker, struct breaker_token *token,
                   enum breaker_outcome outcome, int64_t now_ms);

/* Reading changes nothing, however late it is: OPEN stays OPEN until somebody asks to be admitted.
 */
enum breaker_state breaker_state(struct breaker *breaker);
struct breaker_counts breaker_counts(struct breaker *breaker);

/* "CLOSED", "OPEN", "HALF_OPEN". Static text. Given. */
const char *breaker_state_name(enum breaker_state state);

/*
 * The wait of the n-th opening in a row (n = 0 is the first; it starts again after CLOSED):
 * capped = min(cap, base x 2^n), then jitter, which only shortens (PIN):
 * wait = max(1, capped - floor(capped x jitter x unit)). No overflow for any n up to 4096.
 */
int64_t breaker_wait_ms(int64_t base_ms, int64_t cap_ms, double jitter, int n, double unit);

#endif
