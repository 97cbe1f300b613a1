/*
 * Lab 02's check tables, one file a step or two.
 */
#ifndef SUITES_02_BREAKER_H
#define SUITES_02_BREAKER_H

#include "judge/run.h"

extern const struct check breaker_states_checks[]; /* step 1 */
extern const int breaker_states_count;

extern const struct oracle retry_oracle; /* backoff, budget, retry */

extern const struct check breaker_edges_checks[]; /* step 2 */
extern const int breaker_edges_count;

void check_large_window(struct check_run *run);

#endif
