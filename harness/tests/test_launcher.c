#define _GNU_SOURCE
/*
 * The local launcher: what a child gets, how its end is seen, and that nothing is left behind.
 */
#include <arpa/inet.h>
#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "kit/error.h"
#include "process/launcher.h"
#include "process/orphans.h"
#include "tests/run_tests.h"

enum { LONG_MS = 10000 };

static struct launcher *open_launcher(void)
{
    struct launcher *launcher = NULL;
    struct error err = {0};
    ck_assert_msg(launcher_open_local(&launcher, &err) == 0, "%s", err.text);
    return launcher;
}

static const char *const plain_environment[] = {"PATH=/usr/bin:/bin", "COURSE=svclab", NULL};

/* Starts `sh -c script` with fd 1 = out (-1: /dev/null) and fd 4 = extra. */
static pid_t start_script(struct launcher *launcher, const char *script, int out, int extra)
{
    const char *const argv[] = {"/bin/sh", "-c", script, NULL};
    struct launch launch = {.argv = argv,
                            .environment = plain_environment,
                            .work_dir = "/",
                            .fds = {-1, out, -1, -1, extra},
                            .fd_count = 5};
    pid_t pid = 0;
    struct error err = {0};
    ck_assert_msg(launcher->start(launcher, &launch, &pid, &err) == 0, "%s", err.text);
    return pid;
}

static struct launch_end wait_end(struct launcher *launcher, pid_t pid)
{
    struct launch_end end = {0};
    ck_assert_msg(launcher->wait(launcher, pid, LONG_MS, &end) == 1, "still running");
    return end;
}

/* Runs the script to its end and returns what it printed in text. */
static struct launch_end run_script(const char *script, int extra, char *text, size_t size)
{
    struct launcher *launcher = open_launcher();
    int fds[2];
    ck_assert_int_eq(pipe(fds), 0);
    pid_t pid = start_script(launcher, script, fds[1], extra);
    close(fds[1]);
    size_t length = 0;
    for (ssize_t got; (got = read(fds[0], text + length, size - 1 - length)) > 0;)
        length += (size_t)got;
    text[length] = '\0';
    close(fds[0]);
    struct launch_end end = wait_end(launcher, pid);
    ck_assert_int_eq(launcher->sweep(launcher, pid), 0);
    launcher->close(launcher);
    return end;
}

static int count_open_fds(void)
{
    int count = 0;
    DIR *fds = opendir("/proc/self/fd");
    while (readdir(fds))
        count++;
    closedir(fds);
    return count;
}

static int count_children(void)
{
    pid_t pids[CHILDREN_MAX];
    return children_list(pids, CHILDREN_MAX);
}

START_TEST(the_end_says_status_or_signal)
{
    char text[64];
    struct launch_end end = run_script("exit 7", -1, text, sizeof text);
    ck_assert_int_eq(end.exited, 1);
    ck_assert_int_eq(end.status, 7);
    end = run_script("kill -9 $$", -1, text, sizeof text);
    ck_assert_int_eq(end.exited, 0);
    ck_assert_int_eq(end.signal, SIGKILL);
}
END_TEST

START_TEST(a_child_sees_only_the_descriptors_it_was_given)
{
    char text[256];
    int leaky[8]; /* without close-on-exec, as a careless library would open them */
    for (int i = 0; i < 8; i++)
        ck_assert_int_ge(leaky[i] = open("/dev/null", O_RDONLY), 0);
    run_script("n=0; while [ $n -lt 64 ]; do if [ -e /proc/$$/fd/$n ]; then printf \"$n \"; fi;"
               " n=$((n+1)); done",
               leaky[0], text, sizeof text);
    ck_assert_str_eq(text, "0 1 2 4 ");
    for (int i = 0; i < 8; i++)
        close(leaky[i]);
}
END_TEST

