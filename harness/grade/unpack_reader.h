/*
 * The process that reads an archive, and what it writes to its pipe: records, each with the bytes
 * that belong to it behind it. The other side believes none of it (unpack.c).
 */
#ifndef GRADE_UNPACK_READER_H
#define GRADE_UNPACK_READER_H

#include <stdint.h>
#include "grade/unpack.h"

enum record_kind {
    RECORD_MEMBER = 1, /* a member begins: its name behind; value is the size that is claimed */
    RECORD_FOLDER,     /* a member that is a folder */
    RECORD_BYTES,      /* of the member that began last */
    RECORD_END,        /* of that member; value is its enum wrong */
    RECORD_ALL,        /* no more members */
    RECORD_FAILED      /* the archive cannot be read; value is an enum reader_fault, words behind */
};

enum reader_fault {
    READER_CUT = 1,
    READER_FORMAT,
    READER_NAMES,
    READER_OVERLAP,
    READER_MANY,
    READER_SETUP /* not the archive's fault */
};

struct record {
    uint32_t kind;   /* enum record_kind */
    uint32_t length; /* of the bytes behind, at most RECORD_BYTES_MAX */
    int64_t value;
    uint32_t later_wins, unused;
};

enum { RECORD_BYTES_MAX = 65536 };

/* Descriptors: 0 is the archive, 1 the pipe. Ends the process. */
void unpack_reader(const struct unpack_limits *limits) __attribute__((noreturn));

/* unpack with another reader: one that lies, in a test. */
int unpack_by(void (*reader)(const struct unpack_limits *limits), const struct unpack *order,
              struct listing *listing, struct error *err);

#endif
