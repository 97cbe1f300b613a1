#define _GNU_SOURCE
/*
 * The local launcher.
 *
 * One thread of its own forks every process, because PDEATHSIG follows the thread that forked and
 * this one lives until close. The judge becomes a subreaper: whatever a student process leaves
 * behind, even in a session of its own, is handed to the judge and found by sweep.
 *
 * Callers: one at a time (the judge is one thread). A process stays on the list from start until
 * it is reaped; children of the judge that are not on the list and not in the judge's own session
 * are orphans.
 */
#include "process/launcher.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "kit/clock.h"
#include "kit/error.h"
#include "process/launch_child.h"
#include "process/orphans.h"
#include "process/ports.h"

enum {
    SWEEP_GRACE_MS = 100, /* a symbolizer whose pipe has closed ends by itself in this time */
    SWEEP_ROUNDS = 1000,  /* bounds the chase after a process that forks while it is killed */
    KILL_WAIT_MS = 5000   /* for the kernel to end a killed process */
};

struct local {
    struct launcher base;
    pthread_t starter;
    pid_t *running; /* started and not reaped */
    int count, capacity;

    pthread_mutex_t lock; /* guards what follows: one request at a time */
    pthread_cond_t changed;
    const struct launch *request; /* NULL: none; set by start, cleared by the starter */
    const char *path;
    int closing;
    pid_t pid;
    struct launch_failure failure;
};

/* --- starting ------------------------------------------------------------------------------ */

static void *starter_main(void *context)
{
    struct local *local = context;
    pthread_mutex_lock(&local->lock);
    for (;;) {
        while (!local->request && !local->closing)
            pthread_cond_wait(&local->changed, &local->lock);
        if (local->closing)
            break;
        local->pid = launch_child(local->request, local->path, &local->failure);
        local->request = NULL;
        pthread_cond_broadcast(&local->changed);
    }
    pthread_mutex_unlock(&local->lock);
    return NULL;
}

static int local_start(struct launcher *launcher, const struct launch *launch, pid_t *pid,
                       struct error *err)
{
    struct local *local = (struct local *)launcher;
    assert(launch->fd_count >= 0 && launch->fd_count <= LAUNCH_FDS_MAX);
    if (local->count == local->capacity) {
        int capacity = local->capacity ? 2 * local->capacity : 16;
        pid_t *running = realloc(local->running, (size_t)capacity * sizeof *running);
        if (!running)
            return error_set(err, ERR_UNAVAILABLE, "out of memory for another process");
        local->running = running;
        local->capacity = capacity;
    }
    char path[PATH_MAX]; /* the child changes its folder before exec */
    if (!realpath(launch->argv[0], path))
        return error_set(err, ERR_UNAVAILABLE, "cannot start %s: %s", launch->argv[0],
                         strerror(errno));
    pthread_mutex_lock(&local->lock);
    local->path = path;
    local->request = launch;
    pthread_cond_broadcast(&local->changed);
    while (local->request)
        pthread_cond_wait(&local->changed, &local->lock);
    *pid = local->pid;
    struct launch_failure failure = local->failure;
    pthread_mutex_unlock(&local->lock);
    if (*pid < 0)
        return error_set(err, ERR_UNAVAILABLE, "cannot start %s: could not %s: %s", launch->argv[0],
                         failure.doing, strerror(failure.error));
    local->running[local->count++] = *pid;
    return 0;
}

/* --- signalling and waiting ---------------------------------------------------------------- */

static int running_index(const struct local *local, pid_t pid)
{
    for (int i = 0; i < local->count; i++)
        if (local->running[i] == pid)
            return i;
    return -1;
}

/* A process that is not on the list was reaped: its pid may be somebody else's by now. */
static int local_signal(struct launcher *launcher, pid_t pid, int group, int number)
{
    struct local *local = (struct local *)launcher;
    if (running_index(local, pid) < 0)
        return ERR_NOT_FOUND;
    return kill(group ? -pid : pid, number) == 0 ? 0 : ERR_NOT_FOUND;
}

/* Waits for pid to be dead, without reaping it. 1 when it is. */
static int wait_for_death(pid_t pid, int64_t wait_ms)
{
    int64_t deadline = monotonic_ms() + wait_ms;
    int fd = wait_ms > 0 ? (int)syscall(SYS_pidfd_open, pid, 0U) : -1;
    int dead = 0;
    for (;;) {
        siginfo_t info = {0};
        int looked = waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT | __WALL);
        dead = looked == 0 && info.si_pid == pid;
        int64_t left = deadline - monotonic_ms();
        if (dead || (looked < 0 && errno == ECHILD) || left <= 0)
            break;
        struct pollfd poll_fd = {fd, POLLIN, 0};
        int step = (int)(left < INT_MAX ? left : INT_MAX);
        poll(&poll_fd, fd >= 0, fd >= 0 || step < 2 ? step : 2); /* no pidfd: look every 2 ms */
    }
    if (fd >= 0)
        close(fd);
    return dead;
}

