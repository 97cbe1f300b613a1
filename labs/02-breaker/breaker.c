/*
 * The circuit breaker. breaker.h says what each function promises.
 *
 * Hint for the shape: let every change of state go through one function. Then starting a new
 * generation, counting the transition and telling the listener each happen in one place.
 */
#include "breaker.h"

#include <stdlib.h>

struct breaker {
    struct breaker_config config;
    /* TODO(step 1): the state, the window, the time to wait for. Keep what belongs to one state
       together. */
};

const char *breaker_state_name(enum breaker_state state)
{
    static const char *const names[] = {"CLOSED", "OPEN", "HALF_OPEN"};
    return names[state];
}

int64_t breaker_wait_ms(int64_t base_ms, int64_t cap_ms, double jitter, int n, double unit)
{
    /* TODO(step 4): base x 2^n up to the cap, then jitter. Which product could overflow, and how
       can you ask whether it would without computing it? */
    (void)base_ms;
    (void)cap_ms;
    (void)jitter;
    (void)n;
    (void)unit;
    return 0;
}

int breaker_create(struct breaker **out, const struct breaker_config *config,
                   void (*listener)(void *context, const struct breaker_event *event),
                   void *listener_context, struct error *err)
{
    /* TODO(step 1): refuse what is out of range, each with the field's name; then allocate. The
       window is allocated here too: admit and report allocate nothing. */
    (void)config;
    (void)listener;
    (void)listener_context;
    *out = NULL;
    return error_set(err, ERR_TODO, "breaker_create is not written yet (step 1).");
}

void breaker_destroy(struct breaker *breaker)
{
    free(breaker);
}

enum breaker_admission breaker_admit(struct breaker *breaker, int64_t now_ms,
                                     struct breaker_token *token)
{
    /* TODO(step 1): CLOSED admits; OPEN rejects until the wait is over, then this very call is the
       first trial; HALF_OPEN has room for `trials`.
       TODO(step 2): before anything else, has a trial lost its lease? */
    (void)breaker;
    (void)now_ms;
    *token = (struct breaker_token){.slot = -1};
    return BREAKER_REJECTED_OPEN;
}

int breaker_report(struct breaker *breaker, struct breaker_token *token,
                   enum breaker_outcome outcome, int64_t now_ms)
{
    /* TODO(step 1): record the outcome, and decide: trip, reopen, close?
       TODO(step 2): is the token of this breaker, of this generation, and not spent? */
    (void)breaker;
    (void)token;
    (void)outcome;
    (void)now_ms;
    return ERR_TODO;
}

enum breaker_state breaker_state(struct breaker *breaker)
{
    /* TODO(step 1) */
    (void)breaker;
    return BREAKER_OPEN;
}

struct breaker_counts breaker_counts(struct breaker *breaker)
{
    /* TODO(step 2): count each thing where it happens, in one place each. */
    (void)breaker;
    return (struct breaker_counts){.admitted = -1};
}
