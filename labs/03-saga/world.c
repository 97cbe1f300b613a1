/* The world of the saga's explorer. See world.h. */
#include "world.h"

#include <stdio.h>
#include <string.h>
#include "world_rules.h"

const char WORLD_NO_ANSWER[] = "no answer in time", WORLD_WAITED[] = "the wait is over";
const char WORLD_EARLY[] = "its timer, before the time for the answer is over";

const char *world_fault_name(enum world_fault fault)
{
    static const char *const names[WORLD_FAULTS] = {
        "crash before", "crash after",   "crash, torn record", "command lost",
        "reply lost",   "reset undone",  "reset done",         "reply late",
        "reply twice",  "command twice", "command late",       "rejected"};
    return names[fault];
}

int world_fault_fits(enum world_fault fault, int is_send)
{
    if (fault == FAULT_CRASH_BEFORE || fault == FAULT_CRASH_AFTER)
        return 1;
    return is_send ? fault > FAULT_CRASH_TORN : fault == FAULT_CRASH_TORN;
}

static void observe(struct world *w, const char *from, const char *to, const char *text,
                    int is_fault)
{
    if (w->observer != NULL)
        w->observer(w->observer_context, w, from, to, text, is_fault);
}

/* A command on its way, or what was answered to it. */
static void observe_command(struct world *w, const char *from, const char *to,
                            const struct saga_command *command, const char *answer)
{
    char text[64], attempt[16] = "";
    if (w->observer == NULL)
        return;
    if (command->attempt > 1)
        snprintf(attempt, sizeof attempt, " #%d", command->attempt);
    snprintf(text, sizeof text, "%s%s%s%s%s", command->direction == SAGA_BACK ? "undo " : "",
             saga_step_name(command->step), attempt, answer[0] != '\0' ? " " : "", answer);
    w->observer(w->observer_context, w, from, to, text, 0);
}

/* --- the queue of what is on its way ---------------------------------------------------------- */

static struct world_message *post(struct world *w, int64_t after_ms)
{
    if (w->queue_count == WORLD_QUEUE_MAX) {
        world_break(w, "A saga has few commands on their way at a time.");
        return NULL;
    }
    struct world_message *message = &w->queue[w->queue_count++];
    message->at_ms = w->now_ms + after_ms;
    message->order = w->order++;
    message->process = w->crashes;
    message->reply_late = message->reply_lost = message->reply_double = message->reject = 0;
    return message;
}

static int earliest(const struct world *w)
{
    int first = 0;
    for (int i = 1; i < w->queue_count; i++) {
        const struct world_message *a = &w->queue[i], *b = &w->queue[first];
        if (a->at_ms < b->at_ms || (a->at_ms == b->at_ms && a->order < b->order))
            first = i;
    }
    return first;
}

/* --- participants: each keeps its own ledger -------------------------------------------------- */

static enum saga_answer act_forward(struct world_ledger *ledger, const struct world_message *m)
{
    if (m->reject || ledger->barred)
        return SAGA_REJECTED;
    ledger->done++;
    return SAGA_OK;
}

static enum saga_answer act_back(struct world_ledger *ledger, const struct world_message *m)
{
    if (m->reject)
        return SAGA_REJECTED;
    if (ledger->known[SAGA_FORWARD] && ledger->answers[SAGA_FORWARD] == SAGA_OK)
        ledger->undone++;
    else
        ledger->barred = 1; /* the action, should it still come, is too late */
    return SAGA_OK;
}

/* The first final answer to a key is kept and given again. A rejected compensation or confirmation
   is not kept: a person repairs what was wrong before the saga is resumed. */
static enum saga_answer participate(struct world *w, const struct world_message *m)
{
    const struct saga_command *command = &m->command;
    struct world_ledger *ledger = &w->ledgers[command->step];
    int direction = command->direction == SAGA_BACK;
    if (ledger->known[direction])
        return ledger->answers[direction];
    enum saga_answer answer = direction ? act_back(ledger, m) : act_forward(ledger, m);
    if (answer == SAGA_OK || (!direction && command->step != SAGA_CONFIRM)) {
        ledger->known[direction] = 1;
        ledger->answers[direction] = answer;
    }
    return answer;
}

static void send_reply(struct world *w, const struct world_message *m, enum saga_answer answer,
                       int64_t after_ms)
{
    struct world_message *reply = post(w, after_ms);
    if (reply == NULL)
        return;
    int forward = m->command.direction == SAGA_FORWARD && answer == SAGA_OK;
    reply->kind = TO_SAGA;
    reply->process = m->process;
    reply->command = m->command;
    reply->answer = answer;
    reply->cents = 0;
    if (forward && m->command.step == SAGA_VALIDATE)
        reply->cents = w->setup->total_cents;
    if (forward && m->command.step == SAGA_DISCOUNT)
        reply->cents = w->setup->reduction_cents;
}

