/*
 * Chance as an argument: one function, a number in [0, 1).
 */
#ifndef KIT_RANDOM_H
#define KIT_RANDOM_H

#include <pthread.h>
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
/* The next 64 bits of the same sequence; a unit is made of the upper 53 of them. */
uint64_t random_seeded_bits(struct random_seeded *seeded);

/* The system's randomness (getrandom). Safe from several threads. Without it the process ends. */
struct random random_system(void);
void random_bytes(void *bytes, size_t length);

/* The same, fetched RANDOM_STOCK_BYTES at a time: a service that makes several ids for a request
   would otherwise ask the kernel more often for chance than for anything else. Safe from several
   threads, but not across fork. storage outlives the result; nothing is to be released. */
enum { RANDOM_STOCK_BYTES = 512 };
struct random_stock {
    pthread_mutex_t lock; /* guards all below */
    unsigned char bytes[RANDOM_STOCK_BYTES];
    size_t left;
};
struct random random_from_stock(struct random_stock *storage);

#endif
