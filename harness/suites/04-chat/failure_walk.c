/* What users can still do while one service is down. */
#include "suites/04-chat/failure_walk.h"

#include <string.h>
#include "04-chat/workload.h"

enum { FROM_OUTSIDE = -1 };

struct walk {
    const struct chat_model *model;
    const struct design_flow *flow;
    int at;   /* place of the flow */
    int down; /* the service */
    int can_catch_up;
    int parents[DESIGN_HOPS_MAX]; /* the hop that reached the sender last, or FROM_OUTSIDE */
};

const char *outcome_name(enum outcome outcome)
{
    static const char *const names[] = {"ok", "degraded", "late", "lost", "fails"};
    return names[outcome];
}

int outcome_is_survived(enum outcome outcome)
{
    return outcome <= OUTCOME_DEGRADED;
}

static void find_parents(struct walk *walk)
{
    int reached[DESIGN_SERVICES_MAX];
    for (int i = 0; i < DESIGN_SERVICES_MAX; i++)
        reached[i] = FROM_OUTSIDE;
    for (int i = 0; i < walk->flow->hop_count; i++) {
        const struct design_hop *hop = &walk->flow->hops[i];
        walk->parents[i] = hop->from >= 0 ? reached[hop->from] : FROM_OUTSIDE;
        if (hop->to >= 0)
            reached[hop->to] = i;
    }
}

static struct walked walked(const struct walk *walk, enum outcome outcome, int hop)
{
    return (struct walked){outcome, walk->at, hop};
}

static void worsen(struct walked *worst, struct walked other)
{
    if (other.outcome > worst->outcome)
        *worst = other;
}

/* --- what somebody waits for ------------------------------------------------------------------ */

static struct walked calls_of(const struct walk *walk, int visit, int64_t *waited_ms);

/* One call; *waited_ms: how long it waits for what is down. */
static struct walked call(const struct walk *walk, int at, int64_t *waited_ms)
{
    const struct design_hop *hop = &walk->flow->hops[at];
    struct walked inner = walked(walk, OUTCOME_FAILS, at);
    int64_t below_ms = hop->timeout_ms;
    if (hop->to != walk->down) {
        inner = calls_of(walk, at, &below_ms);
        if (below_ms > hop->timeout_ms) {
            worsen(&inner, walked(walk, OUTCOME_FAILS, at)); /* it has given up by then */
            below_ms = hop->timeout_ms;
        }
    }
    *waited_ms = below_ms * (inner.outcome == OUTCOME_FAILS ? hop->attempts : 1);
    if (inner.outcome != OUTCOME_FAILS || hop->fallback == OR_FAIL)
        return inner;
    return hop->fallback == OR_COPY &&
                   design_copy_of(walk->model, walk->model->messages[hop->message].entity,
                                  hop->from) == NULL
               ? walked(walk, OUTCOME_FAILS, at)
               : walked(walk, OUTCOME_DEGRADED, at);
}

/* All calls of one visit, or of the client: each has to do. */
static struct walked calls_of(const struct walk *walk, int visit, int64_t *waited_ms)
{
    struct walked worst = walked(walk, OUTCOME_OK, DESIGN_NONE);
    *waited_ms = 0;
    for (int i = visit + 1; i < walk->flow->hop_count; i++) {
        int64_t one_ms = 0;
        if (walk->parents[i] != visit || walk->flow->hops[i].kind != DESIGN_CALL)
            continue;
        worsen(&worst, call(walk, i, &one_ms));
        *waited_ms += one_ms;
    }
    return worst;
}

/* --- what nobody waits for -------------------------------------------------------------------- */

double failure_backlog(const struct chat_model *model, const struct design_flow *flow)
{
    const struct workload load = workload_standard();
    if (flow->requirements & (CAN_SEND | CAN_DELIVER | CAN_NOTIFY))
        return FAILURE_S * load.users * load.active_share * load.messages_per_user *
               load.peak_factor / 86400;
    if ((flow->requirements & CAN_SEE_PRESENCE) && model->heartbeat_ms > 0)
        return FAILURE_S * load.users * load.online_share * load.devices * 1000 /
               (double)model->heartbeat_ms;
    return FAILURE_S; /* one a second: the workload does not say */
}

enum outcome failure_of_post(const struct chat_model *model, const struct design_flow *flow,
                             const struct design_hop *post)
{
    return (double)post->buffer >= failure_backlog(model, flow) ? OUTCOME_LATE : OUTCOME_LOST;
}

