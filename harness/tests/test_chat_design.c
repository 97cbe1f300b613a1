/*
 * Lab 04's builder, and chat_model_check, which must be as strict: every limit at n and n + 1,
 * names that nearly are others, what is refused at the line and with which words.
 */
#include "tests/design_fixture.h"

#include <limits.h>
#include <stdio.h>
#include "tests/run_tests.h"

/* --- what is refused, and where --------------------------------------------------------------- */

#define A_SERVICE service(HERE, "one", 2, (struct scale){0})
#define A_FLOW                                                                                     \
    A_SERVICE;                                                                                     \
    service(HERE, "two", 2, (struct scale){0});                                                    \
    entity(HERE, "one", "rows", OWNS_MESSAGES);                                                    \
    command(HERE, "one", "do", "rows");                                                            \
    query(HERE, "one", "ask", "rows");                                                             \
    event(HERE, "one", "done", "rows");                                                            \
    flow(HERE, "flow", CAN_SEND);                                                                  \
    call(HERE, "client", "one", "do", SECOND)

/* One refused declaration each: its name, what it declares, and words that must be said. */
#define REFUSED(name, ...)                                                                         \
    static void name(struct chat_design *design)                                                   \
    {                                                                                              \
        __VA_ARGS__;                                                                               \
    }

REFUSED(service_twice, A_SERVICE; service(WRONG, "one", 1, (struct scale){0}))
REFUSED(service_outside, service(WRONG, "reader", 1, (struct scale){0}))
REFUSED(service_unnamed, service(WRONG, "", 1, (struct scale){0}))
REFUSED(service_null, service(WRONG, NULL, 1, (struct scale){0}))
REFUSED(service_upper, service(WRONG, "One", 1, (struct scale){0}))
REFUSED(service_percent, service(WRONG, "o%sne", 1, (struct scale){0}))
REFUSED(service_spaced, service(WRONG, "one ", 1, (struct scale){0}))
REFUSED(service_line, service(WRONG, "one\ntwo", 1, (struct scale){0}))
REFUSED(copies_above, service(WRONG, "one", 2, (struct scale){.copies = 3}))
REFUSED(entity_nowhere, A_SERVICE; entity(WRONG, "ome", "rows", OWNS_OTHER))
REFUSED(entity_twice, A_SERVICE; entity(HERE, "one", "rows", OWNS_OTHER);
        entity(WRONG, "one", "rows", OWNS_USERS))
REFUSED(entity_of_nothing, A_SERVICE; entity(WRONG, "one", "rows", CAPABILITIES))
REFUSED(entity_before, A_SERVICE; entity(WRONG, "one", "rows", (enum capability) - 1))
REFUSED(entity_outside, entity(WRONG, "store", "rows", OWNS_FILES))
REFUSED(copy_of_copy, A_FLOW; copy_of(HERE, "two", "rows too", "rows", "done");
        service(HERE, "three", 1, (struct scale){0});
        copy_of(WRONG, "three", "rows three", "rows too", "done"))
REFUSED(copy_of_own, A_FLOW; copy_of(WRONG, "one", "rows too", "rows", "done"))
REFUSED(copy_of_nothing, A_FLOW; copy_of(WRONG, "two", "rows too", "rowz", "done"))
REFUSED(copy_by_a_command, A_FLOW; copy_of(WRONG, "two", "rows too", "rows", "do"))
REFUSED(copy_by_another, A_FLOW; event(HERE, "two", "other", NULL);
        copy_of(WRONG, "two", "rows too", "rows", "other"))
REFUSED(field_first, A_SERVICE; field(WRONG, "id", IS_PLAIN, 0))
REFUSED(field_after_flow, A_FLOW; field(WRONG, "id", IS_PLAIN, 0))
REFUSED(field_after_on, A_FLOW; on(HERE, "two", "done", NULL); field(WRONG, "id", IS_PLAIN, 0))
REFUSED(field_twice, A_SERVICE; entity(HERE, "one", "rows", OWNS_OTHER);
        field(HERE, "id", IS_PLAIN, 0); field(WRONG, "id", IS_NUMBER, 0))
REFUSED(field_meaning, A_SERVICE; entity(HERE, "one", "rows", OWNS_OTHER);
        field(WRONG, "id", MEANINGS, 0))
REFUSED(field_uses, A_SERVICE; entity(HERE, "one", "rows", OWNS_OTHER);
        field(WRONG, "id", IS_PLAIN, 8))
