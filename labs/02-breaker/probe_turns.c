/*
 * Lab 02's probe: whose turn it is. Given: nothing to write here.
 *
 * A mistake between two stays under a lock shows only when another thread runs in between, which on
 * its own happens once in many thousand calls. So the probe is linked with --wrap, calls of
 * pthread_mutex_lock and _unlock come here, and in a storm now and then the turn is given away.
 */
#include "probe.h"

#include <pthread.h>
#include <stddef.h>
#include <time.h>

/* The linker's names: __real_X is the library's X, __wrap_X is called in its place. */
int __real_pthread_mutex_lock(pthread_mutex_t *mutex);
int __real_pthread_mutex_unlock(pthread_mutex_t *mutex);
int __wrap_pthread_mutex_lock(pthread_mutex_t *mutex);
int __wrap_pthread_mutex_unlock(pthread_mutex_t *mutex);

/* What the thread draws from while it takes part in a storm, else NULL: a wrapper has no context.
 */
static _Thread_local const struct random *thread_random;

void turns_begin(const struct random *random)
{
    thread_random = random;
}

void turns_end(void)
{
    thread_random = NULL;
}

/* A short sleep and no sched_yield, which on a busy machine waits for everybody else's slice. */
void turns_maybe_give(void)
{
    static const struct timespec moment = {.tv_nsec = 20000};
    if (thread_random != NULL && random_below(thread_random, TURNS_KEPT) == 0)
        nanosleep(&moment, NULL);
}

int __wrap_pthread_mutex_lock(pthread_mutex_t *mutex)
{
    turns_maybe_give();
    return __real_pthread_mutex_lock(mutex);
}

int __wrap_pthread_mutex_unlock(pthread_mutex_t *mutex)
{
    int result = __real_pthread_mutex_unlock(mutex);
    turns_maybe_give();
    return result;
}
