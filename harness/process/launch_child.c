#define _GNU_SOURCE
/*
 * Between fork and exec: a session of its own, death with the judge, no randomised addresses,
 * limits, and exactly the descriptors it was given.
 *
 * The judge has threads, so the child calls nothing but system calls: no allocation, no stdio. A
 * child that fails says why on a pipe; the pipe closes at exec, so end of file means success.
 */
#include "process/launch_child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void become(const struct launch *launch, const char *path, pid_t parent, int report_fd);

pid_t launch_child(const struct launch *launch, const char *path, struct launch_failure *failure)
{
    int pipe_fds[2];
    if (pipe2(pipe_fds, O_CLOEXEC) != 0) {
        *failure = (struct launch_failure){"open a pipe", errno};
        return -1;
    }
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0)
        become(launch, path, parent, pipe_fds[1]);
    if (pid < 0)
        *failure = (struct launch_failure){"fork", errno};
    close(pipe_fds[1]);
    ssize_t got = -1;
    do
        got = pid < 0 ? 0 : read(pipe_fds[0], failure, sizeof *failure);
    while (got < 0 && errno == EINTR);
    close(pipe_fds[0]);
    if (pid < 0 || got == 0)
        return pid;
    if (got != (ssize_t)sizeof *failure)
        *failure = (struct launch_failure){"hear from the child", EIO};
    kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
    return -1;
}

static void give_up(int report_fd, const char *doing)
{
    struct launch_failure failure = {doing, errno};
    ssize_t ignored = write(report_fd, &failure, sizeof failure);
    (void)ignored; /* the parent sees a short report at worst */
    _exit(127);
}

/* Signals that the judge ignores or blocks would stay so across exec. The system call itself, since
   the C library keeps its hands on two of them: all zeroes is the default action. */
static void default_signals(void)
{
    static const char by_default[64];
    enum { KERNEL_SIGNAL_SET_BYTES = 8 };
    for (int number = 1; number <= SIGRTMAX; number++)
        syscall(SYS_rt_sigaction, number, by_default, NULL, KERNEL_SIGNAL_SET_BYTES);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static int set_limits(const struct launch *launch)
{
    if (setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0}) != 0)
        return -1;
    if (launch->cpu_limit_ms > 0) {
        rlim_t seconds = (rlim_t)((launch->cpu_limit_ms + 999) / 1000);
        if (setrlimit(RLIMIT_CPU, &(struct rlimit){seconds, seconds + 1}) != 0)
            return -1;
    }
    if (launch->file_limit_bytes > 0) {
        rlim_t bytes = (rlim_t)launch->file_limit_bytes;
        return setrlimit(RLIMIT_FSIZE, &(struct rlimit){bytes, bytes});
    }
    return 0;
}

/* Marks everything from first on to close at exec. Kernels before 5.11 have no call for it. */
static int close_at_exec_from(int first)
{
    if (close_range((unsigned)first, ~0U, CLOSE_RANGE_CLOEXEC) == 0)
        return 0;
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return -1;
    for (int fd = first; (rlim_t)fd < limit.rlim_cur; fd++)
        fcntl(fd, F_SETFD, FD_CLOEXEC); /* most are not open, which is fine */
    return 0;
}

/* All sources first move out of the way, so that no target overwrites a source. */
static int map_descriptors(const struct launch *launch)
{
    int sources[LAUNCH_FDS_MAX];
    int count = launch->fd_count > 3 ? launch->fd_count : 3;
    for (int i = 0; i < count; i++) {
        int fd = i < launch->fd_count ? launch->fds[i] : -1;
        if (fd >= 0)
            sources[i] = fcntl(fd, F_DUPFD_CLOEXEC, LAUNCH_FDS_MAX);
        else
            sources[i] = i <= 2 ? open("/dev/null", O_RDWR | O_CLOEXEC) : -1;
        if (sources[i] < 0 && (fd >= 0 || i <= 2))
            return -1;
        if (sources[i] >= 0 && sources[i] < LAUNCH_FDS_MAX) /* /dev/null in a low place */
            sources[i] = fcntl(sources[i], F_DUPFD_CLOEXEC, LAUNCH_FDS_MAX);
    }
    for (int i = 0; i < count; i++) {
        if (sources[i] < 0)
            close(i);
        else if (dup2(sources[i], i) < 0)
            return -1;
    }
    return close_at_exec_from(count);
}

static void become(const struct launch *launch, const char *path, pid_t parent, int report_fd)
{
    int high_fd = fcntl(report_fd, F_DUPFD_CLOEXEC, LAUNCH_FDS_MAX);
    if (high_fd < 0)
        give_up(report_fd, "arrange its descriptors");
    report_fd = high_fd; /* out of the way of descriptors that are given to the child */
    default_signals();
    if (setsid() < 0)
        give_up(report_fd, "start a session");
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        give_up(report_fd, "ask to die with the judge");
    if (getppid() != parent)
        _exit(127); /* the judge died in between */
    int persona = personality(0xffffffff);
    if (persona >= 0) /* refused in some containers: then sanitizers cope or say so themselves */
        personality((unsigned long)persona | ADDR_NO_RANDOMIZE);
    if (set_limits(launch) != 0)
        give_up(report_fd, "set its limits");
    if (launch->work_dir && chdir(launch->work_dir) != 0)
        give_up(report_fd, "enter its folder");
    if (map_descriptors(launch) != 0)
        give_up(report_fd, "arrange its descriptors");
    union { /* execve takes pointers to non-const and changes nothing */
        const char *const *given;
        char *const *taken;
    } arguments = {launch->argv}, environment = {launch->environment};
    execve(path, arguments.taken, environment.taken);
    give_up(report_fd, "execute it");
}
