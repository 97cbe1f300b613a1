#define _GNU_SOURCE
/*
 * The cluster: starting, failing to start, killing, restarting, wiring; over the local launcher
 * and over a scripted one.
 */
#include "tests/cluster_fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include "cluster/raw_http.h"
#include "kit/clock.h"
#include "kit/text.h"

static const struct service_entry peers[] = {
    {.name = "user-service", .program = BUILD_FOLDER "/peers/user-service"},
    {.name = "payment-service", .program = BUILD_FOLDER "/peers/payment-service"},
    {.name = "inventory-service", .program = BUILD_FOLDER "/peers/inventory-service"},
};

/* The status of GET path, 0 when there is no answer; *end says why. */
static int get(struct cluster *cluster, const char *service, const char *path, enum raw_end *end)
{
    struct raw_reply reply;
    const char *colon = strrchr(cluster_url(cluster, service), ':');
    struct raw_call call = {
        .port = (int)strtol(colon + 1, NULL, 10), .path = path, .deadline_ms = 500};
    raw_get(&call, &reply);
    *end = reply.end;
    return reply.status;
}

static void write_script(struct fixture *fixture, const char *text, char path[128])
{
    snprintf(path, 128, "%s/script", fixture->dir);
    FILE *script = fopen(path, "we");
    ck_assert_ptr_nonnull(script);
    fprintf(script, "#!/bin/sh\n%s\n", text);
    ck_assert_int_eq(fclose(script), 0);
    ck_assert_int_eq(chmod(path, 0700), 0);
}

static void read_file(const char *path, char *text, size_t size)
{
    FILE *file = fopen(path, "re");
    ck_assert_msg(file != NULL, "%s", path);
    text[fread(text, 1, size - 1, file)] = '\0';
    fclose(file);
}

START_TEST(services_come_up_and_go_without_a_trace)
{
    struct fixture fixture;
    enum raw_end end;
    fixture_open(&fixture);
    struct cluster *cluster = fixture_start(&fixture, peers, 3);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(get(cluster, peers[i].name, "/health/readiness", &end), 200);
    ck_assert_int_eq(get(cluster, "user-service", "/users/user-123", &end), 200);
    cluster_stop(cluster);
    fixture_close(&fixture);
}
END_TEST

