/*
 * Ordering a parcel from the shipping service, with retries. Given: nothing to fix here.
 */
#ifndef DRILL_SHIP_RETRY_H
#define DRILL_SHIP_RETRY_H

#include <stdint.h>
#include "kit/random.h"

enum ship_answer {
    SHIP_DONE,
    SHIP_UNAVAILABLE, /* refused connection, timeout, 5xx: may work next time */
    SHIP_REFUSED      /* 4xx: will not */
};

struct ship_policy {
    int attempts;            /* the first included, 1..100 */
    int64_t base_ms, cap_ms; /* 1 <= base_ms <= cap_ms <= a day */
    int64_t deadline_ms;     /* for everything together, from the start */
};

/* The world: scripted in the probe, real in a service. */
struct ship_world {
    int64_t (*now_ms)(void *context);
    void (*sleep_ms)(void *context, int64_t duration_ms);
    /* One attempt, which gives up after limit_ms by itself. */
    enum ship_answer (*ask)(void *context, int64_t limit_ms);
    void *context;
    struct random random;
};

struct ship_report {
    enum ship_answer answer; /* of the last attempt */
    int attempts;
};

/*
 * Asks at once. While the service is unavailable, asks again, up to policy->attempts in all. Before
 * retry n (n = 0 is the first) it waits floor(u x min(cap, base x 2^n)), u one draw in [0, 1) each.
 * A wait that would end at or after the deadline is not begun; each attempt is told the time left.
 */
struct ship_report ship_with_retries(const struct ship_policy *policy,
                                     const struct ship_world *world);

#endif
