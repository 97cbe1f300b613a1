/*
 * Trace context (W3C traceparent) and spans.
 *
 * A span is one line of JSON appended to TRACE_FILE (one write, so processes may share the file):
 * {"traceId","spanId","parentSpanId","service","name","kind":"server|client","startUnixNano",
 * "endUnixNano","status":"ok|error","peer","httpStatus"}. Nanoseconds are strings. Without
 * TRACE_FILE spans cost nothing. An invalid traceparent is ignored and a new trace begins.
 */
#ifndef KIT_TRACE_H
#define KIT_TRACE_H

#include <stdint.h>

struct tracer;

struct trace {
    char trace_id[33];
    char span_id[17];
    char parent_id[17]; /* "" at the root */
    int sampled;
};

/* service is borrowed. path NULL = no spans. Never NULL; the caller closes. */
struct tracer *tracer_open(const char *service, const char *path);
void tracer_close(struct tracer *tracer);

/* A new span under the header's context (may be NULL), or under parent. */
struct trace trace_from_header(const char *traceparent);
struct trace trace_child(const struct trace *parent);
enum { TRACEPARENT_SIZE = 56 };
void trace_header(const struct trace *trace, char text[TRACEPARENT_SIZE]);

struct span {
    const struct trace *trace;
    const char *name; /* "POST /orders/{id}" */
    const char *kind; /* "server" or "client" */
    const char *peer; /* the other service or host:port; may be NULL */
    int64_t start_unix_ns, end_unix_ns;
    int http_status;  /* 0 = none came */
};
void tracer_write(struct tracer *tracer, const struct span *span);
int64_t trace_now_ns(void);

#endif
