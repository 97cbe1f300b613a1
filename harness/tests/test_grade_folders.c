/*
 * What Brightspace, Sakai, Gradescope, Autolab, Autograder.io and GitHub Classroom deliver: which
 * folder is whose, which attempt counts. And Google Classroom, which does not say.
 */
#include "tests/platform_fixture.h"

/* --- Brightspace ------------------------------------------------------------------------------ */

START_TEST(brightspace_joins_by_a_name_that_one_student_has)
{
    static const struct delivered files[] = {
        {"index.html", "<html></html>"},
        {"39701-640693 - Student One - Nov 6, 2026 541 PM/lab01.zip", NULL},
        {"39702-640693 - Student Two - Nov 5, 2026 900 AM/lab01.zip", NULL},
        {"39702-640693 - Student Two - Nov 6, 2026 603 PM/lab01.zip", NULL},
        {"39703-640693 - Zoë Núñez - Nov 6, 2026 1200 PM/main.c", NULL},
        {"39707-640693 - Student Two - Nov 6, 2026 1222 AM/lab01.zip", NULL},
        {NULL, NULL},
    };
    struct grading grading;
    grading_open(&grading, "main.c\n");
    deliver(&grading, "Lab 01 Download Nov 7, 2026 912 AM.zip", files, class_roster);
    grading_expect(&grading, "Brightspace",
                   "39701-640693 at-2026-11-06T17:41 counts Student One: main.c\n"
                   "39702-640693 at-2026-11-05T09:00 person Student Two\n"
                   "39702-640693 at-2026-11-06T18:03 counts person Student Two: main.c\n"
                   "39703-640693 at-2026-11-06T12:00 counts Zoë Núñez: main.c\n"
                   "39707-640693 at-2026-11-06T00:22 counts person Student Two: main.c\n");
    expect_says(text_str(&grading.class.lines),
                "brightspace submission 39707-640693 (Student Two) fits several students");
    ck_assert_ptr_null(strstr(text_str(&grading.class.missing), "Student Two"));
    grading_close(&grading);
}
END_TEST

/* --- Sakai ------------------------------------------------------------------------------------ */

#define SAKAI "Lab 01 Service loop/"

START_TEST(sakai_folders_are_read)
{
    static const struct delivered files[] = {
        {SAKAI "One, Student(student-01)/timestamp.txt", "2026-11-06T17:41:05Z"},
        {SAKAI "One, Student(student-01)/Submission attachment(s)/lab01.zip", NULL},
        {SAKAI "One, Student(student-01)/One, Student(student-01)_submissionText.html", ""},
        {SAKAI "One, Student(student-01)/Feedback Attachment(s)/main.c", "/* not the student's */"},
        {SAKAI "Nunez, Zoe(student-03)/timestamp.txt", "2026-11-06T18:03:31Z"},
        {SAKAI "Nunez, Zoe(student-03)/Submission attachment(s)/main.c", NULL},
        {SAKAI "grades.csv",
         "\xef\xbb\xbf\"Lab 01 Service loop\",\"SCORE_GRADE_TYPE\"\n\"\"\n\"Display ID\",\"ID\","
         "\"Last Name\",\"First Name\",\"grade\",\"Submission date\",\"Late submission\"\n"
         "\"student-01\",\"student-01\",\"One\",\"Student\",\"\",\"x\",\"On time\"\n"
         "\"student-03\",\"student-03\",\"Núñez\",\"Zoë\",\"\",\"x\",\"Late\"\n"},
        {NULL, NULL},
    };
    struct grading grading;
    grading_open(&grading, "main.c\n");
    deliver(&grading, "bulk_download.zip", files, class_roster);
    grading_expect(&grading, "Sakai",
                   "student-01 in-time at-2026-11-06T17:41:05Z counts Student One: main.c\n"
                   "student-03 late at-2026-11-06T18:03:31Z counts Zoë Núñez: main.c\n");
    grading_holds(&grading, "s-student-01", "main.c", work[4].bytes);
    grading_close(&grading);
}
END_TEST

/* --- Gradescope ------------------------------------------------------------------------------- */

#define EXPORT "assignment_7360081_export/"

