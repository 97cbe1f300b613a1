/* The server on the wire: what it lets through and what it refuses. */
#include <check.h>
#include "http_bench.h"
#include "kit_fixture.h"
#include "run_tests.h"

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

START_TEST(a_header_is_sent_whole_or_refused)
{
    struct bench bench;
    static struct answer answer;
    bench_open(&bench, 0, 0);
    int fd = dial(bench.port);
    for (int i = 0; i < 2; i++) { /* and the next answer does not have it */
        say(fd, "GET /long HTTP/1.1\r\nHost: t\r\n\r\n");
        hear(fd, 0, &answer);
        ck_assert_int_eq(answer.status, 200);
        const char *value = strstr(answer.head, "\r\nX-Long: v");
        ck_assert_ptr_nonnull(value);
        ck_assert_uint_eq(strspn(value + strlen("\r\nX-Long: "), "v"), HTTP_HEADER_VALUE_MAX);
        ck_assert_ptr_null(strstr(answer.head, "X-Longer"));
        ck_assert_ptr_null(strstr(answer.head, "X-More"));
        say(fd, "GET /tagged HTTP/1.1\r\nHost: t\r\n\r\n");
        hear(fd, 1, &answer);
        ck_assert_ptr_nonnull(strstr(answer.head, "\r\nETag: \"7\"\r\n"));
        ck_assert_ptr_null(strstr(answer.head, "X-Long"));
    }
    close(fd);
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
    struct error err = {0};
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
                                  a_header_is_sent_whole_or_refused,
                                  head_is_get_without_the_body,
                                  refusals_come_in_their_order_as_problems,
                                  the_largest_body_is_taken,
                                  a_refusal_keeps_the_connection,
                                  chunked_bodies_are_put_together_and_bounded,
                                  pipelined_requests_are_answered_in_order,
                                  every_request_is_measured_under_its_route,
                                  a_port_in_use_is_said_so,
                                  NULL};
    return run_tests("kit http server", tests);
}
