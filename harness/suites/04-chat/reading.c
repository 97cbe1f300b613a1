/*
 * Lab 04: the student's design, as the probe tells it. Nothing of it is believed before it was held
 * to the limits, and it is read twice: a design that comes out differently is none.
 */
#include "suites/04-chat/checks.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "04-chat/chat_wire.h"
#include "kit/error.h"

struct reading {
    struct check_run *run;
    struct probe *probe;
    struct chat_model *model;
    struct message reply; /* the newest */
};

/* Asks for one element, outside the story: there are hundreds. 1 when a verdict stands. */
static int ask(struct reading *reading, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static int ask(struct reading *reading, const char *format, ...)
{
    char line[64];
    va_list values;
    va_start(values, format);
    vsnprintf(line, sizeof line, format, values);
    va_end(values);
    message_release(&reading->reply);
    enum probe_state state = probe_ask(reading->probe, line, &reading->reply);
    if (state != PROBE_READY)
        return run_crash(reading->run, state, reading->probe);
    if (strcmp(reading->reply.word, "ok") == 0)
        return 0;
    return run_fail(reading->run, "protocol", "the elements that \"design\" has counted",
                    "\"%s\" is answered %s: %s", line, reading->reply.word,
                    message_get_or(&reading->reply, "text", "(no words)"));
}

/* What the wire has said of an element: 1 when it is no good. */
static int holds(struct reading *reading, int result, const struct error *err)
{
    return result < 0 && run_fail(reading->run, "protocol", "a design such as the builder makes",
                                  "\"%s\": %s", reading->reply.word, err->text);
}

static int read_things(struct reading *reading)
{
    struct chat_model *model = reading->model;
    const struct message *reply = &reading->reply;
    struct error err = {0};
    for (int i = 0; i < model->service_count; i++)
        if (ask(reading, "service n=%d", i) ||
            holds(reading, wire_get_service(reply, &model->services[i], &err), &err))
            return 1;
    for (int i = 0; i < model->entity_count; i++)
        if (ask(reading, "entity n=%d", i) ||
            holds(reading, wire_get_entity(reply, &model->entities[i], &err), &err))
            return 1;
    for (int i = 0; i < model->message_count; i++)
        if (ask(reading, "message n=%d", i) ||
            holds(reading, wire_get_message(reply, &model->messages[i], &err), &err))
            return 1;
    for (int i = 0; i < model->on_count; i++)
        if (ask(reading, "on n=%d", i) ||
            holds(reading, wire_get_on(reply, &model->ons[i], &err), &err))
            return 1;
    return ask(reading, "rest") || holds(reading, wire_get_rest(reply, model, &err), &err);
}

static int read_flows(struct reading *reading)
{
    struct error err = {0};
    for (int i = 0; i < reading->model->flow_count; i++) {
        struct design_flow *flow = &reading->model->flows[i];
        if (ask(reading, "flow n=%d", i) ||
            holds(reading, wire_get_flow(&reading->reply, flow, &err), &err))
            return 1;
        for (int n = 0; n < flow->hop_count; n++)
            if (ask(reading, "hop flow=%d n=%d", i, n) ||
                holds(reading, wire_get_hop(&reading->reply, &flow->hops[n], &err), &err))
                return 1;
    }
    return 0;
}

static int declare_again(struct reading *reading)
{
    enum probe_state state = probe_ask(reading->probe, "design", &reading->reply);
    run_story(reading->run, 0, STORY_NOTE, "judge", NULL,
              "has read it, calls chat_design once more and reads what it declares then");
    return state != PROBE_READY && run_crash(reading->run, state, reading->probe);
}

/* What the builder has refused, or chat_design itself: told once, by the check that reads. */
static int refused(struct reading *reading)
{
    static const char expected[] = "a design in which each declaration is right by itself";
    const struct message *reply = &reading->reply;
    const struct check *gate = &chat_design_checks[0];
    story_release(&reading->run->result->story);
    if (reading->run->check != gate)
        return run_wait(reading->run, gate);
    const char *text = message_get_or(reply, "text", "an error without a sentence");
    const char *line = message_get_or(reply, "line", "0");
    if (strcmp(line, "0") == 0)
        return run_fail(reading->run, "wrong answer", expected, "chat_design failed (%s): %s",
                        message_get_or(reply, "code", reply->word), text);
    return run_fail(reading->run, "wrong answer", expected, "%s:%s: %s",
                    message_get_or(reply, "file", "chat_design.c"), line, text);
}

/* Reads the design into model, which is all zero. The story has the first time only. 1 when a
   verdict stands. */
static int read_once(struct reading *reading, struct chat_model *model)
{
    struct error err = {0};
    struct design_place place = {0};
    int is_first = reading->model == NULL;
    reading->model = model;
    message_release(&reading->reply);
    if (is_first && run_ask(reading->run, reading->probe, &reading->reply, "design"))
        return 1;
    if (!is_first && declare_again(reading))
        return 1;
    if (strcmp(reading->reply.word, "ok") != 0)
        return refused(reading);
    if (holds(reading, wire_get_counts(&reading->reply, model, &err), &err) ||
        read_things(reading) || read_flows(reading))
        return 1;
    if (chat_model_check(model, &place, &err) < 0)
        return run_fail(reading->run, "protocol", "a design such as the builder makes", "%s:%d: %s",
                        place.file, place.line, err.text);
    if (is_first && (model->service_count == 0 || model->flow_count == 0))
        return run_fail(reading->run, "wrong answer", "services, and flows between them",
                        "%d services and %d flows", model->service_count, model->flow_count);
    return 0;
}

/* Both models were all zero before they were read, so that their bytes can be compared. */
static int compare(struct reading *reading, const struct chat_model *a, const struct chat_model *b)
{
    const struct {
        const char *what;
        const void *first, *second;
        size_t size;
    } parts[] = {
        {"services", a->services, b->services, sizeof a->services},
        {"entities", a->entities, b->entities, sizeof a->entities},
        {"messages", a->messages, b->messages, sizeof a->messages},
        {"events taken", a->ons, b->ons, sizeof a->ons},
        {"flows", a->flows, b->flows, sizeof a->flows},
        {"presence, reconnect or upload", a, b, sizeof *a},
    };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (memcmp(parts[i].first, parts[i].second, parts[i].size) != 0)
            return run_fail(reading->run, "wrong answer",
                            "the same design whenever chat_design is called",
                            "called a second time, it declares other %s", parts[i].what);
    return 0;
}

struct chat_model *chat_read_design(struct check_run *run)
{
    struct reading reading = {.run = run, .probe = run_probe(run)};
    struct chat_model *first = calloc(1, sizeof *first);
    struct chat_model *second = calloc(1, sizeof *second);
    if (first == NULL || second == NULL)
        abort();
    int ended = reading.probe == NULL || read_once(&reading, first) ||
                read_once(&reading, second) || compare(&reading, first, second);
    ended |= run_close(run, reading.probe);
    message_release(&reading.reply);
    free(second);
    if (!ended) {
        story_release(&run->result->story); /* what is found next has lines of its own */
        return first;
    }
    free(first);
    return NULL;
}
