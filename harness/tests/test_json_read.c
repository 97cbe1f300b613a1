/*
 * The forgiving JSON readers: what is not there, or of another kind, is the empty value.
 */
#include <check.h>

#include "base/json_read.h"
#include "tests/run_tests.h"

static cJSON *tree(const char *json)
{
    struct text text = {0};
    text_add(&text, json);
    cJSON *root = json_of_text(&text);
    text_release(&text);
    return root;
}

START_TEST(members_of_the_right_kind_are_given)
{
    cJSON *root = tree("{\"id\":\"a\",\"count\":9007199254740991,\"part\":-1.5,"
                       "\"at\":\"2026-11-22T09:30:00.250Z\",\"list\":[1]}");
    ck_assert_str_eq(json_member_text(root, "id"), "a");
    ck_assert_int_eq(json_member_int64(root, "count"), 9007199254740991);
    ck_assert_int_eq(json_member_int64(root, "part"), -1);
    ck_assert_int_eq(json_member_time_ms(root, "at", 7), 1795339800250);
    ck_assert_int_eq(cJSON_GetArraySize(json_member(root, "list")), 1);
    cJSON_Delete(root);
}
END_TEST

START_TEST(everything_else_is_the_empty_value)
{
    static const char *const bodies[] = {
        "{}", "[]", "{\"x\":null}", "{\"x\":{}}", "{\"x\":true}", "{\"X\":\"a\"}", "no JSON"};
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        cJSON *root = tree(bodies[i]);
        ck_assert_str_eq(json_member_text(root, "x"), "");
        ck_assert_int_eq(json_member_int64(root, "x"), 0);
        ck_assert_int_eq(json_member_time_ms(root, "x", 7), 7);
        cJSON_Delete(root);
    }
}
END_TEST

START_TEST(numbers_and_texts_are_not_taken_for_each_other)
{
    cJSON *root = tree("{\"number\":12,\"text\":\"12\",\"huge\":1e300,\"at\":\"yesterday\"}");
    ck_assert_str_eq(json_member_text(root, "number"), "");
    ck_assert_int_eq(json_member_int64(root, "text"), 0);
    ck_assert_int_eq(json_member_int64(root, "huge"), 0);
    ck_assert_int_eq(json_member_time_ms(root, "at", 7), 7);
    cJSON_Delete(root);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {members_of_the_right_kind_are_given,
                                  everything_else_is_the_empty_value,
                                  numbers_and_texts_are_not_taken_for_each_other, NULL};
    return run_tests("json read", tests);
}
