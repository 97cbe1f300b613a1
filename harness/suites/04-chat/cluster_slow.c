/*
 * Lab 04, step 5: a reader that reads nothing.
 */
#include "suites/04-chat/crowd.h"

#include <stdio.h>

enum {
    OTHERS = 4,
    QUEUE = 16,
    TEXT_BYTES = 2500, /* each takes six bytes on the wire, so that sockets are full soon */
    ROUND = 64,        /* messages at a time, until the silent one must be full */
    ROUNDS = 16
};

static int has_gap(struct crowd *crowd, void *context)
{
    (void)context;
    return crowd->readers[0].gaps > 0;
}

/* The silent one looks: 1 when it was cut off. It reads what was written to it before. */
static int look(struct crowd *crowd)
{
    crowd->readers[0].is_silent = 0;
    for (int i = 0; i < ROUND && crowd->readers[0].gaps == 0; i++)
        crowd_turn(crowd, 1);
    return crowd->readers[0].gaps > 0;
}

static int play(struct crowd *crowd, int channel)
{
    for (int i = 0; i <= OTHERS; i++) {
        char user[16];
        snprintf(user, sizeof user, "user-%d", i);
        crowd_listen(crowd, channel, user, 0);
    }
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
    if (look(crowd) ||
        !crowd_until(crowd, has_gap, NULL, "a reader that takes nothing is cut off with a gap"))
        return crowd_until(crowd, crowd_is_quiet, NULL,
                           "who was cut off comes back, and reads on where it was");
    return 1;
}

void chat_silent(struct check_run *run)
{
    struct chat_cluster cluster;
    struct crowd *crowd = NULL;
    (void)(chat_cluster_open(&cluster, run,
                             (struct chat_options){.owners = CHAT_TALK, .queue = QUEUE}) ||
           crowd_open(&crowd, &cluster) || chat_make_channel(&cluster, "general", OTHERS + 1) ||
           play(crowd, crowd_channel(crowd, "general")) || crowd_compare(crowd));
    crowd_close(crowd);
    chat_cluster_close(&cluster);
}
