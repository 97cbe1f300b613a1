/*
 * What Canvas, Moodle and Blackboard deliver: which file is whose, late or not, which attempt
 * counts. They put it all into the names of files.
 */
#include "tests/platform_fixture.h"

/* --- Canvas ----------------------------------------------------------------------------------- */

START_TEST(canvas_names_are_read)
{
    static const struct delivered files[] = {
        {"onestudent_70001_910001_lab01.zip", NULL},
        {"twostudent_LATE_70002_910002_lab01-1.tar.gz", NULL},
        {"obrienpat_70004_910004_main.c", NULL},
        {"obrienpat_70004_910005_loop.h", NULL},
        {"twostudent_70007_910009_main-1.c", NULL},
        {"eightstudent8b_70008_910010_lab_01_v2.zip", NULL},
        {"latechris_70012_910012_lab01.zip", NULL},
        {"núñezzoë_70003_text.html", "<p>see my repository</p>"},
        {NULL, NULL},
    };
    struct grading grading;
    grading_open(&grading, "main.c\n");
    deliver(&grading, "submissions.zip", files, class_roster);
    grading_expect(&grading, "Canvas",
                   "70001 in-time counts Student One: main.c\n"
                   "70002 late counts Student Two: main.c\n"
                   "70003 in-time Zoë Núñez\n"
                   "70004 in-time counts Pat O'Brien: main.c\n"
                   "70007 in-time counts Student Two: main.c\n"
                   "70008 in-time counts Student_8_b Eight: main.c\n"
                   "70012 in-time counts Chris Late: main.c\n");
    expect_says(grading_find(&grading, "s-70003")->problem,
                "only text was typed into the platform");
    expect_says(text_str(&grading_find(&grading, "s-70007")->notes),
                "main-1.c was taken as main.c");
    ck_assert_str_eq(text_str(&grading.class.missing), "Student Ten (student-10)\n");
    grading_close(&grading);
}
END_TEST

START_TEST(anonymous_canvas_stays_anonymous)
{
    static const struct delivered files[] = {
        {"anon_a1B2c_910101_lab01.zip", NULL},
        {"LATE_anon_Zz9Qx_910102_lab01.zip", NULL},
        {"anon_7kLmN_text.html", "<p>text</p>"},
        {NULL, NULL},
    };
    struct grading grading;
    grading_open(&grading, "main.c\n");
    deliver(&grading, "submissions.zip", files, class_roster);
    grading_expect(&grading, "Canvas",
                   "7kLmN in-time \nZz9Qx late counts : main.c\na1B2c in-time counts : main.c\n");
    expect_says(text_str(&grading.class.lines), "3 submissions are anonymous: reveal the names");
    ck_assert_uint_eq(grading.class.missing.length, 0);
    grading_close(&grading);
}
END_TEST

START_TEST(a_canvas_group_has_one_member_and_says_so)
{
    static const struct delivered files[] = {
        {"team7_70001_910201_lab01.zip", NULL},
        {"óscarandco_LATE_70003_910202_lab01.zip", NULL},
        {NULL, NULL},
    };
    struct grading grading;
    grading_open(&grading, "main.c\n");
    deliver(&grading, "submissions.zip", files, class_roster);
    grading_expect(&grading, "Canvas",
                   "70001 in-time counts group-team7 Student One: main.c\n"
                   "70003 late counts group-óscarandco Zoë Núñez: main.c\n");
    expect_says(
        text_str(&grading_find(&grading, "s-70001")->notes),
        "this was handed in as team7: if that is a group, only Student One gets the result");
    grading_close(&grading);
}
END_TEST

/* --- Moodle ----------------------------------------------------------------------------------- */

