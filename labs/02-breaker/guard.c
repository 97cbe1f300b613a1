/*
 * The guard: a call behind a breaker, with a fallback and metrics. guard.h says what it promises.
 *
 * Hint for the shape: one straight path through guard_run. An early return between admitting and
 * reporting is how permits are lost.
 */
#include "guard.h"

#include <stddef.h>

int guard_create(struct guard **out, const char *name, const struct breaker_config *config,
                 struct clock clock, struct metrics *metrics, struct error *err)
{
    /* TODO(step 3): create the breaker with a listener that counts transitions; register the
       metric families when there is a registry. */
    (void)name;
    (void)config;
    (void)clock;
    (void)metrics;
    *out = NULL;
    return error_set(err, ERR_TODO, "guard_create is not written yet (step 3).");
}

void guard_destroy(struct guard *guard)
{
    /* TODO(step 3) */
    (void)guard;
}

struct breaker *guard_breaker(struct guard *guard)
{
    /* TODO(step 3) */
    (void)guard;
    return NULL;
}

enum guard_result guard_run(struct guard *guard, const struct guarded_call *call)
{
    /* TODO(step 3): which results call the fallback, and which do not? */
    (void)guard;
    (void)call;
    return GUARD_NEUTRAL;
}

void guard_publish(struct guard *guard)
{
    /* TODO(step 3): a counter takes what has come since the last time; the gauge is set. */
    (void)guard;
}
