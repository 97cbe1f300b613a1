/*
 * A chat design under simulated load, whatever it is: that it comes to an end, and that no worker,
 * partition or buffer is used which is not there (the simulation asserts it, the sanitizer too).
 */
#include <check.h>

#include "kit/error.h"
#include "load/chance.h"
#include "suites/04-chat/load_run.h"
#include "tests/chat_fixture.h"
#include "tests/run_tests.h"

enum { ANY_SERVICES = 5 };
static struct chance any;
static char polled; /* the service that readers ask for what is new; 0: some are streamed to */

static int below(int bound)
{
    return (int)chance_below(&any, (uint32_t)bound);
}

/* Services a ... e, each with an entity, a command, a query and an event of its letter. */
static void any_service(struct chat_design *design, char letter)
{
    const char name[] = {letter, '\0'}, asked[] = {letter, '1', '\0'}, told[] = {letter, '2', '\0'},
               tells[] = {letter, '3', '\0'};
    const int instances = 1 + below(6);
    service(HERE, name, instances,
            (struct scale){.copies = 1 + below(instances),
                           .partitions = 1 + below(40),
                           .workers = 1 + below(20),
                           .queue = 1 + below(50)});
    entity(HERE, name, asked,
           polled && letter == 'a' ? OWNS_MESSAGES : (enum capability)below(CAPABILITIES));
    field(HERE, "x", (enum meaning)below(MEANINGS), IN_KEY | (below(2) ? IN_PARTITION : 0));
    command(HERE, name, told, below(3) ? asked : NULL);
    query(HERE, name, asked, below(3) ? asked : NULL);
    event(HERE, name, tells, below(2) ? asked : NULL);
}

/* The service may keep copies and more of its own, and write any of it when it is told. */
static void any_listener(struct chat_design *design, char letter)
{
    const char other = (char)('a' + (letter - 'a' + 1 + below(ANY_SERVICES - 1)) % ANY_SERVICES);
    const char name[] = {letter, '\0'}, asked[] = {letter, '1', '\0'}, copy[] = {letter, '4', '\0'},
               more[] = {letter, '5', '\0'}, original[] = {other, '1', '\0'},
               tells[] = {other, '3', '\0'};
    const int keeps_copy = below(2), keeps_more = below(2);
    if (keeps_copy)
        copy_of(HERE, name, copy, original, tells);
    if (keeps_more)
        entity(HERE, name, more, OWNS_OTHER);
    if (keeps_copy || keeps_more)
        field(HERE, "x", (enum meaning)below(MEANINGS), IN_KEY | (below(2) ? IN_PARTITION : 0));
    for (char from = 'a'; from < 'a' + ANY_SERVICES; from++) {
        const char event[] = {from, '3', '\0'};
        const char *const written[] = {NULL, asked, keeps_copy ? copy : asked,
                                       keeps_more ? more : asked};
        if (from != letter && below(3) > 0)
            on(HERE, name, event, written[below(4)]);
    }
}

/* 1 when it reaches the receiver. */
static int any_hop(struct chat_design *design, char from, char to)
{
    const char sender[] = {from, '\0'}, receiver[] = {to, '\0'},
               asked[] = {to, below(2) ? '1' : '2', '\0'}, receives[] = {to, '2', '\0'},
               tells[] = {from, '3', '\0'};
    const struct spread spread = {(enum audience)below(AUDIENCES), 1 + below(50), 1 + below(30)};
    const struct backlog backlog = {1 + below(1000), 1 + below(50), 1 + below(30)};
    switch (below(polled ? 5 : 6)) {
    case 0:
        call(HERE, sender, receiver, asked,
             (struct patience){1 + below(50), 1 + below(3), OR_FAIL});
        return 1;
    case 1:
        post(HERE, sender, receiver, tells, backlog);
        return 1;
    case 2:
        stream(HERE, sender, receiver, tells, spread);
        return 1;
    case 3:
        post(HERE, sender, receiver, receives, backlog);
        return 1;
    case 4:
        post(HERE, sender, "phone", tells, backlog);
        return 0;
    default:
        stream(HERE, sender, "reader", tells, spread);
        return 0;
    }
}

