/*
 * The calls between services, out of their spans; cluster_story.c puts them into order and words.
 *
 * A call leaves two spans: its caller's, of kind client, and below it the other side's, of kind
 * server. The client's names what was asked for and knows the other side by its address only. One
 * of the two may be missing: that of a process that was killed, of one that has not finished, or
 * of the judge, which writes none.
 */
#ifndef JUDGE_CLUSTER_STORY_INTERNAL_H
#define JUDGE_CLUSTER_STORY_INTERNAL_H

#include "judge/cluster_story.h"

struct story_call {
    const char *from, *to; /* borrowed, as trace_id is */
    const char *trace_id;
    struct text words;        /* "GET /users/user-123" */
    int cause;                /* place of the call that led to this one; -1: none of these */
    int judged;               /* without one: place of the judge's call that did; -1: none */
    int has_ended;            /* 1: before the story did */
    int status;               /* 0: no answer */
    int64_t start_ns, end_ns; /* since the story began, by the judge's clock; end_ns is start_ns for
                                 one that has not ended */

    /* cluster_story.c's own, while it writes. */
    int attempt;       /* 0: not written yet */
    int is_open;       /* 1: written, and its reply is not */
    int64_t at_ms;     /* of its line */
    const char *fault; /* of the service called, then; NULL: none */
};

/* {0} is empty. */
struct story_calls {
    struct story_call *calls;
    int count;
    int left_out; /* earlier ones, beyond STORY_CALLS_MAX */
};

/* Borrows from in. The caller releases calls. */
void story_calls_find(struct story_calls *calls, const struct cluster_story *in);
void story_calls_release(struct story_calls *calls);

#endif
