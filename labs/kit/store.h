/*
 * A database for many threads: one writer thread with group commit, a few readers.
 *
 * store_write blocks its caller until its transaction is on disk: acknowledged means committed
 * with synchronous=FULL. Writes that wait together share one commit and one fsync; each runs in a
 * savepoint of its own, so one that fails takes nothing else down.
 */
#ifndef KIT_STORE_H
#define KIT_STORE_H

#include "kit/db.h"
#include "kit/expiry.h"

struct store;

struct store_config {
    struct db_config db;
    const char *schema; /* SQL run at opening; CREATE TABLE IF NOT EXISTS ... */
    int readers;        /* 0 = STORE_READERS */
    struct expiry expiry;
    /* Tests only: called on the caller's thread before each write is queued. */
    void (*before_write)(void *context);
    void *before_write_context;
};

int store_open(struct store **out, const struct store_config *config, struct error *err);
/* Waits for queued writes, then closes. No call may be running or follow. */
void store_close(struct store *store);

/* Runs fn(tx, arg) on the writer thread and waits for the commit. fn's negative code rolls its
   own work back and is returned. Answer 503 to ERR_LIMIT, STORE_QUEUE_MAX writes wait, and to
   ERR_UNAVAILABLE, the database cannot be written now: another process holds it, the disk is full
   or may only be read, the file was removed or replaced. Then nothing of this call was
   acknowledged, and the next call tries anew. */
int store_write(struct store *store, db_fn *fn, void *arg, struct error *err);

/* Runs fn on a reader connection of the calling thread's own turn. Sees every acknowledged write.
   ERR_UNAVAILABLE when the database cannot be read now. */
int store_read(struct store *store, db_fn *fn, void *arg, struct error *err);

/* Can it be written? 0, or ERR_UNAVAILABLE with a sentence. Asks the system for the file and the
   disk's free space, some microseconds, and waits for nobody; but once a write has failed for the
   disk's sake, it tries one of its own, of STORE_ROOM_BYTES, until one succeeds. */
int store_check(struct store *store, struct error *err);

#endif
