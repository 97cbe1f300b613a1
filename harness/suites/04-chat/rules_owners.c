/*
 * D2: every capability has one owner, and nobody else touches its data. D6: the data of a workspace
 * says so, and so does who asks for it.
 */
#include "suites/04-chat/rules.h"

#include <stddef.h>
#include <stdio.h>

#include "kit/text.h"

/* --- D2 --------------------------------------------------------------------------------------- */

int rule_capabilities_have_one_owner(const struct chat_model *model, struct finding *finding)
{
    static const char expected[] = "each capability but OWNS_OTHER has entities, all of them in "
                                   "one service; others keep copies";
    const struct design_entity *first[CAPABILITIES] = {NULL};
    for (int i = 0; i < model->entity_count; i++) {
        const struct design_entity *entity = &model->entities[i];
        const struct design_entity **earlier = &first[entity->capability];
        if (entity->original != DESIGN_NONE || entity->capability == OWNS_OTHER)
            continue;
        if (*earlier == NULL)
            *earlier = entity;
        else if ((*earlier)->service != entity->service)
            return rule_broken(
                finding, expected,
                "\"%s\" owns %s (%s:%d: \"%s\") and \"%s\" too (%s:%d: \"%s\"): after a lost "
                "update the two say different things, and nobody can say which one is true",
                model->services[(*earlier)->service].name, capability_name(entity->capability),
                (*earlier)->place.file, (*earlier)->place.line, (*earlier)->name,
                model->services[entity->service].name, entity->place.file, entity->place.line,
                entity->name);
    }
    for (int i = 0; i < OWNS_OTHER; i++)
        if (first[i] == NULL)
            return rule_broken(
                finding, expected,
                "nobody owns %s: no entity has that capability, so no service has to keep it true",
                capability_name((enum capability)i));
    return 0;
}

/* What is wrong with a message or an on of a service that touches an entity; NULL when nothing is.
   by: the event that it is taken from, DESIGN_NONE for a command, -2 for what only reads. */
enum { BY_A_QUERY = -2 };
static const char *trespass(const struct chat_model *model, int service, int entity, int by)
{
    if (entity == DESIGN_NONE)
        return NULL;
    const struct design_entity *touched = &model->entities[entity];
    if (touched->service != service)
        return "another service's: the day its owner renames a column, this service stops";
    if (touched->original != DESIGN_NONE && by != BY_A_QUERY && by != touched->event)
        return "a copy, and its owner's event does not come here: from now on copy and original "
               "differ";
    return NULL;
}

static int broken_by(const struct chat_model *model, struct finding *finding, int service,
                     const char *verb, const char *name, int entity,
                     const struct design_place *place, const char *why)
{
    const struct design_entity *touched = &model->entities[entity];
    return rule_broken(finding,
                       "a service reads its own entities and copies, and writes its own; a copy is "
                       "written by the one event that it was declared with",
                       "%s:%d: \"%s\" of \"%s\" %s \"%s\" (%s:%d, in \"%s\"), which is %s",
                       place->file, place->line, name, design_party_name(model, service), verb,
                       touched->name, touched->place.file, touched->place.line,
                       model->services[touched->service].name, why);
}

int rule_nobody_touches_anothers_data(const struct chat_model *model, struct finding *finding)
{
    for (int i = 0; i < model->message_count; i++) {
        const struct design_message *message = &model->messages[i];
        int reads = message->kind == DESIGN_QUERY;
        const char *why = message->kind == DESIGN_EVENT
                              ? NULL /* tells, and touches nothing */
                              : trespass(model, message->service, message->entity,
                                         reads ? BY_A_QUERY : DESIGN_NONE);
        if (why != NULL)
            return broken_by(model, finding, message->service, reads ? "reads" : "writes",
                             message->name, message->entity, &message->place, why);
    }
    for (int i = 0; i < model->on_count; i++) {
        const struct design_on *on = &model->ons[i];
        const char *why = trespass(model, on->service, on->entity, on->event);
        if (why != NULL)
            return broken_by(model, finding, on->service, "writes", model->messages[on->event].name,
                             on->entity, &on->place, why);
    }
    if (model->entity_count > 0)
        return 0;
    return rule_broken(finding, "services that own entities", "there is no entity at all");
}

/* --- D6 --------------------------------------------------------------------------------------- */

