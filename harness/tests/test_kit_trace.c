/* Traces: the W3C header's rules, and span lines that several writers may append. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kit/error.h"
#include "kit/json.h"
#include "kit/trace.h"
#include "run_tests.h"

#define TRACE_ID "0af7651916cd43dd8448eb211c80319c"
#define SPAN_ID  "b7ad6b7169203331"
#define HEADER   "00-" TRACE_ID "-" SPAN_ID "-01"

static void assert_id(const char *id, size_t length)
{
    ck_assert_uint_eq(strlen(id), length);
    ck_assert_uint_eq(strspn(id, "0123456789abcdef"), length);
    ck_assert_uint_lt(strspn(id, "0"), length);
}

START_TEST(a_valid_header_is_continued)
{
    const struct {
        const char *header;
        int sampled;
    } cases[] = {{HEADER, 1},
                 {"00-" TRACE_ID "-" SPAN_ID "-00", 0},
                 {"00-" TRACE_ID "-" SPAN_ID "-02", 0}, /* only the lowest bit means sampled */
                 {"00-" TRACE_ID "-" SPAN_ID "-03", 1},
                 {"00-" TRACE_ID "-" SPAN_ID "-ff", 1},
                 {"01-" TRACE_ID "-" SPAN_ID "-01", 1},
                 {"cc-" TRACE_ID "-" SPAN_ID "-01-what-the-future-brings", 1},
                 {"cc-" TRACE_ID "-" SPAN_ID "-01-", 1}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct trace trace = trace_from_header(cases[i].header);
        ck_assert_str_eq(trace.trace_id, TRACE_ID);
        ck_assert_str_eq(trace.parent_id, SPAN_ID);
        ck_assert_int_eq(trace.sampled, cases[i].sampled);
        assert_id(trace.span_id, 16);
        ck_assert_str_ne(trace.span_id, SPAN_ID);
    }
}
END_TEST

START_TEST(any_other_header_begins_a_new_trace)
{
    const char *const cases[] = {NULL,
                                 "",
                                 "00",
                                 "00-" TRACE_ID,
                                 "00-" TRACE_ID "-" SPAN_ID,
                                 "00-" TRACE_ID "-" SPAN_ID "-0",
                                 "00-" TRACE_ID "-" SPAN_ID "-0g",
                                 "00-" TRACE_ID "-" SPAN_ID "-01-",
                                 "00-" TRACE_ID "-" SPAN_ID "-01-more",
                                 "00-" TRACE_ID "-" SPAN_ID "-011",
                                 "cc-" TRACE_ID "-" SPAN_ID "-01.more",
                                 "ff-" TRACE_ID "-" SPAN_ID "-01",
                                 " " HEADER,
                                 HEADER " ",
                                 "00_" TRACE_ID "_" SPAN_ID "_01",
                                 "00-0AF7651916CD43DD8448EB211C80319C-" SPAN_ID "-01",
                                 "00-" TRACE_ID "-B7AD6B7169203331-01",
                                 "00-00000000000000000000000000000000-" SPAN_ID "-01",
                                 "00-" TRACE_ID "-0000000000000000-01"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct trace trace = trace_from_header(cases[i]);
        assert_id(trace.trace_id, 32);
        assert_id(trace.span_id, 16);
        ck_assert_msg(strcmp(trace.trace_id, TRACE_ID) != 0, "taken: %s", cases[i]);
        ck_assert_str_eq(trace.parent_id, "");
        ck_assert_int_eq(trace.sampled, 1);
    }
}
END_TEST

START_TEST(a_child_hangs_below_its_parent_and_hands_the_trace_on)
{
    struct trace parent = trace_from_header(HEADER);
    struct trace child = trace_child(&parent);
    ck_assert_str_eq(child.trace_id, TRACE_ID);
    ck_assert_str_eq(child.parent_id, parent.span_id);
    ck_assert_str_ne(child.span_id, parent.span_id);
    char header[TRACEPARENT_SIZE];
    trace_header(&child, header);
    char expected[80];
    snprintf(expected, sizeof expected, "00-%s-%s-01", TRACE_ID, child.span_id);
    ck_assert_str_eq(header, expected);
    struct trace next = trace_from_header(header);
    ck_assert_str_eq(next.parent_id, child.span_id);

    child.sampled = 0;
    trace_header(&child, header);
    ck_assert_str_eq(header + strlen(header) - 3, "-00");
}
END_TEST

/* --- spans ----------------------------------------------------------------------------------- */

static char folder[] = "/tmp/svclab-test-trace.XXXXXX";
static char file[sizeof folder + 8];

static void make_folder(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(file, sizeof file, "%s/spans", folder);
}

static void remove_folder(void)
{
    unlink(file);
    rmdir(folder);
}

static struct span any_span(const struct trace *trace)
{
    return (struct span){.trace = trace,
                         .name = "POST /orders/{id}",
                         .kind = "server",
                         .peer = NULL,
                         .start_unix_ns = 1795339800123456789,
                         .end_unix_ns = 1795339800223456789,
                         .http_status = 201};
}

/* The whole file; "" when there is none. */
static void read_file(struct text *content)
{
    text_clear(content);
    FILE *in = fopen(file, "r");
    if (in != NULL) {
        char bytes[4096];
        size_t got = 0;
        while ((got = fread(bytes, 1, sizeof bytes, in)) > 0)
            text_append(content, bytes, got);
        fclose(in);
    }
}

