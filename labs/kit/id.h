/*
 * Identifiers: UUID version 7 (RFC 9562, section 5.7), ordered by time, as lower case text.
 *
 * Ordered ids keep a B-tree's inserts at its right edge; random ones cost up to 40 % of a durable
 * write's speed (measured, see docs).
 */
#ifndef KIT_ID_H
#define KIT_ID_H

#include <stdint.h>
#include "kit/random.h"

enum { ID_SIZE = 37 }; /* 36 characters and the NUL */

/* Where ids come from. Borrowed by the code that makes ids. */
struct id_source {
    void (*next)(void *context, int64_t wall_ms, char id[ID_SIZE]);
    void *context;
};

/* Writes a new id for wall_ms. Ids of one source strictly increase, also within a millisecond
   and when wall_ms jumps back: the id then carries a time a little ahead of wall_ms. */
void id_next(const struct id_source *source, int64_t wall_ms, char id[ID_SIZE]);

/* A source over a random generator. storage outlives it. Safe from several threads when random is:
   random_system is, a seeded one is not. */
struct id_generator {
    struct random random;
    _Atomic uint64_t last; /* the newest id's milliseconds, then its 12 counter bits */
};
struct id_source id_source_from(struct id_generator *storage, struct random random);

/* 1 when text is 36 characters of UUID form, any version, lower or upper case; else 0. */
int id_valid(const char *text);

#endif
