/*
 * Files that a lab's manifest names, and files that were handed in under such names.
 */
#ifndef GRADE_WANTED_H
#define GRADE_WANTED_H

#include "grade/listing.h"
#include "kit/text.h"

struct error;
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

/* How like the file's name is the wanted one, and the length of the folder it is in. */
enum likeness likeness_of(const char *name, const char *wanted, size_t *folder);
/* Whether the first length bytes of name are tail, or end with a slash and it. */
int name_has_tail(const char *name, size_t length, const char *tail, int any_case);
/* 1 for what can be taken: a file with its bytes, in no folder of tools. */
int wanted_candidate(const struct item *item);

/* Reads one file that was handed in, at most SOURCE_KB_MAX; no link is followed. ERR_LIMIT when it
   has more, ERR_IO. */
int handed_read(const struct item *item, struct text *bytes, struct error *err);

#endif
