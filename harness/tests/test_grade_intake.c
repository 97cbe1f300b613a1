/*
 * A class of folders and archives: whose files are taken, who is missing, and what whoever grades
 * is told when something cannot be right.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include "grade/wanted.h"
#include "tests/grade_fixture.h"

static void write_text(const struct grading *grading, const char *name, const char *text)
{
    grading_write(grading, name, text, strlen(text));
}

static void write_zip(const struct grading *grading, const char *name)
{
    struct zip_file zip = {0};
    struct text archive = {0};
    zip_work(&zip, "");
    zip_end(&zip, &archive);
    grading_write(grading, name, text_str(&archive), archive.length);
    text_release(&archive);
}

static void expect_says(const char *words, const char *expected)
{
    ck_assert_msg(words != NULL && strstr(words, expected) != NULL, "expected \"%s\" in\n%s",
                  expected, words);
}

/* --- folders and archives --------------------------------------------------------------------- */

START_TEST(folders_and_archives_are_one_class)
{
    struct grading grading;
    grading_open(&grading, "src/main.c\nsrc/loop.c\n");
    write_text(&grading, "in/anna/src/main.c", "/* anna */\n");
    write_text(&grading, "in/anna/build/src/main.c", "/* built */\n");
    write_text(&grading, "in/anna/.git/config", "[core]\n\tfsmonitor = echo ran\n");
    write_text(&grading, "in/anna/.git/HEAD", "ref: refs/heads/main\n");
    write_zip(&grading, "in/bert.zip");
    write_text(&grading, "in/.DS_Store", "Bud1");
    write_text(&grading, "in/list.xlsx", "PK");
    ck_assert_msg(grading_take(&grading, "in", NULL) == 0, "%s", grading.err.text);
    grading_expect(&grading, "folders and archives",
                   "anna counts : src/main.c\nbert counts : src/main.c src/loop.c\n");
    ck_assert_str_eq(text_str(&grading.class.lines),
                     "not part of any submission, and passed over: list.xlsx\n");
    const struct submission *anna = grading_find(&grading, "s-anna");
    ck_assert_str_eq(text_str(&anna->labs[0].missing), "src/loop.c\n");
    ck_assert_str_eq(anna->labs[0].found_in, "");
    struct text words = {0};
    submission_words(anna, &words);
    expect_says(text_str(&words), "ignored: .git/ (1 files)"); /* it was not looked into */
    text_release(&words);
    grading_holds(&grading, "s-anna", "src/main.c", "/* anna */\n");
    grading_holds(&grading, "s-bert", "src/loop.c", work[3].bytes);
    grading_close(&grading);
}
END_TEST

START_TEST(a_submission_of_several_labs_is_taken_apart)
{
    struct grading grading;
    grading_open(&grading, "main.c\n");
    write_text(&grading, "course/02-more/manifest", "more.c\nmain.c\n");
    struct lab more = {.name = "02-more", .home = grading.home};
    const struct lab *labs[] = {&grading.lab, &more, NULL};
    char in[GRADE_PATH_SIZE];
    snprintf(in, sizeof in, "%s", grading.in);
    write_text(&grading, "in/anna/labs/01-service/main.c", "/* one */\n");
    write_text(&grading, "in/anna/labs/02-more/main.c", "/* two */\n");
    write_text(&grading, "in/anna/labs/02-more/more.c", "/* more */\n");
    write_text(&grading, "in/anna/solutions/01-service/main.c", "/* copied */\n");
    const struct intake order = {.submissions = in, .out = grading.out, .labs = labs};
    ck_assert_int_eq(intake(&order, &grading.class, &grading.err), 0);
    const struct submission *anna = grading_find(&grading, "s-anna");
    ck_assert_int_eq(anna->lab_count, 2);
    ck_assert_str_eq(anna->labs[0].found_in, "labs/01-service/");
    ck_assert_str_eq(anna->labs[1].found_in, "labs/02-more/");
    ck_assert_str_eq(text_str(&anna->labs[1].taken), "more.c\nmain.c\n");
    grading_holds(&grading, "s-anna", "main.c", "/* one */\n");
    grading_close(&grading);
}
END_TEST

