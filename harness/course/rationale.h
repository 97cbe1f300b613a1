/*
 * A rationale: a student's text that a person reads, criterion by criterion. It is never part of a
 * lab's points.
 *
 * A lab that asks for one has a rubric, HOME/LAB/rubric.json ("labs/04-chat/rubric.json"):
 *
 *     {"version": 1, "lab": "04-chat",
 *      "criteria": [{"id": "cut", "title": "...", "max": 4, "levels": ["for 0 ...", "for 4 ..."]}]}
 *
 * Who reads the text says so in TREE/LAB/rationale-marks.json, with a mark for each criterion once:
 *
 *     {"version": 1, "lab": "04-chat", "student": "...", "reader": "...", "date": "2026-12-01",
 *      "marks": [{"id": "cut", "level": 3, "note": "..."}]}
 *
 * Both are read strictly: a member that is unknown, missing, double or out of range makes the whole
 * file void, and is named with its path.
 */
#ifndef COURSE_RATIONALE_H
#define COURSE_RATIONALE_H

struct lab;

enum {
    RATIONALE_VERSION = 1,
    CRITERIA_MAX = 12,          /* of a rubric */
    CRITERION_LEVEL_MAX = 4,    /* levels are 0..4 */
    CRITERION_WORDS_MAX = 400,  /* bytes of a title or of a level's sentence */
    RATIONALE_NAME_MAX = 100,   /* bytes of who wrote, who read; of an id */
    RATIONALE_NOTE_MAX = 2000,  /* bytes of a note */
    RATIONALE_FILE_MAX = 131072 /* bytes of either file */
};

enum rationale_state {
    RATIONALE_NOT_READ, /* there is no file of marks */
    RATIONALE_READ,
    RATIONALE_VOID /* fault says why */
};

struct criterion {
    char *id, *title;
    char *sentence; /* of its level; NULL unless RATIONALE_READ, as the next two */
    char *note;     /* "" when there is none */
    int level;
};

struct rationale {
    enum rationale_state state;
    struct criterion criteria[CRITERIA_MAX];
    int count;
    int points, points_max;        /* points is 0 unless RATIONALE_READ */
    char *student, *reader, *date; /* NULL unless RATIONALE_READ */
    char *fault;
};

/* Reads both. NULL when the lab has no rubric; else the caller's to rationale_free. */
struct rationale *rationale_read(const struct lab *lab, const char *tree);
void rationale_free(struct rationale *rationale); /* NULL is fine */

/* "18 of 24", "not yet read", "cannot be read": size >= 32. */
void rationale_words(const struct rationale *rationale, char *words, int size);
const char *rationale_state_name(enum rationale_state state); /* "read", as above else */

#endif
