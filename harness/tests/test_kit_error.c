/* Errors: codes, sentences and names. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "kit/error.h"
#include "run_tests.h"

START_TEST(error_set_returns_its_code_and_writes_the_sentence)
{
    struct error err = {"old"};
    ck_assert_int_eq(error_set(&err, ERR_CONFLICT, "version %d is not %d", 3, 4), ERR_CONFLICT);
    ck_assert_str_eq(err.text, "version 3 is not 4");
}
END_TEST

START_TEST(error_set_needs_no_struct)
{
    ck_assert_int_eq(error_set(NULL, ERR_IO, "nobody %s", "reads this"), ERR_IO);
}
END_TEST

START_TEST(a_long_sentence_is_cut_at_the_end)
{
    struct error err = {0};
    error_set(&err, ERR_IO, "%0300d", 7);
    ck_assert_uint_eq(strlen(err.text), sizeof err.text - 1);
}
END_TEST

START_TEST(the_old_sentence_may_be_part_of_the_new_one)
{
    struct error err = {"the disk is full"};
    error_set(&err, ERR_IO, "cannot save the order: %s", err.text);
    ck_assert_str_eq(err.text, "cannot save the order: the disk is full");
}
END_TEST

START_TEST(every_code_has_a_name_of_its_own)
{
    const struct {
        int code;
        const char *name;
    } cases[] = {{0, "ok"},
                 {ERR_INVALID, "invalid"},
                 {ERR_NOT_FOUND, "not found"},
                 {ERR_CONFLICT, "conflict"},
                 {ERR_REFUSED, "refused"},
                 {ERR_UNAVAILABLE, "unavailable"},
                 {ERR_IO, "io"},
                 {ERR_LIMIT, "limit"},
                 {ERR_CORRUPT, "corrupt"},
                 {ERR_EXISTS, "exists"},
                 {ERR_TODO, "todo"},
                 {1, "unknown error"},
                 {-99, "unknown error"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        ck_assert_str_eq(error_name(cases[i].code), cases[i].name);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {error_set_returns_its_code_and_writes_the_sentence,
                                  error_set_needs_no_struct,
                                  a_long_sentence_is_cut_at_the_end,
                                  the_old_sentence_may_be_part_of_the_new_one,
                                  every_code_has_a_name_of_its_own,
                                  NULL};
    return run_tests("kit error", tests);
}
