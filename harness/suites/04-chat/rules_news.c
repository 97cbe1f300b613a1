/*
 * D1, the way of news: what is told is heard, and what is read from has been told.
 */
#include "suites/04-chat/rules.h"

#include <stddef.h>

int hears_of(const struct chat_model *model, int service, enum capability capability)
{
    int hears = design_owner(model, capability) == service;
    for (struct hop_at at = {0}; !hears && next_hop(model, &at, 0);)
        hears = at.hop->to == service && brings_news(model, at.hop, capability);
    return hears;
}

/* Whether the service does something with the event that the hop brings: it takes it, keeps a copy
   by it, goes on from there, or has to do with the same data in another flow (tells others of it,
   or asks for it when readers poll). */
static int is_heard(const struct chat_model *model, const struct hop_at *told)
{
    const struct design_flow *flow = &model->flows[told->flow];
    int service = told->hop->to, event = told->hop->message;
    for (int i = 0; i < model->on_count; i++)
        if (model->ons[i].service == service && model->ons[i].event == event)
            return 1;
    for (int i = 0; i < model->entity_count; i++)
        if (model->entities[i].service == service && model->entities[i].event == event)
            return 1;
    for (int n = told->n + 1; n < flow->hop_count; n++)
        if (design_hop_before(flow, n) == told->n)
            return 1;
    for (struct hop_at at = {0}; told->message->entity != DESIGN_NONE && next_hop(model, &at, 0);)
        if (at.hop->from == service &&
            touches_or_copy(model, at.message, model->entities[told->message->entity].capability))
            return 1;
    return 0;
}

int event_goes_unheard(const struct chat_model *model, struct finding *finding)
{
    for (struct hop_at at = {0}; next_hop(model, &at, 0);)
        if (at.hop->to >= 0 && at.message->kind == DESIGN_EVENT && !is_heard(model, &at))
            return rule_broken(
                finding,
                "a service that an event comes to takes it (on), keeps a copy by it "
                "(copy_of), or goes on in the flow",
                "%s:%d: \"%s\" comes to \"%s\", and nothing happens there: no on, no "
                "copy_of, and no hop that follows",
                at.hop->place.file, at.hop->place.line, at.message->name,
                design_party_name(model, at.hop->to));
    return 0;
}

/* --- what results are read from --------------------------------------------------------------- */

/* Whether the service calls a query about the data. */
static int asks_for(const struct chat_model *model, int service, enum capability capability)
{
    for (struct hop_at at = {0}; next_hop(model, &at, 0);)
        if (at.hop->from == service && at.message->kind == DESIGN_QUERY &&
            touches_or_copy(model, at.message, capability))
            return 1;
    return 0;
}

/* The event of the copy comes to its service in some flow. */
static int is_fed(const struct chat_model *model, const struct design_entity *copy)
{
    for (struct hop_at at = {0}; next_hop(model, &at, 0);)
        if (at.hop->to == copy->service && at.hop->message == copy->event)
            return 1;
    return 0;
}

/* The copy that the hop reads, or that stands in for its answer. */
static const struct design_entity *copy_behind(const struct chat_model *model,
                                               const struct hop_at *read)
{
    int entity = read->message->entity;
    if (entity == DESIGN_NONE || read->message->kind != DESIGN_QUERY)
        return NULL;
    if (model->entities[entity].original != DESIGN_NONE)
        return &model->entities[entity];
    return read->hop->fallback == OR_COPY ? design_copy_of(model, entity, read->hop->from) : NULL;
}

int copy_stays_empty(const struct chat_model *model, struct finding *finding)
{
    for (struct hop_at at = {0}; next_hop(model, &at, 0);) {
        const struct design_entity *copy = copy_behind(model, &at);
        if (copy == NULL || is_fed(model, copy))
            continue;
        return rule_broken(finding,
                           "the event of a copy that is read comes to its service in some flow",
                           "%s:%d: \"%s\" is answered from the copy \"%s\" (%s:%d), and no hop "
                           "brings \"%s\" to \"%s\": the copy stays empty",
                           at.hop->place.file, at.hop->place.line, at.message->name, copy->name,
                           copy->place.file, copy->place.line, model->messages[copy->event].name,
                           model->services[copy->service].name);
    }
    return 0;
}

