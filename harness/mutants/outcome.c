/*
 * The record is the struct's own bytes: only the program that wrote it reads it, since the key
 * covers the program too.
 */
#include "mutants/outcome.h"

#include <stdio.h>
#include <string.h>
#include "kit/error.h"

static int judged_as(const struct judged *judged, const char *verdict)
{
    return strcmp(judged->verdict, verdict) == 0;
}

static int mutant_holds(const struct outcome *outcome, const struct mutant *mutant, char *why,
                        size_t why_size)
{
    const char *wanted = mutant->crash ? "crash" : "fail";
    if (!judged_as(&outcome->own, wanted)) {
        snprintf(why, why_size, "%s should say %s and says %s (%s) %s", mutant->killed_by, wanted,
                 outcome->own.verdict[0] != '\0' ? outcome->own.verdict : "nothing",
                 outcome->own.reason, outcome->note);
        return 0;
    }
    if (!judged_as(&outcome->sibling, "pass")) {
        snprintf(why, why_size, "the sibling %s should pass and says %s (%s) %s", mutant->sibling,
                 outcome->sibling.verdict[0] != '\0' ? outcome->sibling.verdict : "nothing",
                 outcome->sibling.reason, outcome->note);
        return 0;
    }
    return 1;
}

int outcome_holds(const struct outcome *outcome, const struct mutant *mutant, char *why,
                  size_t why_size)
{
    static const char *const stages[] = {"its worker ended without a word",
                                         "the patch does not apply (make it again with git diff)",
                                         "it does not compile", "the judge could not run"};
    why[0] = '\0';
    if (outcome->stage != OUTCOME_JUDGED) {
        snprintf(why, why_size, "%s: %s", stages[outcome->stage], outcome->note);
        return 0;
    }
    if (!mutant->right)
        return mutant_holds(outcome, mutant, why, why_size);
    if (outcome->checks == 0 || outcome->passed < outcome->checks) {
        snprintf(why, why_size, "%d of %d checks pass: %s", outcome->passed, outcome->checks,
                 outcome->note);
        return 0;
    }
    return 1;
}

int outcome_save(const struct outcome *outcome, const char *path)
{
    char beside[600];
    snprintf(beside, sizeof(beside), "%s.new", path);
    FILE *file = fopen(beside, "wb");
    if (file == NULL)
        return ERR_IO;
    const int written = fwrite(outcome, sizeof(*outcome), 1, file) == 1;
    if (fclose(file) != 0 || !written || rename(beside, path) != 0)
        return ERR_IO;
    return 0;
}

void outcome_load(struct outcome *outcome, const char *path)
{
    FILE *file = fopen(path, "rb");
    *outcome = (struct outcome){0};
    if (file == NULL)
        return;
    if (fread(outcome, sizeof(*outcome), 1, file) != 1 || fgetc(file) != EOF)
        *outcome = (struct outcome){0};
    fclose(file);
}
