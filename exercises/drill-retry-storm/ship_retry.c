/*
 * Ordering a parcel, with retries. ship_retry.h says what it should do; six things here are wrong.
 */
#include "ship_retry.h"

/* The time to wait before a retry: exponential, capped, with full jitter. */
static int64_t wait_before(const struct ship_policy *policy, int retry, const struct random *random)
{
    int64_t wait_ms = policy->base_ms << retry;
    if (wait_ms > policy->cap_ms)
        wait_ms = policy->cap_ms;
    return (int64_t)random_unit(random) * wait_ms;
}

struct ship_report ship_with_retries(const struct ship_policy *policy,
                                     const struct ship_world *world)
{
    struct ship_report report = {.answer = SHIP_UNAVAILABLE};
    const int64_t started_ms = world->now_ms(world->context);

    world->sleep_ms(world->context, policy->base_ms);
    for (int retry = 0; retry <= policy->attempts; retry++) {
        report.answer = world->ask(world->context, policy->deadline_ms);
        report.attempts++;
        if (report.answer == SHIP_DONE)
            return report;
        if (world->now_ms(world->context) - started_ms >= policy->deadline_ms)
            return report;
        world->sleep_ms(world->context, wait_before(policy, retry, &world->random));
    }
    return report;
}
