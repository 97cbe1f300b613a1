/*
 * D1: every requirement has a flow, and the flow comes to its result.
 */
#include "suites/04-chat/rules.h"

#include <ctype.h>
#include <stddef.h>
#include <stdio.h>

#include "kit/text.h"

enum { WORD_SIZE = 32 };

/* "CAN_CATCH_UP", as it is written in a design. */
static void requirement_word(int requirement, char out[WORD_SIZE])
{
    snprintf(out, WORD_SIZE, "CAN_%s", requirement_name((enum requirement)requirement));
    for (char *at = out; *at != '\0'; at++)
        *at = *at == ' ' ? '_' : (char)toupper((unsigned char)*at);
}

static const struct design_flow *first_flow(const struct chat_model *model, int requirement)
{
    for (int i = 0; i < model->flow_count; i++)
        if (model->flows[i].requirements & requirement)
            return &model->flows[i];
    return NULL;
}

int rule_requirements_have_flows(const struct chat_model *model, struct finding *finding)
{
    struct text missing = {0};
    int count = 0;
    for (int one = 1; one < CAN_ALL; one *= 2) {
        char word[WORD_SIZE];
        requirement_word(one, word);
        if (first_flow(model, one) == NULL)
            text_addf(&missing, "%s%s", count++ > 0 ? ", " : "", word);
    }
    if (count > 0)
        rule_broken(finding,
                    "a flow for each of the eight requirements; one flow may serve several",
                    "no flow says %s: nobody has thought through how that happens, and which "
                    "services it needs",
                    text_str(&missing));
    text_release(&missing);
    return count > 0;
}

/* --- results ---------------------------------------------------------------------------------- */

/* Whether a fixed answer may stand in for that of the hop, on its way back to who began: then
   nobody need ever get it. */
static int may_be_made_up(const struct design_flow *flow, int n)
{
    while (n != DESIGN_NONE && flow->hops[n].fallback != OR_DEFAULT)
        n = design_hop_before(flow, n);
    return n != DESIGN_NONE;
}

/* Whether a waiting call of the flows touches the capability, with a message of that kind and an
   answer that is its own; only calls that the reader began, if from_reader. */
static int waits_for(const struct chat_model *model, int requirement, enum message_kind kind,
                     enum capability capability, int from_reader)
{
    for (struct hop_at at = {0}; next_hop(model, &at, requirement);) {
        const struct design_flow *flow = &model->flows[at.flow];
        if (at.message->kind != kind || !design_hop_waits(flow, at.n) ||
            may_be_made_up(flow, at.n) ||
            (from_reader && flow->hops[first_hop(flow, at.n)].from != DESIGN_READER))
            continue;
        if (kind == DESIGN_QUERY ? touches_or_copy(model, at.message, capability)
                                 : touches(model, at.message, capability))
            return 1;
    }
    return 0;
}

/* Where the flow itself stores the message, what readers are told must come from there. */
static int is_told_by_who_stored(const struct chat_model *model, const struct hop_at *told)
{
    const struct design_flow *flow = &model->flows[told->flow];
    int owner = design_owner(model, OWNS_MESSAGES), stores = 0;
    for (struct hop_at at = {.flow = told->flow}; next_hop(model, &at, 0) && at.flow == told->flow;)
        stores |= writes(model, &at, OWNS_MESSAGES);
    int n = told->n;
    while (n != DESIGN_NONE && flow->hops[n].from != owner)
        n = design_hop_before(flow, n);
    return !stores || n != DESIGN_NONE;
}

/* Messages are for all members of a channel who are online, or for those of them who look at it. */
static int is_for_members(const struct design_hop *told)
{
    return told->audience == TO_CHANNEL_MEMBERS || told->audience == TO_SUBSCRIBERS;
}

