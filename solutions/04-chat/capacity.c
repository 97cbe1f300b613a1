/*
 * How much of everything a workload needs.
 */
#include "capacity.h"

static const double day_s = 86400, year_days = 365;

double capacity_messages(const struct workload *workload)
{
    const double a_day = workload->users * workload->active_share * workload->messages_per_user;
    return a_day / day_s * workload->peak_factor;
}

/* Connections that are open at the busiest time, for each user. */
static double connections_of_a_user(const struct workload *workload)
{
    return workload->online_share * workload->devices;
}

double capacity_deliveries(const struct workload *workload)
{
    double readers = 0; /* of a message, in the mean */
    for (int i = 0; i < WORKLOAD_CHANNEL_CLASSES; i++)
        readers += workload->channels[i].message_share * workload->channels[i].readers;
    return capacity_messages(workload) * readers * connections_of_a_user(workload);
}

double capacity_connections(const struct workload *workload)
{
    return workload->users * connections_of_a_user(workload) / (workload->gateways - 1);
}

/* That are kept one year after the start: what is older than the retention is gone. */
static double kept_messages(const struct workload *workload)
{
    const double a_day = capacity_messages(workload) / workload->peak_factor * day_s;
    const double days = workload->retention_days < year_days ? workload->retention_days : year_days;
    return a_day * days;
}

double capacity_stored_bytes(const struct workload *workload)
{
    const double row = (workload->text_bytes + workload->row_bytes) * workload->copies;
    const double file =
        workload->attachment_share * workload->attachment_bytes * workload->file_copies;
    return kept_messages(workload) * (row + file);
}

double capacity_index_bytes(const struct workload *workload)
{
    return kept_messages(workload) * workload->text_bytes * workload->index_ratio *
           workload->index_copies;
}

double capacity_hottest_partition(const struct workload *workload)
{
    const double others = (1 - workload->busiest_share) / workload->partitions;
    return capacity_messages(workload) * (workload->busiest_share + others);
}

double capacity_outgoing_bytes(const struct workload *workload)
{
    return capacity_deliveries(workload) * (workload->text_bytes + workload->envelope_bytes);
}
