/*
 * The workload of the lab text. Given.
 */
#include "workload.h"

struct workload workload_standard(void)
{
    return (struct workload){
        .users = 1e7,
        .online_share = 0.1,
        .active_share = 0.4,
        .messages_per_user = 25,
        .peak_factor = 4,
        .channels = {{.message_share = 0.9, .readers = 8},
                     {.message_share = 0.099, .readers = 200},
                     {.message_share = 0.001, .readers = 50000}},
        .busiest_share = 0.002,
        .devices = 1.3,
        .text_bytes = 180,
        .row_bytes = 120,
        .envelope_bytes = 220,
        .attachment_share = 0.02,
        .attachment_bytes = 400000,
        .file_copies = 2,
        .copies = 3,
        .index_ratio = 0.6,
        .index_copies = 2,
        .retention_days = 400,
        .gateways = 20,
        .partitions = 64,
    };
}
