#include "service_pool.h"

#include <stdlib.h>
#include "kit/error.h"
#include "kit/thread.h"

struct pool {
    void (*run)(struct job *job, int stopping);
    pthread_t threads[POOL_THREADS];
    int started;

    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t work;
    struct job *first, **last;
    int stopping;
};

static void *pool_main(void *arg)
{
    struct pool *pool = arg;
    pthread_mutex_lock(&pool->lock);
    for (;;) {
        while (pool->first == NULL && !pool->stopping)
            pthread_cond_wait(&pool->work, &pool->lock);
        struct job *job = pool->first;
        if (job == NULL)
            break;
        pool->first = job->next;
        if (pool->first == NULL)
            pool->last = &pool->first;
        int stopping = pool->stopping;
        pthread_mutex_unlock(&pool->lock);
        pool->run(job, stopping);
        pthread_mutex_lock(&pool->lock);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

int pool_open(struct pool **out, void (*run)(struct job *job, int stopping), struct error *err)
{
    struct pool *pool = calloc(1, sizeof *pool);
    if (pool == NULL)
        return error_set(err, ERR_LIMIT, "no memory for a pool of threads");
    pool->run = run;
    pool->last = &pool->first;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->work, NULL);
    int result = 0;
    while (result == 0 && pool->started < POOL_THREADS) {
        result = thread_start(&pool->threads[pool->started], pool_main, pool, err);
        pool->started += result == 0;
    }
    if (result == 0)
        *out = pool;
    else
        pool_close(pool);
    return result;
}

void pool_stop(struct pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->stopping = 1;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    for (; pool->started > 0; pool->started--)
        pthread_join(pool->threads[pool->started - 1], NULL);
}

void pool_close(struct pool *pool)
{
    if (pool == NULL)
        return;
    pool_stop(pool);
    pthread_cond_destroy(&pool->work);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}

void pool_add(struct pool *pool, struct job *job)
{
    job->next = NULL;
    pthread_mutex_lock(&pool->lock);
    int stopping = pool->stopping;
    if (!stopping) {
        *pool->last = job;
        pool->last = &job->next;
    }
    pthread_mutex_unlock(&pool->lock);
    if (stopping)
        pool->run(job, 1);
    else
        pthread_cond_signal(&pool->work);
}
