/*
 * The workshop: one mutant's tree is made, built and judged.
 */
#ifndef MATRIX_WORKSHOP_H
#define MATRIX_WORKSHOP_H

#include "course/lab.h"
#include "course/result.h"
#include "judge/scenario.h"
#include "matrix/outcome.h"

struct error;

enum { WORKSHOP_PATH_SIZE = 512 };

struct workshop {
    const struct lab *lab;
    const char *base;        /* tree of the reference */
    const struct lab *tests; /* a student's scenarios, which judge instead of the lab's own checks;
                                NULL = the kill matrix */
    char build[WORKSHOP_PATH_SIZE / 2]; /* the build folder */
    char sources[SHA256_TEXT_SIZE]; /* over everything but the patch that a program depends on */
    char judge[SHA256_TEXT_SIZE];   /* over this program, and the tests when there are some */
};

/* Builds the reference, which the mutants borrow their objects from. ERR_IO, ERR_INVALID. */
int workshop_open(struct workshop *workshop, const struct lab *lab, struct error *err);
/* From now on mutants are judged by tests, whose text is part of what outcomes depend on. */
void workshop_test(struct workshop *workshop, const struct lab *tests, const char *text);
/* Judges the reference by the tests: results, one a scenario, the caller's to release. */
int workshop_test_reference(const struct workshop *workshop, struct lab_result *results,
                            struct error *err);
/* Where the mutant's outcome is kept, beside its tree: BUILD/mutants/LAB/NAME/outcome, or
   .../tested when tests judge. */
void workshop_record(const struct workshop *workshop, const struct mutant *mutant,
                     char path[WORKSHOP_PATH_SIZE]);
/* The mutant's outcome, kept or found now; it is also written beside the tree. In a process of its
   own: it judges in this one. */
void workshop_judge(const struct workshop *workshop, const struct mutant *mutant,
                    struct outcome *outcome);

#endif
