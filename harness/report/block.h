/*
 * The failure block (design section 5): at most BLOCK_LINES lines, always in the same order.
 */
#ifndef REPORT_BLOCK_H
#define REPORT_BLOCK_H

#include "report/layout.h"
#include "course/result.h"

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

/* What is typed after LAB=: the folder's number, "01" of "01-order", or its name when it has none.
   At most size bytes. */
enum { LAB_NUMBER_SIZE = 32 };
void lab_number(const struct lab_result *lab, char *out, size_t size);
/* The command that repeats this check, the place to read, the command for a hint; appended to out.
   All name the lab: two labs may have a check of the same name. */
void replay_command(struct text *out, const struct run_result *run, const struct lab_result *lab,
                    const struct result *result);
void read_place(struct text *out, const struct lab_result *lab, const struct result *result);
void hint_command(struct text *out, const struct lab_result *lab, const struct result *result);

#endif