START_TEST(links_on_the_disk_are_not_followed)
{
    struct grading grading;
    char link[GRADE_PATH_SIZE + 64];
    grading_open(&grading, "main.c\n");
    write_text(&grading, "in/anna/notes.txt", "x");
    write_text(&grading, "in/bert/main.c", "/* bert */\n");
    snprintf(link, sizeof link, "%s/anna/main.c", grading.in);
    ck_assert_int_eq(symlink("/etc/passwd", link), 0);
    snprintf(link, sizeof link, "%s/bert/secrets", grading.in);
    ck_assert_int_eq(symlink("/etc", link), 0);
    snprintf(link, sizeof link, "%s/carl.zip", grading.in);
    ck_assert_int_eq(symlink("/dev/zero", link), 0);
    snprintf(link, sizeof link, "%s/dora", grading.in);
    ck_assert_int_eq(mkdir(link, 0777), 0);
    snprintf(link, sizeof link, "%s/dora/main.c", grading.in);
    ck_assert_int_eq(mkfifo(link, 0666), 0);
    ck_assert_msg(grading_take(&grading, "in", NULL) == 0, "%s", grading.err.text);
    ck_assert_str_eq(grading_find(&grading, "s-anna")->problem, "main.c is a link, not a file");
    expect_says(grading_find(&grading, "s-carl")->problem, "links are not accepted (carl.zip)");
    expect_says(grading_find(&grading, "s-dora")->problem, "special files are not accepted");
    grading_holds(&grading, "s-bert", "main.c", "/* bert */\n");
    grading_close(&grading);
}
END_TEST

/* Names of files that students choose make no platform of a class of folders. */
START_TEST(students_do_not_choose_the_platform)
{
    struct grading grading;
    grading_open(&grading, "main.c\n");
    write_text(&grading, "in/anna/Bert_500002_assignsubmission_file_main.c", "1\n");
    write_text(&grading, "in/anna/Bert_500002_assignsubmission_file_more.c", "2\n");
    write_text(&grading, "in/anna/main.c", "3\n");
    ck_assert_int_eq(grading_take(&grading, "in", NULL), 0);
    grading_expect(&grading, "folders and archives", "anna counts : main.c\n");
    write_text(&grading, "in/bert/main.c", "4\n");
    write_zip(&grading, "in/bert_70002_910001_lab.zip");
    ck_assert_int_eq(grading_take(&grading, "in", NULL), 0);
    ck_assert_str_eq(grading.class.platform, "folders and archives");
    grading_close(&grading);
}
END_TEST

/* What a platform packed lost a part of one hand-in, and has a name that leads out of it. */
START_TEST(a_damaged_member_of_a_class_is_one_students)
{
    struct grading grading;
    struct zip_file zip = {0};
    struct text archive = {0};
    grading_open(&grading, "main.c\n");
    zip_add(&zip, (struct member){.name = "anna/main.c", .bytes = "1\n"});
    zip_add(&zip, (struct member){.name = "bert/main.c", .bytes = "2\n"});
    zip_add(&zip, (struct member){.name = "bert/notes.c", .bytes = "3\n", .crc_is_wrong = 1});
    zip_add(&zip, (struct member){.name = "evil/../../anna/main.c", .bytes = "4\n"});
    zip_end(&zip, &archive);
    grading_write(&grading, "class.zip", text_str(&archive), archive.length);
    ck_assert_int_eq(grading_take(&grading, "class.zip", NULL), 0);
    grading_expect(&grading, "folders and archives", "anna counts : main.c\nbert \n");
    expect_says(grading_find(&grading, "s-bert")->problem, "the archive is damaged (checksum");
    expect_says(text_str(&grading.class.lines), "passed over: a file name leaves the archive");
    grading_holds(&grading, "s-anna", "main.c", "1\n");
    text_release(&archive);
    grading_close(&grading);
}
END_TEST