/* Whether messages come to the index: its service hears of them, asks for them, or is told to write
   it. */
int index_stays_empty(const struct chat_model *model, struct finding *finding)
{
    int index = design_owner(model, OWNS_SEARCH);
    int is_told = hears_of(model, index, OWNS_MESSAGES) || asks_for(model, index, OWNS_MESSAGES);
    for (struct hop_at at = {0}; !is_told && next_hop(model, &at, 0);)
        is_told = at.message->kind == DESIGN_COMMAND && touches(model, at.message, OWNS_SEARCH);
    return !is_told &&
           rule_broken(finding,
                       "an event about an entity of OWNS_MESSAGES comes to the owner of "
                       "OWNS_SEARCH in some flow, or a command that writes the index, or it calls "
                       "a query of messages",
                       "no hop brings messages to \"%s\": its index stays empty, and nobody "
                       "finds anything",
                       design_party_name(model, index));
}

/* --- what is sent is what is stored ----------------------------------------------------------- */

static int lacks(const struct design_message *message, enum meaning meaning)
{
    return design_field_of(message->fields, message->field_count, meaning) == NULL;
}

/* One hop on the way from the client to who stores the message. A client need not say who it is. */
static int loses_part(const struct chat_model *model, const struct design_hop *hop,
                      struct finding *finding)
{
    const struct design_message *message = &model->messages[hop->message];
    int no_text = lacks(message, IS_TEXT);
    if (!no_text && (hop->from == DESIGN_CLIENT || !lacks(message, IS_USER_ID)))
        return 0;
    return rule_broken(finding,
                       "a field of IS_TEXT in each message from the client to the one that stores, "
                       "and one of IS_USER_ID in those that services send",
                       "%s:%d: \"%s\", by which a message is sent (%s:%d), has no field of %s: %s",
                       message->place.file, message->place.line, message->name, hop->place.file,
                       hop->place.line, no_text ? "IS_TEXT" : "IS_USER_ID",
                       no_text ? "an empty message is stored"
                               : "nobody can say who has written the message");
}

int message_is_lost_on_the_way(const struct chat_model *model, struct finding *finding)
{
    const struct design_entity *stored = main_entity(model);
    struct hop_at at = {0};
    if (stored != NULL && design_field_of(stored->fields, stored->field_count, IS_TEXT) == NULL)
        return rule_broken(finding, "a field of IS_TEXT in the entity that sending writes",
                           "%s:%d: \"%s\" has no text: what was said is nowhere",
                           stored->place.file, stored->place.line, stored->name);
    while (next_write(model, &at))
        for (int n = at.n; n != DESIGN_NONE; n = design_hop_before(&model->flows[at.flow], n))
            if (loses_part(model, &model->flows[at.flow].hops[n], finding))
                return 1;
    return 0;
}

static int knows_members(const struct chat_model *model, int service)
{
    for (int i = 0; i < model->entity_count; i++)
        if (model->entities[i].service == service && model->entities[i].capability == OWNS_CHANNELS)
            return 1;
    return 0;
}

/* A sender waits for an answer about channels that is not made up, or for a service that has them,
   or a copy, and may look itself. */
static int asks_who_is_member(const struct chat_model *model, int flow)
{
    for (struct hop_at at = {.flow = flow}; next_hop(model, &at, 0) && at.flow == flow;)
        if (at.hop->kind == DESIGN_CALL && design_hop_waits(&model->flows[flow], at.n) &&
            at.hop->fallback != OR_DEFAULT &&
            (touches_or_copy(model, at.message, OWNS_CHANNELS) || knows_members(model, at.hop->to)))
            return 1;
    return 0;
}

int anybody_may_write(const struct chat_model *model, struct finding *finding)
{
    for (struct hop_at at = {0}; next_write(model, &at);)
        if (!asks_who_is_member(model, at.flow))
            return rule_broken(
                finding,
                "where a message is stored, its sender waits for a call that touches an entity of "
                "OWNS_CHANNELS or a copy, without OR_DEFAULT, or for a service that keeps one",
                "%s:%d: \"%s\" stores a message, and nothing in \"%s\" says whether its sender is "
                "a member of the channel: anybody may write anywhere",
                at.hop->place.file, at.hop->place.line, at.message->name,
                model->flows[at.flow].name);
    return 0;
}
