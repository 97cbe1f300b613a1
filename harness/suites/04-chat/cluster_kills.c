/*
 * Lab 04, step 5: 300 readers of 20 channels, while a gateway and a message node are killed.
 */
#include "suites/04-chat/crowd.h"

#include <stdio.h>

enum { CHANNELS = 20, READERS = 300, SENDS = 400, SENDERS = 10, MEMBERS = 15, KILLS = 2 };

struct storm {
    struct crowd *crowd;
    int at[KILLS];          /* acknowledged sends after which a node dies */
    const char *who[KILLS]; /* which one */
};

static int enough(struct crowd *crowd, void *context)
{
    return crowd->acknowledged >= *(const int *)context;
}

static int kill_at(struct crowd *crowd, int acknowledged, const char *node)
{
    return crowd_until(crowd, enough, &acknowledged, "all messages are acknowledged in the end") ||
           crowd_until(crowd, crowd_is_sending, NULL, "messages are sent until all are") ||
           crowd_kill(crowd, &node, 1);
}

/* Two moments between 20 and 80 % of the sends, and which node dies first, by seed. */
static void draw(struct storm *storm, struct chat_cluster *cluster, const struct random *random)
{
    const char *messages[CHAT_NODES_MAX];
    int count = chat_nodes_of(cluster, OWNS_MESSAGES, messages);
    int first = (int)random_below(random, 2);
    storm->who[first] = cluster->gateways[random_below(random, (uint64_t)cluster->gateway_count)];
    storm->who[1 - first] = messages[random_below(random, (uint64_t)count)];
    storm->at[0] = SENDS / 5 + (int)random_below(random, SENDS / 4);
    storm->at[1] = SENDS / 2 + (int)random_below(random, SENDS * 3 / 10);
}

static int populate(struct crowd *crowd, struct chat_cluster *cluster)
{
    char name[32], user[32];
    for (int i = 0; i < CHANNELS; i++) {
        snprintf(name, sizeof name, "channel-%d", i);
        if (chat_make_channel(cluster, name, MEMBERS))
            return 1;
        crowd_channel(crowd, name);
    }
    for (int i = 0; i < READERS; i++) {
        snprintf(user, sizeof user, "user-%d", i / CHANNELS);
        crowd_listen(crowd, i % CHANNELS, user, 0);
    }
    return 0;
}

void chat_kills(struct check_run *run)
{
    struct chat_cluster cluster;
    struct crowd *crowd = NULL;
    struct storm storm = {0};
    char user[32];
    (void)(chat_cluster_open(&cluster, run, (struct chat_options){.owners = CHAT_TALK}) ||
           crowd_open(&crowd, &cluster) || populate(crowd, &cluster));
    if (!run_ended(run)) {
        draw(&storm, &cluster, &run->random);
        crowd_senders(crowd, SENDERS);
        (void)(crowd_until(crowd, crowd_is_live, NULL, "300 streams open, and say live"));
        for (int i = 0; i < SENDS && !run_ended(run); i++) {
            snprintf(user, sizeof user, "user-%d", i % MEMBERS);
            crowd_send(crowd, (int)random_below(&run->random, CHANNELS), user);
        }
        for (int i = 0; i < KILLS && !run_ended(run); i++)
            kill_at(crowd, storm.at[i], storm.who[i]);
    }
    if (!run_ended(run) &&
        !crowd_until(crowd, crowd_is_quiet, NULL,
                     "in the end every reader has read every message of its channel") &&
        !crowd_compare(crowd)) {
        int again = 0;
        for (int i = 0; i < crowd->reader_count; i++)
            again += crowd->readers[i].opened - 1;
        run_figure(run, "messages read by 300 readers", (double)crowd->delivered);
        run_figure(run, "streams opened again", again);
        if (again == 0)
            run_error(run, "nobody was cut off: the kills have not met a stream");
    }
    crowd_close(crowd);
    chat_cluster_close(&cluster);
}