START_TEST(a_file_that_became_a_link_is_not_followed)
{
    struct grading grading;
    struct text bytes = {0};
    char link[GRADE_PATH_SIZE + 16], name[] = "main.c";
    grading_open(&grading, "main.c\n");
    snprintf(link, sizeof link, "%s/main.c", grading.in);
    ck_assert_int_eq(symlink("/etc/passwd", link), 0);
    const struct item item = {.name = name, .path = link};
    ck_assert_int_eq(handed_read(&item, &bytes, &grading.err), ERR_IO);
    text_release(&bytes);
    grading_close(&grading);
}
END_TEST

START_TEST(a_huge_file_is_not_read)
{
    struct grading grading;
    char path[GRADE_PATH_SIZE + 64];
    grading_open(&grading, "main.c\n");
    write_zip(&grading, "in/anna.zip");
    write_text(&grading, "in/bert.zip", "PK\3\4");
    snprintf(path, sizeof path, "%s/bert.zip", grading.in);
    ck_assert_int_eq(truncate(path, (off_t)2 << 30), 0);
    ck_assert_int_eq(grading_take(&grading, "in", NULL), 0);
    ck_assert_str_eq(grading_find(&grading, "s-bert")->problem,
                     "bert.zip has 2048 MB; the limit is 256 MB");
    ck_assert_int_eq(grading_find(&grading, "s-anna")->counts, 1);
    grading_close(&grading);
}
END_TEST

