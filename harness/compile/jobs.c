/*
 * Running commands. They are waited for in the order they were started in: the next one starts a
 * little late when a later one ends first, and no child of anybody else's is taken.
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
#include <unistd.h>

#include "kit/error.h"

enum { ENVIRONMENT_MAX = 8, VARIABLE_SIZE = 4200, CANNOT_START = 127 };

/* What a compiler may know of its surroundings: where programs and temporary files are, and which
   language to speak. */
static const char *const kept[] = {"PATH", "TMPDIR", "HOME", "LANG", "LC_ALL", "LC_MESSAGES"};

static void set_limit(int which, rlim_t most)
{
    struct rlimit limit;
    if (getrlimit(which, &limit) != 0)
        return;
    if (limit.rlim_max == RLIM_INFINITY || limit.rlim_max > most)
        limit.rlim_max = most;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(which, &limit);
}

static int redirect(int to, const char *path, int flags)
{
    const int fd = open(path, flags | O_CLOEXEC, 0666);
    return fd < 0 ? -1 : dup2(fd, to);
}

/* In the child. report: a pipe's end that closes when the program has begun. */
static void become(const struct compile_job *job, int report)
{
    static char variables[ENVIRONMENT_MAX][VARIABLE_SIZE];
    char *environment[ENVIRONMENT_MAX + 1] = {NULL};
    int count = 0;
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        const char *value = getenv(kept[i]);
        if (value == NULL)
            continue;
        snprintf(variables[count], VARIABLE_SIZE, "%s=%s", kept[i], value);
        environment[count] = variables[count];
        count++;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_DFL);
    set_limit(RLIMIT_CPU, COMPILE_CPU_S);
    set_limit(RLIMIT_FSIZE, (rlim_t)COMPILE_FILE_MB << 20);
    const char *output = job->output != NULL ? job->output : "/dev/null";
    char **argv = NULL;
    memcpy(&argv, &job->argv, sizeof argv); /* execvpe takes char *const *, unchanged */
    extern char **environ;
    if (redirect(STDIN_FILENO, "/dev/null", O_RDONLY) >= 0 &&
        redirect(STDOUT_FILENO, output, O_WRONLY | O_CREAT | O_TRUNC) >= 0 &&
        redirect(STDERR_FILENO, job->log, O_WRONLY | O_CREAT | O_TRUNC) >= 0) {
        environ = environment;
        execvp(argv[0], argv);
    }
    const int why = errno;
    ssize_t sent = write(report, &why, sizeof why);
    _exit(sent == sizeof why ? CANNOT_START : CANNOT_START - 1);
}

/* The child's number, or ERR_UNAVAILABLE. */
static pid_t start(const struct compile_job *job, struct error *err)
{
    int report[2], why = 0;
    if (pipe(report) != 0)
        return error_set(err, ERR_UNAVAILABLE, "cannot start the compiler: %s", strerror(errno));
    fcntl(report[0], F_SETFD, FD_CLOEXEC);
    fcntl(report[1], F_SETFD, FD_CLOEXEC);
    const pid_t pid = fork();
    if (pid == 0)
        become(job, report[1]);
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

static void finish(struct compile_job *job, pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    job->ended_well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    job->stopped = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
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
