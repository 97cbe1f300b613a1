/*
 * The failure block (design section 5): at most BLOCK_LINES lines, always in the same order.
 */
#ifndef REPORT_BLOCK_H
#define REPORT_BLOCK_H

#include "course/result.h"
#include "report/layout.h"

enum {
    BLOCK_LINES = 30,
    BLOCK_INDENT = 12, /* where the texts start, behind "  expected  " */
    BLOCK_RULE_LINES = 3,
    BLOCK_DETAIL_LINES = 3,
    BLOCK_OUTPUT_LINES = 4, /* the last ones of the student's own output */
    BLOCK_STORY_LINES = 8,  /* kept free for the story when the compared texts are long */
    STORY_TEXT_LINES = 3    /* of one step; what is longer is in the other reports */
};

void block_lines(struct lines *out, const struct run_result *run, const struct lab_result *lab,
                 const struct result *result);

/* The story as a table, time down and participants across, in at most max_lines (>= 1). Around the
   line where the rule broke it is always complete; steps left out are counted. */
void story_lines(struct lines *out, const struct story *story, int max_lines);

#endif
