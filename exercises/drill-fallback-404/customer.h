/*
 * Finding a customer behind a small circuit breaker, with a fallback. Given: nothing to fix here.
 *
 * A caller asks customer_may_call, calls user-service when told so, and tells customer_answered
 * what it said. Several such calls may be under way at the same time.
 */
#ifndef DRILL_CUSTOMER_H
#define DRILL_CUSTOMER_H

#include <stdint.h>

enum lookup_status {
    LOOKUP_FOUND,   /* 200 */
    LOOKUP_MISSING, /* 404: there is no such customer */
    LOOKUP_DOWN     /* refused connection, timeout, 5xx */
};

enum customer_result {
    CUSTOMER_FOUND,
    CUSTOMER_UNKNOWN, /* there is none: the order is refused */
    CUSTOMER_FALLBACK /* nobody knows: the order is taken for "Anonymous" */
};

struct customer_lookup {
    int threshold;   /* failures in a row that open it */
    int64_t wait_ms; /* how long it stays open before a trial */

    int failures; /* in a row, while closed */
    int open;
    int64_t opened_ms;
    int trial; /* open, the wait is over, and one call is under way to see */
};

void customer_lookup_init(struct customer_lookup *lookup, int threshold, int64_t wait_ms);

/*
 * 1: call user-service, and report to customer_answered. 0: do not; the fallback answers.
 * Open: 0 until opened_ms + wait_ms, then 1 for one trial at a time. A call that is not made is no
 * failure, and does not make the wait longer.
 */
int customer_may_call(struct customer_lookup *lookup, int64_t now_ms);

/*
 * What came of a call that was made.
 * FOUND    no failure; a trial closes it. The result is CUSTOMER_FOUND.
 * MISSING  an answer like any other, which says nothing about user-service: no failure, no success;
 *          a trial gives its place back. The result is CUSTOMER_UNKNOWN.
 * DOWN     a failure: `threshold` in a row open it, a failed trial opens it anew. The result is
 *          CUSTOMER_FALLBACK.
 */
enum customer_result customer_answered(struct customer_lookup *lookup, enum lookup_status status,
                                       int64_t now_ms);

#endif
