/*
 * UUID version 7. The 128 bits, most significant first (RFC 9562, section 5.7):
 *
 *     48 milliseconds since 1970 | 4 version 7 | 12 counter | 2 variant 10 | 62 random
 *
 * Milliseconds and counter are kept side by side in one 64-bit word. A new millisecond starts the
 * counter at a random number below half its range; within one, the word grows by 1, and a counter
 * that runs over carries into the milliseconds, as section 6.2 (method 1) allows. So the word, and
 * with it the id, only ever grows, and one compare-and-swap is all the locking there is.
 */
#include "kit/id.h"

#include <stdatomic.h>

#include "kit/hex.h"

enum { COUNTER_BITS = 12, RANDOM_HALF_BITS = 31 };

void id_next(const struct id_source *source, int64_t wall_ms, char id[ID_SIZE])
{
    source->next(source->context, wall_ms, id);
}

/* The milliseconds and counter of the next id, 60 bits. */
static uint64_t advance(struct id_generator *generator, int64_t wall_ms)
{
    const int64_t last_possible_ms = (INT64_C(1) << 48) - 1; /* in the year 10889 */
    int64_t clamped_ms = wall_ms < 0 ? 0 : wall_ms;
    if (clamped_ms > last_possible_ms)
        clamped_ms = last_possible_ms;
    uint64_t fresh = (uint64_t)clamped_ms << COUNTER_BITS;
    uint64_t last = atomic_load(&generator->last);
    uint64_t next = 0;
    if (last < fresh)
        fresh += random_below(&generator->random, UINT64_C(1) << (COUNTER_BITS - 1));
    do {
        next = last < fresh ? fresh : last + 1;
    } while (!atomic_compare_exchange_weak(&generator->last, &last, next));
    return next;
}

static void next_id(void *context, int64_t wall_ms, char id[ID_SIZE])
{
    struct id_generator *generator = context;
    uint64_t prefix = advance(generator, wall_ms);
    uint64_t high = random_below(&generator->random, UINT64_C(1) << RANDOM_HALF_BITS);
    uint64_t low = random_below(&generator->random, UINT64_C(1) << RANDOM_HALF_BITS);
    uint64_t tail = UINT64_C(2) << 62 | high << RANDOM_HALF_BITS | low;

    uint64_t ms = prefix >> COUNTER_BITS;
    char *text = hex_write(id, ms >> 16, 8);
    *text++ = '-';
    text = hex_write(text, ms, 4);
    *text++ = '-';
    *text++ = '7';
    text = hex_write(text, prefix, 3);
    *text++ = '-';
    text = hex_write(text, tail >> 48, 4);
    *text++ = '-';
    text = hex_write(text, tail, 12);
    *text = '\0';
}

struct id_source id_source_from(struct id_generator *storage, struct random random)
{
    storage->random = random;
    atomic_init(&storage->last, 0);
    return (struct id_source){.next = next_id, .context = storage};
}

int id_valid(const char *text)
{
    for (int place = 0; place < ID_SIZE - 1; place++) {
        int dash = place == 8 || place == 13 || place == 18 || place == 23;
        if (dash ? text[place] != '-' : hex_value(text[place]) < 0) {
            return 0; /* a NUL is neither, so nothing behind the end is read */
        }
    }
    return text[ID_SIZE - 1] == '\0';
}
