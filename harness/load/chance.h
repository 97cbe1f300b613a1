/*
 * Chance in a simulation: a stream of numbers for each purpose.
 *
 * Arrivals, service times and all else that is drawn have streams of their own, so that two designs
 * that are compared meet the same arrivals. All is whole numbers, nothing comes from libm: the same
 * seed gives the same bytes on every machine.
 */
#ifndef LOAD_CHANCE_H
#define LOAD_CHANCE_H

#include <stdint.h>
#include "kit/random.h"

struct chance {
    struct random_seeded seeded; /* xoshiro256** */
};

/* purpose: any number; streams of different purposes have nothing to do with each other. */
void chance_begin(struct chance *chance, uint64_t seed, uint64_t purpose);
/* A whole number in [0, bound), all equally likely; bound >= 1. */
uint32_t chance_below(struct chance *chance, uint32_t bound);
/* A multiple of 2^-53 in [0, 1). */
double chance_unit(struct chance *chance);
/* An exponentially distributed time, rounded down to nanoseconds: what passes between arrivals that
   know nothing of each other. 0 <= mean_ns <= CHANCE_MEAN_MAX; the result is below 2^62. */
#define CHANCE_MEAN_MAX (INT64_C(1) << 56)
int64_t chance_exponential(struct chance *chance, int64_t mean_ns);

#endif
