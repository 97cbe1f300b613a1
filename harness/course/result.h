/*
 * Results: what the judge hands to the reports. Plain data; strings are owned by the result.
 */
#ifndef COURSE_RESULT_H
#define COURSE_RESULT_H

#include <stdint.h>
#include "kit/text.h"

struct lab;
struct check;
struct rationale;

enum verdict { VERDICT_PASS, VERDICT_FAIL, VERDICT_CRASH, VERDICT_WAITING, VERDICT_ERROR };
const char *verdict_name(enum verdict verdict);
int verdict_from_name(const char *name, enum verdict *verdict); /* ERR_INVALID */

/* Reason words: "wrong answer", "early exit", "signal", "sanitizer", "leak", "cpu limit",
   "wall limit", "memory limit", "output limit", "compile error", "protocol", "left a process",
   "fault not reached", "not written yet" (a skeleton's TODO), "waits for STEP", "harness". */

enum story_kind {
    STORY_CALL,  /* from -> to */
    STORY_REPLY, /* from --> to */
    STORY_FAULT, /* something was broken on purpose */
    STORY_NOTE,  /* said by `from` about itself */
    STORY_WRONG  /* the line where the rule broke */
};

struct story_line {
    int64_t at_ms;
    enum story_kind kind;
    char *from, *to; /* participants; `to` is NULL for notes */
    char *text;
};

struct story {
    struct story_line *lines;
    int count, capacity;
    int virtual_time; /* 1: at_ms is virtual */
};

struct picture {
    char *title;
    char *alt;    /* what it shows, in words */
    char *source; /* DOT ("digraph ...") or SVG ("<svg ...") */
};

struct figure {
    char *name;
    double value;
};

struct result {
    const struct check *check;
    enum verdict verdict;
    char reason[96];
    int points;     /* earned */
    char *expected; /* NULL when it passed */
    char *got;
    char *detail; /* compiler words, sanitizer's first frame; may be NULL */
    char *output; /* the student's own output, escaped; may be NULL */
    char *script; /* the minimised scenario, for `probe --script`; may be NULL */
    struct story story;
    struct picture *pictures;
    int picture_count;
    struct figure *figures;
    int figure_count;
    int64_t wall_ms, cpu_ms;
};

struct lab_result {
    const struct lab *lab;
    int builds;             /* 0: the student's files do not compile */
    char *compiler;         /* the compiler's words then */
    struct result *results; /* in registry order */
    int count;
    struct picture *pictures;
    int picture_count;
    int points, points_max;
    struct rationale *rationale; /* NULL when the lab asks for none */
    int64_t wall_ms;
};

struct run_result {
    struct lab_result *labs;
    int lab_count;
    uint64_t seed;
    const char *tree; /* "labs", "solutions" or another folder */
    int exit_status;  /* 0 full marks, 1 failed, 2 does not build, 3 grader error */
    int64_t started_wall_ms, wall_ms;
    const char *isolation; /* "none", later "bubblewrap" ... */
};

/* Construction: strings are copied. A {0} of each is valid and empty. */
void story_add(struct story *story, int64_t at_ms, enum story_kind kind, const char *from,
               const char *to, const char *text);
void result_add_picture(struct result *result, const char *title, const char *alt,
                        const char *source);
void result_add_figure(struct result *result, const char *name, double value);
void lab_result_add_picture(struct lab_result *lab, const char *title, const char *alt,
                            const char *source);
/* 1 when there is a result of the check. */
int lab_result_has(const struct lab_result *lab, const struct check *check);
/* Replaces an owned string; NULL empties it. */
void result_set_string(char **field, const char *value);

/* Each frees what it owns and leaves a {0}. */
void story_release(struct story *story);
void result_release(struct result *result);
void lab_result_release(struct lab_result *lab);
void run_result_release(struct run_result *run);

#endif
