/*
 * Lab 03's world: when a saga may turn back and park, when it must, and how it undoes; and that a
 * setup says the same on both sides. The sagas here are traces (trace.h): what they ask for after
 * each event.
 */
#include <string.h>

#include "03-saga/trace.h"
#include "03-saga/world.h"
#include "kit/error.h"
#include "tests/run_tests.h"

static int traced_begin(void *context, const struct saga_action *records, int count)
{
    (void)records;
    (void)count;
    ck_assert_int_eq(**(const char **)context, 'b');
    ++*(const char **)context;
    return 0;
}

static int traced_handle(void *context, const struct saga_event *event,
                         struct saga_actions *actions)
{
    (void)event;
    actions->count = 0; /* after the end of the trace, nothing */
    if (**(const char **)context != '\0')
        ck_assert_int_eq(trace_read(context, actions), 0);
    return 0;
}

struct played {
    const char *about;
    const char *schedule, *trace;
    const char *word; /* of the rule that breaks; NULL = none may */
};

static void play(const struct played *played, const struct world_setup *setup)
{
    static struct world world;
    struct schedule schedule;
    const char *at = played->trace;
    ck_assert_int_eq(schedule_read(played->schedule, strlen(played->schedule), &schedule), 0);
    world_run(&world, setup, &schedule, (struct world_saga){&at, traced_begin, traced_handle});
    if (played->word == NULL)
        ck_assert_msg(world.rule == NULL, "%s broke: %s (%s)", played->about, world.rule,
                      world.seen);
    else
        ck_assert_msg(world.rule != NULL && strstr(world.rule, played->word) != NULL,
                      "%s broke: %s", played->about, world.rule != NULL ? world.rule : "no rule");
    ck_assert_msg(*at == '\0', "%s did not go as far as: %s", played->about, at);
    ck_assert_int_eq(world.faults_met, schedule.count);
}

static void play_all(const struct played *cases, size_t count, const struct world_setup *setup)
{
    for (size_t i = 0; i < count; i++)
        play(&cases[i], setup);
}

#define BEGIN      "bas0>1At100;|s1>1Bt110;|"
#define ROLLS_BACK BEGIN "s2>1Ct120;|s1<1Dt110;|" /* with the refusal of reserve, 3.11 */

START_TEST(a_saga_turns_back_for_a_reason_alone)
{
    static const struct played cases[] = {
        {"turning back at once", "-", "bad5|", "turns back"},
        {"undoing what was done", "-", BEGIN "s1<1Ct110;|", "turns back"},
        {"one attempt of two", "2.3", BEGIN "s1<1Ct110;|", "turns back"},
        {"both attempts", "2.3,3.3", BEGIN "t10;|s1>2Bt110;|s1<1Ct110;|d5|", NULL},
        {"both attempts, a reset each", "2.5,3.6", BEGIN "t10;|s1>2Bt110;|s1<1Ct110;|d5|", NULL},
        {"two attempts of no time", "2.3,3.3", "bas0>1At100;|s1>1Bt1;|s1>2Bt1;|s1<1Ct110;|",
         "turns back"},
        {"a refusal", "2.11", BEGIN "d5|", NULL},
        {"a refusal heard in the life before", "2.11,3.0", BEGIN "a|bs1>1Bt110;|d5|", NULL},
        {"an attempt that a crash repeats", "2.3,3.0,4.3,5.11",
         BEGIN "a|bs1>1Bt110;|t10;|s1>2Bt110;|d5|", NULL},
        {"a pivot that is not known", "5.3",
         BEGIN "s2>1Ct120;|s3>1D10000t130;|s4>1Et140;|s3<1F10000t130;|", "turns back"},
    };
    play_all(cases, sizeof cases / sizeof cases[0], &world_plain);
}
END_TEST

START_TEST(a_saga_parks_for_a_reason_alone)
{
    static const struct played cases[] = {
        {"parking at once", "-", "bad3|", "parked for a reason"},
        {"parking what was refused", "2.11", BEGIN "d3|", "parked for a reason"},
        {"one attempt of two", "3.11,4.3", ROLLS_BACK "d3|", "parked for a reason"},
        {"both attempts, then a resume that a crash undoes", "3.11,4.3,5.11,6.0",
         ROLLS_BACK "t10;|s1<2Dt110;|d3||a|bd3|as1<1Dt110;|d5|", NULL},
        {"one attempt after a resume", "3.11,4.3,5.11,7.3",
         ROLLS_BACK "t10;|s1<2Dt110;|d3||as1<1Dt110;|d3|", "parked for a reason"},
    };
    play_all(cases, sizeof cases / sizeof cases[0], &world_plain);
}
END_TEST

