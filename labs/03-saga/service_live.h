/*
 * The sagas that are under way: the table of them by id, and who holds each. Given: nothing to
 * write here.
 *
 * An entry is freed by the last one to let go of it: the table, the heap of timers while its timer
 * is set, each queued job, whoever has found it. Under the table's lock no other is taken, and it
 * is never held while a saga works.
 */
#ifndef LAB03_SERVICE_LIVE_H
#define LAB03_SERVICE_LIVE_H

#include <pthread.h>
#include <stdatomic.h>
#include "kit/trace.h"
#include "saga.h"
#include "service_log.h"
#include "service_timers.h"

enum { LIVE_BUCKETS = 4096 };

struct sagas; /* service_sagas.h */

struct live_table {
    struct sagas *sagas; /* whose it is: no business of the table's */
    struct timers *timers;

    pthread_mutex_t lock; /* guards all below */
    struct live *buckets[LIVE_BUCKETS];
    int count;
};

/* Of a saga that has COMPLETED: inventory has been told and is yet to answer, or is to be told
   again when the timer fires. */
enum settling { SETTLING_NOT, SETTLING_SENT, SETTLING_DUE };

struct live {
    struct timer timer; /* first: a timer that fires is its saga */
    atomic_int holders;
    struct live_table *table;
    char id[ID_SIZE];   /* never changes, so it is read without a lock */
    struct trace trace; /* as is this */
    struct live *next;  /* in its bucket; guarded by the table's lock */

    pthread_mutex_t lock; /* guards all below; held while an event is handled, disk included */
    struct saga_checkout checkout;     /* does not change from its first command on */
    struct saga *saga;                 /* NULL: its log must be read again first */
    uint32_t sequence;                 /* of the next record */
    const struct log_request *request; /* while it is begun: what is to be remembered with it */
    int begun;                         /* 1: it is in the log */
    enum settling settling;
    int over; /* 1: nothing is left to do, or it was parked */
};

/* fire gets the timers that are due, on the timers' thread, and their hold. */
int live_table_open(struct live_table *table, struct sagas *sagas,
                    void (*fire)(struct timer *timer, uint32_t number), struct error *err);
/* Every entry leaves. When nobody works on them any more; after a failed open, too. */
void live_table_close(struct live_table *table);

/* A new entry, held by the table and by the caller; saga is NULL. ERR_EXISTS when there is one of
   that id: *out is that one then, held by the caller too. ERR_LIMIT. */
int live_enter(struct live_table *table, const struct saga_checkout *checkout,
               const struct trace *trace, struct live **out, struct error *err);
/* Gives live->lock back; a saga that is over leaves the table, its timer cleared. The caller holds
   it still. 1 when it is over. */
int live_end_turn(struct live *live);

void live_hold(struct live *live);
void live_let_go(struct live *live);

/* The caller has live->lock; one that is over would never be freed, unless its turn ends yet. */
void live_set_timer(struct live *live, int64_t after_ms, uint32_t number);

#endif
