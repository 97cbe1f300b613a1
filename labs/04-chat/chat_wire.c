/*
 * A design on the probe's line. One table of members a kind of element serves both directions, so
 * they cannot part ways. Given.
 */
#include "chat_wire.h"

#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "chat_check.h"

enum member_kind { MEMBER_INT, MEMBER_INT64, MEMBER_NAME, MEMBER_FILE };
struct member {
    const char *name;
    enum member_kind kind;
    size_t offset;
};
enum { MEMBER_NAME_SIZE = 32 };

_Static_assert(sizeof(enum meaning) == sizeof(int), "an enum is read and written as an int");

#define INT(type, name)                                                                            \
    {                                                                                              \
#name, MEMBER_INT, offsetof(struct type, name)                                             \
    }
#define INT64(type, name)                                                                          \
    {                                                                                              \
#name, MEMBER_INT64, offsetof(struct type, name)                                           \
    }
#define NAME(type)                                                                                 \
    {                                                                                              \
        "name", MEMBER_NAME, offsetof(struct type, name)                                           \
    }
#define PLACE(type, prefix, name)                                                                  \
    {prefix "file", MEMBER_FILE, offsetof(struct type, name.file)},                                \
    {                                                                                              \
        prefix "line", MEMBER_INT, offsetof(struct type, name.line)                                \
    }

static const struct member of_counts[] = {
    INT(chat_model, service_count), INT(chat_model, entity_count), INT(chat_model, message_count),
    INT(chat_model, on_count),      INT(chat_model, flow_count),   {0}};
static const struct member of_rest[] = {INT64(chat_model, heartbeat_ms),
                                        INT64(chat_model, ttl_ms),
                                        PLACE(chat_model, "presence.", presence_place),
                                        INT64(chat_model, jitter_ms),
                                        PLACE(chat_model, "jitter.", jitter_place),
                                        INT64(chat_model, upload_bytes),
                                        PLACE(chat_model, "upload.", upload_place),
                                        {0}};
static const struct member of_service[] = {NAME(design_service),
                                           INT(design_service, instances),
                                           INT(design_service, copies),
                                           INT(design_service, partitions),
                                           INT(design_service, workers),
                                           INT(design_service, queue),
                                           INT(design_service, survives),
                                           PLACE(design_service, "survives.", survives_place),
                                           PLACE(design_service, "", place),
                                           {0}};
static const struct member of_entity[] = {NAME(design_entity),
                                          INT(design_entity, service),
                                          INT(design_entity, capability),
                                          INT(design_entity, original),
                                          INT(design_entity, event),
                                          INT(design_entity, field_count),
                                          PLACE(design_entity, "", place),
                                          {0}};
static const struct member of_message[] = {INT(design_message, kind),
                                           NAME(design_message),
                                           INT(design_message, service),
                                           INT(design_message, entity),
                                           INT(design_message, field_count),
                                           PLACE(design_message, "", place),
                                           {0}};
static const struct member of_field[] = {NAME(design_field),
                                         INT(design_field, meaning),
                                         INT(design_field, uses),
                                         PLACE(design_field, "", place),
                                         {0}};
static const struct member of_on[] = {INT(design_on, service),
                                      INT(design_on, event),
                                      INT(design_on, entity),
                                      PLACE(design_on, "", place),
                                      {0}};
static const struct member of_flow[] = {NAME(design_flow),
                                        INT(design_flow, requirements),
                                        INT(design_flow, hop_count),
                                        PLACE(design_flow, "", place),
                                        {0}};
static const struct member of_hop[] = {INT(design_hop, kind),
                                       INT(design_hop, from),
                                       INT(design_hop, to),
                                       INT(design_hop, message),
                                       INT64(design_hop, timeout_ms),
                                       INT(design_hop, attempts),
                                       INT(design_hop, fallback),
                                       INT64(design_hop, buffer),
                                       INT(design_hop, batch),
                                       INT64(design_hop, batch_ms),
                                       INT(design_hop, audience),
                                       PLACE(design_hop, "", place),
                                       {0}};

/* --- writing ---------------------------------------------------------------------------------- */

static void put(const struct member *members, const char *prefix, const void *element,
                struct text *line)
{
    for (const struct member *member = members; member->name != NULL; member++) {
        char name[MEMBER_NAME_SIZE];
        const char *at = (const char *)element + member->offset;
        snprintf(name, sizeof name, "%s%s", prefix, member->name);
        if (member->kind == MEMBER_INT) {
            int value = 0;
            memcpy(&value, at, sizeof value);
            message_add_int64(line, name, value);
        } else if (member->kind == MEMBER_INT64) {
            int64_t value = 0;
            memcpy(&value, at, sizeof value);
            message_add_int64(line, name, value);
        } else {
            message_add(line, name, at);
        }
    }
}

static void put_fields(const struct design_field *fields, int count, struct text *line)
{
    for (int i = 0; i < count; i++) {
        char prefix[MEMBER_NAME_SIZE];
        snprintf(prefix, sizeof prefix, "f%d.", i);
        put(of_field, prefix, &fields[i], line);
    }
}

