/* What the server holds is bounded, health is answered all the same, and what happens is logged. */
#include <check.h>
#include "http_bench.h"
#include "kit/thread.h"
#include "kit_fixture.h"
#include "run_tests.h"

static void ck_metric(const struct bench *bench, const char *expected)
{
    struct text page = {0};
    metrics_render(bench->metrics, &page);
    ck_assert_msg(strstr(text_str(&page), expected) != NULL, "no %s in:\n%s", expected,
                  text_str(&page));
    text_release(&page);
}

/* 1 when the server has hung up, without waiting. */
static int is_closed(int fd)
{
    char byte = 0;
    return recv(fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 0;
}

START_TEST(idle_connections_give_way_oldest_first)
{
    enum { MORE = 3 };
    struct bench bench;
    static struct answer answer;
    static int fds[HTTP_CONNECTIONS_MAX];
    bench_open(&bench, 0, 0);
    for (int i = 0; i < HTTP_CONNECTIONS_MAX; i++) {
        fds[i] = dial(bench.port);
        ck_assert_int_ge(fds[i], 0);
    }
    say(fds[0], "GET /greet/Ada HTTP/1.1\r\nHost: t\r\n\r\n"); /* it was used last */
    hear(fds[0], 1, &answer);
    for (int i = 0; i < MORE; i++) {
        int fd = dial(bench.port);
        say(fd, "GET /health HTTP/1.1\r\nHost: t\r\n\r\n");
        hear(fd, 1, &answer);
        ck_assert_int_eq(answer.status, 200);
        char byte = 0;
        ck_assert_int_eq(recv(fds[1 + i], &byte, 1, 0), 0);
    }
    ck_assert_int_eq(is_closed(fds[0]), 0);
    ck_assert_int_eq(is_closed(fds[1 + MORE]), 0);
    ck_metric(&bench, "http_server_connections_closed_total{reason=\"room\"} 3\n");
    for (int i = 0; i < HTTP_CONNECTIONS_MAX; i++)
        close(fds[i]);
    bench_close(&bench);
}
END_TEST

START_TEST(health_has_connections_in_reserve_when_all_are_busy)
{
    struct bench bench;
    static struct answer answer;
    static int fds[HTTP_CONNECTIONS_MAX];
    bench_open(&bench, 0, 0);
    for (int i = 0; i < HTTP_CONNECTIONS_MAX; i++) {
        fds[i] = dial(bench.port);
        say(fds[i], "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"
                    "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n");
        char byte = 0;
        ck_assert_int_eq(recv(fds[i], &byte, 1, 0), 1); /* of 100: its head is in */
    }
    for (int i = 0; i < 2 * HTTP_CONNECTIONS_RESERVE; i++) {
        ask(bench.port, "GET /health HTTP/1.1\r\nHost: t\r\n\r\n", &answer);
        ck_assert_int_eq(answer.status, 200);
        ask(bench.port,
            "PUT /echo HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"
            "Content-Length: 2\r\n\r\n{}",
            &answer);
        ck_assert_int_eq(answer.status, 503);
        ck_assert_ptr_nonnull(strstr(answer.head, "Retry-After: 1\r\n"));
        ck_assert_ptr_nonnull(strstr(answer.head, "Connection: close\r\n"));
    }
    for (int i = 0; i < HTTP_CONNECTIONS_MAX; i++)
        close(fds[i]);
    bench_close(&bench);
}
END_TEST

/* A connection whose system takes next to nothing. */
static int dial_narrow(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    struct timeval patience = {DIAL_SECONDS, 0};
    int fd = socket(AF_INET, SOCK_STREAM, 0), small = 4096;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

START_TEST(slow_readers_hold_a_bounded_total)
{
    enum { FIT = HTTP_MEMORY_MAX / FLOOD_BYTES, READERS = 3 * FIT, DEADLINE_MS = 60000 };
    struct bench bench;
    static struct answer answer;
    int fds[READERS], statuses[2] = {0, 0};
    bench_open(&bench, 0, DEADLINE_MS); /* none is cut off for being slow */
    for (int i = 0; i < READERS; i++) {
        char head[16] = "";
        fds[i] = dial_narrow(bench.port);
        say(fds[i], "GET /flood HTTP/1.1\r\nHost: t\r\n\r\n");
        ck_assert_int_eq(recv(fds[i], head, 12, MSG_WAITALL), 12);
        statuses[strcmp(head, "HTTP/1.1 503") == 0]++;
    }
    ck_assert_int_eq(statuses[0], FIT);
    ck_assert_int_eq(statuses[1], READERS - FIT);
    ask(bench.port, "GET /health HTTP/1.1\r\nHost: t\r\n\r\n", &answer);
    ck_assert_int_eq(answer.status, 200);
    for (int i = 0; i < READERS; i++)
        close(fds[i]);
    ck_assert_int_eq(http_server_drain(bench.server, 10000), 0);
    ck_metric(&bench, "http_server_requests_unanswered_total{http_request_method=\"GET\","
                      "http_route=\"/flood\",reason=\"client gone\"} 4\n");
    bench_close(&bench);
}
END_TEST

START_TEST(an_answer_to_a_get_has_a_limit)
{
    struct bench bench;
    static struct answer answer;
    bench_open(&bench, 0, 0);
    ask(bench.port, "GET /flood?more=1 HTTP/1.1\r\nHost: t\r\n\r\n", &answer);
    ck_assert_int_eq(answer.status, 500);
    ck_assert_ptr_nonnull(strstr(answer.body, "ask for less"));
    bench_close(&bench);
}
END_TEST

START_TEST(a_request_is_recorded_whoever_has_gone)
{
    struct bench bench;
    bench_open(&bench, 0, 0);
    int fd = dial(bench.port);
    say(fd, "POST /hold HTTP/1.1\r\nHost: t\r\n\r\n");
    sem_wait(&bench.entered);
    struct linger reset = {1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    close(fd);
    sem_post(&bench.gate);
    ck_assert_int_eq(http_server_drain(bench.server, 10000), 0);
    ck_metric(&bench, "http_server_requests_unanswered_total{http_request_method=\"POST\","
                      "http_route=\"/hold\",reason=\"client gone\"} 1\n");
    ck_metric(&bench, "http_route=\"/hold\",http_response_status_code=\"204\"} 1\n");
    bench_close(&bench);
}
END_TEST

START_TEST(what_is_cut_off_at_the_end_is_recorded)
{
    struct bench bench;
    bench_open(&bench, 0, 0);
    int fd = dial(bench.port);
    say(fd, "POST /hold HTTP/1.1\r\nHost: t\r\n\r\n");
    sem_wait(&bench.entered);
    ck_assert_int_eq(http_server_drain(bench.server, 0), 1);
    http_server_give_up(bench.server);
    ck_metric(&bench, "http_server_requests_unanswered_total{http_request_method=\"POST\","
                      "http_route=\"/hold\",reason=\"service ended\"} 1\n");
    sem_post(&bench.gate);
    bench_close(&bench);
    close(fd);
}
END_TEST

START_TEST(one_connection_does_not_keep_others_waiting)
{
    enum { REQUESTS = 4 * HTTP_TURN_REQUESTS };
    struct bench bench;
    static struct answer answer;
    bench_open(&bench, 0, 0);
    struct text many = {0};
    for (int i = 0; i < REQUESTS; i++)
        text_add(&many, "GET /greet/x HTTP/1.1\r\nHost: t\r\n\r\n");
    int fd = dial(bench.port);
    say(fd, text_str(&many));
    for (int i = 0; i < REQUESTS; i++) {
        hear(fd, 1, &answer);
        ck_assert_msg(answer.status == 200, "request %d: %d", i, answer.status);
    }
    text_release(&many);
    close(fd);
    bench_close(&bench);
}
END_TEST

#define STALL "GET /stall HTTP/1.1\r\nHost: t\r\n\r\n"
#define TURN  "/turn HTTP/1.1\r\nHost: t\r\n"

/* The loop waits at the gate; what is said meanwhile it finds all at once. */
static int stall(struct bench *bench)
{
    int fd = dial(bench->port);
    say(fd, STALL);
    sem_wait(&bench->entered);
    return fd;
}

/* The number of the turn in the answer on fd. */
static int turn_of(int fd)
{
    static struct answer answer;
    hear(fd, 1, &answer);
    ck_assert_int_eq(answer.status, 200);
    close(fd);
    return (int)strtol(answer.body, NULL, 10);
}

START_TEST(new_connections_do_not_keep_others_waiting)
{
    enum { NEW = 3 * HTTP_TURN_ACCEPTS };
    struct bench bench;
    static int fds[NEW];
    bench_open(&bench, 0, 0);
    int old = dial(bench.port), first = stall(&bench);
    int second = dial(bench.port); /* the loop meets its request while it takes connections */
    say(second, STALL);
    for (int i = 0; i < NEW; i++) {
        fds[i] = dial(bench.port);
        say(fds[i], "GET " TURN "\r\n");
    }
    sem_post(&bench.gate);
    sem_wait(&bench.entered);
    say(old, "GET " TURN "\r\n");
    sem_post(&bench.gate);
    ck_assert_int_le(turn_of(old), HTTP_TURN_ACCEPTS);
    for (int i = 0; i < NEW; i++)
        (void)turn_of(fds[i]);
    close(first);
    close(second);
    bench_close(&bench);
}
END_TEST

START_TEST(a_body_in_small_chunks_does_not_keep_others_waiting)
{
    enum { CHUNKS = 200000 };
    struct bench bench;
    bench_open(&bench, 0, 0);
    struct text request = {0};
    text_add(&request, "PUT " TURN "Transfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < CHUNKS; i++)
        text_add(&request, "1\r\na\r\n");
    text_add(&request, "0\r\n\r\n");
    int many = dial(bench.port), one = dial(bench.port), first = stall(&bench);
    ssize_t some = send(many, request.bytes, request.length, MSG_DONTWAIT | MSG_NOSIGNAL);
    ck_assert_int_gt(some, 0);
    say(one, "GET " TURN "\r\n");
    sem_post(&bench.gate);
    say(many, request.bytes + some);
    ck_assert_int_eq(turn_of(one), 0);
    ck_assert_int_eq(turn_of(many), 1);
    text_release(&request);
    close(first);
    bench_close(&bench);
}
END_TEST

START_TEST(a_connection_of_the_reserve_is_one_like_all_when_others_have_gone)
{
    enum { ALL = HTTP_CONNECTIONS_MAX };
    struct bench bench;
    static struct answer answer;
    static int fds[ALL];
    char byte = 0;
    bench_open(&bench, 0, 0);
    for (int i = 0; i < ALL; i++) {
        fds[i] = dial(bench.port);
        say(fds[i], "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"
                    "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n");
        ck_assert_int_eq(recv(fds[i], &byte, 1, 0), 1);
    }
    int fd = dial(bench.port);
    say(fd, "GET /health HTTP/1.1\r\nHost: t\r\n\r\n");
    hear(fd, 1, &answer);
    ck_assert_int_eq(answer.status, 200);
    shutdown(fds[0], SHUT_WR);
    while (recv(fds[0], &byte, 1, 0) > 0) /* its 400 */
        continue;
    close(fds[0]);
    say(fd, "GET /greet/Ada HTTP/1.1\r\nHost: t\r\n\r\n");
    hear(fd, 1, &answer);
    ck_assert_int_eq(answer.status, 200);
    for (int i = 1; i < ALL; i++)
        close(fds[i]);
    close(fd);
    bench_close(&bench);
}
END_TEST

int main(void)
{
    setenv("LOG_LEVEL", "off", 1);
    log_setup("test");
    const TTest *const tests[] = {idle_connections_give_way_oldest_first,
                                  health_has_connections_in_reserve_when_all_are_busy,
                                  slow_readers_hold_a_bounded_total,
                                  an_answer_to_a_get_has_a_limit,
                                  a_request_is_recorded_whoever_has_gone,
                                  what_is_cut_off_at_the_end_is_recorded,
                                  one_connection_does_not_keep_others_waiting,
                                  new_connections_do_not_keep_others_waiting,
                                  a_body_in_small_chunks_does_not_keep_others_waiting,
                                  a_connection_of_the_reserve_is_one_like_all_when_others_have_gone,
                                  NULL};
    return run_tests("kit http bounds", tests);
}
