/*
 * Lab 04's checks: what their files share.
 */
#ifndef SUITES_CHAT_CHECKS_H
#define SUITES_CHAT_CHECKS_H

#include "04-chat/chat_model.h"
#include "judge/run.h"

/* --- reading.c -------------------------------------------------------------------------------- */

/* The student's design, read from a probe of its own and held to every limit; the caller's to free.
   NULL when a verdict stands. */
struct chat_model *chat_read_design(struct check_run *run);

/* --- tables ----------------------------------------------------------------------------------- */

extern const struct check chat_design_checks[];   /* step 1 */
extern const struct check chat_capacity_checks[]; /* step 2 */
extern const struct check chat_load_checks[];     /* step 3 */
extern const struct check chat_failure_checks[];
extern const struct check chat_log_checks[]; /* step 4 */
extern const struct check chat_hub_checks[];
extern const struct check chat_presence_checks[];
extern const struct check chat_placement_checks[];
extern const struct check chat_world_checks[];
extern const struct check chat_cluster_checks[]; /* step 5 */

void chat_pictures(struct check_run *run); /* pictures.c */

#endif
