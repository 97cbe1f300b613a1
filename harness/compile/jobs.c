/*
 * Running commands. They are waited for in the order they were started in: the next one starts a
 * little late when a later one ends first, and no child of anybody else's is taken.
 *
 * A compiler is a driver with children, which go on when only the driver is killed, and write where
 * the next run writes. So each command is a process group, and has a keeper: a child of ours that
 * waits for it, ends the whole group when time is up, at Ctrl-C, or when we die, and ends itself
 * when nobody of the group is left. Until then it shares our locks.
 */
#include "compile/jobs.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/files.h"
#include "kit/clock.h"
#include "kit/error.h"
#include "kit/text.h"

enum {
    ENVIRONMENT_MAX = 8,
    VARIABLE_SIZE = 4200,
    CANNOT_START = 127,
    OF_SIGNAL = 128, /* a keeper's exit status for a command that signal n ended is this + n */
    GOODBYE_S = 2,   /* for a driver to remove its temporary files */
    REAL_TIME_SIGNALS = 32 /* the first of them: those below are the ones with names */
};

/* What a compiler may know of its surroundings: where programs and temporary files are, and, behind
   FOR_PEOPLE, which language to speak. */
static const char *const kept[] = {"PATH", "TMPDIR", "HOME", "LANG", "LC_ALL", "LC_MESSAGES"};
enum { FOR_PEOPLE = 3 };

/* --- the command ------------------------------------------------------------------------------ */

/* The signal of a limit comes at the soft one; at the hard one it would be SIGKILL. */
static void set_limit(int which, rlim_t most)
{
    struct rlimit limit;
    if (getrlimit(which, &limit) != 0 || limit.rlim_cur < most)
        return;
    limit.rlim_cur = most;
    setrlimit(which, &limit);
}

/* A new file: somebody may still write to an old one. */
static int redirect(int to, const char *path, int flags)
{
    if (flags & O_CREAT)
        unlink(path);
    const int fd = open(path, flags | O_CLOEXEC, 0666);
    return fd < 0 ? -1 : dup2(fd, to);
}

/* In the child. report: a pipe's end that closes when the program has begun. */
static void become(const struct compile_job *job, int report)
{
    static char variables[ENVIRONMENT_MAX][VARIABLE_SIZE];
    char *environment[ENVIRONMENT_MAX + 1] = {NULL};
    int count = 0;
    const size_t most = job->for_people ? sizeof kept / sizeof kept[0] : FOR_PEOPLE;
    for (size_t i = 0; i < most; i++) {
        const char *value = getenv(kept[i]);
        if (value == NULL)
            continue;
        snprintf(variables[count], VARIABLE_SIZE, "%s=%s", kept[i], value);
        environment[count] = variables[count];
        count++;
    }
    signal(SIGPIPE, SIG_DFL);
    set_limit(RLIMIT_CPU, COMPILE_CPU_S);
    set_limit(RLIMIT_DATA, (rlim_t)COMPILE_MEMORY_MB << 20);
    set_limit(RLIMIT_FSIZE, (rlim_t)job->file_mb << 20);
    const char *output = job->output != NULL ? job->output : "/dev/null";
    char **argv = NULL;
    memcpy(&argv, &job->argv, sizeof argv); /* execvpe takes char *const *, unchanged */
    extern char **environ;
    if (redirect(STDIN_FILENO, "/dev/null", O_RDONLY) >= 0 &&
        redirect(STDOUT_FILENO, output, job->output != NULL ? O_WRONLY | O_CREAT : O_WRONLY) >= 0 &&
        redirect(STDERR_FILENO, job->log, O_WRONLY | O_CREAT) >= 0) {
        environ = environment;
        execvp(argv[0], argv);
    }
    const int why = errno;
    ssize_t sent = write(report, &why, sizeof why);
    _exit(sent == sizeof why ? CANNOT_START : CANNOT_START - 1);
}

/* --- its keeper ------------------------------------------------------------------------------- */

static int wait_for(pid_t pid, int *status, int options)
{
    int got = 0;
    while ((got = waitpid(pid, status, options)) < 0 && errno == EINTR)
        continue;
    return got;
}

/* Waits until the command has ended: 0; or until time is up, or a signal came: that signal. */
static int wait_seconds(pid_t pid, const sigset_t *signals, int seconds, int *status)
{
    const int64_t end_ms = monotonic_ms() + INT64_C(1000) * seconds;
    for (int64_t now_ms = 0; (now_ms = monotonic_ms()) < end_ms;) {
        if (wait_for(pid, status, WNOHANG) != 0)
            return 0;
        const struct timespec left = {.tv_sec = (end_ms - now_ms) / 1000 + 1};
        const int came = sigtimedwait(signals, NULL, &left);
        if (came > 0 && came != SIGCHLD)
            return came;
    }
    return SIGXCPU;
}

