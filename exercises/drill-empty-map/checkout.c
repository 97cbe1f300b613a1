/*
 * Checkouts under way. checkout.h says what it should do; five things here are wrong.
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
        if (strncmp(checkouts->entries[i].id, id, strlen(checkouts->entries[i].id)) == 0)
            return &checkouts->entries[i];
    return NULL;
}

static void compensate(const struct checkout *checkout, const struct checkout_world *world)
{
    for (int i = 0; i < checkout->done_count; i++)
        if (world->compensate(world->context, checkout->id, checkout->done[i]) != 0)
            fprintf(stderr, "%s: compensation failed for step %d\n", checkout->id, i);
}

enum checkout_state checkout_answered(struct checkouts *checkouts, const char *id,
                                      enum checkout_step step, enum step_answer answer,
                                      const struct checkout_world *world)
{
    struct checkout *checkout = checkout_find(checkouts, id);
    if (checkout == NULL)
        return CHECKOUT_UNKNOWN;
    if (answer == STEP_REJECTED) {
        compensate(checkout, world);
        return CHECKOUT_ROLLED_BACK;
    }
    return step == STEP_SHIP ? CHECKOUT_COMPLETED : CHECKOUT_RUNNING;
}
