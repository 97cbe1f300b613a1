/*
 * A recipe: how the programs of one lab are compiled and linked in one mode (asan, tsan, release).
 *
 * make writes it as BUILD/MODE/given/LAB/recipe beside the lab's given objects, a key and a
 * word per line, in this order (harness/objects.mk):
 *
 *     identity  what the compiler says of itself     compiler  the command's words
 *     compile   a flag for every file                warn      a flag that only adds warnings
 *     probe     what is linked to the student's      service   the same for the service; none where
 *               objects: flags, objects, libraries             the lab has no service
 *     given     the hash of all objects and libraries
 */
#ifndef COMPILE_RECIPE_H
#define COMPILE_RECIPE_H

#include "kit/sha256.h"
#include "kit/text.h"

struct error;

enum { RECIPE_WORDS_MAX = 128 };

struct word_list {
    const char *words[RECIPE_WORDS_MAX]; /* borrowed from the recipe's text */
    int count;
};

struct recipe {
    struct text text; /* the file; its lines are the words */
    char identity[256], given[SHA256_TEXT_SIZE];
    struct word_list compiler, compile, warn, probe, service;
};

/* ERR_NOT_FOUND or ERR_INVALID with a sentence. Release also after an error. */
int recipe_read(struct recipe *recipe, const char *path, struct error *err);
void recipe_release(struct recipe *recipe);

#endif
