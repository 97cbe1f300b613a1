/*
 * HTTP calls to other services, on libcurl.
 *
 * Every call has a deadline, which covers connecting, sending and the whole answer. The outcome
 * says what may have happened at the other side: that decides whether a retry is safe.
 */
#ifndef KIT_HTTP_CLIENT_H
#define KIT_HTTP_CLIENT_H

#include <stddef.h>
#include <stdint.h>
#include "kit/text.h"

struct trace;
struct tracer;
struct http_client;

enum http_outcome {
    HTTP_OK,      /* an answer came, with any status */
    HTTP_REFUSED, /* no connection, for whatever reason: surely not executed */
    HTTP_TIMEOUT, /* no whole answer in time: unknown whether it was executed */
    HTTP_RESET,   /* the connection broke after it was made: unknown */
    HTTP_GARBAGE  /* an answer that is not HTTP, or larger than HTTP_REPLY_MAX */
};
const char *http_outcome_name(enum http_outcome outcome);

struct http_call {
    const char *method;         /* NULL = GET */
    const char *url;            /* whole, "http://127.0.0.1:9001/users/user-123" */
    const char *body;           /* NULL = none */
    const char *content_type;   /* NULL = application/json when there is a body, unless
                                   headers have one */
    const char *const *headers; /* NULL-terminated "Name: value" list, may be NULL */
    int64_t deadline_ms;        /* > 0, for the whole call */
    const struct trace *trace;  /* sent on as traceparent; may be NULL */
};

struct http_reply {
    enum http_outcome outcome;
    int status;         /* 0 unless outcome is HTTP_OK */
    int nobody_listens; /* 1: HTTP_REFUSED because the system of the other side has nobody at that
                           port. 0: another outcome, or a refusal from which nothing follows: no
                           descriptor or memory here, no connection in HTTP_CONNECT_MS */
    struct text body;
    struct text headers; /* raw header lines */
    int64_t elapsed_ms;
    int retry_after_s; /* from Retry-After in seconds, -1 when there is none */
};

/* A pool of keep-alive connections; safe from several threads. The caller closes it. Open the first
   one before other threads start. NULL without memory. */
struct http_client *http_client_open(void);
void http_client_close(struct http_client *client);
/* From now on a call that carries a trace is a span of its own, written to tracer (borrowed). Set
   it before the first call. */
void http_client_trace(struct http_client *client, struct tracer *tracer);

/* Closes the connections that no call has used for idle_ms. To be called now and then: they hold
   descriptors, here and at the other side. */
void http_client_tidy(struct http_client *client, int64_t idle_ms);

/* Makes one call and waits. Always fills reply; the caller releases it. */
void http_client_call(struct http_client *client, const struct http_call *call,
                      struct http_reply *reply);
void http_reply_release(struct http_reply *reply);
/* The value of a reply's header (case-insensitive) copied into value, 1; or 0. */
int http_reply_header(const struct http_reply *reply, const char *name, char *value, size_t size);

#endif
