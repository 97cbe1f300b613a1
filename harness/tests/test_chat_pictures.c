/*
 * Lab 04's pictures from a design made by hand: what stands in them, and that the largest design is
 * drawn as the smallest.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/error.h"
#include "report/report.h"
#include "suites/04-chat/pictures.h"
#include "tests/markup.h"
#include "tests/run_tests.h"

enum { GATEWAY, MESSAGE, SEARCH, SERVICES };

static struct design_service service_named(const char *name, int instances)
{
    struct design_service service = {
        .instances = instances, .copies = 2, .partitions = 8, .workers = 4, .queue = 100};
    snprintf(service.name, sizeof service.name, "%s", name);
    return service;
}

static void add_entity(struct chat_model *model, const char *name, int service,
                       enum capability capability)
{
    struct design_entity *entity = &model->entities[model->entity_count++];
    *entity = (struct design_entity){.service = service,
                                     .capability = capability,
                                     .original = DESIGN_NONE,
                                     .event = DESIGN_NONE,
                                     .field_count = 1};
    snprintf(entity->name, sizeof entity->name, "%s", name);
    entity->fields[0] = (struct design_field){
        .name = "channel", .meaning = IS_CHANNEL_ID, .uses = IN_KEY | IN_PARTITION};
}

static int add_message(struct chat_model *model, const char *name)
{
    snprintf(model->messages[model->message_count].name, DESIGN_NAME_SIZE, "%s", name);
    model->messages[model->message_count].entity = DESIGN_NONE;
    return model->message_count++;
}

static void add_hop(struct design_flow *flow, enum hop_kind kind, int from, int to, int message)
{
    flow->hops[flow->hop_count++] = (struct design_hop){.kind = kind,
                                                        .from = from,
                                                        .to = to,
                                                        .message = message,
                                                        .timeout_ms = 300,
                                                        .attempts = 2,
                                                        .buffer = 5000000,
                                                        .batch = 20,
                                                        .batch_ms = 5,
                                                        .audience = TO_CHANNEL_MEMBERS};
}

/* The caller's to free. */
static struct chat_model *small_design(void)
{
    struct chat_model *model = calloc(1, sizeof *model);
    ck_assert_ptr_nonnull(model);
    model->services[GATEWAY] = service_named("gateway", 20);
    model->services[MESSAGE] = service_named("message", 4);
    model->services[SEARCH] = service_named("search", 2);
    model->service_count = SERVICES;
    add_entity(model, "connections", GATEWAY, OWNS_CONNECTIONS);
    add_entity(model, "messages", MESSAGE, OWNS_MESSAGES);
    add_entity(model, "copied messages", SEARCH, OWNS_MESSAGES);
    const int send = add_message(model, "send"), append = add_message(model, "append");
    const int appended = add_message(model, "appended"), shown = add_message(model, "shown");
    model->entities[2].original = 1;
    model->entities[2].event = appended;
    struct design_flow *flow = &model->flows[model->flow_count++];
    snprintf(flow->name, sizeof flow->name, "send a message");
    flow->requirements = CAN_SEND | CAN_DELIVER;
    add_hop(flow, DESIGN_CALL, DESIGN_CLIENT, GATEWAY, send);
    add_hop(flow, DESIGN_CALL, GATEWAY, MESSAGE, append);
    add_hop(flow, DESIGN_POST, MESSAGE, SEARCH, appended);
    add_hop(flow, DESIGN_CALL, SEARCH, MESSAGE, append);
    add_hop(flow, DESIGN_STREAM, GATEWAY, DESIGN_READER, shown);
    return model;
}

