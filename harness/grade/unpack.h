/*
 * One archive, unpacked into a folder.
 *
 * Archives are hostile bytes, so a process of its own reads them (unpack_reader.h): it has limits
 * on processor time and memory, and a filter that leaves it nothing but to read the archive and to
 * write to one pipe. This side takes what comes through the pipe, counts it against the limits, and
 * keeps it in files whose names are numbers. No name from an archive is ever a path.
 *
 * It forks: call it in a process that has no other threads, and has its descriptors 0, 1 and 2
 * open.
 */
#ifndef GRADE_UNPACK_H
#define GRADE_UNPACK_H

#include "grade/listing.h"

struct error;

struct unpack_limits {
    int packed_mb, unpacked_mb;
    int file_mb; /* of one member: the rest is passed over, and the member WRONG_LARGE */
    int ratio;   /* 0 = any */
    int members;
    int cpu_s, wall_s;
};
extern const struct unpack_limits unpack_student; /* grade/limits.h */
extern const struct unpack_limits unpack_class;

struct unpack {
    const char *archive; /* a file; a link is not followed */
    const char *name;    /* what sentences call it */
    const char *folder;  /* is there; files go into it, under names that are not there yet */
    const char *again;   /* what to do about a damaged one: "upload it again" */
    const struct unpack_limits *limits;
    /* Which members are kept; NULL = all. The others are listed, and their bytes only counted. */
    int (*keeps)(const void *context, const char *name);
    const void *context;
};

/* Adds the members in their order, those that cannot be taken with their reason. An archive that is
   read only in part is an error: nobody is graded on part of a hand-in. Then the listing may have
   some members, and err is for whoever packed it:
     ERR_INVALID      no archive, a kind that is not opened, damaged, inconsistent, empty
     ERR_LIMIT        more than a limit; the sentence says which
     ERR_UNAVAILABLE  the reader crashed or was too slow: a person should look
   or for whoever grades:
     ERR_IO           the archive cannot be read or the folder written; ERR_NOT_FOUND */
int unpack(const struct unpack *order, struct listing *listing, struct error *err);

#endif
