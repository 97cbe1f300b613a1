/*
 * Threads with small stacks. The default of 8 MiB is address space only, but 64 of them hide what
 * a service really needs, and containers with strict limits refuse them.
 */
#include <errno.h>
#include <string.h>
#include <time.h>
#include "kit/error.h"
#include "kit/limits.h"
#include "kit/thread.h"

enum { NS_PER_S = 1000000000 };

int thread_start(pthread_t *thread, void *(*run)(void *arg), void *arg, struct error *err)
{
    pthread_attr_t attributes;
    int failed = pthread_attr_init(&attributes);
    if (failed == 0) {
        failed = pthread_attr_setstacksize(&attributes, THREAD_STACK_BYTES);
        if (failed == 0)
            failed = pthread_create(thread, &attributes, run, arg);
        pthread_attr_destroy(&attributes);
    }
    if (failed != 0)
        return error_set(err, ERR_LIMIT, "no new thread could be started (%s)", strerror(failed));
    return 0;
}

void thread_condition_init(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

int thread_wait(pthread_cond_t *condition, pthread_mutex_t *lock, int64_t until_ns)
{
    struct timespec until = {until_ns / NS_PER_S, until_ns % NS_PER_S};
    return pthread_cond_timedwait(condition, lock, &until) != ETIMEDOUT;
}
