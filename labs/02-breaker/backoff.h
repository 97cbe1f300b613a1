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

enum backoff_kind {
    BACKOFF_NONE,        /* min(cap, base x 2^n) */
    BACKOFF_FULL,        /* floor(u x (1 + min(cap, base x 2^n))) : 0 .. capped */
    BACKOFF_EQUAL,       /* half of capped, and a random part of the other half */
    BACKOFF_DECORRELATED /* min(cap, base + floor(u x (1 + 3 x previous - base))), previous = base first */
};

/* The state of one call's retries: never shared between calls. */
struct backoff {
    enum backoff_kind kind;
    int64_t base_ms, cap_ms;
    int n;               /* delays given so far */
    int64_t previous_ms; /* for DECORRELATED */
    struct random random;
};

/* ERR_INVALID with the field's name: base_ms >= 1, cap_ms >= base_ms. */
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
    double ratio;  /* 0..1, say 0.1 */
    double burst;  /* most tokens kept, and the number at the start */
    _Atomic int64_t milli_tokens;
};
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
    int attempts;          /* the first included, >= 1 */
    int64_t deadline_ms;   /* for all attempts and waits together, from the start */
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
   sleeps past the deadline: a wait that would end at or after it is not begun. */
struct retry_report retry_run(const struct retry_policy *policy, const struct retry_world *world);

#endif
