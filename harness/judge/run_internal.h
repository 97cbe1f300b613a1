/*
 * What run.c shares with play.c; checks use judge/run.h.
 */
#ifndef JUDGE_RUN_INTERNAL_H
#define JUDGE_RUN_INTERNAL_H

#include "judge/run.h"

struct error;
struct launch_end;
struct service_entry;

enum { NO_START_TRIES = 10 }; /* random addresses collide with the sanitizers' now and then */

/* Asks and writes the two lines into story. The state the probe is in; reply is the caller's. */
enum probe_state run_exchange(struct check_run *run, struct probe *probe, const char *line,
                              const struct message *action, struct message *reply,
                              struct story *story);
/* 1 with finding filled when the reply is no answer: todo (a skeleton) or bad (unknown action). */
int run_unwritten(const struct message *action, const struct message *reply,
                  struct finding *finding);
/* The verdict of a process that ended: crash or fail, with the state's reason word. Before, ask
   run_blames_machine. */
int run_verdict_of_end(struct check_run *run, enum probe_state state, const char *expected,
                       const char *got);
/* Frees a probe and its folder; adds its CPU time to *cpu_ms. */
void run_forget(struct check_run *run, struct probe *probe, int64_t *cpu_ms);

/* The verdict on a student's service that has ended although nobody killed it. too_early: as in
   struct probe_end. Like those that follow, returns 1. */
int run_service_ended(struct check_run *run, const char *service, const struct launch_end *end,
                      const char *too_early);
/* The verdict on a service that did not come up at all; entry NULL, or not a student's: an error.
   end is {0} when it still ran. */
int run_start_failed(struct check_run *run, const struct service_entry *entry,
                     const struct launch_end *end, const struct error *err);
/* The verdict on a student's service that still runs and is not ready in time. */
int run_not_ready(struct check_run *run, const char *expected, const struct error *err);
/* 1, and its sanitizer's logs are gone, when the service ended because a sanitizer's runtime could
   not start: then it is worth another try. */
int run_never_started(const struct check_run *run, const char *service,
                      const struct launch_end *end);

/* After the check's function: a passed cluster check's student services must end cleanly, without a
   leak; a failed one's spans go into its story. Then the cluster goes. No cluster: nothing. */
void run_cluster_end(struct check_run *run);

#endif
