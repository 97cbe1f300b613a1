/* The heap of events. Four children a node: half as deep as with two, and they share a cache line
   or two (Larkin, Sen, Tarjan, "A Back-to-Basics Empirical Study of Priority Queues", 2014). */
#include "load/events.h"

#include <assert.h>
#include <stdlib.h>
#include "kit/error.h"

enum { CHILDREN = 4, CAPACITY_FIRST = 256 };

static int is_before(const struct event *a, const struct event *b)
{
    return a->at_ns < b->at_ns || (a->at_ns == b->at_ns && a->serial < b->serial);
}

/* Room for one more; 0 when there is none. */
static int make_room(struct events *events)
{
    if (events->count < events->capacity)
        return 1;
    if (events->count >= EVENTS_MAX)
        return 0;
    uint32_t capacity = events->capacity == 0 ? CAPACITY_FIRST : 2 * events->capacity;
    struct event *larger = realloc(events->heap, capacity * sizeof *larger);
    if (larger == NULL)
        return 0;
    events->heap = larger;
    events->capacity = capacity;
    return 1;
}

int events_add(struct events *events, int64_t at_ns, uint32_t kind, void *subject)
{
    assert(at_ns >= events->now_ns);
    if (events->overloaded || events->serial == UINT32_MAX || !make_room(events)) {
        events->overloaded = 1;
        return ERR_LIMIT;
    }
    const struct event added = {at_ns, events->serial++, kind, subject};
    uint32_t at = events->count++;
    while (at > 0) {
        uint32_t parent = (at - 1) / CHILDREN;
        if (!is_before(&added, &events->heap[parent]))
            break;
        events->heap[at] = events->heap[parent];
        at = parent;
    }
    events->heap[at] = added;
    return 0;
}

/* The child of `at` that happens first; `at` has one. */
static uint32_t first_child(const struct events *events, uint32_t at)
{
    uint32_t first = CHILDREN * at + 1, end = first + CHILDREN;
    if (end > events->count)
        end = events->count;
    for (uint32_t child = first + 1; child < end; child++)
        if (is_before(&events->heap[child], &events->heap[first]))
            first = child;
    return first;
}

int events_next(struct events *events, struct event *out)
{
    if (events->count == 0 || events->overloaded)
        return 0;
    *out = events->heap[0];
    events->now_ns = out->at_ns;
    const struct event last = events->heap[--events->count];
    uint32_t at = 0;
    while (CHILDREN * at + 1 < events->count) {
        uint32_t child = first_child(events, at);
        if (!is_before(&events->heap[child], &last))
            break;
        events->heap[at] = events->heap[child];
        at = child;
    }
    events->heap[at] = last;
    return 1;
}

void events_release(struct events *events)
{
    free(events->heap);
    *events = (struct events){0};
}
