/*
 * Whose fault is it? Right code on a machine that is unfit, each fault of it really made: status 3,
 * one sentence, no points lost to anybody. And the other way round: a student's own crash, on a
 * machine that is well, stays the student's, whatever it pretends.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "process/launcher.h"
#include "process/limits.h"
#include "process/loopback.h"
#include "process/patience.h"
#include "process/runtime.h"
#include "tests/svclab_fixture.h"

enum { NOBODY = 65534, CANNOT_CONFINE = 122 };

static int count_of(const char *text, const char *words)
{
    int count = 0;
    for (; (text = strstr(text, words)) != NULL; text++)
        count++;
    return count;
}

/* The reference's lab 00, judged inside these confines. */
static struct outcome_of judge_right_code(void (*confine)(void))
{
    struct place place = {0};
    place_open(&place, "good");
    ck_assert_int_eq(chmod(place.root, 0711), 0); /* for an ordinary user */
    ck_assert_int_eq(chmod(place.tmp, 0777), 0);
    place.confine = confine;
    const char *const arguments[] = {"check",
                                     "--lab",
                                     "00",
                                     "--tree",
                                     "solutions",
                                     "--programs",
                                     BUILD_FOLDER "/trees/solutions",
                                     NULL};
    struct outcome_of outcome = svclab_run(&place, arguments);
    place_close(&place);
    return outcome;
}

/* --- limits -------------------------------------------------------------------------------- */

static int limited; /* a RLIMIT_ */
static struct rlimit to;

static void limit(void)
{
    if (setrlimit((__rlimit_resource_t)limited, &to) != 0)
        _exit(CANNOT_CONFINE);
}

START_TEST(limit_that_is_too_low_is_named_once_and_costs_no_points)
{
    static const struct {
        int resource;
        rlim_t limit;
        const char *words;
    } cases[] = {
        {RLIMIT_AS, (rlim_t)4 << 30, "the address space is limited to 4194304 kB"},
        {RLIMIT_DATA, (rlim_t)1 << 30, "ulimit -d unlimited"},
        {RLIMIT_FSIZE, 0, "the size of a file is limited to 0 kB"},
        {RLIMIT_FSIZE, 100 << 10, "ulimit -f unlimited"},
        {RLIMIT_STACK, 256 << 10, "the stack is limited to 256 kB"},
        {RLIMIT_NOFILE, 64, "the number of open files is limited to 64"},
        {RLIMIT_CPU, 20, "ulimit -t unlimited"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        limited = cases[i].resource;
        to = (struct rlimit){cases[i].limit, cases[i].limit};
        struct outcome_of outcome = judge_right_code(limit);
        expect_outcome(&outcome, 3, cases[i].words, cases[i].words);
        ck_assert_int_eq(count_of(text_str(&outcome.said), "is limited to"), 1);
        ck_assert_ptr_null(strstr(text_str(&outcome.said), "\nx 00-tour  ")); /* no block */
        text_release(&outcome.said);
    }
}
END_TEST

START_TEST(soft_limit_is_raised_as_far_as_it_may)
{
    limited = RLIMIT_NOFILE;
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &to), 0);
    to.rlim_cur = 64;
    struct outcome_of outcome = judge_right_code(limit);
    expect_outcome(&outcome, 0, "Full marks", "a soft limit of 64 open files");
    text_release(&outcome.said);
}
END_TEST

static void few_processes(void)
{
    struct rlimit few = {40, 40};
    if (geteuid() == 0 && (setgroups(0, NULL) != 0 || setgid(NOBODY) != 0 || setuid(NOBODY) != 0))
        _exit(CANNOT_CONFINE);
    if (access(BUILD_FOLDER "/svclab", X_OK) != 0 || setrlimit(RLIMIT_NPROC, &few) != 0)
        _exit(CANNOT_CONFINE);
}

START_TEST(few_processes_of_an_ordinary_user_are_the_machines_fault)
{
    struct outcome_of outcome = judge_right_code(few_processes);
    if (outcome.status != CANNOT_CONFINE)
        expect_outcome(&outcome, 3, "thread", "40 processes of nobody");
    text_release(&outcome.said);
}
END_TEST

/* --- system calls and the network ---------------------------------------------------------- */

/* From now on these system calls fail with this errno, here and in all that is started. */
static void refuse_calls(unsigned first, unsigned second, unsigned error)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, first, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, second, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof filter[0], filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        _exit(CANNOT_CONFINE);
}

