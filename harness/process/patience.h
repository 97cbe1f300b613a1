/*
 * How long a student's process may take: processor time first, which no busy machine stretches;
 * then idleness, then a generous wall time.
 */
#ifndef PROCESS_PATIENCE_H
#define PROCESS_PATIENCE_H

#include <stdint.h>
#include <sys/types.h>
#include "process/probe_client.h"

struct patience {
    int64_t cpu_limit_ms, wall_limit_ms, idle_limit_ms;
    /* Set by patience_begin, kept by patience_look. */
    int64_t looked_ms;               /* monotonic, of the last look */
    int64_t spent_ms, last_moved_ms; /* since it began, without time in which nothing ran */
    int64_t cpu_ms;
};

void patience_begin(struct patience *patience);
/* Looks at process pid once. PROBE_READY, or the limit that it reached, with a sentence. */
enum probe_state patience_look(struct patience *patience, pid_t pid, char *words, size_t size);

#endif
