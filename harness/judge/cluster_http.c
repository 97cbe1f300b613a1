/*
 * Calls of a cluster check, what is expected of their answers, and the story of both.
 */
#include "judge/cluster_notes.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge/machine.h"
#include "judge/run_internal.h"
#include "kit/error.h"
#include "kit/thread.h"
#include "kit/trace.h"

enum {
    CLOCK_TRIES = 5,
    CALL_MS = 5000,
    PEER_END_MS = 2000,   /* for a peer to end after SIGTERM */
    STORY_BODY_MAX = 240, /* bytes of a body in a story line */
    NS_PER_MS = 1000000
};

/* Both clocks at one moment: a pair between which we were not interrupted for long. */
void notes_begin_story(struct cluster_notes *notes)
{
    int64_t least_ns = INT64_MAX;
    for (int i = 0; i < CLOCK_TRIES; i++) {
        const int64_t mono_ns = monotonic_ns(), unix_ns = trace_now_ns();
        const int64_t taken_ns = monotonic_ns() - mono_ns;
        if (taken_ns >= least_ns)
            continue;
        least_ns = taken_ns;
        notes->began_mono_ns = mono_ns + taken_ns / 2;
        notes->began_unix_ns = unix_ns;
    }
}

static int64_t story_ns(const struct check_run *run)
{
    return run->notes == NULL ? 0 : monotonic_ns() - run->notes->began_mono_ns;
}

int64_t run_story_ms(const struct check_run *run)
{
    return story_ns(run) / NS_PER_MS;
}

/* --- calls --------------------------------------------------------------------------------- */

/* Remembers a call of the judge's, whose two lines are the story's newest ones, and its trace. */
static void note_judged(struct check_run *run, const char *service, const struct trace *trace,
                        int is_answered, int64_t start_ns, int64_t end_ns)
{
    struct cluster_notes *notes = run->notes;
    struct judged_call *more =
        realloc(notes->judged, (size_t)(notes->judged_count + 1) * sizeof *more);
    if (more == NULL)
        abort();
    notes->judged = more;
    struct judged_call *call = &more[notes->judged_count++];
    *call = (struct judged_call){.call_line = run->result->story.count - 2,
                                 .reply_line = run->result->story.count - 1,
                                 .is_answered = is_answered,
                                 .start_ns = start_ns,
                                 .end_ns = end_ns};
    memcpy(call->trace_id, trace->trace_id, sizeof call->trace_id);
    memcpy(call->span_id, trace->span_id, sizeof call->span_id);
    snprintf(call->service, sizeof call->service, "%s", service);
}

static void story_call(struct check_run *run, const char *service, const char *method,
                       const char *path, const char *const *headers, const char *body)
{
    struct text words = {0};
    text_addf(&words, "%s %s", method, path);
    for (int i = 0; headers != NULL && headers[i] != NULL; i++)
        text_addf(&words, " [%s]", headers[i]);
    if (body != NULL)
        text_addf(&words, " %.*s%s", STORY_BODY_MAX, body,
                  strlen(body) > STORY_BODY_MAX ? "..." : "");
    run_story(run, run_story_ms(run), STORY_CALL, "judge", service, "%s", text_str(&words));
    text_release(&words);
}

void run_http(struct check_run *run, const char *service, const char *method, const char *path,
              const char *const *headers, const char *body, int64_t deadline_ms,
              struct http_reply *reply)
{
    struct text url = {0};
    struct trace trace = trace_from_header(NULL);
    text_addf(&url, "%s%s", cluster_url(run->cluster, service), path);
    struct http_call call = {.method = method,
                             .url = text_str(&url),
                             .body = body,
                             .headers = headers,
                             .deadline_ms = deadline_ms > 0 ? deadline_ms : CALL_MS,
                             .trace = &trace};
    const int64_t start_ns = story_ns(run);
    story_call(run, service, method, path, headers, body);
    http_client_call(run->notes->client, &call, reply);
    const int64_t end_ns = story_ns(run);
    text_release(&url);
    const char *answer = text_str(&reply->body);
    if (reply->outcome == HTTP_OK)
        run_story(run, run_story_ms(run), STORY_REPLY, service, "judge", "%d %.*s%s", reply->status,
                  STORY_BODY_MAX, answer, strlen(answer) > STORY_BODY_MAX ? "..." : "");
    else
        run_story(run, run_story_ms(run), STORY_REPLY, service, "judge", "no answer: %s",
                  http_outcome_name(reply->outcome));
    note_judged(run, service, &trace, reply->outcome == HTTP_OK, start_ns, end_ns);
}

