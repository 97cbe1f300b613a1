/* What one message sets in motion. */
#include "suites/04-chat/load_plan.h"

#include <stddef.h>
#include "04-chat/load_costs.h"
#include "kit/error.h"

#define US(microseconds) ((int64_t)1000 * (microseconds))

enum { CLIENTS = 3 }; /* nodes that add_beats and add_return add, whatever the design is */

/* Where each party was reached last; the outside counts as the client. */
struct reached {
    int service[DESIGN_SERVICES_MAX];
    int client;
};

static int reached_at(const struct reached *reached, int party)
{
    if (party == DESIGN_CLIENT || party == DESIGN_READER)
        return reached->client;
    return party >= 0 ? reached->service[party] : PLAN_NONE;
}

static void reach_nothing(struct reached *reached, int client)
{
    reached->client = client;
    for (int i = 0; i < DESIGN_SERVICES_MAX; i++)
        reached->service[i] = PLAN_NONE;
}

/* The entity of the service that the hop reads or writes there, or DESIGN_NONE. */
static int touched(const struct chat_model *model, const struct design_hop *hop)
{
    const struct design_message *message = &model->messages[hop->message];
    if (message->kind != DESIGN_EVENT)
        return message->entity;
    for (int i = 0; i < model->on_count; i++)
        if (model->ons[i].service == hop->to && model->ons[i].event == hop->message)
            return model->ons[i].entity;
    return DESIGN_NONE;
}

static enum plan_target target_of(const struct design_field *fields, int count)
{
    enum plan_target target = TARGET_ANY;
    for (int i = 0; i < count; i++) {
        if (!(fields[i].uses & IN_PARTITION))
            continue;
        if (fields[i].meaning == IS_WORKSPACE_ID)
            target = target == TARGET_ANY ? TARGET_WORKSPACE : target;
        else if (fields[i].meaning == IS_CHANNEL_ID)
            target = target == TARGET_ROW ? target : TARGET_CHANNEL;
        else
            target = TARGET_ROW;
    }
    return target;
}

/* What the visit costs, and where it goes. */
static void look_at_work(const struct chat_plan *plan, struct plan_node *node)
{
    const struct chat_model *model = plan->model;
    const struct design_message *message = &model->messages[node->hop->message];
    const int at = touched(model, node->hop);
    const struct design_entity *entity = at != DESIGN_NONE ? &model->entities[at] : NULL;
    node->work = plan->costs.pass;
    if (entity == NULL || entity->capability == OWNS_CONNECTIONS ||
        (entity->capability == OWNS_PRESENCE &&
         entity->service == design_owner(model, OWNS_CONNECTIONS)))
        return; /* it is kept in the memory of the instance that has the connection */
    node->target = target_of(entity->fields, entity->field_count);
    if (node->target == TARGET_ANY)
        node->target = target_of(message->fields, message->field_count);
    if (node->target == TARGET_ANY)
        node->target = TARGET_ROW;
    if (message->kind == DESIGN_QUERY) {
        node->work = plan->costs.query;
    } else {
        node->work = plan->costs.commit;
        node->row_ns = plan->costs.row_ns;
        node->is_written = 1;
    }
}

/* A new node below another; PLAN_NONE when there is no room. */
static int add_node(struct chat_plan *plan, int parent, const struct design_hop *hop)
{
    struct plan_node *above = &plan->nodes[parent];
    int *const list = hop->kind == DESIGN_CALL ? above->calls : above->posts;
    int *const count = hop->kind == DESIGN_CALL ? &above->call_count : &above->post_count;
    if (plan->node_count >= PLAN_NODES_MAX - CLIENTS || *count == DESIGN_HOPS_MAX)
        return PLAN_NONE;
    struct plan_node *node = &plan->nodes[plan->node_count];
    *node = (struct plan_node){.hop = hop, .service = hop->to};
    look_at_work(plan, node);
    const int entity = touched(plan->model, hop);
    if (node->is_written && plan->model->entities[entity].capability == OWNS_MESSAGES &&
        plan->store == PLAN_NONE)
        plan->store = plan->node_count;
    list[(*count)++] = plan->node_count;
    return plan->node_count++;
}

/* The same hop below the same node, or PLAN_NONE. */
static int find_node(const struct chat_plan *plan, int parent, const struct design_hop *hop)
{
    const struct plan_node *above = &plan->nodes[parent];
    const int *const list = hop->kind == DESIGN_CALL ? above->calls : above->posts;
    const int count = hop->kind == DESIGN_CALL ? above->call_count : above->post_count;
    for (int i = 0; i < count; i++) {
        const struct design_hop *other = plan->nodes[list[i]].hop;
        if (other->kind == hop->kind && other->to == hop->to && other->message == hop->message)
            return list[i];
    }
    return PLAN_NONE;
}

