/* What users can do while a service is down: small designs, and each outcome by hand. */
#include <check.h>
#include <string.h>

#include "04-chat/chat_design.h"
#include "suites/04-chat/failure_walk.h"
#include "tests/run_tests.h"

/* The flows of the design that is declared next; the services stand in chat_design. */
static void (*flows)(struct chat_design *design);

enum { GATEWAY, MESSAGE, CHANNEL, PUSH, SERVICES };

int chat_design(struct chat_design *design, struct error *err)
{
    (void)err;
    service(HERE, "gateway", 2, (struct scale){0});
    service(HERE, "message", 2, (struct scale){.copies = 2});
    service(HERE, "channel", 2, (struct scale){.copies = 1});
    service(HERE, "push", 1, (struct scale){0});
    entity(HERE, "gateway", "connections", OWNS_CONNECTIONS);
    entity(HERE, "message", "messages", OWNS_MESSAGES);
    entity(HERE, "channel", "members", OWNS_CHANNELS);
    command(HERE, "gateway", "send", "connections");
    command(HERE, "gateway", "other", "connections");
    command(HERE, "message", "append", "messages");
    query(HERE, "message", "after", "messages");
    event(HERE, "message", "appended", "messages");
    event(HERE, "gateway", "new", "messages");
    query(HERE, "channel", "is member", "members");
    event(HERE, "channel", "changed", "members");
    command(HERE, "push", "wake", NULL);
    event(HERE, "push", "woken", NULL);
    copy_of(HERE, "gateway", "members seen", "members", "changed");
    flows(design);
    return 0;
}

#define CALL(...) ((struct patience){__VA_ARGS__})

static void to_gateway(struct chat_design *design, int requirements, int64_t timeout_ms)
{
    flow(HERE, "flow", requirements);
    call(HERE, "client", "gateway", "send", CALL(.timeout_ms = timeout_ms));
}

static void append(struct chat_design *design)
{
    call(HERE, "gateway", "message", "append", CALL(.timeout_ms = 1000));
}

static void plain(struct chat_design *design)
{
    to_gateway(design, CAN_SEND, 3000);
    call(HERE, "gateway", "channel", "is member", CALL(.timeout_ms = 300));
    append(design);
}

static void with_default(struct chat_design *design)
{
    to_gateway(design, CAN_SEND, 3000);
    call(HERE, "gateway", "channel", "is member", CALL(300, 2, OR_DEFAULT));
    append(design);
}

static void with_copy(struct chat_design *design)
{
    to_gateway(design, CAN_SEND, 3000);
    call(HERE, "gateway", "channel", "is member", CALL(300, 2, OR_COPY));
    append(design);
}

/* The message service asks, and keeps no copy. */
static void with_no_copy(struct chat_design *design)
{
    to_gateway(design, CAN_SEND, 9000);
    append(design);
    call(HERE, "message", "channel", "is member", CALL(300, 2, OR_COPY));
}

static void waits_just_long_enough(struct chat_design *design)
{
    to_gateway(design, CAN_SEND, 600);
    call(HERE, "gateway", "channel", "is member", CALL(300, 2, OR_DEFAULT));
}

static void waits_too_long(struct chat_design *design)
{
    to_gateway(design, CAN_SEND, 599);
    call(HERE, "gateway", "channel", "is member", CALL(300, 2, OR_DEFAULT));
}

/* The message service waits 2 x 300 ms for the channel; the gateway gives it 500, then goes on. */
static void waits_too_long_inside(struct chat_design *design)
{
    to_gateway(design, CAN_SEND, 3000);
    call(HERE, "gateway", "message", "after", CALL(500, 1, OR_DEFAULT));
    call(HERE, "message", "channel", "is member", CALL(300, 2, OR_DEFAULT));
}

static void caught_further_up(struct chat_design *design)
{
    to_gateway(design, CAN_SEND, 3000);
    call(HERE, "gateway", "message", "after", CALL(500, 1, OR_DEFAULT));
    call(HERE, "message", "channel", "is member", CALL(300, 1, OR_FAIL));
}

