/*
 * The checkout saga.
 *
 * Every change of state is a record: saga_handle() decides, write_record() applies the record to
 * the state and puts it into the actions, and replaying applies the same record in the same way. So
 * the log cannot say less than the state knows. What to do next, go_on(), is read off the state
 * alone; after a restart it is asked once more, and that is the whole of recovery.
 */
#include "saga.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "saga_record.h"

/* What a step may have left behind at its participant. */
enum effect { EFFECT_NONE, EFFECT_DONE, EFFECT_MAYBE, EFFECT_UNDONE };

/* Where the current command stands: not sent yet, sent and not answered, or answered badly. */
enum command_state { COMMAND_DUE, COMMAND_SENT, COMMAND_UNKNOWN, COMMAND_REJECTED };

struct saga {
    struct saga_config config;
    struct random random;
    uint32_t timer; /* number of the timer set last; not part of the logged state */

    struct saga_checkout checkout;
    int64_t deadline_wall_ms;
    enum saga_phase phase;
    enum saga_step step; /* SAGA_STEPS when forward is through */
    enum saga_direction direction;
    int attempt; /* sends of the current command so far */
    enum command_state command;
    enum effect effects[SAGA_STEPS];
    int64_t total_cents, reduction_cents;
};

int saga_create(struct saga **out, const struct saga_config *config, struct random random,
                struct error *err)
{
    *out = NULL;
    for (int i = 0; i < SAGA_STEPS; i++) {
        if (config->answer_ms[i] < 1)
            return error_set(err, ERR_INVALID, "answer_ms[%d] must be at least 1.", i);
    }
    if (config->attempts < 1)
        return error_set(err, ERR_INVALID, "attempts must be at least 1.");
    if (config->compensation_attempts < 1)
        return error_set(err, ERR_INVALID, "compensation_attempts must be at least 1.");
    if (config->backoff_base_ms < 1)
        return error_set(err, ERR_INVALID, "backoff_base_ms must be at least 1.");
    if (config->backoff_cap_ms < config->backoff_base_ms)
        return error_set(err, ERR_INVALID, "backoff_cap_ms must not be below backoff_base_ms.");
    if (config->deadline_ms < 1)
        return error_set(err, ERR_INVALID, "deadline_ms must be at least 1.");
    struct saga *saga = calloc(1, sizeof *saga);
    if (saga == NULL)
        return error_set(err, ERR_LIMIT, "no memory for a saga");
    saga->config = *config;
    saga->random = random;
    *out = saga;
    return 0;
}

void saga_destroy(struct saga *saga)
{
    free(saga);
}

enum saga_phase saga_phase(const struct saga *saga)
{
    return saga->phase;
}

/* --- records: the only way in which state changes --------------------------------------------- */

/* The highest step that still has to be undone, or SAGA_STEPS. */
static enum saga_step next_to_undo(const struct saga *saga)
{
    for (int i = SAGA_PAY; i >= 0; i--) {
        int left = saga->effects[i] == EFFECT_DONE || saga->effects[i] == EFFECT_MAYBE;
        if (left && saga_is_compensated((enum saga_step)i))
            return (enum saga_step)i;
    }
    return SAGA_STEPS;
}

static void begin_step(struct saga *saga, enum saga_step step)
{
    saga->step = step;
    saga->attempt = 0;
    saga->command = COMMAND_DUE;
}

static void apply_answer(struct saga *saga, const struct saga_record *record)
{
    int forward = record->direction == SAGA_FORWARD;
    if (record->answer == SAGA_OK && forward) {
        saga->effects[record->step] = EFFECT_DONE;
        if (record->step == SAGA_VALIDATE)
            saga->total_cents = record->cents;
        if (record->step == SAGA_DISCOUNT)
            saga->reduction_cents = record->cents;
        begin_step(saga, (enum saga_step)(record->step + 1));
    } else if (record->answer == SAGA_OK) {
        saga->effects[record->step] = EFFECT_UNDONE;
        begin_step(saga, next_to_undo(saga));
    } else if (record->answer == SAGA_UNKNOWN) {
        saga->command = COMMAND_UNKNOWN;
    } else {
        saga->command = COMMAND_REJECTED;
        if (forward) /* surely no effect, whatever earlier attempts left unknown */
            saga->effects[record->step] = EFFECT_NONE;
    }
}

