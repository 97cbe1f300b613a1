/*
 * One process a lab, started through the launcher: in a session of its own, it dies with us, and
 * what it leaves behind is found. Ctrl-C reaches only this process, which then ends all others.
 */
#include "judge/jobs.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cluster/launcher.h"
#include "judge/files.h"
#include "judge/flags.h"
#include "judge/wire.h"
#include "kit/error.h"

enum { JOBS_MAX = 16, RESULT_FD = 3, END_WAIT_MS = 5000 };

struct job {
    pid_t pid; /* 0 before it is started and after it ended */
    int fd;
    struct text pending;
    struct wire_reader reader;
    struct launch_end end;
    struct error err;
    int garbled; /* a line could not be read; err says why */
    int finished;
};

extern char **environ;

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    interrupted = number;
}

static void catch_signals(struct sigaction before[3])
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = on_signal}; /* no SA_RESTART: poll must return */
    for (int i = 0; i < 3; i++)
        sigaction(numbers[i], &action, &before[i]);
}

static void restore_signals(const struct sigaction before[3])
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    for (int i = 0; i < 3; i++)
        sigaction(numbers[i], &before[i], NULL);
}

static int start_job(struct job *job, const struct judge_options *options, const char *dir,
                     struct launcher *launcher, struct error *err)
{
    int ends[2];
    if (files_make(dir, err) != 0)
        return ERR_IO;
    if (pipe(ends) != 0)
        return error_set(err, ERR_UNAVAILABLE,
                         "cannot open a pipe: %s. Raise the limit on open "
                         "files (ulimit -n).",
                         strerror(errno));
    char seed[32], pictures[2] = {options->pictures ? '1' : '0', '\0'};
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)options->seed);
    const char *argv[24] = {"/proc/self/exe",   "judge-lab",    "--lab",
                            options->lab->name, "--programs",   options->programs,
                            "--peers",          options->peers, "--sources",
                            options->sources,   "--work",       dir,
                            "--seed",           seed,           "--pictures",
                            pictures,           "--no-gates",   options->no_gates ? "1" : "0"};
    int count = 16;
    if (options->check != NULL) {
        argv[count++] = "--check";
        argv[count++] = options->check;
    }
    struct launch launch = {.argv = argv,
                            .environment = (const char *const *)environ,
                            .fds = {-1, STDERR_FILENO, STDERR_FILENO, ends[1]},
                            .fd_count = 4};
    int code = launcher->start(launcher, &launch, &job->pid, err);
    close(ends[1]);
    if (code != 0) {
        close(ends[0]);
        return code;
    }
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    job->fd = ends[0];
    return 0;
}

/* Reads what the job has written; a whole line at a time goes to its reader. */
static void read_job(struct job *job)
{
    char bytes[16384];
    ssize_t got = read(job->fd, bytes, sizeof bytes);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        close(job->fd);
        job->fd = -1;
        return;
    }
    text_append(&job->pending, bytes, (size_t)got);
    char *start = job->pending.bytes, *end = NULL;
    while ((end = strchr(start, '\n')) != NULL) {
        *end = '\0';
        if (wire_read(&job->reader, start, &job->err) != 0)
            job->garbled = 1;
        start = end + 1;
    }
    struct text rest = {0};
    text_add(&rest, start);
    text_release(&job->pending);
    job->pending = rest;
}

/* Fills in what a judge that died did not say. */
static void complete(struct job *job, const struct judge_options *options)
{
    struct lab_result *lab = job->reader.lab;
    if (job->reader.ended && !job->garbled)
        return;
    char why[400];
    if (job->err.text[0] != '\0')
        snprintf(why, sizeof why, "this lab could not be judged: %s", job->err.text);
    else
        snprintf(why, sizeof why,
                 "the judge of this lab ended early (%s %d); its results so far "
                 "stand above",
                 job->end.exited ? "status" : "signal",
                 job->end.exited ? job->end.status : job->end.signal);
    const struct check *check = NULL;
    for (int i = 0; (check = lab_check(options->lab, i)) != NULL; i++) {
        int known = 0;
        for (int k = 0; k < lab->count; k++)
            known |= lab->results[k].check == check;
        if (known || (options->check != NULL && !check_matches(check, options->check)))
            continue;
        struct result *result = &lab->results[lab->count++];
        *result = (struct result){.check = check, .verdict = VERDICT_ERROR};
        snprintf(result->reason, sizeof result->reason, "harness");
        result_set_string(&result->expected, "the grader itself works");
        result_set_string(&result->got, why);
        lab->points_max += check->points;
    }
}

static void prepare(struct job *job, const struct judge_options *options, struct lab_result *lab)
{
    int checks = 0;
    while (lab_check(options->lab, checks) != NULL)
        checks++;
    *lab = (struct lab_result){.lab = options->lab, .builds = 1};
    lab->results = calloc((size_t)checks + 1, sizeof lab->results[0]);
    if (lab->results == NULL)
        abort();
    *job = (struct job){.fd = -1, .reader = {.lab = lab}};
}

