/*
 * Lab 04's design as data: how many of everything, names that differ in the last letter, designs
 * that are far too large, and models that were damaged.
 */
#include "tests/design_fixture.h"

#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include "kit/clock.h"
#include "tests/run_tests.h"

enum { FAST_MS = 5000, MODEL_MAX_BYTES = 2000000 };

/* --- how many --------------------------------------------------------------------------------- */

static int wanted; /* of what the declaration below makes */

static const char *numbered(const char *what, int number)
{
    static char name[64];
    snprintf(name, sizeof name, "%s %d", what, number);
    return name;
}

static void services(struct chat_design *design)
{
    for (int i = 0; i < wanted; i++)
        service(HERE, numbered("service", i), 1, (struct scale){0});
}
static void entities(struct chat_design *design)
{
    service(HERE, "one", 1, (struct scale){0});
    for (int i = 0; i < wanted; i++)
        entity(HERE, "one", numbered("entity", i), OWNS_OTHER);
}
static void messages(struct chat_design *design)
{
    service(HERE, "one", 1, (struct scale){0});
    for (int i = 0; i < wanted; i++)
        command(HERE, "one", numbered("message", i), NULL);
}
static void fields(struct chat_design *design)
{
    service(HERE, "one", 1, (struct scale){0});
    entity(HERE, "one", "rows", OWNS_OTHER);
    for (int i = 0; i < wanted; i++)
        field(HERE, numbered("field", i), IS_PLAIN, 0);
}
static void message_fields(struct chat_design *design)
{
    service(HERE, "one", 1, (struct scale){0});
    query(HERE, "one", "ask", NULL);
    for (int i = 0; i < wanted; i++)
        field(HERE, numbered("field", i), IS_PLAIN, 0);
}
static void ons(struct chat_design *design)
{
    service(HERE, "one", 1, (struct scale){0});
    event(HERE, "one", "done", NULL);
    for (int i = 0; i < wanted; i++)
        on(HERE, "one", "done", NULL);
}
static void flows(struct chat_design *design)
{
    for (int i = 0; i < wanted; i++)
        flow(HERE, numbered("flow", i), 0);
}
static void hops(struct chat_design *design)
{
    service(HERE, "one", 1, (struct scale){0});
    query(HERE, "one", "ask", NULL);
    flow(HERE, "flow", 0);
    for (int i = 0; i < wanted; i++)
        call(HERE, "client", "one", "ask", SECOND);
}

static const struct {
    declare *declare;
    int most;
} counts[] = {{services, 32},       {entities, 96}, {messages, 192}, {fields, 16},
              {message_fields, 16}, {ons, 128},     {flows, 32},     {hops, 32}};
enum { COUNTS = sizeof counts / sizeof counts[0] };

START_TEST(counts_are_held_to_their_limits)
{
    wanted = counts[_i].most;
    struct built built = build(counts[_i].declare, NULL);
    ck_assert_msg(built.result == 0, "%d: %s", wanted, built.err.text);
    build_release(&built);
    wanted = counts[_i].most + 1;
    built = build(counts[_i].declare, NULL);
    ck_assert_msg(built.result == ERR_INVALID && built.place.line > 0 &&
                      strstr(built.err.text, "no more can be declared") != NULL,
                  "%d: %d %s", wanted, built.result, built.err.text);
    build_release(&built);
}
END_TEST

/* Far beyond every limit: refused at the first one too many, and quickly. */
START_TEST(ten_million_declarations_are_refused_at_the_limit)
{
    int64_t began_ms = monotonic_ms();
    wanted = 10000000 / COUNTS;
    struct built built = build(counts[_i].declare, NULL);
    ck_assert_int_eq(built.result, ERR_INVALID);
    ck_assert_int_gt(built.place.line, 0);
    build_release(&built);
    ck_assert_int_lt((int)(monotonic_ms() - began_ms), FAST_MS);
}
END_TEST

START_TEST(a_model_is_small)
{
    ck_assert_int_lt((int)sizeof(struct chat_model), MODEL_MAX_BYTES);
}
END_TEST

/* --- names ------------------------------------------------------------------------------------ */

static const char name_48_a[] = "0123456789 0123456789 0123456789 0123456789 a_-a";
static const char name_48_b[] = "0123456789 0123456789 0123456789 0123456789 a_-b";
static const char name_49[] = "0123456789 0123456789 0123456789 0123456789 a_-ab";

static void long_names(struct chat_design *design)
{
    service(HERE, name_48_a, 1, (struct scale){0});
    service(HERE, name_48_b, 1, (struct scale){0});
    entity(HERE, name_48_b, name_48_a, OWNS_OTHER);
    entity(HERE, name_48_a, name_48_b, OWNS_USERS);
    query(HERE, name_48_a, name_48_b, name_48_b);
    query(HERE, name_48_b, name_48_b, name_48_a);
    flow(HERE, name_48_a, 0);
    call(HERE, "client", name_48_b, name_48_b, SECOND);
}

static void too_long_name(struct chat_design *design)
{
    service(HERE, name_49, 1, (struct scale){0});
}

