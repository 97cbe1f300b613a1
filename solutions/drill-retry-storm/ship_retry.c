/*
 * Ordering a parcel, with retries.
 */
#include "ship_retry.h"

/* The time to wait before a retry: exponential, capped, with full jitter. */
static int64_t wait_before(const struct ship_policy *policy, int retry, const struct random *random)
{
    int fits = retry < 63 && policy->base_ms <= policy->cap_ms >> retry;
    int64_t wait_ms = fits ? policy->base_ms << retry : policy->cap_ms;
    return (int64_t)(random_unit(random) * (double)wait_ms);
}

struct ship_report ship_with_retries(const struct ship_policy *policy,
                                     const struct ship_world *world)
{
    struct ship_report report = {.answer = SHIP_UNAVAILABLE};
    const int64_t deadline_at_ms = world->now_ms(world->context) + policy->deadline_ms;

    for (int retry = 0;; retry++) {
        int64_t left_ms = deadline_at_ms - world->now_ms(world->context);
        report.answer = world->ask(world->context, left_ms);
        report.attempts++;
        if (report.answer != SHIP_UNAVAILABLE || report.attempts == policy->attempts)
            return report;
        int64_t wait_ms = wait_before(policy, retry, &world->random);
        if (world->now_ms(world->context) + wait_ms >= deadline_at_ms)
            return report;
        world->sleep_ms(world->context, wait_ms);
    }
}
