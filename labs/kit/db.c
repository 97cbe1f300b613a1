/*
 * A connection to SQLite and its transactions.
 *
 * Every transaction that may write begins with BEGIN IMMEDIATE. A deferred one that reads first
 * and writes later fails with SQLITE_BUSY_SNAPSHOT as soon as another connection has written in
 * between, at once and whatever the busy timeout: waiting cannot make an old snapshot new.
 */
#include <stdlib.h>
#include <string.h>
#include "kit/db_internal.h"
#include "kit/thread.h"

static int set_up(struct db *db, const struct db_config *config, struct error *err);

int db_open(struct db **out, const struct db_config *config, struct error *err)
{
    static const char scheme[] = "sqlite:";
    const char *path = config->url;
    if (path == NULL || path[0] == '\0')
        return error_set(err, ERR_INVALID, "no database is named: set DATABASE_URL=sqlite:FILE");
    if (strncmp(path, scheme, sizeof scheme - 1) == 0)
        path += sizeof scheme - 1;
    else if (strstr(path, "://") != NULL)
        return error_set(err, ERR_INVALID,
                         "%s is no database that this build knows: use sqlite:FILE", path);

    struct db *db = calloc(1, sizeof *db);
    if (db == NULL)
        return error_set(err, ERR_LIMIT, "no memory for a database connection");
    db->tx.db = db;

    /* One thread at a time uses a connection, so SQLite need not lock it for each call. */
    /* SQLite counts its memory under one lock for all connections, which costs a tenth of a write
       and nobody reads the figure. Only before its first use can that be switched off; after it
       this does nothing. */
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);

    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    if (!config->read_only)
        flags |= SQLITE_OPEN_CREATE;
    int result = sqlite3_open_v2(path, &db->handle, flags, config->vfs);
    int code = result == SQLITE_OK ? set_up(db, config, err) : db_failed(db, result, err);
    if (code < 0) {
        db_close(db);
        return code;
    }
    db->writes = !config->read_only;
    db_remember_files(db);
    *out = db;
    return 0;
}

/* Turns the write-ahead log on, which is kept in the file. While a new file is turned, another
   connection that wants the same is refused at once, whatever its busy timeout, since both hold
   what the other needs; so the waiting is done here. */
static int use_write_ahead_log(struct db *db, int busy_ms, struct error *err)
{
    int64_t until_ns = monotonic_ns() + (int64_t)busy_ms * 1000000;
    int code = db_script(db, "PRAGMA journal_mode = WAL", err);
    while (code == ERR_UNAVAILABLE && monotonic_ns() < until_ns) {
        sqlite3_sleep(1);
        code = db_script(db, "PRAGMA journal_mode = WAL", err);
    }
    return code;
}

static int set_up(struct db *db, const struct db_config *config, struct error *err)
{
    sqlite3_extended_result_codes(db->handle, 1);
    sqlite3_busy_timeout(db->handle, config->busy_ms);
    int code = use_write_ahead_log(db, config->busy_ms, err);
    if (code < 0)
        return code;
    /* FULL: a commit that was answered survives a power cut. The default cache of 2 MB for each
       connection would be most of a small service's memory, and the system caches the file too. */
    code = db_script(db,
                     "PRAGMA synchronous = FULL;"
                     "PRAGMA foreign_keys = ON;"
                     "PRAGMA temp_store = MEMORY;"
                     "PRAGMA cache_size = -300;"
                     "PRAGMA journal_size_limit = 16777216;" /* of a log that once had to grow */
                     "PRAGMA user_version;", /* reads, and so opens the write-ahead log */
                     err);
    if (code == 0 && config->read_only)
        code = db_script(db, "PRAGMA query_only = ON; PRAGMA cache_size = -200;", err);
    else if (code == 0 && sqlite3_db_readonly(db->handle, "main")) /* SQLite does not mind */
        code =
            error_set(err, ERR_REFUSED, "the database file may only be read: look at its rights");
    return code;
}

void db_close(struct db *db)
{
    if (db == NULL)
        return;
    db_free_queries(db);
    for (int i = 0; i < DB_CONTROLS; i++)
        sqlite3_finalize(db->controls[i]);
    sqlite3_close(db->handle);
    free(db);
}

int db_script(struct db *db, const char *sql, struct error *err)
{
    int result = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
    return result == SQLITE_OK ? 0 : db_failed(db, result, err);
}