START_TEST(gradescope_metadata_names_the_submitters)
{
    static const struct delivered files[] = {
        {EXPORT "submission_metadata.yml", "submission_423401501:\n"
                                           "  :submitters:\n"
                                           "  - :name: Student One\n"
                                           "    :sid: S00001\n"
                                           "    :email: student-01@example.edu\n"
                                           "  :created_at: 2026-11-06 17:41:05.861687000 Z\n"
                                           "  :results:\n"
                                           "    tests:\n"
                                           "    - output: |-\n"
                                           "        12 of 13 checks\n"
                                           "        :submitters: is not a key here\n"
                                           "submission_423401502:\n"
                                           "  :submitters:\n"
                                           "  - :name: Student Two\n"
                                           "    :sid: '00042'\n"
                                           "    :email: student-02@example.edu\n"
                                           "  - :name: Zoë Núñez\n"
                                           "    :sid: S00003\n"
                                           "    :email: student-03@example.edu\n"
                                           "  :created_at: 2026-11-06 18:03:31.000000000 Z\n"
                                           "submission_423401503:\n"
                                           "  :submitters: []\n"
                                           "submission_423401504:\n"
                                           "  :submitters:\n"
                                           "  - :sid: 333\n"
                                           "    :name: \"Pat O'Brien\"\n"},
        {EXPORT "submission_423401501/src/main.c", NULL},
        {EXPORT "submission_423401502/lab01/src/main.c", NULL},
        {EXPORT "submission_423401503/main.c", NULL},
        {EXPORT "submission_423401504/main.c", NULL},
        {NULL, NULL},
    };
    struct grading grading;
    grading_open(&grading, "main.c\n");
    deliver(&grading, "assignment_7360081_export.zip", files, class_roster);
    grading_expect(&grading, "Gradescope",
                   "423401501 at-2026-11-06T17:41:05.861687Z counts Student One: main.c\n"
                   "423401502 at-2026-11-06T18:03:31Z counts group-Student Two, Zoë Núñez "
                   "Student Two, Zoë Núñez: main.c\n"
                   "423401503 person \n"
                   "423401504 counts Pat O'Brien: main.c\n");
    ck_assert_int_eq(grading_find(&grading, "s-423401502")->row_count, 2);
    expect_says(grading_find(&grading, "s-423401503")->problem, "Gradescope names no submitter");
    expect_says(text_str(&grading.class.lines),
                "submission 423401504: its submitter Pat O'Brien (333) is not in the roster");
    grading_close(&grading);
}
END_TEST

/* A name of several lines, as Gradescope's library quotes it, is no other submission. */
START_TEST(gradescope_names_forge_no_lines)
{
    static const struct delivered files[] = {
        {EXPORT "submission_metadata.yml", "submission_1:\n"
                                           "  :submitters:\n"
                                           "  - :name: 'Student ''One''\n"
                                           "\n"
                                           "submission_2:\n"
                                           "  :submitters:\n"
                                           "  - :sid: S00001\n"
                                           "'\n"
                                           "    :sid: S00002\n"
                                           "    :note: |-\n"
                                           "      :sid: S00001\n"
                                           "submission_2:\n"
                                           "  :submitters:\n"
                                           "  - :name: \"Zoë \\\"N\\\" Núñez\"\n"
                                           "    :sid: S00003\n"},
        {EXPORT "submission_1/main.c", NULL},
        {EXPORT "submission_2/main.c", NULL},
        {NULL, NULL},
    };
    struct grading grading;
    grading_open(&grading, "main.c\n");
    deliver(&grading, "assignment_1_export.zip", files, class_roster);
    grading_expect(&grading, "Gradescope",
                   "1 counts Student Two: main.c\n2 counts Zoë Núñez: main.c\n");
    grading_close(&grading);
}
END_TEST

/* --- Autolab, Autograder.io ------------------------------------------------------------------- */

START_TEST(autolab_versions_count_as_numbers)
{
    static const struct delivered files[] = {
        {"student-01@example.edu_9_handin.tar", NULL},
        {"student-01@example.edu_10_handin.tar.gz", NULL},
        {"3_student-02@example.edu_lab_01.tar", NULL},
        {"12_my_student-03@example.edu_lab_01.tar", NULL},
        {NULL, NULL},
    };
    struct grading grading;
    grading_open(&grading, "main.c\n");
    deliver(&grading, "SVC101_f26_lab01_submissions.zip", files, class_roster);
    grading_expect(&grading, "Autolab",
                   "student-01@example.edu number-9 Student One\n"
                   "student-01@example.edu number-10 counts Student One: main.c\n"
                   "student-02@example.edu number-3 counts Student Two: main.c\n"
                   "student-03@example.edu number-12 counts Zoë Núñez: main.c\n");
    grading_close(&grading);
}
END_TEST

#define PROJECT "SVC101_Lab 01/"

