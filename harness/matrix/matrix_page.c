/*
 * The handbook's page of the kill matrix: Markdown, made anew by each full run.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "kit/error.h"
#include "matrix/matrix.h"

static void page_row(FILE *page, const struct mutant *mutant, const struct outcome *outcome)
{
    char why[1024];
    const int holds = outcome_holds(outcome, mutant, why, sizeof(why));
    if (mutant->right)
        fprintf(page, "| `%s` | %s | %s%d of %d |\n", mutant->name, mutant->says,
                holds ? "" : "**wrong:** ", outcome->passed, outcome->checks);
    else
        fprintf(page, "| %s | %s | `%s` (%s%s) | `%s` |\n", mutant->rule, mutant->says,
                mutant->killed_by, holds ? "" : "**wrong:** ", holds ? outcome->own.reason : why,
                mutant->sibling);
}

static void page_lab(FILE *page, const struct matrix *matrix)
{
    fprintf(page,
            "\n## %s\n\n| rule | the mistake | killed by | still passes |\n"
            "| --- | --- | --- | --- |\n",
            matrix->lab);
    for (int i = 0; i < matrix->count; i++)
        if (!matrix->rows[i].right)
            page_row(page, &matrix->rows[i], &matrix->outcomes[i]);
    fprintf(page, "\n| unusual but right | why | checks that pass |\n| --- | --- | --- |\n");
    for (int i = 0; i < matrix->count; i++)
        if (matrix->rows[i].right)
            page_row(page, &matrix->rows[i], &matrix->outcomes[i]);
}

int matrix_page(const struct matrix *matrices, int count, const char *path, struct error *err)
{
    char beside[WORKSHOP_PATH_SIZE];
    snprintf(beside, sizeof(beside), "%s.new", path);
    FILE *page = fopen(beside, "w");
    if (page == NULL)
        return error_set(err, ERR_IO, "cannot write %s: %s", beside, strerror(errno));
    fprintf(
        page,
        "# The kill matrix\n\n"
        "Each row is a mistake that learners make, built into the reference on purpose. Its own\n"
        "check must fail and a named neighbour must still pass, so it dies for the right reason.\n"
        "Below them stand unusual implementations that keep every rule: all checks must pass.\n");
    for (int i = 0; i < count; i++)
        if (matrices[i].count > 0)
            page_lab(page, &matrices[i]);
    const int written = ferror(page) == 0;
    if (fclose(page) != 0 || !written || rename(beside, path) != 0)
        return error_set(err, ERR_IO, "cannot write %s: %s", path, strerror(errno));
    return 0;
}
