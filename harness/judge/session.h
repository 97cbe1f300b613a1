/*
 * A run of the judge over the labs of one tree: which labs, where their programs are, the results.
 */
#ifndef JUDGE_SESSION_H
#define JUDGE_SESSION_H

#include <stdint.h>
#include <stdio.h>
#include "course/result.h"

struct error;

struct session {
    const struct lab *const *labs; /* of the course, NULL-terminated */
    const char *tree;              /* folder with the students' files; NULL = the lab's home */
    const char *programs; /* folder with LAB/probe and LAB/service, built by somebody else; NULL =
                             they are brought up to date below the build folder */
    const char *peers;    /* folder with the peers' programs; NULL = those of the build folder */
    const char *lab;      /* number or name, NULL = all that the tree has */
    const char *check;    /* glob, NULL = all */
    uint64_t seed;
    int no_gates;
    int pictures;
    FILE *words; /* where the compiler's warnings go; NULL = nowhere */
};

/* The tree that is judged when none is named. */
const char *session_tree(const struct session *session);

/* Brings a lab's programs up to date, unless they were given; `folder` gets where they are. As
   compile_lab (compile/lab.h) returns it; ERR_NOT_FOUND when what was given is not there. hold: as
   in struct compile_options; untouched for programs that were given. */
int session_programs(const struct session *session, const struct lab *lab, struct text *folder,
                     int *hold, struct text *words, struct error *err);

/* Judges and fills run, which the caller releases. ERR_NOT_FOUND when the lab, check, tree or its
   programs are not there (a usage error), ERR_REFUSED when interrupted, else the grader's own
   fault. run is empty then. */
int session_run(const struct session *session, struct run_result *run, struct error *err);

/* Finds the check with exactly this id, among `labs`, in `lab` when that is not NULL.
   ERR_NOT_FOUND. */
int session_find_check(const struct lab *const *labs, const char *lab, const char *id,
                       const struct lab **found_lab, const struct check **found, struct error *err);

#endif
