/*
 * A naive breaker: what the rules of lab 02 say, computed from scratch each time it is asked.
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

enum { NAIVE_TOKENS = 256, NAIVE_OUTCOMES = 4096, NAIVE_EVENTS = 256, NAIVE_DRAWS = 64 };

enum naive_state { NAIVE_CLOSED, NAIVE_OPEN, NAIVE_HALF_OPEN };
enum naive_admission { NAIVE_ADMITTED, NAIVE_REJECTED_OPEN, NAIVE_REJECTED_BUSY };
enum naive_outcome { NAIVE_OK, NAIVE_FAIL, NAIVE_NEUTRAL };

struct naive_config {
    int64_t percent, window, minimum, trials, successes, base_ms, cap_ms, lease_ms;
    double jitter;
    double draws[NAIVE_DRAWS]; /* used by turns; none = a draw of 0 */
    int draw_count;
};

struct naive_counts {
    int64_t admitted, succeeded, failed, neutral, rejected_open, rejected_busy, stale, lost;
    int64_t opened, half_opened, closed;
};

struct naive_event {
    enum naive_state from, to;
    int64_t at_ms, wait_ms;
};

/* A token as it was issued. trial: it holds a permit of HALF_OPEN that was not given back. */
struct naive_token {
    int64_t breaker, stay, admitted_ms, serial; /* serial 0 = spent or never given */
};

struct naive_breaker {
    struct naive_config config;
    int exists;
    int64_t id;
    enum naive_state state;
    int64_t stay; /* how many transitions there were */
    int64_t opened_ms, wait_ms;
    int openings, draws;
    int outcome_count, trial_count, event_count;
    int64_t row; /* successes in a row */
    int64_t serials;
    struct naive_counts counts;
    /* lists; what stands behind their counts is of no meaning */
    unsigned char outcomes[NAIVE_OUTCOMES]; /* recorded since it closed, oldest first */
    int64_t trial_serials[NAIVE_TOKENS], trial_since_ms[NAIVE_TOKENS];
    struct naive_event events[NAIVE_EVENTS];
};

/* ERR_INVALID with the field's name in field when the configuration must be refused. */
int naive_create(struct naive_breaker *breaker, const struct naive_config *config,
                 const char **field);
enum naive_admission naive_admit(struct naive_breaker *breaker, int64_t now_ms,
                                 struct naive_token *token);
/* 1 when the report is stale. */
int naive_report(struct naive_breaker *breaker, struct naive_token *token,
                 enum naive_outcome outcome, int64_t now_ms);
const char *naive_state_name(enum naive_state state);
/* The wait of the n-th opening in a row for one draw. */
int64_t naive_wait_ms(int64_t base_ms, int64_t cap_ms, double jitter, int64_t n, double unit);

/* Replays create, admit, report, copy, forge, state, counts, events, destroy, wait, guard and call
   of lab 02's probe. judged: the fields compared, "result state" ...; "" or NULL = all that the
   model says. */
extern const struct oracle breaker_oracle;

#endif
