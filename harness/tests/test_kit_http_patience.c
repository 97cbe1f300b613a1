#define _GNU_SOURCE /* TCP_CORK */
/* Who waits for whom: blocked handlers, slow clients, draining, and a lack of descriptors. */
#include <check.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include "http_bench.h"
#include "kit/thread.h"
#include "kit_fixture.h"
#include "run_tests.h"

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

/* Says the text and hangs up in one piece: the server reads both, or neither. */
static int say_last(int port, const char *text)
{
    int fd = dial(port), on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_CORK, &on, sizeof on);
    say(fd, text);
    shutdown(fd, SHUT_WR);
    return fd;
}

START_TEST(a_client_that_hung_up_in_the_middle_holds_nothing_up)
{
    enum { DEADLINE_MS = 5000, DRAIN_MS = 4000, CLIENTS = 8 };
    static const char *const said[] = {
        "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"
        "Content-Length: 100\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"
        "Content-Length: 100\r\n\r\n{\"half"};
    struct bench bench;
    static struct answer answer;
    bench_open(&bench, 0, DEADLINE_MS);
    for (int i = 0; i < CLIENTS; i++) {
        int fd = say_last(bench.port, said[i % 2]);
        ask(bench.port, "GET /greet/Ada HTTP/1.1\r\nHost: t\r\n\r\n", &answer);
        close(fd); /* by now it has been read */
    }
    ck_assert_int_eq(http_server_drain(bench.server, DRAIN_MS), 0);
    bench_close(&bench);
}
END_TEST

START_TEST(a_client_that_has_said_all_still_hears_the_answer)
{
    enum { DEADLINE_MS = 300 };
    struct bench bench;
    static struct answer answer;
    char byte = 0;
    bench_open(&bench, 0, DEADLINE_MS);
    int fd = say_last(bench.port, "POST /hold HTTP/1.1\r\nHost: t\r\nContent-Length: 0\r\n\r\n");
    sem_wait(&bench.entered);
    int idle = dial(bench.port);
    ck_assert_int_eq(recv(idle, &byte, 1, 0), 0); /* the watch has looked some ten times */
    sem_post(&bench.gate);
    hear(fd, 1, &answer);
    ck_assert_int_eq(answer.status, 204);
    close(idle);
    close(fd);
    bench_close(&bench);
}
END_TEST

START_TEST(an_answer_that_nobody_takes_is_cut_off)
{
    enum { DEADLINE_MS = 300 };
    struct bench bench;
    bench_open(&bench, 0, DEADLINE_MS);
    /* A small window, and an answer that does not fit into it and the server's own buffer. */
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)bench.port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    int small = 4096;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    say(fd, "GET /flood HTTP/1.1\r\nHost: t\r\n\r\n");
    sem_wait(&bench.entered);
    ck_assert_int_eq(http_server_drain(bench.server, 20000),
                     0); /* it is given up, not waited for */
    size_t got = 0;
    static char some[64 * 1024];
    for (ssize_t length = 1; length > 0; got += length > 0 ? (size_t)length : 0)
        length = recv(fd, some, sizeof some, 0);
    ck_assert_uint_lt(got, FLOOD_BYTES);
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
    ck_assert_int_eq(http_server_drain(bench.server, 0), 1); /* the busy one */

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
    int fds[CLIENTS], highest = 0;
    bench_open(&bench, 0, 0);
    ask(bench.port, "GET /greet/x/on/y HTTP/1.1\r\nHost: t\r\n\r\n", &answer);
    /* Clients and server share the process: the clients' sockets are made first. One of them may
       get the number that the server gives back meanwhile, so the last is not always the highest.
     */
    for (int i = 0; i < CLIENTS; i++) {
        fds[i] = socket(AF_INET, SOCK_STREAM, 0);
        highest = fds[i] > highest ? fds[i] : highest;
    }
    struct rlimit before, few;
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    few = before;
    few.rlim_cur = (rlim_t)highest + 1 + SPARE;
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

int main(void)
{
    setenv("LOG_LEVEL", "off", 1);
    log_setup("test");
    const TTest *const tests[] = {blocked_handlers_stall_nobody_and_a_full_queue_is_503,
                                  a_trickle_is_cut_off,
                                  a_client_that_hung_up_in_the_middle_holds_nothing_up,
                                  a_client_that_has_said_all_still_hears_the_answer,
                                  an_answer_that_nobody_takes_is_cut_off,
                                  draining_finishes_what_is_in_flight,
                                  stopping_waits_for_handlers_whoever_has_hung_up,
                                  more_connections_than_descriptors_wait_their_turn,
                                  NULL};
    return run_tests("kit http patience", tests);
}
