/*
 * Finding the children of this process, adopted orphans among them.
 */
#ifndef PROCESS_ORPHANS_H
#define PROCESS_ORPHANS_H

#include <sys/types.h>

enum { CHILDREN_MAX = 512 }; /* found in one look; more are found in the next */

/* Fills pids with children of this process, zombies included. Their number, at most max. */
int children_list(pid_t *pids, int max);

#endif
