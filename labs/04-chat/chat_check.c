/*
 * What makes one declaration wrong by itself: names, numbers, services, what they own, messages.
 * Hops: chat_check_flow.c. Given.
 */
#include "chat_check.h"

#include <stddef.h>
#include <string.h>

int design_check_range(const char *what, int64_t value, int64_t least, int64_t most,
                       struct error *err)
{
    if (value >= least && value <= most)
        return 0;
    return error_set(err, ERR_INVALID, "%s is %lld: it must be %lld to %lld", what,
                     (long long)value, (long long)least, (long long)most);
}

int design_check_name(const char *name, struct error *err)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_- ";
    size_t length = name != NULL ? strnlen(name, DESIGN_NAME_SIZE) : 0;
    if (length == 0)
        return error_set(err, ERR_INVALID, "a name is missing");
    if (length == DESIGN_NAME_SIZE)
        return error_set(err, ERR_INVALID, "the name \"%.24s...\" is longer than %d characters",
                         name, DESIGN_NAME_SIZE - 1);
    size_t good = strspn(name, letters);
    if (good < length)
        return error_set(
            err, ERR_INVALID,
            "character %zu of a name is none of a-z 0-9 _ - and space; it begins with \"%.*s\"",
            good + 1, (int)good, name);
    if (name[0] == ' ' || name[length - 1] == ' ')
        return error_set(err, ERR_INVALID, "the name \"%s\" has a space at an end", name);
    return 0;
}

static int said_already(const char *what, const char *name, const struct design_place *place,
                        struct error *err)
{
    return error_set(err, ERR_INVALID, "%s \"%s\" is declared already, in line %d", what, name,
                     place->line);
}

/* --- services --------------------------------------------------------------------------------- */

int design_check_requirements(int requirements, struct error *err)
{
    if ((requirements & ~CAN_ALL) != 0)
        return error_set(err, ERR_INVALID,
                         "requirements are any of CAN_SEND ... CAN_NOTIFY: %d is something else",
                         requirements);
    return 0;
}

static int check_scale(const struct design_service *service, struct error *err)
{
    int result = design_check_range("instances", service->instances, 1, DESIGN_INSTANCES_MAX, err);
    if (result == 0)
        result = design_check_range("copies", service->copies, 1, DESIGN_INSTANCES_MAX, err);
    if (result == 0)
        result =
            design_check_range("partitions", service->partitions, 1, DESIGN_PARTITIONS_MAX, err);
    if (result == 0)
        result = design_check_range("workers", service->workers, 1, DESIGN_WORKERS_MAX, err);
    if (result == 0)
        result = design_check_range("queue", service->queue, 1, DESIGN_QUEUE_MAX, err);
    if (result == 0 && service->copies > service->instances)
        result = error_set(err, ERR_INVALID,
                           "%d copies on %d instances: each copy needs an instance of its own",
                           service->copies, service->instances);
    return result;
}

int design_check_service(const struct chat_model *model, int at, struct error *err)
{
    const struct design_service *service = &model->services[at];
    int result = design_check_name(service->name, err);
    if (result < 0)
        return result;
    for (int party = DESIGN_STORE; party <= DESIGN_CLIENT; party++)
        if (strcmp(design_party_name(model, party), service->name) == 0)
            return error_set(err, ERR_INVALID, "\"%s\" is known already: it is outside the design",
                             service->name);
    for (int i = 0; i < at; i++)
        if (strcmp(model->services[i].name, service->name) == 0)
            return said_already("the service", service->name, &model->services[i].place, err);
    result = check_scale(service, err);
    if (result < 0 || service->survives == -1)
        return result;
    return design_check_requirements(service->survives, err);
}

/* --- what they own ---------------------------------------------------------------------------- */

static int check_copy(const struct chat_model *model, const struct design_entity *copy,
                      struct error *err)
{
    const struct design_entity *original = &model->entities[copy->original];
    const struct design_message *news = &model->messages[copy->event];
    if (original->original != DESIGN_NONE)
        return error_set(
            err, ERR_INVALID,
            "\"%s\" is itself a copy of \"%s\": copy the original, whose owner tells the truth",
            original->name, model->entities[original->original].name);
    const char *owner = design_party_name(model, original->service);
    if (original->service == copy->service)
        return error_set(err, ERR_INVALID, "\"%s\" owns \"%s\" itself and needs no copy of it",
                         owner, original->name);
    if (news->kind != DESIGN_EVENT || news->service != original->service)
        return error_set(err, ERR_INVALID,
                         "\"%s\" is no event of \"%s\", which owns \"%s\" and alone can tell",
                         news->name, owner, original->name);
    if (copy->capability != original->capability)
        return error_set(err, ERR_INVALID, "a copy has the capability of its original");
    return 0;
}

