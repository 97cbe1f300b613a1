/*
 * Can programs with sanitizers run on this machine? A program of ours, the canary, shows it.
 *
 * Each function returns 0 when all is well, else ERR_UNAVAILABLE with one sentence in err: what is
 * the matter with the machine, and what to do about it. Nothing that a student's program does or
 * writes is looked at.
 */
#ifndef PROCESS_RUNTIME_H
#define PROCESS_RUNTIME_H

struct error;
struct launcher;

enum runtime {
    RUNTIME_ASAN, /* AddressSanitizer, UndefinedBehaviorSanitizer, LeakSanitizer */
    RUNTIME_TSAN, /* ThreadSanitizer */
    RUNTIME_COUNT
};

/* Lets the canary (process/canary/canary.c) that is built with this sanitizer do what programs
   under test need done, with so much memory. programs: the folder that it is in, that of the
   harness's own programs. Takes tens of milliseconds, at most CANARY_WAIT_MS; a canary that is not
   there is an error. */
enum { CANARY_MB = 32, CANARY_MUCH_MB = 384, CANARY_WAIT_MS = 10000 };
int runtime_canary(enum runtime runtime, struct launcher *launcher, const char *programs,
                   int megabytes, struct error *err);

#endif
