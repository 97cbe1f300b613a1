/*
 * The host of a service, as a process: how it starts, what it says when it cannot, and how it ends.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include "kit/error.h"
#include "kit/limits.h"
#include "kit/service.h"
#include "kit/store.h"
#include "kit_fixture.h"
#include "run_tests.h"

enum { LISTEN_FD = 3, GATE_FD = 4, ENTERED_FD = 5 };

/* GET /health/readiness -> 200, 503 once SIGTERM has come */
static void readiness(const struct http_request *request, struct http_response *response,
                      void *context)
{
    (void)request;
    if (service_draining(context))
        response->status = 503;
}

/* POST /hold -> 204 after a byte has come on GATE_FD */
static void hold(const struct http_request *request, struct http_response *response, void *context)
{
    (void)request;
    (void)context;
    char byte = 'x';
    if (write(ENTERED_FD, &byte, 1) == 1 && read(GATE_FD, &byte, 1) == 1)
        response->status = 204;
}

static const struct http_route routes[] = {
    {"GET", "/health/readiness", HTTP_INLINE, NULL, readiness},
    {"POST", "/hold", HTTP_WORKER, NULL, hold},
    {"GET", "/kit/readiness", HTTP_HEALTH, NULL, service_get_health},
    {NULL, NULL, HTTP_INLINE, NULL, NULL},
};

static int set_up(struct service *service, struct error *err)
{
    if (service->database_url != NULL)
        return error_set(err, ERR_IO, "the database at %s is gone, the bus is %s",
                         service->database_url,
                         service->bus_url != NULL ? service->bus_url : "in memory");
    const struct store_config config = {.db.url = getenv("TEST_STORE")};
    return config.db.url != NULL ? store_open(&service->store, &config, err) : 0;
}

static void tear_down(struct service *service)
{
    store_close(service->store);
}

static const struct service_definition definition = {
    .name = "test-service", .setup = set_up, .teardown = tear_down, .routes = routes};

struct host {
    pid_t pid;
    int port;
    int gate, entered; /* our ends of the pipes */
    int said;          /* its stderr */
};

static int listen_anywhere(int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, size), 0);
    ck_assert_int_eq(listen(fd, 64), 0); /* the test may connect before the service runs */
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    *port = ntohs(address.sin_port);
    return fd;
}

/* Runs service_main in a child; environment is a NULL-terminated list of name, value, ... */
static struct host start(const char *const *environment, char *argument)
{
    struct host host = {0};
    int gate[2], entered[2], said[2];
    int fd = listen_anywhere(&host.port);
    ck_assert_int_eq(pipe(gate), 0);
    ck_assert_int_eq(pipe(entered), 0);
    ck_assert_int_eq(pipe(said), 0);
    host.pid = fork();
    if (host.pid == 0) {
        /* Out of the way first: any of these may stand where another is to go. */
        int from[] = {fcntl(fd, F_DUPFD, 20), fcntl(gate[0], F_DUPFD, 20),
                      fcntl(entered[1], F_DUPFD, 20), fcntl(said[1], F_DUPFD, 20)};
        int to[] = {LISTEN_FD, GATE_FD, ENTERED_FD, STDERR_FILENO};
        for (int i = 3; i < 20; i++)
            close(i);
        for (int i = 0; i < 4; i++) {
            dup2(from[i], to[i]);
            close(from[i]);
        }
        setenv("LISTEN_FDS", "1", 1);
        for (int i = 0; environment[i] != NULL; i += 2)
            setenv(environment[i], environment[i + 1], 1);
        char name[] = "test-service";
        char *argv[] = {name, argument, NULL};
        _exit(service_main(argument != NULL ? 2 : 1, argv, &definition));
    }
    close(fd);
    close(gate[0]);
    close(entered[1]);
    close(said[1]);
    host.gate = gate[1];
    host.entered = entered[0];
    host.said = said[0];
    return host;
}

