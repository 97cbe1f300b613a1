/*
 * Labs judged side by side, each by processes of its own: as many shards of a lab as there are
 * cores, so that one lab alone keeps them busy too.
 */
#ifndef JUDGE_JOBS_H
#define JUDGE_JOBS_H

#include "judge/judge.h"

struct error;

/* Judges by options[i] into results[i], with at most `parallel` processes at a time, and as many
   shards a lab. The work_dir of each is a folder below work_dir. ERR_REFUSED when SIGINT, SIGTERM
   or SIGHUP came: nothing is left running then. A lab's judge that dies gives its checks
   VERDICT_ERROR, and no error here. */
int jobs_run(const struct judge_options *options, struct lab_result *results, int count,
             int parallel, const char *work_dir, struct error *err);

/* The other end is `svclab judge-lab` (commands/judge_lab.c), which writes results to descriptor 3.
 */

#endif