static int entity_has(const struct design_entity *entity, enum meaning meaning)
{
    return design_field_of(entity->fields, entity->field_count, meaning) != NULL;
}

static int is_private(enum capability capability)
{
    return capability != OWNS_USERS && capability != OWNS_PRESENCE && capability != OWNS_PUSH &&
           capability != OWNS_CONNECTIONS && capability != OWNS_OTHER;
}

/* Whether a channel's id says which workspace it is in: an entity of channels, keyed by it, does.
 */
static int channels_say_their_workspace(const struct chat_model *model)
{
    for (int i = 0; i < model->entity_count; i++) {
        const struct design_entity *entity = &model->entities[i];
        if (entity->original != DESIGN_NONE || entity->capability != OWNS_CHANNELS ||
            !entity_has(entity, IS_WORKSPACE_ID))
            continue;
        for (int n = 0; n < entity->field_count; n++)
            if (entity->fields[n].meaning == IS_CHANNEL_ID && (entity->fields[n].uses & IN_KEY))
                return 1;
    }
    return 0;
}

int rule_entities_have_a_workspace(const struct chat_model *model, struct finding *finding)
{
    int by_channel = channels_say_their_workspace(model), seen = 0;
    for (int i = 0; i < model->entity_count; i++) {
        const struct design_entity *entity = &model->entities[i];
        if (!is_private(entity->capability))
            continue;
        seen++;
        if (entity_has(entity, IS_WORKSPACE_ID) ||
            (by_channel && entity_has(entity, IS_CHANNEL_ID)))
            continue;
        return rule_broken(finding,
                           "each entity of workspaces, channels, messages, files and search has a "
                           "field of IS_WORKSPACE_ID; or of IS_CHANNEL_ID, where an entity of "
                           "OWNS_CHANNELS with that key has IS_WORKSPACE_ID",
                           "%s:%d: \"%s\" of \"%s\" has no workspace%s: one forgotten WHERE, and a "
                           "member of workspace A reads what is in B",
                           entity->place.file, entity->place.line, entity->name,
                           model->services[entity->service].name,
                           entity_has(entity, IS_CHANNEL_ID) ? " (and its channel is in none)"
                                                             : "");
    }
    if (seen > 0)
        return 0;
    return rule_broken(finding, "entities that lie in a workspace", "there are none");
}

/* Workspaces themselves are asked for by their people ("which ones am I in?"). */
static int needs_scope(const struct design_entity *entity)
{
    return entity->original == DESIGN_NONE && entity->capability != OWNS_WORKSPACES &&
           is_private(entity->capability);
}

static int message_has(const struct design_message *message, enum meaning meaning)
{
    return design_field_of(message->fields, message->field_count, meaning) != NULL;
}

/* 1 when the message says which workspace's or channel's rows of the entity it is about. */
static int names_scope(const struct design_message *message, const struct design_entity *entity)
{
    return (entity_has(entity, IS_WORKSPACE_ID) && message_has(message, IS_WORKSPACE_ID)) ||
           (entity_has(entity, IS_CHANNEL_ID) && message_has(message, IS_CHANNEL_ID));
}

int rule_requests_name_their_scope(const struct chat_model *model, struct finding *finding)
{
    int seen = 0;
    for (struct hop_at at = {0}; next_hop(model, &at, 0);) {
        const struct design_message *message = at.message;
        if (message->kind == DESIGN_EVENT || message->entity == DESIGN_NONE)
            continue;
        const struct design_entity *entity = &model->entities[message->entity];
        if (!needs_scope(entity))
            continue;
        seen++;
        if (names_scope(message, entity))
            continue;
        return rule_broken(
            finding,
            "a command or query on channels, messages, files or the index has a field of "
            "IS_WORKSPACE_ID or IS_CHANNEL_ID, and the entity has it too",
            "%s:%d: \"%s\" of \"%s\" touches \"%s\" (%s:%d) and does not say in which "
            "workspace or channel: whoever calls it (%s:%d) can reach every customer's rows",
            message->place.file, message->place.line, message->name,
            design_party_name(model, message->service), entity->name, entity->place.file,
            entity->place.line, at.hop->place.file, at.hop->place.line);
    }
    if (seen > 0)
        return 0;
    return rule_broken(finding, "calls to who owns channels, messages, files and the index",
                       "no flow touches any of them");
}
