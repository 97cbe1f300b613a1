/* JSON parsing: what is refused, with which words and at which place; and bytes at random. */
#include <check.h>
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
    struct error err = {0};
    cJSON *root = parse_bytes(json, strlen(json), &err);
    ck_assert_msg(root != NULL, "%s: %s", json, err.text);
    return root;
}

static void assert_refused(const char *bytes, size_t length, const char *words)
{
    struct error err = {0};
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
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cJSON_Delete(parse(cases[i]));
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
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_refused(cases[i].json, strlen(cases[i].json), cases[i].words);
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
    for (int i = 0; i < depth; i++)
        text_add(json, open);
    text_add(json, "1");
    for (int i = 0; i < depth; i++)
        text_add(json, close);
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
    while (json.length < JSON_NUMBER_MAX)
        text_add(&json, "1");
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
    for (int i = 0; i < MEMBERS; i++)
        text_addf(&json, "\"k%d\":1,", i);
    struct text twice = {0};
    text_addf(&twice, "%s\"k77\":1}", text_str(&json));
    text_add(&json, "\"last\":1}");
    cJSON_Delete(parse(json.bytes));
    assert_refused(twice.bytes, twice.length, "the member 'k77' twice");
    text_release(&json);
    text_release(&twice);
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
        "{\"id\":\"c-1\",\"items\":[{\"productId\":\"p\",\"quantity\":2,\"price\":19.9}]}",
        "[0,-1.5e+3,true,false,null,\"\\u00e9\\n\xC3\xA9\",[[],{}]]",
        "{\"\":{\"a\":{\"a\":[\"\\ud83d\\ude00\"]}},\"b\":1e-7}"};
    struct random_seeded seeded;
    struct random random = random_from_seed(&seeded, 13);
    int taken = 0;
    for (int round = 0; round < 60000; round++) {
        struct text json = {0};
        text_add(&json, SEEDS[round % 3]);
        mutate(&random, &json);
        struct error err = {0};
        char *exact = malloc(json.length + 1);
        memcpy(exact, json.bytes, json.length);
        cJSON *root = json_parse(exact, json.length, &err);
        /* The scan is the stricter one; if cJSON refused what it took, it would be put down to
           memory. */
        if (root == NULL && (err.text[0] == '\0' || strstr(err.text, "memory") != NULL))
            ck_abort_msg("%.*s: %s", (int)json.length, json.bytes, err.text);
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
                                  no_bytes_crash_the_reader_and_what_it_takes_cjson_takes,
                                  NULL};
    return run_tests("kit json scan", tests);
}
