/* Chance in a simulation. */
#include "load/chance.h"

#include <assert.h>

/* ln 2 + (ln 2)^2 / 2! + ... + (ln 2)^k / k!, in 2^-32; the eleventh is 1, and none goes beyond. */
static const uint64_t sums[] = {2977044472U, 4008809463U, 4247197794U, 4288507344U,
                                4294234064U, 4294895641U, 4294961151U, 4294966827U,
                                4294967264U, 4294967294U, 4294967296U};

void chance_begin(struct chance *chance, uint64_t seed, uint64_t purpose)
{
    (void)random_from_seed(&chance->seeded, seed);
    (void)random_from_seed(&chance->seeded, random_seeded_bits(&chance->seeded) + purpose);
}

/* The upper half of the bits, which are the better ones. */
static uint32_t word(struct chance *chance)
{
    return (uint32_t)(random_seeded_bits(&chance->seeded) >> 32);
}

/* Lemire, "Fast Random Integer Generation in an Interval", 2019. */
uint32_t chance_below(struct chance *chance, uint32_t bound)
{
    assert(bound >= 1);
    uint64_t product = (uint64_t)word(chance) * bound;
    if ((uint32_t)product < bound) {
        const uint32_t unfair = (UINT32_MAX - bound + 1) % bound;
        while ((uint32_t)product < unfair)
            product = (uint64_t)word(chance) * bound;
    }
    return (uint32_t)(product >> 32);
}

double chance_unit(struct chance *chance)
{
    return (double)(random_seeded_bits(&chance->seeded) >> 11) * 0x1p-53;
}

/* Exponential with mean 1, in 2^-32. Knuth, "The Art of Computer Programming", volume 2, 3.4.1,
   algorithm S, by Marsaglia, Sibuya and Ahrens: whole multiples of ln 2 are tossed like coins; the
   rest is the smallest of a few uniform numbers, and for 69 of 100 draws it is there already. */
static uint64_t exponential_unit(struct chance *chance)
{
    const uint64_t bits = random_seeded_bits(&chance->seeded);
    const uint64_t rest = bits & UINT32_MAX;
    /* The ones that lead the upper half: a zero behind it ends them. */
    const uint64_t ones = (uint64_t)__builtin_clzll(~bits | UINT64_C(1) << 31);
    if (rest < sums[0])
        return ones * sums[0] + rest;
    uint64_t least = word(chance);
    for (int k = 1;; k++) {
        const uint64_t other = word(chance);
        least = other < least ? other : least;
        if (rest < sums[k])
            return ones * sums[0] + (least * sums[0] >> 32);
    }
}

int64_t chance_exponential(struct chance *chance, int64_t mean_ns)
{
    assert(mean_ns >= 0 && mean_ns <= CHANCE_MEAN_MAX);
    /* 64 by 64 bits, the lower 32 of the product dropped: halves, so that nothing overflows. */
    const uint64_t unit = exponential_unit(chance), mean = (uint64_t)mean_ns;
    const uint64_t high = (mean >> 32) * unit, low = (mean & UINT32_MAX) * (unit >> 32);
    return (int64_t)(high + low + ((mean & UINT32_MAX) * (unit & UINT32_MAX) >> 32));
}
