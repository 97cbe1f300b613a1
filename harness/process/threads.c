/*
 * Threads that wait at a gate until the last of them has been started.
 */
#include "process/threads.h"

#include <pthread.h>
#include <stdlib.h>

enum { STACK_BYTES = 256 * 1024 }; /* as the kit's: labs/kit/limits.h */

static void *wait_at_gate(void *gate)
{
    pthread_mutex_lock(gate);
    pthread_mutex_unlock(gate);
    return NULL;
}

int threads_fit(int count)
{
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    pthread_attr_t attributes;
    pthread_t *threads = calloc((size_t)count, sizeof *threads);
    int started = 0;
    if (threads == NULL || pthread_attr_init(&attributes) != 0)
        goto out;
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    pthread_mutex_lock(&gate);
    while (started < count &&
           pthread_create(&threads[started], &attributes, wait_at_gate, &gate) == 0)
        started++;
    pthread_mutex_unlock(&gate);
    for (int i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    pthread_attr_destroy(&attributes);
out:
    pthread_mutex_destroy(&gate);
    free(threads);
    return started == count;
}
