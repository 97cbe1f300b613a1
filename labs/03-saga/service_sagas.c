#include "service_sagas.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kit/error.h"
#include "kit/log.h"
#include "service_log.h"
#include "service_peers.h"
#include "service_pool.h"
#include "service_timers.h"

enum { BUCKETS = 4096 };

/* A saga that is under way. */
struct live {
    struct timer timer; /* first: a timer that fires is its saga */
    atomic_int holders; /* the table, the heap while the timer is set, each job */
    struct sagas *sagas;
    char id[ID_SIZE];  /* never changes, so it is read without a lock */
    struct live *next; /* in its bucket; guarded by sagas->lock */
    struct trace trace;

    pthread_mutex_t lock; /* guards all below; held while an event is handled, disk included */
    struct saga_checkout checkout;     /* does not change from its first command on */
    struct saga *saga;                 /* NULL: its log must be read again first */
    uint32_t sequence;                 /* of the next record */
    const struct log_request *request; /* while it is begun: what is to be remembered with it */
    int begun;                         /* 1: it is in the log */
    int settling;                      /* 1: it has COMPLETED, and inventory is yet to hear of it */
    int over;                          /* 1: nothing is left to do, or it was parked */
};

struct sagas {
    struct sagas_config config;
    struct timers *timers;
    struct pool *senders[SAGA_STEPS];
    struct pool *wakers; /* timers that are due: the timers' thread must not wait for the disk */

    pthread_mutex_t lock; /* guards the table */
    struct live *buckets[BUCKETS];
    int count;
};

/* A command to send, a settlement, or a timer that is due. */
struct task {
    struct job job; /* first */
    struct live *live;
    int settles; /* 1: not the command, but the settlement */
    struct saga_command command;
    int64_t until_ms; /* monotonic: nobody waits for the command's answer any longer */
    uint32_t timer;
};

/* --- who holds a saga ------------------------------------------------------------------------- */

static void hold(struct live *live)
{
    atomic_fetch_add(&live->holders, 1);
}

static void let_go(struct live *live)
{
    if (atomic_fetch_sub(&live->holders, 1) > 1)
        return;
    saga_destroy(live->saga);
    pthread_mutex_destroy(&live->lock);
    free(live);
}

static struct live **bucket_of(struct sagas *sagas, const char *id)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (; *id != '\0'; id++)
        hash = (hash ^ (unsigned char)*id) * 16777619u;
    return &sagas->buckets[hash % BUCKETS];
}

/* A new entry, held by the table and by the caller. ERR_EXISTS when there is one of that id: *out
   is that one then, held by the caller too. */
static int enter(struct sagas *sagas, const struct saga_checkout *checkout,
                 const struct trace *trace, struct live **out, struct error *err)
{
    struct live *live = calloc(1, sizeof *live);
    if (live == NULL)
        return error_set(err, ERR_LIMIT, "There is no memory for another checkout.");
    live->sagas = sagas;
    snprintf(live->id, sizeof live->id, "%s", checkout->id);
    live->checkout = *checkout;
    live->trace = *trace;
    atomic_init(&live->holders, 1);
    pthread_mutex_init(&live->lock, NULL);

    int result = 0;
    pthread_mutex_lock(&sagas->lock);
    struct live **bucket = bucket_of(sagas, checkout->id);
    struct live *other = *bucket;
    while (other != NULL && strcmp(other->id, checkout->id) != 0)
        other = other->next;
    if (other != NULL) {
        hold(other);
        result = error_set(err, ERR_EXISTS, "Checkout %s is under way.", checkout->id);
    }
    if (result == 0 && sagas->count >= SAGAS_LIVE_MAX)
        result = error_set(err, ERR_LIMIT, "%d checkouts are under way: try again in a moment.",
                           SAGAS_LIVE_MAX);
    if (result == 0) {
        live->next = *bucket;
        *bucket = live;
        sagas->count++;
        hold(live);
    }
    pthread_mutex_unlock(&sagas->lock);
    if (result < 0)
        let_go(live);
    *out = result < 0 ? other : live;
    return result;
}

static void clear_timer(struct live *live)
{
    if (timers_clear(live->sagas->timers, &live->timer))
        let_go(live);
}

/* Out of the table, its timer cleared. The caller holds it still. Any number of times. */
static void leave(struct live *live)
{
    struct sagas *sagas = live->sagas;
    pthread_mutex_lock(&sagas->lock);
    struct live **at = bucket_of(sagas, live->id);
    while (*at != NULL && *at != live)
        at = &(*at)->next;
    int was_there = *at != NULL;
    if (was_there) {
        *at = live->next;
        sagas->count--;
    }
    pthread_mutex_unlock(&sagas->lock);
    clear_timer(live);
    if (was_there)
        let_go(live);
}

