#include "report/command.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "course/lab.h"
#include "report/layout.h"
#include "report/summary.h"

/* What is typed after LAB=: the folder's number, "01" of "01-order", or its name when it has none.
 */
static void add_lab(struct text *out, const struct lab_result *lab)
{
    const char *name = lab->lab->name;
    const size_t digits = strspn(name, "0123456789");

    text_add(out, " LAB=");
    text_append(out, name, digits > 0 ? digits : strlen(name));
}

/* As one word of the shell: in single quotes, unless every byte stands for itself. */
static void add_word(struct text *out, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_./+,:@%-";

    if (word[0] != '\0' && word[strspn(word, plain)] == '\0') {
        text_add(out, word);
        return;
    }
    text_add(out, "'");
    for (; *word != '\0'; word++)
        text_append(out, *word == '\'' ? "'\\''" : word, *word == '\'' ? 4 : 1);
    text_add(out, "'");
}

static void add_tree(struct text *out, const struct run_result *run, const struct lab_result *lab)
{
    if (run->tree == NULL || strcmp(run->tree, lab_home(lab->lab)) == 0)
        return;
    char *tree = layout_clean_string(run->tree);
    text_add(out, " LABS=");
    add_word(out, tree);
    free(tree);
}

void replay_command(struct text *out, const struct run_result *run, const struct lab_result *lab,
                    const struct result *result)
{
    text_add(out, "make check");
    add_lab(out, lab);
    text_addf(out, " CHECK=%s SEED=%" PRIu64, result->check->id, run->seed);
    add_tree(out, run, lab);
}

void read_place(struct text *out, const struct lab_result *lab, const struct result *result)
{
    text_addf(out, "%s/%s/README.md", lab_home(lab->lab), lab->lab->name);
    if (result->check->anchor != NULL)
        text_addf(out, "#%s", result->check->anchor);
}

void hint_command(struct text *out, const struct lab_result *lab, const struct result *result)
{
    text_add(out, "make hint");
    add_lab(out, lab);
    text_addf(out, " CHECK=%s", result->check->id);
}

/* 1 when a check of the lab waits for an earlier step, and none failed by itself. */
static int only_waits(const struct lab_result *lab)
{
    int waits = 0;

    for (int i = 0; i < lab->count; i++) {
        enum verdict verdict = lab->results[i].verdict;
        if (verdict != VERDICT_PASS && verdict != VERDICT_WAITING)
            return 0;
        waits |= verdict == VERDICT_WAITING;
    }
    return waits;
}

struct next_step next_step(const struct run_result *run, int only_check)
{
    const struct lab_result *lab = first_unfinished(run);
    const struct result *result = lab == NULL ? NULL : next_failing(lab);
    struct next_step next = {{0}, {0}};

    if (lab == NULL) {
        text_add(&next.words, run->lab_count == 0 ? "Nothing was graded."
                              : only_check        ? "What was asked for passes."
                                                  : "Full marks.");
        return next;
    }
    const char *name = lab->lab->name;
    if (!lab->builds)
        text_addf(&next.words, "Next: correct what the build says about %s, then", name);
    else if (result == NULL && only_waits(lab))
        text_addf(&next.words, "What was asked for waits for an earlier check of %s. Next:", name);
    else if (result == NULL || result->verdict == VERDICT_ERROR)
        text_addf(&next.words,
                  "The grader itself failed in %s; that is no fault of yours. Next: do what stands "
                  "above, then again",
                  name);
    else
        text_addf(&next.words, "Next: %s, step %d of %s, then", result->check->id,
                  result->check->step, name);
    text_add(&next.command, "make check");
    add_lab(&next.command, lab);
    add_tree(&next.command, run, lab);
    return next;
}

void next_step_release(struct next_step *next)
{
    text_release(&next->words);
    text_release(&next->command);
}
