/*
 * Lab 04, step 5: a reader that reads nothing.
 */
#include "suites/04-chat/crowd.h"

enum {
    OTHERS = 2,
    QUEUE = 16,
    TEXT_BYTES = 2500, /* each takes six bytes on the wire, so that sockets are full soon */
    ROUND = 10,        /* messages at a time: fewer than a queue, so nobody else is too slow */
    ROUNDS = 8,        /* 1.2 MB, of which the silent one's system takes some 200 kB */
    WRITTEN_MAX = 50   /* its queue, and what its system has taken */
};

/* The silent one looks again: it was cut off, or it has read all that there is. */
static int has_looked(struct crowd *crowd, void *context)
{
    const struct crowd_reader *silent = &crowd->readers[0];
    (void)context;
    return silent->gaps > 0 || silent->last == crowd->channels[silent->channel].highest;
}

static int play(struct crowd *crowd, int channel)
{
    crowd_listen_all(crowd, channel, 0, OTHERS + 1);
    crowd_senders(crowd, OTHERS);
    crowd->text_bytes = TEXT_BYTES;
    if (crowd_until(crowd, crowd_is_live, NULL, "streams open, and say live"))
        return 1;
    crowd->readers[0].is_silent = 1;
    for (int sent = 0; sent < ROUND * ROUNDS; sent += ROUND) {
        for (int i = 0; i < ROUND; i++)
            crowd_send(crowd, channel, "user-1");
        if (crowd_until(crowd, crowd_is_quiet, NULL,
                        "a reader that reads nothing delays no sender and no other reader"))
            return 1;
    }
    crowd->readers[0].is_silent = 0;
    if (crowd_until(crowd, has_looked, NULL, "what was written to the silent reader reaches it"))
        return 1;
    if (crowd->readers[0].gaps == 0)
        return run_fail(crowd->cluster->run, "wrong answer",
                        "a reader that takes nothing is cut off with a gap",
                        "%d messages of 15 kB waited for user-0, in a queue of %d", ROUND * ROUNDS,
                        QUEUE);
    if (crowd->readers[0].gap_from > WRITTEN_MAX)
        return run_fail(crowd->cluster->run, "wrong answer",
                        "what waits for a reader that takes nothing is bounded",
                        "user-0 took nothing, and was written %lld messages of 15 kB, with a queue "
                        "of %d",
                        (long long)crowd->readers[0].gap_from - 1, QUEUE);
    run_figure(crowd->cluster->run, "messages that the silent reader was written",
               (double)crowd->readers[0].gap_from - 1);
    return crowd_until(crowd, crowd_is_quiet, NULL,
                       "who was cut off comes back, and reads on where it was");
}

void chat_silent(struct check_run *run)
{
    struct chat_cluster cluster;
    struct crowd *crowd = NULL;
    (void)(chat_cluster_open(
               &cluster, run,
               (struct chat_options){.owners = CHAT_TALK, .gateways = 1, .queue = QUEUE}) ||
           crowd_open(&crowd, &cluster) || chat_make_channel(&cluster, "general", OTHERS + 1) ||
           play(crowd, crowd_channel(crowd, "general")) || crowd_compare(crowd));
    crowd_close(crowd);
    chat_cluster_close(&cluster);
}
