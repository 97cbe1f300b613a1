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
#include "kit/text.h"

struct lab;

enum likeness {                /* the smaller one is taken */
                LIKE_NAMED,    /* order.c */
                LIKE_CASE,     /* ORDER.C, from a FAT disk */
                LIKE_NUMBERED, /* order-1.c: Canvas makes names unique so; of two the later counts
                                */
                LIKE_TEXT,     /* order.c.txt, from a telephone or a mail filter */
                LIKE_NOTHING
};

/* What a lab's manifest names. */
struct wanted {
    const struct lab *lab;
    char **names;
    int count;
};
/* ERR_NOT_FOUND as manifest_read. Release it in any case. */
int wanted_read(struct wanted *wanted, const struct lab *lab, struct error *err);
void wanted_release(struct wanted *wanted);
/* 1 when the file may be one of the lab's. */
int wanted_matches(const struct wanted *wanted, const char *name);

struct picked {
    int *items;          /* for each name of the manifest the place in the listing, -1 = none */
    int count;           /* how many were found */
    char *folder;        /* where: "" or "lab01/" */
    struct text trouble; /* why none is taken though some were found: one sentence */
    struct text notes;   /* for the student, a sentence a line */
};

void pick(const struct listing *files, const struct wanted *wanted, struct picked *picked);
void picked_release(struct picked *picked);

/* Reads one file that was handed in, at most SOURCE_KB_MAX; no link is followed. ERR_LIMIT when it
   has more, ERR_IO. */
int handed_read(const struct item *item, struct text *bytes, struct error *err);

#endif
