/*
 * Which of the files that were handed in are a lab's: those whose names end as its manifest says,
 * in whatever folder they lie.
 *
 * Of several such folders "labs/LAB" counts before any ".../LAB", that before all others, and among
 * equals the one with more of the lab's files. Two that are equal in this and differ in content are
 * two hand-ins: none is chosen.
 */
#ifndef GRADE_PICK_H
#define GRADE_PICK_H

#include "grade/listing.h"
#include "grade/wanted.h"
#include "kit/text.h"

struct picked {
    int *items;          /* for each name of the manifest the place in the listing, -1 = none */
    int count;           /* how many were found */
    char *folder;        /* where: "" or "lab01/" */
    struct text trouble; /* why none is taken though some were found: one sentence */
    struct text notes;   /* for the student, a sentence a line */
};

void pick(const struct listing *files, const struct wanted *wanted, struct picked *picked);
void picked_release(struct picked *picked);

#endif
