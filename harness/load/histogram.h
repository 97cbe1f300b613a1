/*
 * A histogram of times whose buckets grow with them: 128 to each doubling, so that a value is known
 * to within 1/128 of itself (Tene's HdrHistogram). Its size is fixed, whatever is put in.
 */
#ifndef LOAD_HISTOGRAM_H
#define LOAD_HISTOGRAM_H

#include <stdint.h>

enum {
    HISTOGRAM_OCTAVE_BITS = 7, /* 128 buckets an octave; below 128 each value has its own */
    HISTOGRAM_OCTAVES = 40,    /* up to 2^46 ns, 19 hours; what is longer counts as that */
    HISTOGRAM_BUCKETS = HISTOGRAM_OCTAVES << HISTOGRAM_OCTAVE_BITS
};

/* {0} is empty. */
struct histogram {
    int64_t count;
    double sum_ns;
    int64_t buckets[HISTOGRAM_BUCKETS];
};

void histogram_add(struct histogram *histogram, int64_t value_ns);
/* The same value so many times. */
void histogram_add_many(struct histogram *histogram, int64_t value_ns, int64_t times);
/* Adds all that is in the other. */
void histogram_merge(struct histogram *histogram, const struct histogram *other);
/* The smallest value that this share of all values, 0 < share <= 1, does not exceed: the middle of
   its bucket, at most 0.4 % from the truth. 0 when there are no values. */
int64_t histogram_quantile(const struct histogram *histogram, double share);
/* The share of all values that lie above the limit, 0 when there are none. The limit's own bucket
   counts as below: up to 0.8 % more than it is allowed. */
double histogram_above(const struct histogram *histogram, int64_t limit_ns);
double histogram_mean(const struct histogram *histogram); /* exact; 0 when there are no values */
/* The lowest value of a bucket; for HISTOGRAM_BUCKETS the end of the last one. */
int64_t histogram_floor(int bucket);

#endif
