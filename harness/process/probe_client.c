/*
 * One probe: a pipe in, a pipe for replies, a pipe for whatever the student prints.
 *
 * All waiting happens in one loop, watch_until, which reads both pipes, looks at the process every
 * few milliseconds and stops at the first limit. A probe that broke a rule is killed with all it
 * started before anything is said about it.
 */
#include "process/probe_client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "course/lab.h"
#include "kit/clock.h"
#include "kit/error.h"
#include "kit/limits.h"
#include "kit/text.h"
#include "process/launcher.h"
#include "process/patience.h"
#include "process/printed.h"
#include "process/probe_end.h"
#include "process/sanitizer.h"

enum {
    SLICE_MS = 40,      /* how often a silent process is looked at */
    END_WAIT_MS = 2000, /* for the kernel to report the end of a process that closed its pipe */
    FILE_LIMIT_BYTES = 64 << 20,
    ENVIRONMENT_MAX = 32
};

struct probe {
    struct launcher *launcher;
    pid_t pid;
    int in, out, printed_fd; /* -1 once closed */
    const struct lab *lab;
    char *work_dir;
    struct patience patience;
    int greeted; /* it has said hello */
    int ended;   /* reaped; state is final */
    int out_closed;
    enum probe_state state;
    enum doubt doubt;
    struct launch_end end;
    struct text pending; /* reply bytes that are no whole line yet */
    struct printed printed;
    char ending[400];
};

static int start(struct probe *probe, const struct probe_options *options, struct error *err);
static int send_line(struct probe *probe, const char *action);
static int take_line(struct probe *probe, struct text *line);
static enum probe_state watch_until(struct probe *probe, struct text *line);
static enum probe_state finish(struct probe *probe, enum probe_state why);
static void drain(struct probe *probe);

int probe_open(struct probe **out, struct launcher *launcher, const struct probe_options *options,
               struct error *err)
{
    struct probe *probe = calloc(1, sizeof *probe);
    if (probe == NULL)
        return error_set(err, ERR_UNAVAILABLE, "out of memory for a probe");
    *probe = (struct probe){.launcher = launcher, .in = -1, .out = -1, .printed_fd = -1};
    probe->patience =
        (struct patience){.cpu_limit_ms = options->cpu_ms > 0 ? options->cpu_ms : PROBE_CPU_MS,
                          .wall_limit_ms = options->wall_ms > 0 ? options->wall_ms : PROBE_WALL_MS,
                          .idle_limit_ms = options->idle_ms > 0 ? options->idle_ms : PROBE_IDLE_MS};
    probe->lab = options->lab;
    probe->work_dir = strdup(options->work_dir);
    int code = start(probe, options, err);
    if (code != 0) {
        probe->ended = 1;
        probe_free(probe);
        return code;
    }
    *out = probe;
    return 0;
}

enum probe_state probe_ask(struct probe *probe, const char *action, struct message *reply)
{
    *reply = (struct message){0};
    if (probe_hello(probe) != PROBE_READY)
        return probe->state;
    drain(probe);
    if (probe->pending.length > 0) {
        snprintf(probe->ending, sizeof probe->ending, "it answered before it was asked: \"%.100s\"",
                 text_str(&probe->pending));
        return finish(probe, PROBE_PROTOCOL);
    }
    if (send_line(probe, action) != 0) {
        snprintf(probe->ending, sizeof probe->ending,
                 "it stopped reading: its descriptor was closed");
        return finish(probe, PROBE_PROTOCOL);
    }
    struct text line = {0};
    enum probe_state state = watch_until(probe, &line);
    struct error err = {0};
    if (state == PROBE_READY && message_parse(text_str(&line), reply, &err) != 0) {
        snprintf(probe->ending, sizeof probe->ending, "it sent a line that is no reply: \"%.100s\"",
                 text_str(&line));
        state = finish(probe, PROBE_PROTOCOL);
    }
    text_release(&line);
    return state;
}

