/*
 * D7: the bytes of files stay off the way of messages. D9: presence expires, and is told to who
 * looks. D10: no single instance stops sending.
 */
#include "suites/04-chat/rules.h"

#include <stddef.h>
#include <stdio.h>

/* --- D7 --------------------------------------------------------------------------------------- */

static int bytes_in_rows(const struct chat_model *model, struct finding *finding)
{
    for (int i = 0; i < model->entity_count; i++) {
        const struct design_entity *entity = &model->entities[i];
        const struct design_field *bytes =
            design_field_of(entity->fields, entity->field_count, IS_BYTES);
        if (entity->capability != OWNS_FILES && bytes != NULL)
            return rule_broken(
                finding, "the bytes of files are where files are, and others hold a link",
                "%s:%d: \"%s\" (%s) keeps the bytes of files: one file of 20 MB is as much "
                "as 100,000 texts",
                bytes->place.file, bytes->place.line, entity->name,
                capability_name(entity->capability));
    }
    return 0;
}

int rule_bytes_stay_off_the_path(const struct chat_model *model, struct finding *finding)
{
    static const char expected[] =
        "a field of IS_BYTES travels only from client or reader to store, or to the owner of "
        "OWNS_FILES, in a flow that serves neither CAN_SEND nor CAN_DELIVER";
    int owner = design_owner(model, OWNS_FILES), seen = 0;
    if (bytes_in_rows(model, finding))
        return 1;
    for (struct hop_at at = {0}; next_hop(model, &at, 0);) {
        const struct design_field *bytes =
            design_field_of(at.message->fields, at.message->field_count, IS_BYTES);
        const struct design_flow *flow = &model->flows[at.flow];
        if (bytes == NULL)
            continue;
        seen++;
        if (flow->requirements & (CAN_SEND | CAN_DELIVER))
            return rule_broken(finding, expected,
                               "%s:%d: \"%s\" carries the bytes of a file (%s:%d) in \"%s\": the "
                               "100,000 texts that weigh as much as a file of 20 MB wait behind it",
                               at.hop->place.file, at.hop->place.line, at.message->name,
                               bytes->place.file, bytes->place.line, flow->name);
        if ((at.hop->from != DESIGN_CLIENT && at.hop->from != DESIGN_READER) ||
            (at.hop->to != DESIGN_STORE && at.hop->to != owner))
            return rule_broken(finding, expected,
                               "%s:%d: the bytes of a file go from \"%s\" to \"%s\": at the peak "
                               "93 files a second of 400 kB, 37 MB/s, go through its memory, twice "
                               "what all messages to all readers need",
                               at.hop->place.file, at.hop->place.line,
                               design_party_name(model, at.hop->from),
                               design_party_name(model, at.hop->to));
    }
    if (seen > 0)
        return 0;
    return rule_broken(
        finding, expected,
        "no message has a field of IS_BYTES: nothing says which way the bytes of a file go");
}

int rule_message_links_its_file(const struct chat_model *model, struct finding *finding)
{
    static const char expected[] = "a field of IS_LINK in the entity that sending writes, and in "
                                   "each message from the client to "
                                   "the one that writes it";
    const struct design_entity *entity = main_entity(model);
    struct hop_at at = {0};
    if (entity == NULL)
        return no_main_entity(finding);
    if (design_field_of(entity->fields, entity->field_count, IS_LINK) == NULL)
        return rule_broken(finding, expected,
                           "%s:%d: \"%s\" has no link: of the 4,630 messages a second at the peak "
                           "93 have a file, and nobody can open it",
                           entity->place.file, entity->place.line, entity->name);
    while (next_write(model, &at)) {
        const struct design_flow *flow = &model->flows[at.flow];
        for (int n = at.n; n != DESIGN_NONE; n = design_hop_before(flow, n)) {
            const struct design_hop *hop = &flow->hops[n];
            const struct design_message *message = &model->messages[hop->message];
            if (design_field_of(message->fields, message->field_count, IS_LINK) == NULL)
                return rule_broken(finding, expected,
                                   "%s:%d: \"%s\", by which a message is sent (%s:%d), has no "
                                   "link, so the one in \"%s\" is always empty",
                                   message->place.file, message->place.line, message->name,
                                   hop->place.file, hop->place.line, entity->name);
        }
    }
    return 0;
}

/* --- D9 --------------------------------------------------------------------------------------- */

int rule_presence_expires(const struct chat_model *model, struct finding *finding)
{
    static const char expected[] = "a field of IS_EXPIRY in each entity of OWNS_PRESENCE";
    int seen = 0;
    for (int i = 0; i < model->entity_count; i++) {
        const struct design_entity *entity = &model->entities[i];
        if (entity->capability != OWNS_PRESENCE || entity->original != DESIGN_NONE)
            continue;
        seen++;
        if (design_field_of(entity->fields, entity->field_count, IS_EXPIRY) == NULL)
            return rule_broken(finding, expected,
                               "%s:%d: \"%s\" stays true until somebody takes it back: the 68,421 "
                               "people of a gateway that dies are online for ever, and get no push",
                               entity->place.file, entity->place.line, entity->name);
    }
    if (seen > 0)
        return 0;
    return rule_broken(finding, expected, "no entity has OWNS_PRESENCE");
}

