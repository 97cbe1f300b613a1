/*
 * The directory of a zip (PKWARE's APPNOTE, 4.3), read beside libarchive.
 *
 * A zip names each member twice: before its bytes, and in the directory at the end. Readers differ
 * in which name they believe, so an archive in which the two differ, or in which members share
 * bytes, is two archives in one: it is refused. libarchive shows neither.
 *
 * Runs where the archive is unpacked, in a process that can do nothing else (grade/unpack.h).
 */
#ifndef GRADE_ZIP_DIRECTORY_H
#define GRADE_ZIP_DIRECTORY_H

#include <stdint.h>

enum zip_fault {
    ZIP_SOUND,
    ZIP_CUT,     /* no directory at the end, or it points nowhere */
    ZIP_NAMES,   /* a member has two names */
    ZIP_OVERLAP, /* members share bytes */
    ZIP_MANY     /* more than the limit of members */
};

struct zip_member {
    int64_t begin, end; /* its header's first byte, and the one behind its packed bytes */
    char *name;         /* as it stands there: any bytes */
};

struct zip_directory {          /* {0} is an empty one */
    struct zip_member *members; /* in the order of their bytes */
    int count;
};

/* Reads the directory of the file `size` bytes long. Whatever is found, release it. */
enum zip_fault zip_directory_read(struct zip_directory *directory, int fd, int64_t size,
                                  int members_max);
void zip_directory_release(struct zip_directory *directory);

#endif
