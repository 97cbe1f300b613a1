/*
 * What lab.c and link.c share: one lab in one mode, on its way to programs.
 */
#ifndef COMPILE_BUILDING_H
#define COMPILE_BUILDING_H

#include "compile/lab.h"
#include "compile/unit.h"

enum {
    UNITS_MAX = 32,             /* files of one lab */
    COMPILE_LOG_MAX = 16384,    /* bytes of the compiler's words about one file that are kept */
    COMPILE_FILE_MAX = 64 << 20 /* bytes of one file that is read or linked */
};

/* Who may do what in the folder of the programs: descriptors of locked files, -1 = not yet. */
struct folder_locks {
    int builds; /* OUT/lock: one at a time builds here */
    int uses;   /* OUT/used: shared by all who run its programs, ours alone while we replace them */
};

struct building {
    const struct compile_options *options;
    struct folder_locks *locks;
    struct recipe recipe;
    struct text folder;     /* of the objects */
    struct text tree, base; /* folders of the lab's files, for #include */
    struct text given;      /* folder of the given files */
    const char *include[5];
    struct unit units[UNITS_MAX];
    int count;
    int parallel;
    int quiet;
    struct text *words;
};

/* Waits until nobody runs the programs of OUT; nobody begins to before compile_lab has ended.
 * ERR_IO.
 */
int compile_take_programs(const struct compile_options *options, struct folder_locks *locks,
                          struct error *err);
/* Whether somebody sent the signal that ended a compiler, so that its file is not to blame. */
int compile_was_ended(int signal);
/* 0 when the compiler can make a program of our own here, with all flags; else ERR_UNAVAILABLE:
   then it is no student's fault that it cannot make theirs. */
int compile_ask(const struct building *building, struct error *err);
/* Links OUT/name from the units and the words of list. COMPILE_FAILED when the student's objects do
   not fit together. */
int compile_link(struct building *building, const struct word_list *list, const char *name,
                 struct error *err);
/* COMPILE_FAILED when a header of the student's stands in the place of a given one that differs:
   the words say which. Needs the preprocessed text of all units. */
int compile_find_shadows(const struct building *building, struct error *err);
/* Whether the file holds just this key. */
int compile_key_fits(const char *path, const char *key);
/* Appends a file with the compiler's words, and a newline at their end. */
void compile_add_log(struct text *words, const char *path);

#endif
