/*
 * Health checks, side by side, each with its own limit.
 *
 * A check may hang for as long as what it asks hangs, so it writes into its slot's own result and
 * never into the caller's memory: whoever stopped waiting may be gone. Rounds come one after the
 * other; one that waits for its turn waits no longer than the longest limit of the round before.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "kit/health.h"
#include "kit/thread.h"

enum { SLOT_IDLE, SLOT_WANTED, SLOT_RUNNING, SLOT_DONE };

struct slot {
    struct health_pool *pool;
    pthread_t thread;
    int started;
    int state;     /* SLOT_... */
    int abandoned; /* nobody waits for its result any more */
    struct health_check check;
    struct health_result result;
};

struct health_pool {
    pthread_mutex_t round; /* held by the health_run that is at work */
    pthread_mutex_t lock;  /* guards all below; slots are chosen with round held as well */
    pthread_cond_t wanted, done;
    int stopping;
    struct slot slots[HEALTH_CHECKS_MAX];
};

struct health_pool *health_pool_open(void)
{
    struct health_pool *pool = calloc(1, sizeof *pool);
    if (pool == NULL)
        return NULL;
    pthread_mutex_init(&pool->round, NULL);
    pthread_mutex_init(&pool->lock, NULL);
    thread_condition_init(&pool->wanted);
    thread_condition_init(&pool->done);
    for (int i = 0; i < HEALTH_CHECKS_MAX; i++)
        pool->slots[i].pool = pool;
    return pool;
}

void health_pool_close(struct health_pool *pool)
{
    if (pool == NULL)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->stopping = 1;
    pthread_cond_broadcast(&pool->wanted);
    pthread_mutex_unlock(&pool->lock);
    for (int i = 0; i < HEALTH_CHECKS_MAX; i++)
        if (pool->slots[i].started)
            pthread_join(pool->slots[i].thread, NULL);
    pthread_cond_destroy(&pool->done);
    pthread_cond_destroy(&pool->wanted);
    pthread_mutex_destroy(&pool->lock);
    pthread_mutex_destroy(&pool->round);
    free(pool);
}

static void *slot_main(void *arg)
{
    struct slot *slot = arg;
    struct health_pool *pool = slot->pool;
    pthread_mutex_lock(&pool->lock);
    while (!pool->stopping) {
        if (slot->state != SLOT_WANTED) {
            pthread_cond_wait(&pool->wanted, &pool->lock);
            continue;
        }
        slot->state = SLOT_RUNNING;
        struct health_check check = slot->check;
        struct health_result result = {.status = HEALTH_UNKNOWN, .value = -1};
        pthread_mutex_unlock(&pool->lock);
        check.run(check.context, &result);
        pthread_mutex_lock(&pool->lock);
        slot->result = result;
        slot->state = slot->abandoned ? SLOT_IDLE : SLOT_DONE;
        pthread_cond_signal(&pool->done);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

/* Gives the check to a free slot; NULL when it still runs, or when none is free. Needs the lock. */
static struct slot *start_check(struct health_pool *pool, const struct health_check *check)
{
    struct slot *free_slot = NULL;
    for (int i = 0; i < HEALTH_CHECKS_MAX; i++) {
        struct slot *slot = &pool->slots[i];
        if (slot->state == SLOT_IDLE) {
            if (free_slot == NULL)
                free_slot = slot;
        } else if (slot->check.run == check->run && slot->check.context == check->context) {
            return NULL;
        }
    }
    if (free_slot == NULL)
        return NULL;
    if (!free_slot->started && thread_start(&free_slot->thread, slot_main, free_slot, NULL) < 0)
        return NULL;
    free_slot->started = 1;
    free_slot->check = *check;
    free_slot->abandoned = 0;
    free_slot->state = SLOT_WANTED;
    return free_slot;
}

/* Takes the results that are there and gives up those whose time is up. Returns the moment of the
   next limit, 0 when nothing is left to wait for. Needs the lock. */
static int64_t gather(struct slot **slots, int count, int64_t start_ns,
                      struct health_result *results)
{
    int64_t next_ns = 0;
    int64_t now_ns = monotonic_ns();
    for (int i = 0; i < count; i++) {
        struct slot *slot = slots[i];
        if (slot == NULL)
            continue;
        int64_t limit_ns = start_ns + slot->check.limit_ms * 1000000;
        if (slot->state == SLOT_DONE) {
            results[i] = slot->result;
            slot->state = SLOT_IDLE;
            slots[i] = NULL;
        } else if (now_ns >= limit_ns) {
            snprintf(results[i].detail, sizeof results[i].detail, "no answer within %lld ms",
                     (long long)slot->check.limit_ms);
            slot->abandoned = 1;
            slots[i] = NULL;
        } else if (next_ns == 0 || limit_ns < next_ns) {
            next_ns = limit_ns;
        }
    }
    return next_ns;
}

void health_run(struct health_pool *pool, const struct health_check *checks, int count,
                struct health_result *results)
{
    struct slot *slots[HEALTH_CHECKS_MAX] = {NULL};
    pthread_mutex_lock(&pool->round);
    pthread_mutex_lock(&pool->lock);
    int64_t start_ns = monotonic_ns();
    for (int i = 0; i < count; i++) {
        results[i] = (struct health_result){.status = HEALTH_UNKNOWN, .value = -1};
        struct slot *slot = i < HEALTH_CHECKS_MAX ? start_check(pool, &checks[i]) : NULL;
        if (slot == NULL)
            snprintf(results[i].detail, sizeof results[i].detail,
                     "not asked: earlier checks have not answered yet");
        else
            slots[i] = slot;
    }
    pthread_cond_broadcast(&pool->wanted);
    int asked = count < HEALTH_CHECKS_MAX ? count : HEALTH_CHECKS_MAX;
    int64_t until_ns = 0;
    while ((until_ns = gather(slots, asked, start_ns, results)) != 0)
        thread_wait(&pool->done, &pool->lock, until_ns);
    pthread_mutex_unlock(&pool->lock);
    pthread_mutex_unlock(&pool->round);
}

const char *health_status_name(enum health_status status)
{
    static const char *const names[] = {
        [HEALTH_UNKNOWN] = "unknown", [HEALTH_UP] = "up", [HEALTH_DOWN] = "down"};
    return names[status];
}

int64_t health_heap_bytes(void)
{
    struct mallinfo2 info = mallinfo2();
    return (int64_t)(info.uordblks + info.hblkhd);
}

int64_t health_resident_bytes(void)
{
    long long pages = -1;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file == NULL)
        return -1;
    if (fscanf(file, "%*s %lld", &pages) != 1)
        pages = -1;
    fclose(file);
    return pages < 0 ? -1 : (int64_t)pages * sysconf(_SC_PAGESIZE);
}