START_TEST(descriptors_may_be_given_in_any_order)
{
    struct launcher *launcher = open_launcher();
    int out[2], other[2];
    char text[16] = "";
    ck_assert_int_eq(pipe(out), 0);
    ck_assert_int_eq(pipe(other), 0);
    const char *const argv[] = {"/bin/sh", "-c", "echo one; echo two >&4", NULL};
    struct launch launch = {.argv = argv, .environment = plain_environment, .fd_count = 5};
    /* Sources and targets cross: 4's source may itself be descriptor 1 or 3 of the child. */
    launch.fds[0] = out[0], launch.fds[1] = other[1], launch.fds[2] = -1;
    launch.fds[3] = other[1], launch.fds[4] = out[1];
    pid_t pid = 0;
    ck_assert_int_eq(launcher->start(launcher, &launch, &pid, NULL), 0);
    wait_end(launcher, pid);
    ck_assert_int_eq(read(other[0], text, sizeof text), 4);
    ck_assert_mem_eq(text, "one\n", 4);
    ck_assert_int_eq(read(out[0], text, sizeof text), 4);
    ck_assert_mem_eq(text, "two\n", 4);
    for (int i = 0; i < 2; i++)
        close(out[i]), close(other[i]);
    launcher->close(launcher);
}
END_TEST

START_TEST(a_child_gets_a_clean_start)
{
    static const struct {
        const char *script, *expected;
    } rows[] = {
        {"exec env", "PATH=/usr/bin:/bin\nCOURSE=svclab\n"},
        {"exec pwd -P", "/\n"},
        {"exec cat /proc/self/personality", "00040000\n"}, /* ADDR_NO_RANDOMIZE */
        {"exec sed -n 's/^SigIgn:.//p' /proc/self/status", "0000000000000000\n"},
        {"exec sed -n 's/^SigBlk:.//p' /proc/self/status", "0000000000000000\n"},
        {"ulimit -c", "0\n"},
        {"read -r a b c d e session rest < /proc/self/stat; [ $session = $$ ] && echo own",
         "own\n"},
        {"if read -r line; then echo input; else echo none; fi", "none\n"},
    };
    char text[4096];
    signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        run_script(rows[i].script, -1, text, sizeof text);
        const char *got = text;
        if (strncmp(text, "PWD=", 4) == 0 || strstr(text, "\nPWD=")) /* dash adds its own */
            ck_assert_ptr_nonnull(strstr(text, "COURSE=svclab\n"));
        else
            ck_assert_msg(strcmp(got, rows[i].expected) == 0, "%s: got \"%s\", not \"%s\"",
                          rows[i].script, got, rows[i].expected);
    }
}
END_TEST

START_TEST(limits_end_a_process)
{
    struct launcher *launcher = open_launcher();
    char folder[] = "/tmp/svclab-launcher-XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(folder));
    const char *const spin[] = {"/bin/sh", "-c", "while :; do :; done", NULL};
    const char *const fill[] = {"/bin/dd", "if=/dev/zero", "of=big", "bs=4096", "count=100", NULL};
    struct launch launch = {.argv = spin,
                            .environment = plain_environment,
                            .work_dir = folder,
                            .cpu_limit_ms = 1,
                            .file_limit_bytes = 8192};
    pid_t pid = 0;
    ck_assert_int_eq(launcher->start(launcher, &launch, &pid, NULL), 0);
    struct launch_end end = wait_end(launcher, pid);
    ck_assert_int_eq(end.signal, SIGXCPU);
    ck_assert_int_ge(end.cpu_ms, 500);
    launch.argv = fill;
    ck_assert_int_eq(launcher->start(launcher, &launch, &pid, NULL), 0);
    end = wait_end(launcher, pid);
    ck_assert_int_eq(end.signal, SIGXFSZ);
    launcher->close(launcher);
    char path[64];
    snprintf(path, sizeof path, "%s/big", folder);
    unlink(path);
    ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

START_TEST(a_start_that_fails_says_why)
{
    static const struct {
        const char *program, *folder, *expected;
    } rows[] = {
        {"/nowhere/service", "/", "cannot start /nowhere/service: No such file or directory"},
        {"/bin/sh", "/nowhere",
         "cannot start /bin/sh: could not enter its folder: No such file or directory"},
        {"/etc/passwd", "/", "cannot start /etc/passwd: could not execute it: Permission denied"},
    };
    struct launcher *launcher = open_launcher();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *const argv[] = {rows[i].program, NULL};
        struct launch launch = {
            .argv = argv, .environment = plain_environment, .work_dir = rows[i].folder};
        pid_t pid = 0;
        struct error err = {0};
        ck_assert_int_eq(launcher->start(launcher, &launch, &pid, &err), ERR_UNAVAILABLE);
        ck_assert_str_eq(err.text, rows[i].expected);
    }
    ck_assert_int_eq(count_children(), 0);
    launcher->close(launcher);
}
END_TEST

