/* UTF-8: all of Unicode is taken, and every other sequence of bytes is not. */
#include <check.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "kit/utf8.h"
#include "run_tests.h"

/* Writes the code point in `size` bytes, also where that is not allowed. */
static void encode(uint32_t code, size_t size, char *bytes)
{
    static const unsigned char LEADS[] = {0, 0x00, 0xC0, 0xE0, 0xF0};
    for (size_t place = size - 1; place > 0; place--) {
        bytes[place] = (char)(0x80 | (code & 0x3F));
        code >>= 6;
    }
    bytes[0] = (char)(LEADS[size] | code);
}

static size_t right_size(uint32_t code)
{
    return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

START_TEST(every_character_of_unicode_is_taken_and_no_surrogate)
{
    for (uint32_t code = 0; code <= 0x10FFFF; code++) {
        char bytes[4];
        size_t size = right_size(code);
        encode(code, size, bytes);
        size_t expected = code >= 0xD800 && code <= 0xDFFF ? 0 : size;
        /* Not ck_assert: Check writes a mark at each, and a million of them take ten seconds. */
        if (utf8_character(bytes, 4) != expected || utf8_character(bytes, size - 1) != 0)
            ck_abort_msg("U+%04X or a cut one", code);
    }
}
END_TEST

START_TEST(overlong_forms_are_refused)
{
    for (uint32_t code = 0; code < 0x10000; code++) {
        for (size_t size = right_size(code) + 1; size <= 4; size++) {
            char bytes[4];
            encode(code, size, bytes);
            if (utf8_character(bytes, 4) != 0)
                ck_abort_msg("U+%04X in %zu bytes", code, size);
        }
    }
}
END_TEST

START_TEST(stray_and_impossible_bytes_are_refused)
{
    const char *const cases[] = {
        "\x80",         "\xBF",          "\xC0\x80",         "\xC1\xBF",
        "\xC3(",        "\xC3\xC3",      "\xE2\x82(",        "\xE2(\xA1",
        "\xF0\x9F\x98", "\xF0\x9F(\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80",
        "\xFE",         "\xFF"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        ck_assert_msg(utf8_character(cases[i], strlen(cases[i])) == 0, "case %zu", i);
    ck_assert_uint_eq(utf8_character("", 0), 0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {every_character_of_unicode_is_taken_and_no_surrogate,
                                  overlong_forms_are_refused,
                                  stray_and_impossible_bytes_are_refused, NULL};
    return run_tests("kit utf8", tests);
}