int db_begin_write(struct db *db, struct error *err)
{
    int code = db_check_gone(db, err);
    return code == 0 ? db_control(db, DB_BEGIN_WRITE, err) : code;
}

int db_commit_write(struct db *db, struct error *err)
{
    int code = db_control(db, DB_COMMIT, err);
    return code == 0 ? db_check_files(db, err) : code;
}

int db_write(struct db *db, db_fn *fn, void *arg, struct error *err)
{
    int code = db_begin_write(db, err);
    if (code < 0)
        return code;
    int answer = db_call(db, fn, arg, err);
    if (answer >= 0)
        code = db_commit_write(db, err);
    if (answer < 0 || code < 0)
        db_abandon(db);
    return code < 0 ? code : answer;
}

int db_read(struct db *db, db_fn *fn, void *arg, struct error *err)
{
    int code = db_control(db, DB_BEGIN_READ, err);
    if (code < 0)
        return code;
    int answer = db_call(db, fn, arg, err);
    if (answer >= 0)
        code = db_control(db, DB_COMMIT, err);
    if (answer < 0 || code < 0)
        db_abandon(db);
    return code < 0 ? code : answer;
}

int db_call(struct db *db, db_fn *fn, void *arg, struct error *err)
{
    int answer = fn(&db->tx, arg, err);
    int forgotten = db_end_queries(db, answer < 0 ? NULL : err);
    return answer < 0 || forgotten == 0 ? answer : forgotten;
}

int db_control(struct db *db, enum db_control what, struct error *err)
{
    static const char *const texts[DB_CONTROLS] = {
        [DB_BEGIN_WRITE] = "BEGIN IMMEDIATE",
        [DB_BEGIN_READ] = "BEGIN",
        [DB_COMMIT] = "COMMIT",
        [DB_ROLLBACK] = "ROLLBACK",
        [DB_SAVEPOINT] = "SAVEPOINT job",
        [DB_RELEASE] = "RELEASE job",
        [DB_ROLLBACK_TO] = "ROLLBACK TO job",
    };
    int result = SQLITE_OK;
    if (db->controls[what] == NULL)
        result = sqlite3_prepare_v3(db->handle, texts[what], -1, SQLITE_PREPARE_PERSISTENT,
                                    &db->controls[what], NULL);
    if (result == SQLITE_OK) {
        sqlite3_step(db->controls[what]);
        result = sqlite3_reset(db->controls[what]);
    }
    return result == SQLITE_OK ? 0 : db_failed(db, result, err);
}

int db_in_transaction(const struct db *db)
{
    return !sqlite3_get_autocommit(db->handle);
}

void db_abandon(struct db *db)
{
    /* When even this fails, SQLite has already rolled back, or will when the file is opened. */
    if (db_in_transaction(db))
        (void)db_control(db, DB_ROLLBACK, NULL);
}

int db_failed(struct db *db, int result, struct error *err)
{
    const char *said = db->handle != NULL ? sqlite3_errmsg(db->handle) : sqlite3_errstr(result);
    switch (result & 0xff) {
    case SQLITE_CONSTRAINT:
        if (result == SQLITE_CONSTRAINT_UNIQUE || result == SQLITE_CONSTRAINT_PRIMARYKEY ||
            result == SQLITE_CONSTRAINT_ROWID)
            return error_set(err, ERR_EXISTS, "the row exists already (%s)", said);
        return error_set(err, ERR_INVALID, "a rule of the table was broken (%s)", said);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return error_set(err, ERR_UNAVAILABLE, "the database is held by another process (%s)",
                         said);
    case SQLITE_FULL:
        return error_set(err, ERR_IO, "the disk is full: free some space (%s)", said);
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_PROTOCOL:
        return error_set(err, ERR_IO,
                         "the database file cannot be used: look at its folder, its "
                         "rights and the disk (%s)",
                         said);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return error_set(err, ERR_CORRUPT,
                         "the database file is damaged: put back a copy of it (%s)", said);
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        if (db->writes) /* it could be written when it was opened */
            return error_set(err, ERR_IO,
                             "the database may only be read now: look at its rights and the disk "
                             "(%s)",
                             said);
        return error_set(err, ERR_REFUSED, "the database may only be read here (%s)", said);
    case SQLITE_TOOBIG:
    case SQLITE_NOMEM:
        return error_set(err, ERR_LIMIT, "a limit of the database was reached (%s)", said);
    default:
        return error_set(err, ERR_INVALID, "the statement is wrong (%s)", said);
    }
}
