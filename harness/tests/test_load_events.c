/* The heap of events: the order, the limit, and what happens beyond it. */
#include <check.h>
#include <stdlib.h>

#include "kit/error.h"
#include "load/chance.h"
#include "load/events.h"
#include "tests/run_tests.h"

START_TEST(events_happen_by_time_and_then_as_they_were_added)
{
    enum { ROUNDS = 20, EVENTS = 1000 };
    struct chance chance;
    chance_begin(&chance, 1, 0);
    for (uint32_t round = 1; round <= ROUNDS; round++) {
        struct events events = {0};
        struct event event, before = {.at_ns = -1};
        int happened = 0;
        for (uint32_t i = 0; i < EVENTS; i++)
            ck_assert_int_eq(events_add(&events, chance_below(&chance, 10 * round), i, &events), 0);
        for (; events_next(&events, &event); before = event, happened++) {
            ck_assert(events.now_ns == event.at_ns && event.kind == event.serial &&
                      event.subject == &events);
            ck_assert_msg(before.at_ns < event.at_ns ||
                              (before.at_ns == event.at_ns && before.serial < event.serial),
                          "event %u of %lld ns came after event %u of %lld ns", event.serial,
                          (long long)event.at_ns, before.serial, (long long)before.at_ns);
        }
        ck_assert_int_eq(happened, EVENTS);
        events_release(&events);
    }
}
END_TEST

/* Adding and taking in turns, beside a plain search for the first one. */
START_TEST(events_added_between_others_keep_the_order)
{
    enum { STEPS = 4000, WAITING = 64 };
    struct chance chance;
    struct events events = {0};
    int64_t waiting[WAITING];
    int count = 0;
    chance_begin(&chance, 2, 0);
    for (int step = 0; step < STEPS; step++) {
        if (count < WAITING && (count == 0 || chance_below(&chance, 2) == 0)) {
            waiting[count] = events.now_ns + chance_below(&chance, 50);
            ck_assert_int_eq(events_add(&events, waiting[count++], 0, NULL), 0);
            continue;
        }
        struct event event;
        int first = 0;
        for (int i = 1; i < count; i++)
            if (waiting[i] < waiting[first])
                first = i;
        ck_assert_int_eq(events_next(&events, &event), 1);
        ck_assert_int_eq(event.at_ns, waiting[first]);
        waiting[first] = waiting[--count];
    }
    events_release(&events);
}
END_TEST

START_TEST(nothing_waits_in_an_empty_heap)
{
    struct events events = {0};
    struct event event;
    ck_assert_int_eq(events_next(&events, &event), 0);
    ck_assert_int_eq(events.overloaded, 0);
    events_release(&events);
}
END_TEST

/* As many as there is room for, the last one first. Each ck_assert writes to a pipe: few of them.
 */
static void fill(struct events *events)
{
    int refused = 0;
    for (int i = 0; i < EVENTS_MAX; i++)
        refused += events_add(events, EVENTS_MAX - i, 0, NULL) < 0;
    ck_assert_int_eq(refused, 0);
}

START_TEST(one_event_too_many_is_told_and_ends_the_simulation)
{
    struct events events = {0};
    struct event event;
    fill(&events);
    ck_assert_int_eq(events.overloaded, 0);
    ck_assert_int_eq(events_add(&events, 0, 0, NULL), ERR_LIMIT);
    ck_assert_int_eq(events.overloaded, 1);
    ck_assert_int_eq(events_next(&events, &event), 0);
    ck_assert_int_eq(events_add(&events, 0, 0, NULL), ERR_LIMIT);
    events_release(&events);
    ck_assert_int_eq(events_add(&events, 7, 0, NULL), 0);
    ck_assert_int_eq(events_next(&events, &event), 1);
    ck_assert_int_eq(event.at_ns, 7);
    events_release(&events);
}
END_TEST

START_TEST(as_many_as_there_is_room_for_come_out_in_order)
{
    struct events events = {0};
    struct event event;
    fill(&events);
    int in_order = 0;
    while (events_next(&events, &event) && event.at_ns == in_order + 1)
        in_order++;
    ck_assert_int_eq(in_order, EVENTS_MAX);
    ck_assert_int_eq(events_next(&events, &event), 0);
    events_release(&events);
}
END_TEST

START_TEST(numbers_that_are_used_up_end_the_simulation)
{
    struct events events = {.serial = UINT32_MAX - 1};
    ck_assert_int_eq(events_add(&events, 0, 0, NULL), 0);
    ck_assert_int_eq(events_add(&events, 0, 0, NULL), ERR_LIMIT);
    ck_assert_int_eq(events.overloaded, 1);
    events_release(&events);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {events_happen_by_time_and_then_as_they_were_added,
                                  events_added_between_others_keep_the_order,
                                  nothing_waits_in_an_empty_heap,
                                  one_event_too_many_is_told_and_ends_the_simulation,
                                  as_many_as_there_is_room_for_come_out_in_order,
                                  numbers_that_are_used_up_end_the_simulation,
                                  NULL};
    return run_tests("load_events", tests);
}
