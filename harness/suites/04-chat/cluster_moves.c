/*
 * Lab 04, step 5: a fourth gateway is added while everybody reads.
 */
#include "suites/04-chat/crowd.h"

#include <stdio.h>
#include <string.h>

enum {
    CHANNELS = 60,
    /* Of 60 channels a fourth gateway takes 15; a good placement may take half or twice that. */
    LEAST = 5,
    MOST = 30
};

static int send_to_all(struct crowd *crowd)
{
    for (int i = 0; i < crowd->channel_count; i++)
        crowd_send(crowd, i, "user-0");
    return crowd_until(crowd, crowd_is_quiet, NULL,
                       "whatever moves, every reader reads every message of its channel");
}

/* Tells every node that all gateways are in use. */
static int add_gateway(struct chat_cluster *cluster)
{
    struct text body = {0};
    int ended = 0;
    text_add(&body, "{\"names\":[");
    for (int i = 0; i < cluster->gateway_count; i++)
        text_addf(&body, "%s\"%s\"", i > 0 ? "," : "", cluster->gateways[i]);
    text_add(&body, "]}");
    for (int i = 0; i < cluster->count && !ended; i++)
        ended = chat_ask(cluster, cluster->nodes[i].name, "operator", "PUT", "/node/gateways",
                         text_str(&body), 204, NULL);
    text_release(&body);
    return ended;
}

/* Where the channels were before, to where they are now. */
static int judge_moves(struct crowd *crowd, const int *before)
{
    struct check_run *run = crowd->cluster->run;
    int added = crowd->cluster->gateway_count - 1, moved = 0;
    for (int i = 0; i < crowd->channel_count; i++) {
        int home = crowd->channels[i].home;
        moved += home != before[i];
        if (home != before[i] && home != added)
            return run_fail(run, "wrong answer",
                            "a gateway that is added takes channels; between the others none moves",
                            "%s was at %s and is at %s", crowd->channels[i].name,
                            crowd->cluster->gateways[before[i]], crowd->cluster->gateways[home]);
    }
    run_figure(run, "of 60 channels moved to the fourth gateway", moved);
    if (moved < LEAST || moved > MOST)
        return run_fail(run, "wrong answer", "about a quarter of the channels moves",
                        "%d of %d channels have moved", moved, CHANNELS);
    for (int i = 0; i < crowd->reader_count; i++)
        if (crowd->readers[i].moves != (crowd->channels[i].home != before[i]))
            return run_fail(run, "wrong answer", "only streams of channels that move end",
                            "the stream of %s was ended %d times",
                            crowd->channels[crowd->readers[i].channel].name,
                            crowd->readers[i].moves);
    return 0;
}

static int is_out(struct crowd *crowd, void *context)
{
    return crowd->readers[*(const int *)context].state == CROWD_OUT;
}

/* Who is removed from a channel that has moved is cut off at its new home. */
static int remove_after_move(struct crowd *crowd, const int *before)
{
    char path[96];
    int moved = 0;
    while (crowd->channels[moved].home == before[moved])
        moved++;
    snprintf(path, sizeof path, "/channels/%s/members/user-1", crowd->channels[moved].name);
    return chat_ask_again(crowd->cluster, crowd->cluster->gateways[0], "user-0", "DELETE", path,
                          NULL, 204) ||
           crowd_until(crowd, is_out, &moved,
                       "who is removed from a channel that has moved is cut off at its new home");
}

static int play(struct crowd *crowd, struct chat_cluster *cluster)
{
    char name[32];
    int before[CHANNELS];
    for (int i = 0; i < CHANNELS; i++) {
        snprintf(name, sizeof name, "channel-%d", i);
        if (chat_make_channel(cluster, name, 2))
            return 1;
        crowd_listen(crowd, crowd_channel(crowd, name), "user-1", 0);
    }
    crowd_senders(crowd, 8);
    if (crowd_until(crowd, crowd_is_live, NULL, "streams open, and say live") || send_to_all(crowd))
        return 1;
    for (int i = 0; i < CHANNELS; i++)
        before[i] = crowd->channels[i].home;
    if (add_gateway(cluster) || send_to_all(crowd) || send_to_all(crowd))
        return 1;
    return judge_moves(crowd, before) || remove_after_move(crowd, before);
}

void chat_gateway_added(struct check_run *run)
{
    struct chat_cluster cluster;
    struct crowd *crowd = NULL;
    (void)(chat_cluster_open(&cluster, run,
                             (struct chat_options){.owners = CHAT_TALK, .spare = 1}) ||
           crowd_open(&crowd, &cluster) || play(crowd, &cluster) || crowd_compare(crowd));
    crowd_close(crowd);
    chat_cluster_close(&cluster);
}
