/* Chance as an argument: seeded and system generators. */
#include "kit/random.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

double random_unit(const struct random *random)
{
    return random->unit(random->context);
}

uint64_t random_below(const struct random *random, uint64_t bound)
{
    assert(bound >= 1 && bound <= RANDOM_BOUND_MAX);
    return (uint64_t)(random_unit(random) * (double)bound);
}

/* The upper 53 bits as a double: every value is a multiple of 2^-53, so 1.0 cannot come out. */
static double unit_from_bits(uint64_t bits)
{
    return (double)(bits >> 11) * 0x1p-53;
}

static uint64_t rotate_left(uint64_t value, int count)
{
    return (value << count) | (value >> (64 - count));
}

/* xoshiro256** 1.0, prng.di.unimi.it/xoshiro256starstar.c */
uint64_t random_seeded_bits(struct random_seeded *seeded)
{
    uint64_t *state = seeded->state;
    uint64_t bits = rotate_left(state[1] * 5, 7) * 9;
    uint64_t shifted = state[1] << 17;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = rotate_left(state[3], 45);
    return bits;
}

static double seeded_unit(void *context)
{
    return unit_from_bits(random_seeded_bits(context));
}

/* prng.di.unimi.it/splitmix64.c: spreads near seeds far apart and never gives four zeros. */
static uint64_t splitmix64(uint64_t *state)
{
    uint64_t bits = *state += 0x9e3779b97f4a7c15U;
    bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9U;
    bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebU;
    return bits ^ (bits >> 31);
}

struct random random_from_seed(struct random_seeded *storage, uint64_t seed)
{
    for (int word = 0; word < 4; word++)
        storage->state[word] = splitmix64(&seed);
    return (struct random){.unit = seeded_unit, .context = storage};
}

void random_bytes(void *bytes, size_t length)
{
    unsigned char *rest = bytes;
    while (length > 0) {
        ssize_t got = getrandom(rest, length, 0);
        if (got > 0) {
            rest += got;
            length -= (size_t)got;
        } else if (errno != EINTR) {
            perror("The system gives no random bytes (getrandom)");
            abort(); /* ids made without them could collide */
        }
    }
}

static double system_unit(void *context)
{
    (void)context;
    uint64_t bits = 0;
    random_bytes(&bits, sizeof bits);
    return unit_from_bits(bits);
}

struct random random_system(void)
{
    return (struct random){.unit = system_unit};
}

static double stock_unit(void *context)
{
    struct random_stock *stock = context;
    uint64_t bits = 0;
    pthread_mutex_lock(&stock->lock);
    if (stock->left < sizeof bits) {
        random_bytes(stock->bytes, sizeof stock->bytes);
        stock->left = sizeof stock->bytes;
    }
    stock->left -= sizeof bits;
    memcpy(&bits, stock->bytes + stock->left, sizeof bits);
    memset(stock->bytes + stock->left, 0, sizeof bits); /* given out once, then forgotten */
    pthread_mutex_unlock(&stock->lock);
    return unit_from_bits(bits);
}

struct random random_from_stock(struct random_stock *storage)
{
    pthread_mutex_init(&storage->lock, NULL);
    storage->left = 0;
    return (struct random){.unit = stock_unit, .context = storage};
}
