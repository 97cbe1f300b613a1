/*
 * One submission taken in: its archives opened, the labs' files found and laid aside.
 */
#ifndef GRADE_TAKE_H
#define GRADE_TAKE_H

#include "grade/intake.h"
#include "grade/pick.h"

struct take {
    const struct wanted *wanted; /* of each lab */
    int wanted_count;
    const char *out;     /* OUT */
    const char *scratch; /* a folder for what is unpacked; emptied afterwards */
};

/* Fills labs, ignored, notes and, when nothing is usable, the problem. ERR_IO when the disk fails:
   that is not the submission's fault. */
int take_submission(const struct take *take, struct submission *submission, struct error *err);

/* Makes the problem the sentence, unless there is one. The submission does not count then. */
void submission_fail(struct submission *submission, const char *sentence);

#endif