/* The verdict on a call that was not answered as it should: the service may have died. */
static int unanswered(struct check_run *run, const struct http_reply *reply, const char *expected)
{
    /* The connection may break a moment before the process is gone. */
    if (run->cluster != NULL &&
        notes_look_for_the_dead(run, reply->outcome == HTTP_TIMEOUT ? 0 : DYING_MS))
        return 1;
    /* With too little memory the kernel may still be busy with the end of the service. */
    if (reply->outcome != HTTP_TIMEOUT && run_blames_machine(run, DOUBT_MEMORY))
        return 1;
    return run_fail(run, reply->outcome == HTTP_TIMEOUT ? "wall limit" : "wrong answer", expected,
                    "no answer: %s after %lld ms", http_outcome_name(reply->outcome),
                    (long long)reply->elapsed_ms);
}

int run_expect_status(struct check_run *run, const struct http_reply *reply, int status)
{
    char expected[64];
    snprintf(expected, sizeof expected, "status %d", status);
    if (run_ended(run))
        return 1;
    if (reply->outcome != HTTP_OK)
        return unanswered(run, reply, expected);
    if (reply->status == status)
        return 0;
    char *errors = run_json(reply, "errors"); /* of the fields, which the detail does not name */
    char *detail = errors == NULL ? run_json(reply, "detail") : NULL;
    run_fail(run, reply->status == 501 ? "not written yet" : "wrong answer", expected,
             "status %d: %.600s", reply->status, detail != NULL ? detail : text_str(&reply->body));
    free(errors);
    free(detail);
    return 1;
}

int run_expect_header(struct check_run *run, const struct http_reply *reply, const char *name,
                      const char *value)
{
    char got[512], expected[600];
    snprintf(expected, sizeof expected, "%s: %s", name, value);
    if (run_ended(run))
        return 1;
    if (reply->outcome != HTTP_OK)
        return unanswered(run, reply, expected);
    if (!http_reply_header(reply, name, got, sizeof got))
        return run_fail(run, "wrong answer", expected, "no header %s", name);
    if (strcmp(got, value) != 0)
        return run_fail(run, "wrong answer", expected, "%s: %s", name, got);
    return 0;
}

/* --- the whole story -------------------------------------------------------------------------- */

/* A peer that hangs, or is stopped, owes spans of the calls that it never answered. */
static void end_peers(struct check_run *run)
{
    const struct cluster_notes *notes = run->notes;
    struct launch_end end;
    for (int i = 0; i < notes->count; i++)
        if (!notes->services[i].student &&
            cluster_kill(run->cluster, notes->services[i].name, SIGTERM) == 0)
            cluster_kill(run->cluster, notes->services[i].name, SIGCONT);
    for (int i = 0; i < notes->count; i++)
        if (!notes->services[i].student && cluster_pid(run->cluster, notes->services[i].name) > 0)
            cluster_wait(run->cluster, notes->services[i].name, PEER_END_MS, &end, NULL);
}

void notes_add_calls(struct check_run *run)
{
    const struct cluster_notes *notes = run->notes;
    struct story_service services[SERVICES_MAX];
    struct span_file spans = {0};
    struct story whole = {0};
    struct error err = {0};
    const int64_t end_ns = story_ns(run);
    end_peers(run);
    for (int i = 0; i < notes->count; i++) {
        const char *name = notes->services[i].name;
        services[i] =
            (struct story_service){.name = name,
                                   .address = cluster_url(run->cluster, name) + strlen("http://"),
                                   .needs = cluster_needs(run->cluster, name),
                                   .is_student = notes->services[i].student};
    }
    struct cluster_story in = {.own = &run->result->story,
                               .judged = notes->judged,
                               .judged_count = notes->judged_count,
                               .services = services,
                               .service_count = notes->count,
                               .spans = &spans,
                               .began_unix_ns = notes->began_unix_ns,
                               .end_ns = end_ns};
    if (spans_read(cluster_spans(run->cluster), &spans, &err) == 0) {
        cluster_story_write(&in, &whole);
        story_release(&run->result->story);
        run->result->story = whole;
    } else {
        run_story(run, run_story_ms(run), STORY_NOTE, "judge", NULL,
                  "the calls between services are not known: %s", err.text);
    }
    spans_release(&spans);
}
