/*
 * Chance as an argument: one function, a number in [0, 1).
 */
#ifndef KIT_RANDOM_H
#define KIT_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct random {
    double (*unit)(void *context); /* uniform in [0, 1) */
    void *context;
};

double random_unit(const struct random *random);

/* A whole number in [0, bound), 1 <= bound <= RANDOM_BOUND_MAX. One draw; some numbers are likelier
   than others by up to bound / 2^53, which is nothing for the bounds used here. */
#define RANDOM_BOUND_MAX (UINT64_C(1) << 53)
uint64_t random_below(const struct random *random, uint64_t bound);

/* xoshiro256** by Blackman and Vigna, seeded through splitmix64: the same seed, the same
   numbers, on every machine. Not safe from several threads. storage outlives the result. */
struct random_seeded {
    uint64_t state[4];
};
struct random random_from_seed(struct random_seeded *storage, uint64_t seed);

/* The system's randomness (getrandom). Safe from several threads. Without it the process ends. */
struct random random_system(void);
void random_bytes(void *bytes, size_t length);

#endif
