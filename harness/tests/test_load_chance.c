/* Chance in a simulation: the distributions, the streams, and bytes that never change. */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "load/chance.h"
#include "tests/run_tests.h"

START_TEST(same_seed_and_purpose_give_the_same_numbers)
{
    struct chance first, second, other_seed, other_purpose;
    int equal = 0;
    chance_begin(&first, 7, 1);
    chance_begin(&second, 7, 1);
    chance_begin(&other_seed, 8, 1);
    chance_begin(&other_purpose, 7, 2);
    for (int i = 0; i < 1000; i++) {
        const int64_t drawn = chance_exponential(&first, 1000000);
        ck_assert_int_eq(drawn, chance_exponential(&second, 1000000));
        equal += drawn == chance_exponential(&other_seed, 1000000);
        equal += drawn == chance_exponential(&other_purpose, 1000000);
    }
    ck_assert_int_lt(equal, 3);
}
END_TEST

/* A change here changes every simulated figure of the course. */
START_TEST(numbers_are_the_same_on_every_machine)
{
    static const int64_t drawn[] = {1809302, 1846021, 150143, 297956, 1108629, 872822,
                                    23218,   1313666, 946635, 521815, 656877,  268453};
    struct chance chance;
    chance_begin(&chance, 20261122, 3);
    for (size_t i = 0; i < sizeof drawn / sizeof drawn[0]; i++)
        ck_assert_int_eq(chance_exponential(&chance, 1000000), drawn[i]);
}
END_TEST

/* Kolmogorov's distance of a sample of a million: more than 1.95 / sqrt n comes once in a thousand,
   and the seed is fixed. */
static int by_value(const void *a, const void *b)
{
    const int64_t *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

START_TEST(exponential_times_have_their_distribution)
{
    enum { DRAWS = 1000000 };
    static const int64_t means[] = {1000000, INT64_C(5000000000), INT64_C(1) << 40};
    int64_t *drawn = malloc(DRAWS * sizeof *drawn);
    ck_assert_ptr_nonnull(drawn);
    for (size_t k = 0; k < sizeof means / sizeof means[0]; k++) {
        struct chance chance;
        double farthest = 0;
        chance_begin(&chance, 3, k);
        for (int i = 0; i < DRAWS; i++)
            drawn[i] = chance_exponential(&chance, means[k]);
        qsort(drawn, DRAWS, sizeof *drawn, by_value);
        for (int i = 0; i < DRAWS; i++) {
            const double theory = 1 - exp(-(double)drawn[i] / (double)means[k]);
            farthest = fmax(farthest, fabs(theory - (double)i / DRAWS));
        }
        ck_assert_msg(farthest < 1.95 / sqrt(DRAWS), "mean %lld: the distribution is %.5f off",
                      (long long)means[k], farthest);
    }
    free(drawn);
}
END_TEST

START_TEST(exponential_times_keep_to_their_range)
{
    struct chance chance;
    int64_t longest = 0;
    chance_begin(&chance, 4, 0);
    for (int i = 0; i < 100000; i++) { /* one ck_assert each: it writes to a pipe */
        const int64_t drawn = chance_exponential(&chance, CHANCE_MEAN_MAX);
        ck_assert(drawn >= 0 && drawn < INT64_C(1) << 62 && chance_exponential(&chance, 0) == 0 &&
                  chance_exponential(&chance, 1) < 64);
        longest = drawn > longest ? drawn : longest;
    }
    ck_assert_int_gt(longest, 8 * CHANCE_MEAN_MAX);
}
END_TEST

START_TEST(whole_numbers_are_all_equally_likely)
{
    enum { DRAWS = 60000 };
    struct chance chance;
    int seen[6] = {0};
    chance_begin(&chance, 5, 0);
    for (int i = 0; i < DRAWS; i++) {
        const uint32_t drawn = chance_below(&chance, 6);
        ck_assert(drawn < 6 && chance_below(&chance, 1) == 0 &&
                  chance_below(&chance, UINT32_MAX) < UINT32_MAX);
        seen[drawn]++;
    }
    for (int i = 0; i < 6; i++) /* 10,000 are expected, with a deviation of 91 */
        ck_assert_int_lt(abs(seen[i] - DRAWS / 6), 460);
}
END_TEST

/* Of 3 * 2^30 numbers a third would come twice as often as the rest, were the excess not dropped.
 */
START_TEST(whole_numbers_are_fair_where_the_bound_is_large)
{
    enum { DRAWS = 30000 };
    struct chance chance;
    int seen[3] = {0};
    chance_begin(&chance, 6, 0);
    for (int i = 0; i < DRAWS; i++)
        seen[chance_below(&chance, UINT32_C(3) << 30) % 3]++;
    for (int i = 0; i < 3; i++) /* 10,000 are expected, with a deviation of 82 */
        ck_assert_int_lt(abs(seen[i] - DRAWS / 3), 410);
}
END_TEST

START_TEST(units_fill_zero_to_one)
{
    enum { DRAWS = 100000 };
    struct chance chance;
    double sum = 0;
    chance_begin(&chance, 7, 0);
    for (int i = 0; i < DRAWS; i++) {
        const double drawn = chance_unit(&chance);
        ck_assert(drawn >= 0 && drawn < 1);
        sum += drawn;
    }
    ck_assert(fabs(sum / DRAWS - 0.5) < 0.005); /* five deviations of 0.0009 */
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {same_seed_and_purpose_give_the_same_numbers,
                                  numbers_are_the_same_on_every_machine,
                                  exponential_times_have_their_distribution,
                                  exponential_times_keep_to_their_range,
                                  whole_numbers_are_all_equally_likely,
                                  whole_numbers_are_fair_where_the_bound_is_large,
                                  units_fill_zero_to_one,
                                  NULL};
    return run_tests("load_chance", tests);
}
