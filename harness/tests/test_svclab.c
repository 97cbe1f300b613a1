/*
 * svclab from the outside: what a person sees, which exit status, and what is left afterwards.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <sys/mount.h>

#include "tests/svclab_fixture.h"

/* svclab check --lab 00 over programs of this mode must end with status and say words. */
static void expect_check(const char *mode, int status, const char *words)
{
    struct place place = {0};
    place_open(&place, mode);
    const char *const arguments[] = {"check", "--lab", "00", "--programs", place.build, NULL};
    struct outcome_of outcome = svclab_run(&place, arguments);
    expect_outcome(&outcome, status, words, mode);
    expect_outcome(&outcome, status, "0 of 100 points", mode);
    text_release(&outcome.said);
    place_close(&place);
}

START_TEST(student_code_cannot_change_a_verdict)
{
    expect_check("constructor_exit", 1, "early exit");
    expect_check("constructor_passed", 1, "early exit");
    expect_check("constructor_forge", 1, "protocol");
    expect_check("exit0", 1, "early exit");
    expect_check("close_all", 1, "protocol");
    expect_check("abort", 1, "SIGABRT");
    expect_check("abort_caught", 1, "SIGABRT");
    expect_check("spin", 1, "cpu limit");
    expect_check("print", 1, "output limit");
    expect_check("twice", 1, "no said");
    expect_check("good", 1, "no said");
    expect_check("todo", 1, "not written yet");
}
END_TEST

START_TEST(forged_report_of_the_runtime_is_no_error_of_the_grader)
{
    expect_check("runtime_failed", 1, "sanitizer");
}
END_TEST

START_TEST(lab_that_does_not_compile_is_status_2_with_the_compilers_words)
{
    struct place place = {0};
    place_open(&place, "good");
    place_write(&place, "failed", "labs/00-tour/tour.c:12:1: error: expected ';'\n");
    const char *const arguments[] = {"check", "--lab", "00", "--programs", place.build, NULL};
    struct outcome_of outcome = svclab_run(&place, arguments);
    expect_outcome(&outcome, 2, "error: expected ';'", "check of a lab that failed to compile");
    text_release(&outcome.said);
    place_close(&place);
}
END_TEST

START_TEST(what_is_not_there_is_status_64_and_one_sentence)
{
    static const struct {
        const char *words;
        const char *arguments[8];
    } cases[] = {
        {"there is no command 'grade'", {"grade", NULL}},
        {"there is no flag '--labs'", {"check", "--labs", "01", NULL}},
        {"--lab needs a value", {"check", "--lab", NULL}},
        {"there is no lab '77'", {"check", "--lab", "77", NULL}},
        {"there is no folder 'nowhere'", {"check", "--tree", "nowhere", NULL}},
        {"docs has none of the labs", {"check", "--tree", "docs", NULL}},
        {"no check of lab 00-tour is named", {"check", "--lab", "00", "--check", "none_*", NULL}},
        {"SEED is a whole number", {"check", "--seed", "12x", NULL}},
        {"SEED is a whole number", {"check", "--seed", "-1", NULL}},
        {"has no programs of 00-tour",
         {"check", "--lab", "00", "--programs", BUILD_FOLDER "/never", NULL}},
        {"'is_pending', but there is new_order_is_pending; build/svclab list",
         {"check", "--check", "is_pending", NULL}},
        {"docs has no lab with checks", {"audit", "--tree", "docs", NULL}},
        {"no check is named 'none'", {"hint", "--check", "none", NULL}},
        {"no check is named 'none'", {"debug", "--check", "none", NULL}},
        {"--lab takes a lab", {"diagrams", NULL}},
        {"there is no lab '77'", {"diagrams", "--lab", "77", NULL}},
    };
    struct place place = {0};
    place_open(&place, "good");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct outcome_of outcome = svclab_run(&place, cases[i].arguments);
        expect_outcome(&outcome, 64, cases[i].words, cases[i].words);
        text_release(&outcome.said);
    }
    place_close(&place);
}
END_TEST

START_TEST(hints_come_one_at_a_time)
{
    struct place place = {0};
    char dir[160];
    place_open(&place, "good");
    snprintf(dir, sizeof dir, "%s/hints", place.root);
    const char *const arguments[] = {"hint", "--check", "new_door_is_closed", "--dir", dir, NULL};
    static const char *const words[] = {"hint 1 of 2", "hint 2 of 2", "All hints"};
    for (int i = 0; i < 3; i++) {
        struct outcome_of outcome = svclab_run(&place, arguments);
        expect_outcome(&outcome, 0, words[i], words[i]);
        text_release(&outcome.said);
    }
    place_close(&place);
}
END_TEST