REFUSED(message_twice, A_FLOW; query(WRONG, "one", "do", NULL))
REFUSED(event_twice, A_FLOW; event(WRONG, "two", "done", NULL))
REFUSED(message_on_nothing, A_SERVICE; command(WRONG, "one", "do", "rows"))
REFUSED(store_event, event(WRONG, "store", "kept", NULL))
REFUSED(store_entity, A_FLOW; command(WRONG, "store", "keep", "rows"))
REFUSED(message_outside, command(WRONG, "client", "do", NULL))
REFUSED(on_nothing, A_FLOW; on(WRONG, "two", "don", "rows"))
REFUSED(on_a_command, A_FLOW; on(WRONG, "two", "do", "rows"))
REFUSED(flow_twice, A_FLOW; flow(WRONG, "flow", 0))
REFUSED(flow_beyond, flow(WRONG, "flow", 256))
REFUSED(flow_below, flow(WRONG, "flow", -1))
REFUSED(hop_without_flow, A_SERVICE; command(HERE, "one", "do", NULL);
        call(WRONG, "client", "one", "do", SECOND))
REFUSED(hop_unreached, A_FLOW; call(WRONG, "two", "one", "ask", SECOND))
REFUSED(hop_reached_in_another, A_FLOW; flow(HERE, "again", 0);
        call(WRONG, "one", "one", "ask", SECOND))
REFUSED(hop_from_phone, A_FLOW; call(WRONG, "phone", "one", "ask", SECOND))
REFUSED(hop_from_store, A_FLOW; call(WRONG, "store", "one", "ask", SECOND))
REFUSED(hop_to_nobody, A_FLOW; call(WRONG, "one", "tow", "ask", SECOND))
REFUSED(call_event, A_FLOW; call(WRONG, "client", "one", "done", SECOND))
REFUSED(call_elsewhere, A_FLOW; call(WRONG, "one", "two", "ask", SECOND))
REFUSED(call_unknown, A_FLOW; call(WRONG, "client", "one", "askk", SECOND))
REFUSED(call_client, A_FLOW; call(WRONG, "one", "client", "ask", SECOND))
REFUSED(call_without_time, A_FLOW;
        call(WRONG, "client", "one", "ask", (struct patience){.attempts = 2}))
REFUSED(call_fallback, A_FLOW;
        call(WRONG, "client", "one", "ask",
             (struct patience){.timeout_ms = 1, .fallback = (enum fallback)3}))
REFUSED(write_fallback, A_FLOW; call(WRONG, "client", "one", "do",
                                     (struct patience){.timeout_ms = 1, .fallback = OR_DEFAULT}))
REFUSED(join_fallback, A_FLOW; entity(HERE, "two", "members", OWNS_CHANNELS);
        command(HERE, "two", "join", "members");
        call(WRONG, "one", "two", "join", (struct patience){.timeout_ms = 1, .fallback = OR_COPY}))
REFUSED(copy_of_no_entity, A_FLOW; query(HERE, "two", "guess", NULL);
        call(WRONG, "one", "two", "guess", (struct patience){.timeout_ms = 1, .fallback = OR_COPY}))
REFUSED(post_query, A_FLOW; post(WRONG, "client", "one", "ask", KEPT))
REFUSED(post_without_buffer, A_FLOW;
        post(WRONG, "one", "two", "done", (struct backlog){.batch = 2}))
REFUSED(batch_without_time, A_FLOW;
        post(WRONG, "one", "two", "done", (struct backlog){.buffer = 9, .batch = 2}))
REFUSED(stream_batch_without_time, A_FLOW;
        stream(WRONG, "one", "reader", "done", (struct spread){.batch = 2}))
REFUSED(post_to_reader, A_FLOW; post(WRONG, "one", "reader", "done", KEPT))
REFUSED(post_event_to_store, A_FLOW; post(WRONG, "one", "store", "done", KEPT))
REFUSED(post_anothers_event, A_FLOW; post(WRONG, "client", "one", "done", KEPT))
REFUSED(stream_command, A_FLOW; stream(WRONG, "one", "reader", "do", TO_SOME))
REFUSED(stream_to_phone, A_FLOW; stream(WRONG, "one", "phone", "done", TO_SOME))
REFUSED(stream_audience, A_FLOW;
        stream(WRONG, "one", "reader", "done", (struct spread){.audience = AUDIENCES}))