/* A post or stream, and what its receiver does. */
static struct walked sent(const struct walk *walk, int at)
{
    const struct design_hop *hop = &walk->flow->hops[at];
    int64_t waited_ms = 0;
    const struct walked inner = calls_of(walk, at, &waited_ms);
    if (hop->to != walk->down && inner.outcome != OUTCOME_FAILS)
        return inner;
    if (hop->kind == DESIGN_POST)
        return walked(walk, failure_of_post(walk->model, walk->flow, hop), at);
    return walked(walk, walk->can_catch_up ? OUTCOME_LATE : OUTCOME_LOST, at);
}

/* The hop that ends the requirement's way; FROM_OUTSIDE when the answer to the client does. */
static int last_hop(const struct design_flow *flow, enum requirement requirement)
{
    const int end = requirement == CAN_NOTIFY ? DESIGN_PHONE : DESIGN_READER;
    if (!(requirement & (CAN_DELIVER | CAN_SEE_PRESENCE | CAN_NOTIFY)))
        return FROM_OUTSIDE;
    for (int i = flow->hop_count - 1; i >= 0; i--)
        if (flow->hops[i].to == end)
            return i;
    return FROM_OUTSIDE;
}

static struct walked walk_flow(const struct walk *walk, enum requirement requirement)
{
    int64_t waited_ms = 0;
    struct walked worst = calls_of(walk, FROM_OUTSIDE, &waited_ms);
    for (int at = last_hop(walk->flow, requirement); at != FROM_OUTSIDE; at = walk->parents[at])
        if (walk->flow->hops[at].kind != DESIGN_CALL)
            worsen(&worst, sent(walk, at));
    return worst;
}

/* --- all of them ------------------------------------------------------------------------------ */

static int serves(const struct chat_model *model, int requirement)
{
    int flows = 0;
    for (int i = 0; i < model->flow_count; i++)
        flows += (model->flows[i].requirements & requirement) != 0;
    return flows;
}

/* Of the flows the best counts: users take the way that is open. */
static struct walked best_flow(struct walk *walk, int requirement)
{
    struct walked best = {OUTCOME_FAILS, DESIGN_NONE, DESIGN_NONE};
    for (int i = 0; i < walk->model->flow_count; i++) {
        walk->flow = &walk->model->flows[i];
        walk->at = i;
        if (!(walk->flow->requirements & requirement))
            continue;
        find_parents(walk);
        const struct walked one = walk_flow(walk, (enum requirement)requirement);
        if (best.flow == DESIGN_NONE || one.outcome < best.outcome)
            best = one;
    }
    return best;
}

/* What cannot be sent reaches nobody, whichever flow brings it. */
static struct walked walk_requirement(struct walk *walk, int requirement)
{
    struct walked worst = best_flow(walk, requirement);
    if (requirement == CAN_DELIVER || requirement == CAN_NOTIFY) {
        const struct walked sending = best_flow(walk, CAN_SEND);
        if (sending.flow != DESIGN_NONE)
            worsen(&worst, sending);
    }
    return worst;
}

/* Another instance takes over: there is one, and it has the data. Connections are not data: their
   clients connect again. */
static int has_another(const struct chat_model *model, int service)
{
    int owns = 0;
    for (int i = 0; i < model->entity_count; i++)
        owns |= model->entities[i].service == service &&
                model->entities[i].original == DESIGN_NONE &&
                model->entities[i].capability != OWNS_CONNECTIONS;
    return model->services[service].instances >= 2 &&
           (!owns || model->services[service].copies >= 2);
}

void failure_walk(const struct chat_model *model, struct survival *out)
{
    struct walk walk = {.model = model, .can_catch_up = serves(model, CAN_CATCH_UP) > 0};
    memset(out, 0, sizeof *out);
    for (int service = 0; service < model->service_count; service++) {
        const int is_safe = has_another(model, service);
        walk.down = service;
        for (int i = 0; i < REQUIREMENTS; i++) {
            const struct walked one = walk_requirement(&walk, 1 << i);
            out->down[service][i] = one;
            out->one_down[service][i] = is_safe && one.flow != DESIGN_NONE
                                            ? (struct walked){OUTCOME_OK, one.flow, DESIGN_NONE}
                                            : one;
        }
    }
}
