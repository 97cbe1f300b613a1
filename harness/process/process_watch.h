/*
 * What the kernel says about a running process: the CPU time it used, its memory, whether any of
 * its threads could run. Read from outside, so nothing the process does can change it.
 */
#ifndef PROCESS_PROCESS_WATCH_H
#define PROCESS_PROCESS_WATCH_H

#include <stdint.h>
#include <sys/types.h>

struct process_watch {
    int64_t cpu_ms;    /* all threads; 0 when the kernel does not say */
    int64_t memory_mb; /* resident */
    int runnable;      /* 1: some thread runs, is ready to run or waits for a disk */
};

/* 0, or ERR_NOT_FOUND when there is no such process. */
int process_watch(pid_t pid, struct process_watch *watch);

#endif
