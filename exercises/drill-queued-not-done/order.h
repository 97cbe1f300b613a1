/*
 * An order that is carried out by jobs in queues: reserve, then pay, then ship. Given: nothing to
 * fix here.
 *
 * Workers elsewhere take the jobs and try each as often as its options say. What became of a job
 * comes back later through order_job_ended, perhaps more than once.
 */
#ifndef DRILL_ORDER_H
#define DRILL_ORDER_H

#include <stdint.h>

enum order_job { JOB_RESERVE, JOB_PAY, JOB_SHIP, JOBS };

enum job_result {
    JOB_DONE,
    JOB_FAILED /* all its attempts are used up; it had no effect */
};

struct job_options {
    int attempts;       /* the first included; 0: tried once, and nobody hears of a failure */
    int64_t delay_ms;   /* before the first attempt */
    int64_t backoff_ms; /* before the second; doubled for each after it */
};

enum order_state { ORDER_RUNNING, ORDER_COMPLETED, ORDER_FAILED };

/* An order. Yours to use as you like. */
struct order {
    enum order_state state;
    int done; /* jobs that are done */
};

struct order_world {
    /* 0: the job is in its queue, and no more than that. -1: the queue does not take it. */
    int (*queue)(void *context, enum order_job job, const struct job_options *options);
    /* Queues the compensation of a job. */
    void (*undo)(void *context, enum order_job job);
    /* Writes a line to the log that people read. */
    void (*say)(void *context, const char *line);
    void *context;
};

/*
 * Queues the first job. Each job gets 3 attempts, no delay, and a backoff of 1,000 ms. When a queue
 * does not take a job, now or later, that is as if the job had failed.
 */
void order_begin(struct order *order, const struct order_world *world);

/*
 * A worker says what became of a job.
 * DONE    the next one is queued; after JOB_SHIP the order is COMPLETED, and says "completed".
 * FAILED  what is done is undone, the last first; the order is FAILED, and says "failed: pay" (the
 *         job's name).
 * Only a result of the job that is pending counts: one that comes again changes nothing.
 */
void order_job_ended(struct order *order, enum order_job job, enum job_result result,
                     const struct order_world *world);

#endif
