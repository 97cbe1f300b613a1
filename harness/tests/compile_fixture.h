/*
 * Trees of lab 00, right or wrong, and svclab or make run on them as a person does.
 */
#ifndef TESTS_COMPILE_FIXTURE_H
#define TESTS_COMPILE_FIXTURE_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/files.h"
#include "course/lab.h"
#include "kit/error.h"
#include "tests/run_tests.h"

enum { SOURCE_MAX = 1 << 20, PATH_SIZE = 1024, ARGUMENTS_MAX = 16 };

/* --- trees ------------------------------------------------------------------------------------ */

static char root[] = BUILD_FOLDER "/asan/tests/compile-XXXXXX";

static inline void open_root(void)
{
    snprintf(root, sizeof root, BUILD_FOLDER "/asan/tests/compile-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(root));
}

static inline void close_root(void)
{
    files_remove(root);
}

/* The solved tour; with a mistake that costs points when wrong. */
static inline void tour_source(struct text *source, int wrong)
{
    static const char right_line[] = "return command == DOOR_DO_CLOSE ? DOOR_CLOSED : -1;";
    struct error err = {0};
    struct text solved = {0};
    ck_assert_int_eq(files_read("solutions/00-tour/tour.c", SOURCE_MAX, &solved, &err), 0);
    const char *at = strstr(text_str(&solved), right_line);
    ck_assert_ptr_nonnull(at);
    text_append(source, text_str(&solved), (size_t)(at - text_str(&solved)));
    text_add(source,
             wrong ? "return command == DOOR_DO_CLOSE ? DOOR_CLOSED : DOOR_LOCKED;" : right_line);
    text_add(source, at + strlen(right_line));
    text_release(&solved);
}

static inline void write_file(const char *tree, const char *name, const char *bytes)
{
    char path[PATH_SIZE];
    struct error err = {0};
    snprintf(path, sizeof path, "%s/00-tour", tree);
    ck_assert_msg(files_make(path, &err) == 0, "%s", err.text);
    snprintf(path, sizeof path, "%s/00-tour/%s", tree, name);
    ck_assert_msg(files_write(path, bytes, strlen(bytes), &err) == 0, "%s", err.text);
}

static inline void write_tour(const char *tree, int wrong)
{
    struct text source = {0};
    tour_source(&source, wrong);
    write_file(tree, "tour.c", text_str(&source));
    text_release(&source);
}

/* The file gets a date of a year ago, as an archive would leave it. */
static inline void make_old(const char *tree, const char *name)
{
    char path[PATH_SIZE];
    struct stat info;
    snprintf(path, sizeof path, "%s/00-tour/%s", tree, name);
    ck_assert_int_eq(stat(path, &info), 0);
    struct timespec times[2] = {info.st_atim, info.st_mtim};
    times[1].tv_sec -= 365 * 86400;
    ck_assert_int_eq(utimensat(AT_FDCWD, path, times, 0), 0);
}

/* --- running ---------------------------------------------------------------------------------- */

/* The exit status of a command (NULL-terminated); what it says goes to said. environment: more
   variables, NULL-terminated, or NULL. */
static inline int run(const char *const *command, const char *const *environment, struct text *said)
{
    int ends[2];
    text_clear(said);
    ck_assert_int_eq(pipe(ends), 0);
    const pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        char **argv = NULL;
        memcpy(&argv, &command, sizeof argv);
        unsetenv("MAKEFLAGS"); /* of the make that runs this test */
        unsetenv("MAKELEVEL");
        for (; environment != NULL && *environment != NULL; environment += 2)
            setenv(environment[0], environment[1], 1);
        dup2(ends[1], STDOUT_FILENO);
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        execvp(argv[0], argv);
        _exit(121);
    }
    close(ends[1]);
    char bytes[4096];
    ssize_t got = 0;
    int status = 0;
    while ((got = read(ends[0], bytes, sizeof bytes)) > 0)
        text_append(said, bytes, (size_t)got);
    close(ends[0]);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Judges one check of the tree's tour, which a wrong tour fails. 0 it passes, 1 it fails, else the
   exit status. */
static inline int judge(const char *tree, struct text *said)
{
    const char *const command[] = {
        BUILD_FOLDER "/svclab",           "check",  "--lab", "00", "--check",
        "all_pairs_of_state_and_command", "--tree", tree,    NULL};
    return run(command, NULL, said);
}

static inline void expect(const char *tree, int status)
{
    struct text said = {0};
    const int got = judge(tree, &said);
    ck_assert_msg(got == status, "%s: expected exit status %d, got %d and:\n%.1500s", tree, status,
                  got, text_str(&said));
    text_release(&said);
}

#endif