START_TEST(a_span_is_one_line_of_json)
{
    make_folder();
    struct trace trace = trace_from_header(HEADER);
    struct span span = any_span(&trace);
    struct tracer *tracer = tracer_open("order", file);
    tracer_write(tracer, &span);
    tracer_close(tracer);
    char expected[512];
    snprintf(expected, sizeof expected,
             "{\"traceId\":\"%s\",\"spanId\":\"%s\",\"parentSpanId\":\"%s\",\"service\":\"order\","
             "\"name\":\"POST /orders/{id}\",\"kind\":\"server\","
             "\"startUnixNano\":\"1795339800123456789\",\"endUnixNano\":\"1795339800223456789\","
             "\"status\":\"ok\",\"peer\":\"\",\"target\":\"\",\"httpStatus\":201}\n",
             TRACE_ID, trace.span_id, SPAN_ID);
    struct text content = {0};
    read_file(&content);
    ck_assert_str_eq(text_str(&content), expected);
    text_release(&content);
    remove_folder();
}
END_TEST

START_TEST(a_span_is_an_error_by_the_rules_of_its_side)
{
    const struct {
        const char *kind;
        int http_status;
        const char *status;
    } cases[] = {{"server", 200, "ok"},    {"server", 404, "ok"},    {"server", 499, "ok"},
                 {"server", 500, "error"}, {"server", 0, "error"},   {"client", 200, "ok"},
                 {"client", 399, "ok"},    {"client", 400, "error"}, {"client", 503, "error"},
                 {"client", 0, "error"}};
    make_folder();
    struct trace trace = trace_from_header(NULL);
    struct text content = {0};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct span span = any_span(&trace);
        span.kind = cases[i].kind;
        span.http_status = cases[i].http_status;
        span.peer = "user";
        span.target = "/users/7";
        unlink(file);
        struct tracer *tracer = tracer_open("order", file);
        tracer_write(tracer, &span);
        tracer_close(tracer);
        read_file(&content);
        cJSON *line = json_parse(content.bytes, content.length, NULL);
        ck_assert_ptr_nonnull(line);
        struct json_errors errors = {0};
        struct json_reader reader = json_reader(line, &errors);
        ck_assert_msg(strcmp(json_string(&reader, "status", 1, 9), cases[i].status) == 0,
                      "%s %d is not %s", cases[i].kind, cases[i].http_status, cases[i].status);
        ck_assert_str_eq(json_string(&reader, "peer", 1, 9), "user");
        ck_assert_str_eq(json_string(&reader, "target", 1, 9), "/users/7");
        cJSON_Delete(line);
    }
    text_release(&content);
    remove_folder();
}
END_TEST

START_TEST(without_a_file_or_a_sampled_trace_nothing_is_written)
{
    make_folder();
    struct trace trace = trace_from_header("00-" TRACE_ID "-" SPAN_ID "-00");
    struct span span = any_span(&trace);
    struct tracer *tracer = tracer_open("order", file);
    tracer_write(tracer, &span);
    tracer_close(tracer);
    struct text content = {0};
    read_file(&content);
    ck_assert_str_eq(text_str(&content), "");
    text_release(&content);

    trace.sampled = 1;
    const char *const none[] = {NULL, "/nonexistent/folder/spans"};
    for (size_t i = 0; i < 2; i++) {
        tracer = tracer_open("order", none[i]);
        ck_assert_ptr_nonnull(tracer);
        tracer_write(tracer, &span);
        tracer_close(tracer);
    }
    remove_folder();
}
END_TEST

START_TEST(processes_may_share_the_file)
{
    enum { PROCESSES = 4, SPANS = 300 };
    make_folder();
    pid_t children[PROCESSES];
    for (int i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        ck_assert_int_ge(children[i], 0);
        if (children[i] == 0) {
            struct tracer *tracer = tracer_open("order", file);
            for (int number = 0; number < SPANS; number++) {
                struct trace trace = trace_from_header(HEADER);
                struct span span = any_span(&trace);
                tracer_write(tracer, &span);
            }
            tracer_close(tracer);
            _exit(0);
        }
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status = 0;
        ck_assert_int_eq(waitpid(children[i], &status, 0), children[i]);
        ck_assert_int_eq(status, 0);
    }
    struct text content = {0};
    read_file(&content);
    int lines = 0;
    for (const char *at = content.bytes; *at != '\0'; lines++) {
        size_t length = strcspn(at, "\n");
        cJSON *line = json_parse(at, length, NULL);
        ck_assert_msg(line != NULL, "torn: %.*s", (int)length, at);
        cJSON_Delete(line);
        at += length + 1;
    }
    ck_assert_int_eq(lines, PROCESSES * SPANS);
    text_release(&content);
    remove_folder();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_valid_header_is_continued,
                                  any_other_header_begins_a_new_trace,
                                  a_child_hangs_below_its_parent_and_hands_the_trace_on,
                                  a_span_is_one_line_of_json,
                                  a_span_is_an_error_by_the_rules_of_its_side,
                                  without_a_file_or_a_sampled_trace_nothing_is_written,
                                  processes_may_share_the_file,
                                  NULL};
    return run_tests("kit trace", tests);
}
