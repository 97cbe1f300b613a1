/*
 * The judge's end of a probe: start one, ask it line by line, find out how it ended.
 *
 * The process is the student's: it may print, crash, hang, close its descriptors or forge lines.
 * Nothing it does can block the judge longer than the deadline or become a passing verdict.
 */
#ifndef JUDGE_PROBE_CLIENT_H
#define JUDGE_PROBE_CLIENT_H

#include <stdint.h>
#include "kit/message.h"

struct error;
struct launcher; /* cluster/launcher.h */
struct probe;

enum {
    PROBE_CPU_MS = 2000,     /* CPU time of one scenario */
    PROBE_WALL_MS = 20000,   /* wall time, generous: the machine may be busy */
    PROBE_OUTPUT_MAX = 65536 /* bytes of the student's own output that are kept */
};

/* How a probe stands after a call. The order is of no meaning. */
enum probe_state {
    PROBE_READY,      /* it answered */
    PROBE_EXITED,     /* it ended by itself: early exit */
    PROBE_SIGNALLED,  /* it was killed by a signal */
    PROBE_SANITIZER,  /* a sanitizer ended it */
    PROBE_CPU_LIMIT,
    PROBE_WALL_LIMIT,
    PROBE_PROTOCOL,   /* it sent something that is no reply, or closed the descriptor */
    PROBE_LEFTOVER,   /* it left a process behind */
    PROBE_NO_START    /* it never said hello */
};

struct probe_options {
    const char *program;   /* path of the probe */
    const char *work_dir;  /* its current directory, fresh and its own */
    int64_t cpu_ms, wall_ms; /* 0 = the defaults */
    const char *const *environment; /* extra NAME=value, NULL-terminated; may be NULL */
};

/* ERR_UNAVAILABLE when the harness itself could not start it (its fault, not the student's). */
int probe_open(struct probe **out, struct launcher *launcher, const struct probe_options *options,
               struct error *err);
/* Sends one action, waits for the reply. The caller releases reply, also when not PROBE_READY. */
enum probe_state probe_ask(struct probe *probe, const char *action, struct message *reply);
/* Ends input, waits for a clean exit, reaps everything. PROBE_READY when it ended with 0 and left
   nothing behind. */
enum probe_state probe_close(struct probe *probe);
/* A sentence on how it ended, with the first frame in the student's files where there is one. */
const char *probe_ending(const struct probe *probe);
/* What it printed, escaped, at most PROBE_OUTPUT_MAX. */
const char *probe_output(const struct probe *probe);
void probe_free(struct probe *probe);

#endif
