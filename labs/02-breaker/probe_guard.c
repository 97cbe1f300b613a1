/*
 * Lab 02's probe: the guard. Given: nothing to write here.
 *
 *   guard percent= ... (as create) [name=user-service]
 *                                        ok | error code=
 *   call  outcome=OK|FAIL|NEUTRAL now= [took=ms] [inside=1] [fallback=ms]
 *                                        ok result=ok|neutral|failed|rejected calls= fallbacks=
 *                                           state= stale= [inside=ok|...]
 *   metrics                              ok text="..."   (published, then rendered)
 *
 * inside=1: before the call ends, another that works goes through the same guard.
 */
#include "probe.h"

#include <string.h>

struct scripted_call {
    struct rig *rig;
    enum breaker_outcome outcome;
    int64_t took_ms, fallback_ms;
    int inside; /* 1: makes another call meanwhile */
    enum guard_result inside_result;
};

static struct moment rig_now(void *context)
{
    struct rig *rig = context;
    return (struct moment){.mono_ms = rig->now_ms, .wall_ms = 1700000000000 - 3 * rig->now_ms};
}

void do_guard(void *context, const struct message *action, struct text *reply)
{
    struct rig *rig = context;
    guard_destroy(rig->guard);
    metrics_close(rig->metrics);
    rig->guard = NULL;
    rig->metrics = metrics_open();
    draws_setup(&rig->draws[0], action);
    struct breaker_config config = rig_config(action, &rig->draws[0]);
    struct clock clock = {rig_now, rig};
    struct error err = {0};
    const char *name = message_get_or(action, "name", "user-service"); /* gone with the action */
    int result = guard_create(&rig->guard, name, &config, clock, rig->metrics, &err);
    probe_result(reply, result, &err);
}

static void play_fallback(void *context)
{
    struct scripted_call *call = context;
    call->rig->fallbacks++;
    call->rig->now_ms += call->fallback_ms;
}

static enum breaker_outcome play_call(void *context)
{
    struct scripted_call *call = context;
    if (call->inside) {
        struct scripted_call other = {.rig = call->rig, .outcome = BREAKER_OK};
        struct guarded_call guarded = {play_call, play_fallback, &other};
        call->inside_result = guard_run(call->rig->guard, &guarded);
    }
    call->rig->calls++;
    call->rig->now_ms += call->took_ms;
    return call->outcome;
}

void do_call(void *context, const struct message *action, struct text *reply)
{
    static const char *const names[] = {"ok", "neutral", "failed", "rejected"};
    struct rig *rig = context;
    if (rig->guard == NULL) {
        message_begin(reply, "none");
        return;
    }
    const char *word = message_get_or(action, "outcome", "OK");
    struct scripted_call call = {.rig = rig,
                                 .outcome = BREAKER_OK,
                                 .took_ms = rig_int(action, "took", 0),
                                 .fallback_ms = rig_int(action, "fallback", 0),
                                 .inside = rig_int(action, "inside", 0) == 1};
    if (strcmp(word, "OK") != 0)
        call.outcome = strcmp(word, "FAIL") == 0 ? BREAKER_FAIL : BREAKER_NEUTRAL;
    rig->now_ms = rig_int(action, "now", rig->now_ms);
    rig->calls = rig->fallbacks = 0;
    struct guarded_call guarded = {play_call, play_fallback, &call};
    unsigned result = (unsigned)guard_run(rig->guard, &guarded);
    message_begin(reply, "ok");
    message_add(reply, "result", result < 4 ? names[result] : "?");
    message_add_int64(reply, "calls", rig->calls);
    message_add_int64(reply, "fallbacks", rig->fallbacks);
    struct breaker *breaker = guard_breaker(rig->guard);
    message_add(reply, "state", breaker ? breaker_state_name(breaker_state(breaker)) : "?");
    message_add_int64(reply, "stale", breaker ? breaker_counts(breaker).stale : -1);
    unsigned inside = (unsigned)call.inside_result;
    if (call.inside && result != GUARD_FALLBACK_REJECTED)
        message_add(reply, "inside", inside < 4 ? names[inside] : "?");
}

void do_metrics(void *context, const struct message *action, struct text *reply)
{
    struct rig *rig = context;
    (void)action;
    if (rig->guard == NULL) {
        message_begin(reply, "none");
        return;
    }
    struct text text = {0};
    guard_publish(rig->guard);
    metrics_render(rig->metrics, &text);
    message_begin(reply, "ok");
    message_add(reply, "text", text_str(&text));
    text_release(&text);
}
