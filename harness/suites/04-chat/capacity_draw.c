/*
 * Workloads by chance, within the ranges of the lab text.
 */
#include "suites/04-chat/capacity_model.h"

#include <math.h>
#include "04-chat/workload_members.h"

enum { DRAWS_MAX = 1000, CORNERS = 2 };

/* As the lab text's table has them, column "range". Shares of channels are drawn apart. */
static const struct {
    enum workload_member member;
    double least, most;
} ranges[] = {
    {WORKLOAD_USERS, 1e3, 1e10},       {WORKLOAD_ONLINE, 0.01, 0.9},
    {WORKLOAD_ACTIVE, 0.02, 0.9},      {WORKLOAD_MESSAGES, 2, 200},
    {WORKLOAD_PEAK, 1.1, 20},          {WORKLOAD_SMALL_READERS, 2, 10},
    {WORKLOAD_LARGE_READERS, 50, 500}, {WORKLOAD_HUGE_READERS, 5000, 100000},
    {WORKLOAD_BUSIEST, 0.001, 0.3},    {WORKLOAD_DEVICES, 1.1, 4},
    {WORKLOAD_TEXT, 50, 500},          {WORKLOAD_ROW, 50, 500},
    {WORKLOAD_ENVELOPE, 50, 500},      {WORKLOAD_ATTACHMENT_SHARE, 0.001, 0.1},
    {WORKLOAD_ATTACHMENT, 1e4, 1e6},   {WORKLOAD_FILE_COPIES, 2, 4},
    {WORKLOAD_COPIES, 2, 6},           {WORKLOAD_INDEX_RATIO, 0.1, 0.9},
    {WORKLOAD_INDEX_COPIES, 2, 4},     {WORKLOAD_RETENTION, 30, 3650},
    {WORKLOAD_GATEWAYS, 2, 2000},      {WORKLOAD_PARTITIONS, 1, 4096},
};

static double draw_between(const struct random *random, double least, double most)
{
    return exp(log(least) + random_unit(random) * (log(most) - log(least)));
}

static void draw_any(const struct random *random, int is_long, struct workload *workload)
{
    *workload = workload_standard();
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        workload_set(workload, ranges[i].member,
                     draw_between(random, ranges[i].least, ranges[i].most));
    workload->retention_days =
        is_long ? draw_between(random, 380, 3650) : draw_between(random, 30, 350);
    workload->channels[1].message_share = draw_between(random, 0.02, 0.2);
    workload->channels[2].message_share = draw_between(random, 0.0002, 0.01);
    workload->channels[0].message_share =
        1 - workload->channels[1].message_share - workload->channels[2].message_share;
}

void capacity_draw(enum number number, const struct random *random,
                   struct workload workloads[DRAWN_WORKLOADS])
{
    workloads[0] = workload_standard();
    for (int i = 1; i < DRAWN_WORKLOADS - CORNERS; i++) {
        int tries = 0;
        do
            draw_any(random, i % 2, &workloads[i]);
        while (!capacity_tells_apart(number, &workloads[i]) && ++tries < DRAWS_MAX);
    }
    struct workload *smallest = &workloads[DRAWN_WORKLOADS - 2];
    draw_any(random, 0, smallest);
    smallest->users = 1000;
    smallest->gateways = 2;
    smallest->partitions = 1;
    struct workload *largest = &workloads[DRAWN_WORKLOADS - 1];
    draw_any(random, 1, largest);
    largest->users = 1e10;
}
