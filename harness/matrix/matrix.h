/*
 * The kill matrix: every mutant of a lab against the check that must kill it.
 */
#ifndef MATRIX_MATRIX_H
#define MATRIX_MATRIX_H

#include "matrix/mutant_judge.h"

struct error;

/* What is counted over all labs for the last line. */
struct matrix_sums {
    int mutants, killed;
    int variants, passed;
    int references, references_passed;
};

struct matrix;

/* Prints a row that is done, and counts it. */
typedef void matrix_printer(const struct matrix *matrix, int row, struct matrix_sums *sums);
matrix_printer matrix_print_row; /* the kill matrix's */

/* One lab's rows. rows[0] is the reference, as a right variant without a patch. */
struct matrix {
    char lab[32];
    struct mutant_judge judge;
    struct mutant *rows;
    struct outcome *outcomes; /* of the row with the same index */
    int *done;                /* 1: its outcome is known */
    int count;
    matrix_printer *print;
    const void *context; /* print's own */
};

/* Finds the outcome of every row with up to jobs workers and prints rows in order. 0, or
   ERR_REFUSED when interrupted (all workers have ended then). */
int matrix_run(struct matrix *matrix, int jobs, struct matrix_sums *sums);
/* Writes the handbook's page of all the matrices, beside its final name, then renames. */
int matrix_page(const struct matrix *matrices, int count, const char *path, struct error *err);

#endif