static void at_participant(struct world *w, struct world_message m)
{
    enum saga_answer answer = participate(w, &m);
    int64_t late_ms = 2 * w->setup->config.answer_ms[m.command.step];
    if (!m.reply_lost)
        send_reply(w, &m, answer, m.reply_late ? late_ms : WORLD_LATENCY_MS);
    if (m.reply_double)
        send_reply(w, &m, answer, late_ms);
}

/* --- points: where faults strike -------------------------------------------------------------- */

/* The fault at this point, or -1. Counts the point. */
static int next_fault(struct world *w, int is_send)
{
    int point = w->points++;
    if (point < WORLD_LOG_MAX)
        w->is_send[point] = (unsigned char)is_send;
    if (w->faults_met == w->schedule->count || w->schedule->faults[w->faults_met].point > point ||
        !world_fault_fits(w->schedule->faults[w->faults_met].fault, is_send))
        return -1;
    return (int)w->schedule->faults[w->faults_met++].fault;
}

static void crash(struct world *w, const char *why)
{
    observe(w, "saga", NULL, why, 1);
    w->alive = 0;
    w->crashes++;
    struct world_message *restart = post(w, WORLD_RESTART_MS);
    if (restart != NULL)
        restart->kind = TO_RESTART;
}

static void append(struct world *w, const struct saga_action *action)
{
    int fault = next_fault(w, 0);
    int kept = fault != FAULT_CRASH_BEFORE && fault != FAULT_CRASH_TORN;
    if (!world_can_log(action))
        world_break(w, "A record has 1 to 512 bytes.");
    else if (w->log_count == WORLD_LOG_MAX)
        world_break(w, "A saga ends within 256 records.");
    else if (kept)
        w->log[w->log_count++] = *action;
    if (fault >= 0)
        crash(w, fault == FAULT_CRASH_AFTER ? "CRASH, the record is on disk"
                                            : "CRASH, the record is not on disk");
}

static void send(struct world *w, const struct saga_command *command)
{
    world_judge_send(w, command);
    if (w->rule != NULL)
        return;
    world_note_send(w, command);
    int fault = next_fault(w, 1);
    if (fault == FAULT_CRASH_BEFORE) {
        crash(w, "CRASH before sending");
        return;
    }
    const char *to = saga_step_name(command->step);
    observe_command(w, "saga", to, command, "");
    w->awaited = 1;
    struct world_message *m = NULL;
    if (fault == FAULT_LOSE_COMMAND || fault == FAULT_RESET_UNDONE) {
        observe(w, to, NULL, world_fault_name((enum world_fault)fault), 1);
    } else {
        m = post(w, fault == FAULT_LATE_COMMAND ? WORLD_LATE_MS : WORLD_LATENCY_MS);
        if (m == NULL)
            return;
        m->kind = TO_PARTICIPANT;
        m->command = *command;
        m->reply_late = fault == FAULT_LATE_REPLY;
        m->reply_lost = fault == FAULT_LOSE_REPLY || fault == FAULT_RESET_DONE;
        m->reply_double = fault == FAULT_DOUBLE_REPLY;
        m->reject = fault == FAULT_REJECT;
        if (fault > FAULT_CRASH_AFTER)
            observe(w, to, NULL, world_fault_name((enum world_fault)fault), 1);
    }
    if (fault == FAULT_DOUBLE_COMMAND) {
        struct world_message again = *m;
        struct world_message *second = post(w, 3 * WORLD_LATENCY_MS);
        if (second != NULL) {
            again.at_ms = second->at_ms;
            again.order = second->order;
            *second = again;
        }
    }
    if (fault == FAULT_RESET_DONE || fault == FAULT_RESET_UNDONE) {
        struct world_message lost = {.command = *command, .process = w->crashes};
        send_reply(w, &lost, SAGA_UNKNOWN, WORLD_LATENCY_MS + 1);
    }
    if (fault == FAULT_CRASH_AFTER)
        crash(w, "CRASH after sending");
}

static void set_timer(struct world *w, uint32_t number, int64_t after_ms)
{
    if (after_ms < 0 || after_ms > 86400000) {
        world_break(w, "A timer is set for 0 ms to a day.");
        return;
    }
    for (int i = 0; i < w->queue_count; i++) { /* it replaces the one before */
        if (w->queue[i].kind == TO_TIMER)
            w->queue[i--] = w->queue[--w->queue_count];
    }
    struct world_message *m = post(w, after_ms);
    if (m == NULL)
        return;
    m->kind = TO_TIMER;
    m->timer = number;
}

/* --- the saga's turn -------------------------------------------------------------------------- */

static void done(struct world *w, enum saga_phase phase)
{
    world_judge_done(w, phase);
    observe(w, "saga", NULL, saga_phase_name(phase), 0);
    w->phase = phase;
}

