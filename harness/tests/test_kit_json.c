/* JSON reading: each member by its rule, every error with its path, and exact money. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/error.h"
#include "kit/json.h"
#include "kit/random.h"
#include "run_tests.h"

static cJSON *parse(const char *json)
{
    struct error err = {0};
    cJSON *root = json_parse(json, strlen(json), &err);
    ck_assert_msg(root != NULL, "%s: %s", json, err.text);
    return root;
}

/* --- members --------------------------------------------------------------------------------- */

static const char *const BODY =
    "{\"name\":\"\xC3\xA9t\xC3\xA9\",\"quantity\":3,\"price\":19.9,\"big\":9007199254740991,"
    "\"huge\":9007199254740992,\"half\":0.5,\"more\":1.5,\"empty\":\"\",\"none\":null,\"yes\":true,"
    "\"no\":false,"
    "\"endless\":1e400,\"items\":[{\"n\":1},{\"n\":\"x\"},7],\"inner\":{\"n\":1}}";

START_TEST(right_members_are_read)
{
    struct json_errors errors = {0};
    cJSON *root = parse(BODY);
    struct json_reader reader = json_reader(root, &errors);
    ck_assert_str_eq(json_string(&reader, "name", 5, 5), "\xC3\xA9t\xC3\xA9");
    ck_assert_str_eq(json_string_or(&reader, "name", 5, "no"), "\xC3\xA9t\xC3\xA9");
    ck_assert_str_eq(json_string_or(&reader, "none", 5, "else"), "else");
    ck_assert_str_eq(json_string_or(&reader, "absent", 5, "else"), "else");
    ck_assert_ptr_null(json_string_or(&reader, "absent", 5, NULL));
    ck_assert_int_eq(json_int64(&reader, "quantity", 3, 3), 3);
    ck_assert_int_eq(json_int64(&reader, "big", INT64_MIN, INT64_MAX), 9007199254740991);
    ck_assert_int_eq(json_int64_or(&reader, "quantity", 1, 9, 5), 3);
    ck_assert_int_eq(json_int64_or(&reader, "absent", 1, 9, 5), 5);
    ck_assert_int_eq(json_int64_or(&reader, "none", 1, 9, 5), 5);
    ck_assert_int_eq(json_cents(&reader, "price", 0, 1990), 1990);
    ck_assert_int_eq(json_cents(&reader, "half", 50, 50), 50);
    ck_assert_int_eq(json_bool_or(&reader, "yes", 0), 1);
    ck_assert_int_eq(json_bool_or(&reader, "no", 1), 0);
    ck_assert_int_eq(json_bool_or(&reader, "absent", 1), 1);
    ck_assert_int_eq(json_array(&reader, "items", 1, 3), 3);
    struct json_reader element = json_element(&reader, "items", 0);
    ck_assert_int_eq(json_int64(&element, "n", 1, 1), 1);
    ck_assert_int_eq(errors.count, 0);
    cJSON_Delete(root);
}
END_TEST

static void read_string(struct json_reader *reader, const char *name)
{
    ck_assert_str_eq(json_string(reader, name, 1, 4), "");
}
static void read_string_or(struct json_reader *reader, const char *name)
{
    ck_assert_str_eq(json_string_or(reader, name, 4, "else"), "");
}
static void read_int64(struct json_reader *reader, const char *name)
{
    ck_assert_int_eq(json_int64(reader, name, 1, 2), 0);
}
static void read_any_int64(struct json_reader *reader, const char *name)
{
    ck_assert_int_eq(json_int64(reader, name, INT64_MIN, INT64_MAX), 0);
}
static void read_cents(struct json_reader *reader, const char *name)
{
    ck_assert_int_eq(json_cents(reader, name, -5, 1000), 0);
}
static void read_bool(struct json_reader *reader, const char *name)
{
    ck_assert_int_eq(json_bool_or(reader, name, 0), 0);
}
static void read_array(struct json_reader *reader, const char *name)
{
    ck_assert_int_eq(json_array(reader, name, 1, 2), 0);
}

