/* Sums over results that more than one report shows. */
#ifndef REPORT_SUMMARY_H
#define REPORT_SUMMARY_H

#include "course/lab.h"
#include "course/result.h"

const char *tier_name(enum tier tier);             /* "unit", "model", "cluster" */
const char *story_kind_name(enum story_kind kind); /* "call", "reply", ... */

struct tally {
    int total, passed, failed, crashed, waiting, errors; /* checks */
    int points, points_max;
};

struct tally step_tally(const struct lab_result *lab, int step);
struct tally lab_tally(const struct lab_result *lab); /* of what was run */
/* Only its points and points_max: the labs' own, checks that were not run included. */
struct tally run_points(const struct run_result *run);

int lab_is_done(const struct lab_result *lab); /* 1: it builds and every check passes */
/* "full marks", "in progress", "not started", "does not compile", "grader error". */
const char *lab_state(const struct lab_result *lab);

/* 1: it waits for a function of the skeleton. A report shows one of a step, and names the rest. */
int is_unwritten(const struct result *result);

/* The first lab that is not done, NULL when all are. */
const struct lab_result *first_unfinished(const struct run_result *run);
/* The first check that failed or crashed, else the first with a grader error, else NULL. */
const struct result *next_failing(const struct lab_result *lab);

#endif
