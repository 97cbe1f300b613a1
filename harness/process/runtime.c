/*
 * Asking the canary.
 *
 * A canary that fails is believed: it is ours. One that is well clears the machine, except where
 * addresses are random. There a runtime finds its place taken now and then, so it has to be well
 * many times in a row.
 */
#define _GNU_SOURCE
#include "process/runtime.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "kit/error.h"
#include "kit/text.h"
#include "process/launcher.h"
#include "process/sanitizer.h"

enum {
    RANDOM_TRIES = 10,
    SAID_MAX = 4096, /* bytes of a canary's output that are read; a pipe holds more */
    SAID_SHOWN = 100 /* of its first words, in a sentence */
};

static const struct {
    const char *name, *program, *threads;
} runtimes[] = {
    [RUNTIME_ASAN] = {"AddressSanitizer", "canary-asan", "128"}, /* more than a whole cluster has */
    [RUNTIME_TSAN] = {"ThreadSanitizer", "canary-tsan", "48"},   /* more than a probe's storms */
};

static void canary_path(struct text *out, enum runtime runtime, const char *programs)
{
    text_addf(out, "%s/%s", programs != NULL ? programs : ".", runtimes[runtime].program);
}

/* What one canary did. */
struct flight {
    struct launch_end end;
    int in_time;
    char said[SAID_MAX + 1]; /* its steps, and what its runtime or the loader printed */
};

static int fly(struct flight *flight, enum runtime runtime, struct launcher *launcher,
               const char *canary, int megabytes, struct error *err)
{
    struct sanitizer_environment sanitizers = {0};
    char amount[16];
    int said[2];
    pid_t pid = 0;
    *flight = (struct flight){0};
    sanitizer_environment(&sanitizers, NULL);
    snprintf(amount, sizeof amount, "%d", megabytes);
    if (pipe2(said, O_CLOEXEC) != 0)
        return error_set(err, ERR_UNAVAILABLE, "cannot open a pipe for the canary: %s",
                         strerror(errno));
    const char *environment[] = {"PATH=/usr/bin:/bin", sanitizers.asan, sanitizers.ubsan,
                                 sanitizers.lsan,      sanitizers.tsan, NULL};
    const char *argv[] = {canary, amount, runtimes[runtime].threads, NULL};
    struct launch launch = {.argv = argv,
                            .environment = environment,
                            .work_dir = "/",
                            .fds = {-1, said[1], said[1]},
                            .fd_count = 3};
    int code = launcher->start(launcher, &launch, &pid, err);
    close(said[1]);
    if (code == 0) {
        flight->in_time = launcher->wait(launcher, pid, CANARY_WAIT_MS, &flight->end);
        launcher->sweep(launcher, pid);
        fcntl(said[0], F_SETFL, O_NONBLOCK);
        ssize_t got = read(said[0], flight->said, SAID_MAX);
        flight->said[got > 0 ? got : 0] = '\0';
    }
    close(said[0]);
    return code;
}

/* Whether the step, a line "NAME\n", was reached. */
static int reached(const struct flight *flight, const char *step)
{
    return strstr(flight->said, step) != NULL;
}

static int landed(const struct flight *flight)
{
    return flight->in_time && flight->end.exited && flight->end.status == 0 &&
           reached(flight, "end\n");
}

/* The first line that somebody else than the canary wrote, or how it ended. */
static void first_words(const struct flight *flight, char *out, size_t size)
{
    const char *at = flight->said;
    while (strncmp(at, "random\n", 7) == 0 || strncmp(at, "start\n", 6) == 0 || *at == '=' ||
           *at == '\n')
        at += strcspn(at, "\n") + 1;
    int length = (int)strcspn(at, "\n");
    if (length > 0)
        snprintf(out, size, "%.*s", length < SAID_SHOWN ? length : SAID_SHOWN, at);
    else
        snprintf(out, size, "%s %d", flight->end.exited ? "exit status" : "signal",
                 flight->end.exited ? flight->end.status : flight->end.signal);
}

static int place_was_taken(const struct flight *flight)
{
    return sanitizer_runtime_failed(flight->said) ||
           (reached(flight, "random\n") && !flight->end.exited && flight->end.signal != SIGKILL);
}

/* Names what brought the canary down. */
static int name_cause(const struct flight *flight, enum runtime runtime, struct error *err)
{
    const char *name = runtimes[runtime].name;
    char words[SAID_SHOWN + 32];
    if (!flight->in_time)
        return error_set(err, ERR_UNAVAILABLE,
                         "a program of ours with %s did not end within %d s here. Run again on a "
                         "machine that is less busy, and under no debugger.",
                         name, CANARY_WAIT_MS / 1000);
    if (!flight->end.exited && flight->end.signal == SIGKILL)
        return error_set(err, ERR_UNAVAILABLE,
                         "a program of ours with %s was killed here (SIGKILL): there is too little "
                         "memory. Give this machine or container more, and run again.",
                         name);
    if (reached(flight, "end\n") && runtime == RUNTIME_ASAN)
        return error_set(err, ERR_UNAVAILABLE,
                         "LeakSanitizer may not look into a process here: ptrace is refused. Allow "
                         "it (docker: --cap-add SYS_PTRACE; else kernel.yama.ptrace_scope=1), and "
                         "run under no debugger or strace.");
    if (reached(flight, "threads\n") && flight->end.exited && flight->end.status == 1)
        return error_set(err, ERR_UNAVAILABLE,
                         "%s threads cannot run at once here. Raise the limit on processes (ulimit "
                         "-u, a container's pids limit) or on memory, and run again.",
                         runtimes[runtime].threads);
    if (reached(flight, "memory\n") && flight->end.exited && flight->end.status == 1)
        return error_set(err, ERR_UNAVAILABLE,
                         "a program of ours with %s got no memory here. Give this machine or "
                         "container more, and run again.",
                         name);
    if (place_was_taken(flight))
        return error_set(err, ERR_UNAVAILABLE,
                         "%s finds its addresses taken here, for they are random. Allow "
                         "personality() (docker: --security-opt seccomp=unconfined), or type "
                         "sysctl vm.mmap_rnd_bits=28 as root, and run again.",
                         name);
    first_words(flight, words, sizeof words);
    return error_set(err, ERR_UNAVAILABLE, "a program of ours with %s cannot run here: %s", name,
                     words);
}

int runtime_canary(enum runtime runtime, struct launcher *launcher, const char *programs,
                   int megabytes, struct error *err)
{
    struct text canary = {0};
    struct flight flight;
    int code = 0, tries = 1;
    canary_path(&canary, runtime, programs);
    if (!files_exist(text_str(&canary)))
        code = error_set(err, ERR_UNAVAILABLE,
                         "%.120s is not there, so nobody can say whether this is the machine's "
                         "fault: type `make harness`, and run again.",
                         text_str(&canary));
    for (int i = 0; i < tries && code == 0; i++) {
        code = fly(&flight, runtime, launcher, text_str(&canary), megabytes, err);
        if (code == 0 && !landed(&flight))
            code = name_cause(&flight, runtime, err);
        tries = code == 0 && reached(&flight, "random\n") ? RANDOM_TRIES : 1;
    }
    text_release(&canary);
    return code;
}
