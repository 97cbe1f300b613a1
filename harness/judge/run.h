/*
 * What a check of its own shape is given: its environment, and the words to say what it saw.
 *
 * The first finding wins; after it the function should return. A check that returns without a
 * word has passed, so each must first prove that it could have failed (its positive control).
 */
#ifndef JUDGE_RUN_H
#define JUDGE_RUN_H

#include <stdint.h>
#include "course/lab.h"
#include "course/result.h"
#include "judge/scenario.h"
#include "kit/random.h"
#include "process/probe_client.h"
#include "process/runtime.h"

struct cluster;
struct launcher;
struct machine;

struct check_run {
    const struct lab *lab;
    const struct check *check;
    struct launcher *launcher;
    const char *programs; /* folder with this lab's built programs: probe, service */
    const char *peers;    /* folder with the harness's own programs: peers, canaries */
    const char *work_dir; /* fresh, removed afterwards */
    uint64_t seed;
    struct random random;              /* from seed, lab and check */
    struct random_seeded random_state; /* behind random */
    struct text script;                /* what run_ask asked the last probe; for `make debug` */
    int probe_count;                   /* probes opened so far, for their directories */
    int64_t started_ms;                /* monotonic, when the check began */
    struct result *result;             /* what is being written */
    struct machine *machine;           /* what its judge knows of the machine; may be NULL */
    enum runtime runtime;              /* of the program that was started last */
    struct cluster *cluster;           /* set by run_cluster */
    struct cluster_notes *notes;       /* what cluster_check.c remembers of it */
};

/* Verdicts. Each returns 1, so `if (x != y) return (void)run_fail(...)`. */
int run_fail(struct check_run *run, const char *reason, const char *expected, const char *format,
             ...) __attribute__((format(printf, 4, 5)));
/* The check cannot say anything before the gate of its own step holds, which says what is wrong. */
int run_wait(struct check_run *run, const struct check *gate);
int run_error(struct check_run *run, const char *format, ...) /* the harness's own fault */
    __attribute__((format(printf, 2, 3)));
/* How a probe ended although it should not have: a crash, a fail with its reason word, or an error
   where the machine made it end (judge/machine.h). */
int run_crash(struct check_run *run, enum probe_state state, const struct probe *probe);
int run_ended(const struct check_run *run); /* 1 once a verdict other than pass stands */

/* A line of the story; at_ms is virtual in probe checks and real in cluster checks. */
void run_story(struct check_run *run, int64_t at_ms, enum story_kind kind, const char *from,
               const char *to, const char *format, ...) __attribute__((format(printf, 6, 7)));
/* A figure for the report: "schedules tried", 81234. */
void run_figure(struct check_run *run, const char *name, double value);
/* A picture for the report, in DOT or SVG. */
void run_picture(struct check_run *run, const char *title, const char *alt, const char *dot_or_svg);

/* Opens this lab's probe in a fresh directory below work_dir; a failure is already reported. */
struct probe *run_probe(struct check_run *run);
/* The same for a program built otherwise: "probe-tsan". */
struct probe *run_program(struct check_run *run, const char *name);
/* Asks, and writes both lines into the story. 1 when there is no answer to judge - the probe ended,
   or it said todo or bad - and the verdict is given. Release reply with message_release always. */
int run_ask(struct check_run *run, struct probe *probe, struct message *reply, const char *format,
            ...) __attribute__((format(printf, 4, 5)));
/* Plays a scenario in a fresh probe against check->oracle, as probe checks are played, and makes it
   smaller when it fails. 1 when a verdict other than pass stands. */
int run_scenario(struct check_run *run, struct scenario *scenario);
/* Shows with the verdict what a process printed, unless something is shown already. */
void run_show_printed(struct check_run *run, const char *printed);
/* Ends the probe and frees it; NULL is fine. 1 when a verdict stands: the one that was given
   before, and what the probe printed goes with it, or that it did not end cleanly. */
int run_close(struct check_run *run, struct probe *probe);

#endif
