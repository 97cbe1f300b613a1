/*
 * Lab 04's service map: who talks to whom. All calls from one service to another are one edge, and
 * so are all posts and all streams; the words of an edge are the messages that it carries.
 */
#include "suites/04-chat/pictures.h"

#include <string.h>

enum {
    EDGES_MAX = DESIGN_FLOWS_MAX * DESIGN_HOPS_MAX,
    WORDS_MAX = 3, /* messages that are named on one edge */
    OUTSIDE = 4    /* client, reader, phone, store */
};

struct edge {
    enum hop_kind kind;
    int from, to;
    uint32_t is_bold;        /* a sender waits for it */
    int messages[WORDS_MAX]; /* places in the model */
    int message_count;       /* may be more than are named */
};

static struct edge *edge_of(struct edge *edges, int *count, const struct design_hop *hop)
{
    for (int i = 0; i < *count; i++)
        if (edges[i].kind == hop->kind && edges[i].from == hop->from && edges[i].to == hop->to)
            return &edges[i];
    edges[*count] = (struct edge){.kind = hop->kind, .from = hop->from, .to = hop->to};
    return &edges[(*count)++];
}

static void carry(struct edge *edge, int message)
{
    for (int i = 0; i < edge->message_count && i < WORDS_MAX; i++)
        if (edge->messages[i] == message)
            return;
    if (edge->message_count < WORDS_MAX)
        edge->messages[edge->message_count] = message;
    edge->message_count++;
}

static int gather(const struct chat_model *model, struct edge *edges)
{
    int count = 0;
    for (int i = 0; i < model->flow_count; i++) {
        const struct design_flow *flow = &model->flows[i];
        const uint32_t awaited = flow->requirements & CAN_SEND ? flow_awaited(flow) : 0;
        for (int n = 0; n < flow->hop_count; n++) {
            struct edge *edge = edge_of(edges, &count, &flow->hops[n]);
            edge->is_bold |= awaited >> n & 1;
            carry(edge, flow->hops[n].message);
        }
    }
    return count;
}

/* --- DOT -------------------------------------------------------------------------------------- */

static void add_node(struct text *dot, const struct design_service *service)
{
    text_addf(dot, "  \"%s\" [label=\"%s\\n%d x", service->name, service->name, service->instances);
    if (service->copies > 1)
        text_addf(dot, ", %d copies", service->copies);
    if (service->partitions > 1)
        text_addf(dot, ", %d partitions", service->partitions);
    text_add(dot, "\"]\n");
}

/* 1 for calls of a service to one that the door reaches as well: that should not stand further away
   for it. */
static int is_aside(const struct edge *edges, int count, const struct edge *edge, int door)
{
    for (int i = 0; i < count && edge->kind == DESIGN_CALL && edge->from != door; i++)
        if (edges[i].from == door && edges[i].to == edge->to)
            return 1;
    return 0;
}

static void add_edge(struct text *dot, const struct chat_model *model, const struct edge *edge,
                     int aside)
{
    static const char *const styles[] = {"solid", "dashed", "dotted penwidth=1.6"};
    const int more = edge->message_count - WORDS_MAX;
    text_addf(dot, "  \"%s\" -> \"%s\" [label=\"", design_party_name(model, edge->from),
              design_party_name(model, edge->to));
    for (int i = 0; i < edge->message_count && i < WORDS_MAX; i++)
        text_addf(dot, "%s%s", i > 0 ? "\\n" : "", model->messages[edge->messages[i]].name);
    if (more > 0)
        text_addf(dot, "\\nand %d more", more);
    text_addf(dot, "\" style=%s%s%s]\n", styles[edge->kind],
              edge->is_bold ? " penwidth=3 weight=4" : "", aside ? " constraint=false" : "");
}

static void add_outside(struct text *dot, const struct chat_model *model, const struct edge *edges,
                        int count)
{
    static const int parties[OUTSIDE] = {DESIGN_CLIENT, DESIGN_READER, DESIGN_PHONE, DESIGN_STORE};
    for (int p = 0; p < OUTSIDE; p++) {
        int is_used = 0;
        for (int i = 0; i < count; i++)
            is_used |= edges[i].from == parties[p] || edges[i].to == parties[p];
        if (is_used)
            text_addf(dot, "  \"%s\" [shape=ellipse style=solid]\n",
                      design_party_name(model, parties[p]));
    }
}

void picture_service_map(const struct chat_model *model, struct text *dot)
{
    struct edge edges[EDGES_MAX];
    const int count = gather(model, edges), door = design_owner(model, OWNS_CONNECTIONS);
    text_add(dot, "digraph services {\n  rankdir=LR ranksep=1.1 nodesep=0.35\n");
    add_outside(dot, model, edges, count);
    for (int i = 0; i < model->service_count; i++)
        add_node(dot, &model->services[i]);
    for (int i = 0; i < count; i++)
        add_edge(dot, model, &edges[i], is_aside(edges, count, &edges[i], door));
    text_add(dot, "}\n");
}
