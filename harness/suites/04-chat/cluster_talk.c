/*
 * Lab 04, step 5: readers while all is well, when they come back, and when they are removed.
 */
#include <stdio.h>
#include "suites/04-chat/calibration.h"

static const char sent_all[] = "every message is acknowledged, and every reader reads it";

/* --- 71: all is well -------------------------------------------------------------------------- */

enum { CHANNELS = 3, READERS = 4, SENDS = 60, LATE = 2 };

/* Some read from the start, some come while others write. */
static int everybody_reads(struct crowd *crowd, struct chat_cluster *cluster)
{
    char name[32];
    for (int i = 0; i < CHANNELS; i++) {
        snprintf(name, sizeof name, "channel-%d", i);
        if (chat_make_channel(cluster, name, READERS + LATE))
            return 1;
        crowd_listen_all(crowd, crowd_channel(crowd, name), 0, READERS);
    }
    crowd_senders(crowd, READERS);
    if (crowd_until(crowd, crowd_is_live, NULL, "streams open, and say live"))
        return 1;
    crowd_send_all(crowd, SENDS);
    if (crowd_until(crowd, crowd_is_sent, NULL, sent_all))
        return 1;
    crowd_send_all(crowd, SENDS);
    for (int i = 0; i < CHANNELS; i++)
        crowd_listen_all(crowd, i, READERS, LATE);
    return crowd_until(crowd, crowd_is_quiet, NULL, sent_all);
}

/* How quick it is, and how quick the simulation says it is, for the report; no verdict comes of it.
   At a pace, since it is no race. */
static void show_delays(struct chat_cluster *cluster)
{
    static const int sends[CALIBRATION_PACES] = {CALIBRATION_SENDS, CALIBRATION_SENDS};
    struct calibration calibration;
    struct crowd *crowd = NULL;
    if (!crowd_open(&crowd, cluster) && !chat_measure_open(crowd, 1, MEASURE_READERS) &&
        !chat_calibrate(crowd, sends, &calibration))
        calibration_show(cluster->run, &calibration);
    crowd_close(crowd);
}

void chat_members_read(struct check_run *run)
{
    struct chat_cluster cluster;
    struct crowd *crowd = NULL;
    (void)(chat_cluster_open(&cluster, run, (struct chat_options){.owners = CHAT_TALK}) ||
           crowd_open(&crowd, &cluster) || everybody_reads(crowd, &cluster) ||
           crowd_compare(crowd) ||
           chat_ask(&cluster, cluster.gateways[0], "stranger", "GET",
                    "/channels/channel-0/messages", NULL, 403, NULL));
    if (!run_ended(run))
        run_figure(run, "messages read", (double)crowd->delivered);
    if (!run_ended(run))
        show_delays(&cluster);
    crowd_close(crowd);
    chat_cluster_close(&cluster);
}

/* --- 75: a reader comes back ------------------------------------------------------------------ */

/* Some come back on their own, all after the death of their gateway. */
static int come_and_go(struct crowd *crowd, struct chat_cluster *cluster)
{
    enum { ROUNDS = 3 };
    int channel = crowd_channel(crowd, "general");
    crowd_listen_all(crowd, channel, 0, READERS);
    crowd_senders(crowd, 3);
    for (int round = 0; round < ROUNDS; round++) {
        crowd_send_all(crowd, SENDS / 3);
        if (crowd_until(crowd, crowd_is_quiet, NULL, sent_all))
            return 1;
        for (int i = 0; i < 2; i++)
            crowd_cut(crowd, (round + i) % READERS, 1);
        crowd_send_all(crowd, SENDS / 3);
        if (crowd_until(crowd, crowd_is_quiet, NULL,
                        "who comes back with the last number gets the rest, then live"))
            return 1;
    }
    crowd_send_all(crowd, SENDS / 3);
    if (crowd_kill(crowd, cluster->gateways, cluster->gateway_count) ||
        crowd_until(crowd, crowd_is_quiet, NULL,
                    "after the gateways' death every reader goes on where it was"))
        return 1;
    for (int i = 0; i < crowd->reader_count; i++)
        if (crowd->readers[i].opened < 2)
            return run_error(cluster->run, "%s was never cut off", crowd->readers[i].user);
    return 0;
}

