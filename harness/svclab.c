/*
 * svclab: the program behind the Makefile's commands.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "commands/commands.h"
#include "course/status.h"

struct command {
    const char *name;
    int (*main)(int argc, char **argv);
    const char *help; /* NULL: not for people */
};

static const struct command commands[] = {
    {"check", command_check, "grade a tree: build/svclab check --help names the flags"},
    {"build", command_build, "a lab's programs, and where they are"},
    {"hint", command_hint, "the next hint of a check"},
    {"debug", command_debug, "gdb at the failing call of a check"},
    {"run", command_run, "one service with its peers, to try with curl"},
    {"list", command_list, "every check, with its rule and points"},
    {"audit", command_audit, "does any check pass on an untouched skeleton?"},
    {"kill-matrix", command_kill_matrix, "is every known wrong solution killed by its own check?"},
    {"check-tests", command_check_tests,
     "your tests of a lab: do they tell wrong solutions apart?"},
    {"diagrams", command_diagrams, "the pictures of a lab, drawn from a tree, as SVG files"},
    {"picture", command_picture, "a graph or a sequence as SVG: FILE|- [OUT]"},
    {"judge-lab", command_judge_lab, NULL},
};

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN); /* a probe that is gone is a verdict, not the judge's end */
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error with a sentence */
    const size_t count = sizeof commands / sizeof commands[0];
    for (size_t i = 0; argc > 1 && i < count; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].main(argc - 1, argv + 1);
    int asked = argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0);
    FILE *out = asked ? stdout : stderr;
    if (argc > 1 && !asked)
        fprintf(out, "svclab: there is no command '%s'\n", argv[1]);
    fputs("usage: svclab COMMAND [flags]\n", out);
    for (size_t i = 0; i < count; i++)
        if (commands[i].help != NULL)
            fprintf(out, "  %-12s %s\n", commands[i].name, commands[i].help);
    return asked ? STATUS_FULL : STATUS_USAGE;
}