START_TEST(wrong_members_are_named_with_their_rule)
{
    const char *const text_rule = "must be text of 1 to 4 bytes";
    const char *const int_rule = "must be a whole number from 1 to 2";
    const char *const any_rule =
        "must be a whole number from -9007199254740991 to 9007199254740991";
    const char *const cents_rule =
        "must be an amount from -0.05 to 10.00 with at most two decimals";
    const char *const array_rule = "must be a list of 1 to 2 elements";
    const struct {
        void (*read)(struct json_reader *, const char *);
        const char *name;
        const char *reason;
    } cases[] = {{read_string, "absent", "is required"},
                 {read_string, "name", text_rule},
                 {read_string, "empty", text_rule},
                 {read_string, "quantity", text_rule},
                 {read_string, "none", text_rule},
                 {read_string, "NAME", "is required"},
                 {read_string_or, "name", "must be text of 0 to 4 bytes"},
                 {read_string_or, "yes", "must be text of 0 to 4 bytes"},
                 {read_int64, "absent", "is required"},
                 {read_int64, "quantity", int_rule},
                 {read_int64, "half", int_rule},
                 {read_int64, "more", int_rule},
                 {read_int64, "name", int_rule},
                 {read_int64, "yes", int_rule},
                 {read_int64, "none", int_rule},
                 {read_any_int64, "huge", any_rule},
                 {read_any_int64, "endless", any_rule},
                 {read_cents, "absent", "is required"},
                 {read_cents, "price", cents_rule},
                 {read_cents, "name", cents_rule},
                 {read_cents, "endless", cents_rule},
                 {read_bool, "quantity", "must be true or false"},
                 {read_array, "absent", "is required"},
                 {read_array, "items", array_rule},
                 {read_array, "inner", array_rule}};
    cJSON *root = parse(BODY);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct json_errors errors = {0};
        struct json_reader reader = json_reader(root, &errors);
        cases[i].read(&reader, cases[i].name);
        ck_assert_int_eq(errors.count, 1);
        ck_assert_str_eq(errors.fields[0].path, cases[i].name);
        ck_assert_str_eq(errors.fields[0].reason, cases[i].reason);
    }
    cJSON_Delete(root);
}
END_TEST

START_TEST(paths_lead_from_the_root_to_the_member)
{
    cJSON *root = parse(BODY);
    struct json_errors errors = {0};
    struct json_reader reader = json_reader(root, &errors);
    for (int i = 0; i < json_array(&reader, "items", 0, 9); i++) {
        struct json_reader element = json_element(&reader, "items", i);
        json_int64(&element, "n", 1, 9);
        json_int64(&element, "deeper", 1, 9);
    }
    struct json_reader second = json_element(&reader, "items", 1);
    json_wrong(&second, NULL, "is not to our taste");
    const struct json_field_error expected[] = {
        {"items[0].deeper", "is required"},
        {"items[1].n", "must be a whole number from 1 to 9"},
        {"items[1].deeper", "is required"},
        {"items[2]", "must be an object"}, /* and nothing about the members it cannot have */
        {"items[1]", "is not to our taste"}};
    ck_assert_int_eq(errors.count, 5);
    for (int i = 0; i < errors.count; i++) {
        ck_assert_str_eq(errors.fields[i].path, expected[i].path);
        ck_assert_str_eq(errors.fields[i].reason, expected[i].reason);
    }
    cJSON_Delete(root);
}
END_TEST

