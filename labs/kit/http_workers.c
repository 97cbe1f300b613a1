/*
 * The pool that runs blocking handlers.
 *
 * A thread starts when a request comes and none is idle, up to the limit: a service that is asked
 * little has few threads, and starts fast. Idle ones wait on semaphores of their own, so a request
 * wakes exactly one, the last that went idle.
 */
#include <errno.h>
#include <stdlib.h>
#include "kit/http_internal.h"
#include "kit/thread.h"

static void *worker_main(void *arg);

int http_pool_init(struct http_pool *pool, int limit)
{
    pool->workers = calloc((size_t)limit, sizeof *pool->workers);
    if (pool->workers == NULL)
        return -1;
    pool->limit = limit;
    pool->last = &pool->first;
    pthread_mutex_init(&pool->lock, NULL);
    return 0;
}

/* Starts one more worker with the exchange as its first task. Needs the lock. */
static int start_worker(struct http_pool *pool, struct http_exchange *exchange)
{
    struct http_worker *worker = &pool->workers[pool->started];
    worker->pool = pool;
    worker->task = exchange;
    sem_init(&worker->wake, 0, 0);
    if (thread_start(&worker->thread, worker_main, worker, NULL) < 0) {
        sem_destroy(&worker->wake);
        return -1;
    }
    pool->started++;
    return 0;
}

int http_pool_submit(struct http_pool *pool, struct http_exchange *exchange)
{
    int refused = 0;
    struct http_worker *worker = NULL;
    exchange->next = NULL;
    pthread_mutex_lock(&pool->lock);
    if (pool->stopping) {
        refused = 1;
    } else if (pool->idle != NULL) {
        worker = pool->idle;
        pool->idle = worker->next_idle;
        worker->task = exchange;
    } else if (pool->started < pool->limit && start_worker(pool, exchange) == 0) {
        /* it has its task already */
    } else if (pool->started > 0 && pool->queued < HTTP_QUEUE_MAX) {
        *pool->last = exchange;
        pool->last = &exchange->next;
        pool->queued++;
    } else {
        refused = 1;
    }
    pthread_mutex_unlock(&pool->lock);
    if (worker != NULL)
        sem_post(&worker->wake);
    return refused ? -1 : 0;
}

/* The oldest that waits, or NULL. Needs the lock. */
static struct http_exchange *take_queued(struct http_pool *pool)
{
    struct http_exchange *exchange = pool->first;
    if (exchange == NULL)
        return NULL;
    pool->first = exchange->next;
    if (pool->first == NULL)
        pool->last = &pool->first;
    pool->queued--;
    return exchange;
}

/* The worker's next task; NULL when the pool stops. */
static struct http_exchange *next_task(struct http_worker *worker)
{
    struct http_pool *pool = worker->pool;
    pthread_mutex_lock(&pool->lock);
    worker->task = take_queued(pool);
    int wait = worker->task == NULL && !pool->stopping;
    if (wait) {
        worker->next_idle = pool->idle;
        pool->idle = worker;
    }
    pthread_mutex_unlock(&pool->lock);
    while (wait && sem_wait(&worker->wake) != 0 && errno == EINTR)
        continue;
    /* Whoever posted has set task before, under the lock or, when stopping, not at all. */
    return worker->task;
}

static void *worker_main(void *arg)
{
    struct http_worker *worker = arg;
    struct http_exchange *exchange = worker->task;
    for (; exchange != NULL; exchange = next_task(worker)) {
        http_run_handler(exchange);
        http_loop_give(exchange); /* from here on the exchange is the loop thread's */
    }
    return NULL;
}

void http_pool_stop(struct http_pool *pool)
{
    if (pool->workers == NULL)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->stopping = 1;
    struct http_worker *idle = pool->idle;
    pool->idle = NULL;
    for (struct http_exchange *waiting = take_queued(pool); waiting != NULL;
         waiting = take_queued(pool)) {
        http_answer_refusal(waiting, 503);
        http_loop_give(waiting);
    }
    pthread_mutex_unlock(&pool->lock);

    for (struct http_worker *next = NULL; idle != NULL; idle = next) {
        next = idle->next_idle;
        sem_post(&idle->wake);
    }
    for (int i = 0; i < pool->started; i++) {
        pthread_join(pool->workers[i].thread, NULL);
        sem_destroy(&pool->workers[i].wake);
    }
}

void http_pool_destroy(struct http_pool *pool)
{
    if (pool->workers == NULL)
        return;
    free(pool->workers);
    pthread_mutex_destroy(&pool->lock);
}
