/* JSON writing: exact text, and whatever goes in reads back. */
#include <check.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "kit/error.h"
#include "kit/json.h"
#include "kit/random.h"
#include "run_tests.h"

START_TEST(commas_stand_between_values_only)
{
    struct text text = {0};
    struct json_writer writer = json_writer(&text);
    json_open_object(&writer, NULL);
    json_open_array(&writer, "empty");
    json_close_array(&writer);
    json_open_array(&writer, "items");
    json_put_int64(&writer, NULL, 1);
    json_open_object(&writer, NULL);
    json_close_object(&writer);
    json_open_object(&writer, NULL);
    json_put_bool(&writer, "yes", 7);
    json_put_bool(&writer, "no", 0);
    json_close_object(&writer);
    json_close_array(&writer);
    json_put_null(&writer, "none");
    json_put_raw(&writer, "raw", "[1, 2]");
    json_put_time(&writer, "at", 1795339800123);
    json_close_object(&writer);
    ck_assert_str_eq(text_str(&text),
                     "{\"empty\":[],\"items\":[1,{},{\"yes\":true,\"no\":false}],\"none\":null,"
                     "\"raw\":[1, 2],\"at\":\"2026-11-22T09:30:00.123Z\"}");
    text_release(&text);
}
END_TEST

START_TEST(strings_are_escaped_where_they_must_be)
{
    const struct {
        const char *value;
        const char *json;
    } cases[] = {
        {"", "\"\""},
        {"plain /<>&'", "\"plain /<>&'\""},
        {"\"\\", "\"\\\"\\\\\""},
        {"\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\""},
        {"\x01\x1f\x7f", "\"\\u0001\\u001f\x7f\""},
        {"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", "\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\""},
        {"a\xFFz", "\"a\xEF\xBF\xBDz\""},
        {"cut \xE2\x82", "\"cut \xEF\xBF\xBD\xEF\xBF\xBD\""},
        {"\xED\xA0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct text text = {0};
        struct json_writer writer = json_writer(&text);
        json_put_string(&writer, NULL, cases[i].value);
        ck_assert_str_eq(text_str(&text), cases[i].json);
        text_release(&text);
    }
}
END_TEST

START_TEST(strings_of_any_length_fit)
{
    char value[1024];
    for (size_t length = 0; length < sizeof value; length++) {
        memset(value, 'x', sizeof value);
        value[length] = '\0';
        struct text text = {0};
        struct json_writer writer = json_writer(&text);
        json_put_string(&writer, NULL, value);
        ck_assert_uint_eq(text.length, length + 2);
        ck_assert_uint_eq(strlen(text.bytes), text.length);
        text_release(&text);
    }
}
END_TEST

START_TEST(names_are_escaped_like_values)
{
    struct text text = {0};
    struct json_writer writer = json_writer(&text);
    json_put_int64(&writer, "a\"\n", 1);
    ck_assert_str_eq(text_str(&text), "\"a\\\"\\n\":1");
    text_release(&text);
}
END_TEST

START_TEST(numbers_keep_every_digit)
{
    struct text text = {0};
    struct json_writer writer = json_writer(&text);
    json_open_array(&writer, NULL);
    json_put_int64(&writer, NULL, INT64_MAX);
    json_put_int64(&writer, NULL, INT64_MIN);
    json_put_int64(&writer, NULL, 9007199254740993);
    json_put_double(&writer, NULL, 0.1);
    json_put_double(&writer, NULL, -2.0);
    json_put_double(&writer, NULL, (double)NAN);
    json_put_double(&writer, NULL, (double)INFINITY);
    json_close_array(&writer);
    ck_assert_str_eq(text_str(&text), "[9223372036854775807,-9223372036854775808,9007199254740993,"
                                      "0.1,-2,null,null]");
    text_release(&text);
}
END_TEST

START_TEST(cents_have_two_decimals_and_their_sign)
{
    const struct {
        int64_t cents;
        const char *json;
    } cases[] = {{0, "0.00"},
                 {1, "0.01"},
                 {-1, "-0.01"},
                 {99, "0.99"},
                 {100, "1.00"},
                 {1990, "19.90"},
                 {-1005, "-10.05"},
                 {9999999999, "99999999.99"},
                 {INT64_MAX, "92233720368547758.07"},
                 {INT64_MIN, "-92233720368547758.08"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct text text = {0};
        struct json_writer writer = json_writer(&text);
        json_put_cents(&writer, NULL, cases[i].cents);
        ck_assert_str_eq(text_str(&text), cases[i].json);
        text_release(&text);
    }
}
END_TEST

START_TEST(random_strings_read_back_or_are_repaired)
{
    struct random_seeded seeded;
    struct random random = random_from_seed(&seeded, 21);
    for (int round = 0; round < 20000; round++) {
        /* ASCII in even rounds, which must come back the same; any byte in odd ones. */
        char value[40];
        size_t length = (size_t)random_below(&random, sizeof value);
        for (size_t i = 0; i < length; i++)
            value[i] = (char)(1 + random_below(&random, round % 2 == 0 ? 127 : 255));
        value[length] = '\0';
        struct text text = {0};
        struct json_writer writer = json_writer(&text);
        json_put_string(&writer, NULL, value);
        struct error err = {0};
        cJSON *root = json_parse(text.bytes, text.length, &err);
        ck_assert_msg(root != NULL, "%s: %s", text.bytes, err.text);
        if (round % 2 == 0)
            ck_assert_str_eq(root->valuestring, value);
        cJSON_Delete(root);
        text_release(&text);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {commas_stand_between_values_only,
                                  strings_are_escaped_where_they_must_be,
                                  strings_of_any_length_fit,
                                  names_are_escaped_like_values,
                                  numbers_keep_every_digit,
                                  cents_have_two_decimals_and_their_sign,
                                  random_strings_read_back_or_are_repaired,
                                  NULL};
    return run_tests("kit json writer", tests);
}
