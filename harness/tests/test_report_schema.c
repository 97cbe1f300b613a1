/*
 * docs/results-schema.json and results.json say the same: every run is valid, every member that is
 * written is described, and the validator used here does refuse what is wrong.
 */
#include <check.h>
#include <cjson/cJSON.h>

#include "base/json_read.h"
#include "report_fixture.h"

static cJSON *read_json(const char *path)
{
    struct text text = {0};
    ck_assert_msg(files_read(path, FIXTURE_FILE_MAX, &text, NULL) == 0,
                  "%s: run from the root of the repository", path);
    cJSON *json = cJSON_Parse(text_str(&text));
    ck_assert_msg(json != NULL, "%s is not JSON", path);
    text_release(&text);
    return json;
}

static int has_type(const cJSON *value, const char *type)
{
    if (strcmp(type, "integer") == 0)
        return cJSON_IsNumber(value) && value->valuedouble == (double)(int64_t)value->valuedouble;
    return strcmp(type, "object") == 0    ? cJSON_IsObject(value)
           : strcmp(type, "array") == 0   ? cJSON_IsArray(value)
           : strcmp(type, "string") == 0  ? cJSON_IsString(value)
           : strcmp(type, "number") == 0  ? cJSON_IsNumber(value)
           : strcmp(type, "boolean") == 0 ? cJSON_IsBool(value)
           : strcmp(type, "null") == 0    ? cJSON_IsNull(value)
                                          : 0;
}

static int is_type(const cJSON *value, const cJSON *type)
{
    const cJSON *one = NULL;

    if (type == NULL)
        return 1;
    if (cJSON_IsString(type))
        return has_type(value, type->valuestring);
    cJSON_ArrayForEach(one, type) if (has_type(value, one->valuestring)) return 1;
    return 0;
}

static int is_one_of(const cJSON *value, const cJSON *list)
{
    const cJSON *one = NULL;

    cJSON_ArrayForEach(one, list) if (cJSON_Compare(value, one, 1)) return 1;
    return list == NULL;
}

/* The name of the first thing that is wrong, NULL when value is what schema says. Knows the words
   that our schema uses; a member without a description is wrong too, so that none is forgotten. */
static const char *wrong(const cJSON *value, const cJSON *schema, const cJSON *root)
{
    const cJSON *reference = json_member(schema, "$ref"),
                *properties = json_member(schema, "properties");
    const cJSON *items = json_member(schema, "items"), *minimum = json_member(schema, "minimum");
    const cJSON *constant = json_member(schema, "const"), *one = NULL;
    const char *inner = NULL;

    if (reference != NULL)
        return wrong(
            value,
            json_member(json_member(root, "$defs"), strrchr(reference->valuestring, '/') + 1),
            root);
    if (!is_type(value, json_member(schema, "type")) ||
        !is_one_of(value, json_member(schema, "enum")) ||
        (constant != NULL && !cJSON_Compare(value, constant, 1)) ||
        (minimum != NULL && value->valuedouble < minimum->valuedouble))
        return value->string != NULL ? value->string : "(an element)";
    if (cJSON_IsNull(value))
        return NULL;
    cJSON_ArrayForEach(one,
                       json_member(schema, "required")) if (json_member(value, one->valuestring) ==
                                                            NULL) return one->valuestring;
    if (items != NULL)
        cJSON_ArrayForEach(one, value) if ((inner = wrong(one, items, root)) != NULL) return inner;
    if (properties != NULL)
        cJSON_ArrayForEach(one, value) if (json_member(properties, one->string) == NULL ||
                                           (inner = wrong(one, json_member(properties, one->string),
                                                          root)) != NULL) return inner != NULL
            ? inner
            : one->string;
    return NULL;
}

static cJSON *report(const struct run_result *run)
{
    char *written = fixture_written(report_json, run);
    cJSON *json = cJSON_Parse(written);

    ck_assert_msg(json != NULL, "not JSON: %s", written);
    free(written);
    return json;
}

START_TEST(results_are_what_the_schema_says)
{
    struct run_result run = fixture_run();
    cJSON *schema = read_json("docs/results-schema.json"), *results = report(&run);
    const char *name = wrong(results, schema, schema);

    ck_assert_msg(name == NULL, "the schema and results.json differ at \"%s\"", name);
    cJSON_Delete(results);
    cJSON_Delete(schema);
    run_result_release(&run);
}
END_TEST

START_TEST(a_wrong_result_is_refused)
{
    static const char *const changes[][2] = {{"seed", "17"},   {"version", "2"},
                                             {"points", "-1"}, {"exitStatus", "4"},
                                             {"labs", "[{}]"}, {"surprise", "1"}};
    struct run_result run = fixture_run();
    cJSON *schema = read_json("docs/results-schema.json"), *results = report(&run);

    cJSON_DeleteItemFromObjectCaseSensitive(results, changes[_i][0]);
    cJSON_AddRawToObject(results, changes[_i][0], changes[_i][1]);
    char *text = cJSON_PrintUnformatted(results);
    cJSON *changed = cJSON_Parse(text);
    ck_assert_msg(wrong(changed, schema, schema) != NULL, "%s = %s passes", changes[_i][0],
                  changes[_i][1]);
    cJSON_free(text);
    cJSON_Delete(changed);
    cJSON_Delete(results);
    cJSON_Delete(schema);
    run_result_release(&run);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("report schema");
    TCase *tests = tcase_create("schema");

    tcase_add_test(tests, results_are_what_the_schema_says);
    tcase_add_loop_test(tests, a_wrong_result_is_refused, 0, 6);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
