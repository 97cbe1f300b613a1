#define _GNU_SOURCE
/*
 * A call between two services leaves two spans: the caller's, of kind client, and below it the
 * callee's, of kind server. The client's has the times that matter to the story and knows the
 * callee only by its port; the server's knows the path. Where one is missing (a callee that was
 * killed, a caller outside the cluster) the other one tells the call alone.
 */
#include "cluster/spans.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cluster/cluster_internal.h"
#include "kit/error.h"
#include "kit/json.h"

struct call_span {
    cJSON *json; /* owns the strings */
    const char *id, *parent, *service, *name, *peer;
    int client; /* 1: the caller's side */
    int64_t start_ns, end_ns;
    int status; /* 0: no answer */
};

/* A line to be: one end of a call. */
struct moment_line {
    int64_t at_ns;
    int order; /* of equal times: as in the file */
    int is_reply;
    const struct call_span *span;
};

/* --- reading ------------------------------------------------------------------------------- */

static const char *member_text(const cJSON *json, const char *name)
{
    const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, name));
    return value ? value : "";
}

/* 0, or ERR_INVALID for a line that is no span. */
static int read_span(const char *line, size_t length, struct call_span *span)
{
    cJSON *json = json_parse(line, length, NULL);
    *span = (struct call_span){.json = json,
                               .id = member_text(json, "spanId"),
                               .parent = member_text(json, "parentSpanId"),
                               .service = member_text(json, "service"),
                               .name = member_text(json, "name"),
                               .peer = member_text(json, "peer")};
    span->client = strcmp(member_text(json, "kind"), "client") == 0;
    span->start_ns = strtoll(member_text(json, "startUnixNano"), NULL, 10);
    span->end_ns = strtoll(member_text(json, "endUnixNano"), NULL, 10);
    span->status = (int)cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(json, "httpStatus"));
    if (span->id[0] && span->service[0] && span->start_ns > 0 && span->end_ns >= span->start_ns)
        return 0;
    cJSON_Delete(json);
    return ERR_INVALID;
}

/* Fills spans from the file. Returns their number; *more: there were others. */
static int read_spans(FILE *file, struct call_span *spans, int *more)
{
    char *line = NULL;
    size_t capacity = 0;
    int count = 0;
    for (ssize_t length; (length = getline(&line, &capacity, file)) > 0;) {
        if (count == SPANS_MAX) {
            *more = 1;
            break;
        }
        size_t end = (size_t)length - (line[length - 1] == '\n');
        if (read_span(line, end, &spans[count]) == 0)
            count++;
    }
    free(line);
    return count;
}

/* --- telling ------------------------------------------------------------------------------- */

static const struct call_span *find(const struct call_span *spans, int count, const char *id,
                                    int want_client)
{
    for (int i = 0; i < count && id[0]; i++)
        if (spans[i].client == want_client &&
            strcmp(want_client ? spans[i].id : spans[i].parent, id) == 0)
            return &spans[i];
    return NULL;
}

/* The service that listens where a client span called, NULL when it is none of the cluster's. */
static const struct member *called_member(struct cluster *cluster, const struct call_span *span)
{
    for (int i = 0; i < cluster->count; i++)
        if (strcmp(cluster->members[i].url + strlen("http://"), span->peer) == 0)
            return &cluster->members[i];
    return NULL;
}

static int is_left_out(const struct call_span *span, const struct call_span *spans, int count)
{
    if (span->client)
        return 0;
    return find(spans, count, span->parent, 1) != NULL || /* told by the caller's span */
           (span->parent[0] == '\0' && strstr(span->name, " /health"));
}

static void tell(struct cluster *cluster, const struct moment_line *line, int64_t first_ns,
                 const char *caller, const struct call_span *spans, int count, struct story *story)
{
    const struct call_span *span = line->span;
    const struct call_span *below = span->client ? find(spans, count, span->id, 0) : NULL;
    const struct member *called = span->client ? called_member(cluster, span) : NULL;
    const char *from = span->client ? span->service : caller;
    const char *to = !span->client ? span->service : called ? called->entry.name : span->peer;
    int64_t at_ms = (line->at_ns - first_ns) / 1000000;
    if (!line->is_reply) {
        story_add(story, at_ms, STORY_CALL, from, to, below ? below->name : span->name);
        return;
    }
    char words[16] = "(no answer)";
    if (span->status > 0)
        snprintf(words, sizeof words, "%d", span->status);
    int failed = span->status == 0 || span->status >= 500;
    int by_peer = called && !called->entry.student;
    story_add(story, at_ms, failed && by_peer ? STORY_FAULT : STORY_REPLY, to, from, words);
}

static int compare_lines(const void *left, const void *right)
{
    const struct moment_line *a = left, *b = right;
    if (a->at_ns != b->at_ns)
        return a->at_ns < b->at_ns ? -1 : 1;
    return a->order - b->order;
}

static void tell_all(struct cluster *cluster, const char *caller, const struct call_span *spans,
                     int count, struct moment_line *lines, struct story *story)
{
    int line_count = 0;
    for (int i = 0; i < count; i++) {
        if (is_left_out(&spans[i], spans, count))
            continue;
        for (int is_reply = 0; is_reply <= 1; is_reply++, line_count++)
            lines[line_count] = (struct moment_line){is_reply ? spans[i].end_ns : spans[i].start_ns,
                                                     line_count, is_reply, &spans[i]};
    }
    if (line_count > 0)
        qsort(lines, (size_t)line_count, sizeof *lines, compare_lines);
    for (int i = 0; i < line_count; i++)
        tell(cluster, &lines[i], lines[0].at_ns, caller, spans, count, story);
}

int cluster_story(struct cluster *cluster, const char *caller, struct story *story,
                  struct error *err)
{
    FILE *file = fopen(cluster->spans, "re");
    if (!file && errno == ENOENT)
        return 0;
    if (!file)
        return error_set(err, ERR_IO, "cannot read %s: %s", cluster->spans, strerror(errno));
    int result = 0, count = 0, more = 0;
    struct call_span *spans = calloc(SPANS_MAX, sizeof *spans);
    struct moment_line *lines = calloc(2 * SPANS_MAX, sizeof *lines);
    if (spans && lines) {
        count = read_spans(file, spans, &more);
        tell_all(cluster, caller, spans, count, lines, story);
        if (more)
            story_add(story, 0, STORY_NOTE, caller, NULL, "there were more calls than are shown");
    } else {
        result = error_set(err, ERR_IO, "out of memory for %d spans", SPANS_MAX);
    }
    for (int i = 0; i < count; i++)
        cJSON_Delete(spans[i].json);
    free(spans);
    free(lines);
    fclose(file);
    return result;
}