/* "%s" is what stands between the name and the file in one of Moodle's three ways. */
static void moodle_files(const char *between, struct delivered *files, char names[6][128])
{
    static const char *const file_names[] = {"lab01.zip", "main.c", "lab_01_final.zip", "main.c"};
    static const char *const people[] = {"Student One_500001", "Pat OBrien_500004",
                                         "Pat OBrien_500004", "Zoë Núñez_500003"};
    for (int i = 0; i < 4; i++)
        snprintf(names[i], 128, "%s_assignsubmission_file%s%s", people[i], between, file_names[i]);
    snprintf(names[4], 128, "Student Two_500002_assignsubmission_onlinetext%sonlinetext.html",
             between);
    /* A student's own name imitates another's folder. */
    snprintf(names[5], 128,
             "Student Two_500007_assignsubmission_file%sx_500001_assignsubmission_"
             "file_main.c",
             between);
    for (int i = 0; i < 6; i++)
        files[i] = (struct delivered){names[i], NULL};
    files[6] = (struct delivered){0};
}

START_TEST(moodle_numbers_are_read_in_each_of_its_ways)
{
    static const char *const ways[] = {"/", "_/", "_"};
    for (int i = 0; i < 3; i++) {
        struct grading grading;
        struct delivered files[7];
        char names[6][128];
        grading_open(&grading, "main.c\n");
        moodle_files(ways[i], files, names);
        deliver(&grading, "submissions.zip", files, class_roster);
        grading_expect(&grading, "Moodle",
                       "500001 counts Student One: main.c\n"
                       "500002 Student Two\n"
                       "500003 counts Zoë Núñez: main.c\n"
                       "500004 counts Pat O'Brien: main.c\n"
                       "500007 Student Two\n");
        expect_says(grading_find(&grading, "s-500002")->problem, "only text was typed");
        grading_close(&grading);
    }
}
END_TEST

/* The worksheet's column Group, and a team on GitHub, say who gets the result. */
START_TEST(groups_of_the_roster_share_their_submission)
{
    static const struct delivered moodle[] = {
        {"Team Seven Up_88_assignsubmission_file/main.c", NULL},
        {"Team 8_89_assignsubmission_file/main.c", NULL},
        {NULL, NULL},
    };
    static const struct delivered canvas[] = {{"team7_70002_910201_main.c", NULL}, {NULL, NULL}};
    static const char worksheet[] = "Identifier,Full name,Group\n"
                                    "Participant 500001,Student One,Team Seven: Up\n"
                                    "Participant 500002,Student Two,Team Seven: Up\n"
                                    "Participant 500003,Student Three,\n"
                                    "Participant 500088,Student Four,Team 8\n";
    static const char people[] = "canvas_id,name,group\n70001,Student One,Team 7\n"
                                 "70002,Student Two,Team 7\n70003,Student Three,Team 8\n";
    struct grading grading;
    grading_open(&grading, "main.c\n");
    deliver(&grading, "submissions.zip", moodle, worksheet);
    grading_expect(&grading, "Moodle",
                   "88 counts group-Team Seven Up Student One, Student Two: main.c\n"
                   "89 counts group-Team 8 Student Four: main.c\n");
    ck_assert_str_eq(text_str(&grading.class.missing), "Student Three (Participant 500003)\n");
    grading_close(&grading);
    grading_open(&grading, "main.c\n");
    deliver(&grading, "submissions.zip", canvas, people);
    grading_expect(&grading, "Canvas",
                   "70002 in-time counts group-team7 Student Two, Student One: main.c\n");
    ck_assert_str_eq(text_str(&grading.class.missing), "Student Three (70003)\n");
    grading_close(&grading);
}
END_TEST

START_TEST(moodle_groups_are_no_participants)
{
    static const struct delivered with_default[] = {
        {"Team 7_88_assignsubmission_file/lab01.zip", NULL},
        {"Default group_assignsubmission_file/main.c", NULL},
        {NULL, NULL},
    };
    static const struct delivered numbered[] = {
        {"Team 7_88_assignsubmission_file/lab01.zip", NULL},
        {NULL, NULL},
    };
    struct grading grading;
    grading_open(&grading, "main.c\n");
    deliver(&grading, "submissions.zip", with_default, NULL);
    grading_expect(&grading, "Moodle",
                   "88 counts group-Team 7 Team 7: main.c\n"
                   "Default group counts group-Default group Default group: main.c\n");
    expect_says(text_str(&grading.class.lines), "these are submissions of groups");
    grading_close(&grading);
    grading_open(&grading, "main.c\n");
    deliver(&grading, "submissions.zip", numbered, class_roster);
    ck_assert_int_eq(grading.class.submissions[0].kind, ID_MOODLE_GROUP);
    grading_close(&grading);
}
END_TEST

