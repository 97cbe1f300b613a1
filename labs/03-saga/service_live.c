#include "service_live.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kit/error.h"
#include "service_sagas.h"

/* --- who holds an entry ----------------------------------------------------------------------- */

void live_hold(struct live *live)
{
    atomic_fetch_add(&live->holders, 1);
}

void live_let_go(struct live *live)
{
    if (atomic_fetch_sub(&live->holders, 1) > 1)
        return;
    saga_destroy(live->saga);
    pthread_mutex_destroy(&live->lock);
    free(live);
}

void live_set_timer(struct live *live, int64_t after_ms, uint32_t number)
{
    live_hold(live);
    if (timers_set(live->table->timers, &live->timer, after_ms, number))
        live_let_go(live);
}

/* --- the table -------------------------------------------------------------------------------- */

static struct live **bucket_of(struct live_table *table, const char *id)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (; *id != '\0'; id++)
        hash = (hash ^ (unsigned char)*id) * 16777619u;
    return &table->buckets[hash % LIVE_BUCKETS];
}

int live_enter(struct live_table *table, const struct saga_checkout *checkout,
               const struct trace *trace, struct live **out, struct error *err)
{
    struct live *live = calloc(1, sizeof *live);
    if (live == NULL)
        return error_set(err, ERR_LIMIT, "There is no memory for another checkout.");
    live->table = table;
    snprintf(live->id, sizeof live->id, "%s", checkout->id);
    live->checkout = *checkout;
    live->trace = *trace;
    atomic_init(&live->holders, 1);
    pthread_mutex_init(&live->lock, NULL);

    int result = 0;
    pthread_mutex_lock(&table->lock);
    struct live **bucket = bucket_of(table, live->id);
    struct live *other = *bucket;
    while (other != NULL && strcmp(other->id, live->id) != 0)
        other = other->next;
    if (other != NULL) {
        live_hold(other);
        result = error_set(err, ERR_EXISTS, "Checkout %s is under way.", live->id);
    } else if (table->count >= SAGAS_LIVE_MAX) {
        result = error_set(err, ERR_LIMIT, "%d checkouts are under way: try again in a moment.",
                           SAGAS_LIVE_MAX);
    } else {
        live->next = *bucket;
        *bucket = live;
        table->count++;
        live_hold(live);
    }
    pthread_mutex_unlock(&table->lock);
    if (result < 0)
        live_let_go(live);
    *out = result < 0 ? other : live;
    return result;
}

/* Out of the table, its timer cleared. Any number of times. */
static void leave(struct live *live)
{
    struct live_table *table = live->table;
    pthread_mutex_lock(&table->lock);
    struct live **at = bucket_of(table, live->id);
    while (*at != NULL && *at != live)
        at = &(*at)->next;
    int was_there = *at != NULL;
    if (was_there) {
        *at = live->next;
        table->count--;
    }
    pthread_mutex_unlock(&table->lock);
    if (timers_clear(table->timers, &live->timer))
        live_let_go(live);
    if (was_there)
        live_let_go(live);
}

int live_end_turn(struct live *live)
{
    int over = live->over;
    pthread_mutex_unlock(&live->lock);
    if (over)
        leave(live);
    return over;
}

int live_table_open(struct live_table *table, struct sagas *sagas,
                    void (*fire)(struct timer *timer, uint32_t number), struct error *err)
{
    *table = (struct live_table){.sagas = sagas};
    pthread_mutex_init(&table->lock, NULL);
    return timers_open(&table->timers, fire, err);
}

void live_table_close(struct live_table *table)
{
    for (int i = 0; i < LIVE_BUCKETS; i++)
        while (table->buckets[i] != NULL)
            leave(table->buckets[i]);
    timers_close(table->timers);
    pthread_mutex_destroy(&table->lock);
}
