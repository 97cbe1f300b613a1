/*
 * Delays between attempts, and the loop that makes them. backoff.h gives the formulas.
 */
#include "backoff.h"

int backoff_start(struct backoff *backoff, enum backoff_kind kind, int64_t base_ms, int64_t cap_ms,
                  struct random random, struct error *err)
{
    /* TODO(step 4) */
    (void)kind;
    (void)base_ms;
    (void)cap_ms;
    (void)random;
    *backoff = (struct backoff){0};
    return error_set(err, ERR_TODO, "backoff_start is not written yet (step 4).");
}

int64_t backoff_next(struct backoff *backoff)
{
    /* TODO(step 4): one draw per delay, none for BACKOFF_NONE. */
    (void)backoff;
    return -1;
}

int retry_budget_init(struct retry_budget *budget, double ratio, double burst, struct error *err)
{
    /* TODO(step 4) */
    (void)ratio;
    (void)burst;
    budget->milli_tokens = 0;
    return error_set(err, ERR_TODO, "retry_budget_init is not written yet (step 4).");
}

void retry_budget_first(struct retry_budget *budget)
{
    /* TODO(step 4) */
    (void)budget;
}

int retry_budget_take(struct retry_budget *budget)
{
    /* TODO(step 4) */
    (void)budget;
    return 0;
}

struct retry_report retry_run(const struct retry_policy *policy, const struct retry_world *world)
{
    /* TODO(step 4): after each attempt ask in this order: is it over, are attempts left, would the
       wait end before the deadline, does the budget allow it? Only then sleep. */
    (void)policy;
    (void)world;
    return (struct retry_report){.attempts = -1};
}
