/*
 * A table of odd archives, each with what must come of it, taken in as one class.
 */
#ifndef TESTS_ODD_ARCHIVES_H
#define TESTS_ODD_ARCHIVES_H

#include "tests/grade_fixture.h"

enum outcome {
    TAKEN,   /* the lab's files as they were handed in, and nothing is said */
    NOTED,   /* the lab's files, and the report says the words */
    CHANGED, /* so too, but their bytes are not those of `work` */
    REFUSED  /* nothing is taken, and the problem says the words */
};

struct odd {
    const char *file; /* its name in the class */
    void (*make)(struct text *out);
    enum outcome outcome;
    const char *says;
};

static inline void odd_expect(const struct grading *grading, const struct odd *odd)
{
    char key[256];
    snprintf(key, sizeof key, "s-%.*s", (int)strcspn(odd->file, "."), odd->file);
    const struct submission *submission = grading_find(grading, key);
    struct text words = {0};
    submission_words(submission, &words);
    const int is_taken = submission->problem == NULL && submission->counts == 1;
    ck_assert_msg(is_taken == (odd->outcome != REFUSED), "%s: %s", odd->file, text_str(&words));
    if (odd->outcome == TAKEN)
        ck_assert_msg(submission->notes.length == 0, "%s: %s", odd->file, text_str(&words));
    if (odd->outcome == REFUSED)
        ck_assert_msg(strstr(submission->problem, odd->says) != NULL && submission->lab_count == 0,
                      "%s: expected \"%s\", got \"%s\"", odd->file, odd->says, submission->problem);
    if (odd->says != NULL)
        ck_assert_msg(strstr(text_str(&words), odd->says) != NULL, "%s: expected \"%s\", got\n%s",
                      odd->file, odd->says, text_str(&words));
    for (int i = 2; i < WORK && odd->outcome != CHANGED; i++)
        grading_holds(grading, key, work[i].name, is_taken ? work[i].bytes : NULL);
    if (is_taken)
        ck_assert_str_eq(text_str(&submission->labs[0].taken),
                         "src/main.c\nsrc/loop.c\ninclude/loop.h\n");
    text_release(&words);
}

/* The number of files below the folder. */
static inline int count_files(const char *folder)
{
    struct text command = {0};
    int count = 0;
    text_addf(&command, "find '%s' ! -type d | wc -l", folder);
    FILE *found = popen(text_str(&command), "r");
    ck_assert(found != NULL && fscanf(found, "%d", &count) == 1);
    pclose(found);
    text_release(&command);
    return count;
}

static inline void odds_expect(const struct odd *odds, int count)
{
    struct grading grading;
    int taken = 0;
    grading_open(&grading, "src/main.c\nsrc/loop.c\ninclude/loop.h\n");
    for (int i = 0; i < count; i++) {
        struct text archive = {0}, name = {0};
        odds[i].make(&archive);
        text_addf(&name, "in/%s", odds[i].file);
        grading_write(&grading, text_str(&name), text_str(&archive), archive.length);
        text_release(&archive);
        text_release(&name);
    }
    const int before = count_files(grading.root);
    ck_assert_msg(grading_take(&grading, "in", NULL) == 0, "%s", grading.err.text);
    ck_assert_int_eq(grading.class.count, count);
    for (int i = 0; i < count; i++) {
        odd_expect(&grading, &odds[i]);
        taken += odds[i].outcome != REFUSED;
    }
    /* Nothing was written but what was taken, and nothing beside OUT. */
    ck_assert_int_eq(count_files(grading.out), taken * (WORK - 2));
    ck_assert_int_eq(count_files(grading.root), before + taken * (WORK - 2));
    grading_close(&grading);
}

#endif
