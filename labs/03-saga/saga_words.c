/*
 * The words of the saga, and its backoff. Given: nothing to write here.
 */
#include "saga.h"

#include <assert.h>

const char *saga_step_name(enum saga_step step)
{
    static const char *const names[SAGA_STEPS] = {"validate", "discount", "reserve",
                                                  "pay",      "ship",     "confirm"};
    assert(step < SAGA_STEPS);
    return names[step];
}

const char *saga_direction_name(enum saga_direction direction)
{
    return direction == SAGA_FORWARD ? "forward" : "back";
}

const char *saga_answer_name(enum saga_answer answer)
{
    static const char *const names[] = {"ok", "rejected", "unknown"};
    return names[answer];
}

const char *saga_phase_name(enum saga_phase phase)
{
    static const char *const names[] = {"NEW",    "RUNNING",   "COMPENSATING",
                                        "PARKED", "COMPLETED", "ROLLED_BACK"};
    return names[phase];
}

int saga_is_compensated(enum saga_step step)
{
    return step == SAGA_DISCOUNT || step == SAGA_RESERVE || step == SAGA_PAY;
}

int64_t saga_backoff_ms(const struct saga_config *config, int n, double unit)
{
    int64_t base_ms = config->backoff_base_ms, cap_ms = config->backoff_cap_ms;
    int64_t most_ms = n < 62 && base_ms <= cap_ms >> n ? base_ms << n : cap_ms;
    return (int64_t)(unit * ((double)most_ms + 1));
}