START_TEST(long_names_are_cut_in_paths)
{
    char name[200];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    struct text json = {0};
    text_addf(&json, "{\"%s\":[{}]}", name);
    cJSON *root = parse(json.bytes);
    struct json_errors errors = {0};
    struct json_reader reader = json_reader(root, &errors);
    struct json_reader element = json_element(&reader, name, 0);
    json_int64(&element, name, 0, 1);
    json_wrong(&element, NULL, name);
    ck_assert_int_eq(errors.count, 2);
    ck_assert_uint_eq(strlen(errors.fields[0].path), sizeof errors.fields[0].path - 1);
    ck_assert_str_eq(errors.fields[1].path + strlen(errors.fields[1].path) - 4, "x[0]");
    ck_assert_uint_eq(strlen(errors.fields[1].reason), sizeof errors.fields[1].reason - 1);
    cJSON_Delete(root);
    text_release(&json);
}
END_TEST

START_TEST(a_root_that_is_no_object_is_one_error)
{
    const char *const roots[] = {"[]", "7", "\"x\"", "null"};
    for (size_t i = 0; i < sizeof roots / sizeof roots[0]; i++) {
        cJSON *root = parse(roots[i]);
        struct json_errors errors = {0};
        struct json_reader reader = json_reader(root, &errors);
        ck_assert_str_eq(json_string(&reader, "a", 1, 2), "");
        ck_assert_int_eq(json_int64(&reader, "a", 1, 2), 0);
        ck_assert_int_eq(json_cents(&reader, "a", 1, 2), 0);
        ck_assert_int_eq(json_array(&reader, "a", 1, 2), 0);
        ck_assert_int_eq(json_int64_or(&reader, "a", 1, 2, 8), 8);
        struct json_reader element = json_element(&reader, "a", 0);
        json_string(&element, "b", 1, 2);
        json_no_other_fields(&reader, (const char *const[]){NULL});
        ck_assert_int_eq(errors.count, 1);
        ck_assert_str_eq(errors.fields[0].path, "");
        ck_assert_str_eq(errors.fields[0].reason, "must be an object");
        cJSON_Delete(root);
    }
}
END_TEST

START_TEST(unknown_members_are_named_when_asked_for)
{
    cJSON *root = parse("{\"a\":1,\"B\":2,\"b\":3,\"c\":4}");
    struct json_errors errors = {0};
    struct json_reader reader = json_reader(root, &errors);
    json_no_other_fields(&reader, (const char *const[]){"a", "b", NULL});
    ck_assert_int_eq(errors.count, 2);
    ck_assert_str_eq(errors.fields[0].path, "B");
    ck_assert_str_eq(errors.fields[1].path, "c");
    ck_assert_str_eq(errors.fields[1].reason, "is not a known field");
    cJSON_Delete(root);
}
END_TEST

START_TEST(errors_beyond_the_limit_are_counted_and_not_kept)
{
    cJSON *root = parse("{}");
    struct json_errors errors = {0};
    struct json_reader reader = json_reader(root, &errors);
    for (int i = 0; i < 2 * JSON_FIELD_ERRORS_MAX; i++) {
        char name[32];
        snprintf(name, sizeof name, "field%d", i);
        json_int64(&reader, name, 0, 1);
    }
    ck_assert_int_eq(errors.count, 2 * JSON_FIELD_ERRORS_MAX);
    ck_assert_str_eq(errors.fields[JSON_FIELD_ERRORS_MAX - 1].path, "field15");
    cJSON_Delete(root);
}
END_TEST

/* --- money ----------------------------------------------------------------------------------- */

START_TEST(amounts_of_two_decimals_become_exact_cents)
{
    const struct {
        const char *json;
        int64_t cents;
    } cases[] = {{"0", 0},
                 {"-0.0", 0},
                 {"10", 1000},
                 {"10.00", 1000},
                 {"19.9", 1990},
                 {"0.01", 1},
                 {"-0.05", -5},
                 {"1e2", 10000},
                 {"1.15", 115},
                 {"2.675e1", 2675},
                 {"99999999.99", 9999999999},
                 {"10000000000000", JSON_CENTS_MAX},
                 {"-10000000000000", -JSON_CENTS_MAX},
                 {"9999999999999.99", JSON_CENTS_MAX - 1},
                 /* Digits that do not change the double are accepted. */
                 {"0.1000000000000000055511151231257827", 10},
                 {"19.90000000000000000001", 1990}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cJSON *root = parse(cases[i].json);
        int64_t cents = -77;
        ck_assert_msg(json_cents_from_double(root->valuedouble, &cents) == 0, "refused: %s",
                      cases[i].json);
        ck_assert_int_eq(cents, cases[i].cents);
        cJSON_Delete(root);
    }
}
END_TEST