START_TEST(a_saga_does_not_go_on_where_it_must_turn_back)
{
    static const struct played cases[] = {
        {"a refused step once more", "2.11", BEGIN "s1>2Bt110;|", "not sent again"},
        {"the next step after a refusal", "2.11", BEGIN "s2>1Ct120;|", "answered OK"},
        {"the next step after silence", "2.3", BEGIN "s2>1Ct120;|", "answered OK"},
        {"a third send, called the second", "2.3,3.3", BEGIN "s1>2Bt110;|s1>2Bt110;|", "attempts"},
    };
    play_all(cases, sizeof cases / sizeof cases[0], &world_plain);
}
END_TEST

START_TEST(steps_are_undone_in_reverse_order_each_awaited)
{
    static const struct played cases[] = {
        {"the first one first", "4.11", BEGIN "s2>1Ct120;|s3>1Dt130;|s1<1Et110;|", "reverse"},
        {"both at once", "4.11", BEGIN "s2>1Ct120;|s3>1Dt130;|s2<1Fs1<1Et110;|", "reverse"},
        {"one and then the other", "4.11", BEGIN "s2>1Ct120;|s3>1Dt130;|s2<1Ft120;|s1<1Et110;|d5|",
         NULL},
    };
    play_all(cases, sizeof cases / sizeof cases[0], &world_plain);
}
END_TEST

START_TEST(from_the_deadline_on_no_step_begins)
{
    static const struct played cases[] = {
        {"the next step", "2.3", BEGIN "t100;|s1>2Bt110;|s2>1Ct120;|", "From the deadline"},
        {"the turn before the next step", "2.3", BEGIN "t100;|s1>2Bt110;|s1<1Ct110;|d5|", NULL},
        {"the turn in the middle of a step", "2.3", BEGIN "t100;|s1<1Ct110;|", "turns back"},
    };
    struct world_setup setup = world_plain;
    setup.config.deadline_ms = 200;
    play_all(cases, sizeof cases / sizeof cases[0], &setup);
}
END_TEST

START_TEST(a_setup_is_read_as_it_was_written)
{
    struct world_setup setup = world_plain, read;
    struct text line = {0};
    struct message action;
    struct error err;
    setup_answer_ms(&setup.config, 77);
    setup.config.attempts = 3;
    setup.config.compensation_attempts = 1;
    setup.config.deadline_ms = 300;
    setup.checkout.coupon[0] = '\0';
    setup.reduction_cents = 0;
    message_begin(&line, "explore");
    setup_write_config(&line, &setup);
    setup_write_checkout(&line, &setup);
    ck_assert_int_eq(message_parse(text_str(&line), &action, &err), 0);
    ck_assert_int_eq(setup_read(&action, &read), 0);
    ck_assert_mem_eq(&read.config, &setup.config, sizeof read.config);
    ck_assert_str_eq(read.checkout.id, setup.checkout.id);
    ck_assert_str_eq(read.checkout.coupon, "");
    ck_assert_int_eq(read.total_cents, setup.total_cents);
    ck_assert_int_eq(read.reduction_cents, 0);
    message_release(&action);
    text_release(&line);
}
END_TEST

START_TEST(a_setup_beyond_its_limits_is_refused)
{
    static const char *const lines[] = {
        "explore attempts=0",      "explore attempts=4",  "explore compensations=4",
        "explore answer=49",       "explore answer=151",  "explore base=81",
        "explore cap=121",         "explore deadline=50", "explore total=1000",
        "explore reduction=12001", "explore id=\"\"",     "explore attempts=4294967297",
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct message action;
        struct world_setup setup;
        struct error err;
        ck_assert_int_eq(message_parse(lines[i], &action, &err), 0);
        ck_assert_msg(setup_read(&action, &setup) == ERR_INVALID, "%s is taken", lines[i]);
        message_release(&action);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_saga_turns_back_for_a_reason_alone,
        a_saga_parks_for_a_reason_alone,
        a_saga_does_not_go_on_where_it_must_turn_back,
        steps_are_undone_in_reverse_order_each_awaited,
        from_the_deadline_on_no_step_begins,
        a_setup_is_read_as_it_was_written,
        a_setup_beyond_its_limits_is_refused,
        NULL,
    };
    return run_tests("saga_world", tests);
}
