/*
 * What happens between fork and exec.
 */
#ifndef PROCESS_LAUNCH_CHILD_H
#define PROCESS_LAUNCH_CHILD_H

#include "process/launcher.h"

/* Why a child never became its program; written by the child, read by the parent. */
struct launch_failure {
    const char *doing; /* static text, the same address in parent and child */
    int error;         /* errno */
};

/* Forks and turns the child into launch's program. path is its absolute path. Returns when the
   program has been executed: its pid, or -1 with failure filled. Must be called on a thread that
   lives as long as the child may: the child dies with that thread. */
pid_t launch_child(const struct launch *launch, const char *path, struct launch_failure *failure);

#endif
