/*
 * The part of lab 04's probe that plays the core in the world of chat_world.h. Given: nothing to
 * write here.
 *
 *   explore  schedules="-;3.1;3.1,17.8;..."     ok traces="b;h;s...;/..." (chat_world_trace.h)
 */
#include <stdlib.h>
#include <string.h>
#include "chat_world_trace.h"
#include "probe_core.h"

struct world_rig {
    struct chat_world world;
    struct chat_log *log;
    struct chat_hub *hubs[CHAT_WORLD_HUBS];
    struct text trace;
};

static void end_run(struct world_rig *rig)
{
    chat_log_destroy(rig->log);
    rig->log = NULL;
    for (int i = 0; i < CHAT_WORLD_HUBS; i++) {
        chat_hub_destroy(rig->hubs[i]);
        rig->hubs[i] = NULL;
    }
}

void world_rig_free(struct world_rig *rig)
{
    if (rig == NULL)
        return;
    end_run(rig);
    text_release(&rig->trace);
    free(rig);
}

static int log_begin(void *context, const struct chat_record *records, int count)
{
    struct world_rig *rig = context;
    struct error err;
    chat_log_destroy(rig->log);
    rig->log = NULL;
    int result = chat_log_create(&rig->log, &err);
    for (int i = 0; i < count && result == 0; i++)
        result = chat_log_replay(rig->log, &records[i], &err);
    chat_trace_call(&rig->trace, 'b', result);
    return result;
}

static int log_send(void *context, const struct chat_message *asked,
                    struct chat_log_actions *actions)
{
    struct world_rig *rig = context;
    struct error err;
    int result = chat_log_send(rig->log, asked, CHAT_YES, actions, &err);
    chat_trace_send(&rig->trace, &rig->world, result, actions);
    return result;
}

struct visit {
    int count;
    int64_t number;
};

static void take_visit(void *context, const char *channel, int64_t number)
{
    struct visit *visit = context;
    visit->count += strcmp(channel, "c") == 0 ? 1 : 2;
    visit->number = number;
}

static int64_t log_newest(void *context)
{
    struct world_rig *rig = context;
    struct visit visit = {0};
    chat_log_newest(rig->log, take_visit, &visit);
    int64_t number = visit.count == 1 ? visit.number : -1;
    chat_trace_newest(&rig->trace, number);
    return number;
}

static int hubs_begin(void *context)
{
    struct world_rig *rig = context;
    struct error err;
    int result = 0;
    for (int i = 0; i < CHAT_WORLD_HUBS && result == 0; i++)
        result = chat_hub_create(&rig->hubs[i], CHAT_QUEUE_MIN, &err);
    chat_trace_call(&rig->trace, 'h', result);
    return result;
}

static int hub_handle(void *context, int hub, const struct chat_hub_event *event,
                      struct chat_hub_actions *actions)
{
    struct world_rig *rig = context;
    struct error err;
    int result = chat_hub_handle(rig->hubs[hub], event, actions, &err);
    chat_trace_event(&rig->trace, event, result, actions);
    return result;
}

/* 0 when there is a log and a hub at all. */
static int try_core(struct error *err)
{
    struct chat_log *log = NULL;
    struct chat_hub *hub = NULL;
    int result = chat_log_create(&log, err);
    if (result == 0)
        result = chat_hub_create(&hub, CHAT_QUEUE_MIN, err);
    chat_log_destroy(log);
    chat_hub_destroy(hub);
    return result;
}

void do_explore(void *context, const struct message *action, struct text *reply)
{
    struct core_rig *core = core_of(context);
    struct error err = {0};
    int result = try_core(&err);
    if (result < 0) {
        probe_result(reply, result, &err);
        return;
    }
    if (core->world == NULL) {
        core->world = core_memory(sizeof *core->world);
        chat_world_prepare(&core->world->world);
    }
    struct world_rig *rig = core->world;
    const struct chat_core played = {rig, log_begin, log_send, log_newest, hubs_begin, hub_handle};
    text_clear(&rig->trace);
    for (const char *at = message_get_or(action, "schedules", ""); *at != '\0';) {
        size_t length = strcspn(at, ";");
        struct chat_schedule schedule;
        if (chat_schedule_read(at, length, &schedule) == 0)
            chat_world_run(&rig->world, &schedule, played);
        end_run(rig);
        text_add(&rig->trace, "/");
        at += length + (at[length] == ';');
    }
    message_begin(reply, "ok");
    message_add(reply, "traces", text_str(&rig->trace));
}
