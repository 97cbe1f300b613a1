/*
 * Timers of many sagas, one each: a heap by time, and one thread that waits for the first.
 * Given: nothing to write here.
 */
#ifndef LAB03_SERVICE_TIMERS_H
#define LAB03_SERVICE_TIMERS_H

#include <stddef.h>
#include <stdint.h>

struct error;
struct timers;

enum { TIMERS_AFTER_MAX_MS = 24 * 60 * 60 * 1000 };

/* Lives in what it belongs to; {0} is one that is not set. Its members are the timers' business. */
struct timer {
    int64_t due_ns; /* monotonic */
    uint32_t number;
    size_t place; /* in the heap, from 1; 0: not set */
};

/* fire is called on the timers' thread, which it must not hold up; the timer is not set then. */
int timers_open(struct timers **out, void (*fire)(struct timer *timer, uint32_t number),
                struct error *err);
/* No fire runs or follows afterwards. Timers that are still set are forgotten. NULL is fine. */
void timers_close(struct timers *timers);

/* Sets it, or moves it when it is set. 1 when it was set already. after_ms: 0 to
   TIMERS_AFTER_MAX_MS. */
int timers_set(struct timers *timers, struct timer *timer, int64_t after_ms, uint32_t number);
/* 1 when it was set. */
int timers_clear(struct timers *timers, struct timer *timer);

#endif