/* Carries the actions out, in order, until the process dies. */
static void carry_out(struct world *w, const struct saga_actions *actions)
{
    if (actions->count < 0 || actions->count > SAGA_ACTIONS_MAX)
        world_break(w, "An event has at most 8 actions.");
    for (int i = 0; i < actions->count && w->alive && w->rule == NULL; i++) {
        const struct saga_action *action = &actions->list[i];
        if (!world_knows(action))
            world_break(
                w, "An action is APPEND, SEND with a step and a direction, TIMER, or DONE with "
                   "a phase.");
        else if (action->kind == SAGA_APPEND)
            append(w, action);
        else if (action->kind == SAGA_SEND)
            send(w, &action->as.command);
        else if (action->kind == SAGA_TIMER)
            set_timer(w, action->as.timer.number, action->as.timer.after_ms);
        else
            done(w, action->as.phase);
    }
}

static void give(struct world *w, struct saga_event *event)
{
    struct saga_actions actions;
    actions.count = 0;
    w->events++;
    w->event = event->kind;
    event->now = (struct moment){.mono_ms = w->now_ms, .wall_ms = 1700000000000 + w->now_ms};
    if (w->saga.handle(w->saga.context, event, &actions) < 0)
        world_break(w, "The saga takes START, replies, timers, restarts and resumes.");
    else
        carry_out(w, &actions);
}

static void live(struct world *w, enum saga_event_kind first)
{
    struct saga_event event = {.kind = first, .checkout = w->setup->checkout};
    w->alive = 1;
    w->awaited = 0;
    if (w->saga.begin(w->saga.context, w->log, w->log_count) < 0) {
        w->end = WORLD_REFUSED;
        w->rule = "A saga reads its own log after a restart.";
        return;
    }
    if (w->log_count == 0) /* it never began: the customer asks again */
        event.kind = SAGA_EVENT_START;
    if (event.kind == SAGA_EVENT_START)
        w->started_ms = w->now_ms;
    give(w, &event);
}

static void deliver(struct world *w, const struct world_message *m)
{
    struct saga_event event = {.kind = SAGA_EVENT_TIMER, .timer = m->timer};
    if (m->kind == TO_PARTICIPANT) {
        at_participant(w, *m);
    } else if (m->kind == TO_RESTART) {
        observe(w, "saga", NULL, "restarts", 0);
        live(w, SAGA_EVENT_RESTART);
    } else if (w->alive && m->process == w->crashes) {
        if (m->kind == TO_SAGA) {
            world_note_reply(w, &m->command, m->answer);
            event.kind = SAGA_EVENT_REPLY;
            event.reply = (struct saga_reply){.step = m->command.step,
                                              .direction = m->command.direction,
                                              .attempt = m->command.attempt,
                                              .answer = m->answer,
                                              .cents = m->cents};
            memcpy(event.reply.saga, w->setup->checkout.id, sizeof event.reply.saga);
            observe_command(w, saga_step_name(m->command.step), "saga", &m->command,
                            saga_answer_name(m->answer));
        } else {
            observe(w, "saga", NULL, world_note_timer(w), 0);
        }
        give(w, &event);
    }
}

/* --- the whole -------------------------------------------------------------------------------- */

static int is_over(const struct world *w)
{
    return w->rule != NULL || w->phase == SAGA_COMPLETED || w->phase == SAGA_ROLLED_BACK;
}

void world_run(struct world *world, const struct world_setup *setup,
               const struct schedule *schedule, struct world_saga saga)
{
    memset(world->ledgers, 0, sizeof world->ledgers);
    memset(world->tries, 0, sizeof world->tries);
    world->setup = setup;
    world->schedule = schedule;
    world->saga = saga;
    world->phase = SAGA_NEW;
    world->end = WORLD_ENDED;
    world->rule = NULL;
    world->said[0] = world->seen[0] = '\0';
    world->last.step = SAGA_STEPS;
    world->resumed = world->about_reasons = 0;
    world->points = world->faults_met = world->events = world->crashes = world->resumes = 0;
    world->now_ms = 0;
    world->log_count = world->queue_count = world->order = 0;

    live(world, SAGA_EVENT_START);
    while (world->rule == NULL && world->events < WORLD_EVENTS_MAX) {
        if (world->queue_count == 0) {
            if (is_over(world) || world->phase != SAGA_PARKED ||
                world->resumes == WORLD_RESUMES_MAX)
                break;
            world->resumes++;
            world->resumed = 1;
            struct saga_event resume = {.kind = SAGA_EVENT_RESUME};
            observe(world, "operator", "saga", "resume", 0);
            give(world, &resume);
            continue;
        }
        int first = earliest(world);
        struct world_message message = world->queue[first];
        world->queue[first] = world->queue[--world->queue_count];
        world->now_ms = message.at_ms;
        deliver(world, &message);
    }
    if (world->rule == NULL && !is_over(world)) {
        world->end = WORLD_ENDLESS;
        world->rule = "Every saga ends once participants answer.";
    }
    if (world->rule == NULL)
        world_judge_ledgers(world);
}
