/*
 * The adapter through which the judge drives lab 03. Given: nothing to write here.
 *
 * One saga at a time, event by event. What it asked for is answered field by field: send=pay,
 * send=pay-back or none; of that command attempt=, cents= and key= (A, B, ... for each different
 * key since the probe began); timer=130 or none; done=PARKED or none. After create list=1 it is
 * listed as actions="...", a list in order, with the records, and with their bytes when hex=1 is
 * given.
 *
 *   create   [attempts=2] [compensations=2] [answer=100] [base=20] [cap=80] [deadline=60000]
 *            [unit=0.5] [list=1] [pay=130 ...: this step's answer_ms alone]
 *   start    now= [wall=] [id=] [cart=] [customer=]     ok phase= send= ... | error code=
 *            [coupon=]
 *   reply    now= step= answer= [direction=forward]     the same
 *            [attempt=1] [cents=] [saga=]
 *   timer    now= [older=0]                             the same (older=1: the timer set before
 *                                                       the last one)
 *   restart  now= [deadline=]                           the same: a new process, that is create
 *                                                       (with this deadline from now on), replay of
 *                                                       the records kept here, RESTART
 *   resume   now=                                       the same
 *   drop                                                forgets the newest record, as if a crash
 *                                                       had come before it
 *   records  [index=newest]                             ok count= last="JSON of that record"
 *   records  hex=                                       the same of these bytes | error code=
 *   payload  [index=newest]                             ok hex=
 *   replay   hex=                                       ok | error code=
 *   describe [replayed=1]                               ok state= (replayed=1: of a new saga that
 *                                                       has replayed the records, and same=1 when
 *                                                       the saga before described itself so too)
 *
 * Many schedules at once, in the world of world.h, with the fields of world_setup.h:
 *
 *   explore  schedules="-;3.1;3.1,17.8;..." [...]       ok traces="baaa|.../..." (trace.h) |
 *                                                       error code=
 *
 * One that takes very long stands at the top of probe_long.c, the participant's actions at the top
 * of probe_inventory.c.
 */
#include "probe.h"

#include <stdlib.h>
#include <string.h>

static double unit(void *context)
{
    return ((struct rig *)context)->unit;
}

int rig_new_saga(struct rig *rig, struct error *err)
{
    saga_destroy(rig->saga);
    rig->saga = NULL;
    return saga_create(&rig->saga, &rig->config, (struct random){unit, rig}, err);
}

int64_t rig_number(const struct message *action, const char *name, int64_t otherwise)
{
    message_get_int64(action, name, &otherwise);
    return otherwise;
}

void rig_add_hex(struct text *out, const struct saga_action *record)
{
    for (size_t i = 0; i < record->as.payload.length && i < SAGA_PAYLOAD_MAX; i++)
        text_addf(out, "%02x", (unsigned)(unsigned char)record->as.payload.bytes[i]);
}

int rig_replay_all(struct rig *rig, struct error *err)
{
    int result = rig_new_saga(rig, err);
    for (int i = 0; i < rig->log_count && result == 0; i++)
        result = saga_replay(rig->saga, rig->log[i].as.payload.bytes, rig->log[i].as.payload.length,
                             err);
    return result;
}

/* --- the log ---------------------------------------------------------------------------------- */

static void do_drop(void *context, const struct message *action, struct text *reply)
{
    struct rig *rig = context;
    (void)action;
    if (rig->log_count > 0)
        rig->log_count--;
    message_begin(reply, "ok");
}

/* The record that the action gives in hex. */
static struct saga_action given_record(const struct message *action)
{
    struct saga_action record = {.kind = SAGA_APPEND};
    const char *hex = message_get_or(action, "hex", "");
    while (hex[0] != '\0' && hex[1] != '\0' && record.as.payload.length < SAGA_PAYLOAD_MAX) {
        const char digits[3] = {hex[0], hex[1], '\0'};
        record.as.payload.bytes[record.as.payload.length++] = (char)strtol(digits, NULL, 16);
        hex += 2;
    }
    return record;
}

static void do_records(void *context, const struct message *action, struct text *reply)
{
    struct rig *rig = context;
    struct text last = {0};
    struct error err = {0};
    const struct saga_action given = given_record(action);
    const struct saga_action *record = message_get(action, "hex") != NULL ? &given : NULL;
    int64_t index = rig_number(action, "index", rig->log_count - 1);
    int result = 0;
    if (record == NULL && index >= 0 && index < rig->log_count)
        record = &rig->log[index];
    if (record != NULL)
        result = saga_record_json(record->as.payload.bytes, record->as.payload.length, &last, &err);
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
    int64_t index = rig_number(action, "index", rig->log_count - 1);
    if (index >= 0 && index < rig->log_count)
        rig_add_hex(&hex, &rig->log[index]);
    message_begin(reply, "ok");
    message_add(reply, "hex", text_str(&hex));
    text_release(&hex);
}

static void do_replay(void *context, const struct message *action, struct text *reply)
{
    struct rig *rig = context;
    struct error err = {0};
    const struct saga_action record = given_record(action);
    if (rig->saga == NULL && rig_new_saga(rig, &err) < 0) {
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
    struct text before = {0}, state = {0};
    struct error err = {0};
    int replayed = rig_number(action, "replayed", 0) == 1;
    if (rig->saga != NULL)
        saga_describe(rig->saga, &before);
    int result = replayed ? rig_replay_all(rig, &err) : 0;
    if (rig->saga != NULL && result == 0)
        saga_describe(rig->saga, &state);
    probe_result(reply, result, &err);
    if (result == 0)
        message_add(reply, "state", text_str(&state));
    if (result == 0 && replayed)
        message_add_int64(reply, "same", strcmp(text_str(&before), text_str(&state)) == 0);
    text_release(&before);
    text_release(&state);
}

/* --- many schedules --------------------------------------------------------------------------- */

static int begin_traced(void *context, const struct saga_action *records, int count)
{
    struct rig *rig = context;
    struct error err;
    int result = rig_new_saga(rig, &err);
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
    struct error err = {0};
    struct world_setup setup;
    rig->unit = 0.5;
    int result = setup_read(action, &setup);
    rig->config = setup.config;
    if (result < 0)
        error_set(&err, result, "the world is not set up like that: see world_setup.h");
    else
        result = rig_new_saga(rig, &err);
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
            world_run(&rig->world, &setup, &schedule,
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
        {"create", do_create},   {"start", do_start},       {"reply", do_reply},
        {"timer", do_timer},     {"restart", do_restart},   {"resume", do_resume},
        {"drop", do_drop},       {"records", do_records},   {"payload", do_payload},
        {"replay", do_replay},   {"describe", do_describe}, {"explore", do_explore},
        {"endure", do_endure},   {"stock", do_stock},       {"reserve", do_command},
        {"release", do_command}, {"settle", do_settle},     {NULL, NULL},
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
