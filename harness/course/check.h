/*
 * A check is declared once, as one of these.
 *
 * Terminal, reports, exporters, handbook tables, hints and the kill matrix all read these tables.
 * A lab's checks stand in harness/suites/NN-NAME/; suites/registry.c lists the labs.
 */
#ifndef COURSE_CHECK_H
#define COURSE_CHECK_H

#include <stdint.h>

struct check_run; /* judge/run.h */
struct message;   /* probe/message.h */
struct random;    /* kit/random.h */
struct scenario;  /* judge/scenario.h */

enum tier { TIER_UNIT, TIER_MODEL, TIER_CLUSTER };

/* What a probe check compares: a naive model of the rules, which knows the right reply to each
   action. It is defined on every sub-list of a scenario, so that stories can be shrunk. */
struct finding {
    char expected[1024];
    char got[1024];
};
struct oracle {
    /* judged: the check's `judged` text. Returns the model's state. */
    void *(*create)(const char *judged);
    void (*destroy)(void *state);
    /* Takes the next action and the student's reply to it. 0 when they agree with the rules (or
       the rule says nothing here), 1 with finding filled when they do not. */
    int (*step)(void *state, const struct message *action, const struct message *reply,
                struct finding *finding);
};

struct check {
    const char *id;    /* snake_case, unique within its lab, a sentence about behaviour */
    const char *rule;  /* the rule as one sentence */
    const char *rules; /* the numbers in shared lab texts, "O3" */
    int step;          /* 1.. */
    enum tier tier;
    int tsan;             /* 1: it drives probe-tsan, the probe under ThreadSanitizer */
    int points;           /* a lab's points sum to 100 */
    int gate;             /* 1: the steps that need this one wait for it; at most two a step */
    int hidden;           /* 1: not in the student edition */
    const char *anchor;   /* in the lab's README.md */
    const char *hints[3]; /* at least two, from a nudge to nearly the answer */

    /* A probe check: actions, one a line (NULL when generated), each perhaps with the answer that
       must come back (judge/expect.h) where there is no oracle. An empty line ends a scene; each
       scene is played to a probe of its own, and a story shows one ... */
    const char *script;
    void (*generate)(struct scenario *out, const struct random *random);
    int rounds; /* how many generated scenarios are tried; 0 = 1 */
    const struct oracle *oracle;
    const char *judged; /* what the oracle compares: reply fields, space separated */
    int64_t cpu_ms;     /* CPU limit of one scenario, 0 = PROBE_CPU_MS */

    /* ... or a check of its own shape: a function that runs probes or a cluster and says what it
       saw through judge/run.h (cluster checks, power loss, statistics, searches). */
    void (*run)(struct check_run *run);
};

#endif
