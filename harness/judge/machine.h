/*
 * What one judge has found out about its machine, so that the machine's fault is nobody else's.
 *
 * A fault that was found once stands for the rest of the judge's run: a run on such a machine is to
 * be repeated anyway. That the canary was well is not remembered, for a machine that was well
 * before a crash need not be so at the next.
 */
#ifndef JUDGE_MACHINE_H
#define JUDGE_MACHINE_H

#include "kit/error.h"
#include "process/probe_client.h"
#include "process/runtime.h"

struct check_run;
struct judge_options;

/* {0} before anything is known. A text that is not empty is a fault. */
struct machine {
    struct error loopback;
    struct error runtimes[RUNTIME_COUNT];
    int loopback_works;
};

/* 1 when the machine cannot do what every program under test needs, or what a service needs; the
   verdict stands then, an error with the cause. An end without doubt is never its fault. */
int run_blames_machine(struct check_run *run, enum doubt doubt);
int run_lacks_loopback(struct check_run *run);

#endif
