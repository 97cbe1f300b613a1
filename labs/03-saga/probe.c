/*
 * The adapter in which the judge drives lab 03. Given: nothing to write here.
 *
 * One saga at a time, event by event. `actions` lists what the saga asked for, in order, with the
 * bytes of its records when hex=1 is given:
 *
 *   create   [attempts=2] [compensations=2] [answer=100] [base=20] [cap=80] [deadline=60000]
 *            [unit=0.5]
 *   start    now= [wall=] [id=] [cart=] [coupon=]       ok phase= actions="..." | error code=
 *   reply    now= step= answer= [direction=forward]     the same
 *            [attempt=1] [cents=] [saga=]
 *   timer    now= [number=last]                         the same
 *   restart  now=                                       the same: a new process, that is create,
 *                                                       replay of the records kept here, RESTART
 *   resume   now=                                       the same
 *   drop                                                forgets the newest record, as if a crash
 *                                                       had come before it
 *   records  [index=newest]                             ok count= last="JSON of that record"
 *   payload  [index=newest]                             ok hex=
 *   replay   hex=                                       ok | error code=
 *   describe [replayed=1]                               ok state= (replayed=1: of a new saga that
 *                                                       has replayed the records)
 *
 * Many schedules at once, in the world of world.h:
 *
 *   explore  schedules="-;3.1;3.1,17.8;..."             ok traces="baaa|.../..." (trace.h)
 *
 * The participant's actions stand at the top of probe_inventory.c.
 */
#include "kit/probe.h"
#include "probe_inventory.h"
#include "saga.h"
#include "trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rig {
    struct saga *saga;
    struct saga_config config;
    double unit;
    uint32_t timer;
    struct saga_action log[WORLD_LOG_MAX];
    int log_count;
    struct world world;
    struct trace_keys keys;
    struct text *trace; /* being written by explore */
    struct db *db;      /* the participant's */
};

static void do_rig_stock(void *context, const struct message *action, struct text *reply)
{
    do_stock(&((struct rig *)context)->db, action, reply);
}

static void do_rig_command(void *context, const struct message *action, struct text *reply)
{
    do_command(&((struct rig *)context)->db, action, reply);
}

static void do_rig_settle(void *context, const struct message *action, struct text *reply)
{
    do_settle(&((struct rig *)context)->db, action, reply);
}

static double unit(void *context)
{
    return ((struct rig *)context)->unit;
}

static int new_saga(struct rig *rig, struct error *err)
{
    saga_destroy(rig->saga);
    rig->saga = NULL;
    return saga_create(&rig->saga, &rig->config, (struct random){unit, rig}, err);
}

static int64_t number(const struct message *action, const char *name, int64_t otherwise)
{
    message_get_int64(action, name, &otherwise);
    return otherwise;
}

/* --- event by event --------------------------------------------------------------------------- */

static void do_create(void *context, const struct message *action, struct text *reply)
{
    struct rig *rig = context;
    struct error err = {{0}};
    rig->config = world_config;
    for (int i = 0; i < SAGA_STEPS; i++)
        rig->config.answer_ms[i] = number(action, "answer", 100) + 10 * i;
    if (message_get(action, "answer") != NULL && number(action, "answer", 0) < 1)
        rig->config.answer_ms[0] = number(action, "answer", 0);
    rig->config.attempts = (int)number(action, "attempts", 2);
    rig->config.compensation_attempts = (int)number(action, "compensations", 2);
    rig->config.backoff_base_ms = number(action, "base", 20);
    rig->config.backoff_cap_ms = number(action, "cap", 80);
    rig->config.deadline_ms = number(action, "deadline", 60000);
    rig->unit = strtod(message_get_or(action, "unit", "0.5"), NULL);
    rig->log_count = 0;
    rig->timer = 0;
    probe_result(reply, new_saga(rig, &err), &err);
}

static void add_hex(struct text *out, const struct saga_action *record)
{
    for (size_t i = 0; i < record->as.payload.length && i < SAGA_PAYLOAD_MAX; i++)
        text_addf(out, "%02x", (unsigned)(unsigned char)record->as.payload.bytes[i]);
}

static void describe_action(const struct saga_action *action, int hex, struct text *out)
{
    const struct saga_command *command = &action->as.command;
    if (action->kind == SAGA_APPEND) {
        text_add(out, hex ? "append " : "append");
        if (hex)
            add_hex(out, action);
    }
    if (action->kind == SAGA_SEND && command->step < SAGA_STEPS)
        text_addf(out, "send %s %s #%d %s %lld", saga_step_name(command->step),
                  saga_direction_name(command->direction), command->attempt, command->key,
                  (long long)command->amount_cents);
    else if (action->kind == SAGA_TIMER)
        text_addf(out, "timer %lld", (long long)action->as.timer.after_ms);
    else if (action->kind == SAGA_DONE && action->as.phase <= SAGA_ROLLED_BACK)
        text_addf(out, "done %s", saga_phase_name(action->as.phase));
    else if (action->kind != SAGA_APPEND)
        text_add(out, "?");
}

