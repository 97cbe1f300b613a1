/* JSON reading: what is refused and with which words, exact money, and bytes at random. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/error.h"
#include "kit/json.h"
#include "kit/random.h"
#include "run_tests.h"

/* Parses from a block of exactly that size, so that AddressSanitizer sees a step beyond it. */
static cJSON *parse_bytes(const char *bytes, size_t length, struct error *err)
{
    char *exact = malloc(length + (length == 0));
    ck_assert_ptr_nonnull(exact);
    memcpy(exact, bytes, length);
    cJSON *root = json_parse(exact, length, err);
    free(exact);
    return root;
}

static cJSON *parse(const char *json)
{
    struct error err = {""};
    cJSON *root = parse_bytes(json, strlen(json), &err);
    ck_assert_msg(root != NULL, "%s: %s", json, err.text);
    return root;
}

static void assert_refused(const char *bytes, size_t length, const char *words)
{
    struct error err = {""};
    cJSON *root = parse_bytes(bytes, length, &err);
    ck_assert_msg(root == NULL, "taken: %.*s", (int)length, bytes);
    ck_assert_msg(strstr(err.text, words) != NULL, "%.*s: '%s' is not in '%s'", (int)length, bytes,
                  words, err.text);
}

START_TEST(all_that_json_allows_is_taken)
{
    const char *const cases[] = {"0",
                                 "-0",
                                 "1.5e+10",
                                 "1E-2",
                                 "0.0e0",
                                 "\"\"",
                                 "true",
                                 "false",
                                 "null",
                                 "[]",
                                 "{}",
                                 " \t\r\n[ 1 , 2 ] \t\r\n",
                                 "{ \"a\" : { \"b\" : [ ] } , \"\" : 1 }",
                                 "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\"",
                                 "\"\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80 \x7f\"",
                                 "{\"a\":1,\"A\":2}",
                                 "[{\"a\":1},{\"a\":1}]",
                                 "{\"a\":{\"a\":1}}",
                                 "1e400"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cJSON_Delete(parse(cases[i]));
    }
}
END_TEST

