/*
 * What svclab run starts where a lab's service is many processes: the nodes of the design in lab
 * 04.
 */
#ifndef COMMANDS_RUN_NODES_H
#define COMMANDS_RUN_NODES_H

#include "cluster/cluster.h"
#include "kit/text.h"

enum { RUN_NODES_MAX = 16 };

struct run_nodes {
    struct service_entry entries[RUN_NODES_MAX]; /* the first has the port and shows its log */
    const char *needs[RUN_NODES_MAX + 1];
    const char *environments[RUN_NODES_MAX][4];
    char *names[RUN_NODES_MAX], *own[RUN_NODES_MAX], *all; /* owned */
    int count;
};

/* Asks the program for its nodes (--nodes), one a line. ERR_INVALID when it names none: what it
   said is on stderr. program is borrowed until run_nodes_release; release in any case. */
int run_nodes_read(struct run_nodes *nodes, const char *program, int port, struct error *err);
void run_nodes_release(struct run_nodes *nodes);

#endif