REFUSED(presence_twice, presence(HERE, 100, 200); presence(WRONG, 100, 200))
REFUSED(reconnect_twice, reconnect(HERE, 0); reconnect(WRONG, 0))
REFUSED(upload_twice, upload(HERE, 1); upload(WRONG, 1))
REFUSED(survives_twice, A_SERVICE; survives(HERE, "one", 0); survives(WRONG, "one", 0))
REFUSED(survives_nobody, A_SERVICE; survives(WRONG, "won", 0))
REFUSED(survives_beyond, A_SERVICE; survives(WRONG, "one", 256))
REFUSED(survives_below, A_SERVICE; survives(WRONG, "one", -1))

static const struct refusal {
    const char *name;
    declare *declare;
    const char *words;
} refusals[] = {
#define ROW(name, words)                                                                           \
    {                                                                                              \
#name, name, words                                                                         \
    }
    ROW(service_twice, "the service \"one\" is declared already, in line"),
    ROW(service_outside, "outside"),
    ROW(service_unnamed, "a name is missing"),
    ROW(service_null, "a name is missing"),
    ROW(service_upper, "character 1"),
    ROW(service_percent, "character 2"),
    ROW(service_spaced, "space"),
    ROW(service_line, "character 4"),
    ROW(copies_above, "3 copies on 2 instances"),
    ROW(entity_nowhere, "did you mean \"one\""),
    ROW(entity_twice, "the entity \"rows\" is declared already"),
    ROW(entity_of_nothing, "the capability is 10"),
    ROW(entity_before, "the capability is"),
    ROW(entity_outside, "no service \"store\""),
    ROW(copy_of_copy, "itself a copy of \"rows\""),
    ROW(copy_of_own, "needs no copy"),
    ROW(copy_of_nothing, "did you mean \"rows\""),
    ROW(copy_by_a_command, "no event \"do\""),
    ROW(copy_by_another, "no event of \"one\""),
    ROW(field_first, "has no fields"),
    ROW(field_after_flow, "has no fields"),
    ROW(field_after_on, "has no fields"),
    ROW(field_twice, "the field \"id\" is declared already"),
    ROW(field_meaning, "the meaning of a field is 12"),
    ROW(field_uses, "8 is something else"),
    ROW(message_twice, "the message \"do\" is declared already"),
    ROW(event_twice, "the event \"done\" is declared already"),
    ROW(message_on_nothing, "no entity \"rows\""),
    ROW(store_event, "no events"),
    ROW(store_entity, "no entities"),
    ROW(message_outside, "no service \"client\""),
    ROW(on_nothing, "did you mean \"done\""),
    ROW(on_a_command, "no event \"do\""),
    ROW(flow_twice, "the flow \"flow\" is declared already"),
    ROW(flow_beyond, "256 is something else"),
    ROW(flow_below, "-1 is something else"),
    ROW(hop_without_flow, "belongs to the flow above it"),
    ROW(hop_unreached, "nothing in this flow has come to \"two\""),
    ROW(hop_reached_in_another, "nothing in this flow has come to \"one\""),
    ROW(hop_from_phone, "\"phone\" only takes"),
    ROW(hop_from_store, "\"store\" only takes"),
    ROW(hop_to_nobody, "did you mean \"two\""),
    ROW(call_event, "\"done\" is an event"),
    ROW(call_elsewhere, "\"two\" does not take \"ask\""),
    ROW(call_unknown, "did you mean \"ask\""),
    ROW(call_client, "\"client\" does not take"),
    ROW(call_without_time, "has no timeout_ms"),
    ROW(call_fallback, "OR_FAIL, OR_DEFAULT or OR_COPY"),
    ROW(write_fallback, "told of success"),
    ROW(join_fallback, "\"join\" writes \"members\""),
    ROW(copy_of_no_entity, "no copy can stand in for it"),
    ROW(post_query, "\"ask\" is a query"),
    ROW(post_without_buffer, "has no buffer"),
    ROW(batch_without_time, "leaves with its first message"),
    ROW(stream_batch_without_time, "leaves with its first message"),
    ROW(post_to_reader, "keeps no queue"),
    ROW(post_event_to_store, "listens to no events"),
    ROW(post_anothers_event, "neither an event of \"client\" nor a command of \"one\""),
    ROW(stream_command, "only events are streamed"),
    ROW(stream_to_phone, "post to it"),
    ROW(stream_audience, "TO_ONE_USER"),
    ROW(presence_twice, "presence is said already, in line"),
    ROW(reconnect_twice, "reconnect is said already"),
    ROW(upload_twice, "upload is said already"),
    ROW(survives_twice, "what survives \"one\" is said already"),
    ROW(survives_nobody, "did you mean \"one\""),
    ROW(survives_beyond, "256 is something else"),
    ROW(survives_below, "-1 is something else"),
#undef ROW
};
enum { REFUSALS = sizeof refusals / sizeof refusals[0] };

