/*
 * How platforms name what they deliver for a class: which file is whose, which attempt, what time.
 *
 * A platform is known by its names: by the one in whose way more than half of all files are named.
 * Students choose parts of these names, so each rule says which part decides.
 */
#ifndef GRADE_PLATFORM_H
#define GRADE_PLATFORM_H

#include "grade/intake.h"
#include "grade/listing.h"

enum { PLATFORM_TIME_SIZE = 40 };

struct span { /* a part of a name */
    const char *at;
    size_t length;
};
struct span span_of(const char *begin, const char *end);
struct span span_all(const char *text);
/* 1 when all of it are digits, and there is one. */
int span_is_number(struct span span);

enum role {
    ROLE_FILE,  /* handed in */
    ROLE_TEXT,  /* typed into the platform: nothing to compile */
    ROLE_ABOUT, /* of the platform, about one submission */
    ROLE_CLASS  /* of the platform, about all: no submission */
};

/* Whose a file is. {0} before it is filled; id is enough for most platforms. */
struct placed {
    enum role role;
    enum id_kind kind;
    struct span id;
    struct span person; /* what is equal for all attempts of one student; .at NULL = id */
    struct span name;   /* of the student */
    struct span group;
    struct span file;  /* the name that it was handed in under, folders below the submission kept */
    int late, attempt; /* UNKNOWN when the name does not say; set before */
    char time[PLATFORM_TIME_SIZE]; /* sortable, "" = not said */
};

struct place_context {
    const char *container;         /* last part of the path of SUBMISSIONS */
    const struct handed_in *class; /* its roster decides what the name leaves open */
};

struct platform {
    const char *name;
    /* Fills placed from a file's name; 0 when it is not named in the platform's way. */
    int (*place)(const char *name, const struct place_context *context, struct placed *placed);
    /* Reads what the platform says in files of its own; NULL = nothing. The submissions have their
       files by then. */
    void (*finish)(const struct listing *all, struct handed_in *class);
};

extern const struct platform platform_canvas, platform_moodle, platform_autolab; /* _flat.c */
extern const struct platform platform_blackboard, platform_brightspace, platform_autograder;
extern const struct platform platform_sakai, platform_gradescope, platform_github, platform_folders;

/* Makes submissions of the files. ERR_INVALID when nothing in them is a submission, or when they do
   not say whose they are. */
int platform_sort(const struct listing *all, const char *container, struct handed_in *class,
                  struct error *err);

/* Of the newest of each student's attempts, counts is 1; why says so, for the others too. */
void platform_choose(struct handed_in *class);

/* Replaces an owned string. */
void replace_string(char **field, const char *value, size_t length);

#endif