enum probe_state probe_close(struct probe *probe)
{
    if (probe_hello(probe) != PROBE_READY)
        return probe->state;
    close(probe->in);
    probe->in = -1;
    struct text line = {0};
    enum probe_state state = watch_until(probe, &line);
    if (state == PROBE_READY) {
        snprintf(probe->ending, sizeof probe->ending, "it answered without being asked: \"%.100s\"",
                 text_str(&line));
        state = finish(probe, PROBE_PROTOCOL);
    } else if (state == PROBE_EXITED && probe->end.exited && probe->end.status == 0) {
        state = probe->state = PROBE_READY;
    }
    text_release(&line);
    return state;
}

void probe_stop(struct probe *probe)
{
    if (!probe->ended)
        finish(probe, PROBE_EXITED);
}

const char *probe_ending(const struct probe *probe)
{
    return probe->ending;
}

const char *probe_output(const struct probe *probe)
{
    return printed_text(&probe->printed);
}

const char *probe_dir(const struct probe *probe)
{
    return probe->work_dir;
}

enum doubt probe_doubt(const struct probe *probe)
{
    return probe->doubt;
}

int64_t probe_cpu_ms(const struct probe *probe)
{
    return probe->end.cpu_ms;
}

void probe_free(struct probe *probe)
{
    if (probe == NULL)
        return;
    probe_stop(probe);
    int fds[] = {probe->in, probe->out, probe->printed_fd};
    for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    text_release(&probe->pending);
    printed_release(&probe->printed);
    free(probe->work_dir);
    free(probe);
}

/* --- starting ------------------------------------------------------------------------------ */

static int make_pipe(int ends[2])
{
    if (pipe(ends) != 0)
        return -1;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    return 0;
}

static int launch_probe(struct probe *probe, const struct probe_options *options, int in, int out,
                        int printed, struct error *err)
{
    struct sanitizer_environment sanitizers = {0};
    sanitizer_environment(&sanitizers, options->work_dir);
    struct text home = {0}, temporary = {0};
    text_addf(&home, "HOME=%s", options->work_dir);
    text_addf(&temporary, "TMPDIR=%s", options->work_dir);
    const char *environment[ENVIRONMENT_MAX] = {
        "PATH=/usr/bin:/bin", "LANG=C.UTF-8",  "TZ=UTC",        "PROBE_IN=3",
        "PROBE_OUT=4",        home.bytes,      temporary.bytes, sanitizers.asan,
        sanitizers.ubsan,     sanitizers.lsan, sanitizers.tsan,
    };
    int count = 11;
    for (int i = 0; options->environment != NULL && options->environment[i] != NULL; i++)
        if (count < ENVIRONMENT_MAX - 1)
            environment[count++] = options->environment[i];
    const char *argv[] = {options->program, NULL};
    struct launch launch = {.argv = argv,
                            .environment = environment,
                            .work_dir = options->work_dir,
                            .fds = {-1, printed, printed, in, out},
                            .fd_count = 5,
                            .cpu_limit_ms =
                                probe->patience.cpu_limit_ms + 1000, /* ours comes first */
                            .file_limit_bytes = FILE_LIMIT_BYTES};
    int code = probe->launcher->start(probe->launcher, &launch, &probe->pid, err);
    text_release(&home);
    text_release(&temporary);
    return code;
}

static int start(struct probe *probe, const struct probe_options *options, struct error *err)
{
    int in[2] = {-1, -1}, out[2] = {-1, -1}, printed[2] = {-1, -1};
    int code = 0;
    if (make_pipe(in) != 0 || make_pipe(out) != 0 || make_pipe(printed) != 0)
        code = error_set(err, ERR_UNAVAILABLE, "cannot open a pipe for the probe: %s",
                         strerror(errno));
    else
        code = launch_probe(probe, options, in[0], out[1], printed[1], err);
    int theirs[] = {in[0], out[1], printed[1]};
    for (size_t i = 0; i < sizeof theirs / sizeof theirs[0]; i++)
        if (theirs[i] >= 0)
            close(theirs[i]);
    probe->in = in[1];
    probe->out = out[0];
    probe->printed_fd = printed[0];
    if (code != 0)
        return code;
    int ours[] = {probe->in, probe->out, probe->printed_fd};
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
        fcntl(ours[i], F_SETFL, O_NONBLOCK);
    return 0;
}

