/* Growing text: what is appended is there, ends with a NUL, and numbers are exact. */
#include <check.h>
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kit/random.h"
#include "kit/text.h"
#include "run_tests.h"

START_TEST(an_empty_text_reads_as_an_empty_string)
{
    struct text text = {0};
    ck_assert_str_eq(text_str(&text), "");
    text_release(&text);
    text_release(&text);
    ck_assert_str_eq(text_str(&text), "");
}
END_TEST

START_TEST(what_is_appended_piece_by_piece_is_all_there)
{
    struct text text = {0};
    for (int round = 0; round < 5000; round++) {
        text_append(&text, "abcdefg", (size_t)round % 8);
        ck_assert_uint_lt(text.length, text.capacity);
        ck_assert_int_eq(text.bytes[text.length], '\0');
    }
    ck_assert_uint_eq(text.length, 5000 / 8 * 28);
    ck_assert_uint_eq(strlen(text_str(&text)), text.length);
    text_release(&text);
}
END_TEST

START_TEST(any_byte_may_be_appended)
{
    struct text text = {0};
    text_append(&text, "a\0b", 3);
    text_add(&text, "c");
    ck_assert_uint_eq(text.length, 4);
    ck_assert_mem_eq(text.bytes, "a\0bc", 5);
    text_release(&text);
}
END_TEST

START_TEST(a_formatted_piece_of_any_length_fits)
{
    for (int width = 1; width < 1000; width++) {
        struct text text = {0};
        text_add(&text, "<");
        text_addf(&text, "%0*d", width, 7);
        text_add(&text, ">");
        ck_assert_uint_eq(text.length, (size_t)width + 2);
        ck_assert_uint_eq(strlen(text.bytes), text.length);
        ck_assert_str_eq(text.bytes + width, "7>");
        text_release(&text);
    }
}
END_TEST

START_TEST(room_can_be_written_to_and_counted)
{
    struct text text = {0};
    for (size_t extra = 0; extra < 600; extra++) {
        char *end = text_room(&text, extra);
        memset(end, 'x', extra); /* AddressSanitizer would see a byte too few */
        end[extra] = '\0';
        text.length += extra;
    }
    ck_assert_uint_eq(strlen(text_str(&text)), 600 / 2 * 599);
    text_release(&text);
}
END_TEST

START_TEST(more_than_memory_can_hold_ends_the_process)
{
    pid_t child = fork();
    if (child == 0) {
        close(STDERR_FILENO); /* its sentence is expected */
        struct text text = {0};
        text_add(&text, "some");
        text_room(&text, SIZE_MAX - 2);
        _exit(0);
    }
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "status %x",
                  (unsigned)status);
}
END_TEST

START_TEST(clearing_keeps_the_memory)
{
    struct text text = {0};
    text_clear(&text);
    text_add(&text, "something");
    const char *bytes = text.bytes;
    text_clear(&text);
    ck_assert_str_eq(text_str(&text), "");
    ck_assert_ptr_eq(text.bytes, bytes);
    text_release(&text);
}
END_TEST

START_TEST(detached_bytes_belong_to_the_caller)
{
    struct text text = {0};
    char *nothing = text_detach(&text);
    ck_assert_str_eq(nothing, "");
    free(nothing);

    text_add(&text, "mine");
    char *bytes = text_detach(&text);
    ck_assert_uint_eq(text.length, 0);
    text_add(&text, "new");
    ck_assert_str_eq(bytes, "mine");
    ck_assert_str_eq(text_str(&text), "new");
    free(bytes);
    text_release(&text);
}
END_TEST

START_TEST(whole_numbers_are_written_as_printf_writes_them)
{
    struct random_seeded seeded;
    struct random random = random_from_seed(&seeded, 1);
    const int64_t edges[] = {0, 1, -1, 9, 10, -10, 99, 100, INT64_MAX, INT64_MIN, INT64_MIN + 1};
    const size_t edge_count = sizeof edges / sizeof edges[0];
    struct text text = {0};
    for (size_t i = 0; i < 100000; i++) {
        int64_t value = i < edge_count ? edges[i]
                                       : (int64_t)random_below(&random, RANDOM_BOUND_MAX) -
                                             (int64_t)(RANDOM_BOUND_MAX >> (i % 50));
        char expected[32];
        snprintf(expected, sizeof expected, "%" PRId64, value);
        text_clear(&text);
        text_add_int64(&text, value);
        ck_assert_str_eq(text_str(&text), expected);
    }
    text_release(&text);
}
END_TEST

START_TEST(a_double_gets_its_shortest_text)
{
    const struct {
        double value;
        const char *text;
    } cases[] = {{0.0, "0"},
                 {1.0, "1"},
                 {-3.0, "-3"},
                 {0.1, "0.1"},
                 {0.1 + 0.2, "0.30000000000000004"},
                 {1e300, "1e+300"},
                 {5e-324, "4.94065645841247e-324"},
                 {123456789012.0, "123456789012"},
                 {9007199254740991.0, "9007199254740991"},
                 {(double)NAN, "NaN"},
                 {(double)INFINITY, "+Inf"},
                 {-(double)INFINITY, "-Inf"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct text text = {0};
        text_add_double(&text, cases[i].value);
        ck_assert_str_eq(text_str(&text), cases[i].text);
        text_release(&text);
    }
}
END_TEST

START_TEST(every_double_reads_back_as_itself)
{
    struct random_seeded seeded;
    struct random random = random_from_seed(&seeded, 2);
    struct text text = {0};
    for (int round = 0; round < 100000; round++) {
        double value = ldexp(random_unit(&random) - 0.5, (int)random_below(&random, 2000) - 1000);
        text_clear(&text);
        text_add_double(&text, value);
        ck_assert_msg(strtod(text_str(&text), NULL) == value, "%a became %s", value,
                      text_str(&text));
    }
    text_release(&text);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {an_empty_text_reads_as_an_empty_string,
                                  what_is_appended_piece_by_piece_is_all_there,
                                  any_byte_may_be_appended,
                                  a_formatted_piece_of_any_length_fits,
                                  room_can_be_written_to_and_counted,
                                  more_than_memory_can_hold_ends_the_process,
                                  clearing_keeps_the_memory,
                                  detached_bytes_belong_to_the_caller,
                                  whole_numbers_are_written_as_printf_writes_them,
                                  a_double_gets_its_shortest_text,
                                  every_double_reads_back_as_itself,
                                  NULL};
    return run_tests("kit text", tests);
}
