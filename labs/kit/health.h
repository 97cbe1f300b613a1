/*
 * Health: a set of indicators, run side by side, each with its own time limit.
 *
 * The kit runs them and gathers results; which indicators exist, what each asks, and what the
 * answers mean is the service's business (lab 01, step 5).
 */
#ifndef KIT_HEALTH_H
#define KIT_HEALTH_H

#include <stdint.h>
#include "kit/limits.h"

struct error;

enum health_status { HEALTH_UNKNOWN, HEALTH_UP, HEALTH_DOWN };
const char *health_status_name(enum health_status status); /* "up", "down", "unknown" */

struct health_result {
    enum health_status status; /* HEALTH_UNKNOWN when it did not answer in time */
    char detail[160];          /* a sentence, "" when up */
    int64_t value;             /* what was measured: bytes, milliseconds; -1 = nothing */
};

struct health_check {
    const char *name; /* "database" */
    void (*run)(void *context, struct health_result *result);
    void *context;
    int64_t limit_ms; /* after this its result is HEALTH_UNKNOWN; it may still be running */
};

/* Runs count checks at once on threads of the pool and waits for all, or for each one's limit.
   A check that is still running from an earlier round is not started again: it stays unknown. */
struct health_pool;
struct health_pool *health_pool_open(void);
void health_pool_close(struct health_pool *pool);
void health_run(struct health_pool *pool, const struct health_check *checks, int count,
                struct health_result *results);

/* Measured by the kit: bytes of heap in use (mallinfo2) and of resident memory (/proc). */
int64_t health_heap_bytes(void);
int64_t health_resident_bytes(void);

#endif
