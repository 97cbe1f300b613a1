/*
 * One GET over a fresh connection, with exactly what came back: readiness and canary calls.
 *
 * Unlike kit/http_client.h it reads what is not HTTP, and says how a broken answer broke.
 */
#ifndef CLUSTER_RAW_HTTP_H
#define CLUSTER_RAW_HTTP_H

#include <stddef.h>
#include <stdint.h>

enum { RAW_REPLY_MAX = 8192 }; /* bytes that are read; no readiness or canary answer is longer */

enum raw_end {
    RAW_WHOLE,   /* the headers and as many bytes as they promise */
    RAW_CLOSED,  /* the connection ended before that */
    RAW_TIMEOUT, /* neither in time */
    RAW_FIRST,   /* stopped after the first bytes, as asked */
    RAW_REFUSED  /* no connection */
};

struct raw_call {
    int port; /* on 127.0.0.1 */
    const char *path;
    const char *headers; /* whole lines, each ended by \r\n; may be NULL */
    int64_t deadline_ms; /* from now, for all of it */
    int first_only;      /* 1: stop at the first bytes */
};

struct raw_reply {
    enum raw_end end;
    int status; /* 0 when there is no status line */
    size_t length;
    char bytes[RAW_REPLY_MAX + 1]; /* NUL-terminated */
    const char *body;              /* in bytes; "" when the headers are not whole */
};

void raw_get(const struct raw_call *call, struct raw_reply *reply);

#endif
