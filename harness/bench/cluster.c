/*
 * How long the mini cluster takes from nothing to ready.
 */
#include <stdio.h>
#include "bench/bench.h"
#include "cluster/cluster.h"
#include "kit/error.h"

enum { STARTS = 50 };

static const char *const quiet[] = {"LOG_LEVEL=warn", "TRACE_FILE=", NULL};
/* The bus is a file in the service's own folder. */
static const char *const order_environment[] = {"LOG_LEVEL=warn",
                                                "TRACE_FILE=", "BUS_URL=sqlite:bus.db", NULL};
static const char *const needs[] = {"user-service", "payment-service", "inventory-service", NULL};

const struct service_entry bench_services[] = {
    {.name = "user-service", .program = BUILD_FOLDER "/peers/user-service", .environment = quiet},
    {.name = "payment-service",
     .program = BUILD_FOLDER "/peers/payment-service",
     .environment = quiet},
    {.name = "inventory-service",
     .program = BUILD_FOLDER "/peers/inventory-service",
     .environment = quiet},
    {.name = "order-service",
     .program = BUILD_FOLDER "/trees/solutions/01-order/release/service",
     .student = 1,
     .needs = needs,
     .environment = order_environment},
};
const int bench_service_count = sizeof bench_services / sizeof bench_services[0];

int bench_cluster(struct bench *bench, struct error *err)
{
    static double took_ms[STARTS];
    for (int i = 0; i < STARTS; i++) {
        struct cluster_options options = {.services = bench_services,
                                          .service_count = bench_service_count,
                                          .work_dir = bench->dir};
        struct cluster *cluster = NULL;
        const char *failed = NULL;
        double start_s = bench_now_s();
        int code = cluster_start(&cluster, bench->launcher, &options, &failed, err);
        took_ms[i] = (bench_now_s() - start_s) * 1000;
        if (code < 0)
            return code;
        cluster_stop(cluster);
    }
    double worst = bench_percentile(took_ms, STARTS, 1);
    printf("cluster of %d services, start to all ready   median of %d: %.1f ms, worst %.1f ms\n",
           bench_service_count, STARTS, bench_percentile(took_ms, STARTS, 0.5), worst);
    return 0;
}
