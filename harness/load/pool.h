/*
 * Things of one size, for a simulation that makes and ends millions of them: memory grows with
 * those that are out at once, up to a limit, and a thing never moves.
 */
#ifndef LOAD_POOL_H
#define LOAD_POOL_H

#include <stddef.h>
#include <stdint.h>

struct pool_thing;
struct pool {
    size_t size; /* of a thing, a multiple of a pointer's */
    uint32_t limit, made;
    struct pool_thing *free, *chunks;
};

void pool_begin(struct pool *pool, size_t size, uint32_t limit);
/* A thing of zero bytes; NULL when `limit` are out or memory is. */
void *pool_take(struct pool *pool);
void pool_give(struct pool *pool, void *thing);
/* Frees all things, those that are out too; ready for a new beginning. */
void pool_release(struct pool *pool);

#endif
