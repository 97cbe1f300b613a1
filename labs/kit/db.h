/*
 * One database connection: SQL with ? parameters, cached statements, transactions.
 *
 * SQLite today; PostgreSQL later behind the same functions, so SQL here keeps to what both know.
 * A connection belongs to one thread at a time.
 */
#ifndef KIT_DB_H
#define KIT_DB_H

#include <stddef.h>
#include <stdint.h>

struct error;
struct db;       /* a connection */
struct db_query; /* one running statement, owned by its connection */

/* What a function that runs inside a transaction gets. It reads and writes through tx alone and
   never begins, commits or blocks. Negative = roll back. */
struct db_tx;
typedef int db_fn(struct db_tx *tx, void *arg, struct error *err);

struct db_config {
    const char *url; /* "sqlite:PATH" or a bare path; ":memory:" works */
    const char *vfs; /* an SQLite VFS by name, NULL = the system's (tests only) */
    int read_only;   /* refuse writes */
    int busy_ms;     /* how long to wait for another process's lock */
};

/* WAL, synchronous=FULL, foreign keys on. *out is the caller's to close. ERR_IO, ERR_INVALID,
   ERR_CORRUPT, ERR_UNAVAILABLE; ERR_REFUSED when the file may only be read and read_only is 0. */
int db_open(struct db **out, const struct db_config *config, struct error *err);
void db_close(struct db *db);

/* Runs several statements without results, such as a schema. */
int db_script(struct db *db, const char *sql, struct error *err);

/* BEGIN IMMEDIATE, fn, COMMIT; rolled back when fn or the commit fails. Returns fn's code. ERR_IO
   also when the file was removed or replaced since it was opened: nobody would find the rows. */
int db_write(struct db *db, db_fn *fn, void *arg, struct error *err);
/* The same with a read transaction: one consistent view. */
int db_read(struct db *db, db_fn *fn, void *arg, struct error *err);

/*
 * A statement:   struct db_query *q = db_query(tx, "SELECT a, b FROM t WHERE id = ?");
 *                db_bind_text(q, 1, id);
 *                while ((step = db_step(q)) == DB_ROW) ... db_column_int64(q, 0) ...
 *                return db_finish(q, err);
 * Statements are cached by the address and text of sql, so use literals. Never NULL: errors of
 * preparing, binding and stepping are kept and returned by db_step and db_finish.
 */
enum { DB_DONE = 0, DB_ROW = 1 };
struct db_query *db_query(struct db_tx *tx, const char *sql);
void db_bind_text(struct db_query *q, int position,
                  const char *value); /* 1-based; copied; NULL ok */
void db_bind_int64(struct db_query *q, int position, int64_t value);
void db_bind_blob(struct db_query *q, int position, const void *bytes, size_t length);
int db_step(struct db_query *q);                            /* DB_ROW, DB_DONE or a negative code */
int64_t db_column_int64(struct db_query *q, int column);    /* 0-based */
const char *db_column_text(struct db_query *q, int column); /* "" for NULL; valid until next step */
size_t db_column_length(struct db_query *q, int column);    /* bytes of the text or blob */
/* Ends the statement, done or not; one that was never stepped is run first, so an INSERT needs no
   db_step. 0, ERR_EXISTS for a broken UNIQUE or PRIMARY KEY, ERR_IO ... */
int db_finish(struct db_query *q, struct error *err);
/* Rows changed by the last statement of this connection. */
int64_t db_changes(struct db_tx *tx);

#endif
