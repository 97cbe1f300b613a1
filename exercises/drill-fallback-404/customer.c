/*
 * Finding a customer. customer.h says what it should do; five things here are wrong.
 */
#include "customer.h"

void customer_lookup_init(struct customer_lookup *lookup, int threshold, int64_t wait_ms)
{
    *lookup = (struct customer_lookup){.threshold = threshold, .wait_ms = wait_ms};
}

static void open_up(struct customer_lookup *lookup, int64_t now_ms)
{
    lookup->open = 1;
    lookup->opened_ms = now_ms;
    lookup->trial = 0;
}

int customer_may_call(struct customer_lookup *lookup, int64_t now_ms)
{
    if (!lookup->open)
        return 1;
    if (lookup->trial || now_ms < lookup->opened_ms + lookup->wait_ms) {
        lookup->opened_ms = now_ms;
        return 0;
    }
    lookup->trial = 1;
    return 1;
}

enum customer_result customer_answered(struct customer_lookup *lookup, enum lookup_status status,
                                       int64_t now_ms)
{
    if (lookup->trial && status == LOOKUP_MISSING)
        return CUSTOMER_UNKNOWN;
    if (status == LOOKUP_FOUND) {
        lookup->open = 0;
        lookup->trial = 0;
        return CUSTOMER_FOUND;
    }
    if (++lookup->failures >= lookup->threshold || lookup->trial)
        open_up(lookup, now_ms);
    return CUSTOMER_FALLBACK;
}
