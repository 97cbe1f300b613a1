/*
 * Building mutants: the reference of a lab once, then the tree of each mutant, which borrows the
 * reference's objects for all files that its patch leaves alone.
 *
 * Everything of a mutant is in BUILD/mutants/LAB/NAME: its tree, programs/, and log, which says
 * what patch or the compiler said.
 */
#ifndef MATRIX_MUTANT_BUILD_H
#define MATRIX_MUTANT_BUILD_H

#include "course/lab.h"
#include "kit/sha256.h"
#include "matrix/mutant.h"
#include "matrix/outcome.h"

struct error;

enum { MUTANT_PATH_SIZE = 512 };

struct mutant_build {
    const struct lab *lab;
    const char *base;                /* tree of the reference */
    char root[MUTANT_PATH_SIZE / 2]; /* the build folder */
    char sources[SHA256_TEXT_SIZE];  /* over everything but the patch that a program depends on */
};

/* Writes a path. All of them are short by their make, so one that is cut ends the program. */
__attribute__((format(printf, 2, 3))) void mutant_path(char path[MUTANT_PATH_SIZE],
                                                       const char *format, ...);

/* Builds the reference. ERR_IO; ERR_INVALID when it does not build. */
int mutant_build_open(struct mutant_build *build, const struct lab *lab, struct error *err);

/* Where the mutant's things are. */
void mutant_build_folder(const struct mutant_build *build, const struct mutant *mutant,
                         char path[MUTANT_PATH_SIZE]);
/* Where its programs are. A mutant without files is the reference itself. */
void mutant_build_programs(const struct mutant_build *build, const struct mutant *mutant,
                           char path[MUTANT_PATH_SIZE]);

/* A hash over all that the mutant's programs depend on: the sources, the patch, and which of them
   its checks need. 0, or a negative code when the patch cannot be read. */
int mutant_build_key(const struct mutant_build *build, const struct mutant *mutant,
                     char key[SHA256_TEXT_SIZE]);
/* Builds the programs that the mutant's checks need, unless they are there with this key already.
   OUTCOME_JUDGED: they can be judged. Otherwise the stage it ended at, and why in the outcome's
   note. */
enum outcome_stage mutant_build_make(const struct mutant_build *build, const struct mutant *mutant,
                                     const char *key, struct outcome *outcome);

#endif
