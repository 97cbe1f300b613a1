/*
 * Backoff with jitter, and a retry loop that cannot make an outage worse. Step 4 of lab 02.
 *
 * Formulas: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 */
#ifndef LAB02_BACKOFF_H
#define LAB02_BACKOFF_H

#include <stdint.h>
#include "kit/error.h"
#include "kit/random.h"

enum { BACKOFF_TIME_MAX_MS = 86400000 }; /* any delay: one day */

enum backoff_kind {
    /* capped = min(cap, base x 2^n), n = 0 for the first delay; u = one draw per delay, in [0, 1)
     */
    BACKOFF_NONE,        /* capped; no draw */
    BACKOFF_FULL,        /* floor(u x (capped + 1)): 0 to capped */
    BACKOFF_EQUAL,       /* h + floor(u x (capped - h + 1)), h = capped / 2: h to capped */
    BACKOFF_DECORRELATED /* min(cap, base + floor(u x (3 x previous - base + 1))); previous is
                            the delay before, base at first */
};

/* The state of one call's retries: never shared between calls. */
struct backoff {
    enum backoff_kind kind;
    int64_t base_ms, cap_ms;
    int n;               /* delays given so far */
    int64_t previous_ms; /* for DECORRELATED */
    struct random random;
};

/* ERR_INVALID with the field's name: 1 <= base_ms <= cap_ms <= BACKOFF_TIME_MAX_MS. */
int backoff_start(struct backoff *backoff, enum backoff_kind kind, int64_t base_ms, int64_t cap_ms,
                  struct random random, struct error *err);
/* The next delay in ms, 0..cap. No overflow however often it is asked. */
int64_t backoff_next(struct backoff *backoff);

/*
 * The retry budget: a token bucket shared by all calls to one dependency. Each first attempt puts
 * `ratio` tokens in (at most `burst` are kept), each retry takes one out. So a dead dependency sees
 * at most (1 + ratio) x its load, plus the burst. Safe from several threads.
 */
struct retry_budget {
    double ratio;                 /* 0..1, say 0.1 */
    double burst;                 /* most tokens kept, and the number at the start */
    _Atomic int64_t milli_tokens; /* thousandths: 0.1 ten times is exactly one token */
};
/* ERR_INVALID with the field's name: ratio 0..1, burst 1..1000000. */
int retry_budget_init(struct retry_budget *budget, double ratio, double burst, struct error *err);
void retry_budget_first(struct retry_budget *budget); /* a first attempt was made */
int retry_budget_take(struct retry_budget *budget);   /* 1: this retry may go ahead */

enum attempt_result {
    ATTEMPT_OK,
    ATTEMPT_TRANSIENT, /* may work next time: refused, timeout, 5xx, 429 */
    ATTEMPT_PERMANENT, /* will not: 4xx */
    ATTEMPT_OPEN       /* a breaker rejected it: not retried */
};

struct attempt {
    enum attempt_result result;
    int64_t retry_after_ms; /* the server's Retry-After, -1 = none: never wait less than this */
};

struct retry_policy {
    int attempts;        /* the first included, >= 1 */
    int64_t deadline_ms; /* for all attempts and waits together, from the start */
    enum backoff_kind kind;
    int64_t base_ms, cap_ms;
    struct retry_budget *budget; /* NULL = none */
};

/* The world of a retry loop: scripted in the probe, real in a service. */
struct retry_world {
    int64_t (*now_ms)(void *context);
    void (*sleep_ms)(void *context, int64_t duration_ms);
    /* One attempt, number 1.., which must not take longer than limit_ms. */
    struct attempt (*attempt)(void *context, int number, int64_t limit_ms);
    void *context;
    struct random random;
};

struct retry_report {
    enum attempt_result result; /* of the last attempt */
    int attempts;
    int64_t slept_ms;
    int deadline_hit; /* 1: another attempt was due, but not before the deadline */
    int budget_empty; /* 1: another attempt was due, but the budget had no token */
};

/* Tries until OK, PERMANENT or OPEN, until attempts, deadline or budget are used up. It never
   sleeps past the deadline: a wait that would end at or after it is not begun. A policy that
   breaks a limit (attempts < 1, deadline_ms < 1, a wrong base or cap) makes no attempt at all: 0
   attempts, and the result says nothing. */
struct retry_report retry_run(const struct retry_policy *policy, const struct retry_world *world);

#endif