/* Gives the lock back; a saga that is over leaves the table. 1 when it is over. */
static int end_turn(struct live *live)
{
    int over = live->over;
    pthread_mutex_unlock(&live->lock);
    if (over)
        leave(live);
    return over;
}

/* --- actions: the caller has live->lock ------------------------------------------------------- */

static void set_timer(struct live *live, int64_t after_ms, uint32_t number)
{
    hold(live);
    if (timers_set(live->sagas->timers, &live->timer, after_ms, number))
        let_go(live);
}

/* 1 when it was queued. Without memory it is as good as lost on its way: a timer will say so. */
static int queue_command(struct live *live, const struct saga_command *command, int settles)
{
    struct sagas *sagas = live->sagas;
    struct task *task = calloc(1, sizeof *task);
    if (task == NULL)
        return 0;
    hold(live);
    task->live = live;
    task->command = *command;
    task->settles = settles;
    task->until_ms = clock_now(&sagas->config.service->clock).mono_ms +
                     sagas->config.saga.answer_ms[command->step];
    pool_add(sagas->senders[command->step], &task->job);
    return 1;
}

/* Tells inventory that the checkout has COMPLETED. The log has it open until that was heard, and a
   saga that has ended says DONE again after a restart: so it is told at least once. */
static void queue_settlement(struct live *live)
{
    live->settling = 1;
    clear_timer(live); /* that of the last command's answer would have it told twice */
    if (!queue_command(live, &(struct saga_command){.step = SAGA_RESERVE}, 1))
        set_timer(live, SAGAS_RELOAD_MS, 0);
}

/* Writes the records that begin at first, up to the next action of another kind, in one
   transaction. Their number, or an error. */
static int write_records(struct live *live, const struct saga_actions *actions, int first,
                         struct error *err)
{
    int end = first;
    while (end < actions->count && actions->list[end].kind == SAGA_APPEND)
        end++;
    struct log_write write = {.checkout = &live->checkout,
                              .records = &actions->list[first],
                              .count = end - first,
                              .sequence = live->sequence,
                              .begins = !live->begun,
                              .request = live->request,
                              .ends = end < actions->count &&
                                      actions->list[end].kind == SAGA_DONE &&
                                      actions->list[end].as.phase == SAGA_ROLLED_BACK};
    int result = log_append(live->sagas->config.store, &write, err);
    if (result < 0)
        return result;
    live->request = NULL;
    live->begun = 1;
    live->sequence += (uint32_t)write.count;
    return write.count;
}

static int carry_out(struct live *live, const struct saga_actions *actions, struct error *err)
{
    int written = 0;
    for (int i = 0; i < actions->count; i++) {
        const struct saga_action *action = &actions->list[i];
        switch (action->kind) {
        case SAGA_APPEND:
            written = write_records(live, actions, i, err);
            if (written < 0)
                return written;
            i += written - 1;
            break;
        case SAGA_SEND:
            queue_command(live, &action->as.command, 0);
            break;
        case SAGA_TIMER:
            if (action->as.timer.after_ms < 0 || action->as.timer.after_ms > TIMERS_AFTER_MAX_MS)
                return error_set(err, ERR_INVALID,
                                 "The saga sets a timer for %lld ms: it is for 0 ms to a day.",
                                 (long long)action->as.timer.after_ms);
            set_timer(live, action->as.timer.after_ms, action->as.timer.number);
            break;
        case SAGA_DONE:
            if (action->as.phase == SAGA_COMPLETED)
                queue_settlement(live);
            else
                live->over = 1;
            break;
        }
    }
    return 0;
}

/* The saga in memory knows what is not in the log. It is given up, and read again from there. */
static void fall_back(struct live *live, const struct error *why)
{
    log_error("a checkout stands still until its log can be written", LOG_TEXT("saga", live->id),
              LOG_TEXT("reason", why->text));
    saga_destroy(live->saga);
    live->saga = NULL;
    set_timer(live, SAGAS_RELOAD_MS, 0);
}

static int handle(struct live *live, struct saga_event *event, struct error *err)
{
    struct saga_actions actions = {.count = 0};
    event->now = clock_now(&live->sagas->config.service->clock);
    int result = saga_handle(live->saga, event, &actions, err);
    return result < 0 ? result : carry_out(live, &actions, err);
}

