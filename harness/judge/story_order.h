/*
 * The order of a story whose lines come from several processes: a cause before its effects. Time
 * decides only between what this leaves open, because clocks differ and may be set.
 */
#ifndef JUDGE_STORY_ORDER_H
#define JUDGE_STORY_ORDER_H

#include <stdint.h>

struct story_event {
    int64_t at_ns;
    int after;     /* place of the event that must come before this one; -1: none */
    int is_placed; /* story_order's own */
};

/* Fills order with the places of all events. Of those that may come next the earliest does, of
   equal times the first. Events that wait for each other in a circle are placed by time, at last.
   Quadratic: fine below 10,000. */
void story_order(struct story_event *events, int count, int *order);

#endif
