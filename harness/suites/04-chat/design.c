/*
 * Lab 04, step 1: the rules of the design.
 */
#include "suites/04-chat/checks.h"

#include <stdlib.h>

static void check_read(struct check_run *run)
{
    free(chat_read_design(run));
}

const struct check chat_design_checks[] = {
    {.id = "design_is_read",
     .step = 1,
     .points = 1,
     .gate = 1,
     .anchor = "the-design",
     .run = check_read,
     .rules = "D1",
     .rule = "The design is declared, each declaration right by itself, the same at every call.",
     .hints = {"The first declaration that is wrong is named with its line; mend it and go on.",
               "Declare a name above the lines that use it."}},
    {0},
};