START_TEST(autograder_io_groups_are_split_by_the_roster)
{
    static const struct delivered files[] = {
        {PROJECT "student-01@example.edu-2026-11-05T09:00:00.000001+00:00/main.c", "/* old */"},
        {PROJECT "student-01@example.edu-2026-11-06T17:41:05+00:00/main.c", NULL},
        {PROJECT "student-02@example.edu_student-03@example.edu-2026-11-06T18:03:31+00:00/main.c",
         NULL},
        {NULL, NULL},
    };
    struct grading grading;
    grading_open(&grading, "main.c\n");
    deliver(&grading, "all_submission_files.zip", files, class_roster);
    grading_expect(
        &grading, "Autograder.io",
        "student-01@example.edu at-2026-11-05T09:00:00.000001+00:00 Student One\n"
        "student-01@example.edu at-2026-11-06T17:41:05+00:00 counts Student One: main.c\n"
        "student-02@example.edu_student-03@example.edu at-2026-11-06T18:03:31+00:00 "
        "counts group-student-02@example.edu_student-03@example.edu Student Two, Zoë "
        "Núñez: main.c\n");
    grading_close(&grading);
}
END_TEST

/* --- GitHub Classroom, Google Classroom ------------------------------------------------------- */

START_TEST(github_logins_stand_behind_the_slug)
{
    static const struct delivered files[] = {
        {"lab-01-submissions/lab-01-gh-student-01/.git/config", "[core]\n\tfsmonitor = false\n"},
        {"lab-01-submissions/lab-01-gh-student-01/src/main.c", NULL},
        {"lab-01-submissions/lab-01-gh-student-04/.git/config", ""},
        {"lab-01-submissions/lab-01-gh-student-04/README.md", "start here\n"},
        {"lab-01-submissions/lab-01-GH-student-03/main.c", NULL},
        {NULL, NULL},
    };
    static const char classroom[] = "\"identifier\",\"github_username\",\"github_id\",\"name\"\n"
                                    "\"student-01@example.edu\",\"gh-student-01\",\"1\",\"\"\n"
                                    "\"O'Brien, Pat (S00004)\",\"gh-student-04\",\"4\",\"\"\n"
                                    "\"student-10@example.edu\",\"\",\"\",\"\"\n"
                                    "\"student-03@example.edu\",\"GH-Student-03\",\"3\",\"Zoë\"\n";
    struct grading grading;
    grading_open(&grading, "main.c\n");
    deliver(&grading, "lab-01.zip", files, classroom);
    grading_expect(&grading, "GitHub Classroom",
                   "GH-student-03 counts Zoë: main.c\n"
                   "gh-student-01 counts student-01@example.edu: main.c\n"
                   "gh-student-04 O'Brien, Pat (S00004)\n");
    ck_assert_str_eq(text_str(&grading.class.missing), "student-10@example.edu\n");
    ck_assert_int_eq(grading_take(&grading, "unpacked/lab-01-submissions", classroom), 0);
    ck_assert_str_eq(grading.class.platform, "GitHub Classroom");
    grading_close(&grading);
}
END_TEST

START_TEST(a_whole_page_of_repositories_may_not_be_all)
{
    struct grading grading;
    grading_open(&grading, "main.c\n");
    for (int i = 0; i < 30; i++) {
        char name[64];
        snprintf(name, sizeof name, "lab-01-submissions/lab-01-student-%02d/main.c", i);
        grading_write(&grading, name, "\n", 1);
    }
    ck_assert_int_eq(grading_take(&grading, "lab-01-submissions", NULL), 0);
    expect_says(text_str(&grading.class.lines), "there are exactly 30 repositories");
    grading_close(&grading);
}
END_TEST

START_TEST(google_drive_does_not_say_whose_files_they_are)
{
    struct grading grading;
    grading_open(&grading, "main.c\n");
    grading_write(&grading, "in/Lab 01/lab01.zip", "PK", 2);
    grading_write(&grading, "in/Lab 01/lab01(1).zip", "PK", 2);
    ck_assert_int_eq(grading_take(&grading, "in", NULL), ERR_INVALID);
    expect_says(grading.err.text, "make a folder for each student");
    grading_close(&grading);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        brightspace_joins_by_a_name_that_one_student_has,
        sakai_folders_are_read,
        gradescope_metadata_names_the_submitters,
        gradescope_names_forge_no_lines,
        autolab_versions_count_as_numbers,
        autograder_io_groups_are_split_by_the_roster,
        github_logins_stand_behind_the_slug,
        a_whole_page_of_repositories_may_not_be_all,
        google_drive_does_not_say_whose_files_they_are,
        NULL,
    };
    return run_tests("grade folders", tests);
}
