/*
 * A design as data: looking things up, and holding a whole one to the rules of its declarations.
 * chat_model.h says what each function promises. Given.
 */
#include "chat_model.h"

#include <stddef.h>

#include "chat_check.h"

const char *design_party_name(const struct chat_model *model, int party)
{
    if (party >= 0 && party < model->service_count)
        return model->services[party].name;
    return party == DESIGN_CLIENT   ? "client"
           : party == DESIGN_READER ? "reader"
           : party == DESIGN_PHONE  ? "phone"
           : party == DESIGN_STORE  ? "store"
                                    : "nobody";
}

int design_owner(const struct chat_model *model, enum capability capability)
{
    for (int i = 0; i < model->entity_count; i++)
        if (model->entities[i].original == DESIGN_NONE &&
            model->entities[i].capability == capability)
            return model->entities[i].service;
    return DESIGN_NONE;
}

const struct design_entity *design_copy_of(const struct chat_model *model, int entity, int service)
{
    for (int i = 0; i < model->entity_count && entity != DESIGN_NONE; i++)
        if (model->entities[i].service == service && model->entities[i].original == entity)
            return &model->entities[i];
    return NULL;
}

const struct design_field *design_field_of(const struct design_field *fields, int count,
                                           enum meaning meaning)
{
    for (int i = 0; i < count; i++)
        if (fields[i].meaning == meaning)
            return &fields[i];
    return NULL;
}

int design_hop_before(const struct design_flow *flow, int at)
{
    int from = flow->hops[at].from;
    int before = from == DESIGN_CLIENT || from == DESIGN_READER ? DESIGN_NONE : at - 1;
    while (before >= 0 && flow->hops[before].to != from)
        before--;
    return before;
}

int design_hop_waits(const struct design_flow *flow, int at)
{
    while (at != DESIGN_NONE && flow->hops[at].kind == DESIGN_CALL)
        at = design_hop_before(flow, at);
    return at == DESIGN_NONE;
}

/* --- a whole model ---------------------------------------------------------------------------- */

/* A check that goes on until something is wrong. */
struct inspection {
    const struct chat_model *model;
    const struct design_place *place; /* of what is looked at */
    struct error *err;
    int result;
};

/* Whether to look at the next thing, which stands at place. */
static int looks(struct inspection *inspection, const struct design_place *place)
{
    if (inspection->result < 0)
        return 0;
    inspection->place = place;
    if (place != NULL && place->line < 1)
        inspection->result =
            error_set(inspection->err, ERR_INVALID, "a declaration says no line of its file");
    return inspection->result == 0;
}

static void count(struct inspection *inspection, const char *what, int value, int most)
{
    if (looks(inspection, NULL))
        inspection->result = design_check_range(what, value, 0, most, inspection->err);
}

static void reference(struct inspection *inspection, const char *what, int value, int least,
                      int count_of_all)
{
    if (inspection->result == 0 && (value < least || value >= count_of_all))
        inspection->result = error_set(inspection->err, ERR_INVALID, "%s %d: there are %d of them",
                                       what, value, count_of_all);
}

static void inspect_counts(struct inspection *inspection)
{
    const struct chat_model *model = inspection->model;
    count(inspection, "the number of services", model->service_count, DESIGN_SERVICES_MAX);
    count(inspection, "the number of entities", model->entity_count, DESIGN_ENTITIES_MAX);
    count(inspection, "the number of messages", model->message_count, DESIGN_MESSAGES_MAX);
    count(inspection, "the number of ons", model->on_count, DESIGN_ONS_MAX);
    count(inspection, "the number of flows", model->flow_count, DESIGN_FLOWS_MAX);
    for (int i = 0; i < model->entity_count && inspection->result == 0; i++)
        count(inspection, "the number of fields", model->entities[i].field_count,
              DESIGN_FIELDS_MAX);
    for (int i = 0; i < model->message_count && inspection->result == 0; i++)
        count(inspection, "the number of fields", model->messages[i].field_count,
              DESIGN_FIELDS_MAX);
    for (int i = 0; i < model->flow_count && inspection->result == 0; i++)
        count(inspection, "the number of hops", model->flows[i].hop_count, DESIGN_HOPS_MAX);
}

static void inspect_party(struct inspection *inspection, int party)
{
    if (party == DESIGN_NONE && inspection->result == 0)
        inspection->result = error_set(inspection->err, ERR_INVALID, "a hop lacks an end");
    reference(inspection, "service", party, DESIGN_STORE, inspection->model->service_count);
}