START_TEST(what_is_not_json_is_refused_with_its_place)
{
    const struct {
        const char *json;
        const char *words;
    } cases[] = {{"", "empty"},
                 {" ", "column 2 of the JSON text: it ends too early"},
                 {"01", "column 2 of the JSON text: expected the end"},
                 {"-01", "column 3"},
                 {"00", "column 2"},
                 {"1.", "column 3"},
                 {"[1.]", "column 4 of the JSON text: expected a digit"},
                 {".5", "expected a value"},
                 {"+1", "expected a value"},
                 {"-", "column 2"},
                 {"1e", "column 3"},
                 {"1e+", "column 4"},
                 {"0x10", "expected the end"},
                 {"1_000", "expected the end"},
                 {"NaN", "expected a value"},
                 {"Infinity", "expected a value"},
                 {"-Infinity", "expected a digit"},
                 {"nul", "expected a value"},
                 {"nulll", "expected the end"},
                 {"True", "expected a value"},
                 {"'a'", "expected a value"},
                 {"\"a", "it ends too early"},
                 {"\"a\\", "it ends too early"},
                 {"\"a\\\"", "it ends too early"},
                 {"\"\\x41\"", "no such escape"},
                 {"\"\\u12\"", "four hexadecimal digits"},
                 {"\"\\u12g4\"", "four hexadecimal digits"},
                 {"\"\\u0000\"", "U+0000"},
                 {"\"\\ud800\"", "surrogate"},
                 {"\"\\ud800x\"", "surrogate"},
                 {"\"\\ud800\\n\"", "surrogate"},
                 {"\"\\ud800\\ud800\"", "surrogate"},
                 {"\"\\udc00\"", "surrogate"},
                 {"\"\\udc00\\ud800\"", "surrogate"},
                 {"\"a\tb\"", "control character"},
                 {"\"a\nb\"", "control character"},
                 {"\"a\x1f\"", "control character"},
                 {"\"\xff\"", "UTF-8"},
                 {"\"\xC0\xAF\"", "UTF-8"},
                 {"\"\xED\xA0\x80\"", "UTF-8"},
                 {"\"\xC3\"", "UTF-8"},
                 {"\"\xC3", "UTF-8"},
                 {"\xEF\xBB\xBF{}", "column 1 of the JSON text: expected a value"},
                 {"[1,]", "expected a value"},
                 {"[,1]", "expected a value"},
                 {"[1 2]", "expected a comma or ]"},
                 {"[1", "it ends too early"},
                 {"]", "expected a value"},
                 {"{\"a\":1,}", "expected a string"},
                 {"{a:1}", "expected a string"},
                 {"{1:1}", "expected a string"},
                 {"{\"a\" 1}", "expected a colon"},
                 {"{\"a\":}", "expected a value"},
                 {"{\"a\":1 \"b\":2}", "expected a comma or }"},
                 {"{\"a\":1]", "expected a comma or }"},
                 {"[1}", "expected a comma or ]"},
                 {"{} {}", "expected the end"},
                 {"1 // one", "expected the end"},
                 {"[1]\f", "expected the end"},
                 {"{\n  \"a\": 1,\n  \"b\": tru\n}", "Line 3, column 8"},
                 {"{\"a\":1,\"b\":2,\"a\":3}", "the member 'a' twice"},
                 {"[[{\"x\":{\"b\":1,\"\\u0062\":2}}]]", "the member 'b' twice"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_refused(cases[i].json, strlen(cases[i].json), cases[i].words);
    }
    assert_refused("\0", 1, "expected a value");
    assert_refused("1\0", 2, "expected the end");
    assert_refused("\"a\0b\"", 5, "control character");
    assert_refused("[1,\0]", 5, "expected a value");
}
END_TEST

/* depth opening brackets of the kind, a value, and the closing ones. */
static void nest(struct text *json, int depth, const char *open, const char *close)
{
    text_clear(json);
    for (int i = 0; i < depth; i++) {
        text_add(json, open);
    }
    text_add(json, "1");
    for (int i = 0; i < depth; i++) {
        text_add(json, close);
    }
}

START_TEST(nesting_ends_at_its_limit)
{
    const char *const kinds[][2] = {{"[", "]"}, {"{\"a\":", "}"}};
    struct text json = {0};
    for (size_t i = 0; i < 2; i++) {
        nest(&json, JSON_DEPTH_MAX, kinds[i][0], kinds[i][1]);
        cJSON_Delete(parse(json.bytes));
        nest(&json, JSON_DEPTH_MAX + 1, kinds[i][0], kinds[i][1]);
        assert_refused(json.bytes, json.length, "nested too deeply");
        nest(&json, 100000, kinds[i][0], kinds[i][1]);
        assert_refused(json.bytes, json.length, "nested too deeply");
    }
    text_release(&json);
}
END_TEST

START_TEST(numbers_end_at_their_limit)
{
    struct text json = {0};
    text_add(&json, "0.");
    while (json.length < JSON_NUMBER_MAX) {
        text_add(&json, "1");
    }
    cJSON *root = parse(json.bytes);
    ck_assert(root->valuedouble == strtod(json.bytes, NULL));
    cJSON_Delete(root);
    text_add(&json, "1");
    assert_refused(json.bytes, json.length, "too many digits");
    text_release(&json);
}
END_TEST

START_TEST(an_object_of_many_members_is_checked_for_doubles)
{
    enum { MEMBERS = 20000 };
    struct text json = {0};
    text_add(&json, "{");
    for (int i = 0; i < MEMBERS; i++) {
        text_addf(&json, "\"k%d\":1,", i);
    }
    struct text twice = {0};
    text_addf(&twice, "%s\"k77\":1}", text_str(&json));
    text_add(&json, "\"last\":1}");
    cJSON_Delete(parse(json.bytes));
    assert_refused(twice.bytes, twice.length, "the member 'k77' twice");
    text_release(&json);
    text_release(&twice);
}
END_TEST

/* --- members --------------------------------------------------------------------------------- */

static const char *const BODY =
    "{\"name\":\"\xC3\xA9t\xC3\xA9\",\"quantity\":3,\"price\":19.9,\"big\":9007199254740991,"
    "\"huge\":9007199254740992,\"half\":0.5,\"none\":null,\"yes\":true,\"no\":false,"
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
                 {read_string, "quantity", text_rule},
                 {read_string, "none", text_rule},
                 {read_string, "NAME", "is required"},
                 {read_string_or, "name", "must be text of 0 to 4 bytes"},
                 {read_string_or, "yes", "must be text of 0 to 4 bytes"},
                 {read_int64, "absent", "is required"},
                 {read_int64, "quantity", int_rule},
                 {read_int64, "half", int_rule},
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
        if (json_cents_from_double(strtod(text.bytes, NULL), &again) < 0 || again != cents) {
            ck_abort_msg("%s became %lld", text.bytes, (long long)again);
        }
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
        for (uint64_t steps = random_below(&random, 3); steps > 0; steps--) {
            value = nextafter(value, random_below(&random, 2) == 0 ? 1e300 : -1e300);
        }
        int64_t cents = 0;
        int taken = json_cents_from_double(value, &cents) == 0;
        int in_range = fabs(value) <= (double)JSON_CENTS_MAX / 100.0;
        int expected = in_range && reads_back(value, llround(value * 100.0));
        if (taken != expected) {
            ck_abort_msg("%.17g: taken %d, expected %d", value, taken, expected);
        }
    }
}
END_TEST

