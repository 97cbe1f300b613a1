/*
 * Lab 03's probe: one saga, event by event. Given: nothing to write here.
 */
#include "probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void do_create(void *context, const struct message *action, struct text *reply)
{
    struct rig *rig = context;
    struct error err = {0};
    rig->config = world_plain.config;
    setup_read_config(action, &rig->config);
    for (int i = 0; i < SAGA_STEPS; i++)
        message_get_int64(action, saga_step_name((enum saga_step)i), &rig->config.answer_ms[i]);
    rig->unit = strtod(message_get_or(action, "unit", "0.5"), NULL);
    rig->log_count = 0;
    rig->timer = 0;
    rig->list = rig_number(action, "list", 0) == 1;
    probe_result(reply, rig_new_saga(rig, &err), &err);
}

static void describe_action(const struct saga_action *action, int hex, struct text *out)
{
    const struct saga_command *command = &action->as.command;
    if (action->kind == SAGA_APPEND) {
        text_add(out, hex ? "append " : "append");
        if (hex)
            rig_add_hex(out, action);
    }
    if (action->kind == SAGA_SEND && command->step < SAGA_STEPS)
        text_addf(out, "send %s %s #%d %.*s %lld", saga_step_name(command->step),
                  saga_direction_name(command->direction), command->attempt, SAGA_KEY_SIZE - 1,
                  command->key, (long long)command->amount_cents);
    else if (action->kind == SAGA_TIMER)
        text_addf(out, "timer %lld", (long long)action->as.timer.after_ms);
    else if (action->kind == SAGA_DONE && action->as.phase <= SAGA_ROLLED_BACK)
        text_addf(out, "done %s", saga_phase_name(action->as.phase));
    else if (action->kind != SAGA_APPEND)
        text_add(out, "?");
}

/* The actions field by field, for tests that do not care how a saga spells and logs. Of several
   commands all are named, and the last one's fields given. */
static void add_fields(struct rig *rig, const struct saga_actions *actions, struct text *reply)
{
    struct text sent = {0};
    const struct saga_command *command = NULL;
    int64_t timer = -1;
    const char *done = "none";
    for (int i = 0; i < actions->count && i < SAGA_ACTIONS_MAX; i++) {
        const struct saga_action *action = &actions->list[i];
        if (action->kind == SAGA_SEND && action->as.command.step < SAGA_STEPS) {
            command = &action->as.command;
            text_addf(&sent, "%s%s%s", sent.length > 0 ? "," : "", saga_step_name(command->step),
                      command->direction == SAGA_BACK ? "-back" : "");
        } else if (action->kind == SAGA_TIMER) {
            timer = action->as.timer.after_ms;
        } else if (action->kind == SAGA_DONE && action->as.phase <= SAGA_ROLLED_BACK) {
            done = saga_phase_name(action->as.phase);
        }
    }
    message_add(reply, "send", command != NULL ? text_str(&sent) : "none");
    if (command != NULL) {
        const char key[] = {trace_key_letter(&rig->spelled, command->key), '\0'};
        message_add_int64(reply, "attempt", command->attempt);
        message_add(reply, "key", key);
        message_add_int64(reply, "cents", command->amount_cents);
    }
    if (timer >= 0)
        message_add_int64(reply, "timer", timer);
    else
        message_add(reply, "timer", "none");
    message_add(reply, "done", done);
    text_release(&sent);
}

