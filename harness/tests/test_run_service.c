#define _GNU_SOURCE
/*
 * svclab run, from outside: what it says, its exit status, and that it leaves nothing.
 */
#include "tests/cluster_fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include "kit/text.h"

enum { LONG_MS = 20000 };

struct running {
    struct fixture fixture;
    pid_t pid;
    int output; /* its stdout and stderr */
};

static void write_file(const struct running *running, const char *name, const char *text)
{
    char path[160];
    snprintf(path, sizeof path, "%s/00-tour/%s", running->fixture.dir, name);
    FILE *file = fopen(path, "we");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_int_eq(chmod(path, 0700), 0);
}

/* service: a shell script, NULL for none. */
static void prepare(struct running *running, const char *service)
{
    char path[160];
    *running = (struct running){.output = -1};
    fixture_open(&running->fixture);
    snprintf(path, sizeof path, "%s/00-tour", running->fixture.dir);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    if (service)
        write_file(running, "service", service);
}

/* The arguments follow `svclab run --build DIR`. */
static void start(struct running *running, const char *const *arguments)
{
    const char *argv[16] = {BUILD_FOLDER "/svclab", "run", "--programs", running->fixture.dir};
    for (int i = 4; (argv[i] = *arguments); i++)
        arguments++;
    static const char *const environment[] = {"PATH=/usr/bin:/bin", NULL};
    int fds[2];
    ck_assert_int_eq(pipe(fds), 0);
    struct launch launch = {.argv = argv,
                            .environment = environment,
                            .work_dir = ".",
                            .fds = {-1, fds[1], fds[1]},
                            .fd_count = 3};
    struct launcher *launcher = running->fixture.launcher;
    struct error err = {0};
    ck_assert_msg(launcher->start(launcher, &launch, &running->pid, &err) == 0, "%s", err.text);
    close(fds[1]);
    running->output = fds[0];
}

/* Reads output until it holds words, or to its end when words is NULL. */
static void read_until(struct running *running, const char *words, struct text *output)
{
    char bytes[512];
    while (!words || !strstr(text_str(output), words)) {
        ssize_t got = read(running->output, bytes, sizeof bytes);
        ck_assert_msg(got > 0 || !words, "it said only: %s", text_str(output));
        if (got <= 0)
            break;
        text_append(output, bytes, (size_t)got);
    }
}

static int finish(struct running *running, struct text *output)
{
    struct launcher *launcher = running->fixture.launcher;
    struct launch_end end = {0};
    read_until(running, NULL, output); /* no process holds the pipe any more */
    ck_assert_int_eq(launcher->wait(launcher, running->pid, LONG_MS, &end), 1);
    ck_assert_int_eq(launcher->sweep(launcher, running->pid), 0);
    ck_assert_int_eq(end.exited, 1);
    close(running->output);
    fixture_close(&running->fixture);
    return end.status;
}

START_TEST(what_cannot_run_says_so)
{
    static const struct {
        const char *const arguments[8];
        int status;
        const char *expected;
    } rows[] = {
        {{"--service", "chess", NULL}, 64, "There is no service 'chess' to run."},
        {{"--service", "tour", "--port", "web", NULL}, 64, "'web' is no port."},
        {{"--service", "tour", "--port", "65536", NULL}, 64, "'65536' is no port."},
        {{"--nothing", NULL}, 64, "there is no flag '--nothing'"},
        {{"--service", "tour", NULL}, 64, "no programs of 00-tour"},
        {{"--service", "breaker", NULL}, 64, "no programs of 02-breaker"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct running running;
        struct text output = {0};
        prepare(&running, NULL);
        start(&running, rows[i].arguments);
        int status = finish(&running, &output);
        ck_assert_msg(status == rows[i].status, "%d: %s", status, text_str(&output));
        ck_assert_msg(strstr(text_str(&output), rows[i].expected) != NULL, "%s", text_str(&output));
        text_release(&output);
    }
}
END_TEST

START_TEST(a_lab_that_does_not_build_shows_the_compilers_words)
{
    struct running running;
    struct text output = {0};
    prepare(&running, NULL);
    write_file(&running, "failed", "tour.c:7:1: error: expected ';'\n");
    start(&running, (const char *const[]){"--service", "tour", NULL});
    ck_assert_int_eq(finish(&running, &output), 2);
    ck_assert_str_eq(text_str(&output),
                     "tour.c:7:1: error: expected ';'\n"
                     "labs/00-tour does not build, so there is nothing to run. The compiler's "
                     "words are above.\n");
    text_release(&output);
}
END_TEST

START_TEST(a_service_runs_until_it_is_interrupted)
{
    struct running running;
    struct text output = {0}, script = {0};
    char here[256];
    ck_assert_ptr_nonnull(getcwd(here, sizeof here));
    text_addf(&script, "#!/bin/sh\nexec %s/" BUILD_FOLDER "/asan/tests/fake_liar\n", here);
    prepare(&running, text_str(&script));
    start(&running, (const char *const[]){"--service", "tour", "--port", "0", NULL});
    read_until(&running, "/door/open\n", &output);
    ck_assert_ptr_nonnull(strstr(text_str(&output), "tour-service answers on http://127.0.0.1:"));
    ck_assert_int_eq(kill(running.pid, SIGINT), 0);
    ck_assert_int_eq(finish(&running, &output), 0);
    ck_assert_ptr_nonnull(strstr(text_str(&output), "Stopping tour-service"));
    text_release(&output);
    text_release(&script);
}
END_TEST

START_TEST(a_service_that_ends_by_itself_is_reported)
{
    struct running running;
    struct text output = {0};
    prepare(&running, "#!/bin/sh\necho no table >&2\nexit 5\n");
    start(&running, (const char *const[]){"--service", "tour", "--port", "0", NULL});
    ck_assert_int_eq(finish(&running, &output), 1);
    ck_assert_str_eq(text_str(&output), "no table\nsvclab run: tour-service ended before it was "
                                        "ready, with status 5\n");
    text_release(&output);
}
END_TEST

START_TEST(a_taken_port_is_one_sentence)
{
    struct running running;
    struct text output = {0};
    char port_text[8], expected[160];
    int port = 0, reserved = -1, listener = -1;
    prepare(&running, "#!/bin/sh\nexit 0\n"); /* never started */
    struct launcher *launcher = running.fixture.launcher;
    ck_assert_int_eq(launcher->reserve_port(launcher, &port, &reserved, NULL), 0);
    ck_assert_int_eq(launcher->listen(launcher, port, &listener, NULL), 0);
    snprintf(port_text, sizeof port_text, "%d", port);
    start(&running, (const char *const[]){"--service", "tour", "--port", port_text, NULL});
    close(reserved);
    snprintf(expected, sizeof expected,
             "svclab run: port %d on 127.0.0.1 is taken by another process. Another port: "
             "make run PORT=8081\n",
             port);
    read_until(&running, "\n", &output);
    close(listener);
    ck_assert_int_eq(finish(&running, &output), 3);
    ck_assert_str_eq(text_str(&output), expected);
    text_release(&output);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {what_cannot_run_says_so,
                                  a_lab_that_does_not_build_shows_the_compilers_words,
                                  a_service_runs_until_it_is_interrupted,
                                  a_service_that_ends_by_itself_is_reported,
                                  a_taken_port_is_one_sentence,
                                  NULL};
    return run_tests("run_service", tests);
}
