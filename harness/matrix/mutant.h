/*
 * A mutant: a named wrong implementation, as a patch against the reference.
 *
 * harness/mutants/LAB/NAME.patch starts with header lines and goes on with a unified diff whose
 * paths are the student's files (a/order.c, b/order.c). README.md beside this file shows one.
 * A patch named right-*.patch is the opposite: unusual, but right.
 */
#ifndef MATRIX_MUTANT_H
#define MATRIX_MUTANT_H

struct error;

enum {
    MUTANT_FILES_MAX = 4,          /* files one patch may touch */
    MUTANT_PATCH_MAX = 256 * 1024, /* bytes of a patch */
    MUTANTS_MAX = 512              /* patches of one lab */
};

struct mutant {
    char lab[32];
    char name[64];      /* the file's name without .patch */
    char path[512];     /* of the patch */
    char rule[16];      /* "O3", the first word of Breaks */
    char says[256];     /* Breaks: the mistake in words; Right: why it is right all the same */
    char killed_by[96]; /* the check that must fail; "" for a right variant */
    char sibling[96];   /* a check that must still pass; "" for a right variant */
    int crash;          /* 1: "Verdict: crash", a crash is the declared death */
    int story_lines;    /* "Story: 12", the most lines that its story may have; 0 = any */
    int right;          /* 1: a right variant, every check must pass */
    char files[MUTANT_FILES_MAX][64]; /* the student's files it changes */
    int file_count;
};

/* Reads the patch at path. ERR_INVALID names the line and what it should say; ERR_IO. */
int mutant_read(struct mutant *out, const char *lab, const char *path, struct error *err);

/* Reads all patches of a lab right variants first, then by name. Their number, or a
   negative code. *out is the caller's to free. No folder is no mutants. */
int mutant_list(struct mutant **out, const char *folder, const char *lab, struct error *err);

#endif
