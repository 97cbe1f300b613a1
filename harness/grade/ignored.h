/*
 * What of a submission was not looked at, as short as it can be told.
 */
#ifndef GRADE_IGNORED_H
#define GRADE_IGNORED_H

#include "grade/intake.h"

/* Fills the ignored of the submission from its files; taken has 1 for each that was. Notes names
   that look the same. */
void ignored_list(struct submission *submission, const char *taken);

#endif
