/*
 * Lab 02, step 2: every short trace. From three beginnings, all orders of five commands out of 13:
 * admit, report one of three tokens as OK, FAIL or NEUTRAL, let time pass in three steps. The probe
 * plays them in batches and says what it saw, one character a command; here the naive breaker
 * plays the same, and a trace that differs becomes a story, made smaller.
 */
#include "suites/02-breaker/checks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "suites/02-breaker/model.h"

enum { SYMBOLS = 13, DEPTH = 5, TOKENS = 3, BATCH = 12000, PREFIX_MAX = 8 };
enum { TRACES = 371293 }; /* SYMBOLS to the power of DEPTH */

#define TRACE_CONFIG "percent=50 window=3 minimum=2 trials=2 successes=2 base=10 cap=10 lease=15"

static const int64_t time_steps[3] = {1, 10, 15};

struct beginning {
    const char *name;
    int symbols[PREFIX_MAX];
    int count;
};

static const struct beginning beginnings[] = {
    /* one failure recorded, one call out, one short of tripping */
    {"CLOSED", {0, 0, 2}, 3},
    /* tripped with one old call still out */
    {"OPEN", {0, 0, 0, 2, 5}, 5},
    /* the first trial is out, and an old call */
    {"HALF_OPEN", {0, 0, 0, 2, 5, 11, 0}, 7},
};

struct trace_model {
    struct reference_breaker breaker;
    struct reference_token tokens[TOKENS];
    int next_token;
    int64_t now_ms;
};

static const struct reference_config trace_config = {.percent = 50,
                                                     .window = 3,
                                                     .minimum = 2,
                                                     .trials = 2,
                                                     .successes = 2,
                                                     .base_ms = 10,
                                                     .cap_ms = 10,
                                                     .lease_ms = 15};

static void begin(struct trace_model *model)
{
    const char *field = NULL;
    reference_create(&model->breaker, &trace_config, &field);
    memset(model->tokens, 0, sizeof model->tokens);
    model->next_token = 0;
    model->now_ms = 0;
}

static char model_symbol(struct trace_model *model, int symbol)
{
    struct reference_breaker *breaker = &model->breaker;
    breaker->event_count = 0;
    if (symbol == 0) {
        struct reference_token *token = &model->tokens[model->next_token++ % TOKENS];
        int admission = (int)reference_admit(breaker, model->now_ms, token);
        return (char)('a' + 3 * admission + (int)breaker->state);
    }
    if (symbol <= 9) {
        int stale = reference_report(breaker, &model->tokens[(symbol - 1) / 3],
                                     (enum reference_outcome)((symbol - 1) % 3), model->now_ms);
        return (char)('A' + 3 * stale + (int)breaker->state);
    }
    model->now_ms += time_steps[symbol - 10];
    return (char)('0' + (int)breaker->state);
}

/* Index of the first command that was answered otherwise, or -1. */
static int first_difference(struct trace_model *model, const struct beginning *from, int trace,
                            const char *seen)
{
    begin(model);
    for (int i = 0; i < from->count; i++)
        model_symbol(model, from->symbols[i]);
    for (int i = 0; i < DEPTH; i++, trace /= SYMBOLS) {
        if (model_symbol(model, trace % SYMBOLS) != seen[i])
            return i;
    }
    return -1;
}

/* --- one trace as a scenario ------------------------------------------------------------------ */

struct writer {
    struct scenario *out;
    int next_token;
    int64_t now_ms;
};

static void write_symbol(struct writer *writer, int symbol)
{
    static const char *const outcomes[] = {"OK", "FAIL", "NEUTRAL"};
    if (symbol == 0)
        scenario_add(writer->out, "admit token=%d now=%lld", writer->next_token++ % TOKENS,
                     (long long)writer->now_ms);
    else if (symbol <= 9)
        scenario_add(writer->out, "report token=%d outcome=%s now=%lld", (symbol - 1) / 3,
                     outcomes[(symbol - 1) % 3], (long long)writer->now_ms);
    else {
        writer->now_ms += time_steps[symbol - 10];
        scenario_add(writer->out, "state");
    }
}

static void write_story(struct check_run *run, const struct beginning *from, int trace)
{
    struct scenario scenario = {0};
    struct writer writer = {.out = &scenario};
    scenario_add(&scenario, "create " TRACE_CONFIG);
    for (int i = 0; i < from->count; i++)
        write_symbol(&writer, from->symbols[i]);
    for (int i = 0; i < DEPTH; i++, trace /= SYMBOLS)
        write_symbol(&writer, trace % SYMBOLS);
    if (!run_scenario(run, &scenario))
        run_fail(run, "wrong answer", "the same answers in a batch as one at a time",
                 "trace %d from %s differed in its batch only", trace, from->name);
    scenario_release(&scenario);
}

/* --- the search ------------------------------------------------------------------------------- */

static void prefix_text(const struct beginning *from, char *text, size_t size)
{
    size_t used = 0;
    for (int i = 0; i < from->count; i++)
        used +=
            (size_t)snprintf(text + used, size - used, "%s%d", i > 0 ? "." : "", from->symbols[i]);
}

/* One batch. 1 when a verdict stands. */
static int search_batch(struct check_run *run, struct probe *probe, struct trace_model *model,
                        const struct beginning *from, int first, int count)
{
    char prefix[64], action[512];
    prefix_text(from, prefix, sizeof prefix);
    snprintf(
        action, sizeof action,
        "traces from=%d count=%d depth=%d prefix=%s step1=%lld step2=%lld step3=%lld " TRACE_CONFIG,
        first, count, DEPTH, prefix, (long long)time_steps[0], (long long)time_steps[1],
        (long long)time_steps[2]);
    struct message reply = {0};
    enum probe_state state = probe_ask(probe, action, &reply);
    int ended = state != PROBE_READY;
    if (ended)
        run_crash(run, state, probe);
    else if (strcmp(reply.word, "todo") == 0)
        ended = run_fail(run, "not written yet", "answers to short traces",
                         "ERR_TODO: breaker_create is not written yet");
    const char *seen = ended ? "" : message_get_or(&reply, "seen", "");
    if (!ended && strlen(seen) != (size_t)count * DEPTH)
        ended = run_fail(run, "protocol", "one character for each command", "%zu characters",
                         strlen(seen));
    for (int i = 0; i < count && !ended; i++) {
        if (first_difference(model, from, first + i, seen + i * DEPTH) >= 0) {
            write_story(run, from, first + i);
            ended = 1;
        }
    }
    message_release(&reply);
    return ended;
}

void check_all_short_traces(struct check_run *run)
{
    struct trace_model *model = calloc(1, sizeof *model);
    struct probe *probe = run_probe(run);
    int ended = probe == NULL || model == NULL;
    double searched = 0;
    for (size_t b = 0; b < sizeof beginnings / sizeof beginnings[0] && !ended; b++) {
        for (int first = 0; first < TRACES && !ended; first += BATCH) {
            int count = TRACES - first < BATCH ? TRACES - first : BATCH;
            ended = search_batch(run, probe, model, &beginnings[b], first, count);
            searched += ended ? 0 : count;
        }
    }
    run_figure(run, "traces searched", searched);
    run_close(run, probe);
    free(model);
}
