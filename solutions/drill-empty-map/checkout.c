/*
 * Checkouts under way.
 */
#include "checkout.h"

#include <stdio.h>
#include <string.h>

int checkout_begin(struct checkouts *checkouts, const char *id)
{
    if (checkouts->count == CHECKOUTS_MAX)
        return -1;
    struct checkout *checkout = &checkouts->entries[checkouts->count++];
    *checkout = (struct checkout){0};
    snprintf(checkout->id, sizeof checkout->id, "%s", id);
    return 0;
}

struct checkout *checkout_find(struct checkouts *checkouts, const char *id)
{
    for (int i = 0; i < checkouts->count; i++)
        if (strcmp(checkouts->entries[i].id, id) == 0)
            return &checkouts->entries[i];
    return NULL;
}

static void leave(struct checkouts *checkouts, struct checkout *checkout)
{
    *checkout = checkouts->entries[--checkouts->count];
}

/* Undoes what was done. What has been undone is not owed any more. */
static enum checkout_state compensate(struct checkout *checkout, const struct checkout_world *world)
{
    for (; checkout->done_count > 0; checkout->done_count--) {
        enum checkout_step step = checkout->done[checkout->done_count - 1];
        if (world->compensate(world->context, checkout->id, step) != 0)
            return CHECKOUT_STUCK;
    }
    return CHECKOUT_ROLLED_BACK;
}

enum checkout_state checkout_answered(struct checkouts *checkouts, const char *id,
                                      enum checkout_step step, enum step_answer answer,
                                      const struct checkout_world *world)
{
    struct checkout *checkout = checkout_find(checkouts, id);
    if (checkout == NULL)
        return CHECKOUT_UNKNOWN;
    enum checkout_state state = CHECKOUT_RUNNING;
    if (answer == STEP_REJECTED)
        state = compensate(checkout, world);
    else if (step == STEP_SHIP)
        state = CHECKOUT_COMPLETED;
    else if (checkout->done_count < STEPS)
        checkout->done[checkout->done_count++] = step;
    if (state == CHECKOUT_COMPLETED || state == CHECKOUT_ROLLED_BACK)
        leave(checkouts, checkout);
    return state;
}
