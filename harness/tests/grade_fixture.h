/*
 * A lab whose files are looked for, a class that handed in, and what intake made of it, as text
 * that a test can compare.
 */
#ifndef TESTS_GRADE_FIXTURE_H
#define TESTS_GRADE_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/files.h"
#include "course/lab.h"
#include "grade/intake.h"
#include "kit/error.h"
#include "tests/archive_fixture.h"
#include "tests/run_tests.h"

enum { GRADE_PATH_SIZE = 1024, HANDED_BYTES_MAX = 1 << 20 };

/* What a good student hands in. */
static const struct {
    const char *name, *bytes;
} work[] = {
    {"Makefile", "all: svc\n"},
    {"README.md", "# Lab 01\nBuild with make.\n"},
    {"include/loop.h", "int loop_once(int n);\n"},
    {"src/loop.c", "#include \"loop.h\"\n\nint loop_once(int n)\n{\n    return n - 1;\n}\n"},
    {"src/main.c", "#include \"loop.h\"\n\nint main(void)\n{\n    return loop_once(1);\n}\n"},
};
enum { WORK = sizeof work / sizeof work[0] };

static inline void zip_work(struct zip_file *zip, const char *folder)
{
    for (int i = 0; i < WORK; i++) {
        char name[512];
        snprintf(name, sizeof name, "%s%s", folder, work[i].name);
        zip_add(zip, (struct member){.name = name, .bytes = work[i].bytes});
    }
}

static inline void tar_work(struct text *out, const char *folder)
{
    for (int i = 0; i < WORK; i++) {
        char name[512];
        snprintf(name, sizeof name, "%s%s", folder, work[i].name);
        tar_add(out, (struct tar_member){.name = name, .bytes = work[i].bytes});
    }
}

/* --- places ----------------------------------------------------------------------------------- */

struct grading {
    char *root;                 /* all of it */
    char home[GRADE_PATH_SIZE]; /* of the lab */
    char in[GRADE_PATH_SIZE], out[GRADE_PATH_SIZE];
    struct lab lab;
    const struct lab *labs[2];
    struct handed_in class;
    struct error err;
};

/* The text becomes a file below root; its folders are made. */
static inline void grading_write(const struct grading *grading, const char *name, const char *bytes,
                                 size_t length)
{
    char path[GRADE_PATH_SIZE + 512];
    snprintf(path, sizeof path, "%s/%s", grading->root, name);
    char *slash = strrchr(path, '/');
    *slash = '\0';
    ck_assert_int_eq(files_make(path, NULL), 0);
    *slash = '/';
    FILE *file = fopen(path, "w");
    ck_assert_msg(file != NULL, "cannot write %s", path);
    ck_assert_uint_eq(fwrite(bytes, 1, length, file), length);
    ck_assert_int_eq(fclose(file), 0);
}

/* manifest: the lab's files, a line each. */
static inline void grading_open(struct grading *grading, const char *manifest)
{
    *grading = (struct grading){0};
    ck_assert_int_eq(files_make_temporary(&grading->root, &grading->err), 0);
    snprintf(grading->home, sizeof grading->home, "%s/course", grading->root);
    snprintf(grading->in, sizeof grading->in, "%s/in", grading->root);
    snprintf(grading->out, sizeof grading->out, "%s/out", grading->root);
    grading->lab = (struct lab){.name = "01-service", .home = grading->home};
    grading->labs[0] = &grading->lab;
    ck_assert_int_eq(files_make(grading->in, NULL), 0);
    grading_write(grading, "course/01-service/manifest", manifest, strlen(manifest));
}