/* Its exit status, -1 for an end by signal; said gets what it wrote to stderr. */
static int end_of(struct host *host, char *said, size_t size)
{
    size_t length = 0;
    for (ssize_t some = 1; some > 0 && length + 1 < size; length += some > 0 ? (size_t)some : 0)
        some = read(host->said, said + length, size - 1 - length);
    said[length] = '\0';
    int status = -1;
    ck_assert_int_eq(waitpid(host->pid, &status, 0), host->pid);
    close(host->gate);
    close(host->entered);
    close(host->said);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void get(const struct host *host, const char *path, struct answer *answer)
{
    char request[128];
    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: t\r\n\r\n", path);
    ask(host->port, request, answer);
}

START_TEST(it_serves_and_ends_with_zero)
{
    const char *const none[] = {NULL};
    static struct answer answer;
    char said[4096];
    struct host host = start(none, NULL);
    get(&host, "/health/readiness", &answer);
    ck_assert_int_eq(answer.status, 200);
    get(&host, "/metrics", &answer);
    ck_assert_int_eq(answer.status, 200);
    ck_assert_ptr_nonnull(strstr(answer.head, "text/plain; version=0.0.4\r\n"));
    ck_assert_ptr_nonnull(strstr(answer.body, "http_server_request_duration_seconds"));
    ck_assert_int_eq(kill(host.pid, SIGTERM), 0);
    ck_assert_int_eq(end_of(&host, said, sizeof said), 0);
    ck_assert_ptr_nonnull(strstr(said, "\"message\":\"ready\""));
}
END_TEST

START_TEST(it_asks_for_the_descriptors_that_it_may_need)
{
    const char *const quiet[] = {"LOG_LEVEL", "off", NULL};
    static struct answer answer;
    struct rlimit before, few, own = {0};
    char said[4096];
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    few = before;
    few.rlim_cur = 256;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
    struct host host = start(quiet, NULL);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
    get(&host, "/health/readiness", &answer);
    ck_assert_int_eq(answer.status, 200);
    char line[256], path[64];
    snprintf(path, sizeof path, "/proc/%d/limits", (int)host.pid);
    FILE *limits = fopen(path, "r");
    ck_assert_ptr_nonnull(limits);
    while (fgets(line, sizeof line, limits) != NULL && own.rlim_cur == 0)
        if (strncmp(line, "Max open files", strlen("Max open files")) == 0)
            own.rlim_cur = strtoul(line + strlen("Max open files"), NULL, 10);
    fclose(limits);
    ck_assert_uint_eq(own.rlim_cur, before.rlim_max < SERVICE_DESCRIPTORS ? before.rlim_max
                                                                          : SERVICE_DESCRIPTORS);
    ck_assert_int_eq(kill(host.pid, SIGTERM), 0);
    ck_assert_int_eq(end_of(&host, said, sizeof said), 0);
}
END_TEST

START_TEST(a_request_in_flight_is_finished_while_new_ones_see_503)
{
    const char *const notice[] = {"DRAIN_NOTICE_MS", "300", "LOG_LEVEL", "warn", NULL};
    static struct answer answer;
    char said[4096], byte = 0;
    struct host host = start(notice, NULL);
    int fd = dial(host.port);
    say(fd, "POST /hold HTTP/1.1\r\nHost: t\r\nContent-Length: 0\r\n\r\n");
    ck_assert_int_eq(read(host.entered, &byte, 1), 1);
    ck_assert_int_eq(kill(host.pid, SIGTERM), 0);
    int seen = 0; /* readiness goes from 200 to 503 to refused */
    for (int port_open = 1; port_open;) {
        int probe = dial(host.port);
        port_open = probe >= 0;
        if (!port_open)
            break;
        say(probe, "GET /health/readiness HTTP/1.1\r\nHost: t\r\n\r\n");
        hear(probe, 1, &answer);
        close(probe);
        seen |= answer.status == 503;
        ck_assert_msg(!seen || answer.status != 200, "200 after 503");
    }
    ck_assert_int_eq(seen, 1);
    ck_assert_int_eq(write(host.gate, &byte, 1), 1);
    hear(fd, 1, &answer);
    ck_assert_int_eq(answer.status, 204);
    close(fd);
    ck_assert_int_eq(end_of(&host, said, sizeof said), 0);
}
END_TEST

START_TEST(a_request_that_outlasts_the_drain_is_cut_off_and_logged)
{
    const char *const hurry[] = {"DRAIN_MS", "50", NULL};
    static struct answer answer;
    char said[4096], byte = 0;
    struct host host = start(hurry, NULL);
    int fd = dial(host.port);
    say(fd, "POST /hold HTTP/1.1\r\nHost: t\r\nContent-Length: 0\r\n\r\n");
    ck_assert_int_eq(read(host.entered, &byte, 1), 1);
    ck_assert_int_eq(kill(host.pid, SIGINT), 0);
    hear(fd, 1, &answer);
    ck_assert_int_eq(answer.status, 0);
    close(fd);
    ck_assert_int_eq(end_of(&host, said, sizeof said), 1);
    ck_assert_ptr_nonnull(strstr(said, "\"message\":\"requests were cut off\",\"requests\":1,"));
    ck_assert_ptr_nonnull(strstr(said, "\"unanswered\":\"service ended\""));
}
END_TEST

START_TEST(what_keeps_it_from_starting_is_one_sentence)
{
    static const struct {
        const char *environment[5];
        const char *expected;
    } cases[] = {
        {{"DATABASE_URL", "x.db", NULL}, "the database at x.db is gone, the bus is x.db.bus\n"},
        {{"DATABASE_URL", ":memory:", NULL}, "the bus is in memory\n"},
        {{"DATABASE_URL", "x.db", "BUS_URL", "sqlite:y", NULL}, "the bus is sqlite:y\n"},
        {{"WORKERS", "0", NULL}, "WORKERS"},
        {{"DRAIN_MS", "soon", NULL}, "DRAIN_MS"},
        {{"LISTEN_FDS", "2", NULL}, "LISTEN_FDS"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char said[4096];
        struct host host = start(cases[i].environment, NULL);
        ck_assert_int_eq(end_of(&host, said, sizeof said), 1);
        ck_assert_msg(strstr(said, cases[i].expected) != NULL, "no %s in: %s", cases[i].expected,
                      said);
        ck_assert_ptr_eq(strchr(said, '\n'), said + strlen(said) - 1);
    }
}
END_TEST

START_TEST(it_is_not_ready_while_its_store_cannot_be_written)
{
    static struct answer answer;
    struct folder folder = folder_make();
    const char *const store[] = {"TEST_STORE", folder.database, NULL};
    char said[4096], away[160];
    struct host host = start(store, NULL);
    get(&host, "/kit/readiness", &answer);
    ck_assert_int_eq(answer.status, 200);
    ck_assert_str_eq(answer.body, "{\"status\":\"ok\"}");
    snprintf(away, sizeof away, "%s.away", folder.database);
    ck_assert_int_eq(rename(folder.database, away), 0);
    get(&host, "/kit/readiness", &answer);
    ck_assert_int_eq(answer.status, 503);
    ck_assert_ptr_nonnull(strstr(answer.head, "\r\nRetry-After: 1\r\n"));
    ck_assert_ptr_nonnull(strstr(answer.body, "{\"status\":\"error\",\"detail\":\""));
    ck_assert_ptr_nonnull(strstr(answer.body, folder.database));
    ck_assert_int_eq(rename(away, folder.database), 0);
    get(&host, "/kit/readiness", &answer);
    ck_assert_int_eq(answer.status, 200);
    ck_assert_int_eq(kill(host.pid, SIGTERM), 0);
    ck_assert_int_eq(end_of(&host, said, sizeof said), 0);
    folder_remove(&folder);
}
END_TEST

START_TEST(a_log_that_nobody_takes_stops_nothing)
{
    enum { REQUESTS_MAX = 20000 }; /* some 300 bytes of log each */
    const char *const none[] = {NULL};
    static struct answer answer;
    char said[4096];
    struct host host = start(none, NULL);
    int fd = dial(host.port);
    int lost = 0;
    for (int i = 0; i < REQUESTS_MAX && !lost; i++) {
        say(fd, "GET /metrics HTTP/1.1\r\nHost: t\r\n\r\n");
        hear(fd, 1, &answer);
        ck_assert_int_eq(answer.status, 200);
        lost = strstr(answer.body, "\nlog_lines_lost_total 0\n") == NULL;
    }
    ck_assert_int_eq(lost, 1);
    ck_assert_ptr_nonnull(strstr(answer.body, "\nlog_lines_lost_total "));
    close(fd);
    ck_assert_int_eq(kill(host.pid, SIGTERM), 0);
    ck_assert_int_eq(end_of(&host, said, sizeof said), 0);
}
END_TEST

START_TEST(its_own_healthcheck_asks_the_running_service)
{
    const char *const none[] = {NULL};
    char said[4096], port[16], argument[] = "--healthcheck";
    static struct answer answer;
    struct host host = start(none, NULL);
    get(&host, "/health/readiness", &answer);
    snprintf(port, sizeof port, "%d", host.port);
    const char *const where[] = {"PORT", port, NULL};
    struct host asks = start(where, argument);
    ck_assert_int_eq(end_of(&asks, said, sizeof said), 0);
    kill(host.pid, SIGTERM);
    ck_assert_int_eq(end_of(&host, said, sizeof said), 0);
    asks = start(where, argument);
    ck_assert_int_eq(end_of(&asks, said, sizeof said), 1);
    ck_assert_ptr_nonnull(strstr(said, "refused"));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {it_serves_and_ends_with_zero,
                                  it_asks_for_the_descriptors_that_it_may_need,
                                  a_request_in_flight_is_finished_while_new_ones_see_503,
                                  a_request_that_outlasts_the_drain_is_cut_off_and_logged,
                                  what_keeps_it_from_starting_is_one_sentence,
                                  it_is_not_ready_while_its_store_cannot_be_written,
                                  a_log_that_nobody_takes_stops_nothing,
                                  its_own_healthcheck_asks_the_running_service,
                                  NULL};
    return run_tests("kit service", tests);
}
