/*
 * Running build/svclab as a person does, over programs that misbehave: a build folder whose lab 00
 * is fake_probe, and a TMPDIR that must be empty afterwards.
 */
#ifndef TESTS_SVCLAB_FIXTURE_H
#define TESTS_SVCLAB_FIXTURE_H

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/files.h"
#include "kit/clock.h"
#include "kit/error.h"
#include "tests/run_tests.h"

/* Where one test's svclab runs. */
struct place {
    char root[64];         /* below build/, so that programs can be linked into it */
    char build[96];        /* root/build: 00-tour/probe, 00-tour/service */
    char tmp[96];          /* root/tmp: TMPDIR */
    rlim_t files;          /* RLIMIT_NOFILE of svclab, 0 = as it is */
    void (*confine)(void); /* called in svclab's process before it starts; may be NULL */
};

struct outcome_of {
    int status;       /* exit status, -1 by signal */
    struct text said; /* stdout and stderr */
};

static inline void place_write(const struct place *place, const char *name, const char *bytes)
{
    char path[192];
    struct error err = {0};
    snprintf(path, sizeof path, "%s/00-tour/%s", place->build, name);
    ck_assert_msg(files_write(path, bytes, strlen(bytes), &err) == 0, "%s", err.text);
}

/* mode: how lab 00's programs behave (fake_probe.c). */
static inline void place_open(struct place *place, const char *mode)
{
    char path[192], real[160];
    struct error err = {0};
    snprintf(place->root, sizeof place->root, BUILD_FOLDER "/asan/tests/svclab-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(place->root));
    ck_assert_ptr_nonnull(getcwd(real, sizeof real - sizeof place->root));
    snprintf(place->build, sizeof place->build, "%s/build", place->root);
    snprintf(place->tmp, sizeof place->tmp, "%s/tmp", place->root);
    place->files = 0;
    place->confine = NULL;
    snprintf(path, sizeof path, "%s/00-tour", place->build);
    ck_assert_int_eq(files_make(path, &err), 0);
    ck_assert_int_eq(files_make(place->tmp, &err), 0);
    static const char *const programs[] = {"probe", "service"};
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/00-tour/%s", place->build, programs[i]);
        ck_assert_int_eq(link(BUILD_FOLDER "/asan/tests/fake_probe", path), 0);
    }
    place_write(place, "mode", mode);
}

/* Nothing may be left in TMPDIR. */
static inline void place_close(struct place *place)
{
    ck_assert_msg(rmdir(place->tmp) == 0, "svclab left something in %s", place->tmp);
    files_remove(place->root);
}

/* Starts svclab with these arguments (NULL-terminated, at most 16); *out reads what it says. */
static inline pid_t svclab_start(const struct place *place, const char *const *arguments, int *out)
{
    const char *argv[20] = {BUILD_FOLDER "/svclab"};
    for (int i = 0; arguments[i] != NULL; i++)
        argv[i + 1] = arguments[i];
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        char absolute[512], folder[256];
        if (getcwd(folder, sizeof folder) == NULL)
            _exit(120);
        snprintf(absolute, sizeof absolute, "%s/%s", folder, place->tmp);
        setenv("TMPDIR", place->tmp[0] == '/' ? place->tmp : absolute, 1);
        dup2(ends[1], STDOUT_FILENO);
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        if (place->files > 0)
            setrlimit(RLIMIT_NOFILE, &(struct rlimit){place->files, place->files});
        if (place->confine != NULL)
            place->confine();
        union {
            const char **given;
            char **taken;
        } both = {argv};
        execv(argv[0], both.taken);
        _exit(121);
    }
    close(ends[1]);
    *out = ends[0];
    return pid;
}

/* Reads to the end, waits. */
static inline struct outcome_of svclab_finish(pid_t pid, int out)
{
    struct outcome_of outcome = {0};
    char bytes[4096];
    ssize_t got = 0;
    int status = 0;
    while ((got = read(out, bytes, sizeof bytes)) > 0)
        text_append(&outcome.said, bytes, (size_t)got);
    close(out);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return outcome;
}

static inline struct outcome_of svclab_run(const struct place *place, const char *const *arguments)
{
    int out = -1;
    pid_t pid = svclab_start(place, arguments, &out);
    return svclab_finish(pid, out);
}

/* 1 when the words stand in the text, also where a line ends between them. */
static inline int says(const char *text, const char *words)
{
    for (; *text != '\0'; text++) {
        const char *at = text, *word = words;
        while (*word != '\0' && (*at == *word || (*word == ' ' && *at == '\n'))) {
            at += *word == ' ' ? strspn(at, " \n") : 1;
            word++;
        }
        if (*word == '\0')
            return 1;
    }
    return 0;
}

static inline void expect_outcome(const struct outcome_of *outcome, int status, const char *words,
                                  const char *did)
{
    ck_assert_msg(outcome->status == status && says(text_str(&outcome->said), words),
                  "%s: expected exit status %d and \"%s\", got %d and:\n%.1500s", did, status,
                  words, outcome->status, text_str(&outcome->said));
}

#endif
