/* Chance: the published numbers of the generators, their range, and the system's source. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "kit/random.h"
#include "run_tests.h"

START_TEST(the_generator_gives_the_published_numbers)
{
    /* xoshiro256** from the state 1, 2, 3, 4: the reference program's first outputs. */
    const uint64_t outputs[] = {11520U,
                                0U,
                                1509978240U,
                                1215971899390074240U,
                                1216172134540287360U,
                                607988272756665600U,
                                16172922978634559625U,
                                8476171486693032832U,
                                10595114339597558777U,
                                2904607092377533576U};
    struct random_seeded seeded;
    struct random random = random_from_seed(&seeded, 0);
    const uint64_t state[4] = {1, 2, 3, 4};
    memcpy(seeded.state, state, sizeof state);
    for (size_t i = 0; i < sizeof outputs / sizeof outputs[0]; i++) {
        double expected = ldexp((double)(outputs[i] >> 11), -53);
        double got = random_unit(&random);
        ck_assert_msg(got == expected, "output %zu is %a, not %a", i, got, expected);
    }
    memcpy(seeded.state, state, sizeof state);
    for (size_t i = 0; i < sizeof outputs / sizeof outputs[0]; i++)
        ck_assert_uint_eq(random_seeded_bits(&seeded), outputs[i]);
}
END_TEST

START_TEST(a_seed_is_spread_by_splitmix64)
{
    /* splitmix64 from 1234567: the first outputs of the reference program. */
    const uint64_t state[4] = {6457827717110365317U, 3203168211198807973U, 9817491932198370423U,
                               4593380528125082431U};
    struct random_seeded seeded;
    random_from_seed(&seeded, 1234567);
    for (size_t i = 0; i < 4; i++)
        ck_assert_uint_eq(seeded.state[i], state[i]);
}
END_TEST

START_TEST(the_same_seed_gives_the_same_numbers)
{
    struct random_seeded first_storage;
    struct random_seeded second_storage;
    struct random_seeded other_storage;
    struct random first = random_from_seed(&first_storage, 42);
    struct random second = random_from_seed(&second_storage, 42);
    struct random other = random_from_seed(&other_storage, 43);
    int equal_to_other = 0;
    for (int round = 0; round < 1000; round++) {
        double value = random_unit(&first);
        ck_assert(value == random_unit(&second));
        equal_to_other += value == random_unit(&other);
    }
    ck_assert_int_le(equal_to_other, 1);
}
END_TEST

START_TEST(units_fill_zero_to_one_evenly)
{
    struct random_seeded seeded;
    const struct random sources[] = {random_from_seed(&seeded, 7), random_system()};
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
        enum { DRAWS = 20000, BINS = 10 };
        int bins[BINS] = {0};
        for (int draw = 0; draw < DRAWS; draw++) {
            double value = random_unit(&sources[i]);
            ck_assert(value >= 0.0 && value < 1.0);
            bins[(int)(value * BINS)]++;
        }
        for (int bin = 0; bin < BINS; bin++) {
            /* 2,000 are expected with a deviation of 42: eight of them never happen by chance. */
            ck_assert_int_gt(bins[bin], 1650);
            ck_assert_int_lt(bins[bin], 2350);
        }
    }
}
END_TEST

static double highest_unit(void *context)
{
    (void)context;
    return 1.0 - 0x1p-53;
}

START_TEST(a_bounded_number_stays_below_its_bound)
{
    struct random highest = {.unit = highest_unit};
    for (uint64_t bound = 1; bound <= RANDOM_BOUND_MAX / 3; bound = bound * 3 - bound / 2)
        ck_assert_uint_eq(random_below(&highest, bound), bound - 1);
    ck_assert_uint_eq(random_below(&highest, RANDOM_BOUND_MAX), RANDOM_BOUND_MAX - 1);
}
END_TEST

START_TEST(a_bounded_number_reaches_every_value)
{
    struct random_seeded seeded;
    struct random random = random_from_seed(&seeded, 3);
    int seen[6] = {0};
    for (int draw = 0; draw < 600; draw++)
        seen[random_below(&random, 6)]++;
    for (int value = 0; value < 6; value++)
        ck_assert_int_gt(seen[value], 50);
}
END_TEST

START_TEST(random_bytes_fill_exactly_what_was_asked)
{
    unsigned char bytes[1024] = {0};
    random_bytes(bytes, 0);
    random_bytes(bytes + 8, 1000);
    int zeros = 0;
    for (size_t i = 0; i < sizeof bytes; i++) {
        int outside = i < 8 || i >= 1008;
        ck_assert(!outside || bytes[i] == 0);
        zeros += !outside && bytes[i] == 0;
    }
    ck_assert_int_lt(zeros, 40);
}
END_TEST

START_TEST(a_stock_gives_each_number_once)
{
    enum { DRAWS = 1000 }; /* several fillings */
    struct random_stock stock;
    struct random random = random_from_stock(&stock);
    static double seen[DRAWS];
    int large = 0;
    for (int i = 0; i < DRAWS; i++) {
        seen[i] = random_unit(&random);
        ck_assert(seen[i] >= 0 && seen[i] < 1);
        large += seen[i] >= 0.5;
        for (int k = 0; k < i; k++)
            ck_assert(seen[k] != seen[i]);
    }
    ck_assert_int_gt(large, DRAWS / 3);
    ck_assert_int_lt(large, DRAWS * 2 / 3);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {the_generator_gives_the_published_numbers,
                                  a_seed_is_spread_by_splitmix64,
                                  the_same_seed_gives_the_same_numbers,
                                  units_fill_zero_to_one_evenly,
                                  a_bounded_number_stays_below_its_bound,
                                  a_bounded_number_reaches_every_value,
                                  random_bytes_fill_exactly_what_was_asked,
                                  a_stock_gives_each_number_once,
                                  NULL};
    return run_tests("kit random", tests);
}
