/*
 * The server on the wire: what it refuses, what it lets through, and that nobody waits for others.
 *
 * /hold waits in its handler until the test opens the gate.
 */
#include <check.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include "kit/error.h"
#include "kit/http_server.h"
#include "kit/log.h"
#include "kit/metrics.h"
#include "kit/thread.h"
#include "kit_fixture.h"
#include "run_tests.h"

struct bench {
    struct http_server *server;
    struct metrics *metrics;
    const struct http_route *tables[2];
    void *contexts[1];
    int port;
    sem_t entered, gate;
    atomic_int entries; /* into /hold */
};

/* GET /greet/{name}?mood= -> 200 what came in */
static void greet(const struct http_request *request, struct http_response *response, void *context)
{
    (void)context;
    const char *mood = http_query(request, "mood");
    const char *agent = http_header(request, "x-agent");
    text_addf(&response->body, "%s|%s|%s|%s", request->route, http_param(request, "name"),
              mood != NULL ? mood : "-", agent != NULL ? agent : "-");
    response->content_type = "text/plain";
    ck_assert_int_eq(http_set_header(response, "X-Kind", "greeting"), 0);
    ck_assert_int_eq(http_set_header(response, "X-Evil", "a\r\nSet-Cookie: b"), ERR_INVALID);
}

/* POST /echo application/json -> 200 the body */
static void echo(const struct http_request *request, struct http_response *response, void *context)
{
    (void)context;
    ck_assert_uint_eq(strlen(request->body), request->body_length);
    text_append(&response->body, request->body, request->body_length);
}

/* POST /hold -> 204 after the gate */
static void hold(const struct http_request *request, struct http_response *response, void *context)
{
    (void)request;
    struct bench *bench = context;
    atomic_fetch_add(&bench->entries, 1);
    sem_post(&bench->entered);
    sem_wait(&bench->gate);
    response->status = 204;
}

static void nonsense(const struct http_request *request, struct http_response *response,
                     void *context)
{
    (void)request;
    (void)context;
    response->status = 99;
}

static const struct http_route routes[] = {
    {"GET", "/greet/{name}", HTTP_INLINE, NULL, greet},
    {"GET", "/greet/{name}/on/{day}", HTTP_WORKER, NULL, greet},
    {"POST", "/echo", HTTP_WORKER, "application/json", echo},
    {"PUT", "/echo", HTTP_INLINE, "application/json", echo},
    {"POST", "/hold", HTTP_WORKER, NULL, hold},
    {"GET", "/health", HTTP_HEALTH, NULL, greet},
    {"GET", "/nonsense", HTTP_INLINE, NULL, nonsense},
    {NULL, NULL, HTTP_INLINE, NULL, NULL},
};

static void bench_open(struct bench *bench, int workers, int64_t deadline_ms)
{
    memset(bench, 0, sizeof *bench);
    sem_init(&bench->entered, 0, 0);
    sem_init(&bench->gate, 0, 0);
    bench->metrics = metrics_open();
    bench->tables[0] = routes;
    bench->contexts[0] = bench;
    struct http_server_config config = {
        .listen_fd = -1,
        .workers = workers,
        .request_deadline_ms = deadline_ms,
        .service = "test",
        .tables = bench->tables,
        .contexts = bench->contexts,
        .metrics = bench->metrics,
    };
    struct error err = {""};
    ck_assert_msg(http_server_start(&bench->server, &config, &err) == 0, "%s", err.text);
    bench->port = http_server_port(bench->server);
}

static void bench_close(struct bench *bench)
{
    http_server_stop(bench->server);
    metrics_close(bench->metrics);
    sem_destroy(&bench->entered);
    sem_destroy(&bench->gate);
}

/* A request with a body, as text; the caller frees it. */
static char *with_body(const char *start, const char *type, size_t length)
{
    size_t size = length + 512;
    char *request = calloc(1, size);
    int head =
        snprintf(request, size, "%s HTTP/1.1\r\nHost: t\r\n%s%s%sContent-Length: %zu\r\n\r\n",
                 start, type != NULL ? "Content-Type: " : "", type != NULL ? type : "",
                 type != NULL ? "\r\n" : "", length);
    memset(request + head, 'a', length);
    return request;
}

