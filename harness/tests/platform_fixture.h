/*
 * What a platform delivers for a class, packed and unpacked, and the class's roster.
 *
 * The people are invented; 02 and 07 have one name, 10 hands in nothing, 12 is called Late.
 */
#ifndef TESTS_PLATFORM_FIXTURE_H
#define TESTS_PLATFORM_FIXTURE_H

#include "tests/grade_fixture.h"

static const char class_roster[] =
    "key,given,family,login,email,canvas_id,sis_id,moodle_participant\n"
    "01,Student,One,student-01,student-01@example.edu,70001,S00001,500001\n"
    "02,Student,Two,student-02,student-02@example.edu,70002,S00002,500002\n"
    "03,Zoë,Núñez,student-03,student-03@example.edu,70003,S00003,500003\n"
    "04,Pat,O'Brien,student-04,student-04@example.edu,70004,S00004,500004\n"
    "07,Student,Two,student-07,student-07@example.edu,70007,S00007,500007\n"
    "08,Student_8_b,Eight,student-08,student-08@example.edu,70008,S00008,500008\n"
    "10,Student,Ten,student-10,student-10@example.edu,70010,S00010,500010\n"
    "12,Chris,Late,student-12,student-12@example.edu,70012,S00012,500012\n";

static inline int ends_with(const char *name, const char *ending)
{
    const size_t length = strlen(name), tail = strlen(ending);
    return length >= tail && strcmp(name + length - tail, ending) == 0;
}

/* What a student hands in under such a name. */
static inline void work_as(const char *name, struct text *out)
{
    struct zip_file zip = {0};
    struct text tar = {0};
    if (ends_with(name, ".zip")) {
        zip_work(&zip, "");
        zip_end(&zip, out);
    } else if (ends_with(name, ".tar") || ends_with(name, ".tar.gz")) {
        tar_work(&tar, "");
        tar_end(&tar);
        if (ends_with(name, ".tar"))
            text_append(out, text_str(&tar), tar.length);
        else
            compress_as(ARCHIVE_FILTER_GZIP, &tar, out);
    } else {
        text_add(out, ends_with(name, ".c") ? work[4].bytes : "text\n");
    }
    text_release(&tar);
}

/* One that a platform delivers: bytes NULL = work_as. */
struct delivered {
    const char *name, *bytes;
};

/* Takes in the class as the archive of that name, then as the folder that it is unpacked to: both
   must read the same. */
static inline void deliver(struct grading *grading, const char *name, const struct delivered *files,
                           const char *with_roster)
{
    struct zip_file zip = {0};
    struct text archive = {0}, path = {0};
    for (; files->name != NULL; files++) {
        struct text bytes = {0};
        if (files->bytes == NULL)
            work_as(files->name, &bytes);
        else
            text_add(&bytes, files->bytes);
        zip_add(&zip, (struct member){
                          .name = files->name, .bytes = text_str(&bytes), .length = bytes.length});
        text_clear(&path);
        text_addf(&path, "unpacked/%s", files->name);
        grading_write(grading, text_str(&path), text_str(&bytes), bytes.length);
        text_release(&bytes);
    }
    zip_end(&zip, &archive);
    grading_write(grading, name, text_str(&archive), archive.length);
    ck_assert_msg(grading_take(grading, "unpacked", with_roster) == 0, "%s", grading->err.text);
    struct text unpacked = {0}, packed = {0};
    class_words(&grading->class, &unpacked);
    ck_assert_msg(grading_take(grading, name, with_roster) == 0, "%s", grading->err.text);
    class_words(&grading->class, &packed);
    ck_assert_str_eq(text_str(&unpacked), text_str(&packed));
    text_release(&unpacked);
    text_release(&packed);
    text_release(&archive);
    text_release(&path);
}

static inline void expect_says(const char *words, const char *expected)
{
    ck_assert_msg(strstr(words, expected) != NULL, "expected \"%s\" in\n%s", expected, words);
}

#endif
