#define _GNU_SOURCE
/*
 * Peers: their answers, and every fault as a client of student code would meet it.
 */
#include "tests/cluster_fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include "kit/http_client.h"
#include "kit/trace.h"

static const struct service_entry user_row = {.name = "user-service",
                                              .program = BUILD_FOLDER "/peers/user-service"};

static void call(struct cluster *cluster, const char *path, int64_t deadline_ms,
                 struct http_reply *reply)
{
    char url[256];
    struct http_client *client = http_client_open(); /* no connection is used twice */
    snprintf(url, sizeof url, "%s%s", cluster_url(cluster, "user-service"), path);
    *reply = (struct http_reply){0};
    http_client_call(client, &(struct http_call){.url = url, .deadline_ms = deadline_ms}, reply);
    http_client_close(client);
}

static struct peer_counts count(struct cluster *cluster)
{
    struct peer_counts counts = {0};
    struct error err = {0};
    ck_assert_msg(cluster_counts(cluster, "user-service", &counts, &err) == 0, "%s", err.text);
    return counts;
}

static void set_fault(struct cluster *cluster, enum fault_kind kind, int64_t value)
{
    struct error err = {0};
    ck_assert_msg(cluster_fault(cluster, "user-service", kind, value, &err) == 0, "%s", err.text);
}

START_TEST(users_exist_by_rule)
{
    static const struct {
        const char *path;
        int status;
        const char *body;
    } rows[] = {
        {"/users/user-123", 200, "{\"id\":\"user-123\",\"name\":\"User 123\"}"},
        {"/users/user-0", 200, "{\"id\":\"user-0\",\"name\":\"User 0\"}"},
        {"/users/user-123?verbose=1", 200, "{\"id\":\"user-123\",\"name\":\"User 123\"}"},
        {"/users/user-1234567890", 404, NULL},
        {"/users/user-", 404, NULL},
        {"/users/user-12x", 404, NULL},
        {"/users/nobody", 404, NULL},
        {"/users/", 404, NULL},
        {"/users/user-1/orders", 404, NULL},
        {"/", 404, NULL},
        {"/health", 200, "{\"status\":\"ok\"}"},
        {"/health/liveness", 200, "{\"status\":\"ok\"}"},
        {"/health/readiness", 200, "{\"status\":\"ok\"}"},
    };
    struct fixture fixture;
    fixture_open(&fixture);
    struct cluster *cluster = fixture_start(&fixture, &user_row, 1);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct http_reply reply;
        call(cluster, rows[i].path, 5000, &reply);
        ck_assert_msg(reply.status == rows[i].status, "%s: %d", rows[i].path, reply.status);
        if (rows[i].body)
            ck_assert_str_eq(text_str(&reply.body), rows[i].body);
        else
            ck_assert_ptr_nonnull(strstr(text_str(&reply.body), "\"status\":404"));
        http_reply_release(&reply);
    }
    cluster_stop(cluster);
    fixture_close(&fixture);
}
END_TEST

START_TEST(a_client_meets_every_fault_as_named)
{
    static const struct {
        enum fault_kind kind;
        int64_t value;
        enum http_outcome outcome;
        int status, effects;
        int64_t at_least_ms;
    } rows[] = {
        {FAULT_NONE, 0, HTTP_OK, 200, 1, 0},
        {FAULT_LATENCY, 50, HTTP_OK, 200, 1, 50},
        {FAULT_LATENCY, 60000, HTTP_TIMEOUT, 0, 1, 290},
        {FAULT_STATUS, 500, HTTP_OK, 500, 0, 0},
        {FAULT_STATUS, 404, HTTP_OK, 404, 0, 0},
        {FAULT_HANG, 0, HTTP_TIMEOUT, 0, 0, 290},
        {FAULT_CLOSE_BEFORE, 0, HTTP_RESET, 0, 0, 0},
        {FAULT_CLOSE_DURING, 0, HTTP_RESET, 0, 1, 0},
        {FAULT_CLOSE_AFTER, 0, HTTP_RESET, 0, 1, 0},
        {FAULT_GARBAGE, 0, HTTP_GARBAGE, 0, 0, 0},
        {FAULT_BAD_BODY, 0, HTTP_OK, 200, 0, 0},
        {FAULT_SLOW_BYTES, 1, HTTP_OK, 200, 1, 50},
        {FAULT_SLOW_BYTES, 200, HTTP_TIMEOUT, 0, 1, 290},
        {FAULT_FLAP, 1, HTTP_OK, 503, 0, 0},
    };
    struct fixture fixture;
    fixture_open(&fixture);
    struct cluster *cluster = fixture_start(&fixture, &user_row, 1);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct http_reply reply;
        const char *name = fault_name(rows[i].kind);
        struct peer_counts before = count(cluster);
        set_fault(cluster, rows[i].kind, rows[i].value);
        call(cluster, "/users/user-7", rows[i].outcome == HTTP_TIMEOUT ? 300 : 5000, &reply);
        struct peer_counts after = count(cluster);
        ck_assert_msg(reply.outcome == rows[i].outcome && reply.status == rows[i].status,
                      "%s: %s %d", name, http_outcome_name(reply.outcome), reply.status);
        ck_assert_msg(reply.elapsed_ms >= rows[i].at_least_ms, "%s: %lld ms", name,
                      (long long)reply.elapsed_ms);
        if (rows[i].kind == FAULT_BAD_BODY)
            ck_assert_int_eq(text_str(&reply.body)[0], '<');
        ck_assert_msg(after.requests - before.requests == 1, "%s", name);
        ck_assert_msg(after.faulted - before.faulted == (rows[i].kind != FAULT_NONE), "%s", name);
        ck_assert_msg(after.effects - before.effects == rows[i].effects, "%s", name);
        http_reply_release(&reply);
    }
    cluster_stop(cluster);
    fixture_close(&fixture);
}
END_TEST

