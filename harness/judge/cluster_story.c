#include "judge/cluster_story.h"

#include <stdlib.h>
#include <string.h>

#include "judge/cluster_story_internal.h"
#include "judge/story_order.h"

enum { NS_PER_MS = 1000000, FAILED_STATUS = 500 };

/* --- events --------------------------------------------------------------------------------- */

/* First the judge's lines, then two for each call: itself and its reply. */
static int call_event(const struct cluster_story *in, int call)
{
    return in->own->count + 2 * call;
}

/* Lines are noted in whole milliseconds: of those that are no calls of the judge, an end comes as
   late in its own as can be. */
static void add_own_events(const struct cluster_story *in, struct story_event *events)
{
    for (int i = 0; i < in->own->count; i++) {
        const struct story_line *line = &in->own->lines[i];
        int is_end = line->kind == STORY_REPLY || line->kind == STORY_WRONG;
        events[i] = (struct story_event){
            .at_ns = line->at_ms * NS_PER_MS + (is_end ? NS_PER_MS - 1 : 0), .after = i - 1};
    }
    for (int i = 0; i < in->judged_count; i++) {
        events[in->judged[i].call_line].at_ns = in->judged[i].start_ns;
        events[in->judged[i].reply_line].at_ns = in->judged[i].end_ns;
    }
    for (int i = 1; i < in->own->count; i++)
        if (events[i].at_ns < events[i - 1].at_ns)
            events[i].at_ns = events[i - 1].at_ns;
}

static void add_call_events(const struct cluster_story *in, const struct story_calls *calls,
                            struct story_event *events)
{
    for (int i = 0; i < calls->count; i++) {
        const struct story_call *call = &calls->calls[i];
        int cause = call->cause >= 0    ? call_event(in, call->cause)
                    : call->judged >= 0 ? in->judged[call->judged].call_line
                                        : -1;
        events[call_event(in, i)] = (struct story_event){.at_ns = call->start_ns, .after = cause};
        events[call_event(in, i) + 1] =
            (struct story_event){.at_ns = call->end_ns, .after = call_event(in, i)};
    }
}

/* --- writing -------------------------------------------------------------------------------- */

struct writing {
    const struct cluster_story *in;
    struct story_calls *calls;
    const char **faults; /* of each service: what it was told to do wrong; NULL: nothing */
    struct story *out;
    int64_t at_ms; /* of the line before */
};

static const char **fault_of(const struct writing *w, const char *service)
{
    for (int i = 0; i < w->in->service_count && service != NULL; i++)
        if (strcmp(w->in->services[i].name, service) == 0)
            return &w->faults[i];
    return NULL;
}

static void write_own(struct writing *w, const struct story_line *line)
{
    const char **fault = line->to == NULL ? fault_of(w, line->from) : NULL;
    if (fault != NULL && (line->kind == STORY_FAULT || line->kind == STORY_NOTE))
        *fault = line->kind == STORY_FAULT ? line->text : NULL;
    story_add(w->out, line->at_ms, line->kind, line->from, line->to, line->text);
    w->at_ms = line->at_ms;
}

/* The time of a line between others; it never goes back. */
static int64_t next_ms(struct writing *w, int64_t at_ns)
{
    if (at_ns / NS_PER_MS > w->at_ms)
        w->at_ms = at_ns / NS_PER_MS;
    return w->at_ms;
}

static int is_same_way(const struct story_call *one, const struct story_call *other)
{
    return strcmp(one->from, other->from) == 0 && strcmp(one->to, other->to) == 0;
}

/* Of how many attempts, up to now, the call is one. */
static int count_attempts(const struct writing *w, const struct story_call *call)
{
    int attempts = 0;
    for (int i = 0; i < w->calls->count; i++) {
        const struct story_call *other = &w->calls->calls[i];
        attempts += other->attempt > 0 && is_same_way(call, other) &&
                    strcmp(call->words.bytes, other->words.bytes) == 0 &&
                    strcmp(call->trace_id, other->trace_id) == 0;
    }
    return attempts;
}