/* Streamed to the reader by a service that hears of it, or asked for by the reader. */
static int reaches_reader(const struct chat_model *model, int requirement,
                          enum capability capability)
{
    for (struct hop_at at = {0}; next_hop(model, &at, requirement);)
        if (at.hop->kind == DESIGN_STREAM && at.hop->to == DESIGN_READER &&
            is_about(model, at.message, capability) && hears_of(model, at.hop->from, capability) &&
            (capability != OWNS_MESSAGES ||
             (is_for_members(at.hop) && is_told_by_who_stored(model, &at))))
            return 1;
    return waits_for(model, requirement, DESIGN_QUERY, capability, 1);
}

static int sends(const struct chat_model *model, int requirement)
{
    return waits_for(model, requirement, DESIGN_COMMAND, OWNS_MESSAGES, 0);
}

static int delivers(const struct chat_model *model, int requirement)
{
    return reaches_reader(model, requirement, OWNS_MESSAGES);
}

static int catches_up(const struct chat_model *model, int requirement)
{
    return waits_for(model, requirement, DESIGN_QUERY, OWNS_MESSAGES, 0);
}

static int joins(const struct chat_model *model, int requirement)
{
    return waits_for(model, requirement, DESIGN_COMMAND, OWNS_CHANNELS, 0) ||
           waits_for(model, requirement, DESIGN_COMMAND, OWNS_WORKSPACES, 0);
}

static int shares_a_file(const struct chat_model *model, int requirement)
{
    int owner = design_owner(model, OWNS_FILES), arrived = 0;
    for (struct hop_at at = {0}; next_hop(model, &at, requirement);)
        arrived |= at.hop->from == DESIGN_CLIENT &&
                   (at.hop->to == DESIGN_STORE || at.hop->to == owner) &&
                   design_field_of(at.message->fields, at.message->field_count, IS_BYTES) != NULL;
    return arrived && waits_for(model, requirement, DESIGN_COMMAND, OWNS_FILES, 0);
}

static int sees_presence(const struct chat_model *model, int requirement)
{
    int is_told = 0;
    for (struct hop_at at = {0}; next_hop(model, &at, requirement);)
        is_told |= at.message->kind == DESIGN_COMMAND && touches(model, at.message, OWNS_PRESENCE);
    return is_told && reaches_reader(model, requirement, OWNS_PRESENCE);
}

static int finds(const struct chat_model *model, int requirement)
{
    return waits_for(model, requirement, DESIGN_QUERY, OWNS_SEARCH, 0);
}

/* Whether the hop makes its receiver know of a stored message. follows: an earlier hop of its flow
   has stored one, or has brought news of one. */
static int tells_of_message(const struct chat_model *model, const struct hop_at *at, int follows)
{
    return is_about(model, at->message, OWNS_MESSAGES) ||
           brings_news(model, at->hop, OWNS_MESSAGES) ||
           (at->message->kind == DESIGN_COMMAND &&
            (follows || touches(model, at->message, OWNS_MESSAGES)));
}

static int notifies(const struct chat_model *model, int requirement)
{
    int owner = design_owner(model, OWNS_PUSH), flow = DESIGN_NONE, follows = 0, told = 0;
    for (struct hop_at at = {0}; next_hop(model, &at, requirement);) {
        if (at.flow != flow)
            follows = told = 0;
        flow = at.flow;
        told |= at.hop->to == owner && tells_of_message(model, &at, follows);
        follows |= writes(model, &at, OWNS_MESSAGES) || brings_news(model, at.hop, OWNS_MESSAGES);
        if (told && at.hop->from == owner && at.hop->to == DESIGN_PHONE)
            return 1;
    }
    return 0;
}

