/*
 * What run.c shares with play.c; checks use judge/run.h.
 */
#ifndef JUDGE_RUN_INTERNAL_H
#define JUDGE_RUN_INTERNAL_H

#include "judge/run.h"

/* Asks and writes the two lines into story. The state the probe is in; reply is the caller's. */
enum probe_state run_exchange(struct check_run *run, struct probe *probe, const char *line,
                              const struct message *action, struct message *reply,
                              struct story *story);
/* 1 with finding filled when the reply is no answer: todo (a skeleton) or bad (unknown action). */
int run_unwritten(const struct message *action, const struct message *reply,
                  struct finding *finding);
/* The verdict of a process that ended: crash, fail or error, with the state's reason word. */
int run_verdict_of_end(struct check_run *run, enum probe_state state, const char *expected,
                       const char *got);
/* Frees a probe and its folder; adds its CPU time to *cpu_ms. */
void run_forget(struct check_run *run, struct probe *probe, int64_t *cpu_ms);

/* After the check's function: a passed cluster check's student services must end cleanly, without a
   leak; a failed one's spans go into its story. Then the cluster goes. No cluster: nothing. */
void run_cluster_end(struct check_run *run);

#endif