static void write_call(struct writing *w, struct story_call *call)
{
    struct text words = {0};
    const char **fault = fault_of(w, call->to);
    call->attempt = count_attempts(w, call) + 1;
    call->is_open = 1;
    call->fault = fault != NULL ? *fault : NULL;
    text_add(&words, text_str(&call->words));
    if (call->attempt > 1)
        text_addf(&words, ", attempt %d", call->attempt);
    call->at_ms = next_ms(w, call->start_ns);
    story_add(w->out, call->at_ms, STORY_CALL, call->from, call->to, text_str(&words));
    text_release(&words);
}

/* What a reply must say of its call, when others to the same service are open. */
enum naming { NEEDS_NOTHING, NEEDS_WORDS, NEEDS_TIME };

static enum naming naming_of(const struct writing *w, const struct story_call *call)
{
    enum naming naming = NEEDS_NOTHING;
    for (int i = 0; i < w->calls->count; i++) {
        const struct story_call *other = &w->calls->calls[i];
        if (other == call || !other->is_open || !is_same_way(call, other))
            continue;
        int is_alike = other->attempt == call->attempt &&
                       strcmp(text_str(&call->words), text_str(&other->words)) == 0;
        if (naming < NEEDS_TIME)
            naming = is_alike ? NEEDS_TIME : NEEDS_WORDS;
    }
    return naming;
}

/* What broke the answer; NULL: nothing did. A flapping service answers well now and then. */
static const char *struck_by(const struct writing *w, const struct story_call *call)
{
    const char **now = fault_of(w, call->to);
    int has_failed = call->status == 0 || call->status >= FAILED_STATUS;
    if (call->fault != NULL && (has_failed || strncmp(call->fault, "flap", 4) != 0))
        return call->fault;
    return has_failed && now != NULL ? *now : NULL;
}

static void write_reply(struct writing *w, struct story_call *call)
{
    struct text words = {0};
    const char *fault = struck_by(w, call);
    call->is_open = !call->has_ended;
    if (!call->has_ended)
        return;
    if (call->status > 0)
        text_addf(&words, "%d", call->status);
    else
        text_add(&words, "no answer");
    enum naming naming = naming_of(w, call);
    if (naming != NEEDS_NOTHING)
        text_addf(&words, " to %s", text_str(&call->words));
    if (naming != NEEDS_NOTHING && count_attempts(w, call) > 1)
        text_addf(&words, ", attempt %d", call->attempt);
    if (naming == NEEDS_TIME)
        text_addf(&words, ", sent at %lld ms", (long long)call->at_ms);
    if (fault != NULL)
        text_addf(&words, " (%s)", fault);
    story_add(w->out, next_ms(w, call->end_ns), fault != NULL ? STORY_FAULT : STORY_REPLY, call->to,
              call->from, text_str(&words));
    text_release(&words);
}

static void write_all(struct writing *w, const int *order, int count)
{
    if (w->calls->left_out > 0 || w->in->spans->is_cut) {
        struct text words = {0};
        text_addf(&words, "earlier calls between services are left out: %d%s", w->calls->left_out,
                  w->in->spans->is_cut ? " and more" : "");
        story_add(w->out, 0, STORY_NOTE, "judge", NULL, text_str(&words));
        text_release(&words);
    }
    for (int i = 0; i < count; i++) {
        int place = order[i] - w->in->own->count;
        if (place < 0)
            write_own(w, &w->in->own->lines[order[i]]);
        else if (place % 2 == 0)
            write_call(w, &w->calls->calls[place / 2]);
        else
            write_reply(w, &w->calls->calls[place / 2]);
    }
}

void cluster_story_write(const struct cluster_story *in, struct story *out)
{
    struct story_calls calls = {0};
    story_calls_find(&calls, in);
    int count = in->own->count + 2 * calls.count;
    struct story_event *events = calloc((size_t)count + 1, sizeof *events);
    int *order = calloc((size_t)count + 1, sizeof *order);
    struct writing w = {.in = in, .calls = &calls, .out = out};
    w.faults = calloc((size_t)in->service_count + 1, sizeof *w.faults);
    if (events == NULL || order == NULL || w.faults == NULL)
        abort();
    add_own_events(in, events);
    add_call_events(in, &calls, events);
    story_order(events, count, order);
    write_all(&w, order, count);
    free(events);
    free(order);
    free(w.faults);
    story_calls_release(&calls);
}
