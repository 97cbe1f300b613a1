/*
 * What a class has handed in, read from wherever it lies, one submission of one student after the
 * other laid aside.
 *
 * SUBMISSIONS is a folder of folders or archives, or what a platform delivers for the whole class,
 * packed or unpacked: Canvas, Moodle, Blackboard, Brightspace, Sakai, Gradescope, Autolab,
 * Autograder.io, GitHub Classroom (grade/platform.h tells how each is known). For each submission
 * the files that the labs' manifests name are copied to
 *
 *     OUT/KEY/LAB/FILE        OUT/s-70001/01-order/order.c
 *
 * and nothing else is. They are the bytes that were handed in: line ends and byte order marks stay,
 * the compiler reads both. Nothing that a student chose is ever part of a path, archives are read
 * by a process that can do nothing else (grade/unpack.h), and links are not followed.
 *
 * One submission that is broken, hostile or empty is a sentence in that submission; the others are
 * as they would be without it.
 */
#ifndef GRADE_INTAKE_H
#define GRADE_INTAKE_H

#include <stdint.h>
#include "kit/text.h"

struct error;
struct lab;
struct listing;

enum id_kind {
    ID_NAME, /* the name of a folder or an archive */
    ID_CANVAS,
    ID_CANVAS_ANONYMOUS,
    ID_MOODLE_PARTICIPANT,
    ID_MOODLE_GROUP,
    ID_BLACKBOARD_USER,
    ID_BRIGHTSPACE_PAIR,
    ID_SAKAI_EID,
    ID_GRADESCOPE_SUBMISSION,
    ID_AUTOLAB_EMAIL,
    ID_AUTOGRADER_USERS, /* one, or those of a group joined by '_' */
    ID_GITHUB_LOGIN      /* or the team */
};
const char *id_kind_name(enum id_kind kind); /* "canvas id" */

enum { UNKNOWN = -1 };

/* The files of one lab. */
struct handed_lab {
    const struct lab *lab; /* borrowed */
    char *folder;          /* OUT/KEY/LAB, which holds the files taken; NULL when there are none */
    char *found_in;        /* the folder of the hand-in that they were in: "lab01/", "" = its top */
    struct text taken;     /* names of the manifest, a line each */
    struct text missing;   /* those that were not found: the course's first version will stand in */
};

/* What was not looked at, and why: "build/" (3 files). */
struct ignored {
    char *name; /* of a file, a folder with a slash, or a kind of file; shown, not a path */
    const char *why;
    int files;
};

struct submission {
    char *key;    /* unique in the class, the same in every run, fit for a path: [A-Za-z0-9_.@-] */
    char *id;     /* as the platform names it; UTF-8 is not promised */
    char *person; /* what the platform has in common for all attempts of one student */
    char *name;   /* of the student, from the roster or else the platform; "" when neither says */
    enum id_kind kind;
    int late;    /* 1, 0; UNKNOWN: most platforms do not say */
    int attempt; /* its number where the platform counts; UNKNOWN */
    char *time;  /* when it was handed in, as the platform writes it, sortable; "" = not said */
    char *group; /* the name of the group it stands for; NULL = one student */

    int counts;        /* 1: graded; 0: an older attempt, or nothing of it is usable */
    char *why;         /* "newest of 2 attempts (...)"; "" for the only one */
    char *problem;     /* one sentence: why nothing is usable, what was looked for; NULL = usable */
    int needs_person;  /* 1: somebody must decide or look; the problem or a note says what */
    struct text notes; /* what the student should be told, a sentence a line */

    int *rows; /* places in class->students: who it is; none without a roster */
    int row_count;
    struct handed_lab *labs; /* of those asked for, each of which something was found */
    int lab_count;
    struct ignored *ignored; /* at most IGNORED_LINES_MAX */
    int ignored_count, ignored_more;

    struct listing *files; /* used while it is taken in; NULL afterwards */
};

/* A student of the roster. */
struct student {
    char *name;
    char *group; /* "" = none, or no such column */
    char **ids;  /* the cells of the columns that name a student, "" for an empty one */
};

/* A class. */
struct handed_in {
    const char *platform; /* "Canvas"; "folders and archives" */
    struct submission *submissions;
    int count;
    struct student *students; /* of the roster, in its order */
    int student_count;
    char **columns; /* the headers of what students' ids are */
    int column_count;
    struct text missing; /* who handed in nothing: "Student Ten (student-10)", a line each */
    struct text lines;   /* what whoever grades must know, a sentence a line */
};

struct intake {
    const char *submissions;       /* a folder or an archive */
    const char *roster;            /* a CSV file; NULL = none */
    const char *out;               /* a folder that is not there yet, or is empty */
    const struct lab *const *labs; /* NULL-terminated: whose files are looked for */
};

/* Fills class, which is {0}. ERR_NOT_FOUND and ERR_INVALID for what whoever grades has to change
   (no such folder, nothing in it, OUT not empty or inside SUBMISSIONS, a roster that names nobody,
   a download that does not say whose files are whose), ERR_LIMIT for a class beyond grade/limits.h,
   ERR_IO for a disk: then nothing is left in OUT. Release class in any case. Forks: the process
   must have no other threads. */
int intake(const struct intake *order, struct handed_in *class, struct error *err);

void handed_lab_release(struct handed_lab *lab);
void handed_in_release(struct handed_in *class);

#endif
