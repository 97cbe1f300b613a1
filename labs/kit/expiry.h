/*
 * Rows that go when their time is over: idempotency keys, which else would stay for ever.
 *
 * A table needs nothing for it but its rowid, and whoever inserts does not have to know: the store
 * notes now and then how far the table has grown, and later removes what was there by then. Rows
 * stay for keep_ms at least, and up to a sixteenth longer; longer too while the service does not
 * write, and when its clock was set (time_passed_ms of kit/clock.h). A commit removes at most twice
 * as many rows as it had writes, and EXPIRY_STEP more: a backlog goes in many short steps.
 */
#ifndef KIT_EXPIRY_H
#define KIT_EXPIRY_H

#include "kit/clock.h"
#include "kit/db.h"

struct expiry {
    const char *table; /* borrowed; NULL: nothing expires */
    int64_t keep_ms;
    struct clock clock;
};

extern const char EXPIRY_SCHEMA[]; /* beside the tables that expire */

/* Inside a transaction that had this many writes: 1 when there may be more to remove, 0, or a
   negative code. */
int expiry_pass(struct db_tx *tx, const struct expiry *expiry, int writes, struct error *err);

#endif
