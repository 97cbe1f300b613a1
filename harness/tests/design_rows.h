/*
 * Rules of lab 04's designs, both ways, from a table: the small design keeps them all; each row
 * changes as little as it can, and says which rules are then broken, and that all others still
 * hold.
 */
#ifndef TESTS_DESIGN_ROWS_H
#define TESTS_DESIGN_ROWS_H

#include <stdio.h>
#include "suites/04-chat/rules.h"
#include "tests/design_fixture.h"
#include "tests/run_tests.h"

static const struct {
    const char *name;
    design_rule *rule;
} rules[] = {
    {"flows", rule_requirements_have_flows},
    {"result", rule_flows_reach_their_result},
    {"owner", rule_capabilities_have_one_owner},
    {"anothers", rule_nobody_touches_anothers_data},
    {"cycle", rule_no_call_comes_back},
    {"deep", rule_sending_is_three_deep},
    {"side", rule_sending_waits_for_no_side_work},
    {"file", rule_sending_waits_for_no_file},
    {"partition", rule_channel_lies_in_one_partition},
    {"order", rule_order_is_the_owners_number},
    {"keyed", rule_events_are_keyed_by_channel},
    {"workspace", rule_entities_have_a_workspace},
    {"scope", rule_requests_name_their_scope},
    {"bytes", rule_bytes_stay_off_the_path},
    {"link", rule_message_links_its_file},
    {"client", rule_client_id_reaches_the_writer},
    {"unique", rule_client_id_is_unique},
    {"expires", rule_presence_expires},
    {"outlives", rule_presence_outlives_a_heartbeat},
    {"subscribers", rule_presence_goes_to_subscribers},
    {"instance", rule_no_single_instance_stops_it},
};
enum { RULES = sizeof rules / sizeof rules[0] };

/* --- changes ---------------------------------------------------------------------------------- */

enum change_of {
    NOTHING,
    MEANING,    /* of the thing's field */
    USES,       /* of the thing's field */
    CAPABILITY, /* of the entity */
    OWNER,      /* of the entity: the service named in `field` */
    ABOUT,      /* the message's entity: the one named in `field`, NULL for none */
    SERVES,     /* of the flow: its requirements */
    HOPS,       /* of the flow: only so many */
    AUDIENCE,   /* of each stream of the event */
    FALLBACK,   /* of each call of the message */
    INSTANCES,  /* of the service */
    COPIES,     /* of the service */
    HEARTBEAT,
    TTL
};
struct change {
    enum change_of of;
    const char *thing, *field;
    int value;
};

static inline int service_named(const struct chat_model *model, const char *name)
{
    for (int i = 0; i < model->service_count; i++)
        if (strcmp(model->services[i].name, name) == 0)
            return i;
    ck_abort_msg("no service %s", name);
}

static inline int entity_named(const struct chat_model *model, const char *name)
{
    for (int i = 0; i < model->entity_count; i++)
        if (strcmp(model->entities[i].name, name) == 0)
            return i;
    return DESIGN_NONE;
}

static inline int message_named(const struct chat_model *model, const char *name)
{
    for (int i = 0; i < model->message_count; i++)
        if (strcmp(model->messages[i].name, name) == 0)
            return i;
    ck_abort_msg("nothing is called %s", name);
}

static inline struct design_field *field_named(struct chat_model *model, const char *thing,
                                               const char *name)
{
    int entity = entity_named(model, thing);
    struct design_field *fields = entity != DESIGN_NONE
                                      ? model->entities[entity].fields
                                      : model->messages[message_named(model, thing)].fields;
    for (int i = 0; i < DESIGN_FIELDS_MAX; i++)
        if (strcmp(fields[i].name, name) == 0)
            return &fields[i];
    ck_abort_msg("%s has no field %s", thing, name);
}

