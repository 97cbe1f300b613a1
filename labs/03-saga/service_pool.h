/*
 * A queue and the threads that empty it. Given: nothing to write here.
 *
 * The checkout service has one for each neighbour, so that one that hangs holds up its own threads
 * and nobody else's (a bulkhead).
 */
#ifndef LAB03_SERVICE_POOL_H
#define LAB03_SERVICE_POOL_H

struct error;
struct pool;

enum { POOL_THREADS = 8 };

/* The head of whatever is queued. */
struct job {
    struct job *next;
};

/* run takes each job over, in the order in which they came; stopping 1: the pool is being closed,
   and the job is only to be freed. */
int pool_open(struct pool **out, void (*run)(struct job *job, int stopping), struct error *err);
/* Waits for the jobs that run, and has the others freed, even those that are still being added. */
void pool_stop(struct pool *pool);
/* Stops it, and frees it. NULL is fine. */
void pool_close(struct pool *pool);
void pool_add(struct pool *pool, struct job *job);

#endif
