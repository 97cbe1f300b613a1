/*
 * The calls of a cluster as a story, from the spans that its services wrote.
 */
#ifndef CLUSTER_SPANS_H
#define CLUSTER_SPANS_H

#include "cluster/cluster.h"
#include "course/result.h"

enum { SPANS_MAX = 1000 }; /* the first ones; a note says when there were more */

/*
 * Adds a line for each call and each answer, in the order of time, in ms from the first one.
 * Calls without a parent span come from caller ("judge"); health polls without one are left out. A
 * peer's 5xx or missing answer is a STORY_FAULT. A line that is no span, such as the last one of a
 * killed process, is skipped. No spans at all is an empty story. ERR_IO.
 */
int cluster_story(struct cluster *cluster, const char *caller, struct story *story,
                  struct error *err);

#endif
