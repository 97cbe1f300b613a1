/*
 * Trace context (W3C traceparent) and spans.
 *
 * A span is one line of JSON appended to TRACE_FILE (one write, so processes may share the file):
 * {"traceId","spanId","parentSpanId","service","name","kind":"server|client","startUnixNano",
 * "endUnixNano","status":"ok|error","peer","target","httpStatus"}. Nanoseconds are strings. Without
 * TRACE_FILE spans cost nothing. An invalid traceparent is ignored and a new trace begins.
 * parentSpanId, peer and target are "" and httpStatus is 0 where there is none. A span is an error
 * when no answer came, at 5xx, and for a client also at 4xx (OpenTelemetry's HTTP conventions). A
 * trace that its caller does not sample writes no spans.
 */
#ifndef KIT_TRACE_H
#define KIT_TRACE_H

#include <stdint.h>

struct tracer;

enum { TRACE_STATE_MAX = 512 }; /* bytes of a tracestate; a longer one is not passed on */

struct trace {
    char trace_id[33];
    char span_id[17];
    char parent_id[17]; /* "" at the root */
    int sampled;
    char state[TRACE_STATE_MAX + 1]; /* the caller's tracestate, passed on as it came; "" = none */
};

/* service is borrowed. path NULL = no spans; nor are there any, after a line in the log, when the
   file cannot be opened. A FIFO may have no reader yet. Never NULL; the caller closes. Safe from
   several threads. */
struct tracer *tracer_open(const char *service, const char *path);
void tracer_close(struct tracer *tracer);
/* 1 when spans are kept. */
int tracer_enabled(const struct tracer *tracer);

/* A new span under the header's context, or the root of a new, sampled trace where the header is
   NULL or invalid. */
struct trace trace_from_header(const char *traceparent);
/* A new span under parent. */
struct trace trace_child(const struct trace *parent);
enum { TRACEPARENT_SIZE = 56 };
/* The header for a call that is made inside this span. */
void trace_header(const struct trace *trace, char text[TRACEPARENT_SIZE]);

struct span {
    const struct trace *trace;
    const char *name;   /* "POST /orders/{id}" */
    const char *kind;   /* "server" or "client" */
    const char *peer;   /* the other service or host:port; may be NULL */
    const char *target; /* what a client asked for, "/orders/7?full=1"; may be NULL */
    int64_t start_unix_ns, end_unix_ns;
    int http_status; /* 0 = none came */
};
/* Appends the span's line, or drops it when nobody takes it (kit/sink.h), and says so in the log.
 */
void tracer_write(struct tracer *tracer, const struct span *span);
/* Spans that were dropped since the start. */
int64_t tracer_lost(const struct tracer *tracer);
int64_t trace_now_ns(void);

#endif
