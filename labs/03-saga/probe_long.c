/*
 * Lab 03's probe: a shipment that stays unknown for very many sends, and what its log is worth
 * then. Given: nothing to write here.
 *
 *   endure [sends=70000]   ok sends= same=1 send=ship attempt=70000 | error code= sends=
 *
 * A second saga replays each record as it is written. In the end both must describe themselves in
 * the same way (same=1); then the second one gets RESTART, and send= and attempt= are what it
 * sends.
 */
#include "probe.h"

#include <string.h>

struct long_run {
    struct saga *living, *second;
    int64_t now_ms;
    uint32_t timer;
    struct saga_command sent; /* the last one */
};

static int give(struct long_run *run, struct saga *saga, struct saga_event event, struct error *err)
{
    struct saga_actions actions = {0};
    event.now = (struct moment){run->now_ms, 1700000000000 + run->now_ms};
    run->now_ms += 10;
    int result = saga_handle(saga, &event, &actions, err);
    for (int i = 0; i < actions.count && i < SAGA_ACTIONS_MAX && result == 0; i++) {
        const struct saga_action *action = &actions.list[i];
        if (action->kind == SAGA_APPEND && saga == run->living)
            result =
                saga_replay(run->second, action->as.payload.bytes, action->as.payload.length, err);
        else if (action->kind == SAGA_TIMER)
            run->timer = action->as.timer.number;
        else if (action->kind == SAGA_SEND)
            run->sent = action->as.command;
    }
    return result;
}

/* To the shipment's send with this number; or not so far, when the saga gives up before. */
static int live(struct long_run *run, int64_t sends, struct error *err)
{
    struct saga_event event = {.kind = SAGA_EVENT_START, .checkout = world_plain.checkout};
    int result = give(run, run->living, event, err);
    for (int step = SAGA_VALIDATE; step < SAGA_SHIP && result == 0; step++) {
        event = (struct saga_event){.kind = SAGA_EVENT_REPLY};
        event.reply = (struct saga_reply){.step = (enum saga_step)step, .attempt = 1};
        event.reply.cents = step == SAGA_VALIDATE ? world_plain.total_cents : 0;
        memcpy(event.reply.saga, world_plain.checkout.id, sizeof event.reply.saga);
        result = give(run, run->living, event, err);
    }
    for (int64_t i = 0; i < 2 * sends && run->sent.attempt < sends && result == 0; i++) {
        event = (struct saga_event){.kind = SAGA_EVENT_TIMER, .timer = run->timer};
        result = give(run, run->living, event, err);
    }
    return result;
}

static void write_totals(struct long_run *run, struct text *reply)
{
    const struct saga_event restart = {.kind = SAGA_EVENT_RESTART};
    struct text one = {0}, other = {0};
    struct error err = {0};
    int64_t sends = run->sent.attempt;
    saga_describe(run->living, &one);
    saga_describe(run->second, &other);
    run->sent = (struct saga_command){.step = SAGA_STEPS};
    int result = give(run, run->second, restart, &err);
    probe_result(reply, result, &err);
    message_add_int64(reply, "sends", sends);
    if (result == 0) {
        message_add_int64(reply, "same", strcmp(text_str(&one), text_str(&other)) == 0);
        message_add(reply, "send",
                    run->sent.step < SAGA_STEPS ? saga_step_name(run->sent.step) : "none");
        message_add_int64(reply, "attempt", run->sent.attempt);
    }
    text_release(&one);
    text_release(&other);
}

void do_endure(void *context, const struct message *action, struct text *reply)
{
    struct rig *rig = context;
    struct long_run run = {0};
    struct error err = {0};
    rig->config = world_plain.config;
    rig->unit = 0.5;
    int result = rig_new_saga(rig, &err);
    run.living = rig->saga;
    rig->saga = NULL;
    if (result == 0)
        result = rig_new_saga(rig, &err);
    run.second = rig->saga;
    if (result == 0)
        result = live(&run, rig_number(action, "sends", 70000), &err);
    if (result == 0) {
        write_totals(&run, reply);
    } else {
        probe_result(reply, result, &err);
        message_add_int64(reply, "sends", run.sent.attempt);
    }
    saga_destroy(run.living);
}
