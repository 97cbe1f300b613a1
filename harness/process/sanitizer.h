/*
 * Sanitizers: the options that the harness sets for every student process, and their logs.
 *
 * A log only explains. The verdict stands on how the process ended; what a log says may be forged.
 */
#ifndef PROCESS_SANITIZER_H
#define PROCESS_SANITIZER_H

#include <sys/types.h>

struct lab;

enum {
    SANITIZER_STATUS = 86,         /* exit status of a process that a sanitizer ended */
    SANITIZER_OPTIONS_SIZE = 4608, /* a whole path and the options around it */
};

/* The environment of a student process whose logs go to DIR/sanitizer.PID: NAME=value each. dir
   NULL: to its stderr. */
struct sanitizer_environment {
    char asan[SANITIZER_OPTIONS_SIZE], ubsan[SANITIZER_OPTIONS_SIZE], lsan[SANITIZER_OPTIONS_SIZE],
        tsan[SANITIZER_OPTIONS_SIZE];
};
void sanitizer_environment(struct sanitizer_environment *out, const char *dir);

/* What a log says, in short. Empty texts where it says nothing. */
struct sanitizer_report {
    char tool[32];      /* "AddressSanitizer" */
    char what[160];     /* "heap-buffer-overflow" */
    char place[160];    /* first frame in the student's own files: "order_new, order.c:57" */
    char other[160];    /* of a data race: the same in the other thread */
    int signal;         /* the signal that the tool caught, 0 when it found something itself */
    int runtime_failed; /* the tool could not even start */
};

/* Reads what process pid left in dir, or else the report in what it printed (gcc's UBSan writes to
   stderr only). lab: whose files are the student's. 1 when there was a report.
   *printed_report is then the place in printed where it starts, or NULL. */
int sanitizer_read(const char *dir, pid_t pid, const struct lab *lab, const char *printed,
                   struct sanitizer_report *report, const char **printed_report);

/* 1 when these words, which may be forged, say that a tool could not even start. */
int sanitizer_runtime_failed(const char *words);
/* Removes the logs in dir, so that a later process is not explained by an earlier one's. */
void sanitizer_forget(const char *dir);

#endif
