/*
 * Lab 03: schedules in batches. The probe plays them around the student's saga and sends traces;
 * here each trace is played again in the judge's own world, and that world's ledgers decide.
 */
#include "suites/03-saga/checks.h"

#include <stdlib.h>
#include <string.h>

/* A saga that is a recording: its actions come out of the trace. */
struct recording {
    const char *at;
    int torn; /* 1: the trace is not one of this schedule */
    uint32_t timers;
};

static int recorded_begin(void *context, const struct saga_action *records, int count)
{
    struct recording *recording = context;
    (void)records;
    (void)count;
    char letter = *recording->at;
    recording->torn |= letter != 'b' && letter != 'B';
    recording->at += letter != '\0';
    return letter == 'B' ? -1 : 0;
}

static int recorded_handle(void *context, const struct saga_event *event,
                           struct saga_actions *actions)
{
    struct recording *recording = context;
    (void)event;
    int result = trace_read(&recording->at, actions);
    if (result < 0) {
        recording->torn = 1;
        actions->count = 0;
        return -1;
    }
    for (int i = 0; i < actions->count; i++) {
        if (actions->list[i].kind == SAGA_TIMER)
            actions->list[i].as.timer.number = ++recording->timers;
    }
    return result == 1 ? -1 : 0;
}

/* Plays one trace. 1 when it cannot be one. */
static int play_trace(struct exploration *x, const struct schedule *schedule, const char *trace,
                      size_t length)
{
    char *copy = malloc(length + 1);
    if (copy == NULL)
        abort();
    memcpy(copy, trace, length);
    copy[length] = '\0';
    struct recording recording = {.at = copy};
    world_run(&x->world, &x->setup, schedule,
              (struct world_saga){&recording, recorded_begin, recorded_handle});
    int torn = recording.torn || *recording.at != '\0';
    free(copy);
    return torn;
}

static void mark(struct exploration *x, const struct schedule *schedule, int broken)
{
    for (int i = 0; i < schedule->count; i++) {
        int point = schedule->faults[i].point;
        if (point >= GRID_POINTS)
            continue;
        unsigned char *cell = &x->grid[point][schedule->faults[i].fault];
        if (broken)
            *cell = GRID_BROKEN;
        else if (*cell == GRID_BLANK)
            *cell = GRID_PASSED;
    }
}

static void count(struct exploration *x, const struct schedule *schedule)
{
    x->tried++;
    int is_shorter = !x->found || schedule->count < x->broken.count ||
                     (schedule->count == x->broken.count && x->world.events < x->broken_events);
    int is_broken = x->world.rule != NULL && (!x->only_reasons || x->world.about_reasons);
    if (is_broken && is_shorter) {
        x->found = 1;
        x->broken = *schedule;
        x->broken_setup = x->setup;
        x->broken_events = x->world.events;
        x->rule = x->world.rule;
    }
    if (x->world.faults_met == schedule->count) {
        x->reached++;
        x->completed += x->world.phase == SAGA_COMPLETED;
        x->rolled_back += x->world.phase == SAGA_ROLLED_BACK;
        x->parked += x->world.resumes > 0;
        mark(x, schedule, is_broken);
    }
    if (x->played != NULL)
        x->played(x, schedule);
}

int explore_begin(struct exploration *exploration, struct check_run *run)
{
    memset(exploration, 0, sizeof *exploration);
    exploration->run = run;
    exploration->setup = world_plain;
    exploration->probe = run_probe(run);
    return exploration->probe == NULL;
}

static int play_traces(struct exploration *x, const char *traces)
{
    for (int i = 0; i < x->batch_count; i++) {
        size_t length = strcspn(traces, "/");
        if (play_trace(x, &x->batch[i], traces, length))
            return run_fail(x->run, "protocol", "a trace of the schedule", "something else");
        count(x, &x->batch[i]);
        traces += length + (traces[length] == '/');
    }
    return 0;
}

enum probe_state explore_ask(struct probe *probe, const struct world_setup *setup,
                             const struct schedule *list, int count, struct message *reply)
{
    struct text line = {0}, schedules = {0};
    for (int i = 0; i < count; i++) {
        text_add(&schedules, i > 0 ? ";" : "");
        schedule_write(&schedules, &list[i]);
    }
    message_begin(&line, "explore");
    message_add(&line, "schedules", text_str(&schedules));
    setup_write_config(&line, setup);
    setup_write_checkout(&line, setup);
    enum probe_state state = probe_ask(probe, text_str(&line), reply);
    text_release(&schedules);
    text_release(&line);
    return state;
}

int explore_flush(struct exploration *x)
{
    struct message reply = {0};
    if (x->batch_count == 0)
        return x->found;
    enum probe_state state = explore_ask(x->probe, &x->setup, x->batch, x->batch_count, &reply);
    int ended = 0;
    if (state != PROBE_READY)
        ended = run_crash(x->run, state, x->probe);
    else if (strcmp(reply.word, "ok") != 0)
        ended = run_fail(x->run, "not written yet", "a saga that handles events", "%s",
                         message_get_or(&reply, "text", reply.word));
    else
        ended = play_traces(x, message_get_or(&reply, "traces", ""));
    x->batch_count = 0;
    message_release(&reply);
    return ended || x->found;
}

int explore(struct exploration *x, const struct schedule *schedule)
{
    x->batch[x->batch_count++] = *schedule;
    return x->batch_count == EXPLORE_BATCH ? explore_flush(x) : 0;
}

/* Plays it with the plain setup, and takes faults out of it, while the same rule still breaks in
   lockstep. */
static int shorten(struct exploration *x)
{
    if (lockstep(x->run, &x->world, &world_plain, &x->broken, NULL, 0))
        return 1;
    if (x->world.rule == x->rule)
        x->broken_setup = world_plain;
    for (int i = 0; i < x->broken.count;) {
        struct schedule shorter = x->broken;
        shorter.count--;
        memmove(&shorter.faults[i], &shorter.faults[i + 1],
                (size_t)(shorter.count - i) * sizeof shorter.faults[0]);
        if (lockstep(x->run, &x->world, &x->broken_setup, &shorter, NULL, 0))
            return 1;
        if (x->world.rule == x->rule)
            x->broken = shorter;
        else
            i++;
    }
    return 0;
}

void explore_end(struct exploration *x)
{
    struct check_run *run = x->run;
    int ended = run_ended(run);
    if (x->found)
        probe_free(x->probe); /* what it printed is of all schedules: lockstep has this one's */
    else
        run_close(run, x->probe);
    if (!x->found || ended || shorten(x) ||
        lockstep(run, &x->world, &x->broken_setup, &x->broken, NULL, 1))
        return;
    struct text facts = {0};
    saga_story_facts(&x->world, &facts);
    if (x->world.rule == NULL)
        run_fail(run, "wrong answer", "the same in a batch as one event at a time",
                 "in its batch this broke a rule: %s", x->rule);
    else
        run_fail(run, "wrong answer", x->world.rule, "%s", text_str(&facts));
    text_release(&facts);
}