/* --- Blackboard ------------------------------------------------------------------------------- */

#define BLACKBOARD(user, date) "Lab_attempt_01_" user "_attempt_" date
#define RECEIPT(name, user, comment, files)                                                        \
    "Name: " name " (" user ")\nAssignment: Lab 01\nDate Submitted: Friday\nCurrent Grade: Needs " \
    "Grading\n\nSubmission Field:\nnone\n\nComments:\n" comment "\n\nFiles:\n" files

START_TEST(blackboard_receipts_say_who_and_what)
{
    static const char first[] = BLACKBOARD("student-02", "2026-11-05-09-00-00");
    static const char second[] = BLACKBOARD("student-02", "2026-11-06-18-03-31");
    static const char third[] = BLACKBOARD("student-04", "2026-11-06-16-20-00");
    static const char fourth[] = BLACKBOARD("student-03", "2026-11-06-10-10-10");
    char names[8][128];
    snprintf(names[0], 128, "%s.txt", first);
    snprintf(names[1], 128, "%s_lab01.zip", first);
    snprintf(names[2], 128, "%s.txt", second);
    snprintf(names[3], 128, "%s_lab01.zip", second);
    snprintf(names[4], 128, "%s.txt", third);
    snprintf(names[5], 128, "%s_main_attempt_2026-11-07-00-00-00_.c", third);
    snprintf(names[6], 128, "%s_my_notes_attempt_2.txt", third);
    snprintf(names[7], 128, "%s.txt", fourth);
    const struct delivered files[] = {
        {names[0],
         RECEIPT("Student Two", "student-02", "none",
                 "\tOriginal filename: lab01.zip\n"
                 "\tFilename: Lab_attempt_01_student-02_attempt_2026-11-05-09-00-00_lab01.zip\n")},
        {names[1], NULL},
        {names[2], RECEIPT("Student Two", "student-02", "none", "")},
        {names[3], NULL},
        {names[4], RECEIPT("Pat O'Brien", "student-04",
                           "Name: not a field\nFiles:\n\tOriginal filename: mine.c\n\tFilename: "
                           "main_attempt_2026-11-07-00-00-00_.c\n",
                           "\tOriginal filename: main.c\n\tFilename: Lab_attempt_01_student-04_"
                           "attempt_2026-11-06-16-20-00_main_attempt_2026-11-07-00-00-00_.c\n")},
        {names[5], work[4].bytes},
        {names[6], NULL},
        {names[7], RECEIPT("Zoë Núñez", "student-03", "none", "No files were attached.\n")},
        {NULL, NULL},
    };
    struct grading grading;
    grading_open(&grading, "main.c\n");
    deliver(&grading, "gradebook_SVC101_Lab2001.zip", files, class_roster);
    grading_expect(&grading, "Blackboard",
                   "student-02 at-2026-11-05-09-00-00 Student Two\n"
                   "student-02 at-2026-11-06-18-03-31 counts Student Two: main.c\n"
                   "student-03 at-2026-11-06-10-10-10 Zoë Núñez\n"
                   "student-04 at-2026-11-06-16-20-00 counts Pat O'Brien: main.c\n");
    ck_assert_str_eq(grading_find(&grading, "s-student-02")->why,
                     "newest of 2 attempts (2026-11-06-18-03-31)");
    expect_says(grading_find(&grading, "s-student-03")->problem, "no file was handed in");
    grading_close(&grading);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        canvas_names_are_read,
        anonymous_canvas_stays_anonymous,
        a_canvas_group_has_one_member_and_says_so,
        moodle_numbers_are_read_in_each_of_its_ways,
        groups_of_the_roster_share_their_submission,
        moodle_groups_are_no_participants,
        blackboard_receipts_say_who_and_what,
        NULL,
    };
    return run_tests("grade platforms", tests);
}
