/*
 * Can a program with sanitizers start on this machine at all?
 */
#ifndef PROCESS_RUNTIME_H
#define PROCESS_RUNTIME_H

struct launcher;

/* Starts the canary (build/asan/canary, found beside svclab) a few times in the folder dir. 1 when
   it started once, or when there is no canary to ask. */
int runtime_starts(struct launcher *launcher, const char *dir);

#endif
