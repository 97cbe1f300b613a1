/* Every limit on what is handed in, by name. At each one the student's report says which it was. */
#ifndef GRADE_LIMITS_H
#define GRADE_LIMITS_H

enum {
    /* One student's archive. */
    PACKED_MB_MAX = 256,     /* as it was handed in */
    UNPACKED_MB_MAX = 512,   /* all members, a build/ with sanitized programs among them */
    RATIO_MAX = 200,         /* unpacked bytes for one packed; C sources have about 10 ... */
    RATIO_FREE_MB = 16,      /* ... which is looked at above this */
    MEMBERS_MAX = 5000,      /* files and folders */
    UNPACK_CPU_S = 20,       /* processor time of the process that reads it */
    UNPACK_WALL_S = 300,     /* only ends what waits for a dead disk */
    ARCHIVES_NESTED_MAX = 2, /* an archive may hold archives, and those none */
    ARCHIVES_OPENED_MAX = 8, /* of one submission */

    /* What a platform delivers for the whole class. */
    CLASS_PACKED_MB_MAX = 16384,
    CLASS_UNPACKED_MB_MAX = 32768,
    CLASS_FILE_MB_MAX = 256, /* of one student; the rest of a larger one is passed over */
    CLASS_MEMBERS_MAX = 500000,
    CLASS_CPU_S = 1200,
    CLASS_WALL_S = 7200,

    /* Both. */
    DEPTH_MAX = 32, /* folders in each other */
    COMPONENT_BYTES_MAX = 255,
    NAME_BYTES_MAX = 4096, /* a whole path */

    SOURCE_KB_MAX = 1024, /* a file that is graded */
    PLACES_MAX = 64,      /* folders that have files of one lab */
    CSV_BYTES_MAX = 16 << 20,
    IGNORED_LINES_MAX = 40 /* of one submission; more are counted */
};

#endif
