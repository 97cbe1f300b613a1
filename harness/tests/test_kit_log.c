/*
 * The log: one object a line, one write a line. Standard error is replaced by one end of a datagram
 * socket, where each write arrives as a message of its own.
 */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json_read.h"
#include "kit/clock.h"
#include "kit/error.h"
#include "kit/json.h"
#include "kit/log.h"
#include "kit/trace.h"
#include "run_tests.h"

static int saved_stderr = -1;
static int log_socket = -1;

static void capture(void)
{
    int pair[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), 0);
    saved_stderr = dup(STDERR_FILENO);
    dup2(pair[1], STDERR_FILENO);
    close(pair[1]);
    log_socket = pair[0];
}

static void release(void)
{
    dup2(saved_stderr, STDERR_FILENO);
    close(saved_stderr);
    close(log_socket);
}

/* The next line as it was written, or "" when none was. */
static void next_line(char *line, size_t size)
{
    ssize_t length = recv(log_socket, line, size - 1, MSG_DONTWAIT);
    line[length > 0 ? length : 0] = '\0';
}

/* The next line, which must be one JSON object and a newline. */
static cJSON *next_object(void)
{
    char line[2 * LOG_LINE_MAX];
    next_line(line, sizeof line);
    size_t length = strlen(line);
    ck_assert_msg(length > 0, "nothing was logged");
    ck_assert_uint_le(length, LOG_LINE_MAX);
    ck_assert_ptr_eq(strchr(line, '\n'), line + length - 1);
    struct error err = {0};
    cJSON *object = json_parse(line, length, &err);
    ck_assert_msg(object != NULL, "%s: %s", line, err.text);
    return object;
}

START_TEST(a_line_says_when_how_bad_who_and_what)
{
    unsetenv("LOG_LEVEL");
    log_setup("order");
    log_info("order created", LOG_TEXT("order_id", "o-1"), LOG_INT("total_cents", INT64_MAX));
    char line[LOG_LINE_MAX + 1];
    recv(log_socket, line, sizeof line, MSG_PEEK);
    ck_assert_msg(strstr(line, "\"order_id\":\"o-1\",\"total_cents\":9223372036854775807}\n") !=
                      NULL,
                  "%s", line);
    cJSON *object = next_object();
    int64_t wall_ms = 0;
    ck_assert_int_eq(time_parse(json_member_text(object, "timestamp"), &wall_ms, NULL), 0);
    ck_assert_str_eq(json_member_text(object, "severity"), "INFO");
    ck_assert_str_eq(json_member_text(object, "service"), "order");
    ck_assert_str_eq(json_member_text(object, "message"), "order created");
    ck_assert_ptr_null(json_member(object, "trace_id"));
    ck_assert_ptr_null(json_member(object, "cut"));
    cJSON_Delete(object);
}
END_TEST

START_TEST(a_message_may_come_alone)
{
    log_warn("ready");
    log_error("gone");
    log_write(LOG_INFO, NULL, "bare", NULL);
    const char *const expected[][2] = {{"WARN", "ready"}, {"ERROR", "gone"}, {"INFO", "bare"}};
    for (size_t i = 0; i < 3; i++) {
        cJSON *object = next_object();
        ck_assert_str_eq(json_member_text(object, "severity"), expected[i][0]);
        ck_assert_str_eq(json_member_text(object, "message"), expected[i][1]);
        cJSON_Delete(object);
    }
}
END_TEST

