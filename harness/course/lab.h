/*
 * A lab: its steps, its tables of checks, and finding things in them.
 */
#ifndef COURSE_LAB_H
#define COURSE_LAB_H

#include "course/check.h"

enum { STEPS_MAX = 10 }; /* of a lab */

struct step {
    const char *title;
    /* The earlier steps whose gates this one waits for, a digit each, and whatever those need;
       NULL = all of them. Code that stands on its own must not wait: "". */
    const char *needs;
    /* The student's files that its checks can tell apart, separated by spaces; NULL = all of them.
       The kill matrix tries a right variant on the steps of the files that it changes. */
    const char *files;
};

struct lab {
    const char *name; /* "01-order" */
    const char *home; /* folder of its text, given files and first version; NULL = "labs" */
    const char *title;
    const char *subject; /* what stories call the student's side: "order"; NULL = "your code" */
    const struct step *steps;
    int step_count;
    /* A NULL-terminated list of tables; each ends with a check that is all zero. */
    const struct check *const *tables;
    /* Pictures of the student's code, drawn from how it behaves; may be NULL. */
    void (*pictures)(struct check_run *run);
};

/* In a NULL-terminated list of labs: the one with this name ("01-order"), this number ("01") or,
   when only one begins so, this beginning ("01-o", "drill-r"). NULL if none. */
const struct lab *lab_find(const struct lab *const *labs, const char *name);
const char *lab_home(const struct lab *lab); /* "labs", or "exercises" for a drill */
/* The steps whose checks judge the student's file, a bit each: bit 1 is step 1. */
unsigned lab_steps_of(const struct lab *lab, const char *file);
/* 1 when the gates of step `earlier` make step `step` wait. Steps count from 1. */
int lab_step_needs(const struct lab *lab, int step, int earlier);
const struct check *lab_check(const struct lab *lab, int index); /* NULL past the last */
const struct check *check_find(const struct lab *lab, const char *id);
int check_matches(const struct check *check, const char *glob); /* fnmatch on the id */

#endif
