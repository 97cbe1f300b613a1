#define _GNU_SOURCE
/*
 * One service of a cluster: its environment, its descriptors, its start and its readiness.
 */
#include "cluster/cluster_internal.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cluster/raw_http.h"
#include "kit/clock.h"
#include "kit/error.h"
#include "kit/text.h"

enum {
    ENVIRONMENT_MAX = 48,
    CONTROL_FD = 4,
    ATTEMPT_MS = 1000,     /* for one readiness request; then look whether the process lives */
    RETRY_FIRST_MS = 1,    /* after a "not ready yet", doubling ... */
    RETRY_MAX_MS = 32,     /* ... up to this */
    LOG_TAIL_BYTES = 4096, /* of the log, to find its last line in */
    LOG_LINE_MAX = 120     /* of that line, in a sentence */
};

static const char PEER_READY[] = "/health/readiness";
/* A student's readiness may be wrong or not written yet. That is for the checks of readiness to
   say; all others only need the given host to answer. */
static const char STUDENT_READY[] = "/metrics";

/* --- the entry -------------------------------------------------------------------------------- */

/* A NULL-terminated list with its strings; of no strings for NULL. NULL when memory is out. */
static char **copy_list(const char *const *list)
{
    size_t count = 0;
    while (list && list[count])
        count++;
    char **copy = calloc(count + 1, sizeof *copy);
    for (size_t i = 0; copy && i < count; i++)
        copy[i] = strdup(list[i]);
    return copy;
}

static void free_list(char **list)
{
    for (char **item = list; item && *item; item++)
        free(*item);
    free(list);
}

int member_copy(struct member *member, const struct service_entry *entry, struct error *err)
{
    member->name = strdup(entry->name);
    member->program = strdup(entry->program);
    member->needs = copy_list(entry->needs);
    member->environment = copy_list(entry->environment);
    if (!member->name || !member->program || !member->needs || !member->environment)
        return error_set(err, ERR_LIMIT, "out of memory for %s", entry->name);
    member->entry = (struct service_entry){.name = member->name,
                                           .program = member->program,
                                           .student = entry->student,
                                           .needs = (const char *const *)member->needs,
                                           .environment = (const char *const *)member->environment,
                                           .port = entry->port,
                                           .show = entry->show};
    return 0;
}

void member_release(struct member *member)
{
    free(member->name);
    free(member->program);
    free_list(member->needs);
    free_list(member->environment);
    free(member->dir);
    free(member->log);
    free(member->database_url);
}

/* --- environment --------------------------------------------------------------------------- */

struct environment {
    char *items[ENVIRONMENT_MAX + 1]; /* owned; NULL-terminated */
    int count;
};

/* Adds NAME=value unless NAME is there already: what comes first wins. */
static void environment_add(struct environment *environment, const char *name, const char *value)
{
    size_t length = strlen(name);
    for (int i = 0; i < environment->count; i++)
        if (strncmp(environment->items[i], name, length) == 0 &&
            environment->items[i][length] == '=')
            return;
    assert(environment->count < ENVIRONMENT_MAX);
    struct text item = {0};
    text_addf(&item, "%s=%s", name, value);
    environment->items[environment->count++] = text_detach(&item);
}

/* "user-service" -> USER_SERVICE_URL */
static void environment_add_url(struct environment *environment, const struct member *other)
{
    struct text name = {0};
    text_addf(&name, "%s_URL", other->entry.name);
    for (char *at = name.bytes; *at; at++)
        *at = *at == '-' ? '_' : (char)toupper((unsigned char)*at);
    environment_add(environment, name.bytes, other->url);
    text_release(&name);
}

static void environment_fill(struct environment *environment, struct cluster *cluster,
                             const struct member *member)
{
    const struct service_entry *entry = &member->entry;
    for (const char *const *extra = entry->environment; extra && *extra; extra++) {
        const char *value = strchr(*extra, '=');
        assert(value); /* NAME=value, as the contract says */
        struct text name = {0};
        text_append(&name, *extra, (size_t)(value - *extra));
        environment_add(environment, name.bytes, value + 1);
        text_release(&name);
    }
    environment_add(environment, "PATH", "/usr/bin:/bin");
    environment_add(environment, "LISTEN_FDS", "1");
    environment_add(environment, "DATABASE_URL", member->database_url);
    if (!cluster->no_spans)
        environment_add(environment, "TRACE_FILE", cluster->spans);
    environment_add(environment, "LOG_LEVEL", "info");
    if (!entry->student)
        environment_add(environment, "CONTROL_FD", "4");
    for (const char *const *need = entry->needs; need && *need; need++)
        environment_add_url(environment, cluster_member(cluster, *need));
}

static void environment_release(struct environment *environment)
{
    for (int i = 0; i < environment->count; i++)
        free(environment->items[i]);
}

