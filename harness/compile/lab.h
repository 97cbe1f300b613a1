/*
 * The programs of one lab, from the student's files of one tree and what is given beside them.
 *
 * Any path will do for a tree: no part of it reaches a shell. What is there in the end was made of
 * what the files hold now, or is gone: an old program is removed before a new one is compiled.
 */
#ifndef COMPILE_LAB_H
#define COMPILE_LAB_H

#include "kit/text.h"

struct error;
struct lab;

enum { COMPILE_PROBE = 1, COMPILE_SERVICE = 2, COMPILE_PROBE_TSAN = 4, COMPILE_ALL = 7 };
enum { COMPILE_FAILED = 1 };

struct compile_options {
    const struct lab *lab;
    const char *tree;     /* the student's files are TREE/LAB/FILE.c */
    const char *base;     /* tree of the files that `tree` lacks; NULL = it must have all */
    const char *base_out; /* folder where the lab of `base` was built before */
    const char *build;    /* folder of this course's own build: MODE/given/LAB/recipe */
    const char *out;      /* folder of the programs probe, service, probe-tsan; it is made */
    const char *mode;     /* "asan" or "release" */
    unsigned programs;    /* those that the lab has are made, others in `out` removed */
    int *hold;            /* gets a descriptor; until it is closed, no other build replaces the
                             programs, but waits. NULL = not held. */
};

/* 0 when all is there. COMPILE_FAILED when the student's files do not compile: `words` has got why,
   and so has the file OUT/failed. `words` has got the compiler's warnings too. A negative code is
   the machine's fault, with a sentence. Unless it is 0, no program is left. */
int compile_lab(const struct compile_options *options, struct text *words, struct error *err);

/* Appends the folder of a tree's programs below BUILD/trees, which no two trees share: one of the
   course's own by its name, any other by a hash of where it lies. ERR_NOT_FOUND. */
int compile_place(const char *build, const char *tree, struct text *folder, struct error *err);

#endif
