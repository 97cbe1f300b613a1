/*
 * A checkout and what it owes.
 */
#include "checkout.h"

#include <stdio.h>

static const char *const names[STEPS] = {"coupon", "stock", "money"};
static const char *const directions[] = {"take", "give-back"};

static enum call_answer ask(const struct checkout_world *world, enum checkout_step step,
                            enum call_direction direction)
{
    enum call_answer answer = CALL_UNKNOWN;
    char key[CALL_KEY_SIZE];
    snprintf(key, sizeof key, "%s:%s:%s", world->id, names[step], directions[direction]);
    for (int attempt = 1; attempt <= CALL_ATTEMPTS && answer == CALL_UNKNOWN; attempt++)
        answer = world->call(world->context, step, direction, key);
    return answer;
}

enum checkout_end checkout_run(struct owed *owed, const struct checkout_world *world)
{
    for (int i = 0; i < STEPS; i++) {
        enum checkout_step step = (enum checkout_step)i;
        owed->steps[owed->count++] = step;
        enum call_answer answer = ask(world, step, CALL_TAKE);
        if (answer == CALL_REJECTED)
            owed->count--;
        if (answer != CALL_OK)
            return checkout_undo(owed, world);
    }
    owed->count = 0;
    return CHECKOUT_COMPLETED;
}

enum checkout_end checkout_undo(struct owed *owed, const struct checkout_world *world)
{
    for (; owed->count > 0; owed->count--)
        if (ask(world, owed->steps[owed->count - 1], CALL_GIVE_BACK) != CALL_OK)
            return CHECKOUT_STUCK;
    return CHECKOUT_ROLLED_BACK;
}
