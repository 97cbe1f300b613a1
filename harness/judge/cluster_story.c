/*
 * The calls between services, from their spans, in a check's story.
 *
 * A client span is a call and its answer. Both are merged by time into the lines that the test
 * wrote itself. Within one millisecond a call of the test comes before what it caused, and an
 * answer to it after.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge/cluster_check.h"
#include "base/files.h"
#include "judge/run_internal.h"
#include "kit/json.h"

enum {
    SPANS_MAX = 4 << 20,   /* bytes of the file that are read */
    STORY_SPANS_MAX = 200, /* calls; more would not be read by anybody */
    NS_PER_MS = 1000000
};

struct span_line {
    int64_t at_ns;
    enum story_kind kind;
    char from[64], to[64], text[160];
};

struct span_lines {
    struct span_line lines[2 * STORY_SPANS_MAX];
    int count;
};

static const char *member(const cJSON *object, const char *name)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsString(value) ? value->valuestring : "";
}

/* "127.0.0.1:4711" is the service that listens there. */
static const char *service_at(struct check_run *run, const char *peer)
{
    const char *name = NULL;
    for (int i = 0; (name = run_cluster_service(run, i)) != NULL; i++)
        if (strcmp(cluster_url(run->cluster, name) + strlen("http://"), peer) == 0)
            return name;
    return peer;
}

static void add_span(struct check_run *run, struct span_lines *lines, const char *json,
                     size_t length)
{
    cJSON *span = json_parse(json, length, NULL);
    if (span != NULL && strcmp(member(span, "kind"), "client") == 0 &&
        lines->count + 2 <= 2 * STORY_SPANS_MAX) {
        const cJSON *status = cJSON_GetObjectItemCaseSensitive(span, "httpStatus");
        struct span_line call = {.at_ns = strtoll(member(span, "startUnixNano"), NULL, 10),
                                 .kind = STORY_CALL};
        struct span_line reply = {.at_ns = strtoll(member(span, "endUnixNano"), NULL, 10),
                                  .kind = STORY_REPLY};
        snprintf(call.from, sizeof call.from, "%s", member(span, "service"));
        snprintf(call.to, sizeof call.to, "%s", service_at(run, member(span, "peer")));
        snprintf(call.text, sizeof call.text, "%s", member(span, "name"));
        memcpy(reply.from, call.to, sizeof reply.from);
        memcpy(reply.to, call.from, sizeof reply.to);
        if (cJSON_IsNumber(status) && status->valuedouble > 0)
            snprintf(reply.text, sizeof reply.text, "%.0f", status->valuedouble);
        else
            snprintf(reply.text, sizeof reply.text, "no answer");
        lines->lines[lines->count++] = call;
        lines->lines[lines->count++] = reply;
    }
    cJSON_Delete(span);
}

static int by_time(const void *one, const void *other)
{
    int64_t a = ((const struct span_line *)one)->at_ns;
    int64_t b = ((const struct span_line *)other)->at_ns;
    return (a > b) - (a < b);
}

/* Whether a span's line comes before the test's own line. */
static int span_first(int64_t span_ms, const struct story_line *own)
{
    if (span_ms != own->at_ms)
        return span_ms < own->at_ms;
    return own->kind == STORY_REPLY || own->kind == STORY_WRONG;
}

static void merge(struct story *story, const struct span_lines *spans, int64_t began_ns)
{
    struct story merged = {.virtual_time = story->virtual_time};
    int own = 0;
    for (int i = 0; i < spans->count; i++) {
        const struct span_line *span = &spans->lines[i];
        int64_t span_ms = (span->at_ns - began_ns) / NS_PER_MS;
        for (; own < story->count && !span_first(span_ms, &story->lines[own]); own++) {
            const struct story_line *line = &story->lines[own];
            story_add(&merged, line->at_ms, line->kind, line->from, line->to, line->text);
        }
        story_add(&merged, span_ms, span->kind, span->from, span->to, span->text);
    }
    for (; own < story->count; own++) {
        const struct story_line *line = &story->lines[own];
        story_add(&merged, line->at_ms, line->kind, line->from, line->to, line->text);
    }
    story_release(story);
    *story = merged;
}

void run_story_spans(struct check_run *run, const char *spans_path, int64_t began_unix_ns)
{
    struct text file = {0};
    struct span_lines *lines = calloc(1, sizeof *lines);
    if (lines != NULL && files_read(spans_path, SPANS_MAX, &file, NULL) == 0) {
        for (const char *line = text_str(&file); *line != '\0';) {
            size_t length = strcspn(line, "\n");
            add_span(run, lines, line, length);
            line += length + (line[length] == '\n');
        }
        qsort(lines->lines, (size_t)lines->count, sizeof lines->lines[0], by_time);
        merge(&run->result->story, lines, began_unix_ns);
    }
    free(lines);
    text_release(&file);
}
