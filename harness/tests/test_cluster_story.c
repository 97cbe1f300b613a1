#define _GNU_SOURCE
/*
 * The story of real services that call each other: in causal order, with faults where they struck.
 */
#include "judge/cluster_check.h"
#include "judge/run_internal.h"
#include "tests/cluster_fixture.h"
#include "tests/span_fixture.h"

#define USER  "user-service"
#define ORDER "order-service"

struct stage {
    struct fixture fixture;
    struct result result;
    struct lab lab;
    struct check_run run;
};

static void stage_open(struct stage *stage)
{
    static const char *const needs[] = {USER, NULL};
    static const struct service_entry entries[] = {
        {.name = USER, .program = BUILD_FOLDER "/peers/user-service"},
        {.name = ORDER,
         .program = BUILD_FOLDER "/asan/tests/fake_caller",
         .student = 1,
         .needs = needs},
    };
    *stage = (struct stage){.lab = {.name = "spans"}};
    fixture_open(&stage->fixture);
    stage->run = (struct check_run){.lab = &stage->lab,
                                    .launcher = stage->fixture.launcher,
                                    .work_dir = stage->fixture.dir,
                                    .result = &stage->result};
    ck_assert_msg(run_cluster(&stage->run, entries, 2) == 0, "%s", stage->result.got);
}

static void call_order(struct stage *stage, int status)
{
    struct http_reply reply;
    run_http(&stage->run, ORDER, "GET", "/orders/user-123", NULL, NULL, 0, &reply);
    ck_assert_int_eq(reply.status, status);
    http_reply_release(&reply);
}

/* Ends the cluster as a failed check does; then the story is whole. */
static void stage_end(struct stage *stage, struct text *out)
{
    run_story(&stage->run, run_story_ms(&stage->run), STORY_NOTE, "judge", NULL, "the end");
    run_fail(&stage->run, "wrong answer", "a story", "a story");
    run_cluster_end(&stage->run);
    story_text(&stage->result.story, out);
}

static void stage_close(struct stage *stage)
{
    result_release(&stage->result);
    fixture_close(&stage->fixture);
}

START_TEST(two_hops_of_real_services_are_in_causal_order_a_hundred_times)
{
    enum { TIMES = 100 };
    static const char once[] = "c judge order: GET /orders/user-123\n"
                               "c order user: GET /users/user-123\n"
                               "r user order: 200\n"
                               "r order judge: 200 \n";
    struct stage stage;
    struct text got = {0};
    stage_open(&stage);
    for (int i = 0; i < TIMES; i++)
        call_order(&stage, 200);
    stage_end(&stage, &got);
    const char *at = text_str(&got);
    for (int i = 0; i < TIMES; i++, at += sizeof once - 1)
        ck_assert_msg(strncmp(at, once, sizeof once - 1) == 0, "call %d:\n%.*s", i,
                      (int)sizeof once + 100, at);
    ck_assert_str_eq(at, "n judge : the end\n");
    text_release(&got);
    stage_close(&stage);
}
END_TEST

START_TEST(a_fault_stands_where_it_strikes)
{
    struct stage stage;
    struct text got = {0};
    stage_open(&stage);
    call_order(&stage, 200);
    ck_assert_int_eq(run_fault(&stage.run, USER, FAULT_STATUS, 503), 0);
    call_order(&stage, 503);
    ck_assert_int_eq(run_fault(&stage.run, USER, FAULT_CLOSE_BEFORE, 0), 0);
    call_order(&stage, 503);
    ck_assert_int_eq(run_fault(&stage.run, USER, FAULT_NONE, 0), 0);
    call_order(&stage, 200);
    stage_end(&stage, &got);
    ck_assert_str_eq(text_str(&got), "c judge order: GET /orders/user-123\n"
                                     "c order user: GET /users/user-123\n"
                                     "r user order: 200\n"
                                     "r order judge: 200 \n"
                                     "f user : status 503\n"
                                     "c judge order: GET /orders/user-123\n"
                                     "c order user: GET /users/user-123\n"
                                     "f user order: 503 (status 503)\n"
                                     "r order judge: 503 \n"
                                     "f user : close_before\n"
                                     "c judge order: GET /orders/user-123\n"
                                     "c order user: GET /users/user-123\n"
                                     "f user order: no answer (close_before)\n"
                                     "r order judge: 503 \n"
                                     "n user : works again\n"
                                     "c judge order: GET /orders/user-123\n"
                                     "c order user: GET /users/user-123\n"
                                     "r user order: 200\n"
                                     "r order judge: 200 \n"
                                     "n judge : the end\n");
    text_release(&got);
    stage_close(&stage);
}
END_TEST

START_TEST(a_call_that_still_hangs_is_in_the_story)
{
    enum { GIVE_UP_MS = 200 };
    struct stage stage;
    struct text got = {0};
    struct http_reply reply;
    stage_open(&stage);
    ck_assert_int_eq(run_fault(&stage.run, USER, FAULT_HANG, 0), 0);
    run_http(&stage.run, ORDER, "GET", "/orders/user-123", NULL, NULL, GIVE_UP_MS, &reply);
    ck_assert_int_eq(reply.outcome, HTTP_TIMEOUT);
    http_reply_release(&reply);
    stage_end(&stage, &got);
    ck_assert_str_eq(text_str(&got), "f user : hang\n"
                                     "c judge order: GET /orders/user-123\n"
                                     "c order user: GET /users/user-123\n"
                                     "r order judge: no answer: timeout\n"
                                     "n judge : the end\n");
    text_release(&got);
    stage_close(&stage);
}
END_TEST

START_TEST(what_a_service_writes_into_the_spans_harms_nobody)
{
    static const char *const lines[] = {
        "{\"traceId\":\"x\",\"spanId\":\"a\",\"parentSpanId\":\"a\",\"service\":\"judge\","
        "\"kind\":\"client\",\"name\":\"GET\",\"startUnixNano\":\"1\",\"peer\":\"\"}\n",
        "{\"traceId\":\"x\",\"spanId\":\"b\",\"service\":\"\\u001b[2J\",\"kind\":\"client\","
        "\"name\":\"%s%n\",\"startUnixNano\":\"3999999999999999999\",\"peer\":\"\\n\"}\n",
        "{{{{{{{{[[[[[[",
        "\xff\n",
        "\n\n",
        "{\"spanId\":\"c\",\"service\":\"order-service\",\"kind\":\"server\",\"parentSpanId\":"
        "\"gone\",\"startUnixNano\":\"3999999999999999999\",\"endUnixNano\":"
        "\"4000000000000000000\"}"};
    struct stage stage;
    struct text got = {0};
    stage_open(&stage);
    call_order(&stage, 200);
    FILE *file = fopen(cluster_spans(stage.run.cluster), "ae");
    ck_assert_ptr_nonnull(file);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        fputs(lines[i], file);
    fclose(file);
    stage_end(&stage, &got);
    const char *at = text_str(&got);
    static const char *const order[] = {"c judge order: GET /orders", "c order user: GET /users",
                                        "r user order: 200", "r order judge: 200"};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        ck_assert_msg((at = strstr(at, order[i])) != NULL, "%s is missing in\n%s", order[i],
                      text_str(&got));
    text_release(&got);
    stage_close(&stage);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        two_hops_of_real_services_are_in_causal_order_a_hundred_times,
        a_fault_stands_where_it_strikes,
        a_call_that_still_hangs_is_in_the_story,
        what_a_service_writes_into_the_spans_harms_nobody,
        NULL,
    };
    return run_tests("cluster story", tests);
}
