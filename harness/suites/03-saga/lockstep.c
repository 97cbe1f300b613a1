/*
 * Lab 03: one schedule, event by event. The student's process knows nothing of what is to come, and
 * a crash is a kill: a new process gets the bytes of the log and nothing else.
 */
#include "suites/03-saga/checks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct remote {
    struct check_run *run;
    struct world *world;
    struct probe *probe;
    uint32_t timers;
    int ended; /* 1: a verdict stands */
    struct text *trace;
    struct trace_keys keys;
    struct saga_story story;
    struct text printed;
};

static int ask(struct remote *remote, const char *line, struct message *reply)
{
    enum probe_state state = probe_ask(remote->probe, line, reply);
    if (state != PROBE_READY)
        remote->ended = run_crash(remote->run, state, remote->probe);
    else if (strcmp(reply->word, "todo") == 0)
        remote->ended = run_fail(remote->run, "not written yet", "a saga that handles events",
                                 "ERR_TODO: %s", message_get_or(reply, "text", "a function"));
    return remote->ended ? -1 : 0;
}

/* Keeps what the saga said; the world says what that means. */
static int refused(struct remote *remote, const struct message *reply)
{
    snprintf(remote->world->said, sizeof remote->world->said, "%s",
             message_get_or(reply, "text", message_get_or(reply, "code", reply->word)));
    return -1;
}

static int replay_record(struct remote *remote, const struct saga_action *record)
{
    struct text line = {0};
    struct message reply = {0};
    text_add(&line, "replay hex=");
    for (size_t i = 0; i < record->as.payload.length; i++)
        text_addf(&line, "%02x", (unsigned)(unsigned char)record->as.payload.bytes[i]);
    int result = ask(remote, text_str(&line), &reply);
    if (result == 0 && strcmp(reply.word, "ok") != 0)
        result = refused(remote, &reply); /* its own log */
    message_release(&reply);
    text_release(&line);
    return result;
}

/* kill -9. What each life printed goes with the story. */
static void kill_process(struct remote *remote)
{
    if (remote->probe != NULL && remote->world->observer != NULL) {
        probe_stop(remote->probe);
        text_add(&remote->printed, probe_output(remote->probe));
    }
    probe_free(remote->probe);
    remote->probe = NULL;
}

static int remote_begin(void *context, const struct saga_action *records, int count)
{
    struct remote *remote = context;
    struct message reply = {0};
    struct text line = {0};
    kill_process(remote);
    remote->probe = run_probe(remote->run);
    remote->ended |= remote->probe == NULL;
    message_begin(&line, "create");
    message_add_int64(&line, "list", 1);
    setup_write_config(&line, remote->world->setup);
    int result = remote->ended ? -1 : ask(remote, text_str(&line), &reply);
    message_release(&reply);
    text_release(&line);
    for (int i = 0; i < count && result == 0; i++)
        result = replay_record(remote, &records[i]);
    if (remote->trace != NULL)
        text_append(remote->trace, result < 0 ? "B" : "b", 1);
    return result;
}

static void event_line(const struct world_setup *setup, const struct saga_event *event,
                       struct text *line)
{
    static const char *const words[] = {"start", "reply", "timer", "restart", "resume"};
    const struct saga_reply *reply = &event->reply;
    message_begin(line, words[event->kind]);
    message_add_int64(line, "hex", 1);
    message_add_int64(line, "now", event->now.mono_ms);
    if (event->kind == SAGA_EVENT_START)
        setup_write_checkout(line, setup);
    if (event->kind == SAGA_EVENT_REPLY)
        text_addf(line, " saga=%s step=%s direction=%s attempt=%d answer=%s cents=%lld",
                  reply->saga, saga_step_name(reply->step), saga_direction_name(reply->direction),
                  reply->attempt, saga_answer_name(reply->answer), (long long)reply->cents);
}

static int remote_handle(void *context, const struct saga_event *event,
                         struct saga_actions *actions)
{
    struct remote *remote = context;
    struct text line = {0};
    struct message reply = {0};
    actions->count = 0;
    if (remote->ended)
        return -1;
    event_line(remote->world->setup, event, &line);
    int result = ask(remote, text_str(&line), &reply);
    if (result == 0 && strcmp(reply.word, "ok") != 0)
        result = refused(remote, &reply);
    else if (result == 0 &&
             saga_read_actions(message_get_or(&reply, "actions", ""), &remote->timers, actions) < 0)
        remote->ended = run_fail(remote->run, "protocol", "a list of actions", "something else");
    if (remote->trace != NULL && result < 0)
        text_append(remote->trace, "-", 1);
    else if (remote->trace != NULL)
        trace_actions(remote->trace, &remote->keys, actions);
    message_release(&reply);
    text_release(&line);
    return result;
}

int lockstep(struct check_run *run, struct world *world, const struct world_setup *setup,
             const struct schedule *schedule, struct text *trace, int story)
{
    struct remote *remote = calloc(1, sizeof *remote);
    if (remote == NULL)
        abort();
    remote->run = run;
    remote->world = world;
    remote->trace = trace;
    remote->story.run = run;
    if (story)
        saga_story_begin(&remote->story, setup);
    world->observer = story ? saga_story_observe : NULL;
    world->observer_context = &remote->story;
    world_run(world, setup, schedule, (struct world_saga){remote, remote_begin, remote_handle});
    kill_process(remote);
    world->observer = NULL;
    if (story) {
        saga_story_end(&remote->story, world);
        run_show_printed(run, text_str(&remote->printed));
    }
    text_release(&remote->printed);
    int ended = remote->ended;
    free(remote);
    return ended;
}
