#define _GNU_SOURCE /* memfd_create, pipe2 */
/*
 * DOT to SVG: Graphviz lays it out, we give it our look.
 *
 * The look is set by defaults on dot's command line, so that sources hold only what they show.
 * Graphviz's answer is taken apart as text: its frame is replaced by ours; its ids and tooltips,
 * which would repeat within a page, are left out.
 */
#include "report/report.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kit/clock.h"
#include "kit/error.h"
#include "report/picture.h"
#include "report/svg.h"

extern char **environ;

static const char *const dot_command[] = {"dot",
                                          "-Tsvg",
                                          "-Gbgcolor=transparent",
                                          "-Gfontname=Helvetica",
                                          "-Gfontsize=13",
                                          "-Granksep=0.45",
                                          "-Gnodesep=0.4",
                                          "-Gpad=0.1",
                                          "-Nfontname=Helvetica",
                                          "-Nfontsize=13",
                                          "-Nshape=box",
                                          "-Nstyle=rounded",
                                          "-Nmargin=0.16,0.09",
                                          "-Efontname=Helvetica",
                                          "-Efontsize=12",
                                          "-Earrowsize=0.8",
                                          NULL};

static int not_installed(struct error *err)
{
    return error_set(err, ERR_UNAVAILABLE,
                     "Graphviz is not installed. `make deps` (or apt-get "
                     "install graphviz) brings it; then run this again.");
}

static int start_dot(int in, int out, pid_t *pid, struct error *err)
{
    posix_spawn_file_actions_t actions;
    char *arguments[sizeof dot_command / sizeof dot_command[0]];

    memcpy(arguments, dot_command, sizeof arguments); /* posix_spawn takes char *, changes none */
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in, 0);
    posix_spawn_file_actions_adddup2(&actions, out, 1);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    int failed = posix_spawnp(pid, arguments[0], &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed == ENOENT)
        return not_installed(err);
    return failed == 0 ? 0
                       : error_set(err, ERR_UNAVAILABLE, "Graphviz could not be started: %s.",
                                   strerror(failed));
}

/* Reads until the end of file. ERR_LIMIT at the deadline or the size limit. */
static int read_all(int fd, struct text *out)
{
    const int64_t deadline = monotonic_ms() + PICTURE_DEADLINE_MS;
    char chunk[16384];

    for (;;) {
        int64_t left = deadline - monotonic_ms();
        struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
        if (left <= 0 || out->length > PICTURE_BYTES_MAX || poll(&poll_fd, 1, (int)left) == 0)
            return ERR_LIMIT;
        ssize_t got = read(fd, chunk, sizeof chunk);
        if (got == 0)
            return 0;
        if (got > 0)
            text_append(out, chunk, (size_t)got);
        else if (errno != EINTR)
            return ERR_IO;
    }
}

/* A descriptor from which dot reads its source; no file is written. -1 when there is none. */
static int source_fd(const char *dot)
{
    size_t length = strlen(dot), done = 0;
    int fd = memfd_create("dot", MFD_CLOEXEC);

    while (fd >= 0 && done < length) {
        ssize_t written = write(fd, dot + done, length - done);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0) {
            close(fd);
            return -1;
        }
        done += (size_t)written;
    }
    if (fd >= 0)
        lseek(fd, 0, SEEK_SET);
    return fd;
}

static int run_dot(const char *dot, struct text *out, struct error *err)
{
    int ends[2] = {-1, -1}, ended = 0, status = 0;
    int in = source_fd(dot);
    pid_t pid = 0;

    if (in < 0 || pipe2(ends, O_CLOEXEC) != 0)
        status =
            error_set(err, ERR_UNAVAILABLE, "Graphviz could not be started: %s.", strerror(errno));
    if (status == 0)
        status = start_dot(in, ends[1], &pid, err);
    if (ends[1] >= 0)
        close(ends[1]);
    if (status == 0) {
        if (read_all(ends[0], out) != 0)
            kill(pid, SIGKILL);
        while (waitpid(pid, &ended, 0) < 0 && errno == EINTR)
            continue;
        if (!WIFEXITED(ended))
            status = error_set(err, ERR_UNAVAILABLE, "Graphviz did not finish within %d seconds.",
                               PICTURE_DEADLINE_MS / 1000);
        else if (WEXITSTATUS(ended) == 127) /* where exec fails only in the child */
            status = not_installed(err);
        else if (WEXITSTATUS(ended) != 0)
            status = error_set(err, ERR_INVALID,
                               "Graphviz does not understand this picture's "
                               "source; `dot -Tsvg FILE` says where.");
    }
    if (ends[0] >= 0)
        close(ends[0]);
    if (in >= 0)
        close(in);
    return status;
}

/* Copies Graphviz's body without ids, comments and tooltips. */
static void restyle(struct text *svg, const char *body)
{
    while (*body != '\0') {
        const char *end = NULL;
        if (strncmp(body, "<!--", 4) == 0)
            end = strstr(body, "-->");
        if (end != NULL) {
            body = end + 3;
            continue;
        }
        if (strncmp(body, "<title>", 7) == 0)
            end = strstr(body, "</title>");
        if (end != NULL) {
            body = end + 8;
            continue;
        }
        if (strncmp(body, " id=\"", 5) == 0)
            end = strchr(body + 5, '"');
        if (end != NULL) {
            body = end + 1;
            continue;
        }
        size_t plain = 1 + strcspn(body + 1, "< ");
        text_append(svg, body, plain);
        body += plain;
    }
}

int picture_from_dot(const char *dot, const char *title, const char *alt, struct text *svg,
                     struct error *err)
{
    struct text raw = {0}, box = {0};
    int status = run_dot(dot, &raw, err);
    const char *frame = status == 0 ? strstr(text_str(&raw), "<svg") : NULL;
    const char *view = frame == NULL ? NULL : strstr(frame, "viewBox=\"");
    const char *body = frame == NULL ? NULL : strchr(frame, '>');

    if (view != NULL && body != NULL) {
        view += strlen("viewBox=\"");
        text_append(&box, view, strcspn(view, "\""));
        svg_begin_view(svg, title, alt, text_str(&box));
        restyle(svg, body + 1);
    } else if (status == 0) {
        status =
            error_set(err, ERR_UNAVAILABLE, "Graphviz answered with something that is not SVG.");
    }
    text_release(&raw);
    text_release(&box);
    return status;
}