START_TEST(a_service_that_fails_is_named_with_its_last_words)
{
    static const struct {
        const char *script, *expected;
    } rows[] = {
        {"echo first; echo 'no such table' >&2; exit 3",
         "order-service ended before it was ready, with status 3; its log ends with: "
         "no such table"},
        {"kill -SEGV $$", "order-service was ended before it was ready, by signal 11; its log is "
                          "empty"},
        {"echo waiting; exec sleep 100",
         "order-service was not ready within 100 ms; its log ends with: waiting"},
        {"sleep 100 & exit 0", "order-service ended before it was ready, with status 0; its log "
                               "is empty"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fixture fixture;
        char path[128];
        fixture_open(&fixture);
        write_script(&fixture, rows[i].script, path);
        struct service_entry services[] = {
            peers[0], {.name = "order-service", .program = path, .student = 1}};
        struct cluster_options options = {
            .services = services, .service_count = 2, .work_dir = fixture.dir, .ready_ms = 100};
        struct cluster *cluster = NULL;
        const char *failed = NULL;
        struct error err = {0};
        int result = cluster_start(&cluster, fixture.launcher, &options, &failed, &err);
        ck_assert_int_eq(result, ERR_UNAVAILABLE);
        ck_assert_str_eq(failed, "order-service");
        ck_assert_str_eq(err.text, rows[i].expected);
        fixture_close(&fixture);
    }
}
END_TEST

START_TEST(what_the_harness_cannot_do_is_its_own_fault)
{
    struct fixture fixture;
    fixture_open(&fixture);
    struct service_entry missing = {.name = "user-service",
                                    .program = BUILD_FOLDER "/peers/nobody"};
    struct cluster_options options = {
        .services = &missing, .service_count = 1, .work_dir = fixture.dir};
    struct cluster *cluster = NULL;
    const char *failed = "somebody";
    struct error err = {0};
    int result = cluster_start(&cluster, fixture.launcher, &options, &failed, &err);
    ck_assert_int_eq(result, ERR_UNAVAILABLE);
    ck_assert_ptr_null(failed);
    ck_assert_str_eq(err.text,
                     "cannot start " BUILD_FOLDER "/peers/nobody: No such file or directory");
    options.work_dir = "/nowhere/at/all";
    result = cluster_start(&cluster, fixture.launcher, &options, &failed, &err);
    ck_assert_int_eq(result, ERR_IO);
    ck_assert_str_eq(err.text, "cannot use /nowhere/at/all: No such file or directory");
    fixture_close(&fixture);
}
END_TEST

START_TEST(a_service_finds_its_environment_and_nothing_else)
{
    struct fixture fixture;
    char path[128], text[4096], expected[256];
    fixture_open(&fixture);
    write_script(&fixture, "exec env > environment", path);
    static const char *const needs[] = {"user-service", "payment-service", NULL};
    static const char *const extra[] = {"LOG_LEVEL=debug", "WORKERS=2", NULL};
    struct service_entry services[] = {peers[0],
                                       peers[1],
                                       {.name = "order-service",
                                        .program = path,
                                        .student = 1,
                                        .needs = needs,
                                        .environment = extra}};
    struct cluster_options options = {
        .services = services, .service_count = 3, .work_dir = fixture.dir};
    struct cluster *cluster = NULL;
    const char *failed = NULL;
    ck_assert_int_ne(cluster_start(&cluster, fixture.launcher, &options, &failed, NULL), 0);
    snprintf(path, sizeof path, "%s/order-service/environment", fixture.dir);
    read_file(path, text, sizeof text);
    static const char *const lines[] = {
        "LOG_LEVEL=debug\n",           "WORKERS=2\n", "LISTEN_FDS=1\n", "USER_SERVICE_URL=http://",
        "PAYMENT_SERVICE_URL=http://", "PATH="};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        ck_assert_msg(strstr(text, lines[i]) != NULL, "%s is not in:\n%s", lines[i], text);
    snprintf(expected, sizeof expected, "DATABASE_URL=sqlite:%s/order-service/order-service.db\n",
             fixture.dir);
    ck_assert_ptr_nonnull(strstr(text, expected));
    snprintf(expected, sizeof expected, "TRACE_FILE=%s/spans.jsonl\n", fixture.dir);
    ck_assert_ptr_nonnull(strstr(text, expected));
    static const char *const absent[] = {"CONTROL_FD", "HOME=", "INVENTORY", "LOG_LEVEL=info"};
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
        ck_assert_msg(strstr(text, absent[i]) == NULL, "%s is in:\n%s", absent[i], text);
    fixture_close(&fixture);
}
END_TEST

START_TEST(a_killed_service_refuses_and_comes_back_on_its_port)
{
    struct fixture fixture;
    enum raw_end end;
    struct error err = {0};
    char url[64];
    fixture_open(&fixture);
    struct cluster *cluster = fixture_start(&fixture, peers, 3);
    snprintf(url, sizeof url, "%s", cluster_url(cluster, "user-service"));
    for (int round = 0; round < 3; round++) {
        pid_t before = cluster_pid(cluster, "user-service");
        ck_assert_int_eq(cluster_restart(cluster, "user-service", &err), ERR_CONFLICT);
        ck_assert_int_eq(cluster_kill(cluster, "user-service", SIGKILL), 0);
        ck_assert_int_eq(cluster_pid(cluster, "user-service"), 0);
        ck_assert_int_eq(get(cluster, "user-service", "/health", &end), 0);
        ck_assert_int_eq(end, RAW_REFUSED);
        ck_assert_int_eq(cluster_kill(cluster, "user-service", SIGKILL), ERR_NOT_FOUND);
        ck_assert_msg(cluster_restart(cluster, "user-service", &err) == 0, "%s", err.text);
        ck_assert_int_ne(cluster_pid(cluster, "user-service"), before);
        ck_assert_str_eq(cluster_url(cluster, "user-service"), url);
        ck_assert_int_eq(get(cluster, "user-service", "/health", &end), 200);
    }
    cluster_stop(cluster);
    fixture_close(&fixture);
}
END_TEST

START_TEST(a_stopped_service_is_silent_until_it_continues)
{
    struct fixture fixture;
    enum raw_end end;
    fixture_open(&fixture);
    struct cluster *cluster = fixture_start(&fixture, peers, 1);
    ck_assert_int_eq(cluster_kill(cluster, "user-service", SIGSTOP), 0);
    ck_assert_int_eq(get(cluster, "user-service", "/health", &end), 0);
    ck_assert_int_eq(end, RAW_TIMEOUT);
    ck_assert_int_eq(cluster_kill(cluster, "user-service", SIGCONT), 0);
    ck_assert_int_eq(get(cluster, "user-service", "/health", &end), 200);
    cluster_stop(cluster);
    fixture_close(&fixture);
}
END_TEST

START_TEST(sigterm_ends_a_peer_and_waiting_says_how)
{
    struct fixture fixture;
    struct launch_end end = {0};
    struct error err = {0};
    fixture_open(&fixture);
    struct cluster *cluster = fixture_start(&fixture, peers, 1);
    ck_assert_int_eq(cluster_wait(cluster, "user-service", 10, &end, &err), ERR_LIMIT);
    ck_assert_str_eq(err.text, "user-service still runs after 10 ms");
    ck_assert_int_eq(cluster_kill(cluster, "user-service", SIGTERM), 0);
    ck_assert_int_eq(cluster_wait(cluster, "user-service", 5000, &end, &err), 0);
    ck_assert_int_eq(end.exited, 1);
    ck_assert_int_eq(end.status, 0);
    ck_assert_int_eq(cluster_wait(cluster, "user-service", 0, &end, &err), ERR_NOT_FOUND);
    ck_assert_int_eq(cluster_left_behind(cluster, "user-service"), 0);
    cluster_stop(cluster);
    fixture_close(&fixture);
}
END_TEST

/* At each descriptor that may be the missing one: a sentence, and nothing is left open. */
START_TEST(a_start_survives_every_missing_descriptor)
{
    struct fixture fixture;
    struct rlimit before;
    fixture_open(&fixture);
    getrlimit(RLIMIT_NOFILE, &before);
    int started = 0;
    for (rlim_t limit = 4; limit < 40; limit++) {
        struct cluster_options options = {
            .services = peers, .service_count = 3, .work_dir = fixture.dir};
        struct cluster *cluster = NULL;
        const char *failed = NULL;
        struct error err = {0};
        setrlimit(RLIMIT_NOFILE, &(struct rlimit){limit, before.rlim_max});
        int result = cluster_start(&cluster, fixture.launcher, &options, &failed, &err);
        setrlimit(RLIMIT_NOFILE, &before);
        ck_assert_msg(result == 0 || err.text[0], "limit %d: no sentence", (int)limit);
        started += result == 0;
        if (result == 0)
            cluster_stop(cluster);
    }
    ck_assert_int_gt(started, 0);
    ck_assert_int_lt(started, 36);
    fixture_close(&fixture);
}
END_TEST

/* Eight processes; the time is printed, and bounded only loosely, as the machine may be busy. */
START_TEST(eight_services_start_together)
{
    struct fixture fixture;
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    struct service_entry eight[8];
    for (int i = 0; i < 8; i++)
        eight[i] = (struct service_entry){.name = names[i], .program = peers[0].program};
    fixture_open(&fixture);
    int64_t best_ms = INT64_MAX;
    for (int round = 0; round < 50; round++) {
        int64_t began = monotonic_ms();
        struct cluster *cluster = fixture_start(&fixture, eight, 8);
        int64_t took = monotonic_ms() - began;
        best_ms = took < best_ms ? took : best_ms;
        cluster_stop(cluster);
    }
    printf("eight peers ready: best of 50 starts %lld ms\n", (long long)best_ms);
    ck_assert_int_lt(best_ms, 1000);
    fixture_close(&fixture);
}
END_TEST

/* --- over a launcher that only follows a script -------------------------------------------- */

struct scripted {
    struct launcher base;
    int ports_left;  /* reserve_port fails after so many */
    int starts_left; /* start fails after so many */
    int end_status;  /* every process has ended with this */
    int started, swept, reserved;
};

static int scripted_reserve(struct launcher *launcher, int *port, int *fd, struct error *err)
{
    struct scripted *scripted = (struct scripted *)launcher;
    if (scripted->ports_left-- <= 0)
        return error_set(err, ERR_UNAVAILABLE, "no free port on 127.0.0.1: all are taken");
    scripted->reserved++;
    *port = 1; /* nobody listens there */
    *fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    return 0;
}

static int scripted_listen(struct launcher *launcher, int port, int *fd, struct error *err)
{
    (void)launcher;
    (void)err;
    ck_assert_int_eq(port, 1);
    *fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    return 0;
}

static int scripted_start(struct launcher *launcher, const struct launch *launch, pid_t *pid,
                          struct error *err)
{
    struct scripted *scripted = (struct scripted *)launcher;
    ck_assert_int_eq(launch->fd_count, 5);
    ck_assert_int_ge(launch->fds[3], 0);
    if (scripted->starts_left-- <= 0)
        return error_set(err, ERR_UNAVAILABLE, "cannot start %s: no processes left",
                         launch->argv[0]);
    *pid = 1000 + scripted->started++;
    return 0;
}

static int scripted_signal(struct launcher *launcher, pid_t pid, int group, int number)
{
    (void)launcher;
    (void)pid;
    (void)group;
    (void)number;
    return 0;
}

static int scripted_wait(struct launcher *launcher, pid_t pid, int64_t wait_ms,
                         struct launch_end *end)
{
    (void)pid;
    (void)wait_ms;
    *end = (struct launch_end){.exited = 1, .status = ((struct scripted *)launcher)->end_status};
    return 1;
}

static int scripted_sweep(struct launcher *launcher, pid_t pid)
{
    (void)pid;
    ((struct scripted *)launcher)->swept++;
    return 0;
}

START_TEST(the_cluster_stands_on_the_launchers_words_alone)
{
    static const struct {
        int ports, starts, swept;
        const char *failed, *expected;
    } rows[] = {
        {2, 3, 0, NULL, "no free port on 127.0.0.1: all are taken"},
        {3, 1, 1, NULL, "cannot start " BUILD_FOLDER "/peers/payment-service: no processes left"},
        {3, 3, 3, "user-service",
         "user-service ended before it was ready, with status 9; its log is empty"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fixture fixture;
        fixture_open(&fixture);
        struct scripted scripted = {.base = {.start = scripted_start,
                                             .signal = scripted_signal,
                                             .wait = scripted_wait,
                                             .sweep = scripted_sweep,
                                             .reserve_port = scripted_reserve,
                                             .listen = scripted_listen},
                                    .ports_left = rows[i].ports,
                                    .starts_left = rows[i].starts,
                                    .end_status = 9};
        struct cluster_options options = {
            .services = peers, .service_count = 3, .work_dir = fixture.dir};
        struct cluster *cluster = NULL;
        const char *failed = NULL;
        struct error err = {0};
        int result = cluster_start(&cluster, &scripted.base, &options, &failed, &err);
        ck_assert_int_eq(result, ERR_UNAVAILABLE);
        ck_assert_str_eq(err.text, rows[i].expected);
        ck_assert_pstr_eq(failed, rows[i].failed);
        ck_assert_int_eq(scripted.swept, rows[i].swept); /* each that was started */
        fixture_close(&fixture);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {services_come_up_and_go_without_a_trace,
                                  a_service_that_fails_is_named_with_its_last_words,
                                  what_the_harness_cannot_do_is_its_own_fault,
                                  a_service_finds_its_environment_and_nothing_else,
                                  a_killed_service_refuses_and_comes_back_on_its_port,
                                  a_stopped_service_is_silent_until_it_continues,
                                  sigterm_ends_a_peer_and_waiting_says_how,
                                  a_start_survives_every_missing_descriptor,
                                  eight_services_start_together,
                                  the_cluster_stands_on_the_launchers_words_alone,
                                  NULL};
    return run_tests("cluster", tests);
}
