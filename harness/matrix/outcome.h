/*
 * What happened to one mutant: the record that a worker leaves and the matrix reads.
 *
 * It is kept as build/mutants/LAB/NAME/outcome, with a key over everything it depends on (patch,
 * sources, judge), so that an outcome whose key still fits need not be found again.
 */
#ifndef MATRIX_OUTCOME_H
#define MATRIX_OUTCOME_H

#include "kit/sha256.h"
#include "matrix/mutant.h"

enum outcome_stage {
    OUTCOME_NONE,  /* the worker left no word */
    OUTCOME_PATCH, /* the patch does not apply */
    OUTCOME_BUILD, /* it does not compile */
    OUTCOME_JUDGE, /* the judge itself failed */
    OUTCOME_JUDGED
};

struct judged {
    char verdict[16]; /* "fail"; "" when the check did not run */
    char reason[96];  /* "wrong answer" */
    char got[120];    /* what was seen, cut */
    int story_lines;
};

struct outcome {
    char key[SHA256_TEXT_SIZE];
    enum outcome_stage stage;
    struct judged own, sibling; /* of a mutant */
    int passed, checks;         /* of a right variant: all checks of its lab */
    char note[240];             /* what a person must know: the compiler's words, what failed */
};

/* 1 when the outcome is what the patch declares; otherwise 0 and a sentence in why. */
int outcome_holds(const struct outcome *outcome, const struct mutant *mutant, char *why,
                  size_t why_size);

/* The record is whole or not there (base/files.h). 0, or ERR_IO. */
int outcome_save(const struct outcome *outcome, const char *path);
/* Reads it back; an outcome of stage OUTCOME_NONE when there is none or it is torn. */
void outcome_load(struct outcome *outcome, const char *path);

#endif
