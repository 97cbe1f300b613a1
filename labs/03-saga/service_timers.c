/*
 * A binary heap in an array, the earliest at place 1, the children of place i at 2i and 2i + 1. A
 * timer knows its place, so it can be moved or taken out without a search.
 */
#include "service_timers.h"

#include <assert.h>
#include <stdlib.h>
#include "kit/error.h"
#include "kit/thread.h"

enum { HEAP_FIRST = 64, NS_PER_MS = 1000000 };

struct timers {
    void (*fire)(struct timer *timer, uint32_t number);
    pthread_t thread;
    int started;

    pthread_mutex_t lock; /* guards all below, and every timer */
    pthread_cond_t earlier;
    struct timer **heap;
    size_t count, capacity;
    int stopping;
};

static void put(struct timers *timers, struct timer *timer, size_t place)
{
    timers->heap[place] = timer;
    timer->place = place;
}

/* Lets the timer at place rise or sink to where it belongs. */
static void settle(struct timers *timers, size_t place)
{
    struct timer *timer = timers->heap[place];
    while (place > 1 && timers->heap[place / 2]->due_ns > timer->due_ns) {
        put(timers, timers->heap[place / 2], place);
        place /= 2;
    }
    for (size_t child = 2 * place; child <= timers->count; child = 2 * place) {
        if (child < timers->count && timers->heap[child + 1]->due_ns < timers->heap[child]->due_ns)
            child++;
        if (timers->heap[child]->due_ns >= timer->due_ns)
            break;
        put(timers, timers->heap[child], place);
        place = child;
    }
    put(timers, timer, place);
}

static void take_out(struct timers *timers, struct timer *timer)
{
    size_t place = timer->place;
    struct timer *last = timers->heap[timers->count--];
    timer->place = 0;
    if (last != timer) {
        put(timers, last, place);
        settle(timers, place);
    }
}

static void *timers_main(void *arg)
{
    struct timers *timers = arg;
    pthread_mutex_lock(&timers->lock);
    while (!timers->stopping) {
        struct timer *first = timers->count > 0 ? timers->heap[1] : NULL;
        if (first == NULL) {
            pthread_cond_wait(&timers->earlier, &timers->lock);
        } else if (first->due_ns > monotonic_ns()) {
            thread_wait(&timers->earlier, &timers->lock, first->due_ns);
        } else {
            uint32_t number = first->number;
            take_out(timers, first);
            pthread_mutex_unlock(&timers->lock);
            timers->fire(first, number);
            pthread_mutex_lock(&timers->lock);
        }
    }
    pthread_mutex_unlock(&timers->lock);
    return NULL;
}

int timers_open(struct timers **out, void (*fire)(struct timer *timer, uint32_t number),
                struct error *err)
{
    struct timers *timers = calloc(1, sizeof *timers);
    if (timers != NULL)
        timers->heap = malloc((HEAP_FIRST + 1) * sizeof(struct timer *));
    if (timers == NULL || timers->heap == NULL) {
        free(timers);
        return error_set(err, ERR_LIMIT, "no memory for timers");
    }
    timers->capacity = HEAP_FIRST;
    timers->fire = fire;
    pthread_mutex_init(&timers->lock, NULL);
    thread_condition_init(&timers->earlier);
    int result = thread_start(&timers->thread, timers_main, timers, err);
    timers->started = result == 0;
    if (result == 0)
        *out = timers;
    else
        timers_close(timers);
    return result;
}

void timers_close(struct timers *timers)
{
    if (timers == NULL)
        return;
    pthread_mutex_lock(&timers->lock);
    timers->stopping = 1;
    pthread_cond_signal(&timers->earlier);
    pthread_mutex_unlock(&timers->lock);
    if (timers->started)
        pthread_join(timers->thread, NULL);
    pthread_cond_destroy(&timers->earlier);
    pthread_mutex_destroy(&timers->lock);
    free(timers->heap);
    free(timers);
}

int timers_set(struct timers *timers, struct timer *timer, int64_t after_ms, uint32_t number)
{
    assert(after_ms >= 0 && after_ms <= TIMERS_AFTER_MAX_MS);
    pthread_mutex_lock(&timers->lock);
    int was_set = timer->place > 0;
    timer->due_ns = monotonic_ns() + after_ms * NS_PER_MS;
    timer->number = number;
    if (!was_set) {
        if (timers->count == timers->capacity) {
            struct timer **more =
                realloc(timers->heap, (2 * timers->capacity + 1) * sizeof(struct timer *));
            if (more == NULL)
                abort(); /* a saga without its timer would wait for ever; a restart repairs that */
            timers->heap = more;
            timers->capacity *= 2;
        }
        put(timers, timer, ++timers->count);
    }
    settle(timers, timer->place);
    int is_first = timer->place == 1;
    pthread_mutex_unlock(&timers->lock);
    if (is_first)
        pthread_cond_signal(&timers->earlier);
    return was_set;
}

int timers_clear(struct timers *timers, struct timer *timer)
{
    pthread_mutex_lock(&timers->lock);
    int was_set = timer->place > 0;
    if (was_set)
        take_out(timers, timer);
    pthread_mutex_unlock(&timers->lock);
    return was_set;
}
