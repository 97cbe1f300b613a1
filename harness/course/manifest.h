/*
 * A lab's manifest: the files that a student edits, one a line, '#' starts a comment. It lies
 * beside the lab's given files ("labs/01-order/manifest").
 */
#ifndef COURSE_MANIFEST_H
#define COURSE_MANIFEST_H

#include "kit/text.h"

struct error;
struct lab;

/* Appends the names in the manifest's order, a newline behind each. ERR_NOT_FOUND. */
int manifest_read(const struct lab *lab, struct text *names, struct error *err);

/* Whether the lab's manifest lists the file; -1 when there is no manifest. */
int manifest_lists(const struct lab *lab, const char *file);
/* Appends a line for each file of the manifest that the folder `sources` does not have.
   Their number; 0 too when there is no manifest. */
int manifest_missing(const struct lab *lab, const char *sources, struct text *words);

#endif
