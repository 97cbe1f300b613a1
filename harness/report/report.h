/*
 * Reports: each takes the same struct run_result and writes one format.
 *
 * Nothing here decides a verdict. Files are written beside their final name and renamed, so a
 * report is never half there.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include <stdio.h>
#include "report/result.h"

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

/* DOT to SVG through Graphviz, restyled for dark and light; ERR_UNAVAILABLE without dot. */
int picture_from_dot(const char *dot, const char *title, const char *alt, struct text *svg,
                     struct error *err);
/* A sequence picture with straight lifelines. */
void picture_from_story(const struct story *story, const char *title, struct text *svg);

#endif
