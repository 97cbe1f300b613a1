#include "judge/cluster_story_internal.h"

#include <stdlib.h>
#include <string.h>

/* What is known of each span while the calls are found. */
struct place {
    int is_call;
    int call; /* the place of its call among those that are shown; -1: it has none */
    int is_moved;
    int64_t move_ns; /* from its writer's clock to the story's; when is_moved */
};

struct finding {
    const struct cluster_story *in;
    const struct call_span *spans;
    struct place *places; /* of each span */
    struct story_calls *calls;
};

/* --- who ------------------------------------------------------------------------------------ */

static const struct story_service *find_service(const struct cluster_story *in, const char *name)
{
    for (int i = 0; i < in->service_count; i++)
        if (strcmp(in->services[i].name, name) == 0)
            return &in->services[i];
    return NULL;
}

/* The service that listens at the address; the address, when it is none of the cluster's. */
static const char *called_by_address(const struct cluster_story *in, const char *address)
{
    for (int i = 0; i < in->service_count; i++)
        if (strcmp(in->services[i].address, address) == 0)
            return in->services[i].name;
    return address[0] != '\0' ? address : "?";
}

static int needs(const struct story_service *service, const char *name)
{
    for (const char *const *need = service->needs; need != NULL && *need != NULL; need++)
        if (strcmp(*need, name) == 0)
            return 1;
    return 0;
}

/* Who called a service, when the caller wrote no span: who needs it. */
static const char *likely_caller(const struct cluster_story *in, const char *called, int judged)
{
    const char *caller = NULL;
    for (int i = 0; i < in->service_count; i++)
        if (needs(&in->services[i], called))
            caller = caller == NULL ? in->services[i].name : "?";
    if (caller == NULL || strcmp(caller, "?") == 0)
        caller = judged >= 0 ? in->judged[judged].service : "?";
    return strcmp(caller, called) == 0 ? "?" : caller;
}

static int find_judged(const struct cluster_story *in, const char *trace_id)
{
    for (int i = 0; i < in->judged_count; i++)
        if (strcmp(in->judged[i].trace_id, trace_id) == 0)
            return i;
    return -1;
}

/* The judge's call that a server span answers; -1. */
static int answered_judged(const struct cluster_story *in, const struct call_span *span)
{
    int judged = span->is_client || span->parent >= 0 ? -1 : find_judged(in, span->trace_id);
    return judged >= 0 && strcmp(in->judged[judged].span_id, span->parent_id) == 0 ? judged : -1;
}

/* --- when ----------------------------------------------------------------------------------- */

/* The time of the story that unix time is, by a clock that is moved. Not outside the story. */
static int64_t story_ns(const struct cluster_story *in, int64_t unix_ns, int64_t move_ns)
{
    int64_t ns = unix_ns + move_ns;
    return ns < 0 ? 0 : ns > in->end_ns ? in->end_ns : ns;
}

/* A call on the story's clock, as its caller saw it. */
struct window {
    int64_t start_ns, end_ns;
    int is_answered; /* 0: the work for it may have gone on when the caller had given up */
};

/* How the clock of a span's writer is moved when its work was done for this call. Both ways over
   the network are taken as equally long; work that nobody waited for began with the call at the
   earliest. */
static int64_t fit(const struct cluster_story *in, const struct call_span *span,
                   const struct window *call)
{
    const int64_t as_it_is = -in->began_unix_ns;
    const int64_t start_ns = span->start_ns + as_it_is;
    const int64_t taken_ns = span->end_ns > 0 ? span->end_ns - span->start_ns : 0;
    const int64_t room_ns = call->is_answered ? call->end_ns - call->start_ns - taken_ns : -1;
    if (start_ns >= call->start_ns && start_ns <= call->end_ns &&
        (room_ns < 0 || start_ns + taken_ns <= call->end_ns))
        return as_it_is;
    return call->start_ns + (room_ns > 0 ? room_ns / 2 : 0) - span->start_ns;
}

static int64_t move_of(struct finding *f, int at);

static int64_t find_move(struct finding *f, int at)
{
    const struct call_span *span = &f->spans[at];
    const struct call_span *parent = span->parent >= 0 ? &f->spans[span->parent] : NULL;
    int judged = answered_judged(f->in, span);
    if (judged >= 0) {
        const struct judged_call *call = &f->in->judged[judged];
        return fit(f->in, span, &(struct window){call->start_ns, call->end_ns, call->is_answered});
    }
    if (parent != NULL && strcmp(parent->service, span->service) == 0)
        return move_of(f, span->parent); /* one process, one clock */
    if (parent == NULL || span->is_client || !parent->is_client)
        return -f->in->began_unix_ns;
    int64_t move_ns = move_of(f, span->parent);
    int64_t end_ns = parent->end_ns > 0 ? parent->end_ns : parent->start_ns;
    return fit(f->in, span,
               &(struct window){story_ns(f->in, parent->start_ns, move_ns),
                                story_ns(f->in, end_ns, move_ns), parent->status > 0});
}