void chat_reconnect(struct check_run *run)
{
    struct chat_cluster cluster;
    struct crowd *crowd = NULL;
    (void)(chat_cluster_open(&cluster, run, (struct chat_options){.owners = CHAT_TALK}) ||
           crowd_open(&crowd, &cluster) || chat_make_channel(&cluster, "general", READERS) ||
           come_and_go(crowd, &cluster) || crowd_compare(crowd));
    for (int i = 0; !run_ended(run) && i < crowd->reader_count; i++) {
        int64_t jitter_ms = cluster.model->jitter_ms, retry_ms = crowd->readers[i].retry_ms;
        if (retry_ms < 0 || (retry_ms >= jitter_ms && retry_ms > 0))
            run_fail(run, "wrong answer", "retry is spread over what your design says",
                     "a stream says retry: %lld; reconnect is %lld ms", (long long)retry_ms,
                     (long long)jitter_ms);
    }
    crowd_close(crowd);
    chat_cluster_close(&cluster);
}

/* --- 77: a member is removed ------------------------------------------------------------------ */

static int is_out(struct crowd *crowd, void *context)
{
    return crowd->readers[*(const int *)context].state == CROWD_OUT;
}

static int put_out(struct crowd *crowd, struct chat_cluster *cluster)
{
    static const char stream[] = "/channels/general/stream";
    static const char messages[] = "/channels/general/messages";
    int out = 1;
    crowd_listen_all(crowd, crowd_channel(crowd, "general"), 0, 3);
    crowd_senders(crowd, 1);
    for (int i = 0; i < READERS; i++)
        crowd_send(crowd, 0, "user-0");
    if (crowd_until(crowd, crowd_is_quiet, NULL, sent_all))
        return 1;
    if (chat_ask_again(cluster, cluster->gateways[0], "user-0", "DELETE",
                       "/channels/general/members/user-1", NULL, 204) ||
        crowd_until(crowd, is_out, &out, "the stream of who was removed says so, and ends"))
        return 1;
    int64_t last = crowd->readers[out].last;
    for (int i = 0; i < READERS; i++)
        crowd_send(crowd, 0, "user-0");
    if (crowd_until(crowd, crowd_is_quiet, NULL, sent_all))
        return 1;
    if (crowd->readers[out].last != last)
        return run_fail(cluster->run, "wrong answer", "who was removed reads nothing more",
                        "user-1 was removed after %lld, and read %lld", (long long)last,
                        (long long)crowd->readers[out].last);
    for (int i = 0; i < cluster->gateway_count; i++) {
        struct http_reply reply = {0};
        const char *const headers[] = {"X-User: user-1", NULL};
        if (chat_ask(cluster, cluster->gateways[i], "user-1", "POST", messages,
                     "{\"nonce\":\"1\",\"text\":\"still here\"}", 403, NULL) ||
            chat_ask(cluster, cluster->gateways[i], "user-1", "GET", messages, NULL, 403, NULL))
            return 1;
        run_http(cluster->run, cluster->gateways[i], "GET", stream, headers, NULL, 0, &reply);
        int ended = reply.status != 307 && run_expect_status(cluster->run, &reply, 403);
        http_reply_release(&reply);
        if (ended)
            return 1;
    }
    return 0;
}

void chat_removed(struct check_run *run)
{
    struct chat_cluster cluster;
    struct crowd *crowd = NULL;
    (void)(chat_cluster_open(&cluster, run,
                             (struct chat_options){.owners = CHAT_TALK, .with_spans = 1}) ||
           crowd_open(&crowd, &cluster) || chat_make_channel(&cluster, "general", 3) ||
           put_out(crowd, &cluster) || crowd_compare(crowd));
    crowd_close(crowd);
    chat_cluster_close(&cluster);
}
