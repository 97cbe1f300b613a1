/*
 * Which node keeps a channel: rendezvous hashing. Every node draws a weight for the channel, and
 * the heaviest keeps it. So a node that comes takes only what it wins, and a node that goes leaves
 * only what it had to those that came second.
 */
#include "placement.h"

#include <string.h>
#include "chat_hash.h"

int placement_of(const char *channel, const char *const *nodes, int count)
{
    uint64_t name = chat_hash(0, channel), heaviest = 0;
    int best = 0;
    for (int i = 0; i < count; i++) {
        uint64_t weight = chat_hash(name, nodes[i]);
        int ties = weight == heaviest && strcmp(nodes[i], nodes[best]) < 0;
        if (i == 0 || weight > heaviest || ties) {
            heaviest = weight;
            best = i;
        }
    }
    return best;
}

int64_t reconnect_delay_ms(int64_t spread_ms, double unit)
{
    if (spread_ms <= 0)
        return 0;
    int64_t delay_ms = (int64_t)(unit * (double)spread_ms);
    return delay_ms < spread_ms ? delay_ms : spread_ms - 1; /* a double is rounded */
}
