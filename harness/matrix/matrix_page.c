/*
 * The handbook's page of the kill matrix: Markdown, made anew by each full run.
 */
#include "matrix/matrix.h"

#include "base/files.h"
#include "kit/text.h"

static void page_row(struct text *page, const struct mutant *mutant, const struct outcome *outcome)
{
    char why[1024];
    const int holds = outcome_holds(outcome, mutant, why, sizeof why);
    if (mutant->right)
        text_addf(page, "| `%s` | %s | %s%d of %d |\n", mutant->name, mutant->says,
                  holds ? "" : "**wrong:** ", outcome->passed, outcome->checks);
    else
        text_addf(page, "| %s | %s | `%s` (%s%s) | `%s` |\n", mutant->rule, mutant->says,
                  mutant->killed_by, holds ? "" : "**wrong:** ", holds ? outcome->own.reason : why,
                  mutant->sibling);
}

static void page_lab(struct text *page, const struct matrix *matrix)
{
    text_addf(page,
              "\n## %s\n\n| rule | the mistake | killed by | still passes |\n"
              "| --- | --- | --- | --- |\n",
              matrix->lab);
    for (int i = 0; i < matrix->count; i++)
        if (!matrix->rows[i].right)
            page_row(page, &matrix->rows[i], &matrix->outcomes[i]);
    text_addf(page, "\n| unusual but right | why | checks that pass |\n| --- | --- | --- |\n");
    for (int i = 0; i < matrix->count; i++)
        if (matrix->rows[i].right)
            page_row(page, &matrix->rows[i], &matrix->outcomes[i]);
}

int matrix_page(const struct matrix *matrices, int count, const char *path, struct error *err)
{
    struct text page = {0};
    text_add(&page,
             "# The kill matrix\n\n"
             "Each row is a mistake that learners make, built into the reference on purpose. Its "
             "own\n"
             "check must fail and a named neighbour must still pass, so it dies for the right "
             "reason.\n"
             "Below them stand unusual implementations that keep every rule: all checks must "
             "pass.\n");
    for (int i = 0; i < count; i++)
        if (matrices[i].count > 0)
            page_lab(&page, &matrices[i]);
    int status = files_write(path, text_str(&page), page.length, err);
    text_release(&page);
    return status;
}
