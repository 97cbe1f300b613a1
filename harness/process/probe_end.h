/*
 * How a process of the student ended, in a state and a sentence.
 */
#ifndef PROCESS_PROBE_END_H
#define PROCESS_PROBE_END_H

#include <stddef.h>
#include <sys/types.h>
#include "process/probe_client.h"

struct launch_end;

struct probe_end {
    const struct launch_end *end;
    pid_t pid;
    const char *work_dir; /* where the sanitizers' logs are */
    const struct lab *lab;
    const char *too_early;      /* "before it said hello"; NULL once it was ready */
    const char *printed;        /* what it printed */
    const char *printed_report; /* out: where a sanitizer's report begins in printed, or NULL */
    enum doubt doubt;           /* out: may it be the machine's fault? */
};

/* The state, and its sentence in words. PROBE_EXITED with any status, 0 included, when nothing
   else is known of it. */
enum probe_state probe_end_explain(struct probe_end *end, char *words, size_t size);

#endif
