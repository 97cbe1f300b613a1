/*
 * The commands that a report asks a person to type, and what is next.
 *
 * All name the lab: two labs may have a check of the same name. A tree that is not the student's
 * own is named too, quoted for the shell where it has to be; what cannot be seen in its name is
 * escaped.
 */
#ifndef REPORT_COMMAND_H
#define REPORT_COMMAND_H

#include "course/result.h"
#include "kit/text.h"

/* The command that repeats this check, the place to read, the command for a hint; appended to out.
 */
void replay_command(struct text *out, const struct run_result *run, const struct lab_result *lab,
                    const struct result *result);
void read_place(struct text *out, const struct lab_result *lab, const struct result *result);
void hint_command(struct text *out, const struct lab_result *lab, const struct result *result);

/* What is next: words that end with "then" or "again" where a command follows, or a sentence and
   no command (empty). only_check: 1 when only some checks were asked for. */
struct next_step {
    struct text words, command;
};
struct next_step next_step(const struct run_result *run, int only_check);
void next_step_release(struct next_step *next);

#endif