START_TEST(other_amounts_are_refused)
{
    const double cases[] = {0.001,
                            10.001,
                            19.999,
                            0.005,
                            1.0 / 3.0,
                            5e-324,
                            1e-9,
                            10000000000000.01,
                            -10000000000000.01,
                            1e15,
                            1e300,
                            (double)INFINITY,
                            -(double)INFINITY,
                            (double)NAN};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t cents = 77;
        ck_assert_msg(json_cents_from_double(cases[i], &cents) == ERR_INVALID, "taken: %.17g",
                      cases[i]);
        ck_assert_int_eq(cents, 77);
    }
}
END_TEST

/* The rule as labs.md states it: the decimal text of the cents reads back as exactly value. */
static int reads_back(double value, int64_t cents)
{
    char text[32];
    long long rest = llabs(cents);
    snprintf(text, sizeof text, "%s%lld.%02lld", cents < 0 ? "-" : "", rest / 100, rest % 100);
    return strtod(text, NULL) == value;
}

/* A count of cents of any size up to the limit: small ones are as likely as large ones. */
static int64_t any_cents(const struct random *random)
{
    uint64_t bound = (uint64_t)JSON_CENTS_MAX >> random_below(random, 49);
    int64_t cents = (int64_t)random_below(random, bound + 1);
    return random_below(random, 2) == 0 ? cents : -cents;
}

START_TEST(a_million_amounts_come_back_as_they_were_written)
{
    struct random_seeded seeded;
    struct random random = random_from_seed(&seeded, 11);
    struct text text = {0};
    for (int round = 0; round < 1000000; round++) {
        int64_t cents = any_cents(&random);
        text_clear(&text);
        struct json_writer writer = json_writer(&text);
        json_put_cents(&writer, NULL, cents);
        int64_t again = 0;
        if (json_cents_from_double(strtod(text.bytes, NULL), &again) < 0 || again != cents)
            ck_abort_msg("%s became %lld", text.bytes, (long long)again);
    }
    text_release(&text);
}
END_TEST

START_TEST(a_million_doubles_near_amounts_are_judged_by_their_text)
{
    struct random_seeded seeded;
    struct random random = random_from_seed(&seeded, 12);
    for (int round = 0; round < 1000000; round++) {
        double value = (double)any_cents(&random) / 100.0;
        for (uint64_t steps = random_below(&random, 3); steps > 0; steps--)
            value = nextafter(value, random_below(&random, 2) == 0 ? 1e300 : -1e300);
        int64_t cents = 0;
        int taken = json_cents_from_double(value, &cents) == 0;
        int in_range = fabs(value) <= (double)JSON_CENTS_MAX / 100.0;
        int expected = in_range && reads_back(value, llround(value * 100.0));
        if (taken != expected)
            ck_abort_msg("%.17g: taken %d, expected %d", value, taken, expected);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {right_members_are_read,
                                  wrong_members_are_named_with_their_rule,
                                  paths_lead_from_the_root_to_the_member,
                                  long_names_are_cut_in_paths,
                                  a_root_that_is_no_object_is_one_error,
                                  unknown_members_are_named_when_asked_for,
                                  errors_beyond_the_limit_are_counted_and_not_kept,
                                  amounts_of_two_decimals_become_exact_cents,
                                  other_amounts_are_refused,
                                  a_million_amounts_come_back_as_they_were_written,
                                  a_million_doubles_near_amounts_are_judged_by_their_text,
                                  NULL};
    return run_tests("kit json", tests);
}
