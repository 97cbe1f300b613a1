/* Hexadecimal digits: both ways. */
#include <check.h>
#include <string.h>

#include "kit/hex.h"
#include "run_tests.h"

START_TEST(every_byte_is_a_digit_of_its_value_or_none)
{
    const char *const digits = "0123456789abcdefABCDEF";
    for (int byte = 0; byte < 256; byte++) {
        const char *found = byte == 0 ? NULL : strchr(digits, byte);
        int place = found == NULL ? -1 : (int)(found - digits);
        ck_assert_int_eq(hex_value((char)byte), place < 16 ? place : place - 6);
    }
}
END_TEST

START_TEST(the_lowest_digits_are_written_in_lower_case)
{
    const struct {
        uint64_t value;
        int digits;
        const char *text;
    } cases[] = {{0, 1, "0"},
                 {0xabc, 4, "0abc"},
                 {0xabcdef, 2, "ef"},
                 {UINT64_MAX, 16, "ffffffffffffffff"},
                 {0x0123456789abcdef, 16, "0123456789abcdef"},
                 {7, 0, ""}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[32];
        memset(text, '\0', sizeof text);
        char *end = hex_write(text, cases[i].value, cases[i].digits);
        ck_assert_str_eq(text, cases[i].text);
        ck_assert_ptr_eq(end, text + strlen(cases[i].text));
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {every_byte_is_a_digit_of_its_value_or_none,
                                  the_lowest_digits_are_written_in_lower_case, NULL};
    return run_tests("kit hex", tests);
}