START_TEST(a_wrong_declaration_is_refused_at_its_line)
{
    const struct refusal *row = &refusals[_i];
    struct built built = build(row->declare, NULL);
    ck_assert_msg(built.result == ERR_INVALID, "%s: %d", row->name, built.result);
    ck_assert_msg(strstr(built.err.text, row->words) != NULL, "%s: wanted \"%s\": %s", row->name,
                  row->words, built.err.text);
    ck_assert_msg(
        built.place.line == wrong_line && strcmp(built.place.file, "test_chat_design.c") == 0,
        "%s: at %s:%d, not in line %d", row->name, built.place.file, built.place.line, wrong_line);
    build_release(&built);
}
END_TEST

/* The first mistake is the one that is told: what follows from it would only confuse. */
static void two_mistakes(struct chat_design *design)
{
    service(WRONG, "One", 1, (struct scale){0});
    int first = wrong_line;
    entity(WRONG, "One", "rows", OWNS_OTHER);
    field(WRONG, "Field", IS_PLAIN, 99);
    wrong_line = first;
}

START_TEST(the_first_mistake_is_told)
{
    struct built built = build(two_mistakes, NULL);
    ck_assert_int_eq(built.result, ERR_INVALID);
    ck_assert_int_eq(built.place.line, wrong_line);
    ck_assert_ptr_nonnull(strstr(built.err.text, "\"\""));
    build_release(&built);
}
END_TEST

/* --- numbers ---------------------------------------------------------------------------------- */

static int64_t tried; /* by the declaration below */

static void try_instances(struct chat_design *design)
{
    service(HERE, "one", (int)tried, (struct scale){0});
}
static void try_copies(struct chat_design *design)
{
    service(HERE, "one", 4096, (struct scale){.copies = (int)tried});
}
static void try_partitions(struct chat_design *design)
{
    service(HERE, "one", 1, (struct scale){.partitions = (int)tried});
}
static void try_workers(struct chat_design *design)
{
    service(HERE, "one", 1, (struct scale){.workers = (int)tried});
}
static void try_queue(struct chat_design *design)
{
    service(HERE, "one", 1, (struct scale){.queue = (int)tried});
}
static void try_timeout(struct chat_design *design)
{
    A_FLOW;
    call(HERE, "client", "one", "ask", (struct patience){.timeout_ms = tried});
}
static void try_attempts(struct chat_design *design)
{
    A_FLOW;
    call(HERE, "client", "one", "ask", (struct patience){.timeout_ms = 1, .attempts = (int)tried});
}
static void try_buffer(struct chat_design *design)
{
    A_FLOW;
    post(HERE, "one", "two", "done", (struct backlog){.buffer = tried});
}
static void try_batch(struct chat_design *design)
{
    A_FLOW;
    post(HERE, "one", "two", "done",
         (struct backlog){.buffer = 1, .batch = (int)tried, .batch_ms = 1});
}
static void try_batch_ms(struct chat_design *design)
{
    A_FLOW;
    post(HERE, "one", "two", "done", (struct backlog){.buffer = 1, .batch_ms = tried});
}
static void try_stream_batch(struct chat_design *design)
{
    A_FLOW;
    stream(HERE, "one", "reader", "done", (struct spread){.batch = (int)tried, .batch_ms = 1});
}
static void try_stream_batch_ms(struct chat_design *design)
{
    A_FLOW;
    stream(HERE, "one", "reader", "done", (struct spread){.batch_ms = tried});
}
static void try_heartbeat(struct chat_design *design)
{
    presence(HERE, tried, 100);
}
static void try_ttl(struct chat_design *design)
{
    presence(HERE, 100, tried);
}
static void try_jitter(struct chat_design *design)
{
    reconnect(HERE, tried);
}
static void try_upload(struct chat_design *design)
{
    upload(HERE, tried);
}

