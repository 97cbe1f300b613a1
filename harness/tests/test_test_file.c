/*
 * Files of scenarios: what is read out of good ones, and the sentence for each way to be wrong.
 */
#include <stdio.h>
#include <string.h>

#include "base/files.h"
#include "course/result.h"
#include "kit/error.h"
#include "matrix/test_file.h"
#include "suites/suites.h"
#include "tests/run_tests.h"

#define BYTES(literal) literal, sizeof literal - 1

/* Writes bytes as a file, reads it as tests of lab 00, removes it. The path is not checked after.
 */
static int read_bytes(struct test_file *file, const char *bytes, size_t length, struct error *err)
{
    static const char name[] = "scenarios.tests";
    char *dir = NULL;
    struct text path = {0};
    *err = (struct error){0};
    ck_assert_int_eq(files_make_temporary(&dir, err), 0);
    text_addf(&path, "%s/%s", dir, name);
    ck_assert_int_eq(files_write(text_str(&path), bytes, length, err), 0);
    int code = test_file_read(file, lab_find(all_labs, "00"), text_str(&path), err);
    file->path = name;
    files_remove(dir);
    free(dir);
    text_release(&path);
    return code;
}

START_TEST(scenarios_become_checks_of_the_lab)
{
    struct test_file file;
    struct error err;
    ck_assert_int_eq(read_bytes(&file,
                                BYTES("# a comment\n\n  scenario first, with 'signs' -> too\r\n"
                                      "greet name=Ada\r\n"
                                      "\tgreet name=Bo   -> said=\"Hello, Bo!\"\n"
                                      "scenario second\ndoor now=0 -> ok"),
                                &err),
                     0);
    ck_assert_int_eq(file.count, 2);
    ck_assert_str_eq(file.lab.name, "00-tour");
    ck_assert_str_eq(file.checks[0].script,
                     "greet name=Ada\ngreet name=Bo   -> said=\"Hello, Bo!\"\n");
    ck_assert_ptr_eq(lab_check(&file.lab, 1), &file.checks[1]);
    int line = 0;
    ck_assert_str_eq(test_file_scenario(&file, file.checks[0].id, &line),
                     "first, with 'signs' -> too");
    ck_assert_int_eq(line, 3);

    struct result result = {.check = &file.checks[0]};
    const char *text = NULL;
    result_set_string(&result.script, "greet name=Ada\ngreet name=Bo\n");
    ck_assert_int_eq(test_file_failed_at(&file, &result, &text), 5);
    ck_assert_int_eq(strncmp(text, "greet name=Bo ", strlen("greet name=Bo ")), 0);
    result_release(&result);
    test_file_release(&file);
}
END_TEST

START_TEST(each_mistake_has_its_line_and_sentence)
{
    static const struct {
        const char *bytes;
        size_t length;
        const char *words;
    } files[] = {
        {BYTES(""), ":1: no scenario"},
        {BYTES("# only\n\n"), ":1: no scenario"},
        {BYTES("door\n"), ":1: an action before the first scenario"},
        {BYTES("scenario\ndoor -> ok\n"), ":1: a scenario needs a name"},
        {BYTES("scenario a\x01\ndoor -> ok\n"), ":1: there is a control character"},
        {BYTES("scenario a\ndoor -> ok\nscenario a\n"), ":3: there is a scenario of this name"},
        {BYTES("scenario a\n\nscenario b\ndoor -> ok\n"), ":1: this scenario has no line"},
        {BYTES("scenario a\ndoor -> ok\nscenario b"), ":3: this scenario has no line"},
        {BYTES("scenario a\ndoor\n"), ":1: this scenario expects nothing"},
        {BYTES("scenario a\ndoor ->  \n"), ":2: nothing stands right of the arrow"},
        {BYTES("scenario a\n-> ok\n"), ":2: this is not an action"},
        {BYTES("scenario a\ngreet name=\"x -> ok\n"), ":2: this is not an action"},
        {BYTES("scenario a\ndoor -> ok state=\n"), ":2: this is not an answer"},
        {BYTES("scenario a\ndoor -> ok =\n"), ":2: this is not an answer"},
        {BYTES("scenario a\ndoor -> ok\0\n"), ":2: there is a zero byte"},
    };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct test_file file;
        struct error err;
        int code = read_bytes(&file, files[i].bytes, files[i].length, &err);
        ck_assert_msg(code == ERR_INVALID && strstr(err.text, files[i].words) != NULL,
                      "file %zu: expected %d \"%s\", got %d \"%s\"", i, ERR_INVALID, files[i].words,
                      code, err.text);
        test_file_release(&file);
    }
}
END_TEST

START_TEST(limits_and_missing_files_are_named)
{
    struct test_file file;
    struct error err = {0};
    struct text many = {0};
    for (int i = 0; i <= TEST_SCENARIOS_MAX; i++)
        text_addf(&many, "scenario %d\ndoor -> ok\n", i);
    ck_assert_int_eq(read_bytes(&file, text_str(&many), many.length, &err), ERR_INVALID);
    ck_assert_ptr_nonnull(strstr(err.text, ":401: there are more than 200 scenarios"));
    test_file_release(&file);

    text_clear(&many);
    text_add(&many, "scenario long\n");
    for (int i = 0; i <= TEST_LINES_MAX; i++)
        text_add(&many, "door -> ok\n");
    ck_assert_int_eq(read_bytes(&file, text_str(&many), many.length, &err), ERR_INVALID);
    ck_assert_ptr_nonnull(strstr(err.text, ":1002: this scenario has more than 1000 lines"));
    test_file_release(&file);
    text_release(&many);

    ck_assert_int_eq(test_file_read(&file, lab_find(all_labs, "00"), "/nowhere/at.tests", &err),
                     ERR_NOT_FOUND);
    test_file_release(&file);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        scenarios_become_checks_of_the_lab,
        each_mistake_has_its_line_and_sentence,
        limits_and_missing_files_are_named,
        NULL,
    };
    return run_tests("test file", tests);
}