int design_check_entity(const struct chat_model *model, int at, struct error *err)
{
    const struct design_entity *entity = &model->entities[at];
    int result = design_check_name(entity->name, err);
    if (result == 0)
        result = design_check_range("the capability", (int64_t)entity->capability, 0,
                                    CAPABILITIES - 1, err);
    if (result < 0)
        return result;
    for (int i = 0; i < at; i++)
        if (strcmp(model->entities[i].name, entity->name) == 0)
            return said_already("the entity", entity->name, &model->entities[i].place, err);
    return entity->original != DESIGN_NONE ? check_copy(model, entity, err) : 0;
}

int design_check_field(const struct design_field *fields, int at, struct error *err)
{
    const struct design_field *field = &fields[at];
    int result = design_check_name(field->name, err);
    if (result == 0)
        result = design_check_range("the meaning of a field", (int64_t)field->meaning, 0,
                                    MEANINGS - 1, err);
    if (result < 0)
        return result;
    if ((field->uses & ~(IN_KEY | IN_PARTITION | IN_UNIQUE)) != 0)
        return error_set(
            err, ERR_INVALID,
            "a field is used IN_KEY, IN_PARTITION, IN_UNIQUE, or 0: %d is something else",
            field->uses);
    for (int i = 0; i < at; i++)
        if (strcmp(fields[i].name, field->name) == 0)
            return said_already("the field", field->name, &fields[i].place, err);
    return 0;
}

/* --- messages --------------------------------------------------------------------------------- */

int design_check_message(const struct chat_model *model, int at, struct error *err)
{
    const struct design_message *message = &model->messages[at];
    int result = design_check_name(message->name, err);
    if (result == 0)
        result = design_check_range("the kind of a message", (int64_t)message->kind, 0,
                                    DESIGN_EVENT, err);
    if (result < 0)
        return result;
    for (int i = 0; i < at; i++) {
        const struct design_message *other = &model->messages[i];
        int both_events = message->kind == DESIGN_EVENT && other->kind == DESIGN_EVENT;
        if ((other->service == message->service || both_events) &&
            strcmp(other->name, message->name) == 0)
            return said_already(both_events ? "the event" : "the message", message->name,
                                &other->place, err);
    }
    if (message->service == DESIGN_STORE && message->kind == DESIGN_EVENT)
        return error_set(err, ERR_INVALID, "the store tells nobody anything: it has no events");
    if (message->service == DESIGN_STORE && message->entity != DESIGN_NONE)
        return error_set(err, ERR_INVALID, "the store has no entities: \"%s\" is another's",
                         model->entities[message->entity].name);
    return 0;
}

int design_check_on(const struct chat_model *model, int at, struct error *err)
{
    const struct design_message *news = &model->messages[model->ons[at].event];
    if (news->kind != DESIGN_EVENT)
        return error_set(err, ERR_INVALID, "\"%s\" is no event", news->name);
    return 0;
}

/* --- the rest --------------------------------------------------------------------------------- */

int design_check_presence(const struct chat_model *model, struct error *err)
{
    int result = design_check_range("heartbeat_ms", model->heartbeat_ms, DESIGN_PRESENCE_MIN_MS,
                                    DESIGN_PRESENCE_MAX_MS, err);
    if (result < 0)
        return result;
    return design_check_range("ttl_ms", model->ttl_ms, DESIGN_PRESENCE_MIN_MS,
                              DESIGN_PRESENCE_MAX_MS, err);
}

int design_check_reconnect(const struct chat_model *model, struct error *err)
{
    return design_check_range("jitter_ms", model->jitter_ms, 0, DESIGN_JITTER_MAX_MS, err);
}

int design_check_upload(const struct chat_model *model, struct error *err)
{
    return design_check_range("max_bytes", model->upload_bytes, 1, DESIGN_UPLOAD_MAX_BYTES, err);
}
