/* What several runs say together. */
#include <check.h>
#include <math.h>

#include "load/chance.h"
#include "load/estimate.h"
#include "tests/run_tests.h"

START_TEST(five_runs_have_students_interval)
{
    const double values[] = {1, 2, 3, 4, 5};
    const struct estimate estimate = estimate_of(values, 5);
    ck_assert(fabs(estimate.mean - 3) < 1e-12);
    ck_assert(fabs(estimate.error - 2.776 * sqrt(2.5) / sqrt(5)) < 1e-12);
}
END_TEST

START_TEST(one_run_has_no_error_that_is_known)
{
    const double value = 7;
    const struct estimate estimate = estimate_of(&value, 1);
    ck_assert(estimate.mean == 7 && estimate.error == 0);
}
END_TEST

START_TEST(limit_is_crossed_only_by_the_whole_interval)
{
    const struct estimate estimate = {.mean = 10, .error = 2};
    ck_assert_int_eq(estimate_is_above(&estimate, 7.9), 1);
    ck_assert_int_eq(estimate_is_above(&estimate, 8), 0);
    ck_assert_int_eq(estimate_is_above(&estimate, 11), 0);
    ck_assert_int_eq(estimate_is_below(&estimate, 12.1), 1);
    ck_assert_int_eq(estimate_is_below(&estimate, 12), 0);
    ck_assert_int_eq(estimate_is_below(&estimate, 9), 0);
}
END_TEST

/* The sum of twelve uniform numbers is all but normal. */
START_TEST(interval_holds_the_truth_in_95_of_100_cases)
{
    enum { CASES = 20000 };
    static const int runs[] = {2, 5, 10, 31, 40};
    for (size_t k = 0; k < sizeof runs / sizeof runs[0]; k++) {
        struct chance chance;
        int held = 0;
        chance_begin(&chance, 1, k);
        for (int i = 0; i < CASES; i++) {
            double values[40] = {0};
            for (int run = 0; run < runs[k]; run++)
                for (int part = 0; part < 12; part++)
                    values[run] += chance_unit(&chance);
            const struct estimate estimate = estimate_of(values, runs[k]);
            held += fabs(estimate.mean - 6) <= estimate.error;
        }
        ck_assert_msg(fabs((double)held / CASES - 0.95) < 0.008, "of %d runs: in %.1f %%", runs[k],
                      100.0 * held / CASES);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {five_runs_have_students_interval,
                                  one_run_has_no_error_that_is_known,
                                  limit_is_crossed_only_by_the_whole_interval,
                                  interval_holds_the_truth_in_95_of_100_cases, NULL};
    return run_tests("load_estimate", tests);
}