START_TEST(a_flapping_peer_fails_every_nth_business_request)
{
    struct fixture fixture;
    struct http_reply reply;
    fixture_open(&fixture);
    struct cluster *cluster = fixture_start(&fixture, &user_row, 1);
    set_fault(cluster, FAULT_FLAP, 3);
    for (int i = 1; i <= 9; i++) {
        call(cluster, "/users/user-7", 5000, &reply);
        ck_assert_int_eq(reply.status, i % 3 == 0 ? 503 : 200);
        http_reply_release(&reply);
        call(cluster, "/health", 5000, &reply); /* counted apart */
        http_reply_release(&reply);
    }
    struct peer_counts counts = count(cluster);
    ck_assert_int_eq(counts.requests, 9);
    ck_assert_int_eq(counts.faulted, 3);
    ck_assert_int_eq(counts.effects, 6);
    ck_assert_int_eq(counts.health, 9 + 1); /* and the readiness call of the start */
    ck_assert_int_eq(counts.health_faulted, 3);
    cluster_stop(cluster);
    fixture_close(&fixture);
}
END_TEST

static int connect_to_user_service(struct cluster *cluster)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    const char *colon = strrchr(cluster_url(cluster, "user-service"), ':');
    address.sin_port = htons((uint16_t)strtol(colon + 1, NULL, 10));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    struct timeval limit = {.tv_sec = 5};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    return fd;
}

