/*
 * Lab 01's probe checks: steps 1 and 2, and what step 4 shows without a cluster.
 */
#ifndef SUITES_ORDER_PROBE_H
#define SUITES_ORDER_PROBE_H

#include "course/lab.h"
#include "judge/scenario.h"

/* All that a reply says about an order, but its id. */
#define ORDER_FIELDS "status version total created updated customer name items item_totals"

extern const struct check order_entity_checks[];   /* step 1 */
extern const struct check order_events_checks[];   /* step 2: appending, loading, old events */
extern const struct check order_history_checks[];  /* step 2: snapshots, orders as of then */
extern const struct check order_conflict_checks[]; /* step 2: conflicts, histories at random */
extern const struct check order_power_checks[];    /* step 2: power loss */
extern const struct check order_outbox_checks[];   /* step 4 */

/* The order's states as the student's code has them. */
void order_pictures(struct check_run *run);

#endif