START_TEST(waiting_ends_at_its_deadline)
{
    struct launcher *launcher = open_launcher();
    struct launch_end end = {0};
    pid_t pid = start_script(launcher, "exec sleep 100", -1, -1);
    ck_assert_int_eq(launcher->wait(launcher, pid, 0, &end), 0);
    ck_assert_int_eq(launcher->wait(launcher, pid, 20, &end), 0);
    ck_assert_int_eq(launcher->signal(launcher, pid, 0, SIGSTOP), 0);
    ck_assert_int_eq(launcher->wait(launcher, pid, 20, &end), 0);
    ck_assert_int_eq(launcher->signal(launcher, pid, 0, SIGTERM), 0);
    ck_assert_int_eq(launcher->signal(launcher, pid, 0, SIGCONT), 0);
    ck_assert_int_eq(launcher->wait(launcher, pid, LONG_MS, &end), 1);
    ck_assert_int_eq(end.signal, SIGTERM);
    ck_assert_int_eq(launcher->signal(launcher, pid, 0, SIGTERM), ERR_NOT_FOUND);
    launcher->close(launcher);
}
END_TEST

START_TEST(sweep_finds_what_was_left_behind)
{
    static const struct {
        const char *script;
        int left;
    } rows[] = {
        {"exit 0", 0},
        {"sleep 100 & exit 0", 1},
        {"sleep 100 & sleep 100 & exit 0", 2},
        {"setsid sleep 100 & exit 0", 1},
        {"setsid setsid sh -c 'setsid sleep 100 & setsid sleep 100 & exit 0' & wait; exit 0", 2},
        {"(setsid sh -c 'sleep 100 & echo up; wait' &) | read -r line; exit 0",
         2},                     /* found once its parent is dead */
        {"cat <&4 & exit 0", 0}, /* ends by itself when our end of its pipe closes */
    };
    struct launcher *launcher = open_launcher();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int fds[2];
        ck_assert_int_eq(pipe(fds), 0);
        pid_t pid = start_script(launcher, rows[i].script, -1, fds[0]);
        wait_end(launcher, pid);
        close(fds[0]);
        close(fds[1]);
        int left = launcher->sweep(launcher, pid);
        ck_assert_msg(left == rows[i].left, "%s: %d, not %d", rows[i].script, left, rows[i].left);
        ck_assert_int_eq(count_children(), 0);
    }
    launcher->close(launcher);
}
END_TEST

START_TEST(sweep_spares_other_processes)
{
    struct launcher *launcher = open_launcher();
    pid_t helper = fork(); /* a child of the judge's own, such as a drawing program */
    if (helper == 0) {
        pause();
        _exit(0);
    }
    pid_t other = start_script(launcher, "sleep 100; exit 0", -1, -1);
    pid_t running = start_script(launcher, "exec sleep 100", -1, -1);
    ck_assert_int_eq(launcher->sweep(launcher, running), 0);
    struct launch_end end = {0};
    ck_assert_int_eq(launcher->wait(launcher, other, 0, &end), 0);
    ck_assert_int_eq(kill(helper, 0), 0);
    ck_assert_int_eq(waitpid(helper, NULL, WNOHANG), 0);
    kill(helper, SIGKILL);
    waitpid(helper, NULL, 0);
    launcher->close(launcher);
    ck_assert_int_eq(count_children(), 0);
}
END_TEST

START_TEST(processes_die_with_the_judge)
{
    int fds[2];
    ck_assert_int_eq(pipe(fds), 0);
    pid_t judge = fork();
    if (judge == 0) {
        struct launcher *launcher = open_launcher();
        close(fds[0]);
        start_script(launcher, "echo up; exec sleep 100", fds[1], -1);
        close(fds[1]);
        pause();
        _exit(0);
    }
    close(fds[1]);
    char text[8];
    ck_assert_int_eq(read(fds[0], text, sizeof text), 3);
    kill(judge, SIGKILL);
    waitpid(judge, NULL, 0);
    ck_assert_int_eq(read(fds[0], text, sizeof text), 0); /* end of file: the last holder died */
    close(fds[0]);
}
END_TEST

static int connect_to(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int failed = connect(fd, (struct sockaddr *)&address, sizeof address) != 0 ? errno : 0;
    close(fd);
    return failed;
}

