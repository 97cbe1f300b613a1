/*
 * svclab hint: one more hint each time it is asked, from a nudge to nearly the answer.
 *
 * How many were shown stands in a small file per check; it is never part of a grade.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/files.h"
#include "base/places.h"
#include "commands/commands.h"
#include "commands/flags.h"
#include "course/lab.h"
#include "course/status.h"
#include "judge/session.h"
#include "kit/error.h"
#include "kit/text.h"
#include "suites/suites.h"

enum { COUNT_TEXT_MAX = 16 };

static int hints_of(const struct check *check)
{
    int count = 0;
    while (count < (int)(sizeof check->hints / sizeof check->hints[0]) &&
           check->hints[count] != NULL)
        count++;
    return count;
}

static int show(const struct check *check, const char *path, struct error *err)
{
    struct text shown_text = {0};
    files_read(path, COUNT_TEXT_MAX, &shown_text, NULL); /* none yet: 0 */
    int shown = (int)strtol(text_str(&shown_text), NULL, 10);
    int count = hints_of(check);
    int next = shown >= 0 && shown < count ? shown + 1 : count;
    if (count == 0) {
        printf("%s has no hints: its rule says it all.\n  %s\n", check->id, check->rule);
    } else {
        if (shown >= count)
            puts("All hints, once more:");
        for (int i = shown >= count ? 0 : next - 1; i < next; i++)
            printf("hint %d of %d for %s: %s\n", i + 1, count, check->id, check->hints[i]);
    }
    text_clear(&shown_text);
    text_addf(&shown_text, "%d\n", next);
    int code = files_write(path, shown_text.bytes, shown_text.length, err);
    text_release(&shown_text);
    return code;
}

int command_hint(int argc, char **argv)
{
    const char *lab_name = NULL, *id = "", *dir = NULL;
    const struct flag flags[] = {
        {"check", &id, "NAME the check"},
        {"lab", &lab_name, "NN    its lab, when two labs have a check of that name"},
        {"dir", &dir, "DIR   where to remember how many were shown (hints in the build folder)"},
        {0},
    };
    int status = flags_parse(argc, argv, "hint", flags);
    if (status != 0)
        return status == 1 ? STATUS_FULL : status;
    const struct lab *lab = NULL;
    const struct check *check = NULL;
    struct error err = {0};
    struct text path = {0}, folder = {0};
    if (dir == NULL)
        place_in_build(&folder, "hints");
    else
        text_add(&folder, dir);
    if (session_find_check(all_labs, lab_name, id, &lab, &check, &err) != 0) {
        status = STATUS_USAGE;
    } else {
        text_addf(&path, "%s/%s.%s", text_str(&folder), lab->name, check->id);
        if (files_make(text_str(&folder), &err) != 0 || show(check, text_str(&path), &err) != 0)
            status = STATUS_GRADER;
    }
    if (status != 0)
        fprintf(stderr, "svclab hint: %s\n", err.text);
    text_release(&path);
    text_release(&folder);
    return status;
}