START_TEST(what_a_sender_waits_for_is_known)
{
    struct chat_model *model = small_design();
    struct design_flow *flow = &model->flows[0];
    ck_assert_uint_eq(flow_awaited(flow), 1 << 0 | 1 << 1);
    /* Who is reached later does not make an earlier call awaited. */
    flow->hops[0].kind = DESIGN_POST;
    ck_assert_uint_eq(flow_awaited(flow), 0);
    flow->hop_count = 0;
    for (int i = 0; i < DESIGN_HOPS_MAX; i++)
        add_hop(flow, DESIGN_CALL, i == 0 ? DESIGN_READER : GATEWAY, GATEWAY, 0);
    ck_assert_uint_eq(flow_awaited(flow), UINT32_MAX);
    free(model);
}
END_TEST

START_TEST(map_has_an_edge_for_each_kind_from_one_to_another)
{
    struct chat_model *model = small_design();
    struct text dot = {0}, again = {0}, svg = {0};
    struct error err = {0};
    for (int i = 0; i < 4; i++) /* further messages on the same edge */
        add_hop(&model->flows[0], DESIGN_POST, MESSAGE, SEARCH, i);
    picture_service_map(model, &dot);
    ck_assert_ptr_nonnull(strstr(text_str(&dot), "\"client\" -> \"gateway\" [label=\"send\" "
                                                 "style=solid penwidth=3"));
    ck_assert_ptr_nonnull(strstr(text_str(&dot), "\"message\" -> \"search\" [label=\"appended\\n"
                                                 "send\\nappend\\nand 1 more\" style=dashed"));
    ck_assert_ptr_nonnull(strstr(text_str(&dot), "\"search\" -> \"message\" [label=\"append\" "
                                                 "style=solid"));
    ck_assert_ptr_nonnull(strstr(text_str(&dot), "style=dotted"));
    ck_assert_int_eq(count_of(text_str(&dot), "penwidth=3"), 2);
    ck_assert_int_eq(count_of(text_str(&dot), " -> "), 5);
    ck_assert_ptr_null(strstr(text_str(&dot), "\"phone\""));
    picture_service_map(model, &again);
    ck_assert_str_eq(text_str(&dot), text_str(&again));
    ck_assert_int_eq(picture_from_dot(text_str(&dot), "Map", "A map.", &svg, &err), 0);
    assert_well_formed(text_str(&svg));
    text_release(&dot);
    text_release(&again);
    text_release(&svg);
    free(model);
}
END_TEST

START_TEST(owners_name_entities_fields_and_copies)
{
    static const char *const words[] = {
        ">connections<",           ">messages<",
        ">key, partition<",        ">channel<",
        ">copied messages<",       ">a copy of messages of message<",
        ">by its event appended<", ">20 x, 2 copies, 8 partitions<"};
    struct chat_model *model = small_design();
    struct text svg = {0};
    picture_owners(model, "Owners", &svg);
    assert_well_formed(text_str(&svg));
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        ck_assert_msg(strstr(text_str(&svg), words[i]) != NULL, "no %s", words[i]);
    text_release(&svg);
    free(model);
}
END_TEST

START_TEST(flow_says_how_long_and_what_then)
{
    static const char *const words[] = {
        ">up to 300 ms, twice<", ">batches of 20 or 5 ms, keeps 5,000,000<",
        ">batches of 20 or 5 ms, to channel members<", "Serves send, deliver."};
    struct chat_model *model = small_design();
    struct text svg = {0};
    model->flows[0].hops[3].fallback = OR_COPY;
    model->flows[0].hops[3].attempts = 5;
    add_hop(&model->flows[0], DESIGN_CALL, SEARCH, SEARCH, 0);
    picture_flow(model, &model->flows[0], "Flow", &svg);
    assert_well_formed(text_str(&svg));
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        ck_assert_msg(strstr(text_str(&svg), words[i]) != NULL, "no %s", words[i]);
    ck_assert_ptr_nonnull(strstr(text_str(&svg), "up to 300 ms, 5 times, else its copy"));
    ck_assert_int_eq(count_of(text_str(&svg), "<line class=\"thick\""), 2);
    text_release(&svg);
    free(model);
}
END_TEST

