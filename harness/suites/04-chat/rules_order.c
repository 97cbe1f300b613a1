/*
 * D5: order within a channel comes from its one partition and the owner's number. D8: a message
 * that is sent twice is stored once.
 */
#include "suites/04-chat/rules.h"

#include <stddef.h>
#include <stdio.h>

#include "kit/text.h"

static const struct design_field *in_message(const struct design_message *message,
                                             enum meaning meaning)
{
    return design_field_of(message->fields, message->field_count, meaning);
}

/* --- D5 --------------------------------------------------------------------------------------- */

/* 1 when the channel decides the partition; else *wrong is a field that does not follow from it, or
   NULL when no field decides. */
static int channel_decides(const struct design_field *fields, int count,
                           const struct design_field **wrong)
{
    int seen = 0;
    *wrong = NULL;
    for (int i = 0; i < count; i++) {
        if (!(fields[i].uses & IN_PARTITION))
            continue;
        seen++;
        if (fields[i].meaning != IS_CHANNEL_ID && fields[i].meaning != IS_WORKSPACE_ID)
            *wrong = &fields[i];
    }
    return seen > 0 && *wrong == NULL;
}

/* The field with that meaning that decides the partition, or any such field; NULL: there is none.
 */
static const struct design_field *partition_field(const struct design_entity *entity, int any,
                                                  enum meaning meaning)
{
    for (int i = 0; i < entity->field_count; i++)
        if ((entity->fields[i].uses & IN_PARTITION) &&
            (any || entity->fields[i].meaning == meaning))
            return &entity->fields[i];
    return NULL;
}

/* rule_broken when the command or query looks for its rows in another partition than they are in.
 */
static int looks_elsewhere(const struct chat_model *model, const struct design_message *message,
                           struct finding *finding)
{
    const struct design_entity *entity = &model->entities[message->entity];
    const struct design_field *decides = partition_field(entity, 1, IS_PLAIN);
    for (int i = 0; decides != NULL && i < message->field_count; i++) {
        const struct design_field *field = &message->fields[i];
        if (!(field->uses & IN_PARTITION) || partition_field(entity, 0, field->meaning) != NULL)
            continue;
        return rule_broken(
            finding,
            "fields IN_PARTITION of a command or query that mean the same as those "
            "of its entity",
            "%s:%d: \"%s\" (%s) decides where \"%s\" goes, and the rows of \"%s\" lie "
            "by \"%s\" (%s, %s:%d): it comes to a partition that does not have them",
            field->place.file, field->place.line, field->name, meaning_name(field->meaning),
            message->name, entity->name, decides->name, meaning_name(decides->meaning),
            decides->place.file, decides->place.line);
    }
    return 0;
}

static int any_looks_elsewhere(const struct chat_model *model, struct finding *finding)
{
    for (int i = 0; i < model->message_count; i++)
        if (model->messages[i].kind != DESIGN_EVENT && model->messages[i].entity != DESIGN_NONE &&
            looks_elsewhere(model, &model->messages[i], finding))
            return 1;
    return 0;
}

int rule_channel_lies_in_one_partition(const struct chat_model *model, struct finding *finding)
{
    static const char expected[] = "fields IN_PARTITION of the entity that sending writes, all of "
                                   "them IS_CHANNEL_ID or IS_WORKSPACE_ID";
    const struct design_entity *entity = main_entity(model);
    const struct design_field *wrong;
    if (entity == NULL)
        return no_main_entity(finding);
    if (channel_decides(entity->fields, entity->field_count, &wrong))
        return any_looks_elsewhere(model, finding);
    if (wrong == NULL)
        return rule_broken(finding, expected,
                           "%s:%d: no field of \"%s\" is IN_PARTITION: a row may lie anywhere, two "
                           "writers number one channel, and 18 is stored before 17",
                           entity->place.file, entity->place.line, entity->name);
    return rule_broken(finding, expected,
                       "%s:%d: \"%s\" (%s) decides the partition of \"%s\" (%s:%d): the messages "
                       "of one channel lie in several partitions, and readers see 18 before 17",
                       wrong->place.file, wrong->place.line, wrong->name,
                       meaning_name(wrong->meaning), entity->name, entity->place.file,
                       entity->place.line);
}