static void no_ptrace(void)
{
    refuse_calls(SYS_ptrace, SYS_ptrace, EPERM);
}

static void no_clone(void)
{
    refuse_calls(SYS_clone, SYS_clone3, EAGAIN);
}

static void no_personality(void)
{
    refuse_calls(SYS_personality, SYS_personality, EPERM);
}

static void no_loopback(void)
{
    if (unshare(geteuid() == 0 ? CLONE_NEWNET : CLONE_NEWUSER | CLONE_NEWNET) != 0)
        _exit(CANNOT_CONFINE);
}

START_TEST(what_the_machine_refuses_is_named_once_and_is_status_3)
{
    static const struct {
        void (*confine)(void);
        const char *words;
    } cases[] = {
        {no_ptrace, "ptrace is refused"},
        {no_clone, "thread"},
        {no_loopback, "ip link set lo up"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct outcome_of outcome = judge_right_code(cases[i].confine);
        if (outcome.status != CANNOT_CONFINE) {
            expect_outcome(&outcome, 3, cases[i].words, cases[i].words);
            ck_assert_int_eq(count_of(text_str(&outcome.said), cases[i].words), 1);
        }
        text_release(&outcome.said);
    }
}
END_TEST

START_TEST(random_addresses_are_lived_with)
{
    struct outcome_of outcome = judge_right_code(no_personality);
    if (outcome.status != CANNOT_CONFINE && outcome.status != 3) /* 3: too often taken here */
        expect_outcome(&outcome, 0, "Full marks", "personality() refused");
    text_release(&outcome.said);
}
END_TEST

START_TEST(without_loopback_the_other_checks_are_judged)
{
    struct outcome_of outcome = judge_right_code(no_loopback);
    if (outcome.status != CANNOT_CONFINE)
        expect_outcome(&outcome, 3, "75 of 100 points", "loopback is down");
    text_release(&outcome.said);
}
END_TEST

/* Reads a file of a folder, as text. */
static void read_report(const char *dir, const char *name, struct text *out)
{
    char path[192];
    struct error err = {0};
    text_release(out);
    snprintf(path, sizeof path, "%s/%s", dir, name);
    ck_assert_msg(files_read(path, 1 << 20, out, &err) == 0, "%s", err.text);
}

START_TEST(all_reports_agree)
{
    struct place place = {0};
    struct text report = {0};
    place_open(&place, "good");
    place.confine = no_ptrace;
    const char *const arguments[] = {"check",
                                     "--lab",
                                     "00",
                                     "--tree",
                                     "solutions",
                                     "--programs",
                                     BUILD_FOLDER "/trees/solutions",
                                     "--out",
                                     place.root,
                                     NULL};
    struct outcome_of outcome = svclab_run(&place, arguments);
    if (outcome.status != CANNOT_CONFINE) {
        read_report(place.root, "results.json", &report);
        ck_assert_ptr_nonnull(strstr(text_str(&report), "\"exitStatus\":3"));
        ck_assert_ptr_nonnull(strstr(text_str(&report), "\"grader error\""));
        ck_assert_ptr_null(strstr(text_str(&report), "\"crash\""));
        read_report(place.root, "junit.xml", &report);
        ck_assert_ptr_nonnull(strstr(text_str(&report), "ptrace is refused"));
        ck_assert_ptr_null(strstr(text_str(&report), "<failure"));
        read_report(place.root, "results.tap", &report);
        ck_assert_ptr_nonnull(strstr(text_str(&report), "ptrace is refused"));
    }
    text_release(&report);
    text_release(&outcome.said);
    place_close(&place);
}
END_TEST

START_TEST(time_in_which_the_machine_stood_still_is_not_the_students)
{
    struct patience patience = {
        .cpu_limit_ms = 60000, .wall_limit_ms = 20000, .idle_limit_ms = 3000};
    char words[200] = "";
    patience_begin(&patience);
    patience.looked_ms -= 3600000;
    ck_assert_msg(patience_look(&patience, getpid(), words, sizeof words) == PROBE_READY, "%s",
                  words);
    for (int i = 0; i < 25; i++) { /* looks that come late, and a limit that is reached after all */
        patience.looked_ms -= 1000;
        if (patience_look(&patience, getpid(), words, sizeof words) == PROBE_WALL_LIMIT)
            break;
    }
    ck_assert_msg(strstr(words, "20000 ms") != NULL, "expected the wall limit, got \"%s\"", words);
}
END_TEST

/* --- the canary ---------------------------------------------------------------------------- */

/* A folder of the harness's own programs, with a canary that is this script. */
struct cage {
    char dir[64];
    struct launcher *launcher;
};

static void cage_write(const struct cage *cage, const char *name, const char *bytes)
{
    char path[128];
    struct error err = {0};
    snprintf(path, sizeof path, "%s/%s", cage->dir, name);
    ck_assert_msg(files_write(path, bytes, strlen(bytes), &err) == 0, "%s", err.text);
    ck_assert_int_eq(chmod(path, 0755), 0);
}

static void cage_open(struct cage *cage)
{
    struct error err = {0};
    snprintf(cage->dir, sizeof cage->dir, "/tmp/svclab-cage-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(cage->dir));
    ck_assert_msg(launcher_open_local(&cage->launcher, &err) == 0, "%s", err.text);
}

static void cage_close(struct cage *cage)
{
    cage->launcher->close(cage->launcher);
    files_remove(cage->dir);
}

#define STEPS "#!/bin/sh\necho start\necho memory\n"

START_TEST(canary_that_fails_names_the_cause)
{
    static const struct {
        const char *file, *script, *words;
    } cases[] = {
        {"canary-asan", STEPS "exit 1\n", "got no memory"},
        {"canary-asan", STEPS "kill -9 $$\n", "too little memory"},
        {"canary-asan", STEPS "echo threads\nexit 1\n", "128 threads cannot run at once"},
        {"canary-asan", STEPS "echo threads\necho end\nexit 86\n", "ptrace is refused"},
        {"canary-asan", "#!/bin/sh\necho '==7==Shadow memory range interleaves with'\nexit 1\n",
         "addresses taken"},
        {"canary-asan", "#!/bin/sh\necho 'libasan.so.8: cannot open it'\nexit 127\n",
         "cannot run here: libasan.so.8: cannot open it"},
        {"canary-asan", "#!/bin/sh\nexit 0\n", "cannot run here: exit status 0"},
        {"canary-asan", "no program", "cannot start"},
        {"another", "", "make harness"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cage cage = {0};
        struct error err = {0};
        cage_open(&cage);
        cage_write(&cage, cases[i].file, cases[i].script);
        int code = runtime_canary(RUNTIME_ASAN, cage.launcher, cage.dir, CANARY_MB, &err);
        ck_assert_msg(code == ERR_UNAVAILABLE && strstr(err.text, cases[i].words) != NULL,
                      "after %s: expected \"%s\", got %d, \"%s\"", cases[i].script, cases[i].words,
                      code, err.text);
        cage_close(&cage);
    }
}
END_TEST

START_TEST(canary_at_random_addresses_has_to_be_well_again_and_again)
{
    struct cage cage = {0};
    struct error err = {0};
    cage_open(&cage);
    cage_write(&cage, "canary-tsan",
               "#!/bin/sh\necho . >> $0.flights\necho random\necho start\n"
               "test $(wc -l < $0.flights) = 7 && kill -SEGV $$\necho end\n");
    int code = runtime_canary(RUNTIME_TSAN, cage.launcher, cage.dir, CANARY_MB, &err);
    ck_assert_msg(code == ERR_UNAVAILABLE && strstr(err.text, "addresses taken") != NULL,
                  "expected the seventh flight to be reported, got %d, \"%s\"", code, err.text);
    cage_close(&cage);
}
END_TEST

START_TEST(this_machine_is_well)
{
    struct cage cage = {0};
    struct error err = {0};
    cage_open(&cage);
    for (int runtime = 0; runtime < RUNTIME_COUNT; runtime++)
        ck_assert_msg(runtime_canary((enum runtime)runtime, cage.launcher, BUILD_FOLDER "/peers",
                                     CANARY_MB, &err) == 0,
                      "%s", err.text);
    ck_assert_msg(loopback_works(cage.launcher, &err) == 0, "%s", err.text);
    ck_assert_msg(limits_allow_clusters(1, &err) == 0, "%s", err.text);
    cage_close(&cage);
}
END_TEST

/* --- the student's own --------------------------------------------------------------------- */

/* Lab 00 with programs of this mode; the canary is ours, or one that fails. */
static void expect_verdict(const char *mode, const char *peers, int status, const char *words)
{
    struct place place = {0};
    place_open(&place, mode);
    const char *const arguments[] = {"check",     "--lab",   "00",  "--programs",
                                     place.build, "--peers", peers, NULL};
    struct outcome_of outcome = svclab_run(&place, arguments);
    expect_outcome(&outcome, status, words, mode);
    expect_outcome(&outcome, status, "0 of 100 points", mode);
    text_release(&outcome.said);
    place_close(&place);
}

START_TEST(students_own_end_stays_the_students_where_the_canary_is_well)
{
    static const struct {
        const char *mode, *words;
    } cases[] = {
        {"constructor_abort", "SIGABRT"},
        {"constructor_exit", "early exit"},
        {"runtime_failed", "sanitizer"},
        {"exit86", "it left no log"},
        {"kill", "SIGKILL"},
        {"overflow", "insufficient space"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        expect_verdict(cases[i].mode, BUILD_FOLDER "/peers", 1, cases[i].words);
}
END_TEST

START_TEST(end_in_doubt_is_an_error_where_the_canary_is_not_well)
{
    static const char *const doubtful[] = {"constructor_abort", "constructor_hang",
                                           "runtime_failed", "exit86", "kill"};
    static const char *const certain[] = {"overflow", "abort", "exit7", "garbage", "good"};
    struct cage cage = {0};
    cage_open(&cage);
    cage_write(&cage, "canary-asan", STEPS "kill -9 $$\n");
    for (size_t i = 0; i < sizeof doubtful / sizeof doubtful[0]; i++)
        expect_verdict(doubtful[i], cage.dir, 3, "too little memory");
    for (size_t i = 0; i < sizeof certain / sizeof certain[0]; i++)
        expect_verdict(certain[i], cage.dir, 1, "1 of");
    cage_close(&cage);
    expect_verdict("exit86", "/nowhere", 3, "type `make harness`");
}
END_TEST

/* Puts the reference's program in the place of one that is linked there. */
static void place_take(const struct place *place, const char *program, const char *as)
{
    char path[192], taken[128];
    snprintf(path, sizeof path, "%s/00-tour/%s", place->build, as);
    snprintf(taken, sizeof taken, BUILD_FOLDER "/trees/solutions/00-tour/%s", program);
    unlink(path);
    ck_assert_int_eq(link(taken, path), 0);
}

START_TEST(service_whose_runtime_found_its_place_taken_is_started_again)
{
    struct place place = {0};
    char path[192];
    place_open(&place, "good");
    place_take(&place, "probe", "probe");
    place_take(&place, "service", "real-service");
    place_write(&place, "service",
                "#!/bin/sh\necho . >> $0.starts\n"
                "test $(wc -l < $0.starts) -gt 3 && exec ${0%/*}/real-service\n"
                "echo '==7==FATAL: Shadow memory range interleaves' > sanitizer.$$\nexit 1\n");
    snprintf(path, sizeof path, "%s/00-tour/service", place.build);
    ck_assert_int_eq(chmod(path, 0755), 0);
    const char *const arguments[] = {
        "check", "--lab", "00", "--programs", place.build, "--check", "refused_command_is_409",
        NULL};
    struct outcome_of outcome = svclab_run(&place, arguments);
    expect_outcome(&outcome, 0, "all of these pass", "a service that starts the fourth time");
    text_release(&outcome.said);
    place_close(&place);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        limit_that_is_too_low_is_named_once_and_costs_no_points,
        soft_limit_is_raised_as_far_as_it_may,
        few_processes_of_an_ordinary_user_are_the_machines_fault,
        what_the_machine_refuses_is_named_once_and_is_status_3,
        random_addresses_are_lived_with,
        without_loopback_the_other_checks_are_judged,
        all_reports_agree,
        time_in_which_the_machine_stood_still_is_not_the_students,
        canary_that_fails_names_the_cause,
        canary_at_random_addresses_has_to_be_well_again_and_again,
        this_machine_is_well,
        students_own_end_stays_the_students_where_the_canary_is_well,
        end_in_doubt_is_an_error_where_the_canary_is_not_well,
        service_whose_runtime_found_its_place_taken_is_started_again,
        NULL,
    };
    return run_tests("machine", tests);
}
