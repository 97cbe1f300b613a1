/*
 * Rationales: the rubric of lab 04, marks that are right, and every way in which a file is void.
 */
#include <stdio.h>
#include <string.h>

#include "base/files.h"
#include "course/lab.h"
#include "course/rationale.h"
#include "kit/error.h"
#include "kit/text.h"
#include "suites/suites.h"
#include "tests/run_tests.h"

/* A tree of its own with these marks in lab 04; NULL: none. */
static struct rationale *read_with(const char *marks, size_t length)
{
    char *tree = NULL, folder[512], path[600];
    ck_assert_int_eq(files_make_temporary(&tree, NULL), 0);
    snprintf(folder, sizeof folder, "%s/04-chat", tree);
    ck_assert_int_eq(files_make(folder, NULL), 0);
    snprintf(path, sizeof path, "%s/rationale-marks.json", folder);
    if (marks != NULL)
        ck_assert_int_eq(files_write(path, marks, length, NULL), 0);
    struct rationale *rationale = rationale_read(&lab_04_chat, tree);
    files_remove(tree);
    free(tree);
    return rationale;
}

#define HEAD                                                                                       \
    "{\"version\":1,\"lab\":\"04-chat\",\"student\":\"Ada\",\"reader\":\"Grace\","                 \
    "\"date\":\"2026-12-01\",\"marks\":["
#define MARK(id, level) "{\"id\":\"" id "\",\"level\":" #level "}"
#define FOUR                                                                                       \
    MARK("writing", 4)                                                                             \
    "," MARK("cut", 3) "," MARK("data", 0) "," MARK("scaling", 4)
#define FIVE FOUR "," MARK("failure", 3)
#define SIX  FIVE ",{\"id\":\"communication\",\"level\":4,\"note\":\"Well said: <b> & \\u00e9.\"}"

START_TEST(marks_are_summed_and_have_their_sentences)
{
    struct rationale *rationale = read_with(HEAD SIX "]}", strlen(HEAD SIX "]}"));
    char words[32];
    ck_assert_ptr_nonnull(rationale);
    ck_assert_msg(rationale->state == RATIONALE_READ, "%s", rationale->fault);
    ck_assert_int_eq(rationale->count, 6);
    ck_assert_int_eq(rationale->points, 18);
    ck_assert_int_eq(rationale->points_max, 24);
    ck_assert_str_eq(rationale->student, "Ada");
    ck_assert_str_eq(rationale->reader, "Grace");
    ck_assert_str_eq(rationale->date, "2026-12-01");
    ck_assert_str_eq(rationale->criteria[0].id, "cut");
    ck_assert_int_eq(rationale->criteria[0].level, 3);
    ck_assert_str_eq(rationale->criteria[0].note, "");
    ck_assert_ptr_nonnull(strstr(rationale->criteria[0].sentence, "at least one other cut"));
    ck_assert_str_eq(rationale->criteria[1].note, "Well said: <b> & \xc3\xa9.");
    rationale_words(rationale, words, sizeof words);
    ck_assert_str_eq(words, "18 of 24");
    rationale_free(rationale);
}
END_TEST

START_TEST(without_marks_it_is_not_yet_read)
{
    struct rationale *rationale = read_with(NULL, 0);
    char words[32];
    ck_assert_ptr_nonnull(rationale);
    ck_assert_int_eq(rationale->state, RATIONALE_NOT_READ);
    ck_assert_int_eq(rationale->points_max, 24);
    ck_assert_ptr_null(rationale->criteria[0].sentence);
    rationale_words(rationale, words, sizeof words);
    ck_assert_str_eq(words, "not yet read");
    rationale_free(rationale);
    ck_assert_ptr_null(rationale_read(&lab_03_saga, "solutions"));
    rationale_free(NULL);
}
END_TEST

