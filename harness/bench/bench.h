/*
 * What the parts of the benchmark share.
 *
 * A benchmark is never a test: it prints what it measured, how, and what the machine could have
 * done at best in the same run.
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stdint.h>
#include <sys/types.h>
#include "cluster/cluster.h"

struct error;

struct bench {
    struct launcher *launcher;
    char dir[64];  /* everything that is written goes below it; on the disk of the repository */
    char disk[32]; /* its file system's type */
    int durable;   /* 0 for a disk in memory */
    int cores;
};

double bench_now_s(void);
/* Sorts values and gives the one below which that share of them lies. */
double bench_percentile(double *values, int count, double share);
/* A field of /proc/PID/status, such as "VmHWM:", in megabytes; negative when there is none. */
double bench_memory_mb(pid_t pid, const char *field);

/* One run of wrk. */
struct load {
    const char *url;    /* with the path */
    const char *script; /* Lua text; NULL = plain GET */
    int connections;
    int seconds;
};
struct load_result {
    double per_s;
    double p99_ms;
    int64_t failures; /* answers that were no 2xx, and broken connections */
};
/* ERR_NOT_FOUND when wrk is not installed. */
int load_run(struct bench *bench, const struct load *load, struct load_result *result,
             struct error *err);

/* Runs a program to its end with its output thrown away; the seconds it took, or a negative code.
 */
double bench_time_program(struct bench *bench, const char *const *argv, struct error *err);

/* The parts, each printing its rows. A negative code stops the benchmark. */
int bench_build(struct bench *bench, struct error *err);      /* compiling, make check */
int bench_cluster(struct bench *bench, struct error *err);    /* start to ready */
int bench_limits(struct bench *bench, struct error *err);     /* bare handler, fdatasync */
int bench_breaker(struct bench *bench, struct error *err);    /* lab 02's reference, a call */
int bench_order(struct bench *bench, struct error *err);      /* the order service under load */
int bench_saga(struct bench *bench, struct error *err);       /* schedules, checkouts */
int bench_chat(struct bench *bench, struct error *err);       /* lab 04's cluster: deliveries */
int bench_simulation(struct bench *bench, struct error *err); /* lab 04's design under load */

/* The order service with its neighbours, from the reference in a release build. */
extern const struct service_entry bench_services[];
extern const int bench_service_count;

#endif