/* Nothing can be done for it but what the reason says. It stays in the log, and open. */
static void leave_alone(const char *id, const struct error *why)
{
    log_error("a checkout is left as it is", LOG_TEXT("saga", id), LOG_TEXT("reason", why->text));
}

static int read_log(struct live *live, struct error *err)
{
    const struct sagas_config *config = &live->sagas->config;
    struct logged logged;
    int result = log_load(config->store, live->id, &logged, err);
    if (result < 0)
        return result;
    result = saga_create(&live->saga, &config->saga, config->service->random, err);
    if (result == 0)
        result = log_replay(&logged, live->saga, err);
    text_release(&logged.frames);
    if (result < 0) {
        saga_destroy(live->saga);
        live->saga = NULL;
        return result;
    }
    if (!live->begun)
        live->checkout = logged.checkout;
    live->sequence = (uint32_t)result;
    live->begun = 1;
    return 0;
}

/* --- events ----------------------------------------------------------------------------------- */

/* A reply or a timer, from a thread of ours: nobody is there to be told what goes wrong. */
static void deliver(struct live *live, struct saga_event *event)
{
    struct error err = {""};
    int result = 0;
    pthread_mutex_lock(&live->lock);
    if (live->saga == NULL && !live->over && event->kind == SAGA_EVENT_TIMER) {
        event->kind = SAGA_EVENT_RESTART; /* it had fallen back */
        result = read_log(live, &err);
    }
    if (live->settling && event->kind == SAGA_EVENT_TIMER)
        queue_settlement(live);
    else if (live->saga != NULL && !live->over && result == 0)
        result = handle(live, event, &err);
    int hopeless = result == ERR_CORRUPT || result == ERR_INVALID; /* its log, or the saga itself */
    live->over |= hopeless;
    if (hopeless)
        leave_alone(live->id, &err);
    else if (result < 0)
        fall_back(live, &err);
    end_turn(live);
}

/* Heard: the checkout needs no recovery any more. Otherwise it is told again a little later, unless
   another settlement was heard meanwhile: a saga that has left sets no timer. */
static void settled(struct live *live, int heard)
{
    const struct log_write write = {.checkout = &live->checkout, .ends = 1};
    pthread_mutex_lock(&live->lock);
    if (!live->over) {
        live->over = heard && log_append(live->sagas->config.store, &write, NULL) == 0;
        if (!live->over)
            set_timer(live, SAGAS_RELOAD_MS, 0);
    }
    end_turn(live);
}

static void run_command(struct job *job, int stopping)
{
    struct task *task = (struct task *)job;
    struct live *live = task->live;
    const struct sagas_config *config = &live->sagas->config;
    int64_t left_ms = task->until_ms - clock_now(&config->service->clock).mono_ms;
    struct saga_event event = {.kind = SAGA_EVENT_REPLY};
    struct peer_command what = {.url = config->urls[task->command.step],
                                .checkout = &live->checkout,
                                .command = &task->command,
                                .trace = &live->trace,
                                .deadline_ms = left_ms};
    if (!stopping && task->settles)
        settled(live, left_ms > 0 && peer_settle(config->service->client, &what));
    else if (!stopping && left_ms > 0 && peer_send(config->service->client, &what, &event.reply))
        deliver(live, &event);
    let_go(live);
    free(task);
}

static void run_timer(struct job *job, int stopping)
{
    struct task *task = (struct task *)job;
    struct saga_event event = {.kind = SAGA_EVENT_TIMER, .timer = task->timer};
    if (!stopping)
        deliver(task->live, &event);
    let_go(task->live);
    free(task);
}

/* On the timers' thread; the heap's hold passes to the task. */
static void fire(struct timer *timer, uint32_t number)
{
    struct live *live = (struct live *)timer;
    struct task *task = calloc(1, sizeof *task);
    if (task == NULL)
        abort(); /* a saga without its timer would wait for ever; a restart mends that */
    task->live = live;
    task->timer = number;
    pool_add(live->sagas->wakers, &task->job);
}

int sagas_start(struct sagas *sagas, const struct saga_checkout *checkout,
                const struct log_request *request, const struct trace *trace, struct error *err)
{
    struct live *live = NULL;
    struct saga_event event = {.kind = SAGA_EVENT_START, .checkout = *checkout};
    int result = enter(sagas, checkout, trace, &live, err);
    if (result < 0)
        return result;
    pthread_mutex_lock(&live->lock);
    live->request = request;
    result = saga_create(&live->saga, &sagas->config.saga, sagas->config.service->random, err);
    if (result == 0)
        result = handle(live, &event, err);
    if (result < 0 && live->begun) { /* it is in the log, so it goes on */
        fall_back(live, err);
        result = 0;
    }
    live->request = NULL;
    live->over |= result < 0;
    end_turn(live);
    let_go(live);
    return result;
}

