/*
 * The archives of one submission, opened.
 */
#ifndef GRADE_OPEN_H
#define GRADE_OPEN_H

#include "grade/take.h"

/* Whether the file may be one of a lab's. */
int take_wants(const struct take *take, const char *name);
/* Replaces archives among the submission's files by what is in them, as long as no file of any lab
   is there. What refuses an archive becomes the submission's problem. ERR_IO. */
int open_archives(const struct take *take, struct submission *submission, struct error *err);
/* Makes a problem of the first member that cannot be taken, of one of a lab's if there is one. 1
   when there was any. */
int refuse_wrong(const struct take *take, const struct listing *members,
                 struct submission *submission);

#endif
