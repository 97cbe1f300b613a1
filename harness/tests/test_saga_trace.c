/*
 * Lab 03's traces: what breaks a rule of the world in the probe breaks the same rule in the judge,
 * which sees the trace alone.
 */
#include <string.h>

#include "03-saga/trace.h"
#include "03-saga/world.h"
#include "tests/run_tests.h"

/* A saga that asks for one thing at START, and for nothing else. */
struct lone {
    struct saga_actions actions;
    struct trace_keys keys;
    struct text trace;
};

static int lone_begin(void *context, const struct saga_action *records, int count)
{
    (void)records;
    (void)count;
    text_append(&((struct lone *)context)->trace, "b", 1);
    return 0;
}

static int lone_handle(void *context, const struct saga_event *event, struct saga_actions *actions)
{
    struct lone *lone = context;
    actions->count = 0;
    if (event->kind == SAGA_EVENT_START)
        *actions = lone->actions;
    trace_actions(&lone->trace, &lone->keys, actions);
    return 0;
}

static int traced_begin(void *context, const struct saga_action *records, int count)
{
    (void)records;
    (void)count;
    ++*(const char **)context;
    return 0;
}

static int traced_handle(void *context, const struct saga_event *event,
                         struct saga_actions *actions)
{
    (void)event;
    ck_assert_int_eq(trace_read(context, actions), 0);
    return 0;
}

/* Plays the action in both worlds; the rule that broke in both. */
static const char *broken_rule(const struct saga_action *action, int count)
{
    static struct world world;
    static struct lone lone;
    const struct schedule schedule = {0};
    lone = (struct lone){.actions = {.count = count}};
    lone.actions.list[0] = *action;
    world_run(&world, &world_plain, &schedule, (struct world_saga){&lone, lone_begin, lone_handle});
    const char *rule = world.rule, *at = text_str(&lone.trace);
    ck_assert_ptr_nonnull(rule);
    world_run(&world, &world_plain, &schedule,
              (struct world_saga){&at, traced_begin, traced_handle});
    ck_assert_ptr_nonnull(world.rule);
    ck_assert_str_eq(world.rule, rule);
    ck_assert_str_eq(at, "");
    text_release(&lone.trace);
    return rule;
}

static struct saga_action sending(enum saga_step step, int attempt, const char *key)
{
    struct saga_action action = {.kind = SAGA_SEND};
    action.as.command = (struct saga_command){.step = step, .attempt = attempt};
    memcpy(action.as.command.key, key, strlen(key));
    return action;
}

START_TEST(what_is_wrong_by_itself_breaks_the_same_rule_in_both_worlds)
{
    struct saga_action empty = {.kind = SAGA_APPEND}, large = {.kind = SAGA_APPEND};
    struct saga_action unknown = {.kind = (enum saga_action_kind)7};
    struct saga_action done = {.kind = SAGA_DONE}, never = {.kind = SAGA_TIMER};
    struct saga_action nowhere = sending(SAGA_STEPS, 1, "key"), zeroth = sending(SAGA_SHIP, 0, "k");
    struct saga_action unkeyed = sending(SAGA_PAY, 1, ""), endless = sending(SAGA_PAY, 1, "k");
    large.as.payload.length = SAGA_PAYLOAD_MAX + 1;
    done.as.phase = (enum saga_phase)9;
    never.as.timer.after_ms = -1;
    memset(endless.as.command.key, 'k', SAGA_KEY_SIZE);
    const struct {
        const struct saga_action *action;
        int count;
        const char *word; /* of the rule */
    } cases[] = {
        {&empty, 1, "512 bytes"},   {&large, 1, "512 bytes"},      {&unknown, 1, "An action is"},
        {&done, 1, "An action is"}, {&nowhere, 1, "An action is"}, {&zeroth, 1, "from 1"},
        {&unkeyed, 1, "63"},        {&endless, 1, "63"},           {&never, 1, "timer"},
        {&empty, 9, "at most 8"},   {&empty, -1, "at most 8"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *rule = broken_rule(cases[i].action, cases[i].count);
        ck_assert_msg(strstr(rule, cases[i].word) != NULL, "case %zu broke: %s", i, rule);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        what_is_wrong_by_itself_breaks_the_same_rule_in_both_worlds,
        NULL,
    };
    return run_tests("saga_trace", tests);
}