/* 1 when the entry's saga is still under way. It may also be about to leave: whoever parked it has
   let the log be read before that. */
static int is_under_way(struct live *live)
{
    pthread_mutex_lock(&live->lock);
    int over = end_turn(live);
    let_go(live);
    return !over;
}

/* Reads a saga from its log and gives it an event. ERR_REFUSED when it is under way. */
static int wake(struct sagas *sagas, const char *id, enum saga_event_kind kind, struct error *err)
{
    struct live *live = NULL;
    struct saga_checkout checkout = {.id = ""};
    struct trace trace = trace_from_header(NULL);
    struct saga_event event = {.kind = kind};
    int result = 0;
    snprintf(checkout.id, sizeof checkout.id, "%s", id);
    while ((result = enter(sagas, &checkout, &trace, &live, err)) == ERR_EXISTS)
        if (is_under_way(live))
            return ERR_REFUSED;
    if (result < 0)
        return result;
    pthread_mutex_lock(&live->lock);
    result = read_log(live, err);
    uint32_t logged = live->sequence;
    if (result == 0)
        result = handle(live, &event, err);
    if (result < 0 && live->sequence > logged) { /* it goes on, and the log says so */
        fall_back(live, err);
        result = 0;
    }
    live->over |= result < 0;
    end_turn(live);
    let_go(live);
    return result;
}

int sagas_resume(struct sagas *sagas, const char *id, struct error *err)
{
    return wake(sagas, id, SAGA_EVENT_RESUME, err);
}

/* --- opening and closing ---------------------------------------------------------------------- */

static int recover(struct sagas *sagas, struct error *err)
{
    struct text ids = {0};
    int64_t going_on = 0;
    int result = log_open_checkouts(sagas->config.store, &ids, err);
    for (size_t at = 0; at < ids.length && result == 0; at += ID_SIZE - 1) {
        char id[ID_SIZE];
        snprintf(id, sizeof id, "%.*s", ID_SIZE - 1, ids.bytes + at);
        struct error why = {""};
        int woken = wake(sagas, id, SAGA_EVENT_RESTART, &why);
        going_on += woken == 0;
        if (woken == ERR_IO || woken == ERR_LIMIT)
            result = error_set(err, woken, "%s", why.text);
        else if (woken < 0)
            leave_alone(id, &why);
    }
    if (result == 0 && going_on > 0)
        log_info("checkouts go on where they were", LOG_INT("checkouts", going_on));
    text_release(&ids);
    return result;
}

int sagas_open(struct sagas **out, const struct sagas_config *config, struct error *err)
{
    struct sagas *sagas = calloc(1, sizeof *sagas);
    if (sagas == NULL)
        return error_set(err, ERR_LIMIT, "There is no memory for the sagas.");
    sagas->config = *config;
    pthread_mutex_init(&sagas->lock, NULL);
    int result = pool_open(&sagas->wakers, run_timer, err);
    for (int i = 0; i < SAGA_STEPS && result == 0; i++)
        result = pool_open(&sagas->senders[i], run_command, err);
    if (result == 0)
        result = timers_open(&sagas->timers, fire, err);
    if (result == 0)
        result = recover(sagas, err);
    if (result == 0)
        *out = sagas;
    else
        sagas_close(sagas);
    return result;
}

void sagas_close(struct sagas *sagas)
{
    if (sagas == NULL)
        return;
    /* A job may queue another anywhere and set timers, a timer may queue a job: they end only when
       nothing runs any more. */
    struct pool *pools[SAGA_STEPS + 1] = {sagas->wakers};
    memcpy(pools + 1, sagas->senders, sizeof sagas->senders);
    for (int i = 0; i < SAGA_STEPS + 1; i++)
        if (pools[i] != NULL)
            pool_stop(pools[i]);
    for (int i = 0; i < BUCKETS; i++)
        while (sagas->buckets[i] != NULL)
            leave(sagas->buckets[i]);
    timers_close(sagas->timers);
    for (int i = 0; i < SAGA_STEPS + 1; i++)
        pool_close(pools[i]);
    pthread_mutex_destroy(&sagas->lock);
    free(sagas);
}
