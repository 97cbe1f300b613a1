/* Configuration: a wrong value is named, never replaced. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/config.h"
#include "kit/error.h"
#include "run_tests.h"

static const char *const NAME = "SVCLAB_TEST_VALUE"; /* each test is a process of its own */

START_TEST(text_is_the_value_or_the_default)
{
    unsetenv(NAME);
    ck_assert_str_eq(config_text(NAME, "default"), "default");
    ck_assert_ptr_null(config_text(NAME, NULL));
    setenv(NAME, "", 1);
    ck_assert_str_eq(config_text(NAME, "default"), "default");
    setenv(NAME, " x ", 1);
    ck_assert_str_eq(config_text(NAME, "default"), " x ");
}
END_TEST

START_TEST(numbers_are_read_within_their_bounds)
{
    const struct {
        const char *value; /* NULL: not set */
        int64_t number;
    } cases[] = {{NULL, 8080}, {"", 8080}, {"-10", -10}, {"0", 0}, {"+7", 7}, {"65535", 65535}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        unsetenv(NAME);
        if (cases[i].value != NULL)
            setenv(NAME, cases[i].value, 1);
        int64_t number = 0;
        ck_assert_int_eq(config_int64(NAME, -10, 65535, 8080, &number, NULL), 0);
        ck_assert_int_eq(number, cases[i].number);
    }
}
END_TEST

START_TEST(a_wrong_number_is_an_error_that_names_its_variable)
{
    const char *const cases[] = {"-11",
                                 "65536",
                                 "80a",
                                 "eighty",
                                 " 80",
                                 "80 ",
                                 "1.5",
                                 "0x10",
                                 "-",
                                 "+",
                                 "99999999999999999999",
                                 "\n"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        setenv(NAME, cases[i], 1);
        int64_t number = 77;
        struct error err = {0};
        ck_assert_msg(config_int64(NAME, -10, 65535, 8080, &number, &err) == ERR_INVALID,
                      "taken: '%s'", cases[i]);
        ck_assert_int_eq(number, 77);
        char expected[128];
        snprintf(expected, sizeof expected,
                 "%s is '%s'. Set it to a whole number from -10 to 65535, or unset it for 8080.",
                 NAME, cases[i]);
        ck_assert_str_eq(err.text, expected);
    }
}
END_TEST

START_TEST(all_of_int64_may_be_asked_for)
{
    int64_t number = 0;
    setenv(NAME, "-9223372036854775808", 1);
    ck_assert_int_eq(config_int64(NAME, INT64_MIN, INT64_MAX, 0, &number, NULL), 0);
    ck_assert_int_eq(number, INT64_MIN);
    setenv(NAME, "9223372036854775807", 1);
    ck_assert_int_eq(config_int64(NAME, INT64_MIN, INT64_MAX, 0, &number, NULL), 0);
    ck_assert_int_eq(number, INT64_MAX);
    setenv(NAME, "9223372036854775808", 1);
    ck_assert_int_eq(config_int64(NAME, INT64_MIN, INT64_MAX, 0, &number, NULL), ERR_INVALID);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        text_is_the_value_or_the_default, numbers_are_read_within_their_bounds,
        a_wrong_number_is_an_error_that_names_its_variable, all_of_int64_may_be_asked_for, NULL};
    return run_tests("kit config", tests);
}
