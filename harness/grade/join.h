/*
 * Who the submissions are of, by the roster; who handed in nothing.
 */
#ifndef GRADE_JOIN_H
#define GRADE_JOIN_H

#include "grade/intake.h"

/* Fills rows and names of the submissions, missing and lines of the class. Nothing is guessed: an
   id that the roster does not have, or twice, is a line, and the submission stays under its id. */
void join_roster(struct handed_in *class);

#endif
