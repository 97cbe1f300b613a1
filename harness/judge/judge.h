/*
 * Judging one lab, in this process: its checks as a Check suite, without forks, in step order.
 *
 * A gate check that does not pass makes the checks of the steps that need its step wait. A check
 * that was asked for alone is judged as in the full run: the gates before it are judged too and not
 * reported. So the checks of a lab can also be dealt out to several processes, its shards.
 */
#ifndef JUDGE_JUDGE_H
#define JUDGE_JUDGE_H

#include <stdint.h>
#include "course/lab.h"
#include "course/result.h"

struct launcher;

enum {
    SEED_DEFAULT = 20261122,
    ROOM_MIN_MB = 16 /* free before each check, so that a full disk is not a student's fault */
};

struct judge_options {
    const struct lab *lab;
    const char *check;    /* glob, NULL = all */
    unsigned steps;       /* bit 1 is step 1; 0 = all */
    const char *programs; /* folder with this lab's probe and service */
    const char *peers;    /* folder with the peers' programs, and the canaries */
    const char *sources;  /* this lab's folder in the student's tree, to name missing files */
    const char *work_dir; /* exists; what is made in it is removed again */
    uint64_t seed;
    int no_gates;      /* 1: every check is judged whatever came before (svclab audit) */
    int pictures;      /* 1: draw the lab's pictures too */
    int shard, shards; /* judges every check whose number leaves the rest `shard`; 0, 0 = all */
};

/* Whether a check, by its number in the registry, is one that these options ask for. */
int judge_asked(const struct judge_options *options, int index);

/* Called with each result as soon as it stands. */
typedef void judge_listener(void *context, const struct result *result);

/* Judges the lab into out, which the caller releases. Never fails: what goes wrong in the harness
   is a result with VERDICT_ERROR. */
void judge_lab(const struct judge_options *options, struct launcher *launcher,
               judge_listener *listener, void *context, struct lab_result *out);

/* The random numbers of a check, from the run's seed and the names. */
uint64_t judge_seed(uint64_t seed, const char *lab, const char *check);

#endif