static void apply(struct saga *saga, const struct saga_record *record)
{
    switch (record->kind) {
    case RECORD_STARTED:
        saga->checkout = record->checkout;
        saga->deadline_wall_ms = record->deadline_ms;
        saga->phase = SAGA_RUNNING;
        break;
    case RECORD_SENT:
        saga->attempt = record->attempt;
        saga->command = COMMAND_SENT;
        if (saga->direction == SAGA_FORWARD)
            saga->effects[saga->step] = EFFECT_MAYBE; /* until an answer tells */
        break;
    case RECORD_ANSWERED:
        apply_answer(saga, record);
        break;
    case RECORD_COMPENSATING:
        saga->phase = SAGA_COMPENSATING;
        saga->direction = SAGA_BACK;
        begin_step(saga, next_to_undo(saga));
        break;
    case RECORD_PARKED:
        saga->phase = SAGA_PARKED;
        break;
    case RECORD_RESUMED:
        saga->phase = saga->direction == SAGA_FORWARD ? SAGA_RUNNING : SAGA_COMPENSATING;
        begin_step(saga, saga->step);
        break;
    case RECORD_ENDED:
        saga->phase = record->phase;
        break;
    case RECORD_NOTED:
    case RECORD_KINDS:
        break;
    }
}

static int is_active(const struct saga *saga)
{
    return saga->phase == SAGA_RUNNING || saga->phase == SAGA_COMPENSATING;
}

/* 1 when the record may come now: one that cannot have been written here is refused. */
static int may_follow(const struct saga *saga, const struct saga_record *record)
{
    int active = is_active(saga);
    int current = record->step == saga->step && record->direction == saga->direction;
    switch (record->kind) {
    case RECORD_STARTED:
        return saga->phase == SAGA_NEW;
    case RECORD_SENT:
        return active && current && saga->command != COMMAND_SENT &&
               record->attempt == saga->attempt + 1;
    case RECORD_ANSWERED:
        return active && current && saga->attempt > 0;
    case RECORD_NOTED:
        return saga->phase != SAGA_NEW;
    case RECORD_COMPENSATING:
        return saga->phase == SAGA_RUNNING && saga->step <= SAGA_SHIP;
    case RECORD_PARKED:
        return active && current;
    case RECORD_RESUMED:
        return saga->phase == SAGA_PARKED;
    case RECORD_ENDED:
        return saga->step == SAGA_STEPS &&
               ((saga->phase == SAGA_RUNNING && record->phase == SAGA_COMPLETED) ||
                (saga->phase == SAGA_COMPENSATING && record->phase == SAGA_ROLLED_BACK));
    case RECORD_KINDS:
        break;
    }
    return 0;
}

int saga_replay(struct saga *saga, const void *payload, size_t length, struct error *err)
{
    struct saga_record record;
    int result = saga_record_decode(payload, length, &record, err);
    if (result < 0)
        return result;
    if (!may_follow(saga, &record))
        return error_set(err, ERR_CORRUPT, "A record of kind %d cannot follow what is before it.",
                         (int)record.kind);
    apply(saga, &record);
    return 0;
}

/* --- actions ---------------------------------------------------------------------------------- */

/* What handling one event works on. */
struct handling {
    struct saga *saga;
    struct moment now;
    struct saga_actions *actions;
};

static struct saga_action *add_action(struct handling *h, enum saga_action_kind kind)
{
    assert(h->actions->count < SAGA_ACTIONS_MAX);
    struct saga_action *action = &h->actions->list[h->actions->count++];
    action->kind = kind;
    return action;
}

/* Applies the record and has it logged: before anything that comes after it in the actions. */
static void write_record(struct handling *h, struct saga_record record)
{
    record.at_ms = h->now.wall_ms;
    assert(may_follow(h->saga, &record));
    struct saga_action *action = add_action(h, SAGA_APPEND);
    action->as.payload.length = saga_record_encode(&record, action->as.payload.bytes);
    apply(h->saga, &record);
}

