/* What svclab run asks a program of many processes. */
#include "commands/run_nodes.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>
#include "kit/error.h"
#include "run_tests.h"

/* Writes a program that says those words. */
static void write_program(char path[], const char *words)
{
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(fchmod(fd, 0700), 0);
    dprintf(fd, "#!/bin/sh\nsleep 0.1\nprintf '%s'\n", words);
    close(fd);
}

static void ignore(int signal)
{
    (void)signal;
}

START_TEST(the_names_are_read_to_their_end)
{
    char path[] = "/tmp/nodes-XXXXXX";
    struct run_nodes nodes;
    struct error err = {0};
    write_program(path, "api-1\\napi-2\\n");
    /* Reading is interrupted, and the end of a file does not change errno. */
    const struct itimerval often = {{0, 2000}, {0, 2000}}, never = {{0, 0}, {0, 0}};
    ck_assert_int_eq(sigaction(SIGALRM, &(struct sigaction){.sa_handler = ignore}, NULL), 0);
    ck_assert_int_eq(setitimer(ITIMER_REAL, &often, NULL), 0);
    ck_assert_msg(run_nodes_read(&nodes, path, 8080, &err) == 0, "%s", err.text);
    ck_assert_int_eq(setitimer(ITIMER_REAL, &never, NULL), 0);
    unlink(path);
    ck_assert_int_eq(nodes.count, 2);
    ck_assert_str_eq(nodes.names[1], "api-2");
    ck_assert_str_eq(nodes.all, "NODES=api-1 api-2");
    ck_assert_int_eq(nodes.entries[0].port, 8080);
    ck_assert_int_eq(nodes.entries[1].port, 0);
    run_nodes_release(&nodes);
}
END_TEST

START_TEST(a_program_that_names_none_is_refused)
{
    char path[] = "/tmp/nodes-XXXXXX";
    struct run_nodes nodes;
    struct error err = {0};
    write_program(path, "");
    ck_assert_int_eq(run_nodes_read(&nodes, path, 8080, &err), ERR_INVALID);
    unlink(path);
    run_nodes_release(&nodes);
    ck_assert_int_eq(run_nodes_read(&nodes, path, 8080, &err), ERR_IO); /* it is gone */
    run_nodes_release(&nodes);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {the_names_are_read_to_their_end,
                                  a_program_that_names_none_is_refused, NULL};
    return run_tests("run nodes", tests);
}
