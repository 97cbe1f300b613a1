/*
 * The builder: what chat_design.c declares becomes a chat_model. Services, what they own, messages;
 * flows stand in chat_build_flow.c. Given.
 */
#include "chat_build.h"

#include <stdio.h>
#include <string.h>

/* --- one declaration -------------------------------------------------------------------------- */

struct chat_design *chat_design_at(struct chat_design *design, const char *file, int line)
{
    const char *slash = strrchr(file, '/');
    snprintf(design->here.file, sizeof design->here.file, "%s", slash != NULL ? slash + 1 : file);
    design->here.line = line;
    return design;
}

int build_holds(struct chat_design *design, int result)
{
    if (result < 0 && design->result == 0) {
        design->result = result;
        design->failed = design->here;
    }
    return result == 0;
}

int build_begins(struct chat_design *design, const char *kind, int count, int most)
{
    if (design->result < 0)
        return 0;
    design->fields = NULL;
    return count < most ||
           build_holds(design, error_set(design->err, ERR_INVALID,
                                         "there are %d %s already, and no more can be declared",
                                         most, kind));
}

int build_name(struct chat_design *design, char out[DESIGN_NAME_SIZE], const char *name)
{
    if (!build_holds(design, design_check_name(name, design->err)))
        return 0;
    snprintf(out, DESIGN_NAME_SIZE, "%s", name);
    return 1;
}

/* --- services and what they own --------------------------------------------------------------- */

void service(struct chat_design *design, const char *name, int instances, struct scale scale)
{
    struct chat_model *model = design->model;
    if (!build_begins(design, "services", model->service_count, DESIGN_SERVICES_MAX))
        return;
    struct design_service *out = &model->services[model->service_count];
    *out = (struct design_service){
        .instances = instances,
        .copies = scale.copies != 0 ? scale.copies : 1,
        .partitions = scale.partitions != 0 ? scale.partitions : 1,
        .workers = scale.workers != 0 ? scale.workers : 8,
        .queue = scale.queue != 0 ? scale.queue : 1000,
        .survives = -1,
        .place = design->here,
    };
    if (build_name(design, out->name, name) &&
        build_holds(design, design_check_service(model, model->service_count, design->err)))
        model->service_count++;
}

/* What entity and copy_of have in common; NULL when it failed. */
static struct design_entity *begin_entity(struct chat_design *design, const char *owner,
                                          const char *name)
{
    struct chat_model *model = design->model;
    if (!build_begins(design, "entities", model->entity_count, DESIGN_ENTITIES_MAX))
        return NULL;
    struct design_entity *out = &model->entities[model->entity_count];
    *out = (struct design_entity){
        .original = DESIGN_NONE, .event = DESIGN_NONE, .place = design->here};
    return build_service(design, owner, &out->service) && build_name(design, out->name, name)
               ? out
               : NULL;
}

static void end_entity(struct chat_design *design, struct design_entity *out)
{
    struct chat_model *model = design->model;
    if (!build_holds(design, design_check_entity(model, model->entity_count, design->err)))
        return;
    model->entity_count++;
    design->fields = out->fields;
    design->field_count = &out->field_count;
}

void entity(struct chat_design *design, const char *service, const char *name,
            enum capability capability)
{
    struct design_entity *out = begin_entity(design, service, name);
    if (out == NULL)
        return;
    out->capability = capability;
    end_entity(design, out);
}

void copy_of(struct chat_design *design, const char *service, const char *name,
             const char *original, const char *event)
{
    struct design_entity *out = begin_entity(design, service, name);
    if (out == NULL || !build_entity(design, original, &out->original) ||
        !build_event(design, event, &out->event))
        return;
    out->capability = design->model->entities[out->original].capability;
    end_entity(design, out);
}

/* --- messages --------------------------------------------------------------------------------- */

static void declare_message(struct chat_design *design, enum message_kind kind, const char *service,
                            const char *name, const char *entity)
{
    struct chat_model *model = design->model;
    if (!build_begins(design, "messages", model->message_count, DESIGN_MESSAGES_MAX))
        return;
    struct design_message *out = &model->messages[model->message_count];
    *out = (struct design_message){.kind = kind, .entity = DESIGN_NONE, .place = design->here};
    if (service != NULL && strcmp(service, "store") == 0)
        out->service = DESIGN_STORE;
    else if (!build_service(design, service, &out->service))
        return;
    if (!build_name(design, out->name, name) ||
        (entity != NULL && !build_entity(design, entity, &out->entity)) ||
        !build_holds(design, design_check_message(model, model->message_count, design->err)))
        return;
    model->message_count++;
    design->fields = out->fields;
    design->field_count = &out->field_count;
}

void command(struct chat_design *design, const char *service, const char *name, const char *entity)
{
    declare_message(design, DESIGN_COMMAND, service, name, entity);
}

void query(struct chat_design *design, const char *service, const char *name, const char *entity)
{
    declare_message(design, DESIGN_QUERY, service, name, entity);
}

void event(struct chat_design *design, const char *service, const char *name, const char *entity)
{
    declare_message(design, DESIGN_EVENT, service, name, entity);
}

void on(struct chat_design *design, const char *service, const char *event, const char *entity)
{
    struct chat_model *model = design->model;
    if (!build_begins(design, "ons", model->on_count, DESIGN_ONS_MAX))
        return;
    struct design_on *out = &model->ons[model->on_count];
    *out = (struct design_on){.entity = DESIGN_NONE, .place = design->here};
    if (build_service(design, service, &out->service) && build_event(design, event, &out->event) &&
        (entity == NULL || build_entity(design, entity, &out->entity)) &&
        build_holds(design, design_check_on(model, model->on_count, design->err)))
        model->on_count++;
}

void field(struct chat_design *design, const char *name, enum meaning meaning, int uses)
{
    if (design->result < 0)
        return;
    struct design_field *fields = design->fields;
    if (fields == NULL) {
        build_holds(design, error_set(design->err, ERR_INVALID,
                                      "what was declared last has no fields: a field follows an "
                                      "entity, a copy, a command, a query or an event"));
        return;
    }
    /* A field goes on with the thing: build_begins forgets it only when there are too many. */
    if (!build_begins(design, "fields of this", *design->field_count, DESIGN_FIELDS_MAX))
        return;
    design->fields = fields;
    struct design_field *out = &fields[*design->field_count];
    *out = (struct design_field){.meaning = meaning, .uses = uses, .place = design->here};
    if (build_name(design, out->name, name) &&
        build_holds(design, design_check_field(fields, *design->field_count, design->err)))
        ++*design->field_count;
}

/* --- the whole -------------------------------------------------------------------------------- */

/* What chat_design has returned, where every declaration is right: 0, ERR_TODO, or a sentence. */
static int returned(int result, struct error *err)
{
    if (result == 0 || result == ERR_TODO || (result < 0 && err->text[0] != '\0'))
        return result;
    return error_set(err, ERR_INVALID,
                     "it returned %d%s: return 0 at its end, or error_set with what is wrong",
                     result, result < 0 ? " without a sentence" : "");
}

int chat_model_build(struct chat_model *model, struct design_place *place, struct error *err)
{
    struct error first = {0};
    struct chat_design design = {.model = model, .err = &first};
    *model = (struct chat_model){.jitter_ms = -1};
    *place = (struct design_place){0};
    int result = chat_design(&design, err);
    if (design.result < 0) {
        *place = design.failed;
        return error_set(err, design.result, "%s", first.text);
    }
    return returned(result, err);
}
