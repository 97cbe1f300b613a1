/*
 * Lab 02's check tables, one file a step or two.
 */
#ifndef SUITES_02_BREAKER_H
#define SUITES_02_BREAKER_H

#include "judge/run.h"

/* Their sizes are checked where they are defined: a table's type says how long it is. */
enum { BREAKER_STATES_CHECKS = 23, BREAKER_EDGES_CHECKS = 14 };
extern const struct check breaker_states_checks[BREAKER_STATES_CHECKS]; /* step 1 */

extern const struct oracle retry_oracle; /* backoff, budget, retry */

extern const struct check breaker_edges_checks[BREAKER_EDGES_CHECKS];   /* step 2 */

void check_large_window(struct check_run *run);

#endif
