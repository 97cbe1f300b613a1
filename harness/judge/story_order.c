#include "judge/story_order.h"

/* Which of two places comes first; -1 is none. An event that waits comes behind all others. */
static int is_sooner(const struct story_event *events, int one, int other)
{
    if (other < 0)
        return 1;
    int is_ready = events[one].waits == 0, is_other_ready = events[other].waits == 0;
    if (is_ready != is_other_ready)
        return is_ready;
    return events[one].at_ns < events[other].at_ns;
}

static void place(struct story_event *events, int count, int placed)
{
    events[placed].is_placed = 1;
    if (events[placed].before >= 0)
        events[events[placed].before].waits--;
    for (int i = 0; i < count; i++)
        events[i].waits -= events[i].after == placed;
}

void story_order(struct story_event *events, int count, int *order)
{
    for (int i = 0; i < count; i++)
        events[i].waits = events[i].is_placed = 0;
    for (int i = 0; i < count; i++) {
        events[i].waits += events[i].after >= 0;
        if (events[i].before >= 0)
            events[events[i].before].waits++;
    }
    for (int placed = 0; placed < count; placed++) {
        int next = -1;
        for (int i = 0; i < count; i++)
            if (!events[i].is_placed && is_sooner(events, i, next))
                next = i;
        place(events, count, next);
        order[placed] = next;
    }
}
