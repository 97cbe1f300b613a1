/* The histogram: its buckets, its quantiles beside those of a sorted list, merging. */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "load/chance.h"
#include "load/histogram.h"
#include "tests/run_tests.h"

START_TEST(every_value_falls_into_the_bucket_that_holds_it)
{
    ck_assert_int_eq(histogram_floor(0), 0);
    for (int bucket = 0; bucket < HISTOGRAM_BUCKETS; bucket++) {
        const int64_t first = histogram_floor(bucket), end = histogram_floor(bucket + 1);
        static struct histogram histogram;
        histogram = (struct histogram){0};
        histogram_add(&histogram, first);
        histogram_add(&histogram, end - 1);
        ck_assert_msg(histogram.buckets[bucket] == 2, "bucket %d is not %lld ... %lld", bucket,
                      (long long)first, (long long)end - 1);
        ck_assert(first < 128 ? end == first + 1 : (end - first) * 128 <= first);
    }
    ck_assert_int_eq(histogram_floor(HISTOGRAM_BUCKETS), INT64_C(1) << 46);
}
END_TEST

START_TEST(value_beyond_the_last_bucket_counts_there)
{
    static struct histogram histogram;
    histogram_add(&histogram, INT64_C(1) << 46);
    histogram_add(&histogram, INT64_MAX);
    ck_assert_int_eq(histogram.buckets[HISTOGRAM_BUCKETS - 1], 2);
    ck_assert_int_eq(histogram.count, 2);
}
END_TEST

static int by_value(const void *a, const void *b)
{
    const int64_t *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

START_TEST(quantiles_are_those_of_the_sorted_values)
{
    enum { VALUES = 5000 };
    static const double shares[] = {0.0001, 0.01, 0.5, 0.9, 0.99, 0.999, 1};
    static int64_t values[VALUES];
    static struct histogram histogram;
    for (int64_t mean = 20; mean < INT64_C(1) << 40; mean *= 50) {
        struct chance chance;
        double sum = 0;
        chance_begin(&chance, (uint64_t)mean, 0);
        histogram = (struct histogram){0};
        for (int i = 0; i < VALUES; i++) {
            values[i] = chance_exponential(&chance, mean);
            histogram_add(&histogram, values[i]);
            sum += (double)values[i];
        }
        qsort(values, VALUES, sizeof *values, by_value);
        for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++) {
            const double right = (double)values[(int)ceil(shares[i] * VALUES) - 1];
            const double got = (double)histogram_quantile(&histogram, shares[i]);
            ck_assert_msg(fabs(got - right) <= 0.004 * right,
                          "quantile %g of mean %lld is %g, not %g", shares[i], (long long)mean, got,
                          right);
        }
        ck_assert(histogram_mean(&histogram) == sum / VALUES);
    }
}
END_TEST

START_TEST(share_above_a_limit_is_that_of_the_values)
{
    static struct histogram histogram;
    for (int i = 1; i <= 1000; i++)
        histogram_add(&histogram, i * 1000);
    for (int i = 0; i <= 1000; i += 50)
        ck_assert(fabs(histogram_above(&histogram, i * 1000) - (1000 - i) / 1000.0) <= 0.0081);
    ck_assert(histogram_above(&histogram, 0) == 1);
    ck_assert(histogram_above(&histogram, INT64_MAX) == 0);
}
END_TEST

START_TEST(empty_histogram_has_zeros)
{
    static const struct histogram empty;
    ck_assert_int_eq(histogram_quantile(&empty, 0.5), 0);
    ck_assert(histogram_mean(&empty) == 0);
    ck_assert(histogram_above(&empty, 0) == 0);
}
END_TEST

START_TEST(merged_histograms_are_one_of_all_values)
{
    static struct histogram parts[3], all;
    struct chance chance;
    chance_begin(&chance, 1, 0);
    for (int i = 0; i < 3000; i++) {
        const int64_t value = chance_exponential(&chance, 1000000);
        histogram_add(&parts[i % 3], value);
        histogram_add(&all, value);
    }
    histogram_merge(&parts[0], &parts[1]);
    histogram_merge(&parts[0], &parts[2]);
    ck_assert_int_eq(parts[0].count, all.count);
    ck_assert(parts[0].sum_ns == all.sum_ns); /* whole numbers below 2^53 */
    for (int i = 0; i < HISTOGRAM_BUCKETS; i++)
        ck_assert_int_eq(parts[0].buckets[i], all.buckets[i]);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {every_value_falls_into_the_bucket_that_holds_it,
                                  value_beyond_the_last_bucket_counts_there,
                                  quantiles_are_those_of_the_sorted_values,
                                  empty_histogram_has_zeros,
                                  merged_histograms_are_one_of_all_values,
                                  share_above_a_limit_is_that_of_the_values,
                                  NULL};
    return run_tests("load_histogram", tests);
}
