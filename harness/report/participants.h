/*
 * Who takes part in a story, in the order of its columns.
 */
#ifndef REPORT_PARTICIPANTS_H
#define REPORT_PARTICIPANTS_H

#include "course/result.h"

/* Fills names, borrowed from the story, with at most max: the judge first, then all others as an
   arrow first meets them, then those about whom something is only said. Their number. */
int story_participants(const struct story *story, const char **names, int max);
/* The place of name; -1: it is NULL or not among them. */
int find_participant(const char *const *names, int count, const char *name);

#endif
