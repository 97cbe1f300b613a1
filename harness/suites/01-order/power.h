/*
 * The search for a power cut that breaks a rule: every write and sync of some actions is cut in
 * turn, with several choices of what survives.
 */
#ifndef SUITES_ORDER_POWER_H
#define SUITES_ORDER_POWER_H

#include "judge/run.h"

enum { POWER_ACTIONS_MAX = 12 };

struct power_plan {
    const char *before[POWER_ACTIONS_MAX];  /* done with the power on; ends with NULL */
    const char *actions[POWER_ACTIONS_MAX]; /* the power goes somewhere in these; likewise */
    int with_messages;                      /* 1: the outbox is looked at, too */
};

/* What one cut came to. */
struct power_cut {
    int64_t nth;        /* the write or sync that was interrupted; 0 = none */
    int64_t seed;       /* of what survives */
    int lying;          /* 1: syncs kept nothing (the positive control) */
    int acknowledged;   /* actions answered with ok before the power went */
    int64_t operations; /* writes and syncs of the actions */
    int off;            /* 0: all actions were done before the nth */
    int64_t events;     /* of stream o-1, after the restart */
    int64_t messages;   /* in the outbox, after the restart */
    int64_t version;    /* of the order that loads, 0 when it is not found, -1 on an error */
};

/* Says what is wrong after the cut: fills expected and returns 1, or returns 0. events[n] is how
   many there are after n actions without a cut. */
typedef int power_rule(const struct power_cut *cut, const int64_t *events, char *expected,
                       size_t size);

/* Tries every cut until one breaks the rule; the first is the shortest, and it becomes the story.
 */
void power_search(struct check_run *run, const struct power_plan *plan, power_rule *rule);

#endif