START_TEST(what_is_wrong_is_named_with_its_path)
{
    static const struct {
        const char *marks, *words;
    } cases[] = {
        {"", "rationale-marks.json: "},
        {"{", "rationale-marks.json: "},
        {"[]", "the file must be an object."},
        {HEAD SIX "]", "rationale-marks.json: "},
        {HEAD SIX "]} x", "rationale-marks.json: "},
        {"{\"version\":2,\"lab\":\"04-chat\",\"points\":7}",
         "version is 2, and this course reads version 1."},
        {"{\"lab\":\"04-chat\"}", "version is required."},
        {"{\"version\":1.5,\"lab\":\"04-chat\"}", "version must be a whole number"},
        {"{\"version\":1,\"lab\":\"03-saga\"}", "lab is another lab."},
        {HEAD SIX "],\"total\":18}", "total is not a known field."},
        {HEAD SIX ",{\"id\":\"cut\",\"level\":3}]}", "marks[6].id is there twice."},
        {HEAD FIVE "]}", "marks lacks a mark for communication."},
        {HEAD FIVE "," MARK("style", 3) "]}", "marks[5].id is no criterion of the rubric."},
        {HEAD FIVE "," MARK("Communication", 3) "]}", "marks[5].id is no criterion"},
        {HEAD FIVE "," MARK("communication", 5) "]}",
         "marks[5].level must be a whole number from 0 to 4."},
        {HEAD FIVE "," MARK("communication", -1) "]}", "marks[5].level must be"},
        {HEAD FIVE "," MARK("communication", 2.5) "]}", "marks[5].level must be"},
        {HEAD FIVE "," MARK("communication", "3") "]}", "marks[5].level must be"},
        {HEAD FIVE ",{\"id\":\"communication\"}]}", "marks[5].level is required."},
        {HEAD FIVE ",{\"id\":\"communication\",\"level\":3,\"points\":3}]}",
         "marks[5].points is not a known field."},
        {HEAD FIVE ",7]}", "marks[5] must be an object."},
        {"{\"version\":1,\"lab\":\"04-chat\",\"student\":\"Ada\",\"reader\":\"Grace\","
         "\"date\":\"2026-13-01\",\"marks\":[" SIX "]}",
         "date must be a day such as 2026-12-01."},
        {"{\"version\":1,\"lab\":\"04-chat\",\"student\":\"\",\"reader\":\"Grace\","
         "\"date\":\"2026-12-01\",\"marks\":[" SIX "]}",
         "student must be"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct rationale *rationale = read_with(cases[i].marks, strlen(cases[i].marks));
        ck_assert_ptr_nonnull(rationale);
        ck_assert_msg(rationale->state == RATIONALE_VOID, "%s", cases[i].marks);
        ck_assert_msg(strstr(rationale->fault, cases[i].words) != NULL, "%s: \"%s\" lacks \"%s\"",
                      cases[i].marks, rationale->fault, cases[i].words);
        ck_assert_int_eq(rationale->points, 0);
        ck_assert_ptr_null(rationale->criteria[0].sentence);
        ck_assert_ptr_null(rationale->student);
        rationale_free(rationale);
    }
}
END_TEST

/* With a note of so many bytes. */
static enum rationale_state state_with_note(int length)
{
    struct text marks = {0};
    text_add(&marks, HEAD FIVE ",{\"id\":\"communication\",\"level\":4,\"note\":\"");
    for (int i = 0; i < length; i++)
        text_add(&marks, "x");
    text_add(&marks, "\"}]}");
    struct rationale *rationale = read_with(text_str(&marks), marks.length);
    const enum rationale_state state = rationale->state;
    rationale_free(rationale);
    text_release(&marks);
    return state;
}

START_TEST(notes_and_files_have_a_limit)
{
    ck_assert_int_eq(state_with_note(RATIONALE_NOTE_MAX), RATIONALE_READ);
    ck_assert_int_eq(state_with_note(RATIONALE_NOTE_MAX + 1), RATIONALE_VOID);
    ck_assert_int_eq(state_with_note(2 * RATIONALE_FILE_MAX), RATIONALE_VOID);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        marks_are_summed_and_have_their_sentences, without_marks_it_is_not_yet_read,
        what_is_wrong_is_named_with_its_path, notes_and_files_have_a_limit, NULL};
    return run_tests("rationale", tests);
}