START_TEST(a_request_reaches_its_route_with_all_it_said)
{
    struct bench bench;
    static struct answer answer;
    bench_open(&bench, 0, 0);
    ask(bench.port, "GET /greet/Ada%20L?mood=so+so%21&x HTTP/1.1\r\nHost: t\r\nX-Agent: me\r\n\r\n",
        &answer);
    ck_assert_int_eq(answer.status, 200);
    ck_assert_str_eq(answer.body, "/greet/{name}|Ada L|so so!|me");
    ck_assert_ptr_nonnull(strstr(answer.head, "Content-Type: text/plain\r\n"));
    ck_assert_ptr_nonnull(strstr(answer.head, "X-Kind: greeting\r\n"));
    ck_assert_ptr_null(strstr(answer.head, "Set-Cookie"));
    ask(bench.port, "GET /greet/Bo/on/friday HTTP/1.1\r\nHost: t\r\n\r\n", &answer);
    ck_assert_str_eq(answer.body, "/greet/{name}/on/{day}|Bo|-|-");
    ask(bench.port, "GET /greet/a%00b HTTP/1.1\r\nHost: t\r\n\r\n", &answer);
    ck_assert_str_eq(answer.body, "/greet/{name}|a%00b|-|-");
    bench_close(&bench);
}
END_TEST

START_TEST(head_is_get_without_the_body)
{
    struct bench bench;
    static struct answer answer;
    bench_open(&bench, 0, 0);
    ask(bench.port, "HEAD /greet/Ada HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n", &answer);
    ck_assert_int_eq(answer.status, 200);
    ck_assert_ptr_nonnull(strstr(answer.head, "Content-Length: 21\r\n"));
    ck_assert_str_eq(answer.body, "");
    bench_close(&bench);
}
END_TEST

START_TEST(refusals_come_in_their_order_as_problems)
{
    struct bench bench;
    static struct answer answer;
    static const struct {
        const char *start, *type;
        size_t length;
        int status;
    } cases[] = {
        {"POST /nowhere", NULL, 0, 404},
        {"POST /nowhere", "text/plain", 10, 404},
        {"POST /nowhere", "text/plain", HTTP_BODY_MAX + 1, 404},
        {"GET /greet/", NULL, 0, 404},
        {"GET /greet/a/", NULL, 0, 404},
        {"DELETE /echo", "text/plain", 10, 405},
        {"DELETE /echo", "text/plain", HTTP_BODY_MAX + 1, 405},
        {"POST /echo", "text/plain", 10, 415},
        {"POST /echo", NULL, 10, 415},
        {"POST /echo", NULL, 0, 415},
        {"POST /echo", "text/plain", HTTP_BODY_MAX + 1, 415},
        {"POST /echo", "application/jsonp", 10, 415},
        {"POST /echo", "application/json", HTTP_BODY_MAX + 1, 413},
        {"POST /echo", "Application/JSON; charset=utf-8", 10, 200},
        {"PUT /echo", "application/json", 10, 200},
        {"GET /nonsense", NULL, 0, 500},
    };
    bench_open(&bench, 0, 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *request = with_body(cases[i].start, cases[i].type, cases[i].length);
        ask(bench.port, request, &answer);
        ck_assert_msg(answer.status == cases[i].status, "%s, %s, %zu bytes: %d, expected %d",
                      cases[i].start, cases[i].type != NULL ? cases[i].type : "no type",
                      cases[i].length, answer.status, cases[i].status);
        if (answer.status != 200)
            ck_assert_ptr_nonnull(strstr(answer.head, "application/problem+json"));
        if (answer.status == 405)
            ck_assert_ptr_nonnull(strstr(answer.head, "Allow: POST, PUT\r\n"));
        free(request);
    }
    bench_close(&bench);
}
END_TEST

START_TEST(the_largest_body_is_taken)
{
    struct bench bench;
    static struct answer answer;
    bench_open(&bench, 0, 0);
    char *request = with_body("POST /hold", NULL, HTTP_BODY_MAX);
    sem_post(&bench.gate);
    ask(bench.port, request, &answer);
    ck_assert_int_eq(answer.status, 204);
    free(request);
    bench_close(&bench);
}
END_TEST