/* --- bytes at random ------------------------------------------------------------------------- */

/* Changes, inserts, removes or repeats a few bytes. */
static void mutate(const struct random *random, struct text *json)
{
    static const char SPICE[] = "{}[]\",:\\u0eE+-.19ntf \t\x01\xC3\xFF";
    for (uint64_t changes = random_below(random, 4); changes > 0 && json->length > 1; changes--) {
        size_t place = (size_t)random_below(random, json->length);
        char byte = SPICE[random_below(random, sizeof SPICE)]; /* its NUL too */
        switch (random_below(random, 4)) {
        case 0:
            json->bytes[place] = byte;
            break;
        case 1:
            text_append(json, &byte, 1);
            memmove(json->bytes + place + 1, json->bytes + place, json->length - place - 1);
            json->bytes[place] = byte;
            break;
        case 2:
            memmove(json->bytes + place, json->bytes + place + 1, json->length - place - 1);
            json->length--;
            break;
        default:
            json->length = place;
            break;
        }
    }
}

START_TEST(no_bytes_crash_the_reader_and_what_it_takes_cjson_takes)
{
    static const char *const SEEDS[] = {
        "{\"customerId\":\"c-1\",\"items\":[{\"productId\":\"p\",\"quantity\":2,\"unitPrice\":19.9}"
        "]}",
        "[0,-1.5e+3,true,false,null,\"\\u00e9\\n\xC3\xA9\",[[],{}]]",
        "{\"\":{\"a\":{\"a\":[\"\\ud83d\\ude00\"]}},\"b\":1e-7}"};
    struct random_seeded seeded;
    struct random random = random_from_seed(&seeded, 13);
    int taken = 0;
    for (int round = 0; round < 60000; round++) {
        struct text json = {0};
        text_add(&json, SEEDS[round % 3]);
        mutate(&random, &json);
        struct error err = {""};
        char *exact = malloc(json.length + 1);
        memcpy(exact, json.bytes, json.length);
        cJSON *root = json_parse(exact, json.length, &err);
        /* The scan is the stricter one; if cJSON refused what it took, it would be put down to
           memory. */
        if (root == NULL && (err.text[0] == '\0' || strstr(err.text, "memory") != NULL)) {
            ck_abort_msg("%.*s: %s", (int)json.length, json.bytes, err.text);
        }
        taken += root != NULL;
        cJSON_Delete(root);
        free(exact);
        text_release(&json);
    }
    ck_assert_int_gt(taken, 10000); /* else the test would have tried refusals only */
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {all_that_json_allows_is_taken,
                                  what_is_not_json_is_refused_with_its_place,
                                  nesting_ends_at_its_limit,
                                  numbers_end_at_their_limit,
                                  an_object_of_many_members_is_checked_for_doubles,
                                  right_members_are_read,
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
                                  no_bytes_crash_the_reader_and_what_it_takes_cjson_takes,
                                  NULL};
    return run_tests("kit json", tests);
}
