/*
 * Lab 03, step 5: what happened to one checkout. Its records, as GET /checkouts/{id} has them,
 * and between them what the check did to the services: by time, for the picture
 * (timeline_picture.c) and for the failure block (timeline_text.c).
 */
#ifndef SUITES_SAGA_TIMELINE_H
#define SUITES_SAGA_TIMELINE_H

#include "suites/03-saga/checkout_cluster.h"

enum { TIMELINE_WORDS_SIZE = 56, TIMELINE_LANES = SAGA_STEPS + 1 };

enum timeline_kind {
    TIMELINE_SENT,   /* a command */
    TIMELINE_ANSWER, /* to one */
    TIMELINE_NOTE,   /* by the saga about itself */
    TIMELINE_FAULT,  /* a service was broken on purpose */
    TIMELINE_REPAIR  /* or put right */
};

struct timeline_line {
    int64_t at_ms; /* since the checkout began */
    enum timeline_kind kind;
    int lane; /* 0: the checkout's own service; else a step's number and one more: its service */
    int back, attempt;               /* of a command; back: 1 = it undoes */
    int late;                        /* an answer that changes nothing any more */
    char words[TIMELINE_WORDS_SIZE]; /* the answer, or what was said or done; "" for a command */
};

struct timeline {
    char id[ID_SIZE], phase[24];
    char bought[TIMELINE_WORDS_SIZE]; /* "cart-107 for user-123" */
    int has_ended;
    int64_t begun_wall_ms;
    int64_t read_ms; /* when it was read, since it began */
    struct timeline_line *lines;
    int count, capacity;
    int unknown; /* answers UNKNOWN: somebody was not heard in time */
};

/* Reads body, as checkout_get gives it; the caller releases the timeline. The number of its
   records. Of what the check did before the checkout began only what still holds then is in it, at
   time 0. */
int timeline_read(struct check_run *run, const cJSON *body, struct timeline *timeline);
void timeline_release(struct timeline *timeline);

const char *timeline_service(int lane);
/* "undo pay": what a SENT or an ANSWER is about. */
void timeline_command(const struct timeline_line *line, char out[TIMELINE_WORDS_SIZE]);

/* The attempt of that command which had been sent last when the answer (one of the timeline's own
   lines) came; 0: none. */
int timeline_newest_attempt(const struct timeline *timeline, const struct timeline_line *answer);

/* A picture for the report. */
void timeline_draw(struct check_run *run, const struct timeline *timeline);
/* The run's story becomes this one, which ends with what is wrong. */
void timeline_write_story(struct check_run *run, const struct timeline *timeline,
                          const char *wrong);

#endif
