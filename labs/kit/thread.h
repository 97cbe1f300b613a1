/*
 * Threads of the kit: small stacks, so that many cost little memory.
 */
#ifndef KIT_THREAD_H
#define KIT_THREAD_H

#include <pthread.h>

struct error;

/* Starts run(arg) with a stack of THREAD_STACK_BYTES. The caller joins *thread. ERR_LIMIT when the
   system has no thread left. */
int thread_start(pthread_t *thread, void *(*run)(void *arg), void *arg, struct error *err);

#endif
