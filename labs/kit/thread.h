/*
 * Threads of the kit: small stacks, and waits that end at a moment of the monotonic clock.
 */
#ifndef KIT_THREAD_H
#define KIT_THREAD_H

#include <pthread.h>
#include <stdint.h>
#include "kit/clock.h" /* monotonic_ns, by which waits are counted */

struct error;

/* Starts run(arg) with a stack of THREAD_STACK_BYTES. The caller joins *thread. ERR_LIMIT when the
   system has no thread left. */
int thread_start(pthread_t *thread, void *(*run)(void *arg), void *arg, struct error *err);

/* A condition for thread_wait: one that counts on the monotonic clock. */
void thread_condition_init(pthread_cond_t *condition);
/* Waits with lock held until the condition is signalled or until_ns has come: 1, or 0 when it has
   come. Like every wait it may also return 1 for no reason. */
int thread_wait(pthread_cond_t *condition, pthread_mutex_t *lock, int64_t until_ns);

#endif
