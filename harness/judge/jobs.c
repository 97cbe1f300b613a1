/*
 * One process a shard of a lab, started through the launcher: in a session of its own, it dies with
 * us, and what it leaves behind is found. Ctrl-C reaches only this process, which ends all others.
 */
#include "judge/jobs.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/files.h"
#include "base/interrupt.h"
#include "judge/wire.h"
#include "kit/error.h"
#include "process/launcher.h"
#include "process/limits.h"

enum { JOBS_MAX = 128, SHARDS_MAX = 8, END_WAIT_MS = 5000 };

struct job {
    struct judge_options options;
    struct lab_result part; /* what its shard found */
    pid_t pid;              /* 0 before it is started and after it ended */
    int fd;
    struct text pending;
    struct wire_reader reader;
    struct launch_end end;
    struct error err;
    int garbled; /* a line could not be read; err says why */
    int finished;
};

extern char **environ;

static int start_job(struct job *job, const char *dir, struct launcher *launcher, struct error *err)
{
    const struct judge_options *options = &job->options;
    int ends[2];
    if (!files_exist("/proc/self/exe"))
        return error_set(err, ERR_UNAVAILABLE,
                         "/proc is not there, through which programs are started and watched. "
                         "Mount it (mount -t proc proc /proc), and run again.");
    if (files_make(dir, err) != 0)
        return ERR_IO;
    /* Not a pipe: that can be opened once more, through /proc, by code that is judged. */
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        return error_set(err, ERR_UNAVAILABLE,
                         "cannot open a pair of sockets: %s. Raise the limit on open files "
                         "(ulimit -n).",
                         strerror(errno));
    char seed[32], shard[16], shards[16];
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)options->seed);
    snprintf(shard, sizeof shard, "%d", options->shard);
    snprintf(shards, sizeof shards, "%d", options->shards);
    const char *argv[32] = {"/proc/self/exe", "judge-lab",
                            "--lab",          options->lab->name,
                            "--programs",     options->programs,
                            "--peers",        options->peers,
                            "--sources",      options->sources,
                            "--work",         dir,
                            "--seed",         seed,
                            "--shard",        shard,
                            "--shards",       shards,
                            "--pictures",     options->pictures ? "1" : "0",
                            "--no-gates",     options->no_gates ? "1" : "0"};
    int count = 20;
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

/* 1 when the newest result is of a check of this shard. */
static int was_asked(struct job *job)
{
    const struct lab_result *part = &job->part;
    const struct check *check = NULL;
    for (int i = 0; part->count > 0 && (check = lab_check(part->lab, i)) != NULL; i++) {
        if (check == part->results[part->count - 1].check && !judge_asked(&job->options, i)) {
            error_set(&job->err, ERR_INVALID,
                      "the judge gave a result of %s, which was not asked for", check->id);
            return 0;
        }
    }
    return 1;
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
        if (wire_read(&job->reader, start, &job->err) != 0 || !was_asked(job))
            job->garbled = 1;
        start = end + 1;
    }
    struct text rest = {0};
    text_add(&rest, start);
    text_release(&job->pending);
    job->pending = rest;
}

/* Fills in what a judge that died did not say. */
static void complete(struct job *job)
{
    struct lab_result *part = &job->part;
    if (job->reader.ended && !job->garbled)
        return;
    char why[400];
    if (job->err.text[0] != '\0')
        snprintf(why, sizeof why, "%s", job->err.text);
    else
        snprintf(why, sizeof why, "the judge of this check ended early (%s %d)",
                 job->end.exited ? "status" : "signal",
                 job->end.exited ? job->end.status : job->end.signal);
    const struct check *check = NULL;
    while (job->garbled && part->count > 0) /* then none of its results is believed */
        result_release(&part->results[--part->count]);
    for (int i = 0; (check = lab_check(part->lab, i)) != NULL; i++) {
        if (lab_result_has(part, check) || !judge_asked(&job->options, i))
            continue;
        struct result *result = &part->results[part->count++];
        *result = (struct result){.check = check, .verdict = VERDICT_ERROR};
        snprintf(result->reason, sizeof result->reason, "harness");
        result_set_string(&result->expected, "the grader itself works");
        result_set_string(&result->got, why);
    }
}

static void prepare_result(struct lab_result *result, const struct lab *lab)
{
    int checks = 0;
    while (lab_check(lab, checks) != NULL)
        checks++;
    *result = (struct lab_result){.lab = lab, .builds = 1};
    result->results = calloc((size_t)checks + 1, sizeof result->results[0]);
    if (result->results == NULL)
        abort();
}

/* One job for each shard of each lab that has something to judge. Their number. */
static int prepare_jobs(struct job *jobs, const struct judge_options *options, int count,
                        int shards)
{
    int prepared = 0;
    for (int i = 0; i < count; i++) {
        for (int shard = 0; shard < shards; shard++) {
            struct job *job = &jobs[prepared];
            *job = (struct job){.options = options[i], .fd = -1};
            job->options.shard = shard;
            job->options.shards = shards;
            job->options.pictures = options[i].pictures && shard == 0;
            int asked = job->options.pictures;
            for (int k = 0; lab_check(options[i].lab, k) != NULL && !asked; k++)
                asked = judge_asked(&job->options, k);
            if (!asked)
                continue;
            prepare_result(&job->part, options[i].lab);
            job->reader.lab = &job->part;
            prepared++;
        }
    }
    return prepared;
}