START_TEST(a_reserved_port_refuses_until_it_is_listened_on)
{
    struct launcher *launcher = open_launcher();
    int port = 0, reserved = -1, first = -1, second = -1;
    ck_assert_int_eq(launcher->reserve_port(launcher, &port, &reserved, NULL), 0);
    for (int round = 0; round < 3; round++) {
        ck_assert_int_eq(connect_to(port), ECONNREFUSED);
        struct error err = {0};
        ck_assert_msg(launcher->listen(launcher, port, &first, &err) == 0, "%s", err.text);
        ck_assert_int_eq(connect_to(port), 0);
        ck_assert_int_eq(launcher->listen(launcher, port, &second, &err), ERR_UNAVAILABLE);
        ck_assert_ptr_nonnull(strstr(err.text, "cannot listen on 127.0.0.1:"));
        close(first);
    }
    close(reserved);
    struct error err = {0};
    ck_assert_int_eq(launcher->listen(launcher, port, &first, &err), 0);
    ck_assert_int_eq(launcher->reserve_port(launcher, &port, &second, &err), ERR_EXISTS);
    ck_assert_ptr_nonnull(strstr(err.text, "is taken by another process"));
    close(first);
    int wanted = port;
    ck_assert_int_eq(launcher->reserve_port(launcher, &port, &reserved, &err), 0);
    ck_assert_int_eq(port, wanted);
    close(reserved);
    launcher->close(launcher);
}
END_TEST

START_TEST(without_descriptors_there_is_a_sentence_and_no_leak)
{
    struct launcher *launcher = open_launcher();
    struct rlimit before, low = {0};
    getrlimit(RLIMIT_NOFILE, &before);
    int lowest = dup(0); /* the next free one */
    close(lowest);
    const char *const argv[] = {"/bin/true", NULL};
    struct launch launch = {.argv = argv, .environment = plain_environment, .work_dir = "/"};
    for (rlim_t spare = 0; spare < 2; spare++) {
        low = (struct rlimit){(rlim_t)lowest + spare, before.rlim_max};
        setrlimit(RLIMIT_NOFILE, &low);
        struct error start_error = {0}, port_error = {0};
        pid_t pid = 0;
        int port = 0, fd = -1;
        int started = launcher->start(launcher, &launch, &pid, &start_error);
        int reserved = launcher->reserve_port(launcher, &port, &fd, &port_error);
        setrlimit(RLIMIT_NOFILE, &before);
        ck_assert_int_eq(started, ERR_UNAVAILABLE);
        ck_assert_ptr_nonnull(strstr(start_error.text, "Too many open files"));
        if (reserved == 0)
            close(fd);
        else
            ck_assert_ptr_nonnull(strstr(port_error.text, "Too many open files"));
    }
    ck_assert_int_eq(dup(0), lowest);
    close(lowest);
    ck_assert_int_eq(count_children(), 0);
    launcher->close(launcher);
}
END_TEST

START_TEST(fifty_starts_leave_nothing)
{
    int fds_before = count_open_fds();
    struct launcher *launcher = open_launcher();
    for (int i = 0; i < 50; i++) {
        pid_t pid =
            start_script(launcher, i % 2 ? "exit 0" : "setsid sleep 100 & exec sleep 100", -1, -1);
        if (i % 2)
            wait_end(launcher, pid);
        if (i % 3 == 0)
            launcher->sweep(launcher, pid);
    }
    launcher->close(launcher);
    ck_assert_int_eq(count_children(), 0);
    ck_assert_int_eq(count_open_fds(), fds_before);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {the_end_says_status_or_signal,
                                  a_child_sees_only_the_descriptors_it_was_given,
                                  descriptors_may_be_given_in_any_order,
                                  a_child_gets_a_clean_start,
                                  limits_end_a_process,
                                  a_start_that_fails_says_why,
                                  waiting_ends_at_its_deadline,
                                  sweep_finds_what_was_left_behind,
                                  sweep_spares_other_processes,
                                  processes_die_with_the_judge,
                                  a_reserved_port_refuses_until_it_is_listened_on,
                                  without_descriptors_there_is_a_sentence_and_no_leak,
                                  fifty_starts_leave_nothing,
                                  NULL};
    return run_tests("launcher", tests);
}
