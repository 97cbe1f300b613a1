/*
 * Compiler commands, some at a time, each with its output in files.
 *
 * A command gets a small environment of its own, so that nothing but its words decides what it
 * does, and a limit of processor time and of file size, so that no source keeps it for ever.
 */
#ifndef COMPILE_JOBS_H
#define COMPILE_JOBS_H

struct error;

enum {
    COMPILE_CPU_S = 60,    /* processor time of one command; our largest file takes two seconds */
    COMPILE_FILE_MB = 256, /* bytes it may write to one file */
};

struct compile_job {
    const char *const *argv; /* NULL-terminated; argv[0] is found by PATH; NULL = nothing to do */
    const char *output;      /* file for its stdout; NULL = it has none */
    const char *log;         /* file for its stderr */
    int ended_well;          /* out: 1 when it ended with status 0 */
    int stopped;             /* out: the signal that ended it, 0 = none */
};

/* Runs all of them, at most `parallel` at a time. 0; ERR_UNAVAILABLE when one could not be started,
   which is the machine's fault; all have ended then too. */
int compile_jobs_run(struct compile_job *jobs, int count, int parallel, struct error *err);

#endif
