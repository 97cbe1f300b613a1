/*
 * One file of a student's, and the object it becomes.
 *
 * What decides is content. A file is preprocessed each time, and the key of its object is the hash
 * of that text (every header is in it), of the flags and of what the compiler says of itself. The
 * object is made anew whenever its key is not the one that it was made with; dates play no part.
 *
 * It is that text which is compiled, not the file once more: the file may be another one by then
 * (an editor has saved it), and the compiler may read it another way than the preprocessor does
 * (a mine.h.gch in the place of mine.h, "#pragma GCC target"). Only what people read, the words of
 * the compiler, come from the file itself: in the text, macros are expanded already.
 *
 * Beside NAME.o lie NAME.key, NAME.log with the compiler's words, NAME.i, the preprocessed text,
 * and what was said when the two were made: NAME.log_of_i, NAME.log_of_o.
 */
#ifndef COMPILE_UNIT_H
#define COMPILE_UNIT_H

#include "compile/recipe.h"
#include "kit/sha256.h"
#include "kit/text.h"

struct error;

struct unit {
    struct text source;                  /* path of the file; begins with "/" or "./" */
    struct text object, preprocessed;    /* paths */
    struct text key_path;                /* paths */
    struct text log, log_of_i, log_of_o; /* paths */
    char key[SHA256_TEXT_SIZE];
    int borrowed;  /* 1: the object is there and is taken as it is (a mutant's other files) */
    int is_failed; /* out: it does not compile */
    int stopped;   /* out: the signal that ended the compiler (jobs.h), 0 = none */
};

/* Paths of folder/NAME.o and so on, for the file `name` ("order.c"). Release it. */
void unit_init(struct unit *unit, const char *source, const char *folder, const char *name);
void unit_release(struct unit *unit);

struct unit_flags {
    const struct recipe *recipe;
    const char *const *include; /* folders for #include "...", NULL-terminated */
    int quiet;                  /* 1: without warnings */
    int parallel;               /* commands at a time */
};

/* Brings all objects up to date; is_failed of each says how it went. 0, or the machine's fault:
   ERR_UNAVAILABLE, ERR_IO. */
int units_compile(struct unit *units, int count, const struct unit_flags *flags, struct error *err);

#endif
