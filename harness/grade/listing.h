/*
 * A list of files that were handed in: their names, which are not trusted, and where their bytes
 * lie, under names of our own.
 *
 * A name from an archive is never used as a path: it is only compared and shown. So there is no
 * name that can make anything be written elsewhere.
 */
#ifndef GRADE_LISTING_H
#define GRADE_LISTING_H

#include <stdint.h>
#include "kit/text.h"

struct error;

/* Why a member cannot be taken. */
enum wrong {
    WRONG_NOTHING,
    WRONG_LINK,      /* symbolic or hard */
    WRONG_SPECIAL,   /* a device, a pipe, a socket */
    WRONG_LEAVES,    /* ".." in its name */
    WRONG_ABSOLUTE,  /* its name begins with a slash */
    WRONG_LONG_NAME, /* a component above COMPONENT_BYTES_MAX, or all above NAME_BYTES_MAX */
    WRONG_DEEP,      /* more than DEPTH_MAX folders */
    WRONG_NAMELESS,
    WRONG_LOCKED,    /* encrypted */
    WRONG_CHECKSUM,  /* its bytes are not those that were packed */
    WRONG_SIZE,      /* its size is not the one that is claimed */
    WRONG_LARGE,     /* more than CLASS_FILE_MB_MAX */
    WRONG_METHOD,    /* packed in a way that is not read here */
    WRONG_UNREADABLE /* this user may not read it; a folder's name ends with a slash then */
};

struct item {
    char *name;       /* as it was handed in, '/' between folders, "./" taken off; any bytes */
    char *path;       /* where its bytes are; NULL when they were not kept */
    int64_t size;     /* bytes */
    enum wrong wrong; /* then path is NULL */
    int is_text;      /* 1: typed into a platform, no file of the student's */
    int later_wins;   /* 1: of two members of one name the later counts, as in a tar */
};

struct listing { /* {0} is an empty one */
    struct item *items;
    int count, capacity;
    int folders; /* members that were folders */
};

/* The new item, valid until the next is added. Strings are copied; path may be NULL. */
struct item *listing_add(struct listing *listing, const char *name, const char *path, int64_t size);
/* Adds the files below the folder, names from it on. Links are added as WRONG_LINK and not
   followed; a folder `.git` is added as one item ".git/" and not looked into. ERR_IO; ERR_LIMIT
   above members. */
int listing_of_folder(struct listing *listing, const char *folder, int members, struct error *err);
/* Sorts by name, byte by byte; items of one name stay in their order. */
void listing_sort(struct listing *listing);
void listing_release(struct listing *listing);

/* The sentence about a member: "links are not accepted (src/link.c)". */
void wrong_sentence(const struct item *item, struct text *out);

#endif