START_TEST(a_refusal_keeps_the_connection)
{
    struct bench bench;
    static struct answer answer;
    bench_open(&bench, 0, 0);
    int fd = dial(bench.port);
    char *refused = with_body("POST /nowhere", "application/json", 5000);
    char *taken = with_body("POST /echo", "application/json", 5000);
    for (int i = 0; i < 3; i++) {
        say(fd, refused);
        hear(fd, 1, &answer);
        ck_assert_int_eq(answer.status, 404);
        say(fd, taken);
        hear(fd, 1, &answer);
        ck_assert_int_eq(answer.status, 200);
        ck_assert_uint_eq(strlen(answer.body), 5000);
    }
    free(refused);
    free(taken);
    close(fd);
    bench_close(&bench);
}
END_TEST

START_TEST(chunked_bodies_are_put_together_and_bounded)
{
    struct bench bench;
    static struct answer answer;
    bench_open(&bench, 0, 0);
    int fd = dial(bench.port);
    const char *head = "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"
                       "Transfer-Encoding: chunked\r\n\r\n";
    say(fd, head);
    say(fd, "3\r\nabc\r\n");
    say(fd, "2\r\nde\r\n0\r\n\r\n");
    hear(fd, 1, &answer);
    ck_assert_int_eq(answer.status, 200);
    ck_assert_str_eq(answer.body, "abcde");

    enum { CHUNK = 0x8000 };
    static char chunk[CHUNK + 16];
    size_t at = (size_t)snprintf(chunk, sizeof chunk, "%x\r\n", CHUNK);
    memset(chunk + at, 'a', CHUNK);
    snprintf(chunk + at + CHUNK, sizeof chunk - at - CHUNK, "\r\n");
    say(fd, head);
    for (int sent = 0; sent <= HTTP_BODY_MAX; sent += CHUNK)
        say(fd, chunk);
    say(fd, "0\r\n\r\n");
    hear(fd, 1, &answer);
    ck_assert_int_eq(answer.status, 413);
    close(fd);
    bench_close(&bench);
}
END_TEST

START_TEST(pipelined_requests_are_answered_in_order)
{
    struct bench bench;
    static struct answer answer;
    bench_open(&bench, 0, 0);
    int fd = dial(bench.port);
    say(fd, "GET /greet/one HTTP/1.1\r\nHost: t\r\n\r\n"
            "GET /greet/two/on/x HTTP/1.1\r\nHost: t\r\n\r\n"
            "GET /greet/three HTTP/1.1\r\nHost: t\r\n\r\n");
    static const char *const names[] = {"|one|", "|two|", "|three|"};
    for (int i = 0; i < 3; i++) {
        hear(fd, 1, &answer);
        ck_assert_ptr_nonnull(strstr(answer.body, names[i]));
    }
    close(fd);
    bench_close(&bench);
}
END_TEST

START_TEST(blocked_handlers_stall_nobody_and_a_full_queue_is_503)
{
    enum { WORKERS = 3, HELD = WORKERS + HTTP_QUEUE_MAX };
    struct bench bench;
    static struct answer answer;
    static int fds[HELD];
    bench_open(&bench, WORKERS, 0);
    for (int i = 0; i < HELD; i++) {
        fds[i] = dial(bench.port);
        say(fds[i], "POST /hold HTTP/1.1\r\nHost: t\r\nContent-Length: 0\r\n\r\n");
        if (i < WORKERS)
            sem_wait(&bench.entered); /* so that each has a worker before the queue fills */
    }
    /* One more than fits: asked until the last of the above has been queued. */
    do {
        int fd = dial(bench.port);
        say(fd, "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"
                "Content-Length: 2\r\n\r\n{}");
        hear(fd, 1, &answer);
        close(fd);
    } while (answer.status != 503);
    ck_assert_ptr_nonnull(strstr(answer.head, "Retry-After: 1\r\n"));
    ask(bench.port, "GET /greet/Ada HTTP/1.1\r\nHost: t\r\n\r\n", &answer);
    ck_assert_int_eq(answer.status, 200);
    ask(bench.port, "GET /health HTTP/1.1\r\nHost: t\r\n\r\n", &answer);
    ck_assert_int_eq(answer.status, 200);
    ck_assert_int_eq(atomic_load(&bench.entries), WORKERS);

    for (int i = 0; i < HELD; i++)
        sem_post(&bench.gate);
    for (int i = 0; i < HELD; i++) {
        hear(fds[i], 1, &answer);
        ck_assert_msg(answer.status == 204, "request %d: %d", i, answer.status);
        close(fds[i]);
    }
    bench_close(&bench);
}
END_TEST