/* In the child: never returns. parent: who started it. */
static void keep(const struct compile_job *job, int report, pid_t parent)
{
    static const int watched[] = {SIGCHLD, SIGINT, SIGTERM, SIGHUP};
    sigset_t signals, before;
    int status = 0, stopped = 0;
    sigemptyset(&signals);
    for (size_t i = 0; i < sizeof watched / sizeof watched[0]; i++) {
        signal(watched[i], SIG_DFL);
        sigaddset(&signals, watched[i]);
    }
    sigprocmask(SIG_BLOCK, &signals, &before);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(OF_SIGNAL + SIGTERM);
    const pid_t pid = fork();
    if (pid == 0) {
        setpgid(0, 0);
        sigprocmask(SIG_UNBLOCK, &signals, NULL);
        become(job, report);
    }
    close(report);
    if (pid < 0)
        _exit(OF_SIGNAL + SIGKILL);
    setpgid(pid, pid);
    stopped = wait_seconds(pid, &signals, COMPILE_WALL_S, &status);
    kill(-pid, stopped != 0 ? SIGTERM : SIGKILL);
    if (stopped != 0)
        wait_seconds(pid, &signals, GOODBYE_S, &status);
    kill(-pid, SIGKILL);
    int other = 0;
    for (pid_t ended = 0; (ended = wait_for(-1, &other, 0)) > 0;)
        status = ended == pid ? other : status;
    if (stopped == 0 && WIFSIGNALED(status))
        stopped = WTERMSIG(status);
    _exit(stopped != 0 ? OF_SIGNAL + stopped : WEXITSTATUS(status) != 0);
}

/* --- jobs ------------------------------------------------------------------------------------- */

/* The keeper's number, or ERR_UNAVAILABLE. */
static pid_t start(const struct compile_job *job, struct error *err)
{
    int report[2], why = 0;
    if (pipe(report) != 0)
        return error_set(err, ERR_UNAVAILABLE, "cannot start the compiler: %s", strerror(errno));
    fcntl(report[0], F_SETFD, FD_CLOEXEC);
    fcntl(report[1], F_SETFD, FD_CLOEXEC);
    const pid_t self = getpid();
    const pid_t pid = fork();
    if (pid == 0)
        keep(job, report[1], self);
    why = pid < 0 ? errno : 0;
    close(report[1]);
    ssize_t got = 0;
    while (pid > 0 && (got = read(report[0], &why, sizeof why)) < 0 && errno == EINTR)
        continue;
    close(report[0]);
    if (pid > 0 && got == 0)
        return pid;
    if (pid > 0)
        waitpid(pid, NULL, 0);
    return error_set(err, ERR_UNAVAILABLE, "cannot start %s: %s. make doctor says what is missing.",
                     job->argv[0], strerror(why));
}

/* Whether a line of a log is a program's own word, and not one about a file: "cc1: words". */
static const char *own_word(const char *line, const char *words)
{
    const char *said = strstr(line, words);
    return said != NULL && strcspn(line, ":") == (size_t)(said - line) ? said + strlen(words)
                                                                       : NULL;
}

/* What ended a child of gcc's driver, which says so in its log:
   "gcc: fatal error: Killed signal terminated program cc1",
   "collect2: fatal error: ld terminated with signal 9 [Killed]",
   "cc1: out of memory allocating 65536 bytes", "virtual memory exhausted: Cannot allocate memory".
   0 = nothing of the kind. */
static int stopped_in_driver(const struct compile_job *job)
{
    static const char ended[] = " signal terminated program ",
                      memory[] = "virtual memory exhausted";
    struct text log = {0};
    int stopped = 0;
    files_read(job->log, (size_t)job->file_mb << 20, &log, NULL);
    for (char *line = log.bytes; line != NULL && *line != '\0' && stopped == 0;) {
        char *end = strchr(line, '\n');
        if (end != NULL)
            *end++ = '\0';
        const char *said = own_word(line, ": fatal error: ");
        for (int i = 1; said != NULL && i < REAL_TIME_SIGNALS && stopped == 0; i++) {
            const size_t length = strlen(strsignal(i));
            if (strncmp(said, strsignal(i), length) == 0 &&
                strncmp(said + length, ended, strlen(ended)) == 0)
                stopped = i;
        }
        if (said != NULL)
            sscanf(said, "ld terminated with signal %d", &stopped);
        if (own_word(line, ": out of memory allocating ") != NULL ||
            strncmp(line, memory, strlen(memory)) == 0)
            stopped = SIGXFSZ;
        line = end;
    }
    text_release(&log);
    return stopped;
}

static void finish(struct compile_job *job, pid_t pid)
{
    int status = 0;
    wait_for(pid, &status, 0);
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : OF_SIGNAL + WTERMSIG(status);
    job->ended_well = code == 0;
    job->stopped = code > OF_SIGNAL ? code - OF_SIGNAL : 0;
    if (code == 1)
        job->stopped = stopped_in_driver(job);
}

int compile_jobs_run(struct compile_job *jobs, int count, int parallel, struct error *err)
{
    pid_t *pids = calloc((size_t)count + 1, sizeof *pids);
    int code = 0, oldest = 0, running = 0;
    if (pids == NULL)
        abort();
    for (int i = 0; i < count && code == 0; i++) {
        if (jobs[i].argv == NULL)
            continue;
        for (; running >= parallel; oldest++) {
            if (pids[oldest] == 0)
                continue;
            finish(&jobs[oldest], pids[oldest]);
            running--;
        }
        pids[i] = start(&jobs[i], err);
        if (pids[i] < 0) {
            code = (int)pids[i];
            pids[i] = 0;
        } else {
            running++;
        }
    }
    for (; oldest < count; oldest++)
        if (pids[oldest] > 0)
            finish(&jobs[oldest], pids[oldest]);
    free(pids);
    return code;
}
