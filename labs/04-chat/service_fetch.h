/*
 * What a gateway asks the message nodes for: the pages of its streams, on threads of their own, and
 * every NEWEST_MS what is newest in its channels, since a hint may have been lost. Given: nothing
 * to write here.
 */
#ifndef LAB04_SERVICE_FETCH_H
#define LAB04_SERVICE_FETCH_H

#include "service_streams.h"

enum { NEWEST_MS = 200, FETCHERS = 4, FETCH_AGAIN_MS = 100 };

struct fetching;
int fetching_open(struct fetching **out, struct host *host, struct streams *streams,
                  int64_t ping_ms, struct error *err);
/* Its threads end: whatever is still asked for is not fetched. NULL is fine. */
void fetching_close(struct fetching *fetching);
/* Tries it, first in wait_ms, until it works or the stream has ended; then calls streams_page. Does
   not wait. */
void fetching_add(struct fetching *fetching, uint32_t stream, const char *channel, int64_t after,
                  int limit, int64_t wait_ms);

#endif