static void finish_job(struct job *job, struct launcher *launcher)
{
    if (job->pid > 0 && !launcher->wait(launcher, job->pid, END_WAIT_MS, &job->end))
        launcher->sweep(launcher, job->pid);
    job->pid = 0;
    job->finished = 1;
}

/* Starts jobs until `parallel` run. Returns how many run. */
static int start_more(struct job *jobs, const struct judge_options *options, int count,
                      int parallel, const char *work_dir, struct launcher *launcher)
{
    int running = 0;
    for (int i = 0; i < count; i++)
        running += jobs[i].pid > 0;
    for (int i = 0; i < count && running < parallel; i++) {
        if (jobs[i].finished || jobs[i].pid > 0)
            continue;
        struct text dir = {0};
        text_addf(&dir, "%s/%s", work_dir, options[i].lab->name);
        if (start_job(&jobs[i], &options[i], text_str(&dir), launcher, &jobs[i].err) == 0)
            running++;
        else
            jobs[i].finished = 1;
        text_release(&dir);
    }
    return running;
}

static void wait_for_some(struct job *jobs, int count, struct launcher *launcher)
{
    struct pollfd polls[JOBS_MAX];
    struct job *owners[JOBS_MAX];
    nfds_t open = 0;
    for (int i = 0; i < count; i++) {
        if (jobs[i].fd < 0)
            continue;
        owners[open] = &jobs[i];
        polls[open++] = (struct pollfd){.fd = jobs[i].fd, .events = POLLIN};
    }
    if (poll(polls, open, -1) <= 0)
        return; /* a signal */
    for (nfds_t i = 0; i < open; i++) {
        if (polls[i].revents == 0)
            continue;
        read_job(owners[i]);
        if (owners[i]->fd < 0)
            finish_job(owners[i], launcher);
    }
}

int jobs_run(const struct judge_options *options, struct lab_result *results, int count,
             int parallel, const char *work_dir, struct error *err)
{
    struct job jobs[JOBS_MAX];
    struct launcher *launcher = NULL;
    struct sigaction before[3];
    if (count > JOBS_MAX)
        return error_set(err, ERR_LIMIT, "more than %d labs", JOBS_MAX);
    int code = launcher_open_local(&launcher, err);
    if (code != 0)
        return code;
    for (int i = 0; i < count; i++)
        prepare(&jobs[i], &options[i], &results[i]);
    catch_signals(before);
    while (!interrupted && start_more(jobs, options, count, parallel, work_dir, launcher) > 0)
        wait_for_some(jobs, count, launcher);
    launcher->close(launcher); /* nothing is left, or all of it is killed */
    restore_signals(before);
    for (int i = 0; i < count; i++) {
        complete(&jobs[i], &options[i]);
        text_release(&jobs[i].pending);
        if (jobs[i].fd >= 0)
            close(jobs[i].fd);
    }
    return interrupted ? error_set(err, ERR_REFUSED, "interrupted") : 0;
}

static void send_result(void *context, const struct result *result)
{
    (void)context;
    struct text lines = {0};
    wire_write_result(&lines, result);
    for (size_t done = 0; done < lines.length;) {
        ssize_t put = write(RESULT_FD, lines.bytes + done, lines.length - done);
        if (put < 0)
            exit(EXIT_FAILURE); /* nobody listens any more */
        done += (size_t)put;
    }
    text_release(&lines);
}

int jobs_child_main(int argc, char **argv)
{
    const char *lab = NULL, *pictures = "0", *no_gates = "0", *seed = "0";
    struct judge_options options = {0};
    const struct flag flags[] = {
        {"lab", &lab, ""},
        {"check", &options.check, ""},
        {"work", &options.work_dir, ""},
        {"programs", &options.programs, ""},
        {"peers", &options.peers, ""},
        {"sources", &options.sources, ""},
        {"seed", &seed, ""},
        {"pictures", &pictures, ""},
        {"no-gates", &no_gates, ""},
        {0},
    };
    if (flags_parse(argc, argv, "judge-lab", flags) != 0 || lab == NULL)
        return STATUS_USAGE;
    options.lab = lab_find(lab);
    options.seed = strtoull(seed, NULL, 10);
    options.pictures = pictures[0] == '1';
    options.no_gates = no_gates[0] == '1';
    struct launcher *launcher = NULL;
    struct error err = {0};
    fcntl(RESULT_FD, F_SETFD, FD_CLOEXEC);
    if (options.lab == NULL || launcher_open_local(&launcher, &err) != 0) {
        fprintf(stderr, "svclab: %s\n", err.text);
        return STATUS_GRADER;
    }
    struct lab_result result;
    judge_lab(&options, launcher, send_result, NULL, &result);
    launcher->close(launcher);
    struct text lines = {0};
    wire_write_lab(&lines, &result);
    int status = write(RESULT_FD, lines.bytes, lines.length) == (ssize_t)lines.length
                     ? EXIT_SUCCESS
                     : STATUS_GRADER;
    text_release(&lines);
    lab_result_release(&result);
    return status;
}
