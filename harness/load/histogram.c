/* A histogram of times: the bucket of a value is its leading bits. */
#include "load/histogram.h"

#include <assert.h>

enum { OCTAVE = 1 << HISTOGRAM_OCTAVE_BITS };

/* Bucket OCTAVE * (octave + 1) + k begins at (OCTAVE + k) << octave. */
static int bucket_of(int64_t value_ns)
{
    const int bits = 64 - __builtin_clzll((unsigned long long)value_ns | 1);
    const int octave = bits > HISTOGRAM_OCTAVE_BITS ? bits - HISTOGRAM_OCTAVE_BITS - 1 : 0;
    return octave * OCTAVE + (int)(value_ns >> octave);
}

int64_t histogram_floor(int bucket)
{
    const int octave = bucket < 2 * OCTAVE ? 0 : bucket / OCTAVE - 1;
    return (int64_t)(bucket - octave * OCTAVE) << octave;
}

void histogram_add(struct histogram *histogram, int64_t value_ns)
{
    histogram_add_many(histogram, value_ns, 1);
}

void histogram_add_many(struct histogram *histogram, int64_t value_ns, int64_t times)
{
    assert(value_ns >= 0 && times >= 0);
    const int64_t end_ns = histogram_floor(HISTOGRAM_BUCKETS);
    histogram->buckets[value_ns < end_ns ? bucket_of(value_ns) : HISTOGRAM_BUCKETS - 1] += times;
    histogram->sum_ns += (double)value_ns * (double)times;
    histogram->count += times;
}

void histogram_merge(struct histogram *histogram, const struct histogram *other)
{
    for (int i = 0; i < HISTOGRAM_BUCKETS; i++)
        histogram->buckets[i] += other->buckets[i];
    histogram->sum_ns += other->sum_ns;
    histogram->count += other->count;
}

int64_t histogram_quantile(const struct histogram *histogram, double share)
{
    assert(share > 0 && share <= 1);
    const double wanted = share * (double)histogram->count;
    int64_t below = 0;
    for (int i = 0; i < HISTOGRAM_BUCKETS; i++) {
        below += histogram->buckets[i];
        if (below > 0 && (double)below >= wanted)
            return (histogram_floor(i) + histogram_floor(i + 1)) / 2;
    }
    return 0;
}

double histogram_above(const struct histogram *histogram, int64_t limit_ns)
{
    int64_t above = 0;
    for (int i = HISTOGRAM_BUCKETS - 1; i >= 0 && histogram_floor(i) > limit_ns; i--)
        above += histogram->buckets[i];
    return histogram->count > 0 ? (double)above / (double)histogram->count : 0;
}

double histogram_mean(const struct histogram *histogram)
{
    return histogram->count > 0 ? histogram->sum_ns / (double)histogram->count : 0;
}
