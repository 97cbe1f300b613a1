/* SHA-256: the examples of FIPS 180-4 and its successor pages. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "kit/sha256.h"
#include "run_tests.h"

START_TEST(the_published_examples_come_out)
{
    const struct {
        const char *bytes;
        const char *text;
    } cases[] = {{"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
                 {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
                 {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[SHA256_TEXT_SIZE];
        sha256_text(cases[i].bytes, strlen(cases[i].bytes), text);
        ck_assert_str_eq(text, cases[i].text);
    }
}
END_TEST

START_TEST(every_byte_counts_a_nul_too)
{
    char one[SHA256_TEXT_SIZE];
    char other[SHA256_TEXT_SIZE];
    sha256_text("a\0b", 3, one);
    sha256_text("a\0c", 3, other);
    ck_assert_str_ne(one, other);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {the_published_examples_come_out, every_byte_counts_a_nul_too,
                                  NULL};
    return run_tests("kit sha256", tests);
}
