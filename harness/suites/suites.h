/*
 * The labs that are there.
 */
#ifndef SUITES_SUITES_H
#define SUITES_SUITES_H

#include "course/lab.h"

extern const struct lab *const all_labs[]; /* in order, NULL-terminated; registry.c */

extern const struct lab lab_00_tour;
extern const struct lab lab_01_order;
extern const struct lab lab_02_breaker;
extern const struct lab lab_03_saga;
extern const struct lab lab_04_chat;

/* Drills: small programs of exercises/ with defects to find. */
extern const struct lab drill_retry_storm;
extern const struct lab drill_fallback_404;
extern const struct lab drill_empty_map;
extern const struct lab drill_queued_not_done;
extern const struct lab drill_late_registration;
extern const struct lab drill_search_in_the_send;
extern const struct lab drill_two_tabs;

#endif