/* Keys are paths of ours, whatever students' folders are called; the same in each run. */
START_TEST(keys_are_unique_and_fit_for_a_path)
{
    struct grading grading;
    struct text first = {0}, again = {0};
    grading_open(&grading, "main.c\n");
    write_text(&grading, "in/Núñez Zoë/main.c", "1\n");
    write_text(&grading,
               "in/N\xfa\xf1"
               "ez/main.c",
               "2\n");
    write_text(&grading, "in/a b/main.c", "3\n");
    write_text(&grading, "in/a_b/main.c", "4\n");
    write_text(&grading, "in/A_b/main.c", "5\n");
    write_text(&grading, "in/-rf $(x) \n<b>/main.c", "6\n");
    write_text(&grading, "in/c d/main.c", "7\n");
    for (int run = 0; run < 2; run++) {
        struct text *keys = run == 0 ? &first : &again;
        ck_assert_int_eq(grading_take(&grading, "in", NULL), 0);
        for (int i = 0; i < grading.class.count; i++) {
            const struct submission *submission = &grading.class.submissions[i];
            const char *key = submission->key;
            ck_assert_uint_eq(strspn(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789_.@-"),
                              strlen(key));
            ck_assert_msg(submission->counts == 1, "%s: %s", key, submission->problem);
            text_addf(keys, "%s\n", key);
        }
    }
    ck_assert_int_eq(grading.class.count, 7);
    ck_assert_str_eq(text_str(&first), text_str(&again));
    ck_assert_ptr_nonnull(strstr(text_str(&first), "s-A_b\n"));
    ck_assert_ptr_nonnull(strstr(text_str(&first), "s-c_d-")); /* whether or not there is a c_d */
    text_release(&first);
    text_release(&again);
    grading_close(&grading);
}
END_TEST

START_TEST(files_in_too_many_folders_are_no_hand_in)
{
    struct grading grading;
    grading_open(&grading, "main.c\n");
    for (int i = 0; i < 70; i++) {
        char name[64];
        snprintf(name, sizeof name, "in/anna/%d/main.c", i);
        write_text(&grading, name, "\n");
    }
    ck_assert_int_eq(grading_take(&grading, "in", NULL), 0);
    expect_says(grading_find(&grading, "s-anna")->problem,
                "files of 01-service lie in more than 64 folders: hand in one");
    grading_close(&grading);
}
END_TEST

START_TEST(archives_side_by_side_are_told_apart)
{
    struct grading grading;
    grading_open(&grading, "main.c\n");
    write_zip(&grading, "in/anna/one.zip");
    write_text(&grading, "in/anna/two.7z", "7z\xbc\xaf\x27\x1c");
    for (int i = 0; i < 9; i++) {
        char name[64];
        snprintf(name, sizeof name, "in/bert/%d.zip", i);
        write_zip(&grading, name);
    }
    ck_assert_int_eq(grading_take(&grading, "in", NULL), 0);
    const struct submission *anna = grading_find(&grading, "s-anna");
    ck_assert_str_eq(anna->labs[0].found_in, "one.zip/src/");
    expect_says(text_str(&anna->notes), "this is a 7z archive");
    expect_says(grading_find(&grading, "s-bert")->problem, "more than 8 archives");
    grading_close(&grading);
}
END_TEST

/* --- the roster ------------------------------------------------------------------------------- */

START_TEST(the_roster_says_who_is_who_and_who_is_missing)
{
    struct grading grading;
    grading_open(&grading, "main.c\n");
    write_text(&grading, "in/student-01/main.c", "1\n");
    write_text(&grading, "in/STUDENT-02@example.edu/main.c", "2\n");
    write_text(&grading, "in/Zoë Núñez/main.c", "3\n");
    write_text(&grading, "in/Same Name/main.c", "4\n");
    write_text(&grading, "in/nobody/main.c", "5\n");
    write_zip(&grading, "in/student-01.zip");
    static const char roster[] = "login,name,email\n"
                                 "student-01,Student One,student-01@example.edu\n"
                                 "student-02,Student Two,student-02@example.edu\n"
                                 "student-03,Zoë Núñez,\n"
                                 "student-04,Same Name,\n"
                                 "student-05,Same Name,\n"
                                 "student-10,\"Ten, Student\",\n";
    ck_assert_msg(grading_take(&grading, "in", roster) == 0, "%s", grading.err.text);
    ck_assert_str_eq(text_str(&grading.class.missing), "Student Ten (student-10)\n");
    const char *lines = text_str(&grading.class.lines);
    expect_says(lines, "name nobody is not in the roster: it is graded under that id\n");
    expect_says(lines, "name Same Name fits several students of the roster");
    expect_says(lines, "Student One (student-01) has two submissions (");
    ck_assert_str_eq(grading_find(&grading, "s-STUDENT-02@example.edu")->name, "Student Two");
    ck_assert_int_eq(grading_find(&grading, "s-nobody")->needs_person, 0);
    grading_close(&grading);
}
END_TEST

/* One student's number may be another's in another column, and a row may be twice there. */
START_TEST(an_id_is_looked_for_where_its_kind_stands)
{
    static const char roster[] = "canvas_id,sis_id,name\n70001,1,Student One\n"
                                 "70002,70001,Student Two\n70003,3,Student Three\n"
                                 "70003,4,Student Four\n";
    struct grading grading;
    grading_open(&grading, "main.c\n");
    write_text(&grading, "in/studentone_70001_910001_main.c", "1\n");
    write_text(&grading, "in/studentthree_70003_910002_main.c", "2\n");
    ck_assert_int_eq(grading_take(&grading, "in", roster), 0);
    grading_expect(&grading, "Canvas",
                   "70001 in-time counts Student One: main.c\n"
                   "70003 in-time counts person studentthree: main.c\n");
    expect_says(text_str(&grading.class.lines), "canvas id 70003 (studentthree) fits several");
    grading_close(&grading);
}
END_TEST

START_TEST(rosters_of_platforms_are_read_as_they_are)
{
    static const struct {
        const char *roster, *missing;
    } cases[] = {
        /* Canvas: guarded formula, points possible, its own test student. */
        {"Student,ID,SIS User ID,SIS Login ID,Section\n    Points Possible,,,,\n"
         "\"One, Student\",70001,S1,student-01,A\n\"=\"\"=Nine, "
         "Student\"\"\",70009,S9,student-09,A\n"
         "\"Student, Test\",79999,,0123,A\n",
         "Student =Nine (70009)\n"},
        /* Moodle in German: a byte order mark, a word before the number, semicolons. */
        {"\xef\xbb\xbfID;\"Vollständiger Name\";E-Mail-Adresse;Status\r\n"
         "Teilnehmer/in500001;\"Student One\";student-01@example.edu;x\r\n"
         "Teilnehmer/in500009;\"Student Nine\";student-09@example.edu;x\r\n",
         "Student Nine (Teilnehmer/in500009)\n"},
        /* Autolab: no header. */
        {"f26,student-01@example.edu,One,Student,School,Major,2,L,SVC101,1,A\n"
         "f26,student-09@example.edu,Nine,Student,School,Major,2,L,SVC101,1,A\n",
         "Student Nine (student-09@example.edu)\n"},
        /* Brightspace: # before keys. */
        {"OrgDefinedId,Username,Last Name,First Name\n#400001,#student-01,One,Student\n"
         "#400009,#student-09,Nine,Student\n",
         "Student Nine (400009)\n"},
        /* Sakai: the header is the third row. */
        {"\"Lab 01\",\"SCORE_GRADE_TYPE\"\n\"\"\n\"Display ID\",\"ID\",\"Last Name\",\"First "
         "Name\"\n"
         "\"student-01\",\"student-01\",\"One\",\"Student\"\n"
         "\"student-09\",\"student-09\",\"Nine\",\"Student\"\n",
         "Student Nine (student-09)\n"},
    };
    static const char *const folders[] = {"in/student-01/main.c", "in/500001/main.c",
                                          "in/student-01@example.edu/main.c"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct grading grading;
        grading_open(&grading, "main.c\n");
        write_text(&grading, i == 1 ? "in/Student One/main.c" : folders[i == 2 ? 2 : 0], "\n");
        ck_assert_msg(grading_take(&grading, "in", cases[i].roster) == 0, "%s", grading.err.text);
        ck_assert_msg(strcmp(text_str(&grading.class.missing), cases[i].missing) == 0,
                      "roster %zu: expected %s, got %s and %s", i, cases[i].missing,
                      text_str(&grading.class.missing), text_str(&grading.class.lines));
        ck_assert_msg(grading.class.lines.length == 0, "roster %zu: %s", i,
                      text_str(&grading.class.lines));
        grading_close(&grading);
    }
}
END_TEST

/* --- what whoever grades has to change -------------------------------------------------------- */

START_TEST(what_cannot_be_right_is_one_sentence)
{
    struct grading grading;
    grading_open(&grading, "main.c\n");
    ck_assert_int_eq(grading_take(&grading, "nowhere", NULL), ERR_NOT_FOUND);
    expect_says(grading.err.text, "/nowhere: SUBMISSIONS is a folder, or the file that your");
    ck_assert_int_eq(grading_take(&grading, "in", NULL), ERR_INVALID);
    expect_says(grading.err.text, "in holds no submission: it should have a folder or an archive");
    ck_assert_msg(!files_exist(grading.out), "half a class is left in OUT");
    write_text(&grading, "in/anna/main.c", "\n");
    ck_assert_int_eq(grading_take(&grading, "in", "points,grade\n1,2\n"), ERR_INVALID);
    expect_says(grading.err.text, "roster.csv names no student: one column must be login, email");
    ck_assert_int_eq(grading_take(&grading, "in",
                                  "\xff\xfe"
                                  "l\x01"),
                     ERR_INVALID);
    expect_says(grading.err.text, "roster.csv is not UTF-8 text: save it as CSV in UTF-8");
    write_text(&grading, "in2/submissions.zip", "PK\3\4 and no more");
    ck_assert_int_eq(grading_take(&grading, "in2/submissions.zip", NULL), ERR_INVALID);
    ck_assert_str_eq(grading.err.text, "submissions.zip: the archive is damaged (cut off); "
                                       "download it again");
    grading_close(&grading);
}
END_TEST

START_TEST(out_is_fresh_and_elsewhere)
{
    struct grading grading;
    char inside[GRADE_PATH_SIZE + 16];
    grading_open(&grading, "main.c\n");
    write_text(&grading, "in/anna/main.c", "\n");
    snprintf(inside, sizeof inside, "%s/out", grading.in);
    struct intake order = {.submissions = grading.in, .out = inside, .labs = grading.labs};
    ck_assert_int_eq(intake(&order, &grading.class, &grading.err), ERR_INVALID);
    expect_says(grading.err.text, "lies in SUBMISSIONS: name a folder elsewhere");
    ck_assert(!files_exist(inside));
    write_text(&grading, "used/file", "\n");
    snprintf(inside, sizeof inside, "%s/used", grading.root);
    ck_assert_int_eq(intake(&order, &grading.class, &grading.err), ERR_INVALID);
    expect_says(grading.err.text, "is not an empty folder: name another OUT");
    grading_close(&grading);
}
END_TEST

/* What one student's files forbid costs no other one anything. Root may read all. */
START_TEST(what_may_not_be_read_is_for_a_person)
{
    enum { NOBODY_ID = 65534 };
    struct grading grading;
    char path[GRADE_PATH_SIZE + 64];
    grading_open(&grading, "main.c\n");
    write_zip(&grading, "in/anna.tar.gz");
    write_text(&grading, "in/bert/main.c", "\n");
    write_text(&grading, "in/carl/src/main.c", "\n");
    write_text(&grading, "in/dora/main.c", "\n");
    write_text(&grading, "in/dora/private.txt", "\n");
    static const char *const forbidden[] = {"anna.tar.gz", "bert/main.c", "carl/src",
                                            "dora/private.txt"};
    for (size_t i = 0; i < sizeof forbidden / sizeof forbidden[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", grading.in, forbidden[i]);
        ck_assert_int_eq(chmod(path, 0), 0);
    }
    ck_assert_int_eq(chmod(grading.root, 0777), 0);
    fflush(NULL);
    const pid_t child = fork();
    if (child == 0) {
        if (geteuid() == 0 && setuid(NOBODY_ID) != 0)
            _exit(2);
        int right = grading_take(&grading, "in", NULL) == 0 && grading.class.count == 4;
        for (int i = 0; right && i < grading.class.count; i++) {
            const struct submission *submission = &grading.class.submissions[i];
            const int is_dora = strcmp(submission->id, "dora") == 0;
            right = submission->counts == is_dora && submission->needs_person == !is_dora &&
                    (is_dora || strstr(submission->problem, "it cannot be read here") != NULL);
        }
        _exit(right ? 0 : 1);
    }
    int status = -1;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    snprintf(path, sizeof path, "%s/carl/src", grading.in);
    ck_assert_int_eq(chmod(path, 0700), 0);
    ck_assert_int_eq(status, 0);
    grading_close(&grading);
}
END_TEST

/* A disk that is full behind 100 bytes: that is nobody's hand-in. */
START_TEST(a_full_disk_is_not_the_students_fault)
{
    struct grading grading;
    struct text large = {0};
    grading_open(&grading, "main.c\n");
    for (int i = 0; i < 100; i++)
        text_add(&large, "int x;\n");
    write_text(&grading, "in/anna/main.c", text_str(&large));
    text_release(&large);
    fflush(NULL);
    const pid_t child = fork();
    if (child == 0) {
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &(struct rlimit){100, 100});
        const int code = grading_take(&grading, "in", NULL);
        _exit(code == ERR_IO && strstr(grading.err.text, "Free some space there") ? 0 : 1);
    }
    int status = -1;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    grading_close(&grading);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        folders_and_archives_are_one_class,
        a_submission_of_several_labs_is_taken_apart,
        links_on_the_disk_are_not_followed,
        students_do_not_choose_the_platform,
        a_damaged_member_of_a_class_is_one_students,
        a_file_that_became_a_link_is_not_followed,
        a_huge_file_is_not_read,
        keys_are_unique_and_fit_for_a_path,
        files_in_too_many_folders_are_no_hand_in,
        archives_side_by_side_are_told_apart,
        the_roster_says_who_is_who_and_who_is_missing,
        an_id_is_looked_for_where_its_kind_stands,
        rosters_of_platforms_are_read_as_they_are,
        what_cannot_be_right_is_one_sentence,
        out_is_fresh_and_elsewhere,
        what_may_not_be_read_is_for_a_person,
        a_full_disk_is_not_the_students_fault,
        NULL,
    };
    return run_tests("grade intake", tests);
}
