/*
 * What one message sets in motion, by the declared design: a tree of visits to services.
 *
 * It is made of the first flow that serves CAN_SEND (one that serves CAN_DELIVER too, if there is
 * such), and of what the flows of CAN_DELIVER add to it. A hop belongs to the visit that reached
 * its sender last. The client is node 0: its calls are made one after the other, and the last
 * answer is the answer to the message.
 */
#ifndef SUITES_CHAT_LOAD_PLAN_H
#define SUITES_CHAT_LOAD_PLAN_H

#include "04-chat/chat_model.h"
#include "load/station.h"

struct error;

/* How long things take, in nanoseconds; load_costs.h says what each is. */
struct load_costs {
    int64_t hop_ns, row_ns, fan_out_ns, reader_ns, poll_ns;
    struct service_time pass, query, commit, handshake;
};
struct load_costs load_costs_standard(void); /* those of load_costs.h */

enum { PLAN_CLIENT = 0, PLAN_NODES_MAX = 128, PLAN_NONE = -1 };

/* Which instance a visit goes to. */
enum plan_target {
    TARGET_ANY,
    TARGET_ROW,       /* a random row's partition */
    TARGET_CHANNEL,   /* the channel's partition */
    TARGET_WORKSPACE, /* the workspace's */
    TARGET_READERS    /* each instance that has readers of the channel */
};

struct plan_node {
    const struct design_hop *hop; /* that leads there; NULL for the client */
    int service;                  /* of the model; DESIGN_CLIENT for the client */
    struct service_time work;
    int64_t row_ns; /* more for each message of a batch */
    int is_written; /* 1: it takes its partition's one worker */
    enum plan_target target;
    int64_t reader_ns; /* what each reader costs that is streamed to from here; 0: none is */
    int64_t stream_wait_ns;
    enum audience audience;
    int calls[DESIGN_HOPS_MAX], call_count; /* nodes, in the order of their hops */
    int posts[DESIGN_HOPS_MAX], post_count;
};

struct chat_plan {
    const struct chat_model *model;
    struct load_costs costs;
    struct plan_node nodes[PLAN_NODES_MAX];
    int node_count;
    int gateway;   /* the service that owns CONNECTIONS; DESIGN_NONE when there is none */
    int store;     /* the node that writes MESSAGES, PLAN_NONE when there is none */
    int delivery;  /* a node that readers are streamed to from, PLAN_NONE when there is none */
    int handshake; /* a client's connecting: stands for no hop */
    int catch_up;  /* a client whose calls fetch what was missed; PLAN_NONE without such a flow */
    int beat;      /* a client that says it is there; PLAN_NONE when no flow writes PRESENCE */
    struct design_hop
        poll; /* from the store to the service that readers poll, where none is declared */
};

/* ERR_INVALID when no flow of CAN_SEND begins with a call of the client. The model outlives the
 * plan. */
int chat_plan_make(struct chat_plan *plan, const struct chat_model *model, struct error *err);
/* The same where things take another time. */
int chat_plan_make_for(struct chat_plan *plan, const struct chat_model *model,
                       const struct load_costs *costs, struct error *err);

#endif
