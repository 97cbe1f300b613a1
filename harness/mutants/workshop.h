/*
 * The workshop: one mutant's tree is made, built and judged.
 */
#ifndef MUTANTS_WORKSHOP_H
#define MUTANTS_WORKSHOP_H

#include "judge/check.h"
#include "mutants/outcome.h"

struct error;

enum { WORKSHOP_PATH_SIZE = 512 };

struct workshop {
    const struct lab *lab;
    const char *base;               /* tree of the reference */
    char sources[SHA256_TEXT_SIZE]; /* over everything but the patch that an outcome depends on */
};

/* Builds the reference, which the mutants borrow their objects from. ERR_IO, ERR_INVALID. */
int workshop_open(struct workshop *workshop, const struct lab *lab, struct error *err);
/* Where a mutant's things are: build/mutants/LAB/NAME. */
void workshop_folder(const struct mutant *mutant, char path[WORKSHOP_PATH_SIZE]);
/* The mutant's outcome, kept or found now; it is also written beside the tree. In a process of its
   own: it judges in this one. */
void workshop_judge(const struct workshop *workshop, const struct mutant *mutant,
                    struct outcome *outcome);

#endif
