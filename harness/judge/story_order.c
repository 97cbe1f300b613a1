#include "judge/story_order.h"

static int is_ready(const struct story_event *events, int place)
{
    return events[place].after < 0 || events[events[place].after].is_placed;
}

/* Which of two places comes first; other may be -1, none. */
static int is_sooner(const struct story_event *events, int one, int other)
{
    if (other < 0)
        return 1;
    if (is_ready(events, one) != is_ready(events, other))
        return is_ready(events, one);
    return events[one].at_ns < events[other].at_ns;
}

void story_order(struct story_event *events, int count, int *order)
{
    for (int i = 0; i < count; i++)
        events[i].is_placed = 0;
    for (int placed = 0; placed < count; placed++) {
        int next = -1;
        for (int i = 0; i < count; i++)
            if (!events[i].is_placed && is_sooner(events, i, next))
                next = i;
        events[next].is_placed = 1;
        order[placed] = next;
    }
}
