/*
 * D3: calls do not come back to who waits, and sending waits for few. D4: it waits for no side
 * work.
 */
#include "suites/04-chat/rules.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "kit/text.h"

/* --- no cycle --------------------------------------------------------------------------------- */

/* A call from one service to another: the first that was declared; NULL: none. */
struct call_graph {
    const struct design_hop *call[DESIGN_SERVICES_MAX][DESIGN_SERVICES_MAX];
    int count;
};

static void make_graph(struct call_graph *graph, const struct chat_model *model)
{
    *graph = (struct call_graph){.count = model->service_count};
    for (struct hop_at at = {0}; next_hop(model, &at, 0);)
        if (at.hop->kind == DESIGN_CALL && at.hop->from >= 0 && at.hop->to >= 0 &&
            graph->call[at.hop->from][at.hop->to] == NULL)
            graph->call[at.hop->from][at.hop->to] = at.hop;
}

/* The services of the shortest way by calls from start back to it, start first; 0: there is none.
 */
static int way_back(const struct call_graph *graph, int start, int way[DESIGN_SERVICES_MAX])
{
    int before[DESIGN_SERVICES_MAX], queue[DESIGN_SERVICES_MAX];
    int first = 0, last = 0, length = 0;
    for (int i = 0; i < graph->count; i++)
        before[i] = DESIGN_NONE;
    queue[last++] = start;
    while (first < last) {
        int at = queue[first++];
        if (graph->call[at][start] != NULL) {
            for (int i = at; i != start; i = before[i])
                way[length++] = i;
            way[length++] = start;
            for (int i = 0; i < length / 2; i++) {
                int swapped = way[i];
                way[i] = way[length - 1 - i];
                way[length - 1 - i] = swapped;
            }
            return length;
        }
        for (int to = 0; to < graph->count; to++)
            if (to != start && graph->call[at][to] != NULL && before[to] == DESIGN_NONE) {
                before[to] = at;
                queue[last++] = to;
            }
    }
    return 0;
}

int rule_no_call_comes_back(const struct chat_model *model, struct finding *finding)
{
    static const char expected[] = "calls, over all flows together, that never lead back to who "
                                   "made the first; what is told back is posted";
    struct call_graph graph;
    int shortest[DESIGN_SERVICES_MAX], way[DESIGN_SERVICES_MAX], length = 0, calls = 0;
    for (struct hop_at at = {0}; next_hop(model, &at, 0);)
        calls += at.hop->kind == DESIGN_CALL;
    if (calls == 0)
        return rule_broken(finding, expected, "no flow has a call");
    make_graph(&graph, model);
    for (int i = 0; i < graph.count; i++) {
        int found = way_back(&graph, i, way);
        if (found > 0 && (length == 0 || found < length)) {
            length = found;
            memcpy(shortest, way, sizeof shortest);
        }
    }
    if (length == 0)
        return 0;
    struct text calls_in_it = {0};
    for (int i = 0; i < length; i++) {
        const struct design_hop *hop = graph.call[shortest[i]][shortest[(i + 1) % length]];
        text_addf(&calls_in_it, "%s%s calls %s (%s:%d)", i > 0 ? ", " : "",
                  design_party_name(model, hop->from), design_party_name(model, hop->to),
                  hop->place.file, hop->place.line);
    }
    int workers = model->services[shortest[0]].workers;
    rule_broken(finding, expected,
                "%s: %d requests at once hold all workers of an instance, each waiting for an "
                "answer that only such a worker could give",
                text_str(&calls_in_it), workers);
    text_release(&calls_in_it);
    return 1;
}

/* --- how deep --------------------------------------------------------------------------------- */

enum { DEPTH_MAX = 3 };

/* Whether one hop may be part of what the other waits for: it begins where that one ends. */
static int can_follow(const struct design_flow *flow, int n, int earlier)
{
    return flow->hops[earlier].to == flow->hops[n].from && design_hop_waits(flow, earlier);
}

static void say_chain(const struct chat_model *model, const struct design_flow *flow,
                      const int before[DESIGN_HOPS_MAX], int n, struct text *out)
{
    const struct design_hop *hop = &flow->hops[n];
    if (before[n] != DESIGN_NONE)
        say_chain(model, flow, before, before[n], out);
    else
        text_add(out, design_party_name(model, hop->from));
    text_addf(out, " -> %s (%s:%d)", design_party_name(model, hop->to), hop->place.file,
              hop->place.line);
}

