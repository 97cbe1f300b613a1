/*
 * A lab's manifest: the files that a student edits, one a line, '#' starts a comment.
 */
#ifndef JUDGE_MANIFEST_H
#define JUDGE_MANIFEST_H

#include "kit/text.h"

/* Whether the lab's manifest lists the file; -1 when there is no manifest. */
int manifest_lists(const char *lab, const char *file);
/* Appends a line for each file of LAB/manifest that the folder `sources` does not have.
   Their number; 0 too when there is no manifest. */
int manifest_missing(const char *lab, const char *sources, struct text *words);

#endif
