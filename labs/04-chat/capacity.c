/*
 * How much of everything a workload needs. capacity.h says what each function computes.
 */
#include "capacity.h"

double capacity_messages(const struct workload *workload)
{
    /* TODO(step 2): begin here; most of the others are built on it. */
    (void)workload;
    return 0;
}

double capacity_deliveries(const struct workload *workload)
{
    /* TODO(step 2) */
    (void)workload;
    return 0;
}

double capacity_connections(const struct workload *workload)
{
    /* TODO(step 2) */
    (void)workload;
    return 0;
}

double capacity_stored_bytes(const struct workload *workload)
{
    /* TODO(step 2) */
    (void)workload;
    return 0;
}

double capacity_index_bytes(const struct workload *workload)
{
    /* TODO(step 2) */
    (void)workload;
    return 0;
}

double capacity_hottest_partition(const struct workload *workload)
{
    /* TODO(step 2) */
    (void)workload;
    return 0;
}

double capacity_outgoing_bytes(const struct workload *workload)
{
    /* TODO(step 2) */
    (void)workload;
    return 0;
}