/* Readers are sent to from that node. */
static void stream_from(struct chat_plan *plan, int at, enum audience audience, int64_t reader_ns,
                        int64_t wait_ms)
{
    struct plan_node *node = &plan->nodes[at];
    node->reader_ns = reader_ns;
    node->audience = audience;
    node->stream_wait_ns = US(1000 * wait_ms);
    plan->delivery = at;
    if (node->hop == NULL || node->hop->kind == DESIGN_CALL || audience == TO_ONE_USER)
        return;
    node->target = TARGET_READERS;
    node->is_written = 0; /* each instance writes what it keeps itself: there is no partition */
}

static void add_hop(struct chat_plan *plan, struct reached *reached, const struct design_hop *hop)
{
    const int parent = reached_at(reached, hop->from);
    if (parent == PLAN_NONE || (hop->to == DESIGN_READER && hop->from < 0))
        return;
    if (hop->to == DESIGN_READER) {
        stream_from(plan, parent, hop->kind == DESIGN_STREAM ? hop->audience : TO_ONE_USER,
                    plan->costs.reader_ns, hop->batch > 1 ? hop->batch_ms : 0);
        return;
    }
    if (hop->to < 0)
        return; /* the store of files, a phone: not simulated */
    int at = find_node(plan, parent, hop);
    if (at == PLAN_NONE)
        at = add_node(plan, parent, hop);
    reached->service[hop->to] = at;
}

/* The node at that service to which something was posted, else any there, else PLAN_NONE. */
static int node_at(const struct chat_plan *plan, int service)
{
    int found = PLAN_NONE;
    for (int i = 1; i < plan->node_count; i++)
        if (plan->nodes[i].service == service &&
            (found == PLAN_NONE || plan->nodes[i].hop->kind != DESIGN_CALL))
            found = i;
    return found;
}

/* Readers ask that service instead of being sent to: an answer is held back until there is one. */
static void add_polls(struct chat_plan *plan, int service)
{
    int at = node_at(plan, service);
    if (plan->delivery != PLAN_NONE || plan->store == PLAN_NONE || service < 0)
        return;
    if (at == PLAN_NONE || plan->nodes[at].hop->kind == DESIGN_CALL) {
        plan->poll = (struct design_hop){.kind = DESIGN_POST,
                                         .from = plan->nodes[plan->store].service,
                                         .to = service,
                                         .message = plan->nodes[plan->store].hop->message,
                                         .buffer = DESIGN_BUFFER_MAX,
                                         .batch = 1};
        at = add_node(plan, plan->store, &plan->poll);
        if (at == PLAN_NONE)
            return;
        plan->nodes[at].work = plan->costs.pass;
        plan->nodes[at].is_written = 0;
        plan->nodes[at].row_ns = 0;
    }
    stream_from(plan, at, TO_CHANNEL_MEMBERS, plan->costs.poll_ns, 0);
}

static void add_delivery_flow(struct chat_plan *plan, const struct design_flow *flow)
{
    struct reached reached;
    int polled = DESIGN_NONE;
    reach_nothing(&reached, PLAN_CLIENT);
    for (int i = 0; i < flow->hop_count; i++) {
        const struct design_hop *hop = &flow->hops[i];
        const int is_outside = hop->from == DESIGN_CLIENT || hop->from == DESIGN_READER;
        if (is_outside && hop->to >= 0) {
            const int known = find_node(plan, PLAN_CLIENT, hop);
            reached.service[hop->to] = known != PLAN_NONE ? known : node_at(plan, hop->to);
            if (hop->from == DESIGN_READER)
                polled = hop->to;
        } else if (polled == DESIGN_NONE || hop->to == DESIGN_READER) {
            add_hop(plan, &reached, hop);
        }
    }
    if (polled != DESIGN_NONE)
        add_polls(plan, polled);
}

static const struct design_flow *sending_flow(const struct chat_model *model)
{
    const struct design_flow *found = NULL;
    for (int i = 0; i < model->flow_count; i++) {
        const struct design_flow *flow = &model->flows[i];
        const int both = CAN_SEND | CAN_DELIVER;
        if ((flow->requirements & CAN_SEND) &&
            (found == NULL ||
             ((found->requirements & both) != both && (flow->requirements & both) == both)))
            found = flow;
    }
    return found;
}

/* The hop renews somebody's presence: it writes the truth about it, and no copy. */
static int writes_presence(const struct chat_model *model, const struct design_hop *hop)
{
    const int at = hop->to >= 0 ? touched(model, hop) : DESIGN_NONE;
    return at != DESIGN_NONE && model->messages[hop->message].kind != DESIGN_QUERY &&
           model->entities[at].capability == OWNS_PRESENCE &&
           model->entities[at].original == DESIGN_NONE;
}

