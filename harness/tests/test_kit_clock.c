/* Time: the calendar against the C library's, and a parser that takes nothing else. */
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "kit/clock.h"
#include "kit/error.h"
#include "run_tests.h"

static const int64_t YEAR_0_MS = -62167219200000;
static const int64_t YEAR_9999_END_MS = 253402300799999;

START_TEST(known_moments_are_written_right)
{
    const struct {
        int64_t wall_ms;
        const char *text;
    } cases[] = {{0, "1970-01-01T00:00:00.000Z"},
                 {-1, "1969-12-31T23:59:59.999Z"},
                 {951782400000, "2000-02-29T00:00:00.000Z"},
                 {1795339800123, "2026-11-22T09:30:00.123Z"},
                 {4107542399999, "2100-02-28T23:59:59.999Z"},
                 {4107542400000, "2100-03-01T00:00:00.000Z"},
                 {YEAR_0_MS, "0000-01-01T00:00:00.000Z"},
                 {YEAR_9999_END_MS, "9999-12-31T23:59:59.999Z"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[TIME_TEXT_SIZE];
        time_format(cases[i].wall_ms, text);
        ck_assert_str_eq(text, cases[i].text);
    }
}
END_TEST

START_TEST(moments_outside_four_digit_years_become_the_nearest_end)
{
    char text[TIME_TEXT_SIZE];
    time_format(YEAR_0_MS - 1, text);
    ck_assert_str_eq(text, "0000-01-01T00:00:00.000Z");
    time_format(INT64_MIN, text);
    ck_assert_str_eq(text, "0000-01-01T00:00:00.000Z");
    time_format(YEAR_9999_END_MS + 1, text);
    ck_assert_str_eq(text, "9999-12-31T23:59:59.999Z");
    time_format(INT64_MAX, text);
    ck_assert_str_eq(text, "9999-12-31T23:59:59.999Z");
}
END_TEST

START_TEST(ten_thousand_years_agree_with_the_c_library_and_read_back)
{
    const int64_t step_ms = 5 * 86400000 + 3661001; /* meets every day of the year at every hour */
    for (int64_t wall_ms = YEAR_0_MS; wall_ms <= YEAR_9999_END_MS; wall_ms += step_ms) {
        int64_t ms = (wall_ms - YEAR_0_MS) % 1000;
        time_t seconds = (time_t)((wall_ms - ms) / 1000);
        struct tm tm;
        char expected[80];
        char text[TIME_TEXT_SIZE];
        gmtime_r(&seconds, &tm);
        snprintf(expected, sizeof expected, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
                 tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
                 (int)ms);
        time_format(wall_ms, text);
        int64_t again_ms = 0;
        int result = time_parse(text, &again_ms, NULL);
        /* Check writes a mark at each assertion; half a million of them would take ten seconds. */
        if (strcmp(text, expected) != 0 || result != 0 || again_ms != wall_ms)
            ck_abort_msg("%s is written %s and read as %lld", expected, text, (long long)again_ms);
    }
}
END_TEST

START_TEST(what_time_format_would_not_write_is_refused)
{
    const char *const cases[] = {"",
                                 "2026",
                                 "2026-11-22",
                                 "2026-11-22T09:30:00Z",
                                 "2026-11-22T09:30:00.000",
                                 "2026-11-22T09:30:00.000z",
                                 "2026-11-22t09:30:00.000Z",
                                 "2026-11-22 09:30:00.000Z",
                                 "2026-11-22T09:30:00.000Z ",
                                 " 2026-11-22T09:30:00.000Z",
                                 "2026-11-22T09:30:00.000+00:00",
                                 "2026-11-22T09:30:00,000Z",
                                 "2026-00-22T09:30:00.000Z",
                                 "2026-13-22T09:30:00.000Z",
                                 "9999-13-01T09:30:00.000Z",
                                 "2026-11-00T09:30:00.000Z",
                                 "2026-11-31T09:30:00.000Z",
                                 "2026-02-29T09:30:00.000Z",
                                 "2100-02-29T09:30:00.000Z",
                                 "2026-11-22T24:00:00.000Z",
                                 "2026-11-22T09:60:00.000Z",
                                 "2026-11-22T09:30:60.000Z",
                                 "-026-11-22T09:30:00.000Z",
                                 "2026-11-2\xb2T09:30:00.000Z"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error err = {0};
        int64_t wall_ms = 77;
        ck_assert_msg(time_parse(cases[i], &wall_ms, &err) == ERR_INVALID, "taken: %s", cases[i]);
        ck_assert_int_eq(wall_ms, 77);
        ck_assert_msg(strstr(err.text, "is not a time") != NULL, "said: %s", err.text);
    }
}
END_TEST

START_TEST(the_system_clock_never_goes_back)
{
    struct clock clock = clock_system();
    struct moment before = clock_now(&clock);
    ck_assert_int_gt(before.wall_ms, 1700000000000);
    for (int round = 0; round < 1000; round++) {
        struct moment now = clock_now(&clock);
        ck_assert_int_ge(now.mono_ms, before.mono_ms);
        before = now;
    }
}
END_TEST

START_TEST(time_that_passed_is_never_negative_nor_more_than_an_hour)
{
    static const struct {
        int64_t seen_ms, now_ms, passed_ms;
    } cases[] = {{1000, 1000, 0},
                 {1000, 999, 0},
                 {1000, 1001, 1},
                 {-5, 5, 10},
                 {0, TIME_STEP_MAX_MS, TIME_STEP_MAX_MS},
                 {0, TIME_STEP_MAX_MS + 1, TIME_STEP_MAX_MS},
                 {INT64_MIN, INT64_MAX, TIME_STEP_MAX_MS},
                 {INT64_MAX, INT64_MIN, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        ck_assert_int_eq(time_passed_ms(cases[i].seen_ms, cases[i].now_ms), cases[i].passed_ms);
}
END_TEST

START_TEST(milliseconds_and_nanoseconds_are_of_one_clock)
{
    struct clock clock = clock_system();
    for (int round = 0; round < 1000; round++) {
        int64_t before_ms = monotonic_ms(), now_ns = monotonic_ns();
        int64_t mono_ms = clock_now(&clock).mono_ms, after_ms = monotonic_ms();
        ck_assert_int_le(before_ms, now_ns / 1000000);
        ck_assert_int_le(now_ns / 1000000, mono_ms);
        ck_assert_int_le(mono_ms, after_ms);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {known_moments_are_written_right,
                                  moments_outside_four_digit_years_become_the_nearest_end,
                                  ten_thousand_years_agree_with_the_c_library_and_read_back,
                                  what_time_format_would_not_write_is_refused,
                                  the_system_clock_never_goes_back,
                                  time_that_passed_is_never_negative_nor_more_than_an_hour,
                                  milliseconds_and_nanoseconds_are_of_one_clock,
                                  NULL};
    return run_tests("kit clock", tests);
}
