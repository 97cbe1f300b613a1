/*
 * A scenario: a list of actions for the probe, each a line of probe/message.h. '#' starts a
 * comment.
 */
#ifndef JUDGE_SCENARIO_H
#define JUDGE_SCENARIO_H

#include "kit/random.h"
#include "probe/message.h"

struct check_run; /* judge/run.h */

struct scenario {
    char **lines; /* owned */
    int count;
    int capacity;
};

void scenario_add(struct scenario *scenario, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Adds each line of a script; empty lines and comments are left out. */
void scenario_add_script(struct scenario *scenario, const char *script);
/* Adds the lines of a script up to the empty line that ends a scene. Where the next scene begins;
   "" behind the last. */
const char *scenario_add_scene(struct scenario *scenario, const char *script);
void scenario_copy_without(struct scenario *out, const struct scenario *from, int first, int count);
void scenario_release(struct scenario *scenario);

#endif
