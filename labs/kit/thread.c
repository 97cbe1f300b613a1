/*
 * Threads with small stacks. The default of 8 MiB is address space only, but 64 of them confuse
 * every reader of VmSize, and containers with strict limits refuse them.
 */
#include <string.h>
#include "kit/error.h"
#include "kit/limits.h"
#include "kit/thread.h"

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