static struct saga_record record_here(const struct saga *saga, enum saga_record_kind kind)
{
    return (struct saga_record){
        .kind = kind, .step = saga->step, .direction = saga->direction, .attempt = saga->attempt};
}

static void set_timer(struct handling *h, int64_t after_ms)
{
    struct saga_action *action = add_action(h, SAGA_TIMER);
    action->as.timer.number = ++h->saga->timer;
    action->as.timer.after_ms = after_ms;
}

/* Sends the current command; its SENT record is in the log. The amount comes out of the log too. */
static void send_again(struct handling *h)
{
    const struct saga *saga = h->saga;
    struct saga_command *command = &add_action(h, SAGA_SEND)->as.command;
    *command = (struct saga_command){
        .step = saga->step, .direction = saga->direction, .attempt = saga->attempt};
    snprintf(command->key, sizeof command->key, "%s:%s:%s", saga->checkout.id,
             saga_step_name(saga->step), saga_direction_name(saga->direction));
    if (saga->step == SAGA_PAY)
        command->amount_cents = saga->total_cents - saga->reduction_cents;
    set_timer(h, saga->config.answer_ms[saga->step]);
}

static void send_next(struct handling *h)
{
    struct saga_record sent = record_here(h->saga, RECORD_SENT);
    sent.attempt++;
    write_record(h, sent);
    send_again(h);
}

static void back_off(struct handling *h)
{
    struct saga *saga = h->saga;
    set_timer(h, saga_backoff_ms(&saga->config, saga->attempt - 1, random_unit(&saga->random)));
}

static void park(struct handling *h)
{
    write_record(h, record_here(h->saga, RECORD_PARKED));
    add_action(h, SAGA_DONE)->as.phase = SAGA_PARKED;
}

static void end(struct handling *h, enum saga_phase phase)
{
    write_record(h, (struct saga_record){.kind = RECORD_ENDED, .phase = phase});
    add_action(h, SAGA_DONE)->as.phase = phase;
}

/* --- what to do next, read off the state ------------------------------------------------------ */

/* Whether the current command has had all the attempts that it may have. */
static int is_out_of_attempts(const struct saga *saga)
{
    if (saga->direction == SAGA_BACK)
        return saga->attempt >= saga->config.compensation_attempts;
    return saga->step < SAGA_SHIP && saga->attempt >= saga->config.attempts;
}

/* Whether going forward is over, and what was done must be undone. */
static int must_compensate(const struct handling *h)
{
    const struct saga *saga = h->saga;
    if (saga->phase != SAGA_RUNNING || saga->step > SAGA_SHIP)
        return 0;
    if (saga->command == COMMAND_REJECTED ||
        (saga->command == COMMAND_UNKNOWN && is_out_of_attempts(saga)))
        return 1;
    return saga->attempt == 0 && h->now.wall_ms >= saga->deadline_wall_ms;
}

/* When a command is sent again that was not answered with OK. */
enum repetition { AFTER_BACKOFF, AT_ONCE };

/* Nothing is pending: begins, repeats, turns round, parks or ends. */
static void go_on(struct handling *h, enum repetition repetition)
{
    struct saga *saga = h->saga;
    if (must_compensate(h))
        write_record(h, record_here(saga, RECORD_COMPENSATING));
    if (saga->step == SAGA_STEPS)
        end(h, saga->direction == SAGA_FORWARD ? SAGA_COMPLETED : SAGA_ROLLED_BACK);
    else if (saga->command == COMMAND_DUE)
        send_next(h);
    else if (is_out_of_attempts(saga) ||
             (saga->command == COMMAND_REJECTED && saga->direction == SAGA_FORWARD))
        park(h);
    else if (repetition == AFTER_BACKOFF)
        back_off(h);
    else
        send_next(h);
}

/* --- events ----------------------------------------------------------------------------------- */

