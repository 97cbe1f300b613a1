/*
 * A mini cluster: a table of services, started together, faulted, killed and reaped.
 */
#ifndef CLUSTER_CLUSTER_H
#define CLUSTER_CLUSTER_H

#include <stdint.h>
#include "cluster/launcher.h"
#include "kit/http_client.h"

struct cluster;
struct service_entry {
    const char *name;        /* "order-service"; its address reaches others as ORDER_SERVICE_URL */
    const char *program;     /* path */
    int student;             /* 1: built from student code, no control socket */
    const char *const *needs; /* names of others, NULL-terminated; may be NULL */
    const char *const *environment; /* extra NAME=value, NULL-terminated; may be NULL */
};

struct cluster_options {
    const struct service_entry *services;
    int service_count;
    const char *work_dir; /* databases, logs and spans go below it */
    int64_t ready_ms;     /* how long to wait for readiness, 0 = 10 s */
};

/* Starts all services at once and waits until each is ready. On failure *failed names the service
   that did not come up (NULL when the harness itself failed); everything is stopped. */
int cluster_start(struct cluster **out, struct launcher *launcher,
                  const struct cluster_options *options, const char **failed, struct error *err);
void cluster_stop(struct cluster *cluster); /* kills what is left, reaps */

const char *cluster_url(struct cluster *cluster, const char *service); /* "http://127.0.0.1:NNNN" */
const char *cluster_log(struct cluster *cluster, const char *service); /* path of its stderr */
const char *cluster_spans(struct cluster *cluster);                    /* path of all spans */
const char *cluster_dir(struct cluster *cluster, const char *service); /* its data folder */
pid_t cluster_pid(struct cluster *cluster, const char *service);       /* 0 when not running */

int cluster_kill(struct cluster *cluster, const char *service, int signal);
/* Starts a service that has ended, on the same port, and waits until it is ready. */
int cluster_restart(struct cluster *cluster, const char *service, struct error *err);
/* Waits for its end; ERR_LIMIT when it still runs after wait_ms. */
int cluster_wait(struct cluster *cluster, const char *service, int64_t wait_ms,
                 struct launch_end *end, struct error *err);

enum fault_kind {
    FAULT_NONE,         /* honest again */
    FAULT_LATENCY,      /* value = ms before the answer */
    FAULT_STATUS,       /* value = HTTP status, no effect */
    FAULT_HANG,         /* takes the request, never answers */
    FAULT_CLOSE_BEFORE, /* closes the connection before the effect */
    FAULT_CLOSE_DURING, /* closes after half the answer */
    FAULT_CLOSE_AFTER,  /* does the work, closes without an answer */
    FAULT_GARBAGE,      /* answers bytes that are not HTTP */
    FAULT_BAD_BODY,     /* 200 with a body that is not JSON */
    FAULT_SLOW_BYTES,   /* value = ms between bytes of the answer */
    FAULT_FLAP          /* value = every value-th request fails with 503 */
};
const char *fault_name(enum fault_kind kind);
/* Sets the peer's fault and proves by a canary call that it stands. ERR_UNAVAILABLE: it does not. */
int cluster_fault(struct cluster *cluster, const char *service, enum fault_kind kind, int64_t value,
                  struct error *err);
/* What the peer has seen since it started, canaries not counted. */
struct peer_counts {
    int64_t requests; /* business requests taken */
    int64_t faulted;  /* of them, met by a fault */
    int64_t effects;  /* effects applied */
};
int cluster_counts(struct cluster *cluster, const char *service, struct peer_counts *counts,
                   struct error *err);

#endif
