/*
 * Lab 03, step 5: what happened to one checkout. Its records, as GET /checkouts/{id} tells them,
 * and between them what the check did to the services: by time, for the picture (03-lanes.c) and
 * for the failure block (03-tell.c).
 */
#ifndef SUITES_SAGA_TIMELINE_H
#define SUITES_SAGA_TIMELINE_H

#include "suites/03-saga/checkout_cluster.h"

enum { TALE_WORDS_SIZE = 56, TALE_LANES = SAGA_STEPS + 1 };

enum tale_kind {
    TALE_SENT,   /* a command */
    TALE_ANSWER, /* to one */
    TALE_SAID,   /* by the saga about itself */
    TALE_BLOW,   /* a service was broken on purpose */
    TALE_MENDED  /* or put right */
};

struct tale_line {
    int64_t at_ms; /* since the checkout began */
    enum tale_kind kind;
    int lane; /* 0: the checkout's own service; else a step's number and one more: its service */
    int back, attempt;           /* of a command; back: 1 = it undoes */
    int late;                    /* an answer that changes nothing any more */
    char words[TALE_WORDS_SIZE]; /* the answer, or what was said or done; "" for a command */
};

struct tale {
    char id[ID_SIZE], phase[24];
    char bought[TALE_WORDS_SIZE]; /* "cart-107 for user-123" */
    int has_ended;
    int64_t begun_wall_ms;
    int64_t read_ms; /* when it was read, since it began */
    struct tale_line *lines;
    int count, capacity;
    int unknown; /* answers UNKNOWN: somebody was not heard in time */
};

/* Reads body, as shop_show gives it; the caller releases the tale. The number of its records. Of
   what the check did before the checkout began only what still holds then is in it, at time 0. */
int tale_read(struct check_run *run, const cJSON *body, struct tale *tale);
void tale_release(struct tale *tale);

const char *tale_service(int lane);
/* "undo pay": what a SENT or an ANSWER is about. */
void tale_command(const struct tale_line *line, char out[TALE_WORDS_SIZE]);

void tale_draw(struct check_run *run, const struct tale *tale); /* 03-lanes.c: into the report */
/* 03-tell.c: the run's story becomes this one, which ends with what is wrong. */
void tale_tell(struct check_run *run, const struct tale *tale, const char *wrong);

#endif
