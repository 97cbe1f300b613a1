/*
 * Raw bytes in, statuses out, and whether the connection is closed.
 *
 * Behind each case's bytes comes one more request, in the same piece. It is answered when the
 * connection goes on, and shows where the server has seen the end of the case. What some reader
 * might take for a request inside a body asks for /greet/smuggled, which must never be answered.
 */
#include <check.h>
#include <netinet/tcp.h>
#include "http_bench.h"
#include "kit_fixture.h"
#include "run_tests.h"

#define POST     "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"
#define GET      "GET /greet/x HTTP/1.1\r\nHost: t\r\n"
#define CHUNKED  POST "Transfer-Encoding: chunked\r\n\r\n"
#define SMUGGLED "GET /greet/smuggled HTTP/1.1\r\nHost: t\r\n\r\n"
#define LAST     "GET /greet/last HTTP/1.1\r\nHost: t\r\n\r\n"

struct wire {
    const char *bytes;
    size_t length;
    int status, closed;
};
#define BYTES(text) (text), sizeof text - 1

/* Sends the case and the last request, step bytes at a time, and reads until that is answered or
   the stream ends. */
static void exchange(int port, const struct wire *wire, size_t step, char *heard, size_t size)
{
    int fd = dial(port), on = 1;
    struct text all = {0};
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    text_append(&all, wire->bytes, wire->length);
    text_append(&all, LAST, sizeof LAST - 1);
    for (size_t sent = 0; sent < all.length; sent += step < all.length ? step : all.length)
        (void)!send(fd, all.bytes + sent, all.length - sent < step ? all.length - sent : step,
                    MSG_NOSIGNAL);
    text_release(&all);
    size_t length = 0;
    heard[0] = '\0';
    while (strstr(heard, "|last|") == NULL && length + 1 < size) {
        ssize_t some = recv(fd, heard + length, size - 1 - length, 0);
        if (some <= 0)
            break;
        length += (size_t)some;
        heard[length] = '\0';
    }
    close(fd);
}

static int count_of(const char *text, const char *part)
{
    int count = 0;
    for (const char *at = text; (at = strstr(at, part)) != NULL; at += strlen(part))
        count++;
    return count;
}

/* Each case is one request: one answer, and one for the last request when the connection goes on.
 */
static void play(const struct wire *cases, size_t count)
{
    struct bench bench;
    static char heard[ANSWER_MAX];
    bench_open(&bench, 0, 0);
    for (size_t play = 0; play < 2 * count; play++) { /* in one piece, and byte by byte */
        size_t i = play / 2;
        exchange(bench.port, &cases[i], play % 2 == 0 ? SIZE_MAX : 1, heard, sizeof heard);
        int status = 0;
        (void)sscanf(heard, "HTTP/1.1 %d", &status);
        int closed = strstr(heard, "|last|") == NULL;
        int answers = count_of(heard, "HTTP/1.1 ") - !closed;
        ck_assert_msg(status == cases[i].status && closed == cases[i].closed && answers == 1,
                      "case %zu, %.*s\n%d, closed %d, %d answers; expected %d, closed %d:\n%s", i,
                      (int)cases[i].length, cases[i].bytes, status, closed, answers,
                      cases[i].status, cases[i].closed, heard);
        ck_assert_ptr_null(strstr(heard, "|smuggled|"));
        ck_assert_int_eq(closed, strstr(heard, "Connection: close\r\n") != NULL);
        if (status >= 400)
            ck_assert_ptr_nonnull(strstr(heard, "Content-Type: application/problem+json\r\n"));
    }
    bench_close(&bench);
}
#define PLAY(cases) play(cases, sizeof cases / sizeof cases[0])

