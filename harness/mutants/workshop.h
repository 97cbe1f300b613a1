/*
 * The workshop: one mutant's tree is made, built and judged, each in a child process.
 */
#ifndef MUTANTS_WORKSHOP_H
#define MUTANTS_WORKSHOP_H

#include "mutants/outcome.h"

struct error;

enum { WORKSHOP_PATH_SIZE = 512 };

struct workshop {
    char program[WORKSHOP_PATH_SIZE]; /* this program, run again for each check */
    const char *folder;               /* "build/mutants" */
    const char *base;                 /* tree of the reference: "solutions" */
    char sources[SHA256_TEXT_SIZE];   /* over everything but the patch that an outcome depends on */
};

/* Fills the workshop for a lab. ERR_IO with a sentence. */
int workshop_open(struct workshop *workshop, const char *lab, struct error *err);
/* Builds the reference, which the mutants borrow their objects from. */
int workshop_build_reference(const struct workshop *workshop, const char *lab, struct error *err);
/* Where a mutant's things are: build/mutants/LAB/NAME. */
void workshop_folder(const struct workshop *workshop, const struct mutant *mutant,
                     char path[WORKSHOP_PATH_SIZE]);
/* The mutant's outcome, kept or found now; it is also written beside the tree. */
void workshop_judge(const struct workshop *workshop, const struct mutant *mutant,
                    struct outcome *outcome);

#endif