static const struct result_of {
    enum requirement requirement;
    int (*is_reached)(const struct chat_model *model, int requirement);
    const char *result, *hurts;
} results[] = {
    {CAN_SEND, sends, "the sender waits for a command that writes an entity of OWNS_MESSAGES",
     "a message may be lost, and its sender is told that it was taken"},
    {CAN_DELIVER, delivers,
     "after the message is stored, an event about an entity of OWNS_MESSAGES is streamed to "
     "reader, by the service that owns it, or by one that hears of it: an event about it comes "
     "there, or a command that its owner posts; TO_CHANNEL_MEMBERS or TO_SUBSCRIBERS; or reader "
     "calls, and is answered by a query of it",
     "message 17 is stored, and who is online sees it only after reloading; or sees it, and it is "
     "gone"},
    {CAN_CATCH_UP, catches_up, "a query of an entity of OWNS_MESSAGES, or of a copy, is called",
     "who was offline when message 17 came never sees it"},
    {CAN_JOIN, joins,
     "a command that writes an entity of OWNS_CHANNELS or OWNS_WORKSPACES is called",
     "nobody but the founder is ever a member"},
    {CAN_SHARE_FILE, shares_a_file,
     "client sends a field of IS_BYTES to store, or to the owner of OWNS_FILES, and a command that "
     "writes an entity of OWNS_FILES is called",
     "the bytes arrive nowhere, or nobody knows whose they are"},
    {CAN_SEE_PRESENCE, sees_presence,
     "a command on an entity of OWNS_PRESENCE is sent, and an event about one is streamed to "
     "reader by a service that hears of it (or reader calls a query of it)",
     "everybody seems to be away"},
    {CAN_FIND, finds, "a query of an entity of OWNS_SEARCH is called",
     "what was said last month cannot be found"},
    {CAN_NOTIFY, notifies,
     "an event about an entity of OWNS_MESSAGES, or a command that follows in its flow when a "
     "message is stored, comes to the owner of OWNS_PUSH, and from there a hop goes to phone",
     "who is away learns of a message in the evening"},
};

/* Who is in the workspace need not be in the channel. */
static int message_leaks(const struct chat_model *model, struct finding *finding)
{
    for (struct hop_at at = {0}; next_hop(model, &at, 0);)
        if (at.hop->kind == DESIGN_STREAM && at.hop->to < 0 &&
            at.hop->audience == TO_WORKSPACE_MEMBERS && is_about(model, at.message, OWNS_MESSAGES))
            return rule_broken(finding,
                               "a stream about messages goes TO_CHANNEL_MEMBERS or TO_SUBSCRIBERS",
                               "%s:%d: \"%s\" is streamed to workspace members: what is said in a "
                               "private channel comes to 10,000 people who are not in it",
                               at.hop->place.file, at.hop->place.line, at.message->name);
    return 0;
}

static int has_default(const struct chat_model *model, int requirement)
{
    int seen = 0;
    for (struct hop_at at = {0}; next_hop(model, &at, requirement);)
        seen |= design_hop_waits(&model->flows[at.flow], at.n) &&
                may_be_made_up(&model->flows[at.flow], at.n);
    return seen;
}

int rule_flows_reach_their_result(const struct chat_model *model, struct finding *finding)
{
    if (message_leaks(model, finding))
        return 1;
    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++) {
        char word[WORD_SIZE];
        const struct design_flow *flow = first_flow(model, (int)results[i].requirement);
        requirement_word((int)results[i].requirement, word);
        if (flow == NULL)
            return rule_broken(finding, results[i].result, "no flow says %s", word);
        if (!results[i].is_reached(model, (int)results[i].requirement))
            return rule_broken(finding, results[i].result,
                               "%s:%d: the flow \"%s\" says %s and does not come to that%s: %s",
                               flow->place.file, flow->place.line, flow->name, word,
                               has_default(model, (int)results[i].requirement)
                                   ? " (an answer by OR_DEFAULT is no result)"
                                   : "",
                               results[i].hurts);
    }
    return message_is_lost_on_the_way(model, finding) || anybody_may_write(model, finding) ||
           index_stays_empty(model, finding) || copy_stays_empty(model, finding) ||
           event_goes_unheard(model, finding);
}
