/*
 * Which node keeps a channel, and when a client comes back. Step 4, yours: placement.c.
 */
#ifndef LAB04_PLACEMENT_H
#define LAB04_PLACEMENT_H

#include <stdint.h>

/*
 * The place in nodes (count of them, 1..64, all different) of the one that keeps the channel. Every
 * process computes it alone and comes to the same node, so it depends on nothing but the names, not
 * on their order (PIN). Channels are spread evenly: of many channels no node gets more than 1.6
 * times its share. A node that is added takes about its share, and nothing moves between the
 * others; a node that goes gives its own away, and nothing else moves.
 *
 * D. Karger et al., "Consistent hashing and random trees", 1997; D. Thaler and C. Ravishankar,
 * "Using name-based mappings to increase hit rates", 1998 (rendezvous hashing).
 */
int placement_of(const char *channel, const char *const *nodes, int count);

/* When a client that lost its gateway connects again: 0..spread_ms - 1, evenly, by one draw of unit
   in [0,1). 0 when spread_ms is 0 or less. */
int64_t reconnect_delay_ms(int64_t spread_ms, double unit);

#endif
