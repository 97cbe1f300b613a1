/*
 * Lab 04's design on the way from the probe to the judge.
 */
#include "tests/design_fixture.h"

#include <stdio.h>
#include "04-chat/chat_wire.h"
#include "tests/run_tests.h"

/* Sends what `put` wrote and reads it; the caller releases. */
static struct message sent(struct text *line)
{
    struct message message = {0};
    struct error err = {0};
    ck_assert_msg(message_parse(text_str(line), &message, &err) == 0, "%s", err.text);
    return message;
}

#define OVER(kind, element)                                                                        \
    do {                                                                                           \
        message_begin(&line, "ok");                                                                \
        wire_put_##kind(&from->element, &line);                                                    \
        struct message got = sent(&line);                                                          \
        ck_assert_msg(wire_get_##kind(&got, &to->element, &err) == 0, "%s", err.text);             \
        message_release(&got);                                                                     \
    } while (0)

START_TEST(a_design_comes_over_the_line_as_it_was)
{
    struct built built = build(declare_small, NULL);
    struct chat_model *const from = built.model, *const to = calloc(1, sizeof *to);
    struct text line = {0};
    struct error err = {0};
    ck_assert_ptr_nonnull(to);
    message_begin(&line, "ok");
    wire_put_counts(from, &line);
    wire_put_rest(from, &line);
    struct message message = sent(&line);
    ck_assert_int_eq(wire_get_counts(&message, to, &err), 0);
    ck_assert_int_eq(wire_get_rest(&message, to, &err), 0);
    message_release(&message);
    for (int i = 0; i < from->service_count; i++)
        OVER(service, services[i]);
    for (int i = 0; i < from->entity_count; i++)
        OVER(entity, entities[i]);
    for (int i = 0; i < from->message_count; i++)
        OVER(message, messages[i]);
    for (int i = 0; i < from->on_count; i++)
        OVER(on, ons[i]);
    for (int i = 0; i < from->flow_count; i++) {
        OVER(flow, flows[i]);
        for (int n = 0; n < from->flows[i].hop_count; n++)
            OVER(hop, flows[i].hops[n]);
    }
    ck_assert_msg(chat_model_check(to, NULL, &err) == 0, "%s", err.text);
    ck_assert_mem_eq(from, to, sizeof *from);
    text_release(&line);
    free(to);
    build_release(&built);
}
END_TEST

static int get_service(const char *line, struct error *err)
{
    struct design_service service;
    struct message message = {0};
    ck_assert_int_eq(message_parse(line, &message, err), 0);
    int result = wire_get_service(&message, &service, err);
    message_release(&message);
    return result;
}

#define A_LINE                                                                                     \
    " copies=1 partitions=1 workers=1 queue=1 survives=-1 survives.file=\"\" survives.line=0 "     \
    "file=a.c line=1"

START_TEST(a_line_that_lacks_something_is_refused_by_its_name)
{
    static const struct {
        const char *line, *words;
    } rows[] = {
        {"ok instances=1" A_LINE, "name="},
        {"ok name=a" A_LINE, "instances="},
        {"ok name=a instances=x" A_LINE, "instances="},
        {"ok name=a instances=2147483648" A_LINE, "instances="},
        {"ok name=a instances=-2147483649" A_LINE, "instances="},
        {"ok instances=1 name=0123456789012345678901234567890123456789012345678" A_LINE,
         "longer than 48"},
    };
    struct error err = {0};
    ck_assert_int_eq(get_service("ok name=a instances=1" A_LINE, &err), 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ck_assert_int_eq(get_service(rows[i].line, &err), ERR_INVALID);
        ck_assert_msg(strstr(err.text, rows[i].words) != NULL, "wanted %s: %s", rows[i].words,
                      err.text);
    }
}
END_TEST

START_TEST(counts_on_the_line_are_held_to_their_limits)
{
    static const char *const lines[] = {
        "ok service_count=33 entity_count=0 message_count=0 on_count=0 flow_count=0",
        "ok service_count=-1 entity_count=0 message_count=0 on_count=0 flow_count=0",
        "ok service_count=0 entity_count=97 message_count=0 on_count=0 flow_count=0",
        "ok service_count=0 entity_count=0 message_count=193 on_count=0 flow_count=0",
        "ok service_count=0 entity_count=0 message_count=0 on_count=129 flow_count=0",
        "ok service_count=0 entity_count=0 message_count=0 on_count=0 flow_count=33",
    };
    struct chat_model *model = calloc(1, sizeof *model);
    ck_assert_ptr_nonnull(model);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct message message = {0};
        ck_assert_int_eq(message_parse(lines[i], &message, NULL), 0);
        ck_assert_int_eq(wire_get_counts(&message, model, NULL), ERR_INVALID);
        message_release(&message);
    }
    free(model);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_design_comes_over_the_line_as_it_was,
                                  a_line_that_lacks_something_is_refused_by_its_name,
                                  counts_on_the_line_are_held_to_their_limits, NULL};
    return run_tests("chat wire", tests);
}
