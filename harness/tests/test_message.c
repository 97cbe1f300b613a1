/* Probe messages: one way to write each, a column for each fault, and bytes at random. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/error.h"
#include "kit/random.h"
#include "probe/message.h"
#include "run_tests.h"

static struct message parse(const char *line)
{
    struct message message;
    struct error err = {0};
    ck_assert_msg(message_parse(line, &message, &err) == 0, "%s: %s", line, err.text);
    return message;
}

START_TEST(a_line_is_a_word_and_named_values)
{
    struct message message =
        parse("append  stream=o-1 expected=3 note=\"two words, a \\\"quote\\\" and \\x0a\\\\\" "
              "empty=\"\" plain=AZaz09_.:/+*@%,- q=\"\\xC3\xA9\"  ");
    ck_assert_str_eq(message.word, "append");
    ck_assert_int_eq(message.field_count, 6);
    ck_assert_str_eq(message_get(&message, "stream"), "o-1");
    ck_assert_str_eq(message_get(&message, "note"), "two words, a \"quote\" and \n\\");
    ck_assert_str_eq(message_get(&message, "empty"), "");
    ck_assert_str_eq(message_get(&message, "plain"), "AZaz09_.:/+*@%,-");
    ck_assert_str_eq(message_get(&message, "q"), "\xC3\xA9");
    ck_assert_ptr_null(message_get(&message, "Stream"));
    ck_assert_str_eq(message_get_or(&message, "absent", "else"), "else");
    ck_assert_str_eq(message_get_or(&message, "empty", "else"), "");
    message_release(&message);
    ck_assert_ptr_null(message_get(&message, "stream"));
}
END_TEST

START_TEST(the_first_of_two_equal_names_counts)
{
    struct message message = parse("w a=1 b=2 a=3");
    ck_assert_str_eq(message_get(&message, "a"), "1");
    ck_assert_str_eq(message.fields[2].value, "3");
    message_release(&message);
}
END_TEST

START_TEST(a_fault_is_reported_with_its_column)
{
    const struct {
        const char *line;
        const char *words;
    } cases[] = {{"", "Column 1 of the message: expected a word"},
                 {" word", "Column 1 "},
                 {"=", "Column 1 "},
                 {"\"word\"", "Column 1 "},
                 {"word=1", "Column 5 of the message: expected a space or the end"},
                 {"word\tx=1", "Column 5 "},
                 {"word x", "Column 7 of the message: expected = and a value"},
                 {"word x y=1", "Column 7 "},
                 {"word =1", "Column 6 of the message: expected a name"},
                 {"word x-y=1", "Column 7 "},
                 {"word x=", "Column 8 of the message: expected a value"},
                 {"word x= y=1", "Column 8 "},
                 {"word x==", "Column 8 "},
                 {"word x=a=b", "Column 9 of the message: expected a space"},
                 {"word x=a\"b\"", "Column 9 "},
                 {"word x=\xC3\xA9", "Column 8 "},
                 {"word x=\"", "Column 9 of the message: expected the closing quote"},
                 {"word x=\"a b", "Column 12 of the message: expected the closing quote"},
                 {"word x=\"a\"b", "Column 11 of the message: expected a space"},
                 {"word x=\"a\"y=1", "Column 11 "},
                 {"word x=\"a\tb\"", "Column 10 of the message: expected \\xNN"},
                 {"word x=\"\\", "Column 9 "},
                 {"word x=\"\\\"", "Column 11 of the message: expected the closing quote"},
                 {"word x=\"\\n\"", "Column 9 "},
                 {"word x=\"\\x\"", "Column 9 "},
                 {"word x=\"\\x1\"", "Column 9 "},
                 {"word x=\"\\x1", "Column 9 "},
                 {"word x=\"\\x1g\"", "Column 9 "},
                 {"word x=\"\\x00\"", "Column 9 "},
                 {"word x=1\n", "Column 9 "}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct message message;
        struct error err = {0};
        ck_assert_msg(message_parse(cases[i].line, &message, &err) == ERR_INVALID, "taken: %s",
                      cases[i].line);
        ck_assert_msg(strstr(err.text, cases[i].words) != NULL, "%s: '%s' is not in '%s'",
                      cases[i].line, cases[i].words, err.text);
        ck_assert_ptr_null(message.storage);
        message_release(&message); /* nothing to release, and no harm in it */
    }
}
END_TEST

START_TEST(fields_end_at_their_limit)
{
    struct text line = {0};
    message_begin(&line, "many");
    for (int i = 0; i < MESSAGE_FIELDS_MAX; i++) {
        char name[32];
        snprintf(name, sizeof name, "f%d", i);
        message_add_int64(&line, name, i);
    }
    struct message message = parse(line.bytes);
    ck_assert_int_eq(message.field_count, MESSAGE_FIELDS_MAX);
    ck_assert_str_eq(message_get(&message, "f1023"), "1023");
    message_release(&message);
    message_add(&line, "more", "1");
    struct error err = {0};
    ck_assert_int_eq(message_parse(line.bytes, &message, &err), ERR_LIMIT);
    ck_assert_str_eq(err.text, "The message has more than 1024 fields.");
    text_release(&line);
}
END_TEST

