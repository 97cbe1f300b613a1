/*
 * svclab list: every check, for people and for the handbook.
 */
#include <stdio.h>
#include <string.h>

#include "commands/commands.h"
#include "commands/flags.h"
#include "course/lab.h"
#include "course/status.h"
#include "report/summary.h"
#include "suites/suites.h"

static void list_plain(const struct lab *lab)
{
    const struct check *check = NULL;
    printf("%s  %s\n", lab->name, lab->title);
    for (int i = 0; (check = lab_check(lab, i)) != NULL; i++)
        printf("  step %d  %-7s  %2d points%s  %-52s %s\n", check->step, tier_name(check->tier),
               check->points, check->gate ? "  gate" : "      ", check->id, check->rule);
}

/* A cell of a table: what Markdown would take for its own is escaped. */
static void cell(const char *string)
{
    for (; *string != '\0'; string++)
        printf(strchr("|<*_`\\", *string) != NULL ? "\\%c" : "%c", *string);
}

static void list_markdown(const struct lab *lab)
{
    const struct check *check = NULL;
    printf("## %s: %s\n\n", lab->name, lab->title);
    puts("| step | check | rule | tier | points |\n| --- | --- | --- | --- | --- |");
    for (int i = 0; (check = lab_check(lab, i)) != NULL; i++) {
        printf("| %d%s | [`%s`](#%s) | %s: ", check->step, check->gate ? ", gate" : "", check->id,
               check->anchor, check->rules);
        cell(check->rule);
        printf(" | %s | %d |\n", tier_name(check->tier), check->points);
    }
    puts("");
}

int command_list(int argc, char **argv)
{
    const char *only = NULL, *markdown = NULL;
    const struct flag flags[] = {
        {"lab", &only, "NN  only this lab"},
        {"markdown", &markdown, "  tables for the handbook"},
        {0},
    };
    int status = flags_parse(argc, argv, "list", flags);
    if (status != 0)
        return status == 1 ? STATUS_FULL : status;
    if (only != NULL && lab_find(all_labs, only) == NULL) {
        fprintf(stderr, "svclab list: there is no lab '%s'\n", only);
        return STATUS_USAGE;
    }
    for (int i = 0; all_labs[i] != NULL; i++) {
        if (only != NULL && all_labs[i] != lab_find(all_labs, only))
            continue;
        if (markdown != NULL)
            list_markdown(all_labs[i]);
        else
            list_plain(all_labs[i]);
    }
    return STATUS_FULL;
}
