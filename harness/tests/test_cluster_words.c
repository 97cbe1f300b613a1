/*
 * The words of cluster checks that need no cluster: looking into replies.
 */
#include <string.h>

#include "judge/cluster_check.h"
#include "judge/run_internal.h"
#include "kit/error.h"
#include "tests/run_tests.h"

struct exchange {
    struct result result;
    struct check_run run;
    struct http_reply reply;
};

static void exchange_open(struct exchange *exchange, int status, const char *type, const char *body)
{
    *exchange = (struct exchange){.reply = {.outcome = HTTP_OK, .status = status}};
    exchange->run.result = &exchange->result;
    text_addf(&exchange->reply.headers, "Content-Type: %s\r\n", type);
    text_add(&exchange->reply.body, body);
}

static void exchange_close(struct exchange *exchange)
{
    result_release(&exchange->result);
    http_reply_release(&exchange->reply);
}

static const char order[] = "{\"id\":\"o-1\",\"total\":40,\"paid\":false,\"note\":null,"
                            "\"items\":[{\"price\":19.90},{\"price\":0.1,\"tags\":[\"a\"]}]}";

START_TEST(members_are_found_by_path_and_numbers_compare_by_value)
{
    static const struct {
        const char *path, *value;
        int wrong;
    } cases[] = {
        {"id", "o-1", 0},
        {"total", "40", 0},
        {"total", "40.00", 0},
        {"total", "40.01", 1},
        {"total", "forty", 1},
        {"total", "", 1},
        {"paid", "false", 0},
        {"note", "null", 0},
        {"items[0].price", "19.9", 0},
        {"items[1].price", "0.10", 0},
        {"items[1].tags[0]", "a", 0},
        {"items[1].tags", "[\"a\"]", 0},
        {"items[2].price", "1", 1},
        {"items[-1].price", "1", 1},
        {"ID", "o-1", 1},
        {"id.length", "3", 1},
        {"nothing", "", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct exchange exchange;
        exchange_open(&exchange, 200, "application/json", order);
        int wrong = run_expect_json(&exchange.run, &exchange.reply, cases[i].path, cases[i].value);
        ck_assert_msg(wrong == cases[i].wrong, "%s = %s: got %s", cases[i].path, cases[i].value,
                      exchange.result.got != NULL ? exchange.result.got : "agreement");
        ck_assert_int_eq(run_ended(&exchange.run), cases[i].wrong);
        exchange_close(&exchange);
    }
}
END_TEST

START_TEST(first_finding_stands)
{
    struct exchange exchange;
    exchange_open(&exchange, 404, "application/json", order);
    ck_assert_int_eq(run_expect_status(&exchange.run, &exchange.reply, 200), 1);
    ck_assert_int_eq(run_expect_json(&exchange.run, &exchange.reply, "total", "41"), 1);
    ck_assert_int_eq(run_error(&exchange.run, "later"), 1);
    ck_assert_int_eq(exchange.result.verdict, VERDICT_FAIL);
    ck_assert_str_eq(exchange.result.expected, "status 200");
    exchange_close(&exchange);
}
END_TEST

START_TEST(problem_has_status_type_and_the_same_status_inside)
{
    static const struct {
        int status;
        const char *type, *body;
        int wrong;
    } cases[] = {
        {422, "application/problem+json", "{\"status\":422}", 0},
        {422, "application/problem+json; charset=utf-8", "{\"status\":422}", 0},
        {400, "application/problem+json", "{\"status\":422}", 1},
        {422, "application/json", "{\"status\":422}", 1},
        {422, "application/problem+jsonx", "{\"status\":422}", 1},
        {422, "application/problem+json", "{\"status\":400}", 1},
        {422, "application/problem+json", "not JSON", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct exchange exchange;
        exchange_open(&exchange, cases[i].status, cases[i].type, cases[i].body);
        ck_assert_msg(run_expect_problem(&exchange.run, &exchange.reply, 422) == cases[i].wrong,
                      "case %zu: %s", i,
                      exchange.result.got != NULL ? exchange.result.got : "agreement");
        exchange_close(&exchange);
    }
}
END_TEST

START_TEST(answer_501_is_not_written_yet)
{
    struct exchange exchange;
    exchange_open(&exchange, 501, "application/problem+json", "{}");
    run_expect_status(&exchange.run, &exchange.reply, 200);
    ck_assert_str_eq(exchange.result.reason, "not written yet");
    exchange_close(&exchange);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        members_are_found_by_path_and_numbers_compare_by_value,
        first_finding_stands,
        problem_has_status_type_and_the_same_status_inside,
        answer_501_is_not_written_yet,
        NULL,
    };
    return run_tests("cluster words", tests);
}