int rule_order_is_the_owners_number(const struct chat_model *model, struct finding *finding)
{
    static const char expected[] =
        "the key of the entity that sending writes has a field of IS_NUMBER and none of IS_TIME; "
        "and the client sends no IS_NUMBER";
    const struct design_entity *entity = main_entity(model);
    int has_number = 0;
    if (entity == NULL)
        return no_main_entity(finding);
    for (int i = 0; i < entity->field_count; i++) {
        const struct design_field *field = &entity->fields[i];
        if (!(field->uses & IN_KEY))
            continue;
        if (field->meaning == IS_TIME)
            return rule_broken(finding, expected,
                               "%s:%d: \"%s\" orders the messages by a clock: clocks of two "
                               "machines differ by milliseconds, and at 81 messages a second in "
                               "one partition an answer stands above its question",
                               field->place.file, field->place.line, field->name);
        has_number |= field->meaning == IS_NUMBER;
    }
    if (!has_number)
        return rule_broken(finding, expected,
                           "%s:%d: the key of \"%s\" has no number: a reader cannot see that 17 is "
                           "missing between 16 and 18",
                           entity->place.file, entity->place.line, entity->name);
    for (struct hop_at at = {0}; next_hop(model, &at, CAN_SEND);) {
        const struct design_field *number = in_message(at.message, IS_NUMBER);
        if (at.hop->from == DESIGN_CLIENT && at.message->kind == DESIGN_COMMAND && number != NULL)
            return rule_broken(finding, expected,
                               "%s:%d: the client chooses \"%s\" in \"%s\": two clients that write "
                               "at once choose the same one",
                               number->place.file, number->place.line, number->name,
                               at.message->name);
    }
    return 0;
}

/* Whether readers have messages from this service: it streams to them, or keeps a copy. */
static int serves_readers(const struct chat_model *model, int service)
{
    for (struct hop_at at = {0}; next_hop(model, &at, 0);)
        if (at.hop->kind == DESIGN_STREAM && at.hop->from == service &&
            at.hop->to == DESIGN_READER && is_about(model, at.message, OWNS_MESSAGES))
            return 1;
    for (int i = 0; i < model->entity_count; i++)
        if (model->entities[i].service == service && model->entities[i].original != DESIGN_NONE &&
            model->entities[i].capability == OWNS_MESSAGES)
            return 1;
    return 0;
}

/* Whether news of messages that comes to the service comes to readers in the end. */
static int is_on_the_way(const struct chat_model *model, int service)
{
    int is_on_it[DESIGN_SERVICES_MAX], changed = 1;
    for (int i = 0; i < model->service_count; i++)
        is_on_it[i] = serves_readers(model, i);
    while (changed) {
        changed = 0;
        for (struct hop_at at = {0}; next_hop(model, &at, 0);)
            if (at.hop->kind != DESIGN_CALL && at.hop->from >= 0 && at.hop->to >= 0 &&
                is_on_it[at.hop->to] && !is_on_it[at.hop->from] &&
                brings_news(model, at.hop, OWNS_MESSAGES))
                changed = is_on_it[at.hop->from] = 1;
    }
    return service >= 0 && is_on_it[service];
}

/* Whether readers get messages in the order in which this hop brings them: not from a search, and
   not from a phone. */
static int carries_order(const struct chat_model *model, const struct design_hop *posted)
{
    return posted->kind == DESIGN_POST && brings_news(model, posted, OWNS_MESSAGES) &&
           is_on_the_way(model, posted->to);
}

/* Readers may ask instead, or have their connections at the owner of the messages. */
static int goes_without_posts(const struct chat_model *model, const struct design_hop *hop)
{
    return hop->kind == DESIGN_CALL
               ? hop->from == DESIGN_READER
               : hop->kind == DESIGN_STREAM && hop->from == design_owner(model, OWNS_MESSAGES);
}

int rule_events_are_keyed_by_channel(const struct chat_model *model, struct finding *finding)
{
    static const char expected[] = "each event or command that is posted to tell of messages, on "
                                   "the way to readers, has fields IN_PARTITION, "
                                   "all of IS_CHANNEL_ID or IS_WORKSPACE_ID";
    int seen = 0;
    for (struct hop_at at = {0}; next_hop(model, &at, CAN_SEND | CAN_DELIVER);) {
        const struct design_message *message = at.message;
        const struct design_field *wrong;
        seen |= goes_without_posts(model, at.hop) ||
                (at.hop->kind == DESIGN_POST && brings_news(model, at.hop, OWNS_MESSAGES));
        if (!carries_order(model, at.hop) ||
            channel_decides(message->fields, message->field_count, &wrong))
            continue;
        return rule_broken(finding, expected,
                           "%s:%d: \"%s\" is posted (%s:%d) %s%s%s: two events of one channel go "
                           "different ways, and 18 arrives before 17",
                           message->place.file, message->place.line, message->name,
                           at.hop->place.file, at.hop->place.line,
                           wrong != NULL ? "by \"" : "with no field IN_PARTITION",
                           wrong != NULL ? wrong->name : "", wrong != NULL ? "\"" : "");
    }
    if (seen)
        return 0;
    return rule_broken(finding, expected,
                       "no flow of CAN_SEND or CAN_DELIVER posts news of messages, the "
                       "owner of the messages streams none, and no reader calls");
}

