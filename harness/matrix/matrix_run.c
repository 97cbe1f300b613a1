#define _GNU_SOURCE /* prctl */
/*
 * The workers: a process each, so that mutants are built and judged side by side.
 *
 * SIGINT, SIGTERM and SIGCHLD are blocked and taken by sigtimedwait: nothing happens between two
 * system calls that this file does not see. A worker leads a process group; to stop is to signal
 * the group and to wait for all of it, orphans included (PR_SET_CHILD_SUBREAPER).
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "kit/error.h"
#include "matrix/matrix.h"

enum { STOP_GRACE_S = 10 }; /* from SIGTERM to SIGKILL */

struct crew {
    struct matrix *matrix;
    pid_t *pids; /* of the row with the same index; 0 = not running */
    int next;    /* the first row not yet started */
    int running;
    int printed; /* rows before it are printed */
    sigset_t signals, before;
};

static int start_worker(struct crew *crew)
{
    struct matrix *matrix = crew->matrix;
    const int row = crew->next++;
    fflush(NULL);
    const pid_t pid = fork();
    if (pid == 0) {
        setpgid(0, 0);
        sigprocmask(SIG_SETMASK, &crew->before, NULL);
        mutant_judge_run(&matrix->judge, &matrix->rows[row], &matrix->outcomes[row]);
        _exit(matrix->outcomes[row].stage == OUTCOME_NONE);
    }
    if (pid < 0) {
        snprintf(matrix->outcomes[row].note, sizeof matrix->outcomes[row].note,
                 "cannot start a process: %s", strerror(errno));
        matrix->done[row] = 1;
        return ERR_UNAVAILABLE;
    }
    setpgid(pid, pid);
    crew->pids[row] = pid;
    crew->running++;
    return 0;
}

/* Takes the ends of all children that have one; -1 when there is no child at all. */
static int reap(struct crew *crew)
{
    struct matrix *matrix = crew->matrix;
    int status = 0;
    pid_t pid = 0;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        for (int row = 0; row < crew->next; row++) {
            if (crew->pids[row] != pid)
                continue;
            char path[MUTANT_PATH_SIZE];
            mutant_judge_record(&matrix->judge, &matrix->rows[row], path);
            if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
                outcome_load(&matrix->outcomes[row], path);
            matrix->done[row] = 1;
            crew->pids[row] = 0;
            crew->running--;
        }
    }
    return pid < 0 ? -1 : 0;
}

static void signal_workers(const struct crew *crew, int signal)
{
    for (int row = 0; row < crew->next; row++)
        if (crew->pids[row] > 0)
            kill(-crew->pids[row], signal);
}

static void stop_workers(struct crew *crew)
{
    struct crew started = *crew; /* groups outlive their leaders */
    pid_t *leaders = calloc((size_t)crew->matrix->count, sizeof *leaders);
    const struct timespec grace = {STOP_GRACE_S, 0};
    if (leaders != NULL) {
        memcpy(leaders, crew->pids, (size_t)crew->matrix->count * sizeof *leaders);
        started.pids = leaders;
    }
    signal_workers(&started, SIGTERM);
    while (reap(crew) == 0)
        if (sigtimedwait(&crew->signals, NULL, &grace) < 0 && errno == EAGAIN)
            signal_workers(&started, SIGKILL);
    free(leaders);
}

static void count_row(const struct mutant *mutant, int holds, struct matrix_sums *sums)
{
    if (mutant->right && mutant->file_count == 0) {
        sums->references++;
        sums->references_passed += holds;
    } else if (mutant->right) {
        sums->variants++;
        sums->passed += holds;
    } else {
        sums->mutants++;
        sums->killed += holds;
    }
}

void matrix_print_row(const struct matrix *matrix, int row, struct matrix_sums *sums)
{
    const struct mutant *mutant = &matrix->rows[row];
    const struct outcome *outcome = &matrix->outcomes[row];
    char why[1024];
    const int holds = outcome_holds(outcome, mutant, why, sizeof why);
    count_row(mutant, holds, sums);
    if (!holds)
        printf("  WRONG   %-3s %-36s %s\n", mutant->rule, mutant->name, why);
    else if (mutant->right)
        printf("  passes  %-3s %-36s %d of %d checks\n", "", mutant->name, outcome->passed,
               outcome->checks);
    else
        printf("  killed  %-3s %-36s by %s (%s); %s passes\n", mutant->rule, mutant->name,
               mutant->killed_by, outcome->own.reason, mutant->sibling);
    fflush(stdout);
}

int matrix_run(struct matrix *matrix, int jobs, struct matrix_sums *sums)
{
    struct crew crew = {.matrix = matrix};
    int stopped = 0;
    crew.pids = calloc((size_t)matrix->count, sizeof *crew.pids);
    if (crew.pids == NULL)
        return ERR_IO;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    sigemptyset(&crew.signals);
    sigaddset(&crew.signals, SIGINT);
    sigaddset(&crew.signals, SIGTERM);
    sigaddset(&crew.signals, SIGCHLD);
    sigprocmask(SIG_BLOCK, &crew.signals, &crew.before);

    while (crew.printed < matrix->count && !stopped) {
        while (crew.running < jobs && crew.next < matrix->count && start_worker(&crew) == 0)
            ;
        const int signal = crew.running > 0 ? sigwaitinfo(&crew.signals, NULL) : SIGCHLD;
        stopped = signal == SIGINT || signal == SIGTERM;
        reap(&crew);
        for (; crew.printed < matrix->count && matrix->done[crew.printed]; crew.printed++)
            matrix->print(matrix, crew.printed, sums);
    }
    if (stopped)
        stop_workers(&crew);
    sigprocmask(SIG_SETMASK, &crew.before, NULL);
    free(crew.pids);
    return stopped ? ERR_REFUSED : 0;
}
