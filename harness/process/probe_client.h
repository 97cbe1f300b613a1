/*
 * The judge's end of a probe: start one, ask it line by line, find out how it ended.
 *
 * The process is the student's: it may print, crash, hang, close its descriptors or forge lines.
 * Nothing it does can block the judge longer than the deadline or become a passing verdict.
 */
#ifndef PROCESS_PROBE_CLIENT_H
#define PROCESS_PROBE_CLIENT_H

#include <stdint.h>
#include "probe/message.h"

struct error;
struct lab;
struct launcher; /* process/launcher.h */
struct probe;

enum {
    PROBE_CPU_MS = 2000,      /* CPU time of one scenario */
    PROBE_WALL_MS = 20000,    /* wall time, generous: the machine may be busy */
    PROBE_IDLE_MS = 3000,     /* not one of its threads ran or was ready to run for so long */
    PROBE_MEMORY_MB = 1024,   /* resident memory, the sanitizers' own included */
    PROBE_OUTPUT_MAX = 65536, /* bytes of the student's own output that are kept */
    PROBE_OUTPUT_LIMIT_BYTES = 16 << 20 /* printing more ends it */
};

/* How a probe stands after a call. The order is of no meaning. */
enum probe_state {
    PROBE_READY,     /* it answered */
    PROBE_EXITED,    /* it ended by itself: early exit */
    PROBE_SIGNALLED, /* it was killed by a signal */
    PROBE_SANITIZER, /* a sanitizer ended it */
    PROBE_LEAK,      /* it ended well, and memory that nobody pointed to was left */
    PROBE_CPU_LIMIT,
    PROBE_WALL_LIMIT, /* it ran, or slept, for too long */
    PROBE_MEMORY_LIMIT,
    PROBE_OUTPUT_LIMIT,
    PROBE_PROTOCOL, /* it sent something that is no reply, or closed the descriptor */
    PROBE_LEFTOVER, /* it left a process behind */
    PROBE_NO_START  /* the sanitizer's runtime could not start, time after time */
};
/* Whether the end may be the machine's fault, which the canary can tell (process/runtime.h). */
enum doubt {
    DOUBT_NONE,
    DOUBT_ANY,   /* a sanitizer's runtime, its look for leaks, threads */
    DOUBT_MEMORY /* killed, and not by the judge */
};
/* The reason word of a state (course/result.h): "early exit". */
const char *probe_state_reason(enum probe_state state);

struct probe_options {
    const char *program; /* path of the probe */
    const struct lab
        *lab;             /* which it must call itself by name, and whose files are the student's */
    const char *work_dir; /* its current directory, fresh and its own */
    int64_t cpu_ms, wall_ms, idle_ms; /* 0 = the defaults; wall_ms is for one reply */
    const char *const *environment;   /* extra NAME=value, NULL-terminated; may be NULL */
};

/* ERR_UNAVAILABLE when the harness itself could not start it (its fault, not the student's). */
int probe_open(struct probe **out, struct launcher *launcher, const struct probe_options *options,
               struct error *err);
/* Waits for its hello; probe_ask and probe_close do so themselves. */
enum probe_state probe_hello(struct probe *probe);
/* Sends one action, waits for the reply. The caller releases reply, also when not PROBE_READY. */
enum probe_state probe_ask(struct probe *probe, const char *action, struct message *reply);
/* Ends input, waits for a clean exit, reaps everything. PROBE_READY when it ended with 0 and left
   nothing behind. */
enum probe_state probe_close(struct probe *probe);
/* Kills it and all it started, when it still runs. */
void probe_stop(struct probe *probe);
/* A sentence on how it ended, with the first frame in the student's files where there is one. */
const char *probe_ending(const struct probe *probe);
/* What it printed, at most PROBE_OUTPUT_MAX bytes, control characters escaped. */
const char *probe_output(const struct probe *probe);
enum doubt probe_doubt(const struct probe *probe); /* once it has ended */
const char *probe_dir(const struct probe *probe);  /* its current directory */
int64_t probe_cpu_ms(const struct probe *probe);   /* once it has ended */
void probe_free(struct probe *probe);              /* kills it when it still runs; NULL is fine */

#endif
