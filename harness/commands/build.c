/*
 * svclab build: brings one lab's programs up to date, and says where they are.
 *
 *     svclab build --lab 01 [--tree labs] [--mode asan|release] [--out DIR]
 */
#include "commands/commands.h"

#include <stdio.h>
#include <string.h>

#include "base/places.h"
#include "commands/flags.h"
#include "compile/lab.h"
#include "course/lab.h"
#include "course/status.h"
#include "kit/error.h"
#include "suites/suites.h"

static int build(struct compile_options *options, struct text *folder, struct text *words,
                 struct error *err)
{
    int code = 0;
    if (folder->length == 0) {
        code = compile_place(options->build, options->tree, folder, err);
        text_addf(folder, "/%s", options->lab->name);
        if (strcmp(options->mode, "asan") != 0) /* what is graded stays apart */
            text_addf(folder, "/%s", options->mode);
    }
    options->out = text_str(folder);
    return code == 0 ? compile_lab(options, words, err) : code;
}

int command_build(int argc, char **argv)
{
    struct compile_options options = {.mode = "asan", .programs = COMPILE_ALL};
    const char *lab = NULL, *out = "";
    const struct flag flags[] = {
        {"lab", &lab, "NN    the lab"},
        {"tree", &options.tree, "DIR  folder with the students' files (where the lab is)"},
        {"mode", &options.mode, "MODE asan or release (asan)"},
        {"out", &out, "DIR   where the programs go (below the build folder)"},
        {0},
    };
    int status = flags_parse(argc, argv, "build", flags);
    if (status != 0)
        return status == 1 ? STATUS_FULL : status;
    options.lab = lab != NULL ? lab_find(all_labs, lab) : NULL;
    const int is_release = strcmp(options.mode, "release") == 0;
    if (options.lab == NULL || (!is_release && strcmp(options.mode, "asan") != 0)) {
        fprintf(stderr, "svclab build: --lab takes a lab (svclab list names them), --mode asan or "
                        "release\n");
        return STATUS_USAGE;
    }
    if (is_release)
        options.programs = COMPILE_PROBE | COMPILE_SERVICE;
    if (options.tree == NULL)
        options.tree = lab_home(options.lab);
    struct text folder = {0}, words = {0}, own = {0};
    struct error err = {0};
    place_in_build(&own, "");
    options.build = text_str(&own);
    text_add(&folder, out);
    const int code = build(&options, &folder, &words, &err);
    fputs(text_str(&words), stderr);
    if (code == 0)
        printf("%s\n", text_str(&folder));
    else if (code != COMPILE_FAILED)
        fprintf(stderr, "svclab build: %s\n", err.text);
    text_release(&folder);
    text_release(&words);
    text_release(&own);
    return code == 0                ? STATUS_FULL
           : code == COMPILE_FAILED ? STATUS_NO_BUILD
           : code == ERR_NOT_FOUND  ? STATUS_USAGE
                                    : STATUS_GRADER;
}