static const struct range {
    const char *name;
    declare *declare;
    int64_t least, most;
    int is_int;       /* its parameter */
    int zero_is_good; /* stands for the default */
} ranges[] = {
    {"instances", try_instances, 1, 4096, 1, 0},
    {"copies", try_copies, 1, 4096, 1, 1},
    {"partitions", try_partitions, 1, 65536, 1, 1},
    {"workers", try_workers, 1, 1024, 1, 1},
    {"queue", try_queue, 1, 1000000, 1, 1},
    {"timeout", try_timeout, 1, 60000, 0, 0},
    {"attempts", try_attempts, 1, 10, 1, 1},
    {"buffer", try_buffer, 1, 1000000000, 0, 0},
    {"batch", try_batch, 1, 10000, 1, 1},
    {"batch_ms", try_batch_ms, 0, 1000, 0, 1},
    {"batch of a stream", try_stream_batch, 1, 10000, 1, 1},
    {"batch_ms of a stream", try_stream_batch_ms, 0, 1000, 0, 1},
    {"heartbeat", try_heartbeat, 100, 3600000, 0, 0},
    {"ttl", try_ttl, 100, 3600000, 0, 0},
    {"jitter", try_jitter, 0, 600000, 0, 1},
    {"upload", try_upload, 1, INT64_C(1000000000000000), 0, 0},
};
enum { RANGES = sizeof ranges / sizeof ranges[0] };

static void expect_number(const struct range *range, int64_t value, int is_good)
{
    tried = value;
    struct built built = build(range->declare, NULL);
    ck_assert_msg((built.result == 0) == is_good, "%s = %lld: %d %s", range->name, (long long)value,
                  built.result, built.err.text);
    ck_assert_msg(is_good || built.place.line > 0, "%s = %lld: no line", range->name,
                  (long long)value);
    build_release(&built);
}

START_TEST(numbers_are_held_to_both_ends)
{
    const struct range *range = &ranges[_i];
    int64_t least = range->is_int ? INT_MIN : INT64_MIN;
    int64_t most = range->is_int ? INT_MAX : INT64_MAX;
    expect_number(range, range->least, 1);
    expect_number(range, range->most, 1);
    expect_number(range, range->least - 1, range->least - 1 == 0 && range->zero_is_good);
    expect_number(range, range->most + 1, 0);
    expect_number(range, 0, range->zero_is_good);
    expect_number(range, -1, 0);
    expect_number(range, least, 0);
    expect_number(range, most, 0);
}
END_TEST

static void declare_defaults(struct chat_design *design)
{
    A_FLOW;
    call(HERE, "client", "one", "ask", (struct patience){.timeout_ms = 1});
    post(HERE, "one", "two", "done", (struct backlog){.buffer = 1});
}

START_TEST(defaults_are_filled_in)
{
    struct built built = build(declare_defaults, NULL);
    const struct design_service *one = &built.model->services[0];
    const struct design_hop *hops = built.model->flows[0].hops;
    ck_assert_int_eq(built.result, 0);
    ck_assert_int_eq(one->copies, 1);
    ck_assert_int_eq(one->partitions, 1);
    ck_assert_int_eq(one->workers, 8);
    ck_assert_int_eq(one->queue, 1000);
    ck_assert_int_eq(one->survives, -1);
    ck_assert_int_eq(hops[1].attempts, 1);
    ck_assert_int_eq((int)hops[1].fallback, (int)OR_FAIL);
    ck_assert_int_eq(hops[2].batch, 1);
    ck_assert_int_eq((int)hops[2].batch_ms, 0);
    ck_assert_int_eq((int)built.model->jitter_ms, -1);
    build_release(&built);
}
END_TEST

START_TEST(only_0_or_a_sentence_is_taken)
{
    static const int refused[] = {7, INT_MAX, -99, INT_MIN, ERR_INVALID};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        design_returns = refused[i];
        struct built built = build(declare_defaults, NULL);
        ck_assert_int_eq(built.result, ERR_INVALID);
        ck_assert_ptr_nonnull(strstr(built.err.text, "return 0 at its end"));
        ck_assert_int_eq(built.place.line, 0);
        build_release(&built);
    }
    design_returns = ERR_TODO;
    struct built built = build(declare_defaults, NULL);
    ck_assert_int_eq(built.result, ERR_TODO);
    build_release(&built);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("chat design");
    TCase *tcase = tcase_create("chat design");
    tcase_set_timeout(tcase, TEST_TIMEOUT_S);
    tcase_add_loop_test(tcase, a_wrong_declaration_is_refused_at_its_line, 0, REFUSALS);
    tcase_add_loop_test(tcase, numbers_are_held_to_both_ends, 0, RANGES);
    tcase_add_test(tcase, the_first_mistake_is_told);
    tcase_add_test(tcase, defaults_are_filled_in);
    tcase_add_test(tcase, only_0_or_a_sentence_is_taken);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