/* --- nothing is left behind ---------------------------------------------------------------- */

/* Whether a process runs whose program lies in the place's folder. */
static int probe_runs(const struct place *place)
{
    DIR *processes = opendir("/proc");
    int found = 0;
    for (struct dirent *entry; !found && (entry = readdir(processes)) != NULL;) {
        char link_path[300], program[512];
        snprintf(link_path, sizeof link_path, "/proc/%.20s/exe", entry->d_name);
        ssize_t length = readlink(link_path, program, sizeof program - 1);
        if (length > 0) {
            program[length] = '\0';
            found = strstr(program, place->root) != NULL;
        }
    }
    closedir(processes);
    return found;
}

static int waits_until(const struct place *place, int runs)
{
    int64_t deadline_ms = monotonic_ms() + 10000;
    while (probe_runs(place) != runs)
        if (monotonic_ms() > deadline_ms)
            return 0;
    return 1;
}

static void interrupt_with(int signal, int status)
{
    struct place place = {0};
    int out = -1;
    place_open(&place, "hang");
    const char *const arguments[] = {"check", "--lab", "00", "--programs", place.build, NULL};
    pid_t pid = svclab_start(&place, arguments, &out);
    ck_assert_msg(waits_until(&place, 1), "no probe was started");
    kill(pid, signal);
    struct outcome_of outcome = svclab_finish(pid, out);
    ck_assert_int_eq(outcome.status, status);
    ck_assert_msg(waits_until(&place, 0), "a probe survived signal %d to svclab", signal);
    text_release(&outcome.said);
    if (signal == SIGKILL) { /* nobody was left to tidy up */
        files_remove(place.tmp);
        ck_assert_int_eq(mkdir(place.tmp, 0700), 0);
    }
    place_close(&place);
}

START_TEST(interrupted_judge_leaves_nothing)
{
    interrupt_with(SIGINT, 130);
    interrupt_with(SIGTERM, 130);
    interrupt_with(SIGHUP, 130);
}
END_TEST

START_TEST(killed_judge_takes_its_probes_along)
{
    interrupt_with(SIGKILL, -1);
}
END_TEST

START_TEST(no_descriptors_is_the_graders_own_error)
{
    struct place place = {0};
    place_open(&place, "good");
    const char *const arguments[] = {"check", "--lab", "00", "--programs", place.build, NULL};
    for (rlim_t files = 8; files <= 14; files++) {
        place.files = files;
        struct outcome_of outcome = svclab_run(&place, arguments);
        ck_assert_msg(outcome.status == 3, "with %d descriptors: exit status %d and:\n%s",
                      (int)files, outcome.status, text_str(&outcome.said));
        text_release(&outcome.said);
    }
    place_close(&place);
}
END_TEST

START_TEST(no_room_for_temporary_files_is_the_graders_own_error)
{
    struct place place = {0};
    place_open(&place, "good");
    const char *const arguments[] = {"check", "--lab", "00", "--programs", place.build, NULL};
    char tmp[sizeof place.tmp];
    snprintf(tmp, sizeof tmp, "%s", place.tmp);
    snprintf(place.tmp, sizeof place.tmp, "/nowhere/at/all");
    struct outcome_of outcome = svclab_run(&place, arguments);
    expect_outcome(&outcome, 3, "cannot make a folder in /nowhere/at/all", "TMPDIR is not there");
    text_release(&outcome.said);
    snprintf(place.tmp, sizeof place.tmp, "%s", tmp);

    /* As root, a file system with room for so many files and no more. */
    static const char *const options[] = {"nr_inodes=1", "nr_inodes=2", "nr_inodes=3", "size=1m"};
    static const char *const words[] = {"No space left", "No space left", "No space left",
                                        "less than 16 MB are free"};
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        if (mount("tmpfs", place.tmp, "tmpfs", 0, options[i]) != 0)
            break;
        outcome = svclab_run(&place, arguments);
        umount(place.tmp);
        expect_outcome(&outcome, 3, words[i], options[i]);
        text_release(&outcome.said);
    }
    place_close(&place);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        student_code_cannot_change_a_verdict,
        forged_report_of_the_runtime_is_no_error_of_the_grader,
        lab_that_does_not_compile_is_status_2_with_the_compilers_words,
        what_is_not_there_is_status_64_and_one_sentence,
        hints_come_one_at_a_time,
        interrupted_judge_leaves_nothing,
        killed_judge_takes_its_probes_along,
        no_descriptors_is_the_graders_own_error,
        no_room_for_temporary_files_is_the_graders_own_error,
        NULL,
    };
    return run_tests("svclab", tests);
}
