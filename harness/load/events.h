/*
 * What is still to happen in a simulation, in order: a heap of events by virtual time.
 *
 * Events of the same nanosecond happen in the order in which they were added, so that a run depends
 * on its seed alone. Memory grows with the events that wait, up to the limit. Beyond it the
 * simulation is overloaded: it is told so, and nothing more happens in it.
 */
#ifndef LOAD_EVENTS_H
#define LOAD_EVENTS_H

#include <stdint.h>

enum { EVENTS_MAX = 1 << 20 }; /* that wait at once: 24 MB */

struct event {
    int64_t at_ns;   /* virtual, from the beginning of the simulation */
    uint32_t serial; /* how many were added before it */
    uint32_t kind;   /* the simulation's own numbers */
    void *subject;   /* what it happens to; borrowed */
};

/* {0} is valid and holds nothing. */
struct events {
    struct event *heap; /* each before its four children, which stand at 4 i + 1 ... 4 i + 4 */
    uint32_t count, capacity;
    uint32_t serial;
    int64_t now_ns; /* when the last event happened */
    int overloaded; /* 1: there was no room for an event, in number or in memory */
};

/* An event that is to happen at that time, now_ns at the earliest. 0, or ERR_LIMIT when EVENTS_MAX
   wait already, 2^32 - 1 were added in all, or memory is out; `overloaded` stands from then on. */
int events_add(struct events *events, int64_t at_ns, uint32_t kind, void *subject);
/* Takes the next event and goes to its time. 0 when there is none or the simulation is overloaded.
 */
int events_next(struct events *events, struct event *out);
/* Frees; empty and usable again, at time 0. */
void events_release(struct events *events);

#endif
