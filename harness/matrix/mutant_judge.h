/*
 * Judging one mutant after the other: each is built, and its checks are run on it.
 */
#ifndef MATRIX_MUTANT_JUDGE_H
#define MATRIX_MUTANT_JUDGE_H

#include "course/result.h"
#include "matrix/mutant_build.h"

struct mutant_judge {
    struct mutant_build build;
    const struct lab *tests;      /* a student's scenarios, which judge instead of the lab's own
                                     checks; NULL = the kill matrix */
    char judge[SHA256_TEXT_SIZE]; /* over this program, and the tests when there are some */
};

/* Builds the reference, which the mutants borrow their objects from. ERR_IO, ERR_INVALID. */
int mutant_judge_open(struct mutant_judge *judge, const struct lab *lab, struct error *err);
/* From now on mutants are judged by tests, whose text is part of what outcomes depend on. */
void mutant_judge_use_tests(struct mutant_judge *judge, const struct lab *tests, const char *text);
/* Judges the reference by the tests: results, one a scenario, the caller's to release. */
int mutant_judge_reference(const struct mutant_judge *judge, struct lab_result *results,
                           struct error *err);
/* Where the mutant's outcome is kept, beside its tree: BUILD/mutants/LAB/NAME/outcome, or
   .../tested when tests judge. */
void mutant_judge_record(const struct mutant_judge *judge, const struct mutant *mutant,
                         char path[MUTANT_PATH_SIZE]);
/* The mutant's outcome, kept or found now; it is also written beside the tree. In a process of its
   own: it judges in this one. */
void mutant_judge_run(const struct mutant_judge *judge, const struct mutant *mutant,
                      struct outcome *outcome);

#endif