/* Gives the event, keeps what is appended, and writes the reply. */
static void give(struct rig *rig, const struct message *action, struct saga_event *event,
                 struct text *reply)
{
    struct saga_actions actions = {0};
    struct error err = {0};
    struct text list = {0};
    if (rig->saga == NULL) {
        message_begin(reply, "none");
        return;
    }
    int64_t now = rig_number(action, "now", 0);
    event->now = (struct moment){now, rig_number(action, "wall", 1700000000000 + now)};
    int result = saga_handle(rig->saga, event, &actions, &err);
    if (result < 0) {
        probe_result(reply, result, &err);
        return;
    }
    for (int i = 0; i < actions.count && i < SAGA_ACTIONS_MAX; i++) {
        const struct saga_action *one = &actions.list[i];
        if (one->kind == SAGA_APPEND && rig->log_count < WORLD_LOG_MAX)
            rig->log[rig->log_count++] = *one;
        if (one->kind == SAGA_TIMER)
            rig->timer = one->as.timer.number;
        if (rig->list) {
            text_add(&list, i > 0 ? "; " : "");
            describe_action(one, rig_number(action, "hex", 0) == 1, &list);
        }
    }
    message_begin(reply, "ok");
    unsigned phase = (unsigned)saga_phase(rig->saga);
    message_add(reply, "phase", phase <= SAGA_ROLLED_BACK ? saga_phase_name(phase) : "?");
    if (rig->list)
        message_add(reply, "actions", text_str(&list));
    else
        add_fields(rig, &actions, reply);
    text_release(&list);
}

void do_start(void *context, const struct message *action, struct text *reply)
{
    struct saga_event event = {.kind = SAGA_EVENT_START, .checkout = world_plain.checkout};
    event.checkout.coupon[0] = '\0';
    setup_read_checkout(action, &event.checkout);
    give(context, action, &event, reply);
}

static int word_index(const char *word, const char *(*name)(int), int count)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(word, name(i)) == 0)
            return i;
    }
    return -1;
}

static const char *step_word(int i)
{
    return saga_step_name((enum saga_step)i);
}

static const char *direction_word(int i)
{
    return saga_direction_name((enum saga_direction)i);
}

static const char *answer_word(int i)
{
    return saga_answer_name((enum saga_answer)i);
}

void do_reply(void *context, const struct message *action, struct text *reply)
{
    struct saga_event event = {.kind = SAGA_EVENT_REPLY};
    snprintf(event.reply.saga, sizeof event.reply.saga, "%s",
             message_get_or(action, "saga", world_plain.checkout.id));
    int step = word_index(message_get_or(action, "step", ""), step_word, SAGA_STEPS);
    int direction =
        word_index(message_get_or(action, "direction", "forward"), direction_word, SAGA_BACK + 1);
    int answer = word_index(message_get_or(action, "answer", ""), answer_word, SAGA_UNKNOWN + 1);
    if (step < 0 || direction < 0 || answer < 0) {
        struct error err;
        probe_result(reply,
                     error_set(&err, ERR_INVALID,
                               "A reply has a step (validate ... confirm), an answer (ok, "
                               "rejected, unknown) and a direction (forward, back)."),
                     &err);
        return;
    }
    event.reply.step = (enum saga_step)step;
    event.reply.direction = (enum saga_direction)direction;
    event.reply.answer = (enum saga_answer)answer;
    event.reply.attempt = (int)rig_number(action, "attempt", 1);
    event.reply.cents = rig_number(action, "cents", 0);
    give(context, action, &event, reply);
}

void do_timer(void *context, const struct message *action, struct text *reply)
{
    struct rig *rig = context;
    struct saga_event event = {.kind = SAGA_EVENT_TIMER};
    event.timer = rig->timer - (uint32_t)rig_number(action, "older", 0);
    give(rig, action, &event, reply);
}

void do_restart(void *context, const struct message *action, struct text *reply)
{
    struct rig *rig = context;
    struct error err = {0};
    struct saga_event event = {.kind = SAGA_EVENT_RESTART};
    rig->config.deadline_ms = rig_number(action, "deadline", rig->config.deadline_ms);
    int result = rig_replay_all(rig, &err);
    if (result < 0)
        probe_result(reply, result, &err);
    else
        give(rig, action, &event, reply);
}

void do_resume(void *context, const struct message *action, struct text *reply)
{
    struct saga_event event = {.kind = SAGA_EVENT_RESUME};
    give(context, action, &event, reply);
}
