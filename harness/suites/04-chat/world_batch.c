/*
 * Lab 04: schedules in batches. The probe plays them around the student's code and sends traces;
 * here each trace is played again in the judge's own world, and that world decides.
 */
#include <string.h>
#include "04-chat/chat_world_trace.h"
#include "suites/04-chat/core.h"
#include "suites/04-chat/world.h"

/* A core that is a recording: its actions come out of the trace. */
struct recording {
    const struct chat_world *world;
    const char *at;
    int is_torn; /* 1: the trace is not one of this schedule */
};

/* What was read is not there any more: the run ends. */
static int heard(struct recording *recording, int result)
{
    recording->is_torn |= result < 0;
    return result == 0 ? 0 : -1;
}

static int recorded_begin(void *context, const struct chat_record *records, int count)
{
    struct recording *recording = context;
    (void)records;
    (void)count;
    return heard(recording, chat_trace_read_call(&recording->at, 'b'));
}

static int recorded_send(void *context, const struct chat_message *asked,
                         struct chat_log_actions *actions)
{
    struct recording *recording = context;
    (void)asked;
    return heard(recording, chat_trace_read_send(&recording->at, recording->world, actions));
}

static int64_t recorded_newest(void *context)
{
    struct recording *recording = context;
    int64_t number = -1;
    heard(recording, chat_trace_read_newest(&recording->at, &number));
    return number;
}

static int recorded_hubs(void *context)
{
    struct recording *recording = context;
    return heard(recording, chat_trace_read_call(&recording->at, 'h'));
}

static int recorded_event(void *context, int hub, const struct chat_hub_event *event,
                          struct chat_hub_actions *actions)
{
    struct recording *recording = context;
    (void)hub;
    return heard(recording, chat_trace_read_event(&recording->at, event, actions));
}

/* Plays one trace. 1 when it cannot be one; end is where it ends. */
static int play_trace(struct chat_search *search, const struct chat_schedule *schedule,
                      const char *trace, const char *end)
{
    struct recording recording = {.world = &search->world, .at = trace};
    chat_world_run(&search->world, schedule,
                   (struct chat_core){&recording, recorded_begin, recorded_send, recorded_newest,
                                      recorded_hubs, recorded_event});
    return recording.is_torn || recording.at != end;
}

static void count(struct chat_search *search, const struct chat_schedule *schedule)
{
    search->tried++;
    search->met += search->world.faults_met == schedule->count;
    if (search->world.rule != NULL && (!search->found || schedule->count < search->broken.count)) {
        search->found = 1;
        search->broken = *schedule;
        search->rule = search->world.rule;
    }
    if (search->played != NULL)
        search->played(search, schedule);
}

static int play_traces(struct chat_search *search, const char *traces)
{
    for (int i = 0; i < search->batch_count; i++) {
        const char *end = traces + strcspn(traces, "/");
        if (play_trace(search, &search->batch[i], traces, end))
            return run_fail(search->run, "protocol", "a trace of the schedule", "something else");
        count(search, &search->batch[i]);
        traces = end + (*end == '/');
    }
    return 0;
}

int chat_search_begin(struct chat_search *search, struct check_run *run)
{
    memset(search, 0, sizeof *search);
    search->run = run;
    chat_world_prepare(&search->world);
    search->probe = run_probe(run);
    return search->probe == NULL;
}

int chat_search_flush(struct chat_search *search)
{
    struct text line = {0}, schedules = {0};
    struct message reply = {0};
    if (search->batch_count == 0)
        return search->found;
    for (int i = 0; i < search->batch_count; i++) {
        text_add(&schedules, i > 0 ? ";" : "");
        chat_schedule_write(&schedules, &search->batch[i]);
    }
    message_begin(&line, "explore");
    message_add(&line, "schedules", text_str(&schedules));
    enum probe_state state = probe_ask(search->probe, text_str(&line), &reply);
    int ended = 0;
    if (state != PROBE_READY)
        ended = run_crash(search->run, state, search->probe);
    else if (strcmp(reply.word, "ok") != 0)
        ended = run_fail(search->run, "not written yet", "a log and a hub that take events", "%s",
                         message_get_or(&reply, "text", reply.word));
    else
        ended = play_traces(search, message_get_or(&reply, "traces", ""));
    search->batch_count = 0;
    message_release(&reply);
    text_release(&schedules);
    text_release(&line);
    return ended || search->found;
}

int chat_search_try(struct chat_search *search, const struct chat_schedule *schedule)
{
    search->batch[search->batch_count++] = *schedule;
    return search->batch_count == CHAT_BATCH ? chat_search_flush(search) : 0;
}

/* Takes faults out of it, while the same rule still breaks. 1 when a verdict stands. */
static int shorten(struct chat_search *search, struct chat_remote *remote)
{
    for (int i = 0; i < search->broken.count;) {
        struct chat_schedule shorter = search->broken;
        shorter.count--;
        memmove(&shorter.faults[i], &shorter.faults[i + 1],
                (size_t)(shorter.count - i) * sizeof shorter.faults[0]);
        if (chat_lockstep(remote, &search->world, &shorter))
            return 1;
        if (search->world.rule == search->rule)
            search->broken = shorter;
        else
            i++;
    }
    return 0;
}

void chat_search_end(struct chat_search *search)
{
    struct chat_remote remote = {.run = search->run};
    int ended = run_ended(search->run);
    if (search->found)
        probe_free(
            search->probe); /* what it printed is of all schedules: lockstep has this one's */
    else
        run_close(search->run, search->probe);
    if (search->found && !ended && !shorten(search, &remote)) {
        chat_world_story(&remote, &search->world, &search->broken);
        if (!run_ended(search->run))
            run_fail(search->run, "wrong answer", "the same in a batch as one event at a time",
                     "in its batch this broke a rule: %s", search->rule);
    }
    chat_lockstep_end(&remote);
}
