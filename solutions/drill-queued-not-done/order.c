/*
 * An order carried out by jobs.
 */
#include "order.h"

static const struct job_options options = {.attempts = 3, .backoff_ms = 1000};

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

/* Queues the job after those that are done. */
static void queue_next(struct order *order, const struct order_world *world)
{
    enum order_job job = (enum order_job)order->done;
    if (world->queue(world->context, job, &options) != 0)
        fail(order, job, world);
}

void order_begin(struct order *order, const struct order_world *world)
{
    *order = (struct order){.state = ORDER_RUNNING};
    queue_next(order, world);
}

void order_job_ended(struct order *order, enum order_job job, enum job_result result,
                     const struct order_world *world)
{
    if (order->state != ORDER_RUNNING || (int)job != order->done)
        return;
    if (result == JOB_FAILED) {
        fail(order, job, world);
    } else if (++order->done < JOBS) {
        queue_next(order, world);
    } else {
        order->state = ORDER_COMPLETED;
        world->say(world->context, "completed");
    }
}