/* As deep as spans are above each other: SPANS_MAX at most. */
static int64_t move_of(struct finding *f, int at)
{
    struct place *place = &f->places[at];
    if (!place->is_moved)
        place->move_ns = find_move(f, at);
    place->is_moved = 1;
    return place->move_ns;
}

/* --- which ---------------------------------------------------------------------------------- */

/* A call is shown by its client span; by its server span where that is all there is. What came
   from outside the cluster and its traces was the judge's own, unless it came to a peer: those are
   asked by services only. What began after the story's end is no part of it. */
static int is_call(struct finding *f, int at)
{
    const struct call_span *span = &f->spans[at];
    if (span->start_ns + move_of(f, at) > f->in->end_ns)
        return 0;
    if (span->is_client)
        return 1;
    if ((span->parent >= 0 && f->spans[span->parent].is_client) ||
        answered_judged(f->in, span) >= 0)
        return 0;
    const struct story_service *service = find_service(f->in, span->service);
    return span->parent_id[0] != '\0' || (service != NULL && !service->is_student);
}

static void write_words(const struct call_span *span, const struct call_span *server,
                        struct text *out)
{
    text_add(out, "");
    if (span->is_client && span->target[0] == '\0' && server != NULL)
        text_add(out, server->name);
    else if (span->target[0] == '\0')
        text_add(out, span->name);
    else
        text_addf(out, "%.*s %s", (int)strcspn(span->name, " "), span->name, span->target);
}

static void add_call(struct finding *f, int at, const struct call_span *server)
{
    const struct call_span *span = &f->spans[at];
    struct story_call *call = &f->calls->calls[f->places[at].call];
    const int64_t move_ns = move_of(f, at);
    *call = (struct story_call){.trace_id = span->trace_id,
                                .cause = -1,
                                .judged = -1,
                                .has_ended =
                                    span->end_ns > 0 && span->end_ns + move_ns <= f->in->end_ns,
                                .status = span->status,
                                .start_ns = story_ns(f->in, span->start_ns, move_ns)};
    call->end_ns = call->has_ended ? story_ns(f->in, span->end_ns, move_ns) : call->start_ns;
    for (int above = span->parent; above >= 0 && call->cause < 0; above = f->spans[above].parent)
        if (f->places[above].call >= 0)
            call->cause = f->places[above].call;
    if (call->cause < 0)
        call->judged = find_judged(f->in, span->trace_id);
    call->to = span->is_client ? called_by_address(f->in, span->peer) : span->service;
    call->from = span->is_client ? span->service : likely_caller(f->in, call->to, call->judged);
    write_words(span, server, &call->words);
}

/* --- the whole ------------------------------------------------------------------------------ */

/* Numbers the calls that are shown, in the order of the file. */
static void number_calls(struct finding *f, int span_count)
{
    int count = 0;
    for (int i = 0; i < span_count; i++) {
        f->places[i].is_call = is_call(f, i);
        count += f->places[i].is_call;
    }
    f->calls->left_out = count > STORY_CALLS_MAX ? count - STORY_CALLS_MAX : 0;
    for (int i = 0, number = -f->calls->left_out; i < span_count; i++) {
        f->places[i].call = f->places[i].is_call && number >= 0 ? number : -1;
        number += f->places[i].is_call;
    }
    f->calls->count = count - f->calls->left_out;
}

/* The server span of each client's call; NULL where none was written. */
static void find_servers(const struct finding *f, int span_count, const struct call_span **servers)
{
    for (int i = span_count - 1; i >= 0; i--) {
        int parent = f->spans[i].parent;
        if (!f->spans[i].is_client && parent >= 0 && f->spans[parent].is_client)
            servers[parent] = &f->spans[i];
    }
}

void story_calls_find(struct story_calls *calls, const struct cluster_story *in)
{
    int count = in->spans->count;
    struct finding f = {.in = in, .spans = in->spans->spans, .calls = calls};
    const struct call_span **servers = calloc((size_t)count + 1, sizeof *servers);
    f.places = calloc((size_t)count + 1, sizeof *f.places);
    *calls = (struct story_calls){.calls = calloc(STORY_CALLS_MAX, sizeof *calls->calls)};
    if (servers == NULL || f.places == NULL || calls->calls == NULL)
        abort();
    number_calls(&f, count);
    find_servers(&f, count, servers);
    for (int i = 0; i < count; i++)
        if (f.places[i].call >= 0)
            add_call(&f, i, servers[i]);
    free(servers);
    free(f.places);
}

void story_calls_release(struct story_calls *calls)
{
    for (int i = 0; i < calls->count; i++)
        text_release(&calls->calls[i].words);
    free(calls->calls);
    *calls = (struct story_calls){0};
}