/* --- talking ------------------------------------------------------------------------------- */

enum probe_state probe_hello(struct probe *probe)
{
    if (probe->ended || probe->greeted)
        return probe->state;
    struct text line = {0};
    enum probe_state state = watch_until(probe, &line);
    if (state == PROBE_READY) {
        struct message hello = {0};
        int64_t protocol = 0;
        if (message_parse(text_str(&line), &hello, NULL) != 0 || strcmp(hello.word, "hello") != 0 ||
            message_get_int64(&hello, "protocol", &protocol) != 0 || protocol != 1 ||
            strcmp(message_get_or(&hello, "lab", ""), probe->lab->name) != 0) {
            snprintf(probe->ending, sizeof probe->ending,
                     "its first line was no greeting of %s: \"%.100s\"", probe->lab->name,
                     text_str(&line));
            state = finish(probe, PROBE_PROTOCOL);
        }
        message_release(&hello);
        probe->greeted = 1;
    }
    text_release(&line);
    return state;
}

/* Writes the action and its newline. Non-zero when the probe cannot be written to. */
static int send_line(struct probe *probe, const char *action)
{
    struct text line = {0};
    text_addf(&line, "%s\n", action);
    size_t done = 0;
    int64_t deadline_ms = monotonic_ms() + probe->patience.wall_limit_ms;
    while (done < line.length) {
        ssize_t put = write(probe->in, line.bytes + done, line.length - done);
        if (put > 0) {
            done += (size_t)put;
            continue;
        }
        if (put == 0 || (errno != EAGAIN && errno != EINTR) || monotonic_ms() > deadline_ms)
            break;
        struct pollfd space = {probe->in, POLLOUT, 0};
        poll(&space, 1, SLICE_MS);
    }
    int failed = done < line.length;
    text_release(&line);
    return failed;
}

/* Reads what is there on both pipes, without waiting. */
static void drain(struct probe *probe)
{
    char bytes[16384];
    ssize_t got = 0;
    for (int64_t taken = 0; taken <= PROBE_OUTPUT_LIMIT_BYTES; taken += got) {
        got = read(probe->printed_fd, bytes, sizeof bytes);
        if (got <= 0)
            break;
        printed_add(&probe->printed, bytes, (size_t)got);
    }
    while (!probe->out_closed && probe->pending.length <= PROBE_LINE_MAX) {
        got = read(probe->out, bytes, sizeof bytes);
        if (got == 0)
            probe->out_closed = 1;
        if (got <= 0)
            return;
        text_append(&probe->pending, bytes, (size_t)got);
    }
}

/* Takes one whole line off the pending bytes. 1 when there was one. */
static int take_line(struct probe *probe, struct text *line)
{
    if (probe->pending.length == 0)
        return 0;
    char *end = memchr(probe->pending.bytes, '\n', probe->pending.length);
    if (end == NULL)
        return 0;
    size_t length = (size_t)(end - probe->pending.bytes);
    text_append(line, probe->pending.bytes, length);
    struct text rest = {0};
    text_append(&rest, end + 1, probe->pending.length - length - 1);
    text_release(&probe->pending);
    probe->pending = rest;
    return 1;
}

/* --- watching ------------------------------------------------------------------------------ */