START_TEST(a_trace_is_named_by_its_ids)
{
    struct trace trace =
        trace_from_header("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    log_write(LOG_INFO, &trace, "request", LOG_FIELDS(LOG_INT("status", 200)));
    cJSON *object = next_object();
    ck_assert_str_eq(json_member_text(object, "trace_id"), "0af7651916cd43dd8448eb211c80319c");
    ck_assert_str_eq(json_member_text(object, "span_id"), trace.span_id);
    ck_assert_str_eq(json_member_text(object, "trace_flags"), "01");
    cJSON_Delete(object);
}
END_TEST

START_TEST(control_characters_cannot_break_the_line)
{
    log_info("two\nlines\x1b[31m", LOG_TEXT("a\"b", "\r\x01\xff"));
    char line[LOG_LINE_MAX + 1];
    next_line(line, sizeof line);
    ck_assert_msg(strstr(line, "\"two\\nlines\\u001b[31m\"") != NULL, "%s", line);
    ck_assert_msg(strstr(line, "\"a\\\"b\":\"\\r\\u0001\xEF\xBF\xBD\"") != NULL, "%s", line);
}
END_TEST

START_TEST(a_long_line_is_cut_and_says_so)
{
    char long_text[3 * LOG_LINE_MAX];
    memset(long_text, '\x01', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    log_info("short", LOG_TEXT("before", "1"), LOG_TEXT("long", long_text), LOG_TEXT("after", "2"));
    cJSON *object = next_object();
    ck_assert_str_eq(json_member_text(object, "before"), "1");
    ck_assert_ptr_null(json_member(object, "long"));
    ck_assert_str_eq(json_member_text(object, "after"), "2");
    ck_assert(cJSON_IsTrue(json_member(object, "cut")));
    cJSON_Delete(object);

    log_info(long_text, LOG_TEXT("after", "2"));
    object = next_object();
    ck_assert_uint_eq(strlen(json_member_text(object, "message")), LOG_MESSAGE_MAX);
    ck_assert_str_eq(json_member_text(object, "after"), "2");
    ck_assert(cJSON_IsTrue(json_member(object, "cut")));
    cJSON_Delete(object);
}
END_TEST

/* x, length times. */
static const char *xs(size_t length, char text[LOG_LINE_MAX + 1])
{
    memset(text, 'x', length);
    text[length] = '\0';
    return text;
}

START_TEST(fields_of_any_length_leave_a_whole_line)
{
    int left_out = 0;
    for (size_t length = LOG_LINE_MAX - 200; length <= LOG_LINE_MAX; length++) {
        char text[LOG_LINE_MAX + 1];
        char beyond[LOG_LINE_MAX + 1];
        /* The second field never fits, so that "cut" stands behind the longest first one. */
        log_info("m", LOG_TEXT("field", xs(length, text)),
                 LOG_TEXT("no", xs(LOG_LINE_MAX, beyond)));
        cJSON *object = next_object(); /* checks the length too */
        left_out += !cJSON_HasObjectItem(object, "field");
        ck_assert(cJSON_HasObjectItem(object, "cut"));
        ck_assert(!cJSON_HasObjectItem(object, "no"));
        cJSON_Delete(object);
    }
    ck_assert_int_gt(left_out, 0);
    ck_assert_int_lt(left_out, 200);
}
END_TEST

START_TEST(the_level_decides_what_is_written)
{
    const struct {
        const char *level;
        int written[LOG_OFF];
    } cases[] = {{"debug", {1, 1, 1, 1}}, {"info", {0, 1, 1, 1}},  {"", {0, 1, 1, 1}},
                 {"warn", {0, 0, 1, 1}},  {"error", {0, 0, 0, 1}}, {"off", {0, 0, 0, 0}}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        setenv("LOG_LEVEL", cases[i].level, 1);
        log_setup("order");
        for (int level = LOG_DEBUG; level < LOG_OFF; level++) {
            char line[LOG_LINE_MAX + 1];
            log_write((enum log_level)level, NULL, "m", NULL);
            next_line(line, sizeof line);
            ck_assert_msg((line[0] != '\0') == cases[i].written[level], "LOG_LEVEL=%s, level %d",
                          cases[i].level, level);
            ck_assert_int_eq(log_enabled((enum log_level)level), cases[i].written[level]);
        }
        ck_assert(!log_enabled(LOG_OFF));
    }
}
END_TEST

START_TEST(an_unknown_level_ends_the_process_with_a_sentence)
{
    setenv("LOG_LEVEL", "verbose", 1);
    pid_t child = fork();
    if (child == 0) {
        log_setup("order");
        _exit(0);
    }
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), EXIT_FAILURE);
    char line[256];
    next_line(line, sizeof line);
    ck_assert_str_eq(line, "LOG_LEVEL is 'verbose'. Set it to debug, info, warn, error or off.\n");
}
END_TEST

START_TEST(logging_keeps_errno_even_when_nobody_listens)
{
    int nowhere = dup(STDERR_FILENO);
    close(STDERR_FILENO);
    errno = ENOSPC;
    log_error("disk is full");
    int kept = errno;
    dup2(nowhere, STDERR_FILENO);
    close(nowhere);
    ck_assert_int_eq(kept, ENOSPC);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kit log");
    TCase *tests = tcase_create("kit log");
    tcase_set_timeout(tests, TEST_TIMEOUT_S);
    tcase_add_checked_fixture(tests, capture, release);
    tcase_add_test(tests, a_line_says_when_how_bad_who_and_what);
    tcase_add_test(tests, a_message_may_come_alone);
    tcase_add_test(tests, a_trace_is_named_by_its_ids);
    tcase_add_test(tests, control_characters_cannot_break_the_line);
    tcase_add_test(tests, a_long_line_is_cut_and_says_so);
    tcase_add_test(tests, fields_of_any_length_leave_a_whole_line);
    tcase_add_test(tests, the_level_decides_what_is_written);
    tcase_add_test(tests, an_unknown_level_ends_the_process_with_a_sentence);
    tcase_add_test(tests, logging_keeps_errno_even_when_nobody_listens);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
