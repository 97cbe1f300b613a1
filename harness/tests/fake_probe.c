/*
 * A probe that behaves as badly as its mode says: the environment's FAKE, or else the one line of a
 * file named `mode` beside the program. Mode "good" answers every action "ok word=WORD".
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kit/error.h"
#include "probe/probe.h"

static char mode[64];
static int out_fd = -1; /* a copy of the reply descriptor, as a student could make one */

static int is(const char *name)
{
    return strcmp(mode, name) == 0;
}

static void say(const char *bytes)
{
    if (write(out_fd, bytes, strlen(bytes)) < 0)
        _exit(90);
}

_Noreturn static void wait_for_ever(void)
{
    for (;;)
        pause();
}

_Noreturn static void spin(void)
{
    for (volatile int turn = 0;; turn = !turn)
        ;
}

static void read_mode(void)
{
    char path[512];
    const char *given = getenv("FAKE");
    if (given != NULL) {
        snprintf(mode, sizeof mode, "%s", given);
        return;
    }
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    if (length <= 0)
        return;
    path[length] = '\0';
    char *slash = strrchr(path, '/');
    snprintf(slash + 1, sizeof path - (size_t)(slash + 1 - path), "mode");
    FILE *file = fopen(path, "r");
    if (file == NULL || fgets(mode, sizeof mode, file) == NULL)
        mode[0] = '\0';
    if (file != NULL)
        fclose(file);
    mode[strcspn(mode, "\n")] = '\0';
}

/* Runs before main, as any student's constructor does. */
__attribute__((constructor)) static void before_main(void)
{
    read_mode();
    const char *out = getenv("PROBE_OUT");
    out_fd = out != NULL ? dup((int)strtol(out, NULL, 10)) : -1;
    if (is("constructor_exit"))
        exit(0);
    if (is("constructor_forge")) {
        say("hello protocol=1 lab=00-tour\nok said=\"Hello, Ada!\"\n");
        exit(0);
    }
    if (is("constructor_passed")) {
        puts("100%: Checks: 10, Failures: 0, Errors: 0\nok 1 - all passed");
        fflush(stdout);
        _exit(0);
    }
    if (is("constructor_hang"))
        wait_for_ever();
    if (is("constructor_abort"))
        abort();
    if (is("runtime_failed")) {
        char name[64];
        snprintf(name, sizeof name, "sanitizer.%ld", (long)getpid());
        FILE *log = fopen(name, "w");
        fputs("==1==ERROR: AddressSanitizer: failed\nShadow memory range interleaves\n", log);
        fclose(log);
        _exit(86);
    }
    if (is("hello_torn")) {
        say("hello proto");
        _exit(0);
    }
    if (is("hello_other"))
        say("hello protocol=1 lab=another\n");
    if (is("hello_garbage"))
        say("\x01\xff]\n");
}

static void *thread_exit(void *unused)
{
    (void)unused;
    exit(0);
}

/* A process that outlives the probe, in a session of its own. */
static void leave_child(void)
{
    pid_t pid = fork();
    if (pid != 0)
        return;
    setsid();
    if (fork() != 0)
        _exit(0);
    wait_for_ever();
}

static void print_without_end(void)
{
    char line[4096];
    memset(line, 'x', sizeof line);
    for (;;)
        if (write(STDOUT_FILENO, line, sizeof line) < 0 && errno != EINTR)
            return;
}

static void take_memory(void)
{
    enum { CHUNK = 32 << 20 };
    for (char *chunk = NULL; (chunk = malloc(CHUNK)) != NULL;)
        memset(chunk, 1, CHUNK);
    wait_for_ever();
}

/* where: beyond the four bytes there are, and more than a compiler can see. */
static void write_beyond(size_t where)
{
    char *small = malloc(4);
    if (small != NULL)
        small[where] = 1;
    free(small);
}

/* A student's own handler of the signal that ends it. */
static sigjmp_buf before_abort;

static void jump_back(int signal)
{
    siglongjmp(before_abort, signal);
}

static void survive_abort(void)
{
    sigaction(SIGABRT, &(struct sigaction){.sa_handler = jump_back}, NULL);
    if (sigsetjmp(before_abort, 1) == 0)
        abort();
}

static void misbehave_before_reply(void)
{
    if (is("exit0"))
        exit(0);
    if (is("exit86")) /* as a sanitizer does, without its report */
        _exit(86);
    if (is("exit7"))
        _exit(7);
    if (is("abort"))
        abort();
    if (is("abort_caught"))
        survive_abort();
    if (is("kill"))
        raise(SIGKILL);
    if (is("overflow"))
        write_beyond((size_t)getpid() % 1 + 4);
    if (is("hang"))
        wait_for_ever();
    if (is("spin"))
        spin();
    if (is("memory"))
        take_memory();
    if (is("print"))
        print_without_end();
    if (is("torn")) {
        say("ok wor");
        _exit(0);
    }
    if (is("torn_hang")) {
        say("ok wor");
        wait_for_ever();
    }
    if (is("garbage"))
        say("]] =\n");
    if (is("twice"))
        say("ok word=forged\n");
    if (is("long_line"))
        for (int i = 0; i < 5000; i++)
            say("a long line that never ends ");
    if (is("close_all"))
        for (int fd = 0; fd < 1024; fd++)
            close(fd);
    if (is("child"))
        leave_child();
    if (is("thread_exit")) {
        pthread_t thread;
        pthread_create(&thread, NULL, thread_exit, NULL);
        wait_for_ever();
    }
    if (is("leak")) {
        void *volatile lost = malloc(100);
        lost = NULL; // cppcheck-suppress memleak
        (void)lost;
    }
}

static void answer(void *context, const struct message *action, struct text *reply)
{
    (void)context;
    misbehave_before_reply();
    if (is("todo")) {
        probe_result(reply, ERR_TODO, NULL);
        return;
    }
    message_begin(reply, "ok");
    message_add(reply, "word", action->word);
}

static void at_end(void)
{
    if (is("end_hang"))
        wait_for_ever();
    if (is("end_status"))
        _exit(3);
    if (is("end_abort"))
        abort();
}

int main(int argc, char **argv)
{
    static const struct probe_action actions[] = {
        {"act", answer}, {"greet", answer}, {"door", answer}, {"do", answer}, {0}};
    atexit(at_end);
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (is("chatter"))
        puts("a student's printf\x1b[31m and a colour");
    int status = probe_main(argc, argv, "00-tour", actions, NULL);
    if (is("after_reply"))
        say("ok word=late\n");
    return status;
}
