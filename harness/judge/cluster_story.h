/*
 * A cluster check's story: the judge's own lines, and between them the calls of the services, from
 * their spans.
 *
 * A call stands behind the call that caused it, whatever the clocks of the two processes say: a
 * service's times are moved, where they must be, until its work lies within the call that asked for
 * it (as Jaeger's clock skew adjustment does). A span whose parent was never written, because its
 * process was killed, belongs to the judge's call of the same trace.
 */
#ifndef JUDGE_CLUSTER_STORY_H
#define JUDGE_CLUSTER_STORY_H

#include "cluster/spans.h"
#include "course/result.h"

enum { STORY_CALLS_MAX = 200 }; /* between services: the last ones; a note says when it were more */

/* A call that the judge made, in a trace of its own. Times are ns since the story began. */
struct judged_call {
    char trace_id[33], span_id[17];
    char service[64];
    int call_line, reply_line; /* places in the story */
    int is_answered;
    int64_t start_ns, end_ns;
};

struct story_service {
    const char *name;
    const char *address;      /* "127.0.0.1:4711" */
    const char *const *needs; /* names of those that it calls, NULL-terminated; may be NULL */
    int is_student;
};

struct cluster_story {
    const struct story *own; /* the judge's lines, in its order */
    const struct judged_call *judged;
    int judged_count;
    const struct story_service *services;
    int service_count;
    const struct span_file *spans;
    int64_t began_unix_ns; /* the story's time 0 by the judge's clock */
    int64_t end_ns;        /* when the story ended, since then: what came later is not in it */
};

/*
 * Adds the whole story to out. A call's line names its method and its target; a repeated call of
 * one trace is numbered. A reply is its status, or "no answer", and names its call where another
 * one to the same service was still open: by its words, by its time where these are the same. While
 * a service is broken (a STORY_FAULT of its own, until its next STORY_NOTE) what it answers is a
 * STORY_FAULT.
 */
void cluster_story_write(const struct cluster_story *in, struct story *out);

#endif