/* PROBE_READY while no limit is reached, else the limit, with its sentence written. */
static enum probe_state look(struct probe *probe)
{
    if (probe->printed.bytes > PROBE_OUTPUT_LIMIT_BYTES) {
        snprintf(probe->ending, sizeof probe->ending, "it printed more than %d MB and was stopped",
                 PROBE_OUTPUT_LIMIT_BYTES >> 20);
        return PROBE_OUTPUT_LIMIT;
    }
    return patience_look(&probe->patience, probe->pid, probe->ending, sizeof probe->ending);
}

/* Waits for one line of reply (PROBE_READY) or for the end of the process (its state). */
static enum probe_state watch_until(struct probe *probe, struct text *line)
{
    patience_begin(&probe->patience);
    for (;;) {
        drain(probe);
        if (take_line(probe, line))
            return PROBE_READY;
        if (probe->pending.length > PROBE_LINE_MAX) {
            snprintf(probe->ending, sizeof probe->ending, "it sent a line of more than %d bytes",
                     PROBE_LINE_MAX);
            return finish(probe, PROBE_PROTOCOL);
        }
        int64_t wait_ms = probe->out_closed ? END_WAIT_MS : 0;
        if (probe->launcher->wait(probe->launcher, probe->pid, wait_ms, &probe->end)) {
            probe->ended = 1;
            drain(probe); /* a reply may have come just before the end */
            return finish(probe, PROBE_EXITED);
        }
        if (probe->out_closed) {
            snprintf(probe->ending, sizeof probe->ending,
                     "it closed the descriptor that it answers on");
            return finish(probe, PROBE_PROTOCOL);
        }
        enum probe_state limit = look(probe);
        if (limit != PROBE_READY)
            return finish(probe, limit);
        struct pollfd pipes[] = {{probe->out, POLLIN, 0}, {probe->printed_fd, POLLIN, 0}};
        int printing = poll(pipes, 2, SLICE_MS) > 0 && (pipes[1].revents & POLLHUP) != 0;
        if (printing && pipes[0].revents == 0) /* nobody prints any more: do not spin on it */
            poll(pipes, 1, SLICE_MS);
    }
}

/* --- ending -------------------------------------------------------------------------------- */

static enum probe_state explain(struct probe *probe)
{
    struct probe_end how = {.end = &probe->end,
                            .pid = probe->pid,
                            .work_dir = probe->work_dir,
                            .lab = probe->lab,
                            .too_early = probe->greeted ? NULL : "before it said hello",
                            .printed = printed_text(&probe->printed)};
    enum probe_state state = probe_end_explain(&how, probe->ending, sizeof probe->ending);
    probe->doubt = how.doubt;
    if (how.printed_report != NULL && state != PROBE_EXITED) /* the sentence says it now */
        printed_cut(&probe->printed, how.printed_report);
    return state;
}

/* Ends what is left of the probe and settles its state. why: PROBE_EXITED when the process ended
   or may end by itself; another state with its sentence already in `ending`. */
static enum probe_state finish(struct probe *probe, enum probe_state why)
{
    struct launcher *launcher = probe->launcher;
    if (!probe->ended) {
        launcher->signal(launcher, probe->pid, 1, SIGKILL);
        probe->ended = launcher->wait(launcher, probe->pid, END_WAIT_MS, &probe->end);
    }
    int left = launcher->sweep(launcher, probe->pid);
    probe->ended = 1;
    drain(probe);
    printed_end(&probe->printed);
    if (why == PROBE_EXITED)
        why = explain(probe);
    else if (!probe->greeted || probe->in < 0) /* at its start and its end a runtime may hang */
        probe->doubt = DOUBT_ANY;
    int clean = why == PROBE_EXITED && probe->end.exited && probe->end.status == 0;
    if (left > 0 && clean) {
        snprintf(probe->ending, sizeof probe->ending,
                 "it ended and left %d process%s of its own running", left, left == 1 ? "" : "es");
        why = PROBE_LEFTOVER;
    }
    probe->state = why;
    return why;
}