/* Says the text byte by byte, as slow as the server's patience allows, until it hangs up. The
   milliseconds that took. */
static int64_t trickle(int fd, const char *text, int64_t gap_ms)
{
    int64_t start_ns = monotonic_ns();
    struct timeval gap = {0, (suseconds_t)(gap_ms * 1000)};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &gap, sizeof gap);
    char byte = 0;
    for (const char *c = text; *c != '\0'; c++) {
        if (send(fd, c, 1, MSG_NOSIGNAL) < 0)
            break;
        if (recv(fd, &byte, 1, 0) >= 0) /* 0: hung up; no byte may come */
            break;
    }
    return (monotonic_ns() - start_ns) / 1000000;
}

START_TEST(a_trickle_is_cut_off)
{
    enum { DEADLINE_MS = 300, GAP_MS = 20 };
    static const char *const starts[] = {
        "", "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"
            "Content-Length: 1000\r\n\r\n"};
    char padding[400];
    memset(padding, 'a', sizeof padding);
    padding[sizeof padding - 1] = '\0';
    struct bench bench;
    static struct answer answer;
    bench_open(&bench, 0, DEADLINE_MS);
    for (int i = 0; i < 2; i++) {
        int fd = dial(bench.port);
        say(fd, starts[i]);
        int64_t took_ms = trickle(fd, padding, GAP_MS);
        ck_assert_int_ge(took_ms, DEADLINE_MS / 2);
        ck_assert_int_lt(took_ms, (int)sizeof padding * GAP_MS / 2);
        close(fd);
    }
    /* A handler may take longer than that. */
    int fd = dial(bench.port);
    say(fd, "POST /hold HTTP/1.1\r\nHost: t\r\nContent-Length: 0\r\n\r\n");
    int idle = dial(bench.port);
    char byte = 0;
    ck_assert_int_eq(recv(idle, &byte, 1, 0), 0); /* an idle connection is given back by then */
    sem_post(&bench.gate);
    hear(fd, 1, &answer);
    ck_assert_int_eq(answer.status, 204);
    close(idle);
    close(fd);
    bench_close(&bench);
}
END_TEST

static void *drain(void *arg)
{
    static int result;
    result = http_server_drain(arg, 20000);
    return &result;
}

START_TEST(draining_finishes_what_is_in_flight)
{
    struct bench bench;
    static struct answer answer;
    bench_open(&bench, 0, 0);
    int kept = dial(bench.port); /* an idle keep-alive connection does not hold it up */
    say(kept, "GET /greet/Ada HTTP/1.1\r\nHost: t\r\n\r\n");
    hear(kept, 1, &answer);
    int busy = dial(bench.port);
    say(busy, "POST /hold HTTP/1.1\r\nHost: t\r\nContent-Length: 0\r\n\r\n");
    sem_wait(&bench.entered);
    ck_assert_int_eq(http_server_drain(bench.server, 0), ERR_LIMIT);

    pthread_t thread;
    ck_assert_int_eq(thread_start(&thread, drain, bench.server, NULL), 0);
    char byte = 0;
    ck_assert_int_eq(recv(kept, &byte, 1, 0), 0);
    ck_assert_int_eq(dial(bench.port), -1);
    sem_post(&bench.gate);
    hear(busy, 1, &answer);
    ck_assert_int_eq(answer.status, 204);
    ck_assert_ptr_nonnull(strstr(answer.head, "Connection: close\r\n"));
    void *result = NULL;
    pthread_join(thread, &result);
    ck_assert_int_eq(*(int *)result, 0);
    close(kept);
    close(busy);
    bench_close(&bench);
}
END_TEST

START_TEST(stopping_waits_for_handlers_whoever_has_hung_up)
{
    enum { CLIENTS = 3 };
    struct bench bench;
    int fds[CLIENTS];
    bench_open(&bench, 1, 0);
    for (int i = 0; i < CLIENTS; i++) {
        fds[i] = dial(bench.port);
        say(fds[i], "POST /hold HTTP/1.1\r\nHost: t\r\nContent-Length: 0\r\n\r\n");
        if (i == 0)
            sem_wait(&bench.entered);
        sem_post(&bench.gate);
        close(fds[i]);
    }
    bench_close(&bench);
}
END_TEST

