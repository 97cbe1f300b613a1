/*
 * The checkout saga. saga.h says what each function promises.
 *
 * Hint for the shape: let every change of state be a record. One function applies a record to the
 * state; handling an event writes records and applies them, replaying applies the same ones. What
 * to do next is then read off the state alone, and recovery is asking that once more.
 */
#include "saga.h"

#include <stdlib.h>

struct saga {
    struct saga_config config;
    struct random random;
    enum saga_phase phase;
    /* TODO(step 1): the checkout, the current step and direction, the attempt, what is waited for.
     */
};

int saga_create(struct saga **out, const struct saga_config *config, struct random random,
                struct error *err)
{
    /* TODO(step 1): refuse what is out of range, with the field's name; then allocate. */
    (void)config;
    (void)random;
    *out = NULL;
    return error_set(err, ERR_TODO, "saga_create is not written yet (step 1).");
}

void saga_destroy(struct saga *saga)
{
    free(saga);
}

int saga_handle(struct saga *saga, const struct saga_event *event, struct saga_actions *actions,
                struct error *err)
{
    /* TODO(step 1): START, good replies, time-outs, backing off, RESTART, the end. Log before act.
       TODO(step 2): REJECTED, giving up, the deadline, compensation, parking, RESUME. */
    (void)saga;
    (void)event;
    actions->count = 0;
    return error_set(err, ERR_TODO, "saga_handle is not written yet (step 1).");
}

int saga_replay(struct saga *saga, const void *payload, size_t length, struct error *err)
{
    /* TODO(step 1): decode, refuse what cannot follow, apply. */
    (void)saga;
    (void)payload;
    (void)length;
    return error_set(err, ERR_TODO, "saga_replay is not written yet (step 1).");
}

enum saga_phase saga_phase(const struct saga *saga)
{
    return saga->phase;
}

void saga_describe(const struct saga *saga, struct text *out)
{
    /* TODO(step 4): the whole logged state as one line. */
    (void)saga;
    (void)out;
}
