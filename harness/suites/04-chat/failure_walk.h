/*
 * What users can still do while one service is down: each flow of the design walked hop by hop.
 *
 * A service is down for FAILURE_S at the peak: every instance of it refuses. A call that runs into
 * it fails, and so does who made it, up to the client, unless a hop on the way has a fallback; then
 * the way goes on DEGRADED, if the time that was waited (timeout_ms times attempts) leaves the
 * calls above their own timeout. What is posted waits in its buffer: LATE, or LOST where that is
 * too small. What is streamed is gone; a reader who can catch up has it LATE.
 */
#ifndef SUITES_CHAT_FAILURE_WALK_H
#define SUITES_CHAT_FAILURE_WALK_H

#include "04-chat/chat_model.h"

enum { FAILURE_S = 600 };

/* From the best to the worst. */
enum outcome { OUTCOME_OK, OUTCOME_DEGRADED, OUTCOME_LATE, OUTCOME_LOST, OUTCOME_FAILS };

/* How a requirement comes out, and the hop that makes it so. */
struct walked {
    enum outcome outcome;
    int flow, hop; /* DESIGN_NONE where there is none */
};

struct survival {
    /* By service and requirement (bit n is the n-th): all instances down, and one of them. */
    struct walked down[DESIGN_SERVICES_MAX][REQUIREMENTS];
    struct walked one_down[DESIGN_SERVICES_MAX][REQUIREMENTS];
};

/* A requirement that no flow serves FAILS, with no hop. At most services x flows x hops squared. */
void failure_walk(const struct chat_model *model, struct survival *out);
/* The post's first receiver is down: LATE, or LOST when its buffer does not last. */
enum outcome failure_of_post(const struct chat_model *model, const struct design_flow *flow,
                             const struct design_hop *post);
/* What the buffer has to hold. */
double failure_backlog(const struct chat_model *model, const struct design_flow *flow);
/* "ok", "degraded", "late", "lost", "fails". */
const char *outcome_name(enum outcome outcome);
/* Users can go on: ok and degraded. */
int outcome_is_survived(enum outcome outcome);

#endif
