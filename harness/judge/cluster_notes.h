/*
 * What a cluster check's run remembers of its cluster: shared by cluster_check.c (starting, faults,
 * the end) and cluster_http.c (calls).
 */
#ifndef JUDGE_CLUSTER_NOTES_H
#define JUDGE_CLUSTER_NOTES_H

#include "judge/cluster_check.h"
#include "judge/cluster_story.h"

enum { SERVICES_MAX = 16, DYING_MS = 500 }; /* a connection may break before its process is gone */

struct noted_service {
    char name[64];
    int student;
    int killed;            /* by the check: its end is expected */
    enum fault_kind fault; /* what it was told to do last */
    int64_t faulted_before;
};

struct cluster_notes {
    struct http_client *client;
    int64_t began_mono_ns, began_unix_ns;
    struct noted_service services[SERVICES_MAX];
    int count;
    struct judged_call *judged; /* the calls of run_http, in their order */
    int judged_count;
    int is_replaced; /* 1: the story is not of the run, so no calls between services go into it */
};

/* The story begins now. */
void notes_begin_story(struct cluster_notes *notes);
/* Looks whether a student's service has ended by itself, or does within wait_ms. 1 when it has; the
   verdict stands then. */
int notes_look_for_the_dead(struct check_run *run, int64_t wait_ms);
/* Puts the calls between services, as their spans say, between the lines of the story, which ends
   now. Ends the peers first, so that they write what they know of calls that they never answered.
 */
void notes_add_calls(struct check_run *run);

#endif
