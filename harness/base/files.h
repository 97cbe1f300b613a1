/*
 * Folders of the judge's own: made fresh, removed with all that is in them. Files read whole, and
 * written whole or not at all.
 */
#ifndef BASE_FILES_H
#define BASE_FILES_H

#include <stddef.h>
#include "kit/text.h"

struct error;

/* A new folder svclab-XXXXXX below TMPDIR (or /tmp), its path the caller's to free. ERR_IO. */
int files_make_temporary(char **path, struct error *err);
/* mkdir -p. ERR_IO. */
int files_make(const char *path, struct error *err);
/* rm -rf; follows no symbolic link. What cannot be removed stays, without a word. */
void files_remove(const char *path);
/* Appends at most limit bytes of the file. ERR_NOT_FOUND, ERR_IO. */
int files_read(const char *path, size_t limit, struct text *out, struct error *err);
/* The file is whole or not there: written beside its name, synced, renamed, its folder synced. It
   may be read by all. ERR_IO with a sentence: the old file, if any, is as it was, and nothing is
   left beside it (the new one is there when only its folder could not be synced). */
int files_write(const char *path, const char *bytes, size_t length, struct error *err);
int files_exist(const char *path); /* 1 or 0 */
/* ERR_IO with a sentence when path's file system has less than megabytes free. */
int files_need_room(const char *path, int megabytes, struct error *err);

#endif
