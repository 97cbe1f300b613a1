/*
 * svclab diagrams: a lab's pictures as files that stand alone, and none of an earlier run.
 */
#include "tests/svclab_fixture.h"

#include "tests/markup.h"

#define TREE BUILD_FOLDER "/trees/solutions"

static int file_is_there(const char *dir, const char *name, struct text *out)
{
    char path[256];
    snprintf(path, sizeof path, "%s/03-saga/%s", dir, name);
    text_clear(out);
    return files_read(path, 1 << 22, out, NULL) == 0;
}

static void write_file(const char *dir, const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s/03-saga/%s", dir, name);
    ck_assert_int_eq(files_write(path, "old", 3, NULL), 0);
}

START_TEST(pictures_are_files_that_stand_alone)
{
    struct place place = {0};
    char dir[160], folder[200];
    struct text file = {0};
    place_open(&place, "good");
    snprintf(dir, sizeof dir, "%s/pictures", place.root);
    snprintf(folder, sizeof folder, "%s/03-saga", dir);
    ck_assert_int_eq(files_make(folder, NULL), 0);
    write_file(dir, "07-of-an-earlier-run.svg");
    write_file(dir, "my-own.svg");
    const char *arguments[] = {"diagrams", "--lab",     "03",
                               "--tree",   "solutions", "--programs",
                               TREE,       "--check",   "steps_follow_in_order",
                               "--out",    dir,         NULL};
    struct outcome_of outcome = svclab_run(&place, arguments);
    const char name[] = "01-the-checkout-as-a-flow-as-your-code-goes-throug.svg";
    expect_outcome(&outcome, 0, name, "diagrams of the reference");
    ck_assert_msg(file_is_there(dir, name, &file), "no %s", name);
    assert_well_formed(text_str(&file));
    ck_assert_int_eq(count_of(text_str(&file), "<style>"), 1);
    ck_assert_int_eq(count_of(text_str(&file), "prefers-color-scheme: dark"), 1);
    ck_assert(!file_is_there(dir, "07-of-an-earlier-run.svg", &file));
    ck_assert(file_is_there(dir, "my-own.svg", &file));
    text_release(&file);
    text_release(&outcome.said);
    place_close(&place);
}
END_TEST

START_TEST(a_lab_without_pictures_says_so)
{
    struct place place = {0};
    place_open(&place, "good");
    const char *arguments[] = {"diagrams",   "--lab",     "00",    "--tree",   "labs",
                               "--programs", place.build, "--out", place.root, NULL};
    struct outcome_of outcome = svclab_run(&place, arguments);
    expect_outcome(&outcome, 0, "00-tour has no pictures of this tree.", "diagrams of the tour");
    text_release(&outcome.said);
    place_close(&place);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {pictures_are_files_that_stand_alone,
                                  a_lab_without_pictures_says_so, NULL};
    return run_tests("diagrams", tests);
}