START_TEST(more_connections_than_descriptors_wait_their_turn)
{
    enum { CLIENTS = 12, SPARE = 4 };
    struct bench bench;
    static struct answer answer;
    int fds[CLIENTS];
    bench_open(&bench, 0, 0);
    ask(bench.port, "GET /greet/x/on/y HTTP/1.1\r\nHost: t\r\n\r\n", &answer);
    /* Clients and server share the process: the clients' sockets are made first. */
    for (int i = 0; i < CLIENTS; i++)
        fds[i] = socket(AF_INET, SOCK_STREAM, 0);
    struct rlimit before, few;
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    few = before;
    few.rlim_cur = (rlim_t)fds[CLIENTS - 1] + 1 + SPARE;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)bench.port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (int i = 0; i < CLIENTS; i++) {
        ck_assert_int_eq(connect(fds[i], (struct sockaddr *)&address, sizeof address), 0);
        say(fds[i], "GET /greet/Ada HTTP/1.1\r\nHost: t\r\n\r\n");
    }
    for (int i = 0; i < CLIENTS; i++) {
        hear(fds[i], 1, &answer);
        ck_assert_msg(answer.status == 200, "client %d: %d", i, answer.status);
        close(fds[i]);
    }
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
    bench_close(&bench);
}
END_TEST

START_TEST(every_request_is_measured_under_its_route)
{
    struct bench bench;
    static struct answer answer;
    bench_open(&bench, 0, 0);
    int fd = dial(bench.port);
    for (int i = 0; i < 3; i++) {
        say(fd, "GET /greet/Ada HTTP/1.1\r\nHost: t\r\n\r\n");
        hear(fd, 1, &answer);
    }
    say(fd, "BREW /greet/Ada HTTP/1.1\r\nHost: t\r\n\r\n");
    hear(fd, 1, &answer);
    ck_assert_int_eq(answer.status, 405);
    close(fd);
    ck_assert_int_eq(http_server_drain(bench.server, 10000), 0);
    struct text page = {0};
    metrics_render(bench.metrics, &page);
    const char *expected[] = {"http_server_request_duration_seconds_count{http_request_method="
                              "\"GET\",http_route=\"/greet/"
                              "{name}\",http_response_status_code=\"200\"} 3\n",
                              "http_request_method=\"_OTHER\""};
    for (int i = 0; i < 2; i++)
        ck_assert_msg(strstr(text_str(&page), expected[i]) != NULL, "no %s in:\n%s", expected[i],
                      text_str(&page));
    text_release(&page);
    bench_close(&bench);
}
END_TEST

START_TEST(a_port_in_use_is_said_so)
{
    struct bench bench;
    bench_open(&bench, 0, 0);
    struct http_server_config config = {
        .listen_fd = -1, .port = bench.port, .tables = bench.tables, .contexts = bench.contexts};
    struct http_server *second = NULL;
    struct error err = {""};
    ck_assert_int_eq(http_server_start(&second, &config, &err), ERR_IO);
    ck_assert_ptr_nonnull(strstr(err.text, "PORT"));
    bench_close(&bench);
}
END_TEST

int main(void)
{
    setenv("LOG_LEVEL", "off", 1);
    log_setup("test");
    const TTest *const tests[] = {a_request_reaches_its_route_with_all_it_said,
                                  head_is_get_without_the_body,
                                  refusals_come_in_their_order_as_problems,
                                  the_largest_body_is_taken,
                                  a_refusal_keeps_the_connection,
                                  chunked_bodies_are_put_together_and_bounded,
                                  pipelined_requests_are_answered_in_order,
                                  blocked_handlers_stall_nobody_and_a_full_queue_is_503,
                                  a_trickle_is_cut_off,
                                  draining_finishes_what_is_in_flight,
                                  stopping_waits_for_handlers_whoever_has_hung_up,
                                  more_connections_than_descriptors_wait_their_turn,
                                  every_request_is_measured_under_its_route,
                                  a_port_in_use_is_said_so,
                                  NULL};
    return run_tests("kit http server", tests);
}