/* As much of everything as the limits allow, names included. */
static struct chat_model *largest_design(void)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz012345";
    struct chat_model *model = small_design();
    char name[DESIGN_NAME_SIZE];
    model->service_count = DESIGN_SERVICES_MAX;
    for (int i = 0; i < DESIGN_SERVICES_MAX; i++) {
        memset(name, letters[i], sizeof name - 1);
        name[sizeof name - 1] = '\0';
        model->services[i] = service_named(name, DESIGN_INSTANCES_MAX);
    }
    while (model->entity_count < DESIGN_ENTITIES_MAX)
        add_entity(model, name, model->entity_count % DESIGN_SERVICES_MAX, OWNS_OTHER);
    const int message = add_message(model, name);
    model->flow_count = DESIGN_FLOWS_MAX;
    for (int i = 0; i < DESIGN_FLOWS_MAX; i++) {
        struct design_flow *flow = &model->flows[i];
        flow->hop_count = 0;
        for (int n = 0; n < DESIGN_HOPS_MAX; n++)
            add_hop(flow, (enum hop_kind)(n % 3), n == 0 ? DESIGN_CLIENT : (i + n) % 32,
                    (i + n + 1) % 32, message);
    }
    return model;
}

START_TEST(largest_design_is_drawn)
{
    struct chat_model *model = largest_design();
    struct text svg = {0};
    picture_owners(model, "Owners", &svg);
    picture_flow(model, &model->flows[0], "Flow", &svg);
    assert_well_formed(text_str(&svg));
    ck_assert_uint_lt(svg.length, 1 << 20);
    text_clear(&svg);
    picture_service_map(model, &svg);
    ck_assert_uint_lt(svg.length, 1 << 20);
    text_release(&svg);
    free(model);
}
END_TEST

START_TEST(bars_say_what_is_over_its_limit)
{
    struct chat_model *model = small_design();
    struct workload workload = workload_standard();
    struct capacity own = capacity_of(&workload);
    struct text svg = {0};
    picture_capacity(model, &workload, &own, "Capacity", &svg);
    assert_well_formed(text_str(&svg));
    ck_assert_ptr_nonnull(strstr(text_str(&svg), ">68,421 of 100,000<"));
    ck_assert_ptr_nonnull(strstr(text_str(&svg), ">617 TB<"));
    ck_assert_ptr_null(strstr(text_str(&svg), "over its limit"));
    text_clear(&svg);
    own.of[NUMBER_CONNECTIONS] = 250000;
    picture_capacity(model, &workload, &own, "Capacity", &svg);
    ck_assert_ptr_nonnull(
        strstr(text_str(&svg), ">250,000 of 100,000: over its limit, 2.5 times<"));
    ck_assert_int_eq(count_of(text_str(&svg), "over its limit"), 1);
    text_release(&svg);
    free(model);
}
END_TEST

START_TEST(numbers_are_written_for_people)
{
    static const struct {
        double number;
        const char *words, *bytes;
    } cases[] = {
        {0, "0", "0 B"},
        {81.45, "81.45", "81.5 B"},
        {999, "999", "999 B"},
        {1000, "1,000", "1 kB"},
        {1234567, "1,234,567", "1.23 MB"},
        {6.1685e14, "6.168e+14", "617 TB"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct text words = {0}, bytes = {0};
        add_number(&words, cases[i].number);
        add_bytes(&bytes, cases[i].number);
        ck_assert_str_eq(text_str(&words), cases[i].words);
        ck_assert_str_eq(text_str(&bytes), cases[i].bytes);
        text_release(&words);
        text_release(&bytes);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {what_a_sender_waits_for_is_known,
                                  map_has_an_edge_for_each_kind_from_one_to_another,
                                  owners_name_entities_fields_and_copies,
                                  flow_says_how_long_and_what_then,
                                  largest_design_is_drawn,
                                  bars_say_what_is_over_its_limit,
                                  numbers_are_written_for_people,
                                  NULL};
    return run_tests("chat pictures", tests);
}