static int deep_flow(const struct chat_model *model, const struct design_flow *flow,
                     struct finding *finding)
{
    int depth[DESIGN_HOPS_MAX] = {0}, before[DESIGN_HOPS_MAX], deepest = 0;
    for (int n = 0; n < flow->hop_count; n++) {
        depth[n] = 1;
        before[n] = DESIGN_NONE;
        int is_first = design_hop_before(flow, n) == DESIGN_NONE;
        for (int i = 0; i < n && !is_first; i++)
            if (can_follow(flow, n, i) && depth[i] + 1 > depth[n]) {
                depth[n] = depth[i] + 1;
                before[n] = i;
            }
        if (!design_hop_waits(flow, n))
            depth[n] = 0;
        if (depth[n] > depth[deepest])
            deepest = n;
    }
    if (depth[deepest] <= DEPTH_MAX)
        return 0;
    struct text chain = {0};
    say_chain(model, flow, before, deepest, &chain);
    rule_broken(finding,
                "at most three calls below each other while a sender waits, the client's own call "
                "among them; calls side by side count once",
                "in \"%s\" %d calls wait below each other: %s. If each is answered 99.9 %% of the "
                "time, of 4,630 sends a second at the peak %.0f fail",
                flow->name, depth[deepest], text_str(&chain), 4.63 * depth[deepest]);
    text_release(&chain);
    return 1;
}

/* rule_broken unless some call of a sender waits. */
static int nobody_waits(const struct chat_model *model, struct finding *finding)
{
    for (struct hop_at at = {0}; next_hop(model, &at, CAN_SEND);)
        if (design_hop_waits(&model->flows[at.flow], at.n))
            return 0;
    return rule_broken(finding, "a flow of CAN_SEND that begins with a call of the client",
                       "there is none: nothing says what a sender waits for");
}

int rule_sending_is_three_deep(const struct chat_model *model, struct finding *finding)
{
    if (nobody_waits(model, finding))
        return 1;
    for (int i = 0; i < model->flow_count; i++)
        if (model->flows[i].requirements & CAN_SEND && model->flows[i].hop_count > 0 &&
            deep_flow(model, &model->flows[i], finding))
            return 1;
    return 0;
}

/* --- side work -------------------------------------------------------------------------------- */

static int waits_for_any(const struct chat_model *model, const enum capability *side, int count,
                         const char *expected, struct finding *finding)
{
    if (nobody_waits(model, finding))
        return 1;
    for (struct hop_at at = {0}; next_hop(model, &at, CAN_SEND);) {
        if (!design_hop_waits(&model->flows[at.flow], at.n))
            continue;
        for (int i = 0; i < count; i++) {
            if (!touches(model, at.message, side[i]))
                continue;
            double waited_ms = (double)at.hop->timeout_ms * at.hop->attempts;
            return rule_broken(
                finding, expected,
                "%s:%d: a sender waits for \"%s\" of \"%s\", which touches %s (%s:%d). When that "
                "hangs, %.0f senders stand waiting for %.1f s each%s",
                at.hop->place.file, at.hop->place.line, at.message->name,
                design_party_name(model, at.hop->to), capability_name(side[i]),
                at.message->place.file, at.message->place.line, 4.63 * waited_ms, waited_ms / 1000,
                at.hop->fallback != OR_FAIL ? ": a fallback comes only then" : "");
        }
    }
    return 0;
}

int rule_sending_waits_for_no_side_work(const struct chat_model *model, struct finding *finding)
{
    static const enum capability side[] = {OWNS_SEARCH, OWNS_PUSH, OWNS_PRESENCE};
    return waits_for_any(model, side, 3,
                         "no call that a sender waits for touches search, push or presence: they "
                         "are told by a post, after the message is stored",
                         finding);
}

int rule_sending_waits_for_no_file(const struct chat_model *model, struct finding *finding)
{
    static const enum capability side[] = {OWNS_FILES};
    return waits_for_any(model, side, 1,
                         "no call that a sender waits for touches files: a file is offered and "
                         "scanned in a flow of its own, and the message carries its link",
                         finding);
}
