/*
 * Names of files that were handed in: which are refused, which are junk, and how they are shown.
 * No name is ever a path of ours (grade/listing.h).
 */
#ifndef GRADE_MEMBER_NAME_H
#define GRADE_MEMBER_NAME_H

#include "grade/listing.h"
#include "kit/text.h"

/* What is wrong with a name as such; WRONG_NOTHING for most. */
enum wrong member_name_wrong(const char *name);
/* The name without "./" before and between its folders and without a slash at its end, the caller's
   to free; "" for what names the folder itself. */
char *member_name_clean(const char *name);
/* What stands behind the last slash. */
const char *member_base(const char *name);

/* Appends the name as people may read it: at most 100 bytes; what is no UTF-8, and control
   characters, as \xNN. */
void name_show(const char *name, struct text *out);

/* A kind of file that is never taken: "build/", ".git/", "__MACOSX/", "._ files (macOS)"; NULL for
   any other. *length: of the name up to the folder that makes it junk, that included. */
const char *member_junk(const char *name, size_t *length);
/* Why a file with such a base name cannot be one of a lab: "control characters or odd endings in
   its name" ...; NULL when it could. */
const char *member_odd(const char *name);

/* 1 when base has this ending, in any case (".zip"). */
int name_ends_with(const char *name, const char *ending);

#endif