/* --- D8 --------------------------------------------------------------------------------------- */

int rule_client_id_reaches_the_writer(const struct chat_model *model, struct finding *finding)
{
    struct hop_at at = {0};
    if (main_entity(model) == NULL)
        return no_main_entity(finding);
    while (next_write(model, &at)) {
        const struct design_flow *flow = &model->flows[at.flow];
        for (int n = at.n; n != DESIGN_NONE; n = design_hop_before(flow, n)) {
            const struct design_hop *hop = &flow->hops[n];
            const struct design_message *message = &model->messages[hop->message];
            if (in_message(message, IS_CLIENT_ID) != NULL)
                continue;
            return rule_broken(finding,
                               "a field of IS_CLIENT_ID in each message from the client to the one "
                               "that writes, the same whenever a message is sent again",
                               "%s:%d: \"%s\" of \"%s\" has none, and \"%s\" goes through it "
                               "(%s:%d): if 1 in 100 answers is lost, and the client sends again, "
                               "46 messages a second are stored twice",
                               message->place.file, message->place.line, message->name,
                               design_party_name(model, message->service), flow->name,
                               hop->place.file, hop->place.line);
        }
    }
    return 0;
}

/* Whether the fields of that use, together, are sender, channel and client id, and at most what
   follows from the sender's device or the channel. */
static int is_scope_of_a_send(const struct design_entity *entity, int use)
{
    unsigned seen = 0;
    for (int i = 0; i < entity->field_count; i++)
        if (entity->fields[i].uses & use)
            seen |= 1u << entity->fields[i].meaning;
    const unsigned needed = 1u << IS_CLIENT_ID | 1u << IS_USER_ID | 1u << IS_CHANNEL_ID;
    const unsigned allowed = needed | 1u << IS_WORKSPACE_ID | 1u << IS_DEVICE_ID;
    return (seen & needed) == needed && (seen & ~allowed) == 0;
}

/* The fields of the constraint, with their lines; what comes of it. */
static int wrong_constraint(const struct design_entity *entity, const char *expected,
                            struct finding *finding)
{
    struct text fields = {0};
    unsigned seen = 0;
    for (int i = 0; i < entity->field_count; i++) {
        const struct design_field *field = &entity->fields[i];
        if (!(field->uses & IN_UNIQUE))
            continue;
        text_addf(&fields, "%s\"%s\" (%s:%d)", seen != 0 ? ", " : "", field->name,
                  field->place.file, field->place.line);
        seen |= 1u << field->meaning;
    }
    const char *hurts =
        !(seen & 1u << IS_CLIENT_ID) ? "a message that is sent again looks like another one"
        : !(seen & 1u << IS_USER_ID) ? "the message of one user is taken for that of another, "
                                       "whose client chose the same id, and is lost"
        : !(seen & 1u << IS_CHANNEL_ID)
            ? "a message is taken for one that its sender wrote in another channel, and is lost"
            : "a message that is sent again may differ in one of them, and is stored twice";
    rule_broken(finding, expected, "unique in \"%s\" are together %s: %s", entity->name,
                text_str(&fields), hurts);
    text_release(&fields);
    return 1;
}

int rule_client_id_is_unique(const struct chat_model *model, struct finding *finding)
{
    static const char expected[] =
        "an entity of the service that owns messages in which the fields IN_UNIQUE (or those "
        "IN_KEY) are IS_CHANNEL_ID, IS_USER_ID and IS_CLIENT_ID, and nothing else but perhaps "
        "IS_WORKSPACE_ID or IS_DEVICE_ID";
    const struct design_entity *entity = main_entity(model), *near = NULL;
    if (entity == NULL)
        return no_main_entity(finding);
    for (int i = 0; i < model->entity_count; i++) {
        const struct design_entity *other = &model->entities[i];
        if (other->service != entity->service || other->original != DESIGN_NONE)
            continue;
        if (is_scope_of_a_send(other, IN_UNIQUE) || is_scope_of_a_send(other, IN_KEY))
            return 0;
        for (int n = 0; n < other->field_count; n++)
            if ((other->fields[n].uses & IN_UNIQUE) && near != entity)
                near = other;
    }
    if (near != NULL)
        return wrong_constraint(near, expected, finding);
    return rule_broken(finding, expected,
                       "no field in \"%s\" is IN_UNIQUE (messages: %s:%d): two copies of one send "
                       "that arrive together are both stored",
                       model->services[entity->service].name, entity->place.file,
                       entity->place.line);
}
