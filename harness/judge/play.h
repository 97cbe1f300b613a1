/*
 * Playing a scenario: a fresh probe, one action after the other, the oracle beside it.
 */
#ifndef JUDGE_PLAY_H
#define JUDGE_PLAY_H

#include "judge/run.h"
#include "judge/scenario.h"

enum play_outcome {
    PLAY_AGREED, /* every reply was right and the probe ended cleanly */
    PLAY_BROKE,  /* a reply broke the rule */
    PLAY_TODO,   /* a function is not written yet */
    PLAY_BAD,    /* the probe did not know the action */
    PLAY_ENDED,  /* the probe ended or was stopped */
    PLAY_ERROR   /* the harness could not run it */
};

struct play {
    enum play_outcome outcome;
    int at; /* index of the action that it happened at; the count when it was at the end */
    enum probe_state state; /* of PLAY_ENDED */
    enum doubt doubt;       /* of PLAY_ENDED */
    struct finding finding; /* what to say of it, whatever the outcome */
    struct story story;
    char *output; /* what the probe printed, NULL when nothing */
    int64_t cpu_ms;
};

void play_scenario(struct check_run *run, const struct scenario *scenario, struct play *play);
void play_release(struct play *play);

/* A probe check from its first scenario to its verdict in run->result. */
void play_check(struct check_run *run);

/* Makes scenario smaller while it still fails in the same way, in a bounded number of plays, and
   play the smallest one's. Both are replaced. */
void shrink(struct check_run *run, struct scenario *scenario, struct play *play);

#endif
