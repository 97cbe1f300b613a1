/*
 * Lab 04, step 5: the student's own design as processes. What the checks share.
 *
 * The nodes follow from the design (04-chat/chat_nodes.h); a check starts those that it needs. The
 * judge is all their clients (crowd.h), and admits nothing that it has not read itself.
 */
#ifndef SUITES_CHAT_CLUSTER_H
#define SUITES_CHAT_CLUSTER_H

#include "04-chat/chat_nodes.h"
#include "judge/cluster_check.h"

enum {
    CHAT_WAIT_MS = 15000, /* for what must happen some time */
    CHAT_TTL_MS = 800,    /* of a device, and how often the judge says that it is there: */
    CHAT_BEAT_MS = 60,
    CHAT_PING_MS = 500
};
/* A set of capabilities. */
#define CHAT_OWNS(capability) (1 << (capability))
#define CHAT_TALK                                                                                  \
    (CHAT_OWNS(OWNS_CONNECTIONS) | CHAT_OWNS(OWNS_MESSAGES) | CHAT_OWNS(OWNS_CHANNELS))
#define CHAT_ALL_NODES ((1 << OWNS_OTHER) - 1)

struct chat_node {
    char name[CHAT_NODE_SIZE];
    int service;
};

struct chat_cluster {
    struct check_run *run;
    struct chat_model *model;
    struct chat_node nodes[CHAT_NODES_MAX];
    int count;
    const char *gateways[CHAT_NODES_MAX]; /* names of those that were started */
    int gateway_count;
};

struct chat_options {
    int owners;     /* capabilities whose owners are started */
    int gateways;   /* nodes of the connections' owner; 0 = CHAT_GATEWAYS */
    int spare;      /* gateways that are started besides, and not in use yet */
    int queue;      /* messages that may wait for a reader; 0 = CHAT_QUEUE */
    int ttl_ms;     /* 0 = CHAT_TTL_MS */
    int with_spans; /* 1: calls between nodes go into the story */
};
/* Reads the design and starts its nodes. 1 when a verdict stands. Close in any case. */
int chat_cluster_open(struct chat_cluster *cluster, struct check_run *run,
                      struct chat_options options);
void chat_cluster_close(struct chat_cluster *cluster);

/* The capability's nodes. How many. */
int chat_nodes_of(const struct chat_cluster *cluster, enum capability capability,
                  const char *names[CHAT_NODES_MAX]);
/* Of a capability with one node: its name. */
const char *chat_node_of(const struct chat_cluster *cluster, enum capability capability);

/* Asks a gateway as user, in the story; 1 when the answer has not that status (a verdict stands).
   reply may be NULL, else the caller's to release. */
int chat_ask(struct chat_cluster *cluster, const char *gateway, const char *user,
             const char *method, const char *path, const char *body, int status,
             struct http_reply *reply);
/* The same, and a 503 is asked again, as its clients do: what is repeated so does no harm. */
int chat_ask_again(struct chat_cluster *cluster, const char *gateway, const char *user,
                   const char *method, const char *path, const char *body, int status);
/* A channel of the workspace "acme" with members user-0 ... 1 when a verdict stands. */
int chat_make_channel(struct chat_cluster *cluster, const char *channel, int members);
/* All messages of the channel as a gateway lists them: the number of the last, and in texts[n - 1]
   what n says (the caller's to free with chat_free_texts). -1 when a verdict stands. */
int chat_list(struct chat_cluster *cluster, const char *channel, char ***texts);
void chat_free_texts(char **texts, int count);

void chat_members_read(struct check_run *run);  /* cluster_talk.c: check 71 */
void chat_reconnect(struct check_run *run);     /* 75 */
void chat_removed(struct check_run *run);       /* 77 */
void chat_survives_kill(struct check_run *run); /* cluster_lost.c: 72 */
void chat_lost_answer(struct check_run *run);   /* 73 */
void chat_kills(struct check_run *run);         /* cluster_kills.c: 74 */
void chat_silent(struct check_run *run);        /* cluster_slow.c: 76 */
void chat_presence(struct check_run *run);      /* cluster_side.c: 78 */
void chat_side_work(struct check_run *run);     /* 79 */
void chat_gateway_added(struct check_run *run); /* cluster_moves.c: 80 */

#endif
