/*
 * A run of the judge over the labs of one tree: which labs, where their programs are, the results.
 */
#ifndef JUDGE_SESSION_H
#define JUDGE_SESSION_H

#include <stdint.h>
#include "course/result.h"

struct error;

struct session {
    const struct lab *const *labs; /* of the course, NULL-terminated */
    const char *tree;              /* "labs": folder with the students' files */
    const char *build;             /* folder with LAB/probe and LAB/service of that tree */
    const char *peers;             /* folder with the peers' programs */
    const char *lab;               /* number or name, NULL = all that the tree has */
    const char *check;             /* glob, NULL = all */
    uint64_t seed;
    int no_gates;
    int pictures;
};

/* Judges and fills run, which the caller releases. ERR_NOT_FOUND when the lab, check, tree or its
   programs are not there (a usage error), ERR_REFUSED when interrupted, else the grader's own
   fault. run is empty then. */
int session_run(const struct session *session, struct run_result *run, struct error *err);

/* Finds the check with exactly this id, among `labs`, in `lab` when that is not NULL.
   ERR_NOT_FOUND. */
int session_find_check(const struct lab *const *labs, const char *lab, const char *id,
                       const struct lab **found_lab, const struct check **found, struct error *err);

#endif