static void send_text(int fd, const char *text)
{
    ck_assert_int_eq(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

START_TEST(control_answers_while_every_request_hangs)
{
    enum { HANGING = 50 };
    struct fixture fixture;
    struct http_reply reply;
    fixture_open(&fixture);
    struct cluster *cluster = fixture_start(&fixture, &user_row, 1);
    set_fault(cluster, FAULT_HANG, 0);
    int fds[HANGING];
    for (int i = 0; i < HANGING; i++) {
        fds[i] = connect_to_user_service(cluster);
        send_text(fds[i], "GET /users/user-1 HTTP/1.1\r\nHost: x\r\n\r\n");
    }
    while (count(cluster).faulted < HANGING) /* answered at once, though all of them hang */
        ;
    set_fault(cluster, FAULT_NONE, 0);
    call(cluster, "/users/user-1", 5000, &reply);
    ck_assert_int_eq(reply.status, 200);
    http_reply_release(&reply);
    for (int i = 0; i < HANGING; i++) { /* what hung goes on hanging */
        char byte = 0;
        ck_assert_int_eq(recv(fds[i], &byte, 1, MSG_DONTWAIT), -1);
        close(fds[i]);
    }
    cluster_stop(cluster);
    fixture_close(&fixture);
}
END_TEST

START_TEST(a_fault_that_cannot_be_set_says_why)
{
    struct fixture fixture;
    struct error err = {0};
    fixture_open(&fixture);
    struct service_entry rows[] = {
        user_row,
        {.name = "order-service", .program = BUILD_FOLDER "/asan/tests/fake_liar", .student = 1}};
    struct cluster *cluster = fixture_start(&fixture, rows, 2);
    ck_assert_int_eq(cluster_fault(cluster, "order-service", FAULT_HANG, 0, &err), ERR_INVALID);
    ck_assert_str_eq(err.text, "order-service has no control socket");
    ck_assert_int_eq(cluster_fault(cluster, "user-service", FAULT_FLAP, 0, &err), ERR_INVALID);
    ck_assert_str_eq(err.text, "0 is not a value for the fault flap");
    ck_assert_int_eq(cluster_fault(cluster, "user-service", FAULT_STATUS, 600, &err), ERR_INVALID);

    /* The answer that comes after its asker gave up is not taken for the next one. */
    cluster_kill(cluster, "user-service", SIGSTOP);
    ck_assert_int_eq(cluster_fault(cluster, "user-service", FAULT_HANG, 0, &err), ERR_UNAVAILABLE);
    ck_assert_str_eq(err.text, "user-service does not answer on its control socket");
    cluster_kill(cluster, "user-service", SIGCONT);
    set_fault(cluster, FAULT_NONE, 0);
    ck_assert_int_eq(count(cluster).requests, 0);

    cluster_kill(cluster, "user-service", SIGKILL);
    ck_assert_int_eq(cluster_fault(cluster, "user-service", FAULT_HANG, 0, &err), ERR_UNAVAILABLE);
    ck_assert_str_eq(err.text, "user-service does not run");
    ck_assert_int_eq(cluster_restart(cluster, "user-service", &err), 0);
    set_fault(cluster, FAULT_HANG, 0);
    cluster_stop(cluster);
    fixture_close(&fixture);
}
END_TEST

START_TEST(a_fault_that_only_the_peer_believes_in_is_refused)
{
    struct fixture fixture;
    fixture_open(&fixture);
    struct service_entry liar = {.name = "user-service",
                                 .program = BUILD_FOLDER "/asan/tests/fake_liar"};
    struct cluster *cluster = fixture_start(&fixture, &liar, 1);
    for (int kind = FAULT_NONE; kind <= FAULT_FLAP; kind++) {
        struct error err = {0};
        int64_t value = kind == FAULT_STATUS ? 500 : kind == FAULT_LATENCY ? 1000 : 2;
        int result = cluster_fault(cluster, "user-service", (enum fault_kind)kind, value, &err);
        ck_assert_msg(result == (kind == FAULT_NONE ? 0 : ERR_UNAVAILABLE), "%s: %d",
                      fault_name((enum fault_kind)kind), result);
        if (result != 0)
            ck_assert_ptr_nonnull(strstr(err.text, "but a canary call missed it"));
    }
    cluster_stop(cluster);
    fixture_close(&fixture);
}
END_TEST

/* Sends each part for itself and returns what comes until the connection closes or size is full. */
static void talk(struct cluster *cluster, const char *const *parts, char *text, size_t size)
{
    int fd = connect_to_user_service(cluster);
    for (; *parts; parts++) {
        send_text(fd, *parts);
        count(cluster); /* a round trip through the peer's loop: the part has been read */
    }
    size_t length = 0;
    for (ssize_t got; (got = recv(fd, text + length, size - 1 - length, 0)) > 0;)
        length += (size_t)got;
    text[length] = '\0';
    close(fd);
}

START_TEST(requests_come_in_any_pieces)
{
#define ASK  "GET /users/user-7 HTTP/1.1\r\nHost: x\r\n"
#define LAST ASK "Connection: close\r\n\r\n"
    static const struct {
        const char *const parts[5];
        int answers;
    } rows[] = {
        {{LAST, NULL}, 1},
        {{"G", "ET /users/user-7 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r", "\n", NULL}, 1},
        {{ASK "\r\n" ASK "\r\n" LAST, NULL}, 3},
        {{ASK "\r\nGET /us", "ers/user-7 HTTP/1.1\r\nConnection: close\r\n\r\n", NULL}, 2},
        {{ASK "Content-Length: 4\r\n\r\nab", "cd" LAST, NULL}, 2},
        {{"GET /users/user-7 HTTP/1.1\r\n\r\n" LAST, NULL}, 2},
        {{"hello\r\n\r\n", NULL}, 0},
        {{"GET\r\n\r\n", NULL}, 0},
        {{"GET / FTP/1.1\r\n\r\n", NULL}, 0},
        {{"GET http://x/ HTTP/1.1\r\n\r\n", NULL}, 0},
        {{ASK "Content-Length: -1\r\n\r\n", NULL}, 0},
        {{ASK "Content-Length: 99999999\r\n\r\n", NULL}, 0},
        {{ASK "Transfer-Encoding: chunked\r\n\r\n", NULL}, 0},
    };
    struct fixture fixture;
    fixture_open(&fixture);
    struct cluster *cluster = fixture_start(&fixture, &user_row, 1);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[4096];
        int answers = 0;
        talk(cluster, rows[i].parts, text, sizeof text);
        for (const char *at = text; (at = strstr(at, "HTTP/1.1 200 OK")); at++)
            answers++;
        ck_assert_msg(answers == rows[i].answers, "row %zu: %d answers in \"%s\"", i, answers,
                      text);
    }
    cluster_stop(cluster);
    fixture_close(&fixture);
}
END_TEST

START_TEST(endless_headers_are_cut_off)
{
    struct fixture fixture;
    fixture_open(&fixture);
    struct cluster *cluster = fixture_start(&fixture, &user_row, 1);
    int fd = connect_to_user_service(cluster);
    send_text(fd, "GET / HTTP/1.1\r\n");
    ssize_t sent = 0;
    for (int i = 0; i < 100000 && sent >= 0; i++)
        sent = send(fd, "X-Filler: 0123456789\r\n", 22, MSG_NOSIGNAL);
    ck_assert_int_lt(sent, 0);
    close(fd);
    ck_assert_int_eq(count(cluster).requests, 0);
    cluster_stop(cluster);
    fixture_close(&fixture);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {users_exist_by_rule,
                                  a_client_meets_every_fault_as_named,
                                  a_flapping_peer_fails_every_nth_business_request,
                                  control_answers_while_every_request_hangs,
                                  a_fault_that_cannot_be_set_says_why,
                                  a_fault_that_only_the_peer_believes_in_is_refused,
                                  requests_come_in_any_pieces,
                                  endless_headers_are_cut_off,
                                  NULL};
    return run_tests("peers", tests);
}
