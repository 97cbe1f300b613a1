/*
 * What is read out of sanitizers' reports: the kind, the signal, the student's own line.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/files.h"
#include "kit/error.h"
#include "process/sanitizer.h"
#include "suites/suites.h"
#include "tests/run_tests.h"

static const struct {
    const char *log, *tool, *what, *place;
    int signal;
    const char *other;
} reports[] = {
    {"=================\n"
     "==7==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602000000015 at pc 0x55\n"
     "WRITE of size 1 at 0x602000000015 thread T0\n"
     "    #0 0x7f in memcpy (/lib/libasan.so.8+0x3)\n"
     "    #1 0x55 in door_apply /home/ada/course/labs/00-tour/tour.c:43\n"
     "    #2 0x55 in main labs/00-tour/probe.c:60\n",
     "AddressSanitizer", "heap-buffer-overflow", "door_apply, tour.c:43", 0, ""},
    {"labs/00-tour/tour.c:31:9: runtime error: signed integer overflow: 2147483647 + 1 cannot be "
     "represented in type 'int'\n"
     "    #0 0x55 in door_apply labs/00-tour/tour.c:31\n",
     "UndefinedBehaviorSanitizer",
     "signed integer overflow: 2147483647 + 1 cannot be represented in type 'int'", "tour.c:31", 0,
     ""},
    {"AddressSanitizer:DEADLYSIGNAL\n"
     "==9==ERROR: AddressSanitizer: SEGV on unknown address 0x000000000008 (pc 0x55 bp 0x7f)\n"
     "    #0 0x55 in do_command labs/00-tour/probe.c:42\n",
     "AddressSanitizer", "SEGV", "", SIGSEGV, ""},
    {"==9==ERROR: AddressSanitizer: ABRT on unknown address 0x000000000008 (pc 0x55 bp 0x7f)\n"
     "    #0 0x55 in raise (libc)\n    #1 0x55 in tour_greet labs/00-tour/tour.c:12\n",
     "AddressSanitizer", "ABRT", "tour_greet, tour.c:12", SIGABRT, ""},
    {"==5==ERROR: LeakSanitizer: detected memory leaks\n\nDirect leak of 100 byte(s)\n"
     "    #0 0x7f in malloc (libasan)\n    #1 0x55 in tour_greet labs/00-tour/tour.c:14\n",
     "LeakSanitizer", "detected memory leaks", "tour_greet, tour.c:14", 0, ""},
    {"WARNING: ThreadSanitizer: data race (pid=4)\n"
     "  Write of size 8 at 0x7b by thread T2 (mutexes: write M0):\n"
     "    #0 atomic_add <null> (probe+0x3)\n"
     "    #1 door_apply labs/00-tour/tour.c:50 (probe+0x1)\n"
     "  Previous read of size 8 at 0x7b by thread T1:\n"
     "    #0 tour_greet labs/00-tour/tour.c:12 (probe+0x2)\n"
     "    #1 door_apply labs/00-tour/tour.c:51 (probe+0x4)\n",
     "ThreadSanitizer", "data race", "door_apply, tour.c:50", 0, "tour_greet, tour.c:12"},
};

static void expect_report(size_t i, const struct sanitizer_report *report)
{
    ck_assert_str_eq(report->tool, reports[i].tool);
    ck_assert_str_eq(report->what, reports[i].what);
    ck_assert_str_eq(report->place, reports[i].place);
    ck_assert_int_eq(report->signal, reports[i].signal);
    ck_assert_str_eq(report->other, reports[i].other);
}

START_TEST(report_in_the_output_is_found_after_what_the_student_printed)
{
    for (size_t i = 0; i < sizeof reports / sizeof reports[0]; i++) {
        struct sanitizer_report report;
        const char *begin = NULL;
        struct text printed = {0};
        text_addf(&printed, "my own words, labs/00-tour/tour.c:1\n%s", reports[i].log);
        ck_assert_int_eq(
            sanitizer_read("/nowhere", 1, &lab_00_tour, text_str(&printed), &report, &begin), 1);
        expect_report(i, &report);
        ck_assert_ptr_nonnull(begin);
        text_release(&printed);
    }
}
END_TEST

START_TEST(log_of_the_process_comes_before_its_output)
{
    struct sanitizer_report report;
    struct error err = {0};
    const char *begin = NULL;
    char *dir = NULL, path[128];
    ck_assert_int_eq(files_make_temporary(&dir, &err), 0);
    snprintf(path, sizeof path, "%s/sanitizer.41", dir);
    ck_assert_int_eq(files_write(path, reports[0].log, strlen(reports[0].log), &err), 0);
    snprintf(path, sizeof path, "%s/sanitizer.42", dir);
    ck_assert_int_eq(files_write(path, reports[3].log, strlen(reports[3].log), &err), 0);
    ck_assert_int_eq(sanitizer_read(dir, 42, &lab_00_tour, reports[4].log, &report, &begin), 1);
    expect_report(3, &report);
    ck_assert_ptr_null(begin);
    ck_assert_int_eq(sanitizer_read(dir, 41, &lab_00_tour, "", &report, &begin), 1);
    expect_report(0, &report);
    files_remove(dir);
    ck_assert_int_eq(files_exist(dir), 0);
    free(dir);
}
END_TEST

START_TEST(output_without_a_report_is_none)
{
    struct sanitizer_report report;
    const char *begin = NULL;
    ck_assert_int_eq(
        sanitizer_read("/nowhere", 1, &lab_00_tour,
                       "ERROR: \nERROR: no colon\nERROR: cannot open: x\nruntime error\n", &report,
                       &begin),
        0);
    ck_assert_ptr_null(begin);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        report_in_the_output_is_found_after_what_the_student_printed,
        log_of_the_process_comes_before_its_output,
        output_without_a_report_is_none,
        NULL,
    };
    return run_tests("sanitizer", tests);
}