void wire_put_counts(const struct chat_model *model, struct text *line)
{
    put(of_counts, "", model, line);
}

void wire_put_rest(const struct chat_model *model, struct text *line)
{
    put(of_rest, "", model, line);
}

void wire_put_service(const struct design_service *service, struct text *line)
{
    put(of_service, "", service, line);
}

void wire_put_entity(const struct design_entity *entity, struct text *line)
{
    put(of_entity, "", entity, line);
    put_fields(entity->fields, entity->field_count, line);
}

void wire_put_message(const struct design_message *message, struct text *line)
{
    put(of_message, "", message, line);
    put_fields(message->fields, message->field_count, line);
}

void wire_put_on(const struct design_on *on, struct text *line)
{
    put(of_on, "", on, line);
}

void wire_put_flow(const struct design_flow *flow, struct text *line)
{
    put(of_flow, "", flow, line);
}

void wire_put_hop(const struct design_hop *hop, struct text *line)
{
    put(of_hop, "", hop, line);
}

/* --- reading ---------------------------------------------------------------------------------- */

static int get_string(const struct message *line, const char *name, char *out, size_t size,
                      struct error *err)
{
    const char *value = message_get(line, name);
    if (value == NULL)
        return error_set(err, ERR_INVALID, "%s= is missing", name);
    if (strlen(value) >= size)
        return error_set(err, ERR_INVALID, "%s= is longer than %zu bytes", name, size - 1);
    snprintf(out, size, "%s", value);
    return 0;
}

static int get_member(const struct message *line, const char *name, const struct member *member,
                      char *at, struct error *err)
{
    if (member->kind == MEMBER_NAME)
        return get_string(line, name, at, DESIGN_NAME_SIZE, err);
    if (member->kind == MEMBER_FILE)
        return get_string(line, name, at, DESIGN_FILE_SIZE, err);
    int64_t value = 0;
    int is_int = member->kind == MEMBER_INT;
    if (message_get_int64(line, name, &value) < 0 ||
        (is_int && (value < INT_MIN || value > INT_MAX)))
        return error_set(err, ERR_INVALID, "%s= is missing or no number", name);
    int small = (int)value;
    memcpy(at, is_int ? (const void *)&small : (const void *)&value,
           is_int ? sizeof small : sizeof value);
    return 0;
}

static int get(const struct message *line, const struct member *members, const char *prefix,
               void *element, struct error *err)
{
    int result = 0;
    for (const struct member *member = members; member->name != NULL && result == 0; member++) {
        char name[MEMBER_NAME_SIZE];
        snprintf(name, sizeof name, "%s%s", prefix, member->name);
        result = get_member(line, name, member, (char *)element + member->offset, err);
    }
    return result;
}

static int get_fields(const struct message *line, struct design_field *fields, int count,
                      struct error *err)
{
    int result = design_check_range("field_count", count, 0, DESIGN_FIELDS_MAX, err);
    for (int i = 0; i < count && result == 0; i++) {
        char prefix[MEMBER_NAME_SIZE];
        snprintf(prefix, sizeof prefix, "f%d.", i);
        result = get(line, of_field, prefix, &fields[i], err);
    }
    return result;
}

int wire_get_counts(const struct message *line, struct chat_model *model, struct error *err)
{
    const struct {
        const char *name;
        const int *count;
        int most;
    } counts[] = {{"service_count", &model->service_count, DESIGN_SERVICES_MAX},
                  {"entity_count", &model->entity_count, DESIGN_ENTITIES_MAX},
                  {"message_count", &model->message_count, DESIGN_MESSAGES_MAX},
                  {"on_count", &model->on_count, DESIGN_ONS_MAX},
                  {"flow_count", &model->flow_count, DESIGN_FLOWS_MAX}};
    int result = get(line, of_counts, "", model, err);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0] && result == 0; i++)
        result = design_check_range(counts[i].name, *counts[i].count, 0, counts[i].most, err);
    return result;
}

int wire_get_rest(const struct message *line, struct chat_model *model, struct error *err)
{
    return get(line, of_rest, "", model, err);
}

int wire_get_service(const struct message *line, struct design_service *service, struct error *err)
{
    return get(line, of_service, "", service, err);
}

int wire_get_entity(const struct message *line, struct design_entity *entity, struct error *err)
{
    int result = get(line, of_entity, "", entity, err);
    return result < 0 ? result : get_fields(line, entity->fields, entity->field_count, err);
}

int wire_get_message(const struct message *line, struct design_message *message, struct error *err)
{
    int result = get(line, of_message, "", message, err);
    return result < 0 ? result : get_fields(line, message->fields, message->field_count, err);
}

int wire_get_on(const struct message *line, struct design_on *on, struct error *err)
{
    return get(line, of_on, "", on, err);
}

int wire_get_flow(const struct message *line, struct design_flow *flow, struct error *err)
{
    int result = get(line, of_flow, "", flow, err);
    return result < 0 ? result
                      : design_check_range("hop_count", flow->hop_count, 0, DESIGN_HOPS_MAX, err);
}

int wire_get_hop(const struct message *line, struct design_hop *hop, struct error *err)
{
    return get(line, of_hop, "", hop, err);
}
