/*
 * The cluster's own structs, shared by its files.
 */
#ifndef CLUSTER_CLUSTER_INTERNAL_H
#define CLUSTER_CLUSTER_INTERNAL_H

#include "cluster/cluster.h"

struct member {
    struct service_entry entry; /* points to our own copies: the caller's table may go */
    char *name, *program, **needs, **environment; /* the copies */
    int port;
    int reserved_fd; /* keeps the port ours while the service is down; -1 before */
    int control_fd;  /* our end; -1 for a student's service and for one that does not run */
    int64_t control_id;
    pid_t pid;             /* 0: does not run */
    int left_behind;       /* processes, when it last ended */
    struct launch_end end; /* when it ended before it was ready */
    char url[32];          /* "http://127.0.0.1:NNNNN" */
    char *dir, *log, *database_url;
};

struct cluster {
    struct launcher *launcher;
    char *dir; /* absolute */
    char *spans;
    int no_spans;
    int64_t ready_ms;
    int count;
    struct member *members;
};

/* The member of that name; asserts that there is one: names come from the cluster's own table. */
struct member *cluster_member(struct cluster *cluster, const char *service);

/* Copies the entry, and frees the copies. ERR_LIMIT. */
int member_copy(struct member *member, const struct service_entry *entry, struct error *err);
void member_release(struct member *member);

/* Starts member's process on a fresh listener. ERR_UNAVAILABLE, ERR_IO: the harness's fault. */
int member_start(struct cluster *cluster, struct member *member, struct error *err);
/* Waits until it is ready. ERR_UNAVAILABLE with how it ended and the last line of its log. */
int member_wait_ready(struct cluster *cluster, struct member *member, struct error *err);
/* Notes that the process has been reaped; removes what it left behind. */
void member_ended(struct cluster *cluster, struct member *member);

#endif