START_TEST(the_end_of_a_body_has_one_reading)
{
    static const struct wire cases[] = {
        {BYTES(POST "Content-Length: 2\r\n\r\n{}"), 200, 0},
        {BYTES(POST "content-length:2\r\n\r\n{}"), 200, 0},
        {BYTES(POST "Content-Length: \t2 \t\r\n\r\n{}"), 200, 0},
        {BYTES(POST "Content-Length: 0\r\n\r\n"), 200, 0},
        {BYTES(POST "\r\n"), 200, 0},
        {BYTES(POST "Content-Length: 43\r\n\r\n" SMUGGLED "{}"), 200, 0},
        {BYTES(POST "Content-Length: 2\r\nContent-Length: 44\r\n\r\n" SMUGGLED), 400, 1},
        {BYTES(POST "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}"), 400, 1},
        {BYTES(POST "Content-Length: 2, 2\r\n\r\n{}"), 400, 1},
        {BYTES(POST "Content-Length : 44\r\n\r\n" SMUGGLED), 400, 1},
        {BYTES(POST "Content-Length: +2\r\n\r\n{}"), 400, 1},
        {BYTES(POST "Content-Length: -2\r\n\r\n{}"), 400, 1},
        {BYTES(POST "Content-Length: 0x2\r\n\r\n{}"), 400, 1},
        {BYTES(POST "Content-Length: 2 2\r\n\r\n{}"), 400, 1},
        {BYTES(POST "Content-Length:\r\n\r\n{}"), 400, 1},
        {BYTES(POST "Content-Length: 2\0\r\n\r\n{}"), 400, 1},
        {BYTES(POST "Content-Length: 99999999999999999999\r\n\r\n{}"), 413, 1},
        {BYTES(POST "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"),
         400, 1},
        {BYTES(POST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" SMUGGLED),
         400, 1},
        {BYTES(POST "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"), 400, 1},
        {BYTES(POST "Transfer-Encoding: CHUNKED\r\n\r\n2\r\n{}\r\n0\r\n\r\n"), 200, 0},
        {BYTES(POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
         400, 1},
        {BYTES(POST "Transfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"), 501, 1},
        {BYTES(POST "Transfer-Encoding: chunked, gzip\r\n\r\n2\r\n{}\r\n0\r\n\r\n"), 400, 1},
        {BYTES(POST "Transfer-Encoding: xchunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"), 400, 1},
        {BYTES(POST "Transfer-Encoding: identity\r\n\r\n"), 400, 1},
        {BYTES(POST "Transfer-Encoding:\r\n\r\n"), 400, 1},
        {BYTES("POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400, 1},
    };
    PLAY(cases);
}
END_TEST

START_TEST(chunks_are_read_to_the_letter)
{
    static const struct wire cases[] = {
        {BYTES(CHUNKED "2\r\n{}\r\n0\r\n\r\n"), 200, 0},
        {BYTES(CHUNKED "2;a=b; c=\"d\"\r\n{}\r\n000\r\nX: y\r\nZ: \r\n\r\n"), 200, 0},
        {BYTES(CHUNKED "0\r\n\r\n"), 200, 0},
        {BYTES(CHUNKED "2\n{}\r\n0\r\n\r\n"), 400, 1},
        {BYTES(CHUNKED "2\r\n{}\n0\r\n\r\n"), 400, 1},
        {BYTES(CHUNKED "2\r\n{}\r\n0\n\n"), 400, 1},
        {BYTES(CHUNKED "2\r\n{}\r\n0\r\n\n"), 400, 1},
        {BYTES(CHUNKED "2\r\n{}\r\n0\r\nX: y\n\r\n"), 400, 1},
        {BYTES(CHUNKED "2\r{}\r\n0\r\n\r\n"), 400, 1},
        {BYTES(CHUNKED "2;a\nb\r\n{}\r\n0\r\n\r\n"), 400, 1},
        {BYTES(CHUNKED "2 \r\n{}\r\n0\r\n\r\n"), 400, 1},
        {BYTES(CHUNKED " 2\r\n{}\r\n0\r\n\r\n"), 400, 1},
        {BYTES(CHUNKED "0x2\r\n{}\r\n0\r\n\r\n"), 400, 1},
        {BYTES(CHUNKED "+2\r\n{}\r\n0\r\n\r\n"), 400, 1},
        {BYTES(CHUNKED "\r\n{}\r\n0\r\n\r\n"), 400, 1},
        {BYTES(CHUNKED "3\r\n{}\r\n0\r\n\r\n"), 400, 1},
        {BYTES(CHUNKED "1\r\n{}\r\n0\r\n\r\n"), 400, 1},
        {BYTES(CHUNKED "100000002\r\n{}\r\n0\r\n\r\n"), 400, 1},
        {BYTES(CHUNKED "2\r\n{}\r\n0\r\n folded: x\r\n\r\n"), 400, 1},
        {BYTES(CHUNKED "2\r\n{}\r\n0\r\n: x\r\n\r\n"), 400, 1},
        {BYTES(CHUNKED "2\r\n{}\r\n0\r\nno field\r\n\r\n"), 400, 1},
    };
    PLAY(cases);
}
END_TEST

START_TEST(a_head_has_one_reading)
{
    static const struct wire cases[] = {
        {BYTES("\r\n" GET "\r\n"), 200, 0},
        {BYTES("\r\n\r\n" GET "\r\n"), 400, 1},
        {BYTES("GET /greet/x HTTP/1.1\r\n\r\n"), 400, 1},
        {BYTES(GET "Host: u\r\n\r\n"), 400, 1},
        {BYTES("GET /greet/x HTTP/1.1\r\nHost: a/b\r\n\r\n"), 400, 1},
        {BYTES("GET /greet/x HTTP/1.1\r\nHost:\r\n\r\n"), 200, 0},
        {BYTES("GET /greet/x HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"), 200, 0},
        {BYTES("GET /greet/x HTTP/1.1\nHost: t\n\n"), 400, 1},
        {BYTES("GET /greet/x HTTP/1.1\r\nHost: t\n\r\n"), 400, 1},
        {BYTES("GET /greet/x HTTP/1.1\r\nHost: t\r\r\n\r\n"), 400, 1},
        {BYTES(GET ": empty\r\n\r\n"), 400, 1},
        {BYTES(GET "X : y\r\n\r\n"), 400, 1},
        {BYTES(GET " X: y\r\n\r\n"), 400, 1},
        {BYTES(GET "X: a\r\n b\r\n\r\n"), 400, 1},
        {BYTES(GET "X\r\n\r\n"), 400, 1},
        {BYTES(GET "X(: y\r\n\r\n"), 400, 1},
        {BYTES(GET "X: a\0b\r\n\r\n"), 400, 1},
        {BYTES(GET "X\0: b\r\n\r\n"), 400, 1},
        {BYTES(GET "X: a\x7f\r\n\r\n"), 400, 1},
        {BYTES(GET "X: a\tb \xc3\xa4\r\n\r\n"), 200, 0},
        {BYTES(GET "X:\r\nY:  \r\n\r\n"), 200, 0},
        {BYTES("GET  /greet/x HTTP/1.1\r\nHost: t\r\n\r\n"), 400, 1},
        {BYTES("GET /greet/x  HTTP/1.1\r\nHost: t\r\n\r\n"), 400, 1},
        {BYTES("GET /greet/x HTTP/1.1 \r\nHost: t\r\n\r\n"), 400, 1},
        {BYTES("GET /greet/x\tHTTP/1.1\r\nHost: t\r\n\r\n"), 400, 1},
        {BYTES(" GET /greet/x HTTP/1.1\r\nHost: t\r\n\r\n"), 400, 1},
        {BYTES("GET /greet/x\r\n\r\n"), 400, 1},
        {BYTES("GET /greet/x http/1.1\r\nHost: t\r\n\r\n"), 400, 1},
        {BYTES("GET /greet/x HTTP/1.10\r\nHost: t\r\n\r\n"), 400, 1},
        {BYTES("GET /greet/x HTTP/2.0\r\nHost: t\r\n\r\n"), 505, 1},
        {BYTES("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505, 1},
        {BYTES("GET /greet/x HTTP/1.0\r\n\r\n"), 200, 1},
        {BYTES(GET "Connection: x, CLOSE\r\n\r\n"), 200, 1},
        {BYTES(GET "Connection: keep-alive\r\n\r\n"), 200, 0},
        {BYTES(POST "Expect: 200-ok\r\nContent-Length: 2\r\n\r\n{}"), 417, 1},
        {BYTES(POST "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"), 415, 0},
        {BYTES(POST "Content-Encoding: identity\r\nContent-Length: 2\r\n\r\n{}"), 200, 0},
        {BYTES(POST "Idempotency-Key: a\r\nIdempotency-Key: b\r\n\r\n"), 400, 0},
        {BYTES(POST "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"), 415, 0},
    };
    PLAY(cases);
}
END_TEST

START_TEST(a_target_means_one_path)
{
    static const struct wire cases[] = {
        {BYTES("GET http://t/greet/x HTTP/1.1\r\nHost: other\r\n\r\n"), 200, 0},
        {BYTES("GET HTTPS://t:80/greet/x?mood=x HTTP/1.1\r\nHost: t\r\n\r\n"), 200, 0},
        {BYTES("GET http://t HTTP/1.1\r\nHost: t\r\n\r\n"), 404, 0},
        {BYTES("GET http://a@t/greet/x HTTP/1.1\r\nHost: t\r\n\r\n"), 400, 1},
        {BYTES("GET ftp://t/greet/x HTTP/1.1\r\nHost: t\r\n\r\n"), 400, 1},
        {BYTES("GET greet/x HTTP/1.1\r\nHost: t\r\n\r\n"), 400, 1},
        {BYTES("GET * HTTP/1.1\r\nHost: t\r\n\r\n"), 400, 1},
        {BYTES("OPTIONS * HTTP/1.1\r\nHost: t\r\n\r\n"), 404, 0},
        {BYTES("CONNECT t:80 HTTP/1.1\r\nHost: t\r\n\r\n"), 404, 0},
        {BYTES("GET /greet/x#y HTTP/1.1\r\nHost: t\r\n\r\n"), 400, 1},
        {BYTES("GET /greet/%zz HTTP/1.1\r\nHost: t\r\n\r\n"), 400, 1},
        {BYTES("GET /greet/\xc3\xa4 HTTP/1.1\r\nHost: t\r\n\r\n"), 400, 1},
        {BYTES("GET /greet/a\"b HTTP/1.1\r\nHost: t\r\n\r\n"), 400, 1},
        {BYTES("GET //greet/x HTTP/1.1\r\nHost: t\r\n\r\n"), 404, 0},
        {BYTES("GET /greet/../greet/x HTTP/1.1\r\nHost: t\r\n\r\n"), 404, 0},
        {BYTES("GET /greet%2Fx HTTP/1.1\r\nHost: t\r\n\r\n"), 404, 0},
        {BYTES("GET /greet/x%2Fon%2Ffriday HTTP/1.1\r\nHost: t\r\n\r\n"), 200, 0},
    };
    PLAY(cases);
}
END_TEST

START_TEST(conditions_are_looked_at_as_lists)
{
    static const struct wire cases[] = {
        {BYTES("GET /tagged HTTP/1.1\r\nHost: t\r\n\r\n"), 200, 0},
        {BYTES("GET /tagged HTTP/1.1\r\nHost: t\r\nIf-None-Match: \"7\"\r\n\r\n"), 304, 0},
        {BYTES("GET /tagged HTTP/1.1\r\nHost: t\r\nIf-None-Match: \"6\", W/\"7\"\r\n\r\n"), 304, 0},
        {BYTES("GET /tagged HTTP/1.1\r\nHost: t\r\nIf-None-Match: *\r\n\r\n"), 304, 0},
        {BYTES("GET /tagged HTTP/1.1\r\nHost: t\r\nIf-None-Match: \"6\"\r\n\r\n"), 200, 0},
        {BYTES("GET /tagged HTTP/1.1\r\nHost: t\r\nIf-None-Match: 7\r\n\r\n"), 200, 0},
        {BYTES("GET /tagged HTTP/1.1\r\nHost: t\r\nIf-Match: \"7\"\r\n\r\n"), 200, 0},
        {BYTES("GET /tagged HTTP/1.1\r\nHost: t\r\nIf-Match: \"6\"\r\nIf-Match: \"7\"\r\n\r\n"),
         200, 0},
        {BYTES("GET /tagged HTTP/1.1\r\nHost: t\r\nIf-Match: W/\"7\"\r\n\r\n"), 412, 0},
        {BYTES("GET /tagged HTTP/1.1\r\nHost: t\r\nIf-Match: \"6\",\"8\"\r\n\r\n"), 412, 0},
        {BYTES("GET /tagged HTTP/1.1\r\nHost: t\r\nIf-Match: \"6\" , \"7\",\r\n\r\n"), 200, 0},
        {BYTES("GET /tagged HTTP/1.1\r\nHost: t\r\nIf-Match: \"7\"x\r\n\r\n"), 412, 0},
        {BYTES("GET /tagged HTTP/1.1\r\nHost: t\r\nIf-Match: \"7\", x\r\n\r\n"), 412, 0},
        {BYTES("GET /tagged HTTP/1.1\r\nHost: t\r\nIf-Match: \"7\" \"6\"\r\n\r\n"), 412, 0},
        {BYTES("GET /tagged HTTP/1.1\r\nHost: t\r\nIf-Match: \"7\r\n\r\n"), 412, 0},
    };
    PLAY(cases);
}
END_TEST

START_TEST(names_in_the_query_are_case_sensitive_and_may_be_many)
{
    struct bench bench;
    static struct answer answer;
    bench_open(&bench, 0, 0);
    ask(bench.port, "GET /greet/x?Mood=no&mood=yes&mood=late HTTP/1.1\r\nHost: t\r\n\r\n", &answer);
    ck_assert_str_eq(answer.body, "/greet/{name}|x|yes|-");
    ask(bench.port, "GET /greet/a%2Fon%2Fb HTTP/1.1\r\nHost: t\r\n\r\n", &answer);
    ck_assert_str_eq(answer.body, "/greet/{name}|a/on/b|-|-");
    ask(bench.port, "GET /greet/x HTTP/1.1\r\nHost: t\r\nX-Agent: a \r\nX-Agent:b\r\n\r\n",
        &answer);
    ck_assert_str_eq(answer.body, "/greet/{name}|x|-|a, b");
    struct text request = {0};
    text_add(&request, "GET /greet/x?");
    for (int i = 0; i < 500; i++)
        text_addf(&request, "n%d&", i);
    text_add(&request, "mood=found HTTP/1.1\r\nHost: t\r\n\r\n");
    ask(bench.port, text_str(&request), &answer);
    ck_assert_str_eq(answer.body, "/greet/{name}|x|found|-");
    text_release(&request);
    bench_close(&bench);
}
END_TEST

#define TRACE  "0af7651916cd43dd8448eb211c80319c"
#define PARENT "traceparent: 00-" TRACE "-b7ad6b7169203331-01\r\n"

START_TEST(a_trace_has_one_parent_and_its_state)
{
    static const struct {
        const char *fields;
        int goes_on;
        const char *state;
    } cases[] = {
        {PARENT, 1, ""},
        {PARENT "tracestate: a=1\r\nTraceState: b=2\r\n", 1, "a=1, b=2"},
        {PARENT PARENT "tracestate: a=1\r\n", 0, ""},
        {"tracestate: a=1\r\n", 0, ""},
    };
    struct bench bench;
    static struct answer answer;
    bench_open(&bench, 0, 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char request[512];
        snprintf(request, sizeof request, "GET /traced HTTP/1.1\r\nHost: t\r\n%s\r\n",
                 cases[i].fields);
        ask(bench.port, request, &answer);
        int goes_on = strncmp(answer.body, TRACE "|b7ad6b7169203331|", 50) == 0;
        ck_assert_msg(goes_on == cases[i].goes_on, "case %zu: %s", i, answer.body);
        ck_assert_str_eq(strrchr(answer.body, '|') + 1, cases[i].state);
    }
    bench_close(&bench);
}
END_TEST

START_TEST(all_that_was_sent_before_the_end_is_answered)
{
    struct bench bench;
    static struct answer answer;
    bench_open(&bench, 0, 0);
    int fd = dial(bench.port);
    say(fd, POST "Content-Length: 3\r\n\r\none" POST "Content-Length: 3\r\n\r\ntwo" GET "\r\n");
    shutdown(fd, SHUT_WR);
    const char *const bodies[] = {"one", "two", "/greet/{name}|x|-|-"};
    for (int i = 0; i < 3; i++) {
        hear(fd, 1, &answer);
        ck_assert_str_eq(answer.body, bodies[i]);
    }
    char byte = 0;
    ck_assert_int_eq(recv(fd, &byte, 1, 0), 0);
    close(fd);
    bench_close(&bench);
}
END_TEST

START_TEST(a_client_in_the_middle_of_too_large_a_body_hears_so)
{
    enum { BYTES_OF_BODY = 5 * HTTP_DROP_MAX };
    struct bench bench;
    static struct answer answer;
    bench_open(&bench, 0, 0);
    struct text request = {0};
    text_addf(&request, POST "Content-Length: %d\r\n\r\n", BYTES_OF_BODY);
    memset(text_room(&request, BYTES_OF_BODY), 'a', BYTES_OF_BODY);
    request.length += BYTES_OF_BODY;
    request.bytes[request.length] = '\0';
    ask(bench.port, text_str(&request), &answer);
    ck_assert_int_eq(answer.status, 413);
    ck_assert_ptr_nonnull(strstr(answer.head, "Connection: close\r\n"));
    text_release(&request);
    bench_close(&bench);
}
END_TEST

START_TEST(what_is_too_large_is_one_problem)
{
    static const struct {
        const char *before, *after;
        int status;
    } cases[] = {
        {"GET /greet/x?", " HTTP/1.1\r\nHost: t\r\n\r\n", 414},
        {GET "X: ", "\r\n\r\n", 431},
        {GET, "\r\n\r\n", 431},
    };
    struct bench bench;
    static char heard[ANSWER_MAX];
    bench_open(&bench, 0, 0);
    for (int i = 0; i < 3; i++) {
        struct text request = {0};
        text_add(&request, cases[i].before);
        for (int n = 0; n < HTTP_HEAD_MAX; n++)
            text_add(&request, "x");
        text_add(&request, cases[i].after);
        struct wire wire = {.bytes = request.bytes, .length = request.length};
        exchange(bench.port, &wire, SIZE_MAX, heard, sizeof heard);
        int status = 0;
        (void)sscanf(heard, "HTTP/1.1 %d", &status);
        ck_assert_int_eq(status, cases[i].status);
        ck_assert_int_eq(count_of(heard, "HTTP/1.1 "), 1);
        ck_assert_ptr_nonnull(strstr(heard, "application/problem+json"));
        text_release(&request);
    }
    struct text many = {0};
    text_add(&many, GET);
    for (int i = 0; i < HTTP_FIELDS_MAX; i++)
        text_addf(&many, "X%d: y\r\n", i);
    text_add(&many, "\r\n");
    struct wire wire = {.bytes = many.bytes, .length = many.length};
    exchange(bench.port, &wire, SIZE_MAX, heard, sizeof heard);
    ck_assert_ptr_eq(strstr(heard, "HTTP/1.1 431 "), heard);
    text_release(&many);

    ck_assert_int_eq(http_server_drain(bench.server, 10000), 0);
    struct text page = {0};
    metrics_render(bench.metrics, &page);
    ck_assert_ptr_nonnull(strstr(text_str(&page), "http_response_status_code=\"431\"} 2\n"));
    text_release(&page);
    bench_close(&bench);
}
END_TEST

int main(void)
{
    setenv("LOG_LEVEL", "off", 1);
    log_setup("test");
    const TTest *const tests[] = {the_end_of_a_body_has_one_reading,
                                  chunks_are_read_to_the_letter,
                                  a_head_has_one_reading,
                                  a_target_means_one_path,
                                  conditions_are_looked_at_as_lists,
                                  names_in_the_query_are_case_sensitive_and_may_be_many,
                                  a_trace_has_one_parent_and_its_state,
                                  all_that_was_sent_before_the_end_is_answered,
                                  a_client_in_the_middle_of_too_large_a_body_hears_so,
                                  what_is_too_large_is_one_problem,
                                  NULL};
    return run_tests("kit http wire", tests);
}