START_TEST(names_that_differ_in_the_last_letter_are_two)
{
    ck_assert_int_eq((int)sizeof name_48_a - 1, 48);
    struct built built = build(long_names, NULL);
    ck_assert_msg(built.result == 0, "%s", built.err.text);
    ck_assert_int_eq(built.model->entities[0].service, 1);
    ck_assert_int_eq(built.model->entities[1].service, 0);
    ck_assert_int_eq(built.model->messages[1].entity, 0);
    ck_assert_int_eq(built.model->flows[0].hops[0].message, 1);
    build_release(&built);
}
END_TEST

START_TEST(a_name_of_49_letters_is_refused)
{
    struct built built = build(too_long_name, NULL);
    ck_assert_int_eq(built.result, ERR_INVALID);
    ck_assert_ptr_nonnull(strstr(built.err.text, "longer than 48"));
    build_release(&built);
}
END_TEST

static void near_names(struct chat_design *design)
{
    service(HERE, "message", 1, (struct scale){0});
    service(HERE, "messages", 1, (struct scale){0});
    entity(HERE, "messagess", "rows", OWNS_OTHER);
}

static void far_name(struct chat_design *design)
{
    service(HERE, "message", 1, (struct scale){0});
    entity(HERE, "presence", "rows", OWNS_OTHER);
}

START_TEST(the_nearest_name_is_asked_for_and_only_a_near_one)
{
    struct built built = build(near_names, NULL);
    ck_assert_msg(strstr(built.err.text, "did you mean \"messages\"?") != NULL, "%s",
                  built.err.text);
    build_release(&built);
    built = build(far_name, NULL);
    ck_assert_msg(strstr(built.err.text, "did you mean") == NULL, "%s", built.err.text);
    build_release(&built);
}
END_TEST

/* --- hops ------------------------------------------------------------------------------------- */

/* reach: what the last hop follows, and whether it is waited for. */
static void told_later(struct chat_design *design)
{
    declare_small(design);
    flow(HERE, "told later", 0);
    call(HERE, "client", "edge", "tell", SECOND); /* 0: begins */
    call(HERE, "edge", "core", "after", SECOND);  /* 1: follows 0 */
    post(HERE, "core", "side", "appended", KEPT); /* 2: follows 1 */
    call(HERE, "side", "core", "after", SECOND);  /* 3: follows 2, nobody waits */
    call(HERE, "core", "edge", "ask", SECOND);    /* 4: follows 3 */
    call(HERE, "reader", "edge", "ask", SECOND);  /* 5: begins */
    call(HERE, "edge", "side", "find", SECOND);   /* 6: follows 5, not 0 or 4 */
}

START_TEST(a_hop_follows_what_reached_its_sender_last)
{
    static const int before[] = {DESIGN_NONE, 0, 1, 2, 3, DESIGN_NONE, 5};
    static const int waits[] = {1, 1, 0, 0, 0, 1, 1};
    struct built built = build(told_later, NULL);
    ck_assert_msg(built.result == 0, "%s", built.err.text);
    const struct design_flow *flow = &built.model->flows[built.model->flow_count - 1];
    for (int i = 0; i < flow->hop_count; i++) {
        ck_assert_msg(design_hop_before(flow, i) == before[i], "hop %d follows %d, not %d", i,
                      design_hop_before(flow, i), before[i]);
        ck_assert_msg(design_hop_waits(flow, i) == waits[i], "hop %d waits: %d, not %d", i,
                      design_hop_waits(flow, i), waits[i]);
    }
    build_release(&built);
}
END_TEST

/* --- models that no builder made -------------------------------------------------------------- */

/* An int of the model, and what it must not be. */
struct damage {
    size_t offset;
    int value;
};
#define AT(member, wrong)                                                                          \
    {                                                                                              \
        offsetof(struct chat_model, member), wrong                                                 \
    }
#define FIRST_HOP(m, wrong)  AT(flows[0].hops[0].m, wrong)
#define SECOND_HOP(m, wrong) AT(flows[0].hops[1].m, wrong)