static void inspect_references(struct inspection *inspection)
{
    const struct chat_model *model = inspection->model;
    for (int i = 0; i < model->entity_count && inspection->result == 0; i++) {
        const struct design_entity *entity = &model->entities[i];
        reference(inspection, "service", entity->service, 0, model->service_count);
        reference(inspection, "entity", entity->original, DESIGN_NONE, model->entity_count);
        reference(inspection, "message", entity->event,
                  entity->original == DESIGN_NONE ? DESIGN_NONE : 0,
                  entity->original == DESIGN_NONE ? 0 : model->message_count);
    }
    for (int i = 0; i < model->message_count && inspection->result == 0; i++) {
        const struct design_message *message = &model->messages[i];
        if (message->service != DESIGN_STORE)
            reference(inspection, "service", message->service, 0, model->service_count);
        reference(inspection, "entity", message->entity, DESIGN_NONE, model->entity_count);
    }
    for (int i = 0; i < model->on_count && inspection->result == 0; i++) {
        reference(inspection, "service", model->ons[i].service, 0, model->service_count);
        reference(inspection, "message", model->ons[i].event, 0, model->message_count);
        reference(inspection, "entity", model->ons[i].entity, DESIGN_NONE, model->entity_count);
    }
    for (int i = 0; i < model->flow_count && inspection->result == 0; i++) {
        const struct design_flow *flow = &model->flows[i];
        for (int n = 0; n < flow->hop_count && inspection->result == 0; n++) {
            inspect_party(inspection, flow->hops[n].from);
            inspect_party(inspection, flow->hops[n].to);
            reference(inspection, "message", flow->hops[n].message, 0, model->message_count);
        }
    }
}

static void inspect_fields(struct inspection *inspection, const struct design_field *fields,
                           int field_count)
{
    for (int i = 0; i < field_count; i++)
        if (looks(inspection, &fields[i].place))
            inspection->result = design_check_field(fields, i, inspection->err);
}

static void inspect_things(struct inspection *inspection)
{
    const struct chat_model *model = inspection->model;
    for (int i = 0; i < model->service_count; i++) {
        const struct design_service *service = &model->services[i];
        if ((service->survives == -1 || looks(inspection, &service->survives_place)) &&
            looks(inspection, &service->place))
            inspection->result = design_check_service(model, i, inspection->err);
    }
    for (int i = 0; i < model->entity_count; i++) {
        const struct design_entity *entity = &model->entities[i];
        if (looks(inspection, &entity->place))
            inspection->result = design_check_entity(model, i, inspection->err);
        inspect_fields(inspection, entity->fields, entity->field_count);
    }
    for (int i = 0; i < model->message_count; i++) {
        const struct design_message *message = &model->messages[i];
        if (looks(inspection, &message->place))
            inspection->result = design_check_message(model, i, inspection->err);
        inspect_fields(inspection, message->fields, message->field_count);
    }
    for (int i = 0; i < model->on_count; i++)
        if (looks(inspection, &model->ons[i].place))
            inspection->result = design_check_on(model, i, inspection->err);
}

static void inspect_flows(struct inspection *inspection)
{
    const struct chat_model *model = inspection->model;
    for (int i = 0; i < model->flow_count; i++) {
        const struct design_flow *flow = &model->flows[i];
        if (looks(inspection, &flow->place))
            inspection->result = design_check_flow(model, i, inspection->err);
        for (int n = 0; n < flow->hop_count; n++)
            if (looks(inspection, &flow->hops[n].place))
                inspection->result = design_check_hop(model, i, n, inspection->err);
    }
}

static void inspect_rest(struct inspection *inspection)
{
    const struct chat_model *model = inspection->model;
    if ((model->heartbeat_ms != 0 || model->ttl_ms != 0) &&
        looks(inspection, &model->presence_place))
        inspection->result = design_check_presence(model, inspection->err);
    if (model->jitter_ms != -1 && looks(inspection, &model->jitter_place))
        inspection->result = design_check_reconnect(model, inspection->err);
    if (model->upload_bytes != 0 && looks(inspection, &model->upload_place))
        inspection->result = design_check_upload(model, inspection->err);
}

int chat_model_check(const struct chat_model *model, struct design_place *place, struct error *err)
{
    /* In this order: each may rely on what those before it have found good. */
    static void (*const inspections[])(struct inspection *) = {
        inspect_counts, inspect_references, inspect_things, inspect_flows, inspect_rest};
    struct inspection inspection = {.model = model, .err = err};
    for (size_t i = 0; i < sizeof inspections / sizeof inspections[0]; i++)
        if (inspection.result == 0)
            inspections[i](&inspection);
    if (place != NULL)
        *place = inspection.result < 0 && inspection.place != NULL ? *inspection.place
                                                                   : (struct design_place){0};
    return inspection.result;
}