static void delivered(struct chat_design *design, int64_t buffer)
{
    to_gateway(design, CAN_SEND | CAN_DELIVER | CAN_NOTIFY, 3000);
    append(design);
    post(HERE, "message", "push", "appended", (struct backlog){.buffer = buffer});
    post(HERE, "push", "phone", "woken", (struct backlog){.buffer = 1});
    post(HERE, "message", "gateway", "appended", (struct backlog){.buffer = 5000000});
    stream(HERE, "gateway", "reader", "new", (struct spread){.audience = TO_CHANNEL_MEMBERS});
}

static void buffer_lasts(struct chat_design *design)
{
    delivered(design, 2777778); /* 600 s at 4,629.6 */
}

static void buffer_is_one_short(struct chat_design *design)
{
    delivered(design, 2777777);
}

/* What is posted asks somebody who is away: it waits like what is posted to him. */
static void handled_with_help(struct chat_design *design)
{
    to_gateway(design, CAN_NOTIFY, 3000);
    append(design);
    post(HERE, "message", "push", "appended", (struct backlog){.buffer = 5000000});
    call(HERE, "push", "channel", "is member", CALL(.timeout_ms = 300));
    post(HERE, "push", "phone", "woken", (struct backlog){.buffer = 1});
}

static void streamed_between(struct chat_design *design)
{
    to_gateway(design, CAN_SEND | CAN_DELIVER, 3000);
    append(design);
    stream(HERE, "message", "push", "appended", (struct spread){.audience = TO_SUBSCRIBERS});
    stream(HERE, "push", "reader", "woken", (struct spread){.audience = TO_SUBSCRIBERS});
}

static void streamed_with_catch_up(struct chat_design *design)
{
    streamed_between(design);
    flow(HERE, "catch up", CAN_CATCH_UP);
    call(HERE, "reader", "message", "after", CALL(.timeout_ms = 300));
}

static void two_ways(struct chat_design *design)
{
    plain(design);
    flow(HERE, "other way", CAN_SEND);
    call(HERE, "client", "message", "append", CALL(.timeout_ms = 300));
}

/* Not on the way to the result: what is posted aside. */
static void posted_aside(struct chat_design *design)
{
    to_gateway(design, CAN_SEND, 3000);
    append(design);
    post(HERE, "message", "push", "appended", (struct backlog){.buffer = 1});
}

/* Each client's call has to do; the store of files is never down. */
static void two_calls_of_the_client(struct chat_design *design)
{
    command(HERE, "store", "put", NULL);
    to_gateway(design, CAN_SHARE_FILE, 3000);
    call(HERE, "client", "store", "put", CALL(.timeout_ms = 60000));
    call(HERE, "client", "channel", "is member", CALL(.timeout_ms = 300));
}

static const struct row {
    const char *name;
    void (*flows)(struct chat_design *design);
    int down, requirement;
    const char *outcome;
} rows[] = {
    {"plain", plain, GATEWAY, CAN_SEND, "fails"},
    {"plain", plain, MESSAGE, CAN_SEND, "fails"},
    {"plain", plain, CHANNEL, CAN_SEND, "fails"},
    {"plain", plain, PUSH, CAN_SEND, "ok"},
    {"with default", with_default, CHANNEL, CAN_SEND, "degraded"},
    {"with default", with_default, MESSAGE, CAN_SEND, "fails"},
    {"with copy", with_copy, CHANNEL, CAN_SEND, "degraded"},
    {"with no copy", with_no_copy, CHANNEL, CAN_SEND, "fails"},
    {"waits just long enough", waits_just_long_enough, CHANNEL, CAN_SEND, "degraded"},
    {"waits too long", waits_too_long, CHANNEL, CAN_SEND, "fails"},
    {"waits too long inside", waits_too_long_inside, CHANNEL, CAN_SEND, "degraded"},
    {"waits too long inside", waits_too_long_inside, MESSAGE, CAN_SEND, "degraded"},
    {"caught further up", caught_further_up, CHANNEL, CAN_SEND, "degraded"},
    {"buffer lasts", buffer_lasts, PUSH, CAN_NOTIFY, "late"},
    {"buffer lasts", buffer_lasts, PUSH, CAN_DELIVER, "ok"},
    {"buffer lasts", buffer_lasts, PUSH, CAN_SEND, "ok"},
    {"buffer lasts", buffer_lasts, MESSAGE, CAN_DELIVER, "fails"},
    {"buffer is one short", buffer_is_one_short, PUSH, CAN_NOTIFY, "lost"},
    {"buffer is one short", buffer_is_one_short, PUSH, CAN_DELIVER, "ok"},
    {"handled with help", handled_with_help, CHANNEL, CAN_NOTIFY, "late"},
    {"handled with help", handled_with_help, PUSH, CAN_NOTIFY, "late"},
    {"streamed between", streamed_between, PUSH, CAN_DELIVER, "lost"},
    {"streamed between", streamed_between, PUSH, CAN_SEND, "ok"},
    {"streamed with catch up", streamed_with_catch_up, PUSH, CAN_DELIVER, "late"},
    {"two ways", two_ways, CHANNEL, CAN_SEND, "ok"},
    {"two ways", two_ways, GATEWAY, CAN_SEND, "ok"},
    {"two ways", two_ways, MESSAGE, CAN_SEND, "fails"},
    {"posted aside", posted_aside, PUSH, CAN_SEND, "ok"},
    {"two calls of the client", two_calls_of_the_client, CHANNEL, CAN_SHARE_FILE, "fails"},
    {"two calls of the client", two_calls_of_the_client, MESSAGE, CAN_SHARE_FILE, "ok"},
    {"nobody serves it", plain, PUSH, CAN_FIND, "fails"},
};