static const struct damage damages[] = {
    AT(service_count, -1),
    AT(service_count, 33),
    AT(service_count, INT_MIN),
    AT(entity_count, 97),
    AT(message_count, 193),
    AT(on_count, 129),
    AT(flow_count, 33),
    AT(flow_count, INT_MAX),
    AT(entities[0].field_count, 17),
    AT(messages[0].field_count, -1),
    AT(flows[0].hop_count, 33),
    AT(services[0].instances, 0),
    AT(services[0].instances, 4097),
    AT(services[0].copies, 0),
    AT(services[0].copies, 3),
    AT(services[0].partitions, 65537),
    AT(services[0].workers, 0),
    AT(services[0].queue, 1000001),
    AT(services[0].survives, 256),
    AT(services[0].survives, -2),
    AT(services[0].survives, 1),
    AT(services[0].place.line, 0),
    AT(entities[0].service, -1),
    AT(entities[0].service, 3),
    AT(entities[0].service, DESIGN_STORE),
    AT(entities[0].capability, CAPABILITIES),
    AT(entities[0].original, 96),
    AT(entities[0].original, -2),
    AT(entities[0].original, 1),
    AT(entities[0].event, 0),
    AT(entities[0].fields[0].meaning, MEANINGS),
    AT(entities[0].fields[0].uses, 8),
    AT(entities[0].fields[0].place.line, -1),
    AT(messages[0].kind, 3),
    AT(messages[0].service, 3),
    AT(messages[0].service, DESIGN_CLIENT),
    AT(messages[0].service, DESIGN_NONE),
    AT(messages[0].entity, 9999),
    AT(messages[0].entity, -3),
    AT(ons[0].service, -1),
    AT(ons[0].event, 0),
    AT(ons[0].event, 192),
    AT(ons[0].entity, 96),
    AT(flows[0].requirements, 256),
    FIRST_HOP(kind, 3),
    FIRST_HOP(from, DESIGN_NONE),
    FIRST_HOP(from, DESIGN_PHONE),
    FIRST_HOP(from, DESIGN_STORE),
    FIRST_HOP(from, 0),
    FIRST_HOP(from, -6),
    FIRST_HOP(to, DESIGN_NONE),
    FIRST_HOP(to, 1),
    FIRST_HOP(to, 3),
    FIRST_HOP(message, -1),
    FIRST_HOP(message, 192),
    FIRST_HOP(attempts, 0),
    FIRST_HOP(attempts, 11),
    FIRST_HOP(fallback, 3),
    FIRST_HOP(kind, DESIGN_STREAM),
    SECOND_HOP(fallback, OR_DEFAULT),
    SECOND_HOP(from, 2),
    AT(flows[0].hops[2].batch, 0),
    AT(flows[0].hops[2].kind, DESIGN_CALL),
    AT(flows[0].hops[2].to, DESIGN_READER),
    AT(flows[0].hops[3].audience, AUDIENCES),
    AT(flows[0].hops[3].audience, -1),
    AT(flows[0].hops[3].to, DESIGN_PHONE),
    AT(presence_place.line, 0),
};
enum { DAMAGES = sizeof damages / sizeof damages[0] };

START_TEST(a_damaged_model_is_refused)
{
    struct built built = build(declare_small, NULL);
    struct error err = {0};
    ck_assert_int_eq(chat_model_check(built.model, NULL, &err), 0);
    memcpy((char *)built.model + damages[_i].offset, &damages[_i].value, sizeof(int));
    ck_assert_msg(chat_model_check(built.model, NULL, &err) == ERR_INVALID,
                  "damage %d (%d) is taken", _i, damages[_i].value);
    ck_assert_int_gt((int)strlen(err.text), 0);
    build_release(&built);
}
END_TEST

START_TEST(wide_numbers_and_names_are_looked_at_too)
{
    struct built built = build(declare_small, NULL);
    struct chat_model *model = malloc(sizeof *model);
    ck_assert_ptr_nonnull(model);
    for (int i = 0; i < 12; i++) {
        memcpy(model, built.model, sizeof *model);
        switch (i) {
        case 0:
            model->flows[0].hops[0].timeout_ms = INT64_MAX;
            break;
        case 1:
            model->flows[0].hops[2].buffer = 0;
            break;
        case 2:
            model->flows[0].hops[2].batch_ms = -1;
            break;
        case 3:
            model->heartbeat_ms = 99;
            break;
        case 4:
            model->ttl_ms = INT64_MIN;
            break;
        case 5:
            model->jitter_ms = 600001;
            break;
        case 6:
            model->upload_bytes = -1;
            break;
        case 7:
            memset(model->services[0].name, 'a', sizeof model->services[0].name);
            break;
        case 8:
            memcpy(model->services[0].name, "core", 5);
            break;
        case 9:
            model->entities[0].name[0] = '\0';
            break;
        case 10:
            memcpy(model->flows[0].name, "join", 5);
            break;
        default:
            memcpy(model->entities[3].fields[1].name, "channel", 8);
            break;
        }
        ck_assert_msg(chat_model_check(model, NULL, NULL) == ERR_INVALID, "%d is taken", i);
    }
    free(model);
    build_release(&built);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_model_is_small,
                                  names_that_differ_in_the_last_letter_are_two,
                                  a_name_of_49_letters_is_refused,
                                  the_nearest_name_is_asked_for_and_only_a_near_one,
                                  a_hop_follows_what_reached_its_sender_last,
                                  wide_numbers_and_names_are_looked_at_too,
                                  NULL};
    Suite *suite = suite_create("chat model");
    TCase *tcase = tcase_create("chat model");
    tcase_set_timeout(tcase, TEST_TIMEOUT_S);
    tcase_add_loop_test(tcase, counts_are_held_to_their_limits, 0, COUNTS);
    tcase_add_loop_test(tcase, ten_million_declarations_are_refused_at_the_limit, 0, COUNTS);
    tcase_add_loop_test(tcase, a_damaged_model_is_refused, 0, DAMAGES);
    for (int i = 0; tests[i] != NULL; i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
