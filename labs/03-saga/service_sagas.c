#include "service_sagas.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kit/error.h"
#include "kit/log.h"
#include "service_live.h"
#include "service_peers.h"
#include "service_pool.h"

struct sagas {
    struct sagas_config config;
    struct live_table table;
    struct pool *senders[SAGA_STEPS];
    struct pool *wakers; /* timers that are due: the timers' thread must not wait for the disk */
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

/* --- actions: the caller has live->lock ------------------------------------------------------- */

/* 1 when it was queued. Without memory it is as good as lost on its way: a timer will say so. */
static int queue_command(struct live *live, const struct saga_command *command, int settles)
{
    struct sagas *sagas = live->table->sagas;
    struct task *task = calloc(1, sizeof *task);
    if (task == NULL)
        return 0;
    live_hold(live);
    task->live = live;
    task->command = *command;
    task->settles = settles;
    task->until_ms = clock_now(&sagas->config.service->clock).mono_ms +
                     sagas->config.saga.answer_ms[command->step];
    pool_add(sagas->senders[command->step], &task->job);
    return 1;
}

static void settle_later(struct live *live)
{
    live->settling = SETTLING_DUE;
    live_set_timer(live, SAGAS_RELOAD_MS, 0);
}

/* Tells inventory that the checkout has COMPLETED. The log has it open until that was heard, and a
   saga that has ended says DONE again after a restart: so it is told at least once. */
static void queue_settlement(struct live *live)
{
    live->settling = SETTLING_SENT;
    if (!queue_command(live, &(struct saga_command){.step = SAGA_RESERVE}, 1))
        settle_later(live);
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
    int result = log_append(live->table->sagas->config.store, &write, err);
    if (result < 0)
        return result;
    live->request = NULL;
    live->begun = 1;
    live->sequence += (uint32_t)write.count;
    return write.count;
}

/* What no right saga asks for: a record, a step or a time that there is not. */
static int check_action(const struct saga_action *action, struct error *err)
{
    if (action->kind == SAGA_APPEND && action->as.payload.length > SAGA_PAYLOAD_MAX)
        return error_set(err, ERR_INVALID, "the saga logs %zu bytes: a record has at most %d",
                         action->as.payload.length, SAGA_PAYLOAD_MAX);
    if (action->kind == SAGA_SEND && action->as.command.step >= SAGA_STEPS)
        return error_set(err, ERR_INVALID, "the saga sends step %d: there are 0 to %d",
                         (int)action->as.command.step, SAGA_STEPS - 1);
    int64_t after_ms = action->kind == SAGA_TIMER ? action->as.timer.after_ms : 0;
    if (after_ms < 0 || after_ms > TIMERS_AFTER_MAX_MS)
        return error_set(err, ERR_INVALID,
                         "The saga sets a timer for %lld ms: it is for 0 ms to a day.",
                         (long long)after_ms);
    return 0;
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
            live_set_timer(live, action->as.timer.after_ms, action->as.timer.number);
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
    log_error("a checkout goes back to what is in its log", LOG_TEXT("saga", live->id),
              LOG_TEXT("reason", why->text));
    saga_destroy(live->saga);
    live->saga = NULL;
    live_set_timer(live, SAGAS_RELOAD_MS, 0);
}

static int handle(struct live *live, struct saga_event *event, struct error *err)
{
    struct saga_actions actions = {0};
    event->now = clock_now(&live->table->sagas->config.service->clock);
    int result = saga_handle(live->saga, event, &actions, err);
    for (int i = 0; i < actions.count && result == 0; i++)
        result = check_action(&actions.list[i], err);
    return result < 0 ? result : carry_out(live, &actions, err);
}

/* Nothing can be done for it but what the reason says. It stays in the log, and open. */
static void leave_alone(const char *id, const struct error *why)
{
    log_error("a checkout is left as it is", LOG_TEXT("saga", id), LOG_TEXT("reason", why->text));
}

static int read_log(struct live *live, struct error *err)
{
    const struct sagas_config *config = &live->table->sagas->config;
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
    struct error err = {0};
    int result = 0;
    pthread_mutex_lock(&live->lock);
    if (live->saga == NULL && !live->over && event->kind == SAGA_EVENT_TIMER) {
        event->kind = SAGA_EVENT_RESTART; /* it had fallen back */
        result = read_log(live, &err);
    }
    if (live->settling == SETTLING_DUE && event->kind == SAGA_EVENT_TIMER)
        queue_settlement(live);
    else if (live->saga != NULL && !live->over && result == 0)
        result = handle(live, event, &err);
    int hopeless = result == ERR_CORRUPT || result == ERR_INVALID; /* its log, or the saga itself */
    live->over |= hopeless;
    if (hopeless)
        leave_alone(live->id, &err);
    else if (result < 0)
        fall_back(live, &err);
    live_end_turn(live);
}

/* Heard: the checkout needs no recovery any more. Otherwise it is told again a little later, unless
   another settlement was heard meanwhile: a saga that has left sets no timer. */
static void settled(struct live *live, int heard)
{
    const struct log_write write = {.checkout = &live->checkout, .ends = 1};
    pthread_mutex_lock(&live->lock);
    if (!live->over) {
        live->over = heard && log_append(live->table->sagas->config.store, &write, NULL) == 0;
        if (!live->over)
            settle_later(live);
    }
    live_end_turn(live);
}

static void run_command(struct job *job, int stopping)
{
    struct task *task = (struct task *)job;
    struct live *live = task->live;
    const struct sagas_config *config = &live->table->sagas->config;
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
    live_let_go(live);
    free(task);
}

static void run_timer(struct job *job, int stopping)
{
    struct task *task = (struct task *)job;
    struct saga_event event = {.kind = SAGA_EVENT_TIMER, .timer = task->timer};
    if (!stopping)
        deliver(task->live, &event);
    live_let_go(task->live);
    free(task);
}

/* On the timers' thread; the heap's hold passes to the task. */
static void fire(struct timer *timer, uint32_t number)
{
    struct live *live = (struct live *)timer;
    struct task *task = calloc(1, sizeof *task);
    if (task == NULL)
        abort(); /* a saga without its timer would wait for ever; a restart repairs that */
    task->live = live;
    task->timer = number;
    pool_add(live->table->sagas->wakers, &task->job);
}

/* What somebody waits for. When a part of it is in the log, it has happened: the saga goes on from
   there, whatever became of the rest. */
static int handle_first(struct live *live, struct saga_event *event, struct error *err)
{
    uint32_t logged = live->sequence;
    int result = handle(live, event, err);
    if (result == 0 || live->sequence == logged)
        return result;
    fall_back(live, err);
    return 0;
}

int sagas_start(struct sagas *sagas, const struct saga_checkout *checkout,
                const struct log_request *request, const struct trace *trace, struct error *err)
{
    struct live *live = NULL;
    struct saga_event event = {.kind = SAGA_EVENT_START, .checkout = *checkout};
    int result = live_enter(&sagas->table, checkout, trace, &live, err);
    if (result < 0)
        return result;
    pthread_mutex_lock(&live->lock);
    live->request = request;
    result = saga_create(&live->saga, &sagas->config.saga, sagas->config.service->random, err);
    if (result == 0)
        result = handle_first(live, &event, err);
    live->request = NULL;
    live->over |= result < 0;
    live_end_turn(live);
    live_let_go(live);
    return result;
}

/* 1 when the entry's saga is still under way. It may also be about to leave: whoever parked it has
   let the log be read before that. */
static int is_under_way(struct live *live)
{
    pthread_mutex_lock(&live->lock);
    int over = live_end_turn(live);
    live_let_go(live);
    return !over;
}

/* Reads a saga from its log and gives it an event. ERR_REFUSED when it is under way. */
static int wake(struct sagas *sagas, const char *id, enum saga_event_kind kind, struct error *err)
{
    struct live *live = NULL;
    struct saga_checkout checkout = {0};
    struct trace trace = trace_from_header(NULL);
    struct saga_event event = {.kind = kind};
    int result = 0;
    snprintf(checkout.id, sizeof checkout.id, "%s", id);
    while ((result = live_enter(&sagas->table, &checkout, &trace, &live, err)) == ERR_EXISTS)
        if (is_under_way(live))
            return ERR_REFUSED;
    if (result < 0)
        return result;
    pthread_mutex_lock(&live->lock);
    result = read_log(live, err);
    if (result == 0)
        result = handle_first(live, &event, err);
    live->over |= result < 0;
    live_end_turn(live);
    live_let_go(live);
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
        struct error why = {0};
        int woken = wake(sagas, id, SAGA_EVENT_RESTART, &why);
        going_on += woken == 0;
        if (woken == ERR_IO || woken == ERR_LIMIT || woken == ERR_UNAVAILABLE)
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
        return error_set(err, ERR_LIMIT, "no memory for the sagas");
    sagas->config = *config;
    int result = live_table_open(&sagas->table, sagas, fire, err);
    if (result == 0)
        result = pool_open(&sagas->wakers, run_timer, err);
    for (int i = 0; i < SAGA_STEPS && result == 0; i++)
        result = pool_open(&sagas->senders[i], run_command, err);
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
    live_table_close(&sagas->table);
    for (int i = 0; i < SAGA_STEPS + 1; i++)
        pool_close(pools[i]);
    free(sagas);
}
