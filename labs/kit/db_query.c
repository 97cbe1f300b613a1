/*
 * Statements: prepared once, kept for the next use, run one step at a time.
 *
 * The cache is keyed by the address of the SQL first, since callers use literals: a hit is a few
 * pointer compares and one strcmp, which also notices when another text has come to the address.
 * Nothing here is ever left half done: a query's first failure is kept until db_finish, and a query
 * that nobody finished is ended with its transaction (a forgotten one would hold the snapshot open
 * and stop the write-ahead log from being emptied).
 */
#include <assert.h>
#include <string.h>
#include "kit/db_internal.h"

static struct db_query *find_slot(struct db *db, const char *sql);

struct db_query *db_query(struct db_tx *tx, const char *sql)
{
    struct db *db = tx->db;
    struct db_query *q = find_slot(db, sql);
    q->db = db;
    q->code = 0;
    q->stepped = 0;
    q->finished = 0;
    q->error.text[0] = '\0';
    if (q == &db->refused) {
        q->code = error_set(&q->error, ERR_LIMIT,
                            "more than %d statements run at once: finish some", DB_STATEMENTS_MAX);
        return q;
    }
    q->running = 1;
    db->running++;
    q->last_use = ++db->uses;
    if (q->statement == NULL) {
        int result =
            sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &q->statement, NULL);
        q->sql = sql;
        if (result != SQLITE_OK)
            q->code = db_failed(db, result, &q->error);
        else if (q->statement == NULL)
            q->code = error_set(&q->error, ERR_INVALID, "an empty statement");
    }
    return q;
}

/* A free slot that has this statement, else the one unused for longest (emptied; a slot that was
   never used comes first), else the stand-in. */
static struct db_query *find_slot(struct db *db, const char *sql)
{
    struct db_query *oldest = NULL;
    for (int i = 0; i < DB_STATEMENTS_MAX; i++) {
        struct db_query *q = &db->queries[i];
        if (q->running)
            continue;
        if (q->statement != NULL && q->sql == sql && strcmp(sqlite3_sql(q->statement), sql) == 0)
            return q;
        if (oldest == NULL || q->last_use < oldest->last_use)
            oldest = q;
    }
    if (oldest == NULL)
        return &db->refused;
    sqlite3_finalize(oldest->statement);
    oldest->statement = NULL;
    return oldest;
}

/* Keeps the first failure. */
static void note(struct db_query *q, int result)
{
    if (result != SQLITE_OK && q->code == 0)
        q->code = db_failed(q->db, result, &q->error);
}

void db_bind_text(struct db_query *q, int position, const char *value)
{
    if (q->code == 0)
        note(q, sqlite3_bind_text(q->statement, position, value, -1, SQLITE_TRANSIENT));
}

void db_bind_int64(struct db_query *q, int position, int64_t value)
{
    if (q->code == 0)
        note(q, sqlite3_bind_int64(q->statement, position, value));
}

void db_bind_blob(struct db_query *q, int position, const void *bytes, size_t length)
{
    if (q->code == 0) /* a NULL pointer would bind NULL instead of an empty blob */
        note(q, sqlite3_bind_blob64(q->statement, position, length > 0 ? bytes : "", length,
                                    SQLITE_TRANSIENT));
}

int db_step(struct db_query *q)
{
    if (q->code < 0)
        return q->code;
    if (q->finished)
        return DB_DONE; /* SQLite would run the statement again */
    q->stepped = 1;
    int result = sqlite3_step(q->statement);
    if (result == SQLITE_ROW)
        return DB_ROW;
    q->finished = 1;
    if (result != SQLITE_DONE)
        note(q, result);
    return q->code;
}

int64_t db_column_int64(struct db_query *q, int column)
{
    return q->code == 0 ? sqlite3_column_int64(q->statement, column) : 0;
}

const char *db_column_text(struct db_query *q, int column)
{
    const unsigned char *text = q->code == 0 ? sqlite3_column_text(q->statement, column) : NULL;
    return text != NULL ? (const char *)text : "";
}

size_t db_column_length(struct db_query *q, int column)
{
    return q->code == 0 ? (size_t)sqlite3_column_bytes(q->statement, column) : 0;
}

int db_finish(struct db_query *q, struct error *err)
{
    if (!q->stepped)
        (void)db_step(q);
    if (q->code < 0)
        error_set(err, q->code, "%s", q->error.text);
    if (q == &q->db->refused)
        return q->code;
    assert(q->running);
    if (q->statement != NULL) { /* NULL when it could not be prepared */
        sqlite3_reset(q->statement);
        sqlite3_clear_bindings(q->statement);
    }
    q->running = 0;
    q->db->running--;
    return q->code;
}

int64_t db_changes(struct db_tx *tx)
{
    return sqlite3_changes64(tx->db->handle);
}

int db_end_queries(struct db *db, struct error *err)
{
    int code = 0;
    for (int i = 0; i < DB_STATEMENTS_MAX && db->running > 0; i++) {
        struct db_query *q = &db->queries[i];
        if (!q->running)
            continue;
        q->stepped = 1; /* end it where it is: nobody asked for the rest */
        int ended = db_finish(q, code == 0 ? err : NULL);
        if (code == 0)
            code = ended;
    }
    return code;
}

void db_free_queries(struct db *db)
{
    for (int i = 0; i < DB_STATEMENTS_MAX; i++)
        sqlite3_finalize(db->queries[i].statement);
}