/* Gives the event, keeps what is appended, and writes the reply. */
static void give(struct rig *rig, const struct message *action, struct saga_event *event,
                 struct text *reply)
{
    struct saga_actions actions = {.count = 0};
    struct error err = {{0}};
    struct text list = {0};
    if (rig->saga == NULL) {
        message_begin(reply, "none");
        return;
    }
    int64_t now = number(action, "now", 0);
    event->now = (struct moment){now, number(action, "wall", 1700000000000 + now)};
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
        text_add(&list, i > 0 ? "; " : "");
        describe_action(one, number(action, "hex", 0) == 1, &list);
    }
    message_begin(reply, "ok");
    unsigned phase = (unsigned)saga_phase(rig->saga);
    message_add(reply, "phase", phase <= SAGA_ROLLED_BACK ? saga_phase_name(phase) : "?");
    message_add(reply, "actions", text_str(&list));
    text_release(&list);
}

static void copy_word(char *to, size_t size, const char *from)
{
    snprintf(to, size, "%s", from);
}

static void do_start(void *context, const struct message *action, struct text *reply)
{
    struct saga_event event = {.kind = SAGA_EVENT_START, .checkout = world_checkout};
    copy_word(event.checkout.cart_id, sizeof event.checkout.cart_id,
              message_get_or(action, "cart", "cart-1"));
    copy_word(event.checkout.id, sizeof event.checkout.id,
              message_get_or(action, "id", world_checkout.id));
    copy_word(event.checkout.coupon, sizeof event.checkout.coupon,
              message_get_or(action, "coupon", ""));
    give(context, action, &event, reply);
}

static int word_index(const char *word, const char *(*name)(int), int count)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(word, name(i)) == 0)
            return i;
    }
    return 0;
}

static const char *step_word(int i)
{
    return saga_step_name((enum saga_step)i);
}

static const char *answer_word(int i)
{
    return saga_answer_name((enum saga_answer)i);
}

static void do_reply(void *context, const struct message *action, struct text *reply)
{
    struct saga_event event = {.kind = SAGA_EVENT_REPLY};
    copy_word(event.reply.saga, sizeof event.reply.saga,
              message_get_or(action, "saga", world_checkout.id));
    event.reply.step = (enum saga_step)word_index(message_get_or(action, "step", "validate"),
                                                  step_word, SAGA_STEPS);
    if (strcmp(message_get_or(action, "direction", "forward"), "back") == 0)
        event.reply.direction = SAGA_BACK;
    event.reply.answer =
        (enum saga_answer)word_index(message_get_or(action, "answer", "ok"), answer_word, 3);
    event.reply.attempt = (int)number(action, "attempt", 1);
    event.reply.cents = number(action, "cents", 0);
    give(context, action, &event, reply);
}

static void do_timer(void *context, const struct message *action, struct text *reply)
{
    struct rig *rig = context;
    struct saga_event event = {.kind = SAGA_EVENT_TIMER};
    event.timer = (uint32_t)((int64_t)rig->timer + number(action, "older", 0) * -1);
    give(rig, action, &event, reply);
}

/* A new saga that has replayed the kept records; negative when it refuses. */
static int replay_all(struct rig *rig, struct error *err)
{
    int result = new_saga(rig, err);
    for (int i = 0; i < rig->log_count && result == 0; i++)
        result = saga_replay(rig->saga, rig->log[i].as.payload.bytes, rig->log[i].as.payload.length,
                             err);
    return result;
}

static void do_restart(void *context, const struct message *action, struct text *reply)
{
    struct rig *rig = context;
    struct error err = {{0}};
    struct saga_event event = {.kind = SAGA_EVENT_RESTART};
    int result = replay_all(rig, &err);
    if (result < 0)
        probe_result(reply, result, &err);
    else
        give(rig, action, &event, reply);
}

static void do_resume(void *context, const struct message *action, struct text *reply)
{
    struct saga_event event = {.kind = SAGA_EVENT_RESUME};
    give(context, action, &event, reply);
}

static void do_drop(void *context, const struct message *action, struct text *reply)
{
    struct rig *rig = context;
    (void)action;
    if (rig->log_count > 0)
        rig->log_count--;
    message_begin(reply, "ok");
}

static void do_records(void *context, const struct message *action, struct text *reply)
{
    struct rig *rig = context;
    struct text last = {0};
    struct error err = {{0}};
    int64_t index = number(action, "index", rig->log_count - 1);
    int result = 0;
    if (index >= 0 && index < rig->log_count) {
        const struct saga_action *record = &rig->log[index];
        result = saga_record_json(record->as.payload.bytes, record->as.payload.length, &last, &err);
    }
    probe_result(reply, result, &err);
    if (result == 0) {
        message_add_int64(reply, "count", rig->log_count);
        message_add(reply, "last", text_str(&last));
    }
    text_release(&last);
}

