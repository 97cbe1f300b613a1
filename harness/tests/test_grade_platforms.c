/*
 * What platforms deliver for a class: which file is whose, late or not, which attempt counts.
 *
 * The people are invented; 02 and 07 have one name, 10 hands in nothing, 12 is called Late.
 */
#include "tests/grade_fixture.h"

static const char roster[] =
    "key,given,family,login,email,canvas_id,sis_id,moodle_participant\n"
    "01,Student,One,student-01,student-01@example.edu,70001,S00001,500001\n"
    "02,Student,Two,student-02,student-02@example.edu,70002,S00002,500002\n"
    "03,Zoë,Núñez,student-03,student-03@example.edu,70003,S00003,500003\n"
    "04,Pat,O'Brien,student-04,student-04@example.edu,70004,S00004,500004\n"
    "07,Student,Two,student-07,student-07@example.edu,70007,S00007,500007\n"
    "08,Student_8_b,Eight,student-08,student-08@example.edu,70008,S00008,500008\n"
    "10,Student,Ten,student-10,student-10@example.edu,70010,S00010,500010\n"
    "12,Chris,Late,student-12,student-12@example.edu,70012,S00012,500012\n";

static int ends_with(const char *name, const char *ending)
{
    const size_t length = strlen(name), tail = strlen(ending);
    return length >= tail && strcmp(name + length - tail, ending) == 0;
}

/* What a student hands in under such a name. */
static void work_as(const char *name, struct text *out)
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
static void deliver(struct grading *grading, const char *name, const struct delivered *files,
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

static void expect_says(const char *words, const char *expected)
{
    ck_assert_msg(strstr(words, expected) != NULL, "expected \"%s\" in\n%s", expected, words);
}

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
    deliver(&grading, "submissions.zip", files, roster);
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
    deliver(&grading, "submissions.zip", files, roster);
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
    deliver(&grading, "submissions.zip", files, roster);
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
        deliver(&grading, "submissions.zip", files, roster);
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
    deliver(&grading, "submissions.zip", numbered, roster);
    ck_assert_int_eq(grading.class.submissions[0].kind, ID_MOODLE_GROUP);
    grading_close(&grading);
}
END_TEST

/* --- Blackboard ------------------------------------------------------------------------------- */

#define BLACKBOARD(user, date) "Lab 01_" user "_attempt_" date
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
                 "\tFilename: Lab 01_student-02_attempt_2026-11-05-09-00-00_lab01.zip\n")},
        {names[1], NULL},
        {names[2], RECEIPT("Student Two", "student-02", "none", "")},
        {names[3], NULL},
        {names[4], RECEIPT("Pat O'Brien", "student-04", "Name: not a field\nFiles:\nby mail",
                           "\tOriginal filename: main.c\n\tFilename: Lab 01_student-04_attempt_"
                           "2026-11-06-16-20-00_main_attempt_2026-11-07-00-00-00_.c\n")},
        {names[5], work[4].bytes},
        {names[6], NULL},
        {names[7], RECEIPT("Zoë Núñez", "student-03", "none", "No files were attached.\n")},
        {NULL, NULL},
    };
    struct grading grading;
    grading_open(&grading, "main.c\n");
    deliver(&grading, "gradebook_SVC101_Lab2001.zip", files, roster);
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
    deliver(&grading, "Lab 01 Download Nov 7, 2026 912 AM.zip", files, roster);
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
    deliver(&grading, "bulk_download.zip", files, roster);
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
    deliver(&grading, "assignment_7360081_export.zip", files, roster);
    grading_expect(&grading, "Gradescope",
                   "423401501 at-2026-11-06T17:41:05.861687Z counts Student One: main.c\n"
                   "423401502 at-2026-11-06T18:03:31Z counts group-Student Two, Zoë Núñez Student "
                   "Two, Zoë Núñez: main.c\n"
                   "423401503 person \n"
                   "423401504 counts Pat O'Brien: main.c\n");
    ck_assert_int_eq(grading_find(&grading, "s-423401502")->row_count, 2);
    expect_says(grading_find(&grading, "s-423401503")->problem, "Gradescope names no submitter");
    expect_says(text_str(&grading.class.lines),
                "submission 423401504: its submitter Pat O'Brien (333) is not in the roster");
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
    deliver(&grading, "SVC101_f26_lab01_submissions.zip", files, roster);
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
    deliver(&grading, "all_submission_files.zip", files, roster);
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
        canvas_names_are_read,
        anonymous_canvas_stays_anonymous,
        a_canvas_group_has_one_member_and_says_so,
        moodle_numbers_are_read_in_each_of_its_ways,
        moodle_groups_are_no_participants,
        blackboard_receipts_say_who_and_what,
        brightspace_joins_by_a_name_that_one_student_has,
        sakai_folders_are_read,
        gradescope_metadata_names_the_submitters,
        autolab_versions_count_as_numbers,
        autograder_io_groups_are_split_by_the_roster,
        github_logins_stand_behind_the_slug,
        a_whole_page_of_repositories_may_not_be_all,
        google_drive_does_not_say_whose_files_they_are,
        NULL,
    };
    return run_tests("grade platforms", tests);
}
