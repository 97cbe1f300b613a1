/*
 * A mini cluster: a table of services, started together, faulted, killed and reaped.
 *
 * Below work_dir: NAME/ (the service's current folder; its database is NAME/NAME.db), NAME.log
 * (what it writes to stdout and stderr) and spans.jsonl, shared by all. They stay when the cluster
 * has gone, also after a failed start; the owner of work_dir removes them.
 *
 * Each service finds LISTEN_FDS=1 (a listening socket as descriptor 3), DATABASE_URL, TRACE_FILE,
 * LOG_LEVEL, PATH, and for every service that it needs its address: user-service is
 * USER_SERVICE_URL. `environment` comes first, so it can replace any of these.
 */
#ifndef CLUSTER_CLUSTER_H
#define CLUSTER_CLUSTER_H

#include <stdint.h>
#include "kit/http_client.h"
#include "peers/fault.h"
#include "process/launcher.h"

struct cluster;
struct service_entry {
    const char *name;         /* "order-service"; its address reaches others as ORDER_SERVICE_URL */
    const char *program;      /* path */
    int student;              /* 1: built from student code, no control socket */
    const char *const *needs; /* names of others, NULL-terminated; may be NULL */
    const char *const *environment; /* extra NAME=value, NULL-terminated; may be NULL */
    int port;                       /* its fixed port, 0 = any free one */
    int show;                       /* 1: what it writes goes to our stderr, and not to a log */
};

struct cluster_options {
    const struct service_entry *services;
    int service_count;
    const char *work_dir;          /* databases, logs and spans go below it */
    int64_t ready_ms;              /* how long to wait for readiness, 0 = 10 s */
    struct launch_end *failed_end; /* how *failed ended before it was ready; untouched when it still
                                      ran. May be NULL */
    int no_spans;                  /* 1: services are given no TRACE_FILE, for measurements */
};

/* Starts all services at once and waits until each is ready: a peer when its readiness says so, a
   student's service when its host answers, since its readiness is to be judged. On failure *failed
   names the service that did not come up (NULL when the harness itself failed); everything is
   stopped. */
int cluster_start(struct cluster **out, struct launcher *launcher,
                  const struct cluster_options *options, const char **failed, struct error *err);
void cluster_stop(struct cluster *cluster); /* kills what is left, reaps */

const char *cluster_url(struct cluster *cluster, const char *service); /* "http://127.0.0.1:NNNN" */
const char *cluster_log(struct cluster *cluster, const char *service); /* path of its stderr */
const char *cluster_spans(struct cluster *cluster);                    /* path of all spans */
const char *cluster_dir(struct cluster *cluster, const char *service); /* its data folder */
/* The names of those that it needs, NULL-terminated. */
const char *const *cluster_needs(struct cluster *cluster, const char *service);
pid_t cluster_pid(struct cluster *cluster, const char *service); /* 0 when not running */

/* After SIGKILL the service is dead and reaped on return. ERR_NOT_FOUND: it does not run. */
int cluster_kill(struct cluster *cluster, const char *service, int signal);
/* Starts a service that has ended, on the same port, and waits until it is ready. ERR_CONFLICT:
   it still runs. */
int cluster_restart(struct cluster *cluster, const char *service, struct error *err);
/* Waits for its end; ERR_LIMIT when it still runs after wait_ms. */
int cluster_wait(struct cluster *cluster, const char *service, int64_t wait_ms,
                 struct launch_end *end, struct error *err);
/* How it last ended before it was ready; {0} when it never did. */
struct launch_end cluster_last_end(struct cluster *cluster, const char *service);
/* Processes that it left behind when it last ended; they are gone by now. */
int cluster_left_behind(struct cluster *cluster, const char *service);

/* Sets the peer's fault and proves by canary calls that it stands. ERR_UNAVAILABLE: it does not;
   ERR_INVALID: a service without a control socket, or a value out of range (peers/fault.h). */
int cluster_fault(struct cluster *cluster, const char *service, enum fault_kind kind, int64_t value,
                  struct error *err);
/* What the peer has seen since it started, canaries not counted. Requests to /health... are counted
   apart: services poll them, so they would make every fault "reached". */
struct peer_counts {
    int64_t requests; /* business requests taken */
    int64_t faulted;  /* of them, met by a fault */
    int64_t effects;  /* of them, their work was done: a lookup made, later a payment booked */
    int64_t health;   /* health requests taken */
    int64_t health_faulted;
};
int cluster_counts(struct cluster *cluster, const char *service, struct peer_counts *counts,
                   struct error *err);

#endif
