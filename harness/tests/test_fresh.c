/*
 * harness/fresh.sh: what it takes away from a build folder, on a small course of its own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/files.h"
#include "kit/error.h"
#include "tests/run_tests.h"

enum { PATH_SIZE = 512 };

static char root[PATH_SIZE], script[PATH_SIZE];

static void write_file(const char *name, const char *bytes, mode_t mode)
{
    char path[2 * PATH_SIZE];
    struct error err = {0};
    snprintf(path, sizeof path, "%s/%s", root, name);
    *strrchr(path, '/') = '\0';
    ck_assert_msg(files_make(path, &err) == 0, "%s", err.text);
    snprintf(path, sizeof path, "%s/%s", root, name);
    ck_assert_msg(files_write(path, bytes, strlen(bytes), &err) == 0, "%s", err.text);
    ck_assert_int_eq(chmod(path, mode), 0);
}

static int is_there(const char *name)
{
    char path[2 * PATH_SIZE];
    snprintf(path, sizeof path, "%s/%s", root, name);
    return files_exist(path);
}

/* A built object of a source, which is found by its .d. */
static void write_object(const char *object, const char *needs)
{
    char name[PATH_SIZE], bytes[2 * PATH_SIZE];
    snprintf(name, sizeof name, "b/%s.o", object);
    write_file(name, "object", 0644);
    snprintf(name, sizeof name, "b/%s.d", object);
    snprintf(bytes, sizeof bytes, "elsewhere/%s.o: %s\n", object, needs);
    write_file(name, bytes, 0644);
}

