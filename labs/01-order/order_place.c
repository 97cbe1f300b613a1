/* Step 3: POST /orders, once for each Idempotency-Key. See order_api.h. */
#include "kit/error.h"
#include "order_api.h"

int order_place(const struct order_store *orders, const struct order_placing *placing,
                struct order_answer *answer, struct error *err)
{
    /* TODO(step 3): one store_write: look for the key, else order_commit and remember the answer.
       Begin without keys: order_commit alone makes POST work. */
    (void)orders, (void)placing, (void)answer;
    return error_set(err, ERR_TODO, "TODO(step 3): order_place");
}
