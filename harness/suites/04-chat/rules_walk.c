/*
 * What the rules of a design share: walking over hops, what a message touches, what sending writes.
 */
#include "suites/04-chat/rules.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

int rule_broken(struct finding *finding, const char *expected, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    vsnprintf(finding->got, sizeof finding->got, format, values);
    va_end(values);
    snprintf(finding->expected, sizeof finding->expected, "%s", expected);
    return 1;
}

int next_hop(const struct chat_model *model, struct hop_at *at, int requirements)
{
    while (at->flow < model->flow_count) {
        const struct design_flow *flow = &model->flows[at->flow];
        int is_asked = requirements == 0 || (flow->requirements & requirements) != 0;
        if (is_asked && at->next < flow->hop_count) {
            at->n = at->next++;
            at->hop = &flow->hops[at->n];
            at->message = &model->messages[at->hop->message];
            return 1;
        }
        at->flow++;
        at->next = 0;
    }
    return 0;
}

int touches(const struct chat_model *model, const struct design_message *message,
            enum capability capability)
{
    return touches_or_copy(model, message, capability) &&
           model->entities[message->entity].original == DESIGN_NONE;
}

int touches_or_copy(const struct chat_model *model, const struct design_message *message,
                    enum capability capability)
{
    return message->entity != DESIGN_NONE &&
           model->entities[message->entity].capability == capability;
}

int is_about(const struct chat_model *model, const struct design_message *message,
             enum capability capability)
{
    return message->kind == DESIGN_EVENT && touches_or_copy(model, message, capability);
}

int brings_news(const struct chat_model *model, const struct design_hop *hop,
                enum capability capability)
{
    const struct design_message *message = &model->messages[hop->message];
    return is_about(model, message, capability) ||
           (hop->kind == DESIGN_POST && message->kind == DESIGN_COMMAND &&
            hop->from == design_owner(model, capability));
}

int writes(const struct chat_model *model, const struct hop_at *at, enum capability capability)
{
    return at->message->kind == DESIGN_COMMAND &&
           design_hop_waits(&model->flows[at->flow], at->n) &&
           touches(model, at->message, capability);
}

int next_write(const struct chat_model *model, struct hop_at *at)
{
    while (next_hop(model, at, CAN_SEND))
        if (writes(model, at, OWNS_MESSAGES))
            return 1;
    return 0;
}

int first_hop(const struct design_flow *flow, int n)
{
    while (design_hop_before(flow, n) != DESIGN_NONE)
        n = design_hop_before(flow, n);
    return n;
}

const struct design_entity *main_entity(const struct chat_model *model)
{
    struct hop_at at = {0};
    return next_write(model, &at) ? &model->entities[at.message->entity] : NULL;
}

int no_main_entity(struct finding *finding)
{
    return rule_broken(finding,
                       "a call in a flow of CAN_SEND whose command writes an entity of "
                       "OWNS_MESSAGES, so that its sender waits until it is stored",
                       "there is none: nothing says how a message is stored");
}