int rule_presence_outlives_a_heartbeat(const struct chat_model *model, struct finding *finding)
{
    static const char expected[] = "presence(HERE, heartbeat_ms, ttl_ms) with the time to live "
                                   "above the heartbeat: two or three times is usual";
    if (model->presence_place.line == 0)
        return rule_broken(finding, expected, "the design does not say how long a heartbeat lasts");
    if (model->heartbeat_ms < model->ttl_ms)
        return 0;
    return rule_broken(finding, expected,
                       "%s:%d: a heartbeat every %lld ms, each true for %lld ms: one that is a "
                       "moment late turns its user off and on again for everybody who looks",
                       model->presence_place.file, model->presence_place.line,
                       (long long)model->heartbeat_ms, (long long)model->ttl_ms);
}

int rule_presence_goes_to_subscribers(const struct chat_model *model, struct finding *finding)
{
    static const char expected[] =
        "each stream about presence goes TO_SUBSCRIBERS: those who have the person on their screen";
    int seen = 0;
    for (struct hop_at at = {0}; next_hop(model, &at, 0);) {
        const struct design_flow *flow = &model->flows[at.flow];
        seen |= at.message->kind == DESIGN_QUERY && design_hop_waits(flow, at.n) &&
                touches_or_copy(model, at.message, OWNS_PRESENCE) &&
                flow->hops[first_hop(flow, at.n)].from == DESIGN_READER;
        if (at.hop->kind != DESIGN_STREAM || !is_about(model, at.message, OWNS_PRESENCE))
            continue;
        seen = 1;
        if (at.hop->audience != TO_SUBSCRIBERS)
            return rule_broken(
                finding, expected,
                "%s:%d: \"%s\" is streamed to %s: in a workspace with 10,000 people online, each "
                "of whom comes or goes every ten minutes, these are 166,650 events a second",
                at.hop->place.file, at.hop->place.line, at.message->name,
                audience_name(at.hop->audience));
    }
    if (seen)
        return 0;
    return rule_broken(finding, expected,
                       "no event about presence is streamed, and no reader asks for it");
}

/* --- D10 -------------------------------------------------------------------------------------- */

/* Whether the caller goes on without the answer: by a default, or by a copy that it has. */
static int has_fallback(const struct chat_model *model, const struct design_hop *hop)
{
    const struct design_message *message = &model->messages[hop->message];
    if (hop->fallback != OR_COPY)
        return hop->fallback == OR_DEFAULT;
    return design_copy_of(model, message->entity, hop->from) != NULL;
}

/* Whether a sender fails when this call does: it waits, and no caller above it has a fallback. */
static int is_needed(const struct chat_model *model, const struct hop_at *at)
{
    const struct design_flow *flow = &model->flows[at->flow];
    int n = at->n;
    if (!design_hop_waits(flow, n))
        return 0;
    while (n != DESIGN_NONE && !has_fallback(model, &flow->hops[n]))
        n = design_hop_before(flow, n);
    return n == DESIGN_NONE;
}

/* Data that is gone with its machine. Who is connected, and who is there, is said again by the
   clients. */
static int touches_what_must_stay(const struct chat_model *model,
                                  const struct design_message *message)
{
    for (int i = 0; i < CAPABILITIES; i++)
        if (i != OWNS_CONNECTIONS && i != OWNS_PRESENCE &&
            touches(model, message, (enum capability)i))
            return 1;
    return 0;
}

int rule_no_single_instance_stops_it(const struct chat_model *model, struct finding *finding)
{
    static const char expected[] =
        "two instances or more of each service that a sender waits for, and two copies or more "
        "where the message touches an entity (one that only passes on is declared with NULL); or a "
        "fallback on the call";
    int needed = 0;
    for (struct hop_at at = {0}; next_hop(model, &at, CAN_SEND);) {
        if (!is_needed(model, &at) || at.hop->to < 0)
            continue;
        const struct design_service *service = &model->services[at.hop->to];
        needed++;
        if (service->instances < 2)
            return rule_broken(finding, expected,
                               "%s:%d: \"%s\" has one instance, and a sender waits for it (%s:%d): "
                               "its restart of 30 s refuses 138,900 messages",
                               service->place.file, service->place.line, service->name,
                               at.hop->place.file, at.hop->place.line);
        if (service->copies < 2 && touches_what_must_stay(model, at.message))
            return rule_broken(
                finding, expected,
                "%s:%d: \"%s\" has one copy of its data, and a sender waits for "
                "\"%s\" (%s:%d), which touches \"%s\" there (%s:%d): with one of its "
                "%d machines every channel stands that lies there, until the disk is "
                "back",
                service->place.file, service->place.line, service->name, at.message->name,
                at.hop->place.file, at.hop->place.line, model->entities[at.message->entity].name,
                at.message->place.file, at.message->place.line, service->instances);
    }
    if (needed > 0)
        return 0;
    return rule_broken(finding, expected, "no sender waits for any service");
}
