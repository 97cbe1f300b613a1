/*
 * Compiler commands, some at a time, each with its output in files.
 *
 * A command gets a small environment of its own, so that nothing but its words decides what it
 * does, and limits of time, of memory and of file size, so that no source keeps it for ever. When
 * svclab is killed, all that it started here ends too.
 */
#ifndef COMPILE_JOBS_H
#define COMPILE_JOBS_H

struct error;

enum {
    COMPILE_CPU_S = 60,   /* processor time of one process; our largest file takes two seconds */
    COMPILE_WALL_S = 180, /* of one command: it may wait for a file that never ends */
    COMPILE_MEMORY_MB = 2048, /* of one process */
    COMPILE_TEXT_MB = 32,  /* of preprocessed text; all headers of the system together are 3 MB */
    COMPILE_FILE_MB = 256, /* of an object or a program */
};

struct compile_job {
    const char *const *argv; /* NULL-terminated; argv[0] is found by PATH; NULL = nothing to do */
    const char *output;      /* file for its stdout; NULL = it has none */
    const char *log;         /* file for its stderr */
    int file_mb;             /* megabytes it may write to one file */
    int for_people;          /* 1: the log is read by people, in their language; 0: in English */
    int ended_well;          /* out: 1 when it ended with status 0 */
    int stopped;             /* out: the signal that ended it or its child; SIGXCPU when it was at
                                the limit of time, SIGXFSZ of size or memory; 0 = none */
};

/* Runs all of them, at most `parallel` at a time. 0; ERR_UNAVAILABLE when one could not be started,
   which is the machine's fault; all have ended then too. */
int compile_jobs_run(struct compile_job *jobs, int count, int parallel, struct error *err);

#endif
