/*
 * Finding writable static data: in this program itself, and in files that are no objects.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/files.h"
#include "judge/static_data.h"
#include "kit/error.h"
#include "run_tests.h"

/* What the first test must find, and what not. */
int the_tests_global = 1;
static _Thread_local int the_tests_thread_local;
static const char *const the_tests_table[] = {"one", "two"};

static int next_number(void)
{
    static int the_tests_counter;
    the_tests_thread_local++;
    return ++the_tests_counter;
}

static int names_variable(const struct text *names, const char *variable)
{
    size_t length = strlen(variable);
    const char *at = text_str(names);
    while ((at = strstr(at, variable)) != NULL) {
        if ((at == names->bytes || at[-1] == ' ') && (at[length] == ',' || at[length] == '\0'))
            return 1;
        at += length;
    }
    return 0;
}

START_TEST(variables_are_named_and_constants_are_not)
{
    struct text names = {0};
    struct error err = {0};
    ck_assert_int_eq(next_number() + the_tests_global, 2);
    ck_assert_str_eq(the_tests_table[1], "two");
    int found = static_data_in("/proc/self/exe", &names, &err);
    ck_assert_msg(found >= 3, "%d found: %s", found, err.text);
    ck_assert(names_variable(&names, "the_tests_global"));
    ck_assert(names_variable(&names, "the_tests_thread_local"));
    ck_assert(names_variable(&names, "the_tests_counter"));
    ck_assert(!names_variable(&names, "the_tests_table"));
    text_release(&names);
}
END_TEST

START_TEST(a_file_that_is_no_object_is_an_error_at_every_cut)
{
    struct text whole = {0}, names = {0};
    struct error err = {0};
    char *folder = NULL;
    char path[512];
    ck_assert_int_eq(files_make_temporary(&folder, &err), 0);
    snprintf(path, sizeof path, "%s/cut.o", folder);
    ck_assert_int_eq(files_read("/proc/self/exe", 1 << 23, &whole, &err), 0);
    ck_assert_int_eq(static_data_in(path, &names, &err), ERR_NOT_FOUND);
    for (size_t length = 0; length < whole.length; length = length * 3 + 1) {
        ck_assert_int_eq(files_write(path, whole.bytes, length, &err), 0);
        int found = static_data_in(path, &names, &err);
        ck_assert_msg(found == ERR_CORRUPT, "cut at %zu: %d", length, found);
    }
    files_remove(folder);
    free(folder);
    text_release(&whole);
    text_release(&names);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {variables_are_named_and_constants_are_not,
                                  a_file_that_is_no_object_is_an_error_at_every_cut, NULL};
    return run_tests("static_data", tests);
}
