/*
 * An order carried out by jobs. order.h says what it should do; five things here are wrong.
 */
#include "order.h"

static const struct job_options options[JOBS] = {
    [JOB_RESERVE] = {.attempts = 3, .delay_ms = 1000},
    [JOB_PAY] = {.attempts = 3, .delay_ms = 1000},
};

static const char *const failures[JOBS] = {"failed: reserve", "failed: pay", "failed: ship"};

static void fail(struct order *order, enum order_job job, const struct order_world *world)
{
    while (order->done > 0) {
        order->done--;
        world->undo(world->context, (enum order_job)order->done);
    }
    order->state = ORDER_FAILED;
    world->say(world->context, failures[job]);
}

void order_begin(struct order *order, const struct order_world *world)
{
    *order = (struct order){.state = ORDER_RUNNING};
    for (int job = 0; job < JOBS; job++)
        if (world->queue(world->context, (enum order_job)job, &options[job]) != 0) {
            fail(order, (enum order_job)job, world);
            return;
        }
    order->state = ORDER_COMPLETED;
    world->say(world->context, "completed");
}

void order_job_ended(struct order *order, enum order_job job, enum job_result result,
                     const struct order_world *world)
{
    (void)job;
    (void)world;
    if (result == JOB_DONE)
        order->done++;
}