/* Moves the results of all shards of one lab into `into`, in registry order. */
static void gather(struct job *jobs, int job_count, struct lab_result *into)
{
    const struct check *check = NULL;
    for (int i = 0; (check = lab_check(into->lab, i)) != NULL; i++) {
        for (int j = 0; j < job_count; j++) {
            struct lab_result *part = &jobs[j].part;
            for (int k = 0; part->lab == into->lab && k < part->count; k++) {
                if (part->results[k].check != check)
                    continue;
                into->results[into->count++] = part->results[k];
                into->points += part->results[k].points;
                into->points_max += check->points;
                part->results[k] = (struct result){0};
            }
        }
    }
    for (int j = 0; j < job_count; j++) {
        struct lab_result *part = &jobs[j].part;
        if (part->lab != into->lab)
            continue;
        into->builds = into->builds && part->builds;
        if (into->compiler == NULL)
            result_set_string(&into->compiler, part->compiler);
        into->wall_ms = part->wall_ms > into->wall_ms ? part->wall_ms : into->wall_ms;
        for (int k = 0; k < part->picture_count; k++)
            lab_result_add_picture(into, part->pictures[k].title, part->pictures[k].alt,
                                   part->pictures[k].source);
    }
}

static void finish_job(struct job *job, struct launcher *launcher)
{
    if (job->pid > 0 && !launcher->wait(launcher, job->pid, END_WAIT_MS, &job->end))
        launcher->sweep(launcher, job->pid);
    job->pid = 0;
    job->finished = 1;
}

/* Starts jobs until `parallel` run. Returns how many run. */
static int start_more(struct job *jobs, int count, int parallel, const char *work_dir,
                      struct launcher *launcher)
{
    int running = 0;
    for (int i = 0; i < count; i++)
        running += jobs[i].pid > 0;
    for (int i = 0; i < count && running < parallel; i++) {
        if (jobs[i].finished || jobs[i].pid > 0)
            continue;
        struct text dir = {0};
        text_addf(&dir, "%s/%s.%d", work_dir, jobs[i].part.lab->name, jobs[i].options.shard);
        if (start_job(&jobs[i], text_str(&dir), launcher, &jobs[i].err) == 0)
            running++;
        else
            jobs[i].finished = 1;
        text_release(&dir);
    }
    return running;
}

/* How many of `wanted` jobs may run side by side, at least one. Within limits that are too low even
   for one, all of them are over before they began: each has the error. */
static int side_by_side(struct job *jobs, int count, int wanted)
{
    struct error err = {0};
    int parallel = wanted < count ? wanted : count;
    while (parallel > 1 && limits_allow_clusters(parallel, NULL) != 0)
        parallel--;
    if (limits_suffice(&err) != 0 || (parallel == 1 && limits_allow_clusters(1, &err) != 0))
        for (int i = 0; i < count; i++) {
            jobs[i].finished = 1;
            jobs[i].err = err;
        }
    return parallel;
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
    if (interrupt_poll(polls, open) <= 0)
        return;
    for (nfds_t i = 0; i < open; i++) {
        if (polls[i].revents == 0)
            continue;
        read_job(owners[i]);
        if (owners[i]->fd < 0)
            finish_job(owners[i], launcher);
    }
}

static void release_job(struct job *job)
{
    if (job->fd >= 0)
        close(job->fd);
    text_release(&job->pending);
    lab_result_release(&job->part);
}

int jobs_run(const struct judge_options *options, struct lab_result *results, int count,
             int parallel, const char *work_dir, struct error *err)
{
    struct job jobs[JOBS_MAX];
    struct launcher *launcher = NULL;
    int shards = parallel < SHARDS_MAX ? parallel : SHARDS_MAX;
    if (count * shards > JOBS_MAX)
        return error_set(err, ERR_LIMIT, "more than %d labs", JOBS_MAX / SHARDS_MAX);
    int code = launcher_open_local(&launcher, err);
    if (code != 0)
        return code;
    int job_count = prepare_jobs(jobs, options, count, shards);
    parallel = side_by_side(jobs, job_count, parallel);
    while (!interrupted() && start_more(jobs, job_count, parallel, work_dir, launcher) > 0)
        wait_for_some(jobs, job_count, launcher);
    launcher->close(launcher); /* nothing is left, or all of it is killed */
    for (int i = 0; i < job_count; i++)
        complete(&jobs[i]);
    for (int i = 0; i < count; i++) {
        prepare_result(&results[i], options[i].lab);
        gather(jobs, job_count, &results[i]);
    }
    for (int i = 0; i < job_count; i++)
        release_job(&jobs[i]);
    return interrupted() ? error_set(err, ERR_REFUSED, "interrupted") : 0;
}