/* The exit status of fresh.sh in the small course; what it says goes to said. */
static int fresh(const char *build, const char *flags, struct text *said)
{
    struct text command = {0};
    char bytes[1024];
    size_t got = 0;
    text_clear(said);
    text_addf(&command, "cd '%s' && '%s' '%s' '%s' 2>&1", root, script, build, flags);
    FILE *output = popen(text_str(&command), "r");
    ck_assert_ptr_nonnull(output);
    while ((got = fread(bytes, 1, sizeof bytes, output)) > 0)
        text_append(said, bytes, got);
    text_release(&command);
    const int status = pclose(output);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void expect_fresh(const char *flags)
{
    struct text said = {0};
    const int status = fresh("b", flags, &said);
    ck_assert_msg(status == 0 && said.length == 0, "%d: %s", status, text_str(&said));
    text_release(&said);
}

static void build_all(void)
{
    write_object("asan/kit/one", "labs/kit/one.c labs/kit/one.h");
    write_object("asan/kit/two", "labs/kit/two.c");
    write_file("b/asan/libkit.a", "archive", 0644);
    write_file("b/svclab", "program", 0755);
    write_file("b/trees/labs/00-tour/probe", "program", 0755);
}

static void open_course(void)
{
    char *dir = NULL, here[PATH_SIZE / 2];
    struct error err = {0};
    ck_assert_int_eq(files_make_temporary(&dir, &err), 0);
    snprintf(root, sizeof root, "%s", dir);
    free(dir);
    ck_assert_ptr_nonnull(getcwd(here, sizeof here));
    snprintf(script, sizeof script, "%s/harness/fresh.sh", here);
    write_file("Makefile", "all:\n", 0644);
    write_file("harness/objects.mk", "FLAGS := -g\n", 0644);
    write_file("labs/02-breaker/lab.mk", "X := y\n", 0644);
    write_file("labs/kit/one.c", "int one;\n", 0644);
    write_file("labs/kit/one.h", "extern int one;\n", 0644);
    write_file("labs/kit/two.c", "int two;\n", 0644);
    write_file("labs/00-tour/tour.c", "int tour;\n", 0644);
    write_file("solutions/00-tour/tour.c", "int tour;\n", 0644);
    write_file("exercises/drill/a.c", "int a;\n", 0644);
    expect_fresh("-g");
    build_all();
    expect_fresh("-g");
    ck_assert_int_eq(is_there("b/svclab"), 1); /* nothing changed, nothing goes */
}

static void close_course(void)
{
    files_remove(root);
}

START_TEST(what_was_made_of_another_content_goes_whatever_its_date)
{
    open_course();
    write_file("labs/kit/one.h", "extern int one; /* older, unpacked over it */\n", 0644);
    char path[2 * PATH_SIZE];
    snprintf(path, sizeof path, "%s/labs/kit/one.h", root);
    struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
    ck_assert_int_eq(utimensat(0, path, times, 0), 0);
    expect_fresh("-g");
    ck_assert_int_eq(is_there("b/asan/kit/one.o"), 0);
    ck_assert_int_eq(is_there("b/asan/kit/two.o"), 1);
    ck_assert_int_eq(is_there("b/asan/libkit.a"), 0);
    ck_assert_int_eq(is_there("b/svclab"), 0);
    close_course();
}
END_TEST

START_TEST(a_source_that_is_gone_takes_its_object_and_what_is_linked)
{
    char path[2 * PATH_SIZE];
    open_course();
    snprintf(path, sizeof path, "%s/labs/kit/two.c", root);
    ck_assert_int_eq(unlink(path), 0);
    expect_fresh("-g");
    ck_assert_int_eq(is_there("b/asan/kit/two.o"), 0);
    ck_assert_int_eq(is_there("b/asan/libkit.a"), 0);
    build_all();
    write_file("labs/kit/three.c", "int three;\n", 0644); /* and one that is new */
    expect_fresh("-g");
    ck_assert_int_eq(is_there("b/asan/kit/one.o"), 1);
    ck_assert_int_eq(is_there("b/asan/libkit.a"), 0);
    close_course();
}
END_TEST

START_TEST(other_flags_or_rules_take_everything_of_ours)
{
    open_course();
    expect_fresh("-O3");
    ck_assert_int_eq(is_there("b/asan/kit/one.o"), 0);
    ck_assert_int_eq(is_there("b/trees/labs/00-tour/probe"), 1); /* svclab's own, by content */
    build_all();
    write_file("labs/02-breaker/lab.mk", "X := z\n", 0644);
    expect_fresh("-O3");
    ck_assert_int_eq(is_there("b/asan/kit/one.o"), 0);
    ck_assert_int_eq(is_there("b/svclab"), 0);
    close_course();
}
END_TEST

START_TEST(a_given_file_that_is_new_is_linked_whatever_its_date)
{
    open_course();
    write_file("b/asan/given/01/recipe", "recipe", 0644);
    write_file("labs/01-order/given.c", "int given;\n", 0644);
    expect_fresh("-g");
    ck_assert_int_eq(is_there("b/asan/given/01/recipe"), 0);
    ck_assert_int_eq(is_there("b/asan/kit/one.o"), 1);
    write_file("b/asan/given/01/recipe", "recipe", 0644);
    write_file("labs/01-order/manifest", "given.c\n", 0644); /* it is a student's now */
    expect_fresh("-g");
    ck_assert_int_eq(is_there("b/asan/given/01/recipe"), 0);
    close_course();
}
END_TEST

START_TEST(a_folder_that_was_moved_is_made_anew)
{
    char from[2 * PATH_SIZE], to[2 * PATH_SIZE];
    struct text said = {0};
    open_course();
    snprintf(from, sizeof from, "%s/b", root);
    snprintf(to, sizeof to, "%s/c", root);
    ck_assert_int_eq(rename(from, to), 0);
    ck_assert_int_eq(fresh("c", "-g", &said), 0);
    ck_assert_int_eq(is_there("c/asan/kit/one.o"), 0);
    ck_assert_int_eq(is_there("c/svclab"), 0);
    text_release(&said);
    close_course();
}
END_TEST

/* What runs behind fresh.sh has the folder for itself. */
START_TEST(one_make_at_a_time_works_in_a_folder)
{
    struct text said = {0};
    open_course();
    ck_assert_int_eq(fresh("b", "-g' sh -c 'flock -n b/lock true && echo free; exit 7", &said), 7);
    ck_assert_str_eq(text_str(&said), "");
    ck_assert_int_eq(fresh("b", "-g", &said), 0);
    ck_assert_str_eq(text_str(&said), "");
    text_release(&said);
    close_course();
}
END_TEST

START_TEST(a_students_file_takes_nothing)
{
    open_course();
    write_file("labs/00-tour/tour.c", "int other;\n", 0644);
    expect_fresh("-g");
    ck_assert_int_eq(is_there("b/svclab"), 1);
    ck_assert_int_eq(is_there("b/asan/libkit.a"), 1);
    close_course();
}
END_TEST

START_TEST(a_folder_that_cannot_be_used_is_one_sentence)
{
    struct text said = {0};
    open_course();
    write_file("file", "", 0644);
    ck_assert_int_eq(fresh("file", "-g", &said), 3);
    ck_assert_ptr_nonnull(strstr(text_str(&said), "file cannot be written by "));
    write_file("locked/lock/inside", "", 0644); /* what even root cannot open for writing */
    ck_assert_int_eq(fresh("locked", "-g", &said), 3);
    ck_assert_ptr_nonnull(strstr(text_str(&said), "locked cannot be written by "));
    ck_assert_int_eq(fresh("a b", "-g", &said), 64);
    ck_assert_ptr_nonnull(strstr(text_str(&said), "BUILD=a b: a build folder's name has letters"));
    ck_assert_int_eq(fresh("-x", "-g", &said), 64);
    text_release(&said);
    close_course();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {what_was_made_of_another_content_goes_whatever_its_date,
                                  a_source_that_is_gone_takes_its_object_and_what_is_linked,
                                  other_flags_or_rules_take_everything_of_ours,
                                  a_given_file_that_is_new_is_linked_whatever_its_date,
                                  a_folder_that_was_moved_is_made_anew,
                                  one_make_at_a_time_works_in_a_folder,
                                  a_students_file_takes_nothing,
                                  a_folder_that_cannot_be_used_is_one_sentence,
                                  NULL};
    return run_tests("fresh", tests);
}
