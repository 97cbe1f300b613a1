/*
 * A checkout and what it owes. checkout.h says what it should do; four things here are wrong.
 */
#include "checkout.h"

#include <stdio.h>

static const char *const names[STEPS] = {"coupon", "stock", "money"};

static enum call_answer ask(const struct checkout_world *world, enum checkout_step step,
                            enum call_direction direction)
{
    enum call_answer answer = CALL_UNKNOWN;
    for (int attempt = 1; attempt <= CALL_ATTEMPTS && answer == CALL_UNKNOWN; attempt++) {
        char key[CALL_KEY_SIZE];
        snprintf(key, sizeof key, "%s:%s:%d", world->id, names[step], attempt);
        answer = world->call(world->context, step, direction, key);
    }
    return answer;
}

enum checkout_end checkout_run(struct owed *owed, const struct checkout_world *world)
{
    for (int i = 0; i < STEPS; i++) {
        enum checkout_step step = (enum checkout_step)i;
        if (ask(world, step, CALL_TAKE) != CALL_OK)
            return checkout_undo(owed, world);
        owed->steps[owed->count++] = step;
    }
    owed->count = 0;
    return CHECKOUT_COMPLETED;
}

enum checkout_end checkout_undo(struct owed *owed, const struct checkout_world *world)
{
    while (owed->count > 0)
        if (ask(world, owed->steps[--owed->count], CALL_GIVE_BACK) != CALL_OK)
            return CHECKOUT_STUCK;
    return CHECKOUT_ROLLED_BACK;
}