static inline void change_flow(struct chat_model *model, const struct change *change)
{
    for (int i = 0; i < model->flow_count; i++) {
        struct design_flow *flow = &model->flows[i];
        if (strcmp(flow->name, change->thing) != 0)
            continue;
        if (change->of == HOPS)
            flow->hop_count = change->value;
        else
            flow->requirements = change->value;
    }
}

static inline void change_hops(struct chat_model *model, const struct change *change)
{
    int message = message_named(model, change->thing);
    for (struct hop_at at = {0}; next_hop(model, &at, 0);) {
        struct design_hop *hop = &model->flows[at.flow].hops[at.n];
        if (hop->message != message)
            continue;
        if (change->of == AUDIENCE)
            hop->audience = (enum audience)change->value;
        else
            hop->fallback = (enum fallback)change->value;
    }
}

static inline void apply(struct chat_model *model, const struct change *change)
{
    switch (change->of) {
    case NOTHING:
        return;
    case MEANING:
        field_named(model, change->thing, change->field)->meaning = (enum meaning)change->value;
        return;
    case USES:
        field_named(model, change->thing, change->field)->uses = change->value;
        return;
    case CAPABILITY:
        model->entities[entity_named(model, change->thing)].capability =
            (enum capability)change->value;
        return;
    case OWNER:
        model->entities[entity_named(model, change->thing)].service =
            service_named(model, change->field);
        return;
    case ABOUT:
        model->messages[message_named(model, change->thing)].entity =
            change->field != NULL ? entity_named(model, change->field) : DESIGN_NONE;
        return;
    case SERVES:
    case HOPS:
        change_flow(model, change);
        return;
    case AUDIENCE:
    case FALLBACK:
        change_hops(model, change);
        return;
    case INSTANCES:
        model->services[service_named(model, change->thing)].instances = change->value;
        return;
    case COPIES:
        model->services[service_named(model, change->thing)].copies = change->value;
        return;
    case HEARTBEAT:
        model->heartbeat_ms = change->value;
        return;
    case TTL:
        model->ttl_ms = change->value;
        return;
    }
}

struct row {
    const char *says;
    const char *broken; /* names of the rules that must not hold, " a b " */
    struct change changes[3];
    declare *more;
};

static inline struct built build_row(const struct row *row)
{
    struct error err = {0};
    struct built built = build(declare_small, row->more);
    ck_assert_msg(built.result == 0, "%s: line %d: %s", row->says, built.place.line,
                  built.err.text);
    for (size_t i = 0; i < sizeof row->changes / sizeof row->changes[0]; i++)
        apply(built.model, &row->changes[i]);
    ck_assert_msg(chat_model_check(built.model, NULL, &err) == 0, "%s: %s", row->says, err.text);
    return built;
}

/* Holds every rule to what the row says. */
static inline void judge_row(const struct row *row)
{
    struct built built = build_row(row);
    for (int i = 0; i < RULES; i++) {
        struct finding finding = {{0}, {0}};
        char word[32];
        snprintf(word, sizeof word, " %s ", rules[i].name);
        int wanted = strstr(row->broken, word) != NULL;
        int broken = rules[i].rule(built.model, &finding);
        ck_assert_msg(broken == wanted, "%s: the rule %s %s: %s (wanted: %s)", row->says,
                      rules[i].name, broken ? "is broken" : "holds", finding.got, finding.expected);
        ck_assert_msg(!broken || (finding.got[0] != '\0' && finding.expected[0] != '\0'),
                      "%s: the rule %s has no words", row->says, rules[i].name);
    }
    build_release(&built);
}

/* Runs a test once for each row, then the others of a list that ends with NULL. */
static inline int run_rows(const char *name, const TTest *each, int rows, const TTest *const *tests)
{
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create(name);
    tcase_set_timeout(tcase, TEST_TIMEOUT_S);
    tcase_add_loop_test(tcase, each, 0, rows);
    for (; *tests != NULL; tests++)
        tcase_add_test(tcase, *tests);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
