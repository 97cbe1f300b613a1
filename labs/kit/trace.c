/* Trace context (www.w3.org/TR/trace-context) and spans. */
#include "kit/trace.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kit/hex.h"
#include "kit/json.h"
#include "kit/log.h"
#include "kit/random.h"
#include "kit/sink.h"
#include "kit/thread.h"

/* --- context --------------------------------------------------------------------------------- */

enum { TRACE_ID_LENGTH = 32, SPAN_ID_LENGTH = 16 };

static int all_zero(const char *hex, size_t length)
{
    return strspn(hex, "0") >= length;
}

/* Fills id with 16 digits for each word; never only zeros: that means "none". */
static void write_id(char *id, const uint64_t *words, int count)
{
    char *end = id;
    for (int i = 0; i < count; i++)
        end = hex_write(end, words[i], 16);
    *end = '\0';
    if (all_zero(id, strlen(id)))
        end[-1] = '1';
}

/*
 * traceparent: version "-" trace-id "-" parent-id "-" flags, that is 2, 32, 16 and 2 lower case hex
 * digits. Version 00 ends there. A higher one may go on behind another dash, and is read as if it
 * were 00; ff is no version. Ids of only zeros are invalid.
 */
static int header_valid(const char *header)
{
    static const char SHAPE[] = "xx-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxx-xx";
    for (size_t place = 0; SHAPE[place] != '\0'; place++) {
        char byte = header[place];
        int hex = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f');
        if (SHAPE[place] == 'x' ? !hex : byte != '-')
            return 0;
    }
    const char *end = header + sizeof SHAPE - 1;
    int ends_well = *end == '\0' || (strncmp(header, "00", 2) != 0 && *end == '-');
    return ends_well && strncmp(header, "ff", 2) != 0 && !all_zero(header + 3, TRACE_ID_LENGTH) &&
           !all_zero(header + 36, SPAN_ID_LENGTH);
}

struct trace trace_from_header(const char *traceparent)
{
    struct trace trace = {.sampled = 1};
    uint64_t words[3]; /* all that may be needed, at the price of one call */
    random_bytes(words, sizeof words);
    if (traceparent != NULL && header_valid(traceparent)) {
        memcpy(trace.trace_id, traceparent + 3, TRACE_ID_LENGTH);
        memcpy(trace.parent_id, traceparent + 36, SPAN_ID_LENGTH);
        trace.sampled = (int)strtol(traceparent + 53, NULL, 16) & 1; /* other bits are not ours */
    } else {
        write_id(trace.trace_id, words, 2);
    }
    write_id(trace.span_id, words + 2, 1);
    return trace;
}

struct trace trace_child(const struct trace *parent)
{
    struct trace trace = *parent;
    memcpy(trace.parent_id, parent->span_id, sizeof trace.parent_id);
    uint64_t word = 0;
    random_bytes(&word, sizeof word);
    write_id(trace.span_id, &word, 1);
    return trace;
}

void trace_header(const struct trace *trace, char text[TRACEPARENT_SIZE])
{
    snprintf(text, TRACEPARENT_SIZE, "00-%s-%s-%02x", trace->trace_id, trace->span_id,
             trace->sampled ? 1U : 0U);
}

int64_t trace_now_ns(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* --- spans ----------------------------------------------------------------------------------- */

struct tracer {
    const char *service;
    struct sink sink;
    atomic_int losing;         /* the last line about it said that spans are lost */
    _Atomic int64_t logged_ns; /* monotonic, of that line; 0 = there was none */
};

struct tracer *tracer_open(const char *service, const char *path)
{
    struct tracer *tracer = malloc(sizeof *tracer);
    if (tracer == NULL) {
        fputs("Out of memory for the tracer. Give the process more.\n", stderr);
        abort();
    }
    *tracer = (struct tracer){.service = service, .sink = {.fd = -1}};
    if (path != NULL && sink_open_path(&tracer->sink, path) < 0) {
        log_warn("spans are not kept: cannot open TRACE_FILE", LOG_TEXT("path", path),
                 LOG_TEXT("error", strerror(errno)));
    }
    return tracer;
}

void tracer_close(struct tracer *tracer)
{
    if (tracer != NULL && tracer->sink.fd >= 0)
        sink_close(&tracer->sink);
    free(tracer);
}

int tracer_enabled(const struct tracer *tracer)
{
    return tracer->sink.fd >= 0;
}

int64_t tracer_lost(const struct tracer *tracer)
{
    return sink_lost(&tracer->sink);
}

static int is_error(const struct span *span)
{
    int first_error = strcmp(span->kind, "client") == 0 ? 400 : 500;
    return span->http_status == 0 || span->http_status >= first_error;
}

static void put_ns(struct json_writer *line, const char *name, int64_t ns)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%" PRId64, ns);
    json_put_string(line, name, digits); /* beyond 2^53, where a JSON number is not exact */
}

/* Spans are lost, or kept again. A reader that is too slow may change that with every span, so it
   is logged now and then only. */
static void log_change(struct tracer *tracer, int lost)
{
    int64_t now_ns = monotonic_ns();
    int64_t logged_ns = atomic_load(&tracer->logged_ns);
    if ((logged_ns != 0 && now_ns - logged_ns < SINK_LOG_MS * INT64_C(1000000)) ||
        !atomic_compare_exchange_strong(&tracer->logged_ns, &logged_ns, now_ns)) {
        return; /* or another thread says it */
    }
    atomic_store(&tracer->losing, lost);
    if (lost) {
        log_warn("spans are lost: nobody takes them from TRACE_FILE, or its disk is full");
    } else {
        log_info("spans are kept again", LOG_INT("lost", tracer_lost(tracer)));
    }
}

void tracer_write(struct tracer *tracer, const struct span *span)
{
    if (tracer->sink.fd < 0 || !span->trace->sampled)
        return;
    struct text text = {0};
    struct json_writer line = json_writer(&text);
    json_open_object(&line, NULL);
    json_put_string(&line, "traceId", span->trace->trace_id);
    json_put_string(&line, "spanId", span->trace->span_id);
    json_put_string(&line, "parentSpanId", span->trace->parent_id);
    json_put_string(&line, "service", tracer->service);
    json_put_string(&line, "name", span->name);
    json_put_string(&line, "kind", span->kind);
    put_ns(&line, "startUnixNano", span->start_unix_ns);
    put_ns(&line, "endUnixNano", span->end_unix_ns);
    json_put_string(&line, "status", is_error(span) ? "error" : "ok");
    json_put_string(&line, "peer", span->peer != NULL ? span->peer : "");
    json_put_string(&line, "target", span->target != NULL ? span->target : "");
    json_put_int64(&line, "httpStatus", span->http_status);
    json_close_object(&line);
    text_append(&text, "\n", 1);
    /* One write: O_APPEND puts it behind whatever other processes have written by then. */
    int lost = sink_write(&tracer->sink, text.bytes, text.length) < 0;
    text_release(&text);
    if (lost != atomic_load(&tracer->losing))
        log_change(tracer, lost);
}