static int bit_of(int requirement)
{
    int at = 0;
    while (1 << at != requirement)
        at++;
    return at;
}

static const struct chat_model *model_of(void (*declared)(struct chat_design *design))
{
    static struct chat_model model;
    struct design_place place = {0};
    struct error err = {0};
    flows = declared;
    const int code = chat_model_build(&model, &place, &err);
    ck_assert_msg(code == 0, "line %d: %s", place.line, err.text);
    return &model;
}

START_TEST(outcomes_are_those_worked_out_by_hand)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        static struct survival survival;
        const struct row *row = &rows[i];
        failure_walk(model_of(row->flows), &survival);
        const struct walked *got = &survival.down[row->down][bit_of(row->requirement)];
        ck_assert_msg(strcmp(outcome_name(got->outcome), row->outcome) == 0,
                      "%s: \"%s\" without service %d is %s, not %s", row->name,
                      requirement_name((enum requirement)row->requirement), row->down,
                      outcome_name(got->outcome), row->outcome);
    }
}
END_TEST

START_TEST(hop_that_decides_is_named)
{
    static struct survival survival;
    const struct chat_model *model = model_of(plain);
    failure_walk(model, &survival);
    const struct walked *got = &survival.down[CHANNEL][bit_of(CAN_SEND)];
    ck_assert_int_eq(got->flow, 0);
    ck_assert_int_eq(model->flows[0].hops[got->hop].to, CHANNEL);
    ck_assert_int_eq(survival.down[PUSH][bit_of(CAN_SEND)].hop, DESIGN_NONE);
    ck_assert_int_eq(survival.down[PUSH][bit_of(CAN_FIND)].flow, DESIGN_NONE);
}
END_TEST

/* Two instances and two copies outlast one; connections need no copy. */
START_TEST(one_instance_is_outlasted_by_another_that_has_the_data)
{
    static const char *const outcomes[SERVICES] = {"ok", "ok", "fails", "ok"};
    static struct survival survival;
    failure_walk(model_of(plain), &survival);
    for (int i = 0; i < SERVICES; i++)
        ck_assert_str_eq(outcome_name(survival.one_down[i][bit_of(CAN_SEND)].outcome), outcomes[i]);
    failure_walk(model_of(buffer_lasts), &survival);
    ck_assert_str_eq(outcome_name(survival.one_down[PUSH][bit_of(CAN_NOTIFY)].outcome), "late");
}
END_TEST

START_TEST(only_ok_and_degraded_are_survived)
{
    static const int survived[] = {1, 1, 0, 0, 0};
    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(outcome_is_survived((enum outcome)i), survived[i]);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {outcomes_are_those_worked_out_by_hand, hop_that_decides_is_named,
                                  one_instance_is_outlasted_by_another_that_has_the_data,
                                  only_ok_and_degraded_are_survived, NULL};
    return run_tests("chat_failure", tests);
}
