/*
 * What makes a flow or a hop wrong by itself. Given.
 */
#include "chat_check.h"

#include <string.h>

int design_check_flow(const struct chat_model *model, int at, struct error *err)
{
    const struct design_flow *flow = &model->flows[at];
    int result = design_check_name(flow->name, err);
    if (result < 0)
        return result;
    for (int i = 0; i < at; i++)
        if (strcmp(model->flows[i].name, flow->name) == 0)
            return error_set(err, ERR_INVALID, "the flow \"%s\" is declared already, in line %d",
                             flow->name, model->flows[i].place.line);
    return design_check_requirements(flow->requirements, err);
}

/* A client and a reader may begin; a service goes on when an earlier hop has come to it. */
static int check_sender(const struct chat_model *model, const struct design_flow *flow, int at,
                        struct error *err)
{
    int from = flow->hops[at].from;
    if (from == DESIGN_CLIENT || from == DESIGN_READER)
        return 0;
    if (from < 0)
        return error_set(err, ERR_INVALID, "\"%s\" only takes: no hop goes out from it",
                         design_party_name(model, from));
    for (int i = 0; i < at; i++)
        if (flow->hops[i].to == from)
            return 0;
    return error_set(err, ERR_INVALID,
                     "nothing in this flow has come to \"%s\" yet: a hop begins at client, at "
                     "reader, or at a service that an earlier hop reaches",
                     design_party_name(model, from));
}

static int check_call(const struct chat_model *model, const struct design_hop *hop,
                      struct error *err)
{
    const struct design_message *message = &model->messages[hop->message];
    if (message->kind == DESIGN_EVENT)
        return error_set(err, ERR_INVALID,
                         "\"%s\" is an event: events are posted or streamed, nobody waits for them",
                         message->name);
    if (message->service != hop->to)
        return error_set(err, ERR_INVALID, "\"%s\" does not take \"%s\"",
                         design_party_name(model, hop->to), message->name);
    if (hop->timeout_ms == 0)
        return error_set(
            err, ERR_INVALID,
            "this call has no timeout_ms: a hanging \"%s\" would hold its caller for ever",
            design_party_name(model, hop->to));
    int result = design_check_range("timeout_ms", hop->timeout_ms, 1, DESIGN_TIMEOUT_MAX_MS, err);
    if (result == 0)
        result = design_check_range("attempts", hop->attempts, 1, DESIGN_ATTEMPTS_MAX, err);
    if (result < 0)
        return result;
    if ((int)hop->fallback < OR_FAIL || (int)hop->fallback > OR_COPY)
        return error_set(err, ERR_INVALID, "a fallback is OR_FAIL, OR_DEFAULT or OR_COPY");
    if (hop->fallback != OR_FAIL && message->kind == DESIGN_COMMAND &&
        message->entity != DESIGN_NONE)
        return error_set(err, ERR_INVALID,
                         "\"%s\" writes \"%s\": with a fallback its caller would be told of "
                         "success while nothing is stored",
                         message->name, model->entities[message->entity].name);
    if (hop->fallback == OR_COPY && message->entity == DESIGN_NONE)
        return error_set(
            err, ERR_INVALID,
            "\"%s\" is declared with NULL and reads no entity, so no copy can stand in "
            "for it: name what it reads, or use OR_DEFAULT",
            message->name);
    return 0;
}

static int check_batch(const struct design_hop *hop, struct error *err)
{
    int result = design_check_range("batch", hop->batch, 1, DESIGN_BATCH_MAX, err);
    if (result < 0)
        return result;
    result = design_check_range("batch_ms", hop->batch_ms, 0, DESIGN_BATCH_MAX_MS, err);
    if (result == 0 && hop->batch > 1 && hop->batch_ms == 0)
        result = error_set(err, ERR_INVALID,
                           "a batch of %d with batch_ms 0 leaves with its first message: say how "
                           "long that one waits for others",
                           hop->batch);
    return result;
}

static int check_post(const struct chat_model *model, const struct design_hop *hop,
                      struct error *err)
{
    const struct design_message *message = &model->messages[hop->message];
    const char *to = design_party_name(model, hop->to);
    if (message->kind == DESIGN_QUERY)
        return error_set(err, ERR_INVALID,
                         "\"%s\" is a query: it needs an answer, so it is called, not posted",
                         message->name);
    if (hop->to == DESIGN_CLIENT || hop->to == DESIGN_READER)
        return error_set(err, ERR_INVALID, "\"%s\" keeps no queue: it is streamed to, or it calls",
                         to);
    if (hop->to == DESIGN_STORE && message->kind == DESIGN_EVENT)
        return error_set(err, ERR_INVALID, "\"store\" takes commands: it listens to no events");
    if (message->service != (message->kind == DESIGN_EVENT ? hop->from : hop->to))
        return error_set(err, ERR_INVALID,
                         "\"%s\" is neither an event of \"%s\" nor a command of \"%s\"",
                         message->name, design_party_name(model, hop->from), to);
    if (hop->buffer == 0)
        return error_set(
            err, ERR_INVALID,
            "this post has no buffer: say how many messages are kept while \"%s\" is down", to);
    int result = design_check_range("buffer", hop->buffer, 1, DESIGN_BUFFER_MAX, err);
    return result < 0 ? result : check_batch(hop, err);
}

static int check_stream(const struct chat_model *model, const struct design_hop *hop,
                        struct error *err)
{
    const struct design_message *message = &model->messages[hop->message];
    if (hop->to == DESIGN_PHONE || hop->to == DESIGN_STORE)
        return error_set(err, ERR_INVALID, "\"%s\" keeps no connection open: post to it",
                         design_party_name(model, hop->to));
    if (message->kind != DESIGN_EVENT || message->service != hop->from)
        return error_set(err, ERR_INVALID, "\"%s\" is no event of \"%s\": only events are streamed",
                         message->name, design_party_name(model, hop->from));
    if ((int)hop->audience < 0 || (int)hop->audience >= AUDIENCES)
        return error_set(err, ERR_INVALID, "an audience is one of TO_ONE_USER ... TO_SUBSCRIBERS");
    return check_batch(hop, err);
}

int design_check_hop(const struct chat_model *model, int flow, int at, struct error *err)
{
    const struct design_hop *hop = &model->flows[flow].hops[at];
    int result = check_sender(model, &model->flows[flow], at, err);
    if (result < 0)
        return result;
    switch (hop->kind) {
    case DESIGN_CALL:
        return check_call(model, hop, err);
    case DESIGN_POST:
        return check_post(model, hop, err);
    case DESIGN_STREAM:
        return check_stream(model, hop, err);
    }
    return error_set(err, ERR_INVALID, "a hop is a call, a post or a stream");
}
