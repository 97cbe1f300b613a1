/*
 * Reports: each takes the same struct run_result and writes one format.
 *
 * Nothing here decides a verdict. Files are written beside their final name and renamed, so a
 * report is never half there.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include <stdio.h>
#include "course/result.h"

struct error;

struct terminal_options {
    int colour;           /* 1 on a terminal */
    int verbose;          /* V=1: every check's line and block */
    const char *only_lab; /* LAB= given: all of that lab's failures */
    const char *only_check;
    const char *page; /* path of the HTML report, named at the end; NULL = there is none */
};
/* One line per lab, and for the first unfinished lab the next failing check's block. */
void report_terminal(FILE *out, const struct run_result *run,
                     const struct terminal_options *options);
/* The failure block of one check, at most 30 lines (design section 5). */
void report_block(FILE *out, const struct run_result *run, const struct lab_result *lab,
                  const struct result *result, int colour);

int report_json(const char *path, const struct run_result *run, struct error *err);
int report_junit(const char *path, const struct run_result *run, struct error *err);
int report_tap(const char *path, const struct run_result *run, struct error *err);
/* One self-contained page, pictures as SVG inside; without Graphviz it says so in their place. */
int report_html(const char *path, const struct run_result *run, struct error *err);

/* Pictures: an <svg> for a page that has the style sheets of colours and pictures
   (report/styles.h). Title and alt name it for screen readers. */

/* DOT to SVG through Graphviz, restyled for dark and light; ERR_UNAVAILABLE without dot. */
int picture_from_dot(const char *dot, const char *title, const char *alt, struct text *svg,
                     struct error *err);
/* A sequence picture with straight lifelines. */
void picture_from_story(const struct story *story, const char *title, struct text *svg);

/* A state machine as it was observed, against the rule, as DOT. */
enum state_kind { STATE_OK, STATE_WRONG, STATE_MISSING };
struct state_edge {
    const char *from, *to, *label; /* states, and the command that leads from one to the other */
    enum state_kind kind;
};
/* Marks each observed edge OK or WRONG and adds the rule's MISSING ones; returns how many out has,
   at most out_max. `kind` of the inputs is not read. */
int states_compare(const struct state_edge *rule, int rule_count, const struct state_edge *observed,
                   int observed_count, struct state_edge *out, int out_max);
/* Appends the DOT text. states[0] is the first state. Wrong edges are dashed and say "wrong",
   missing ones are dotted and say "missing". */
void picture_states(const char *const *states, int state_count, const struct state_edge *edges,
                    int edge_count, struct text *dot);

#endif
