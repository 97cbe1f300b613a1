#define _GNU_SOURCE
/*
 * Starting, stopping and restarting a whole cluster. One service: cluster_member.c; faults:
 * cluster_fault.c.
 */
#include "cluster/cluster_internal.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "kit/error.h"
#include "kit/text.h"

enum {
    READY_MS = 10000,
    KILLED_MS = 5000 /* for the kernel to end a process after SIGKILL */
};

struct member *cluster_member(struct cluster *cluster, const char *service)
{
    for (int i = 0; i < cluster->count; i++)
        if (strcmp(cluster->members[i].entry.name, service) == 0)
            return &cluster->members[i];
    assert(0 && "the cluster's table has a service of this name");
    return NULL;
}

static char *format_path(const char *dir, const char *name, const char *suffix)
{
    struct text path = {0};
    text_addf(&path, "%s/%s%s", dir, name, suffix);
    return text_detach(&path);
}

/* Folder, log, database and port. */
static int member_prepare(struct cluster *cluster, struct member *member, struct error *err)
{
    struct launcher *launcher = cluster->launcher;
    member->dir = format_path(cluster->dir, member->entry.name, "");
    member->log = format_path(cluster->dir, member->entry.name, ".log");
    struct text url = {0};
    text_addf(&url, "sqlite:%s/%s.db", member->dir, member->entry.name);
    member->database_url = text_detach(&url);
    if (mkdir(member->dir, 0700) != 0 && errno != EEXIST)
        return error_set(err, ERR_IO, "cannot make %s: %s", member->dir, strerror(errno));
    member->port = member->entry.port;
    int result = launcher->reserve_port(launcher, &member->port, &member->reserved_fd, err);
    if (result == 0)
        snprintf(member->url, sizeof member->url, "http://127.0.0.1:%d", member->port);
    else
        member->reserved_fd = -1;
    return result;
}

/* Starts all, then waits for each: they come up side by side. */
static int start_all(struct cluster *cluster, const struct cluster_options *options,
                     const char **failed, struct error *err)
{
    *failed = NULL;
    for (int i = 0; i < cluster->count; i++) {
        int result = member_prepare(cluster, &cluster->members[i], err);
        if (result != 0)
            return result;
    }
    for (int i = 0; i < cluster->count; i++) {
        int result = member_start(cluster, &cluster->members[i], err);
        if (result != 0)
            return result;
    }
    for (int i = 0; i < cluster->count; i++) {
        int result = member_wait_ready(cluster, &cluster->members[i], err);
        if (result != 0) {
            *failed = options->services[i].name;
            const struct launch_end *end = &cluster->members[i].end;
            if (options->failed_end && (end->exited || end->signal != 0))
                *options->failed_end = *end;
            return result;
        }
    }
    return 0;
}

int cluster_start(struct cluster **out, struct launcher *launcher,
                  const struct cluster_options *options, const char **failed, struct error *err)
{
    char dir[PATH_MAX]; /* services run in other folders, so paths are absolute */
    *failed = NULL;
    if (!realpath(options->work_dir, dir))
        return error_set(err, ERR_IO, "cannot use %s: %s", options->work_dir, strerror(errno));
    struct cluster *cluster = calloc(1, sizeof *cluster);
    struct member *members = calloc((size_t)options->service_count, sizeof *members);
    if (!cluster || !members) {
        free(cluster);
        free(members);
        return error_set(err, ERR_LIMIT, "out of memory for a cluster");
    }
    *cluster = (struct cluster){.launcher = launcher,
                                .dir = strdup(dir),
                                .spans = format_path(dir, "spans", ".jsonl"),
                                .no_spans = options->no_spans,
                                .ready_ms = options->ready_ms > 0 ? options->ready_ms : READY_MS,
                                .count = options->service_count,
                                .members = members};
    int result = 0;
    for (int i = 0; i < cluster->count; i++) {
        members[i] = (struct member){.reserved_fd = -1, .control_fd = -1};
        if (result == 0)
            result = member_copy(&members[i], &options->services[i], err);
    }
    if (result == 0)
        result = start_all(cluster, options, failed, err);
    if (result != 0)
        cluster_stop(cluster);
    else
        *out = cluster;
    return result;
}

void cluster_stop(struct cluster *cluster)
{
    struct launcher *launcher = cluster->launcher;
    for (int i = 0; i < cluster->count; i++)
        if (cluster->members[i].pid > 0)
            launcher->signal(launcher, cluster->members[i].pid, 1, SIGKILL);
    for (int i = 0; i < cluster->count; i++) {
        struct member *member = &cluster->members[i];
        if (member->pid > 0)
            member_ended(cluster, member); /* sweep waits for it and reaps it */
        if (member->reserved_fd >= 0)
            close(member->reserved_fd);
        member_release(member);
    }
    free(cluster->members);
    free(cluster->dir);
    free(cluster->spans);
    free(cluster);
}

int cluster_wait(struct cluster *cluster, const char *service, int64_t wait_ms,
                 struct launch_end *end, struct error *err)
{
    struct member *member = cluster_member(cluster, service);
    if (member->pid == 0)
        return error_set(err, ERR_NOT_FOUND, "%s does not run", service);
    if (!cluster->launcher->wait(cluster->launcher, member->pid, wait_ms, end))
        return error_set(err, ERR_LIMIT, "%s still runs after %lld ms", service,
                         (long long)wait_ms);
    member_ended(cluster, member);
    return 0;
}

int cluster_kill(struct cluster *cluster, const char *service, int signal)
{
    struct member *member = cluster_member(cluster, service);
    struct launch_end end;
    if (member->pid == 0)
        return ERR_NOT_FOUND;
    int result = cluster->launcher->signal(cluster->launcher, member->pid, 0, signal);
    if (result == 0 && signal == SIGKILL)
        result = cluster_wait(cluster, service, KILLED_MS, &end, NULL);
    return result;
}

int cluster_restart(struct cluster *cluster, const char *service, struct error *err)
{
    struct member *member = cluster_member(cluster, service);
    struct launch_end end;
    if (member->pid > 0 && cluster_wait(cluster, service, 0, &end, NULL) != 0)
        return error_set(err, ERR_CONFLICT, "%s still runs, so it cannot be started", service);
    int result = member_start(cluster, member, err);
    return result == 0 ? member_wait_ready(cluster, member, err) : result;
}

const char *cluster_url(struct cluster *cluster, const char *service)
{
    return cluster_member(cluster, service)->url;
}

const char *cluster_log(struct cluster *cluster, const char *service)
{
    return cluster_member(cluster, service)->log;
}

const char *cluster_spans(struct cluster *cluster)
{
    return cluster->spans;
}

const char *cluster_dir(struct cluster *cluster, const char *service)
{
    return cluster_member(cluster, service)->dir;
}

const char *const *cluster_needs(struct cluster *cluster, const char *service)
{
    static const char *const none[] = {NULL};
    const char *const *needs = cluster_member(cluster, service)->entry.needs;
    return needs != NULL ? needs : none;
}

pid_t cluster_pid(struct cluster *cluster, const char *service)
{
    return cluster_member(cluster, service)->pid;
}

struct launch_end cluster_last_end(struct cluster *cluster, const char *service)
{
    return cluster_member(cluster, service)->end;
}

int cluster_left_behind(struct cluster *cluster, const char *service)
{
    return cluster_member(cluster, service)->left_behind;
}
