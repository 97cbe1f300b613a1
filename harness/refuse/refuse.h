/*
 * What does not build: code that the sanitizers, or the check for static data, would not see.
 *
 * A student's file is looked into twice. Its preprocessed text shows every macro and header for
 * what it is, so the whole of it is read, system headers included: nothing can pass for one.
 * Refused there are
 *
 *   names of the sanitizers    no_sanitize, __asan_..., __lsan_..., __sanitizer_..., and so on
 *   __asm__                    but for what system headers do with it: `__asm__("")`, and the other
 *                              name of a function that is declared, `int f(int) __asm__("g");`
 *   attributes                 section, constructor, destructor, ifunc, optimize, weakref, symver,
 *                              address_space
 *   file-scope register        a variable without an address
 *   directives                 #pragma GCC optimize and pch_preprocess, #pragma clang attribute
 *                              and section, #ident
 *
 * Its object shows what is asked of the libraries, whatever it is called in the text: functions
 * that end the process without the sanitizers' last look, that start processes, that take memory
 * which nobody watches, or that find such functions by name; and allocators of its own.
 *
 * This keeps what is graded from being switched off. It is no sandbox: see docs/judging.md.
 */
#ifndef REFUSE_REFUSE_H
#define REFUSE_REFUSE_H

#include "kit/text.h"

struct error;

struct refuse_file {
    const char *object; /* its path */
    struct text
        source; /* the preprocessed text that it was compiled from; "" = looked into before */
};

/* Reads preprocessed text. 0, or ERR_REFUSED once `words` has got "FILE:LINE: sentence\n". */
int refuse_source(const struct text *source, struct text *words);

/* Looks into the objects of one lab, which may ask each other for what they like. 0; ERR_REFUSED
   once `words` has got a line as above for each that is refused, with the line where its text says
   the name last; or what elf_object_visit says. */
int refuse_objects(const struct refuse_file *files, int count, struct text *words,
                   struct error *err);

/* Both of all files, so that one run says all there is to do. */
int refuse_files(const struct refuse_file *files, int count, struct text *words, struct error *err);

#endif
