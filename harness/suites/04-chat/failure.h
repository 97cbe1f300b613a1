/*
 * Lab 04, step 3: what the files of the checks of failure share.
 */
#ifndef SUITES_CHAT_FAILURE_H
#define SUITES_CHAT_FAILURE_H

#include "suites/04-chat/checks.h"
#include "suites/04-chat/failure_walk.h"

struct review {
    struct check_run *run;
    struct chat_model *model;
    struct survival survival;
};

/* failure_picture.c. Of the requirement whose bit is the n-th: what the design says, and what the
   walk says of all instances being down. */
int review_promises(const struct review *review, int service, int requirement);
int review_survives(const struct review *review, int service, int requirement);
/* Attaches the matrix to the run. */
void review_draw(const struct review *review);

#endif