/* Takes in root/NAME ("in", "in/submissions.zip"); roster: the text of one, or NULL. */
static inline int grading_take(struct grading *grading, const char *name, const char *roster)
{
    char submissions[GRADE_PATH_SIZE + 512], path[GRADE_PATH_SIZE + 16];
    snprintf(submissions, sizeof submissions, "%s/%s", grading->root, name);
    snprintf(path, sizeof path, "%s/roster.csv", grading->root);
    if (roster != NULL)
        grading_write(grading, "roster.csv", roster, strlen(roster));
    const struct intake order = {.submissions = submissions,
                                 .roster = roster == NULL ? NULL : path,
                                 .out = grading->out,
                                 .labs = grading->labs};
    handed_in_release(&grading->class);
    files_remove(grading->out);
    grading->err.text[0] = '\0';
    return intake(&order, &grading->class, &grading->err);
}

static inline void grading_close(struct grading *grading)
{
    handed_in_release(&grading->class);
    files_remove(grading->root);
    free(grading->root);
}

/* --- what came of it -------------------------------------------------------------------------- */

static inline const struct submission *grading_find(const struct grading *grading, const char *key)
{
    for (int i = 0; i < grading->class.count; i++)
        if (strcmp(grading->class.submissions[i].key, key) == 0)
            return &grading->class.submissions[i];
    ck_abort_msg("there is no submission %s", key);
    return NULL;
}

/* All that the report of a submission says: problem, notes, ignored. */
static inline void submission_words(const struct submission *submission, struct text *words)
{
    text_addf(words, "%s\n%s", submission->problem == NULL ? "" : submission->problem,
              text_str(&submission->notes));
    for (int i = 0; i < submission->ignored_count; i++)
        text_addf(words, "ignored: %s (%d files): %s\n", submission->ignored[i].name,
                  submission->ignored[i].files, submission->ignored[i].why);
}

static inline void add_words(struct text *out, const char *before, const char *lines)
{
    for (text_add(out, *lines == '\0' ? "" : before); *lines != '\0'; lines++)
        text_append(out, *lines == '\n' ? " " : lines, *lines == '\n' && lines[1] == '\0' ? 0 : 1);
}

/* One line a submission: "70002 late counts Student Two: main.c". */
static inline void class_words(const struct handed_in *class, struct text *words)
{
    for (int i = 0; i < class->count; i++) {
        const struct submission *submission = &class->submissions[i];
        text_add(words, submission->id);
        if (submission->late != UNKNOWN)
            text_add(words, submission->late ? " late" : " in-time");
        if (submission->attempt != UNKNOWN)
            text_addf(words, " number-%d", submission->attempt);
        text_addf(words, "%s%s%s", submission->time[0] != '\0' ? " at-" : "", submission->time,
                  submission->counts ? " counts" : "");
        text_add(words, submission->needs_person ? " person" : "");
        if (submission->group != NULL)
            text_addf(words, " group-%s", submission->group);
        text_addf(words, " %s", submission->name);
        for (int k = 0; k < submission->lab_count; k++)
            add_words(words, ": ", text_str(&submission->labs[k].taken));
        text_add(words, "\n");
    }
}

/* Fails with both when the class is another. */
static inline void grading_expect(const struct grading *grading, const char *platform,
                                  const char *expected)
{
    struct text words = {0};
    class_words(&grading->class, &words);
    ck_assert_str_eq(grading->class.platform, platform);
    ck_assert_msg(strcmp(text_str(&words), expected) == 0, "expected\n%s\ngot\n%s", expected,
                  text_str(&words));
    text_release(&words);
}

/* Whether OUT has a file KEY/01-service/NAME with these bytes; expected NULL = it is not there. */
static inline void grading_holds(const struct grading *grading, const char *key, const char *name,
                                 const char *expected)
{
    char path[GRADE_PATH_SIZE + 512];
    struct text got = {0};
    snprintf(path, sizeof path, "%s/%s/01-service/%s", grading->out, key, name);
    const int code = files_read(path, HANDED_BYTES_MAX, &got, NULL);
    if (expected == NULL)
        ck_assert_msg(code == ERR_NOT_FOUND, "%s is there", path);
    else
        ck_assert_msg(code == 0 && strcmp(text_str(&got), expected) == 0,
                      "%s: expected\n%s\ngot (%d)\n%s", path, expected, code, text_str(&got));
    text_release(&got);
}

#endif