static int64_t time_ms(struct timeval time)
{
    return (int64_t)time.tv_sec * 1000 + time.tv_usec / 1000;
}

static int local_wait(struct launcher *launcher, pid_t pid, int64_t wait_ms, struct launch_end *end)
{
    struct local *local = (struct local *)launcher;
    int index = running_index(local, pid);
    assert(index >= 0);
    if (!wait_for_death(pid, wait_ms))
        return 0;
    int status = 0;
    struct rusage usage = {0};
    pid_t reaped = wait4(pid, &status, __WALL, &usage);
    assert(reaped == pid);
    local->running[index] = local->running[--local->count];
    *end = (struct launch_end){.exited = WIFEXITED(status)};
    if (end->exited)
        end->status = WEXITSTATUS(status);
    else
        end->signal = WTERMSIG(status);
    end->cpu_ms = time_ms(usage.ru_utime) + time_ms(usage.ru_stime);
    return 1;
}

/* --- sweeping ------------------------------------------------------------------------------ */

static int is_orphan(const struct local *local, pid_t pid)
{
    pid_t session = getsid(pid); /* negative: it is gone */
    return running_index(local, pid) < 0 && session > 0 && session != getsid(0);
}

/* One look: kills and reaps every orphan. Those that did not end by themselves within grace_ms
   are counted in *left_behind. Returns how many orphans there were at all. */
static int sweep_round(const struct local *local, int64_t grace_ms, int *left_behind)
{
    pid_t pids[CHILDREN_MAX];
    int found = 0;
    int count = children_list(pids, CHILDREN_MAX);
    int64_t grace_ends = monotonic_ms() + grace_ms;
    for (int i = 0; i < count; i++) {
        if (!is_orphan(local, pids[i]))
            continue;
        found++;
        int64_t grace = grace_ends - monotonic_ms();
        if (!wait_for_death(pids[i], grace > 0 ? grace : 0)) {
            (*left_behind)++;
            kill(pids[i], SIGKILL);
            wait_for_death(pids[i], KILL_WAIT_MS);
        }
        waitpid(pids[i], NULL, WNOHANG | __WALL);
    }
    return found;
}

static int local_sweep(struct launcher *launcher, pid_t pid)
{
    struct local *local = (struct local *)launcher;
    if (running_index(local, pid) >= 0) {
        struct launch_end end;
        kill(-pid, SIGKILL);
        local_wait(launcher, pid, KILL_WAIT_MS, &end);
    }
    int left_behind = 0;
    /* The dead hand their own children to us in turn, so look until nothing is found. Only the
       first look waits: what appears later was started by something that had to be killed. */
    for (int round = 0; round < SWEEP_ROUNDS; round++)
        if (sweep_round(local, round == 0 ? SWEEP_GRACE_MS : 0, &left_behind) == 0)
            break;
    return left_behind;
}

/* --- opening and closing ------------------------------------------------------------------- */

static void local_close(struct launcher *launcher)
{
    struct local *local = (struct local *)launcher;
    while (local->count > 0) {
        int before = local->count;
        local_sweep(launcher, local->running[before - 1]);
        if (local->count == before) /* not even SIGKILL ends it: stuck in the kernel */
            local->count--;
    }
    local_sweep(launcher, 0);
    pthread_mutex_lock(&local->lock);
    local->closing = 1;
    pthread_cond_broadcast(&local->changed);
    pthread_mutex_unlock(&local->lock);
    pthread_join(local->starter, NULL);
    pthread_cond_destroy(&local->changed);
    pthread_mutex_destroy(&local->lock);
    free(local->running);
    free(local);
}

int launcher_open_local(struct launcher **out, struct error *err)
{
    if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
        return error_set(err, ERR_UNAVAILABLE, "cannot adopt orphans: %s", strerror(errno));
    struct local *local = calloc(1, sizeof *local);
    if (!local)
        return error_set(err, ERR_UNAVAILABLE, "out of memory for the launcher");
    local->base = (struct launcher){local_start,  local_signal, local_wait, local_sweep,
                                    port_reserve, port_listen,  local_close};
    pthread_mutex_init(&local->lock, NULL);
    pthread_cond_init(&local->changed, NULL);

    sigset_t all, before; /* signals are for the judge's own thread */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&local->starter, NULL, starter_main, local);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed) {
        pthread_cond_destroy(&local->changed);
        pthread_mutex_destroy(&local->lock);
        free(local);
        return error_set(err, ERR_UNAVAILABLE, "cannot start the launcher's thread: %s",
                         strerror(failed));
    }
    *out = &local->base;
    return 0;
}
