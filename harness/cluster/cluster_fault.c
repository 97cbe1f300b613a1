/*
 * Faults and counts: a line on the peer's control socket, and a canary call as proof.
 */
#include "cluster/cluster_internal.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include "cluster/raw_http.h"
#include "kit/clock.h"
#include "kit/error.h"
#include "probe/message.h"

enum {
    CONTROL_MS = 2000, /* for a peer's answer on its control socket */
    CANARY_MS = 3000,  /* for a canary call that is to be answered */
    SILENCE_MS = 30    /* a canary that hears nothing for so long believes in a hang */
};

/* --- the control socket -------------------------------------------------------------------- */

/* Receives packets until the answer to command `id`. The caller releases answer. */
static int control_answer(const struct member *member, struct message *answer, struct error *err)
{
    int64_t deadline_ms = monotonic_ms() + CONTROL_MS;
    for (;;) {
        char line[CONTROL_PACKET_MAX + 1];
        int64_t left = deadline_ms - monotonic_ms(), id = -1;
        struct pollfd poll_fd = {member->control_fd, POLLIN, 0};
        int found = poll(&poll_fd, 1, left > 0 ? (int)left : 0);
        if (found == 0 && left <= 0)
            return error_set(err, ERR_UNAVAILABLE, "%s does not answer on its control socket",
                             member->entry.name);
        if (found <= 0)
            continue;
        ssize_t got = recv(member->control_fd, line, CONTROL_PACKET_MAX, 0);
        if (got <= 0)
            return error_set(err, ERR_UNAVAILABLE, "%s closed its control socket",
                             member->entry.name);
        line[got] = '\0';
        if (message_parse(line, answer, err) != 0)
            return ERR_UNAVAILABLE;
        if (message_get_int64(answer, "id", &id) == 0 && id == member->control_id)
            return 0;
        message_release(answer); /* to a command whose asker gave up */
    }
}

/* Sends line (a message without id) and waits for "ok". The caller releases answer after 0. */
static int control_ask(struct member *member, struct text *line, struct message *answer,
                       struct error *err)
{
    if (member->pid == 0)
        return error_set(err, ERR_UNAVAILABLE, "%s does not run", member->entry.name);
    message_add_int64(line, "id", ++member->control_id);
    if (send(member->control_fd, line->bytes, line->length, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
        return error_set(err, ERR_UNAVAILABLE, "%s does not take commands: %s", member->entry.name,
                         strerror(errno));
    int result = control_answer(member, answer, err);
    if (result == 0 && strcmp(answer->word, "ok") != 0) {
        result = error_set(err, ERR_UNAVAILABLE, "%s refused a command: %s", member->entry.name,
                           message_get_or(answer, "text", ""));
        message_release(answer);
    }
    return result;
}

/* --- the proof ----------------------------------------------------------------------------- */

static int is_json(const struct raw_reply *reply)
{
    return reply->body[0] == '{';
}

/* Whether reply is what a fault of this kind does; the last of a flapping peer's round. */
static int shows_fault(enum fault_kind kind, int64_t value, const struct raw_reply *reply)
{
    switch (kind) {
    case FAULT_NONE:
        return reply->end == RAW_WHOLE && reply->status == 200 && is_json(reply);
    case FAULT_STATUS:
        return reply->end == RAW_WHOLE && reply->status == value;
    case FAULT_FLAP:
        return reply->end == RAW_WHOLE && reply->status == 503;
    case FAULT_BAD_BODY:
        return reply->end == RAW_WHOLE && reply->status == 200 && !is_json(reply);
    case FAULT_LATENCY:
    case FAULT_HANG:
        return reply->end == RAW_TIMEOUT && reply->length == 0;
    case FAULT_CLOSE_BEFORE:
    case FAULT_CLOSE_AFTER:
        return reply->end == RAW_CLOSED && reply->length == 0;
    case FAULT_CLOSE_DURING:
        return reply->end == RAW_CLOSED && reply->length > 0;
    case FAULT_GARBAGE:
        return reply->end == RAW_CLOSED && reply->length > 0 && reply->status == 0;
    case FAULT_SLOW_BYTES:
        return reply->end == RAW_FIRST;
    }
    return 0;
}

static int fault_stands(const struct member *member, enum fault_kind kind, int64_t value)
{
    struct raw_reply reply;
    struct raw_call call = {.port = member->port,
                            .path = "/health/liveness",
                            .headers = CANARY_HEADER ": 1\r\n",
                            .deadline_ms = CANARY_MS,
                            .first_only = kind == FAULT_SLOW_BYTES};
    if (kind == FAULT_HANG)
        call.deadline_ms = SILENCE_MS;
    if (kind == FAULT_LATENCY)
        call.deadline_ms = value < SILENCE_MS ? value : SILENCE_MS;
    for (int64_t i = 1; kind == FAULT_FLAP && i < value; i++) {
        raw_get(&call, &reply);
        if (!shows_fault(FAULT_NONE, 0, &reply))
            return 0;
    }
    const int64_t began_ms = monotonic_ms();
    raw_get(&call, &reply);
    /* An answer that was late stands for a timeout: a busy machine may show us both at once. */
    if (kind == FAULT_LATENCY && reply.end == RAW_WHOLE)
        return monotonic_ms() - began_ms >= call.deadline_ms;
    return shows_fault(kind, value, &reply);
}

int cluster_fault(struct cluster *cluster, const char *service, enum fault_kind kind, int64_t value,
                  struct error *err)
{
    struct member *member = cluster_member(cluster, service);
    struct text line = {0};
    struct message answer = {0};
    enum fault_kind checked = FAULT_NONE;
    if (member->entry.student)
        return error_set(err, ERR_INVALID, "%s has no control socket", service);
    if (fault_parse(fault_name(kind), value, &checked) != 0)
        return error_set(err, ERR_INVALID, "%lld is not a value for the fault %s", (long long)value,
                         fault_name(kind));
    message_begin(&line, "fault");
    message_add(&line, "kind", fault_name(kind));
    message_add_int64(&line, "value", value);
    int result = control_ask(member, &line, &answer, err);
    text_release(&line);
    if (result != 0)
        return result;
    message_release(&answer);
    if (!fault_stands(member, kind, value))
        return error_set(err, ERR_UNAVAILABLE, "%s took the fault %s, but a canary call missed it",
                         service, fault_name(kind));
    return 0;
}

int cluster_counts(struct cluster *cluster, const char *service, struct peer_counts *counts,
                   struct error *err)
{
    struct member *member = cluster_member(cluster, service);
    struct text line = {0};
    struct message answer = {0};
    if (member->entry.student)
        return error_set(err, ERR_INVALID, "%s has no control socket", service);
    message_begin(&line, "counts");
    int result = control_ask(member, &line, &answer, err);
    text_release(&line);
    if (result != 0)
        return result;
    const struct {
        const char *name;
        int64_t *out;
    } fields[] = {{"requests", &counts->requests},
                  {"faulted", &counts->faulted},
                  {"effects", &counts->effects},
                  {"health", &counts->health},
                  {"health_faulted", &counts->health_faulted}};
    *counts = (struct peer_counts){0};
    for (size_t i = 0; i < sizeof fields / sizeof *fields && result == 0; i++)
        if (message_get_int64(&answer, fields[i].name, fields[i].out) != 0)
            result =
                error_set(err, ERR_UNAVAILABLE, "%s did not count its %s", service, fields[i].name);
    message_release(&answer);
    return result;
}
