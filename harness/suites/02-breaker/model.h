/*
 * A reference breaker: what the rules of lab 02 say, computed from scratch each time it is asked.
 *
 * It keeps everything that ever happened since the last transition in lists, so that it shares no
 * shortcut, and no mistake, with a fast implementation. Times and outcomes come from the commands
 * that the judge issued, never from the student's replies.
 */
#ifndef SUITES_BREAKER_MODEL_H
#define SUITES_BREAKER_MODEL_H

#include <stdint.h>
#include "course/lab.h"
#include "judge/scenario.h"

enum {
    REFERENCE_TOKENS = 256,
    REFERENCE_OUTCOMES = 4096,
    REFERENCE_EVENTS = 256,
    REFERENCE_DRAWS = 64
};

enum reference_state { REFERENCE_CLOSED, REFERENCE_OPEN, REFERENCE_HALF_OPEN };
enum reference_admission { REFERENCE_ADMITTED, REFERENCE_REJECTED_OPEN, REFERENCE_REJECTED_BUSY };
enum reference_outcome { REFERENCE_OK, REFERENCE_FAIL, REFERENCE_NEUTRAL };

struct reference_config {
    int64_t percent, window, minimum, trials, successes, base_ms, cap_ms, lease_ms;
    double jitter;
    double draws[REFERENCE_DRAWS]; /* used by turns; none = a draw of 0 */
    int draw_count;
};

struct reference_counts {
    int64_t admitted, succeeded, failed, neutral, rejected_open, rejected_busy, stale, lost;
    int64_t opened, half_opened, closed;
};

struct reference_event {
    enum reference_state from, to;
    int64_t at_ms, wait_ms;
};

/* A token as it was issued. trial: it holds a permit of HALF_OPEN that was not given back. */
struct reference_token {
    int64_t breaker, stay, admitted_ms, serial; /* serial 0 = spent or never given */
};

struct reference_breaker {
    struct reference_config config;
    int exists;
    int64_t id;
    enum reference_state state;
    int64_t stay; /* how many transitions there were */
    int64_t opened_ms, wait_ms;
    int openings, draws;
    int outcome_count, trial_count, event_count;
    int64_t row; /* successes in a row */
    int64_t serials;
    struct reference_counts counts;
    /* lists; what stands behind their counts is of no meaning */
    unsigned char outcomes[REFERENCE_OUTCOMES]; /* recorded since it closed, oldest first */
    int64_t trial_serials[REFERENCE_TOKENS], trial_since_ms[REFERENCE_TOKENS];
    struct reference_event events[REFERENCE_EVENTS];
};

/* ERR_INVALID with the field's name in field when the configuration must be refused. */
int reference_create(struct reference_breaker *breaker, const struct reference_config *config,
                     const char **field);
enum reference_admission reference_admit(struct reference_breaker *breaker, int64_t now_ms,
                                         struct reference_token *token);
/* 1 when the report is stale. */
int reference_report(struct reference_breaker *breaker, struct reference_token *token,
                     enum reference_outcome outcome, int64_t now_ms);
const char *reference_state_name(enum reference_state state);
/* The wait of the n-th opening in a row for one draw. */
int64_t reference_wait_ms(int64_t base_ms, int64_t cap_ms, double jitter, int64_t n, double unit);

/* Replays create, admit, report, copy, forge, state, counts, events, destroy, wait, guard and call
   of lab 02's probe. judged: the fields compared, "result state" ...; "" or NULL = all that the
   model says. */
extern const struct oracle breaker_oracle;

#endif
