/*
 * What a file is, by its first bytes; its name proves nothing.
 */
#ifndef GRADE_KIND_H
#define GRADE_KIND_H

#include "kit/text.h"

enum kind {
    KIND_OTHER,
    KIND_EMPTY, /* 0 bytes */
    KIND_ZIP,
    KIND_TAR,
    KIND_GZIP,
    KIND_XZ,
    KIND_BZIP2,
    KIND_ZSTD,
    KIND_7Z,
    KIND_RAR,
    KIND_PDF,
    KIND_HTML,
    KIND_OLE /* a Word document of the old kind */
};

/* Reads the file's first bytes. KIND_OTHER too for what cannot be read. */
enum kind kind_of(const char *path);
/* The file may be opened as an archive. A zip may have a program before it (KIND_OTHER, .zip). */
int kind_is_archive(enum kind kind, const char *name);
/* The name says that it is an archive, of whatever kind. */
int kind_named_archive(const char *name);
/* One sentence on why the file is not opened. */
void kind_refusal(enum kind kind, const char *name, struct text *out);
/* When its name says another kind: "this is a tar file named .zip; ..."; else nothing. */
void kind_note(enum kind kind, const char *name, struct text *out);

#endif
