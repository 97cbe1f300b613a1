/*
 * The record is the struct's own bytes: only the program that wrote it reads it, since the key
 * covers the program too.
 */
#include "matrix/outcome.h"

#include <stdio.h>
#include <string.h>

#include "base/files.h"
#include "kit/error.h"

static int judged_holds(const struct judged *judged, const char *check, const char *wanted,
                        char *why, size_t why_size)
{
    if (strcmp(judged->verdict, wanted) == 0)
        return 1;
    snprintf(why, why_size, "%s should say %s and says %s%s%s%s%s", check, wanted,
             judged->verdict[0] != '\0' ? judged->verdict : "nothing",
             judged->reason[0] != '\0' ? ", " : "", judged->reason,
             judged->got[0] != '\0' ? ": " : "", judged->got);
    return 0;
}

static int mutant_holds(const struct outcome *outcome, const struct mutant *mutant, char *why,
                        size_t why_size)
{
    if (mutant->story_lines > 0 && outcome->own.story_lines > mutant->story_lines) {
        snprintf(why, why_size, "the story of %s has %d lines; %d should be enough",
                 mutant->killed_by, outcome->own.story_lines, mutant->story_lines);
        return 0;
    }
    return judged_holds(&outcome->own, mutant->killed_by, mutant->crash ? "crash" : "fail", why,
                        why_size) &&
           judged_holds(&outcome->sibling, mutant->sibling, "pass", why, why_size);
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
    return files_write(path, (const char *)outcome, sizeof *outcome, NULL);
}

void outcome_load(struct outcome *outcome, const char *path)
{
    FILE *file = fopen(path, "rb");
    *outcome = (struct outcome){0};
    if (file == NULL)
        return;
    if (fread(outcome, sizeof *outcome, 1, file) != 1 || fgetc(file) != EOF)
        *outcome = (struct outcome){0};
    fclose(file);
}