/* A heartbeat: its flow up to there. What follows happens when somebody comes or goes. */
static void add_beats(struct chat_plan *plan)
{
    const struct chat_model *model = plan->model;
    const struct design_flow *beats = NULL;
    int end = 0;
    for (int i = 0; i < model->flow_count; i++)
        for (int k = 0; k < model->flows[i].hop_count; k++) {
            if (!writes_presence(model, &model->flows[i].hops[k]) ||
                (beats != NULL &&
                 !(model->flows[i].requirements & ~beats->requirements & CAN_SEE_PRESENCE)))
                continue;
            beats = &model->flows[i];
            end = k;
            break;
        }
    if (beats == NULL || model->heartbeat_ms == 0)
        return;
    struct reached reached;
    plan->beat = plan->node_count;
    plan->nodes[plan->node_count++] = (struct plan_node){.service = DESIGN_CLIENT};
    reach_nothing(&reached, plan->beat);
    for (int k = 0; k <= end; k++)
        if (beats->hops[k].to >= 0)
            add_hop(plan, &reached, &beats->hops[k]);
}

/* A client that comes back: what it asks for is a tree of its own. */
static void add_return(struct chat_plan *plan)
{
    const struct chat_model *model = plan->model;
    plan->handshake = plan->node_count;
    plan->nodes[plan->node_count++] =
        (struct plan_node){.service = plan->gateway, .work = plan->costs.handshake};
    for (int i = 0; i < model->flow_count && plan->catch_up == PLAN_NONE; i++) {
        const struct design_flow *flow = &model->flows[i];
        if (!(flow->requirements & CAN_CATCH_UP))
            continue;
        struct reached reached;
        plan->catch_up = plan->node_count;
        plan->nodes[plan->node_count++] = (struct plan_node){.service = DESIGN_CLIENT};
        reach_nothing(&reached, plan->catch_up);
        const int delivery = plan->delivery;
        for (int k = 0; k < flow->hop_count; k++)
            if (flow->hops[k].to >= 0)
                add_hop(plan, &reached, &flow->hops[k]);
        plan->delivery = delivery;
    }
}

struct load_costs load_costs_standard(void)
{
    return (struct load_costs){
        .hop_ns = US(COST_HOP_US),
        .row_ns = US(COST_ROW_US),
        .fan_out_ns = US(COST_FAN_OUT_US),
        .reader_ns = US(COST_CONNECTION_US),
        .poll_ns = US(COST_POLL_US),
        .pass = {US(COST_PASS_US), US(COST_PASS_MEAN_US)},
        .query = {US(COST_QUERY_US), US(COST_QUERY_MEAN_US)},
        .commit = {US(COST_COMMIT_US), US(COST_COMMIT_MEAN_US)},
        .handshake = {US(COST_HANDSHAKE_US), US(COST_HANDSHAKE_MEAN_US)},
    };
}

int chat_plan_make(struct chat_plan *plan, const struct chat_model *model, struct error *err)
{
    const struct load_costs costs = load_costs_standard();
    return chat_plan_make_for(plan, model, &costs, err);
}

int chat_plan_make_for(struct chat_plan *plan, const struct chat_model *model,
                       const struct load_costs *costs, struct error *err)
{
    const struct design_flow *sending = sending_flow(model);
    struct reached reached;
    *plan = (struct chat_plan){.model = model,
                               .costs = *costs,
                               .nodes = {{.service = DESIGN_CLIENT}},
                               .node_count = 1,
                               .gateway = design_owner(model, OWNS_CONNECTIONS),
                               .store = PLAN_NONE,
                               .delivery = PLAN_NONE,
                               .handshake = PLAN_NONE,
                               .catch_up = PLAN_NONE,
                               .beat = PLAN_NONE};
    if (sending == NULL)
        return error_set(err, ERR_INVALID, "no flow says CAN_SEND");
    reach_nothing(&reached, PLAN_CLIENT);
    for (int i = 0; i < sending->hop_count; i++)
        add_hop(plan, &reached, &sending->hops[i]);
    for (int i = 0; i < model->flow_count; i++)
        if (&model->flows[i] != sending && (model->flows[i].requirements & CAN_DELIVER) &&
            plan->delivery == PLAN_NONE)
            add_delivery_flow(plan, &model->flows[i]);
    if (plan->nodes[PLAN_CLIENT].call_count == 0)
        return error_set(err, ERR_INVALID,
                         "the flow \"%s\" does not begin with a call of the client", sending->name);
    add_beats(plan);
    add_return(plan);
    return 0;
}