/* --- starting ------------------------------------------------------------------------------ */

static void close_if_open(int fd)
{
    if (fd >= 0)
        close(fd);
}

int member_start(struct cluster *cluster, struct member *member, struct error *err)
{
    const struct service_entry *entry = &member->entry;
    struct environment environment = {0};
    int result = ERR_IO, listen_fd = -1, log_fd = -1, control[2] = {-1, -1};
    const char *const argv[] = {entry->program, NULL};

    environment_fill(&environment, cluster, member);
    log_fd = entry->show ? fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
                         : open(member->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (log_fd < 0) {
        error_set(err, result, "cannot write %s: %s", member->log, strerror(errno));
        goto out;
    }
    if (!entry->student && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control) != 0) {
        error_set(err, result, "no control socket for %s: %s", entry->name, strerror(errno));
        goto out;
    }
    result = cluster->launcher->listen(cluster->launcher, member->port, &listen_fd, err);
    if (result != 0)
        goto out;
    struct launch launch = {.argv = argv,
                            .environment = (const char *const *)environment.items,
                            .work_dir = member->dir,
                            .fds = {-1, log_fd, log_fd, listen_fd, control[1]},
                            .fd_count = CONTROL_FD + 1};
    result = cluster->launcher->start(cluster->launcher, &launch, &member->pid, err);
    if (result == 0) {
        member->control_fd = control[0];
        control[0] = -1;
    } else {
        member->pid = 0;
    }
out:
    /* Our copies go: once the service is dead, its port refuses. */
    close_if_open(listen_fd);
    close_if_open(log_fd);
    close_if_open(control[0]);
    close_if_open(control[1]);
    environment_release(&environment);
    return result;
}

void member_ended(struct cluster *cluster, struct member *member)
{
    member->left_behind = cluster->launcher->sweep(cluster->launcher, member->pid);
    member->pid = 0;
    close_if_open(member->control_fd);
    member->control_fd = -1;
}

/* --- readiness ----------------------------------------------------------------------------- */

/* The last line of the log, without its end, at most LOG_LINE_MAX bytes. */
static void last_line(const char *path, char line[LOG_LINE_MAX + 1])
{
    char bytes[LOG_TAIL_BYTES + 1];
    size_t length = 0;
    FILE *log = fopen(path, "re");
    if (log && (fseek(log, -LOG_TAIL_BYTES, SEEK_END) == 0 || fseek(log, 0, SEEK_SET) == 0))
        length = fread(bytes, 1, LOG_TAIL_BYTES, log);
    if (log)
        fclose(log);
    while (length > 0 && isspace((unsigned char)bytes[length - 1]))
        length--;
    bytes[length] = '\0';
    const char *start = strrchr(bytes, '\n');
    snprintf(line, LOG_LINE_MAX + 1, "%.*s", LOG_LINE_MAX, start ? start + 1 : bytes);
}

static int not_ready(const struct member *member, const char *what, int64_t number,
                     const char *unit, struct error *err)
{
    char line[LOG_LINE_MAX + 1];
    last_line(member->log, line);
    if (member->entry.show)
        return error_set(err, ERR_UNAVAILABLE, "%s %s %lld%s", member->entry.name, what,
                         (long long)number, unit);
    return error_set(err, ERR_UNAVAILABLE, "%s %s %lld%s; %s%s", member->entry.name, what,
                     (long long)number, unit, line[0] ? "its log ends with: " : "its log is empty",
                     line);
}

int member_wait_ready(struct cluster *cluster, struct member *member, struct error *err)
{
    struct launcher *launcher = cluster->launcher;
    int64_t deadline_ms = monotonic_ms() + cluster->ready_ms;
    int64_t retry_ms = RETRY_FIRST_MS;
    struct raw_reply reply;
    for (;;) {
        int64_t left = deadline_ms - monotonic_ms();
        if (left <= 0)
            break;
        /* The listener takes the connection before the service accepts: one call is enough. */
        struct raw_call call = {.port = member->port,
                                .path = member->entry.student ? STUDENT_READY : PEER_READY,
                                .deadline_ms = left < ATTEMPT_MS ? left : ATTEMPT_MS};
        raw_get(&call, &reply);
        if (reply.status == 200)
            return 0;
        struct launch_end end;
        if (launcher->wait(launcher, member->pid, retry_ms, &end)) {
            member_ended(cluster, member);
            member->end = end;
            return not_ready(member,
                             end.exited ? "ended before it was ready, with status"
                                        : "was ended before it was ready, by signal",
                             end.exited ? end.status : end.signal, "", err);
        }
        retry_ms = 2 * retry_ms < RETRY_MAX_MS ? 2 * retry_ms : RETRY_MAX_MS;
    }
    return not_ready(member, "was not ready within", cluster->ready_ms, " ms", err);
}
