/* A pool: chunks of things, and a list of the free ones that runs through them. */
#include "load/pool.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 1024 };

struct pool_thing {
    struct pool_thing *next;
};

void pool_begin(struct pool *pool, size_t size, uint32_t limit)
{
    assert(size >= sizeof(struct pool_thing) && size % sizeof(struct pool_thing) == 0);
    *pool = (struct pool){.size = size, .limit = limit};
}

/* A chunk begins with the link to the chunk before it, then come its things. */
static int add_chunk(struct pool *pool)
{
    const uint32_t left = pool->limit - pool->made, count = left < CHUNK ? left : CHUNK;
    struct pool_thing *chunk = count > 0 ? malloc(sizeof *chunk + count * pool->size) : NULL;
    if (chunk == NULL)
        return 0;
    chunk->next = pool->chunks;
    pool->chunks = chunk;
    for (uint32_t i = 0; i < count; i++)
        pool_give(pool, (char *)(chunk + 1) + i * pool->size);
    pool->made += count;
    return 1;
}

void *pool_take(struct pool *pool)
{
    if (pool->free == NULL && !add_chunk(pool))
        return NULL;
    struct pool_thing *thing = pool->free;
    pool->free = thing->next;
    return memset(thing, 0, pool->size);
}

void pool_give(struct pool *pool, void *thing)
{
    struct pool_thing *given = thing;
    given->next = pool->free;
    pool->free = given;
}

void pool_release(struct pool *pool)
{
    while (pool->chunks != NULL) {
        struct pool_thing *chunk = pool->chunks;
        pool->chunks = chunk->next;
        free(chunk);
    }
    pool_begin(pool, pool->size, pool->limit);
}