/* What is stored is told to the polled service, which may write it; readers ask there alone. */
static void any_poll(struct chat_design *design)
{
    const char to[] = {polled, '\0'}, asked[] = {polled, '1', '\0'};
    flow(HERE, "write", CAN_SEND | (below(2) ? CAN_NOTIFY : 0));
    call(HERE, "client", "a", "a2", (struct patience){.timeout_ms = 100});
    post(HERE, "a", to, "a3", (struct backlog){1 + below(1000), 1 + below(50), 1 + below(30)});
    flow(HERE, "poll", below(2) ? CAN_DELIVER : CAN_DELIVER | CAN_CATCH_UP);
    call(HERE, "reader", to, asked, (struct patience){.timeout_ms = 100});
}

static void any_design(struct chat_design *design)
{
    static const int requirements[] = {CAN_SEND,     CAN_SEND | CAN_DELIVER,     CAN_DELIVER,
                                       CAN_CATCH_UP, CAN_CATCH_UP | CAN_DELIVER, CAN_SEE_PRESENCE};
    polled = (char)(below(2) ? 'b' + below(ANY_SERVICES - 1) : 0);
    for (int i = 0; i < ANY_SERVICES; i++)
        any_service(design, (char)('a' + i));
    presence(HERE, 10000 + below(20000), 40000);
    for (int i = 0; i < ANY_SERVICES; i++)
        any_listener(design, (char)('a' + i));
    if (polled)
        any_poll(design);
    for (int i = 0; i < 5; i++) {
        char reached[DESIGN_HOPS_MAX] = {0}, name[] = {'f', (char)('0' + i), '\0'};
        int count = 0;
        const int required = i == 0 ? CAN_SEND : requirements[below(6)];
        flow(HERE, name, polled ? required & ~CAN_DELIVER : required);
        for (int hop = 0; hop < 8; hop++) {
            const char to = (char)('a' + below(ANY_SERVICES)), named[] = {to, '\0'},
                       told[] = {to, '2', '\0'};
            int is_reached = 1;
            if (count == 0 || below(8) == 0)
                call(HERE, i == 0 || below(2) ? "client" : "reader", named, told,
                     (struct patience){.timeout_ms = 100});
            else
                is_reached = any_hop(design, reached[below(count)], to);
            if (is_reached)
                reached[count++] = to;
        }
    }
}

/* What it comes to is not looked at: that it comes to an end, and touches nothing it may not. */
START_TEST(any_design_is_played)
{
    enum { DESIGNS = 400 };
    static struct chat_model model;
    static struct chat_plan plan;
    static struct load_seen seen;
    int played = 0, asked = 0; /* designs; those of them whose readers ask */
    chance_begin(&any, 1, 0);
    knobs = (struct knobs){.instead = any_design};
    for (int i = 0; i < DESIGNS; i++) {
        struct design_place place = {0};
        struct error err = {0};
        struct load_scenario scenario = {.seed = (uint64_t)i,
                                         .workload = workload_standard(),
                                         .measured_ns = 100000000,
                                         .end_ns = 300000000,
                                         .lost_gateways = below(2),
                                         .has_huge_channel = below(2),
                                         .has_beats = below(2),
                                         .events_max = 100000};
        if (chat_model_build(&model, &place, &err) < 0 || chat_plan_make(&plan, &model, &err) < 0)
            continue; /* refused where it is declared */
        scenario.has_storm = plan.gateway >= 0 && below(2);
        if (load_play(&plan, &scenario, &seen, &err) < 0)
            continue;
        played += seen.sends > 0;
        asked += plan.delivery >= 0 && plan.nodes[plan.delivery].reader_ns == plan.costs.poll_ns;
    }
    ck_assert_msg(played > DESIGNS / 2, "only %d of %d were played", played, DESIGNS);
    ck_assert_msg(asked > DESIGNS / 5, "only %d of %d are asked by readers", asked, DESIGNS);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {any_design_is_played, NULL};
    return run_tests("chat_load_any", tests);
}
