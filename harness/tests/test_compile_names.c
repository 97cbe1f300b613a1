/*
 * What a submission is called, and what the environment holds, decides nothing.
 */
#define _GNU_SOURCE
#include "tests/compile_fixture.h"

/* Names as learning platforms make them, and as a joker would. */
static const char *const odd_names[] = {
    "Jane O'Brien_123_assignsubmission_file_",
    "a b",
    "a$b",
    "a$(id)b",
    "a`id`b",
    "a:b",
    "a%b",
    "a(b",
    "a&b",
    "a;b",
    "a|b",
    "a>b",
    "a#b",
    "a\\b",
    "a\"b",
    "a*b?",
    "a=b",
    "-a",
    "--tree",
    "@a",
    "~a",
    "a,b",
    "a\nb",
    "a\tb",
    "gr\303\274\303\237e",
    "\xff\xfe latin",
};
enum { ODD_NAMES = sizeof odd_names / sizeof odd_names[0] };

static void judge_odd_names(int first, int step)
{
    open_root();
    for (int i = first; i < ODD_NAMES; i += step) {
        char tree[PATH_SIZE];
        snprintf(tree, sizeof tree, "%s/%s", root, odd_names[i]);
        write_tour(tree, i % 2);
        expect(tree, i % 2);
    }
    close_root();
}

START_TEST(any_name_is_graded)
{
    judge_odd_names(0, 3);
}
END_TEST

START_TEST(any_name_is_graded_2)
{
    judge_odd_names(1, 3);
}
END_TEST

START_TEST(any_name_is_graded_3)
{
    judge_odd_names(2, 3);
}
END_TEST

START_TEST(any_name_is_graded_by_make_too_and_no_shell_reads_it)
{
    struct text said = {0};
    char option[PATH_SIZE], here[PATH_SIZE], probe[PATH_SIZE];
    open_root();
    ck_assert_ptr_nonnull(getcwd(here, sizeof here));
    snprintf(probe, sizeof probe, "%s/touched", root);
    static const char *const names[] = {"a'b", "a b", "a$b", "a&touch touched&b", "a%b(c", "a\nb"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char tree[PATH_SIZE / 2];
        snprintf(tree, sizeof tree, "%s/%s", root, names[i]);
        write_tour(tree, 0);
        snprintf(option, sizeof option, "LABS=%s", tree);
        const char *const command[] = {"make",  "-s",     "BUILD=" BUILD_FOLDER,
                                       "check", "LAB=00", "CHECK=all_pairs_of_state_and_command",
                                       option,  NULL};
        const int status = run(command, NULL, &said);
        ck_assert_msg(status == 0, "%s: %d\n%.1500s", names[i], status, text_str(&said));
    }
    ck_assert_int_eq(files_exist(probe), 0);
    ck_assert_int_eq(files_exist("touched"), 0);
    text_release(&said);
    close_root();
}
END_TEST

START_TEST(the_environment_decides_nothing)
{
    struct text said = {0};
    char option[PATH_SIZE];
    open_root();
    write_tour(root, 1);
    snprintf(option, sizeof option, "LABS=%s", root);
    static const char *const environment[] = {
        "MODE",  "production", "PROGRAMS",    "x",         "BASE",       "solutions",
        "LAB",   "77",         "CHECK",       "none",      "SEED",       "x",
        "NAME",  "01-order",   "STUDENT",     "x",         "FLAGS_asan", "-O0",
        "CC",    "false",      "TOLD",        "-w",        "OUT",        "/",
        "CPATH", "/nowhere",   "SVCLAB_TREE", "solutions", NULL};
    const char *const command[] = {"make",  "-s",     "BUILD=" BUILD_FOLDER,
                                   "check", "LAB=00", "CHECK=all_pairs_of_state_and_command",
                                   option,  NULL};
    int status = run(command, environment, &said);
    ck_assert_msg(status == 2 && strstr(text_str(&said), "0 of  15 points") != NULL, "%d:\n%.1500s",
                  status, text_str(&said));

    static const char *const wrong[][2] = {{"MODE=production", "There is no option MODE"},
                                           {"PROGRAMS=x", "There is no option PROGRAMS"},
                                           {"OURS=", "There is no option OURS"},
                                           {"LAb=00", "There is no option LAb"},
                                           {"-e", "Without -e, please"}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        const char *const refused[] = {"make",  "-s",        "BUILD=" BUILD_FOLDER,
                                       "check", wrong[i][0], NULL};
        status = run(refused, NULL, &said);
        ck_assert_msg(status == 2 && strstr(text_str(&said), wrong[i][1]) != NULL, "%s: %d\n%s",
                      wrong[i][0], status, text_str(&said));
    }
    text_release(&said);
    close_root();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {any_name_is_graded,
                                  any_name_is_graded_2,
                                  any_name_is_graded_3,
                                  any_name_is_graded_by_make_too_and_no_shell_reads_it,
                                  the_environment_decides_nothing,
                                  NULL};
    return run_tests("compile names", tests);
}
