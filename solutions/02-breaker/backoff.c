/*
 * Delays between attempts, and the loop that makes them.
 */
#include "backoff.h"

#include <stdatomic.h>
#include <stddef.h>

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

int backoff_start(struct backoff *backoff, enum backoff_kind kind, int64_t base_ms, int64_t cap_ms,
                  struct random random, struct error *err)
{
    if (base_ms < 1)
        return error_set(err, ERR_INVALID, "base_ms is %lld; it must be at least 1.",
                         (long long)base_ms);
    if (cap_ms < base_ms || cap_ms > BACKOFF_TIME_MAX_MS)
        return error_set(err, ERR_INVALID, "cap_ms is %lld; it must be %lld to %lld.",
                         (long long)cap_ms, (long long)base_ms, (long long)BACKOFF_TIME_MAX_MS);
    *backoff = (struct backoff){.kind = kind,
                                .base_ms = base_ms,
                                .cap_ms = cap_ms,
                                .previous_ms = base_ms,
                                .random = random};
    return 0;
}

/* A whole number from low to high, both included. */
static int64_t between(const struct random *random, int64_t low, int64_t high)
{
    return low + (int64_t)(random_unit(random) * (double)(high - low + 1));
}

/* min(cap, base x 2^n), without a product that could overflow. */
static int64_t capped(const struct backoff *b)
{
    return b->n < 63 && b->base_ms <= b->cap_ms >> b->n ? b->base_ms << b->n : b->cap_ms;
}

int64_t backoff_next(struct backoff *backoff)
{
    int64_t most = capped(backoff);
    int64_t delay = most;
    switch (backoff->kind) {
    case BACKOFF_NONE:
        break;
    case BACKOFF_FULL:
        delay = between(&backoff->random, 0, most);
        break;
    case BACKOFF_EQUAL:
        delay = between(&backoff->random, most / 2, most);
        break;
    case BACKOFF_DECORRELATED:
        delay = between(&backoff->random, backoff->base_ms, 3 * backoff->previous_ms);
        delay = smaller(delay, backoff->cap_ms);
        break;
    }
    if (backoff->n < 63)
        backoff->n++;
    backoff->previous_ms = delay;
    return delay;
}

/* --- the retry budget ------------------------------------------------------------------------- */

enum { MILLI = 1000 };

int retry_budget_init(struct retry_budget *budget, double ratio, double burst, struct error *err)
{
    if (!(ratio >= 0 && ratio <= 1))
        return error_set(err, ERR_INVALID, "ratio is %g; it must be 0 to 1.", ratio);
    if (!(burst >= 1 && burst <= 1e6))
        return error_set(err, ERR_INVALID, "burst is %g; it must be 1 to 1000000.", burst);
    budget->ratio = ratio;
    budget->burst = burst;
    budget->milli_tokens = (int64_t)(burst * MILLI);
    return 0;
}

void retry_budget_first(struct retry_budget *budget)
{
    int64_t income = (int64_t)(budget->ratio * MILLI);
    int64_t most = (int64_t)(budget->burst * MILLI);
    int64_t tokens = atomic_load(&budget->milli_tokens);
    while (!atomic_compare_exchange_weak(&budget->milli_tokens, &tokens,
                                         smaller(tokens + income, most)))
        ; /* tokens now holds what another thread left: try with that */
}

int retry_budget_take(struct retry_budget *budget)
{
    int64_t tokens = atomic_load(&budget->milli_tokens);
    do {
        if (tokens < MILLI)
            return 0;
    } while (!atomic_compare_exchange_weak(&budget->milli_tokens, &tokens, tokens - MILLI));
    return 1;
}

/* --- the retry loop --------------------------------------------------------------------------- */

struct retry_report retry_run(const struct retry_policy *policy, const struct retry_world *world)
{
    struct retry_report report = {0};
    struct backoff backoff = {0};
    if (policy->attempts < 1 || policy->deadline_ms < 1 ||
        backoff_start(&backoff, policy->kind, policy->base_ms, policy->cap_ms, world->random, NULL))
        return report;
    int64_t deadline_at_ms = world->now_ms(world->context) + policy->deadline_ms;
    if (policy->budget != NULL)
        retry_budget_first(policy->budget);
    for (;;) {
        int64_t left_ms = deadline_at_ms - world->now_ms(world->context);
        struct attempt attempt = world->attempt(world->context, ++report.attempts, left_ms);
        report.result = attempt.result;
        if (attempt.result != ATTEMPT_TRANSIENT || report.attempts == policy->attempts)
            return report;
        int64_t wait_ms = larger(backoff_next(&backoff), attempt.retry_after_ms);
        if (world->now_ms(world->context) + wait_ms >= deadline_at_ms) {
            report.deadline_hit = 1;
            return report;
        }
        if (policy->budget != NULL && !retry_budget_take(policy->budget)) {
            report.budget_empty = 1;
            return report;
        }
        world->sleep_ms(world->context, wait_ms);
        report.slept_ms += wait_ms;
    }
}