START_TEST(whole_numbers_are_read_strictly)
{
    const struct {
        const char *value;
        int result;
        int64_t number;
    } cases[] = {{"0", 0, 0},
                 {"-0", 0, 0},
                 {"42", 0, 42},
                 {"-42", 0, -42},
                 {"9223372036854775807", 0, INT64_MAX},
                 {"-9223372036854775808", 0, INT64_MIN},
                 {"9223372036854775808", ERR_INVALID, 77},
                 {"-9223372036854775809", ERR_INVALID, 77},
                 {"99999999999999999999999", ERR_INVALID, 77},
                 {"", ERR_INVALID, 77},
                 {"-", ERR_INVALID, 77},
                 {"+1", ERR_INVALID, 77},
                 {"--1", ERR_INVALID, 77},
                 {"1.0", ERR_INVALID, 77},
                 {"0x1", ERR_INVALID, 77},
                 {" 1", ERR_INVALID, 77},
                 {"1 ", ERR_INVALID, 77}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct text line = {0};
        message_begin(&line, "w");
        message_add(&line, "n", cases[i].value);
        struct message message = parse(line.bytes);
        int64_t number = 77;
        ck_assert_int_eq(message_get_int64(&message, "n", &number), cases[i].result);
        ck_assert_int_eq(number, cases[i].number);
        ck_assert_int_eq(message_get_int64(&message, "absent", &number), ERR_NOT_FOUND);
        message_release(&message);
        text_release(&line);
    }
}
END_TEST

START_TEST(values_are_quoted_only_where_they_must_be)
{
    struct text line = {0};
    text_add(&line, "left over");
    message_begin(&line, "ok");
    message_add(&line, "status", "PENDING");
    message_add(&line, "empty", "");
    message_add(&line, "text", "a \"b\" \\ \n\x7f \xC3\xA9");
    message_add_int64(&line, "n", INT64_MIN);
    ck_assert_str_eq(text_str(&line), "ok status=PENDING empty=\"\" "
                                      "text=\"a \\\"b\\\" \\\\ \\x0a\\x7f \xC3\xA9\" "
                                      "n=-9223372036854775808");
    text_release(&line);
}
END_TEST

START_TEST(any_values_come_back_as_they_were)
{
    enum { FIELDS = 5, VALUE_SIZE = 24 };
    struct random_seeded seeded;
    struct random random = random_from_seed(&seeded, 31);
    struct text line = {0};
    for (int round = 0; round < 20000; round++) {
        char values[FIELDS][VALUE_SIZE] = {""};
        message_begin(&line, "round");
        for (int field = 0; field < FIELDS; field++) {
            for (uint64_t i = random_below(&random, VALUE_SIZE); i > 0; i--)
                values[field][i - 1] = (char)(1 + random_below(&random, 255));
            char name[] = {'v', (char)('0' + field), '\0'};
            message_add(&line, name, values[field]);
        }
        struct message message;
        if (message_parse(line.bytes, &message, NULL) < 0 || message.field_count != FIELDS)
            ck_abort_msg("%s", line.bytes);
        for (int field = 0; field < FIELDS; field++) {
            if (strcmp(message.fields[field].value, values[field]) != 0)
                ck_abort_msg("field %d of %s", field, line.bytes);
        }
        message_release(&message);
    }
    text_release(&line);
}
END_TEST

/* A line of bytes that matter to the parser, with a few others. */
static void random_line(const struct random *random, char *line, size_t size)
{
    static const char SPICE[] = "aZ09_.-=  \"\"\\x1f\t\n\x7f\xC3";
    size_t length = (size_t)random_below(random, size);
    for (size_t i = 0; i < length; i++)
        line[i] = SPICE[random_below(random, sizeof SPICE - 1)];
    line[length] = '\0';
}

START_TEST(no_bytes_crash_the_parser_and_what_it_takes_can_be_written)
{
    struct random_seeded seeded;
    struct random random = random_from_seed(&seeded, 32);
    int taken = 0;
    for (int round = 0; round < 200000; round++) {
        char tail[24];
        random_line(&random, tail, sizeof tail);
        struct text line = {0};
        text_addf(&line, "%s%s", round % 2 == 0 ? "word a=1 b=\"x\" c=" : "word ", tail);
        struct message message;
        if (message_parse(line.bytes, &message, NULL) == 0) {
            taken++;
            struct text again = {0};
            message_begin(&again, message.word);
            for (int i = 0; i < message.field_count; i++)
                message_add(&again, message.fields[i].name, message.fields[i].value);
            struct message second;
            if (message_parse(again.bytes, &second, NULL) < 0 ||
                second.field_count != message.field_count) {
                ck_abort_msg("%s became %s", line.bytes, again.bytes);
            }
            for (int i = 0; i < message.field_count; i++) {
                if (strcmp(second.fields[i].value, message.fields[i].value) != 0)
                    ck_abort_msg("%s became %s", line.bytes, again.bytes);
            }
            message_release(&second);
            text_release(&again);
        }
        message_release(&message);
        text_release(&line);
    }
    ck_assert_int_gt(taken, 5000);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_line_is_a_word_and_named_values,
                                  the_first_of_two_equal_names_counts,
                                  a_fault_is_reported_with_its_column,
                                  fields_end_at_their_limit,
                                  whole_numbers_are_read_strictly,
                                  values_are_quoted_only_where_they_must_be,
                                  any_values_come_back_as_they_were,
                                  no_bytes_crash_the_parser_and_what_it_takes_can_be_written,
                                  NULL};
    return run_tests("kit message", tests);
}