static void do_payload(void *context, const struct message *action, struct text *reply)
{
    struct rig *rig = context;
    struct text hex = {0};
    int64_t index = number(action, "index", rig->log_count - 1);
    if (index >= 0 && index < rig->log_count)
        add_hex(&hex, &rig->log[index]);
    message_begin(reply, "ok");
    message_add(reply, "hex", text_str(&hex));
    text_release(&hex);
}

static void do_replay(void *context, const struct message *action, struct text *reply)
{
    struct rig *rig = context;
    struct error err = {{0}};
    struct saga_action record = {.kind = SAGA_APPEND};
    const char *hex = message_get_or(action, "hex", "");
    while (hex[0] != '\0' && hex[1] != '\0' && record.as.payload.length < SAGA_PAYLOAD_MAX) {
        const char digits[3] = {hex[0], hex[1], '\0'};
        record.as.payload.bytes[record.as.payload.length++] = (char)strtol(digits, NULL, 16);
        hex += 2;
    }
    if (rig->saga == NULL && new_saga(rig, &err) < 0) {
        probe_result(reply, ERR_TODO, &err);
        return;
    }
    int result = saga_replay(rig->saga, record.as.payload.bytes, record.as.payload.length, &err);
    if (result == 0 && rig->log_count < WORLD_LOG_MAX)
        rig->log[rig->log_count++] = record;
    probe_result(reply, result, &err);
}

static void do_describe(void *context, const struct message *action, struct text *reply)
{
    struct rig *rig = context;
    struct text state = {0};
    struct error err = {{0}};
    int result = number(action, "replayed", 0) == 1 ? replay_all(rig, &err) : 0;
    if (rig->saga != NULL && result == 0)
        saga_describe(rig->saga, &state);
    probe_result(reply, result, &err);
    if (result == 0)
        message_add(reply, "state", text_str(&state));
    text_release(&state);
}

/* --- many schedules --------------------------------------------------------------------------- */

static int begin_traced(void *context, const struct saga_action *records, int count)
{
    struct rig *rig = context;
    struct error err;
    int result = new_saga(rig, &err);
    for (int i = 0; i < count && result == 0; i++)
        result =
            saga_replay(rig->saga, records[i].as.payload.bytes, records[i].as.payload.length, &err);
    text_append(rig->trace, result < 0 ? "B" : "b", 1);
    return result;
}

static int handle_traced(void *context, const struct saga_event *event,
                         struct saga_actions *actions)
{
    struct rig *rig = context;
    struct error err;
    int result = saga_handle(rig->saga, event, actions, &err);
    if (result < 0)
        text_append(rig->trace, "-", 1);
    else
        trace_actions(rig->trace, &rig->keys, actions);
    return result;
}

static void do_explore(void *context, const struct message *action, struct text *reply)
{
    struct rig *rig = context;
    struct text traces = {0};
    struct error err = {{0}};
    rig->config = world_config;
    rig->unit = 0.5;
    int result = new_saga(rig, &err);
    if (result < 0) {
        probe_result(reply, result, &err);
        return;
    }
    rig->trace = &traces;
    const char *at = message_get_or(action, "schedules", "");
    while (*at != '\0') {
        size_t length = strcspn(at, ";");
        struct schedule schedule;
        rig->keys.count = 0;
        if (schedule_read(at, length, &schedule) == 0)
            world_run(&rig->world, &schedule,
                      (struct world_saga){rig, begin_traced, handle_traced});
        text_append(&traces, "/", 1);
        at += length + (at[length] == ';');
    }
    message_begin(reply, "ok");
    message_add(reply, "traces", text_str(&traces));
    text_release(&traces);
}

int main(int argc, char **argv)
{
    static const struct probe_action actions[] = {
        {"create", do_create},
        {"start", do_start},
        {"reply", do_reply},
        {"timer", do_timer},
        {"restart", do_restart},
        {"resume", do_resume},
        {"drop", do_drop},
        {"records", do_records},
        {"payload", do_payload},
        {"replay", do_replay},
        {"describe", do_describe},
        {"explore", do_explore},
        {"stock", do_rig_stock},
        {"reserve", do_rig_command},
        {"release", do_rig_command},
        {"settle", do_rig_settle},
        {NULL, NULL},
    };
    struct rig *rig = calloc(1, sizeof *rig);
    if (rig == NULL)
        return 1;
    int status = probe_main(argc, argv, "03-saga", actions, rig);
    saga_destroy(rig->saga);
    db_close(rig->db);
    free(rig);
    return status;
}