static int handle_start(struct handling *h, const struct saga_checkout *checkout, struct error *err)
{
    struct saga *saga = h->saga;
    if (saga->phase != SAGA_NEW)
        return error_set(err, ERR_REFUSED, "This checkout has begun already.");
    write_record(h, (struct saga_record){.kind = RECORD_STARTED,
                                         .checkout = *checkout,
                                         .deadline_ms = h->now.wall_ms + saga->config.deadline_ms});
    go_on(h, AFTER_BACKOFF);
    return 0;
}

static void take_answer(struct handling *h, enum saga_answer answer, int64_t cents)
{
    struct saga_record answered = record_here(h->saga, RECORD_ANSWERED);
    answered.answer = answer;
    answered.cents = cents;
    write_record(h, answered);
    go_on(h, AFTER_BACKOFF);
}

/* Any attempt's reply answers the current step, also while the next attempt is being waited for. */
static void handle_reply(struct handling *h, const struct saga_reply *reply)
{
    struct saga *saga = h->saga;
    int current = reply->step == saga->step && reply->direction == saga->direction;
    int open = saga->command == COMMAND_SENT ||
               (saga->command == COMMAND_UNKNOWN && reply->answer != SAGA_UNKNOWN);
    if (!is_active(saga) || strcmp(reply->saga, saga->checkout.id) != 0)
        return;
    if (current && open) {
        take_answer(h, reply->answer, reply->cents);
    } else {
        write_record(h, (struct saga_record){.kind = RECORD_NOTED,
                                             .step = reply->step,
                                             .direction = reply->direction,
                                             .attempt = reply->attempt,
                                             .answer = reply->answer});
    }
}

static void handle_timer(struct handling *h, uint32_t number)
{
    struct saga *saga = h->saga;
    if (number != saga->timer || !is_active(saga))
        return;
    if (saga->command == COMMAND_SENT)
        take_answer(h, SAGA_UNKNOWN, 0);
    else
        go_on(h, AT_ONCE);
}

/* The command that was pending may or may not have been sent: send it, with its key. */
static void handle_restart(struct handling *h)
{
    struct saga *saga = h->saga;
    if (is_active(saga) && saga->command == COMMAND_SENT)
        send_again(h);
    else if (is_active(saga))
        go_on(h, AT_ONCE);
    else if (saga->phase != SAGA_NEW)
        add_action(h, SAGA_DONE)->as.phase = saga->phase;
}

static int handle_resume(struct handling *h, struct error *err)
{
    if (h->saga->phase != SAGA_PARKED)
        return error_set(err, ERR_REFUSED, "Only a parked checkout can be resumed; this one is %s.",
                         saga_phase_name(h->saga->phase));
    write_record(h, record_here(h->saga, RECORD_RESUMED));
    go_on(h, AT_ONCE);
    return 0;
}

int saga_handle(struct saga *saga, const struct saga_event *event, struct saga_actions *actions,
                struct error *err)
{
    struct handling h = {saga, event->now, actions};
    actions->count = 0;
    switch (event->kind) {
    case SAGA_EVENT_START:
        return handle_start(&h, &event->checkout, err);
    case SAGA_EVENT_REPLY:
        handle_reply(&h, &event->reply);
        return 0;
    case SAGA_EVENT_TIMER:
        handle_timer(&h, event->timer);
        return 0;
    case SAGA_EVENT_RESTART:
        handle_restart(&h);
        return 0;
    case SAGA_EVENT_RESUME:
        return handle_resume(&h, err);
    }
    return 0;
}

void saga_describe(const struct saga *saga, struct text *out)
{
    static const char *const effects = "-dmu"; /* none, done, maybe, undone */
    static const char *const commands[] = {"due", "sent", "unknown", "rejected"};
    text_addf(out, "%s %s step %d %s attempt %d %s effects ", saga->checkout.id,
              saga_phase_name(saga->phase), (int)saga->step, saga_direction_name(saga->direction),
              saga->attempt, commands[saga->command]);
    for (int i = 0; i < SAGA_STEPS; i++)
        text_append(out, &effects[saga->effects[i]], 1);
    text_addf(out, " total %lld reduction %lld deadline %lld", (long long)saga->total_cents,
              (long long)saga->reduction_cents, (long long)saga->deadline_wall_ms);
}
