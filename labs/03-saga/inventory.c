/*
 * The inventory participant. inventory.h says what it promises.
 *
 * Hint for the shape: first the key, then the effect, then the stored answer, all in the caller's
 * transaction. An answer that was given once is given again, whatever has happened since.
 */
#include "inventory.h"

#include "kit/error.h"

int inventory_handle(struct db_tx *tx, const struct inventory_request *request,
                     enum saga_answer *answer, struct error *err)
{
    /* TODO(step 3): look the key up; reserve or release; store the answer under the key. */
    (void)tx;
    (void)request;
    *answer = SAGA_UNKNOWN;
    return error_set(err, ERR_TODO, "inventory_handle is not written yet (step 3).");
}

int inventory_settle(struct db_tx *tx, const char *saga, struct error *err)
{
    /* TODO(step 3): what the saga has PENDING is SOLD. */
    (void)tx;
    (void)saga;
    return error_set(err, ERR_TODO, "inventory_settle is not written yet (step 3).");
}
