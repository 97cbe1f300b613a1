/*
 * Expiry by marks. A mark says: when the time of the marks was own_ms, the table's highest rowid
 * was `last`. Once own_ms lies keep_ms back, rows up to `last` go, oldest first, and then the mark.
 *
 * Rowids only grow while the highest row stays, and that goes last of all: with it go all marks
 * that name it, or a row that begins again at 1 would be taken for an old one.
 */
#include <stdio.h>
#include "kit/error.h"
#include "kit/expiry.h"
#include "kit/limits.h"

enum { SQL_SIZE = 256, MARKS = 16 };

const char EXPIRY_SCHEMA[] = "CREATE TABLE IF NOT EXISTS expiry_marks ("
                             "  name TEXT NOT NULL,"      /* of the table */
                             "  last BIGINT NOT NULL,"    /* its highest rowid then */
                             "  seen_ms BIGINT NOT NULL," /* what the clock said */
                             "  own_ms BIGINT NOT NULL);";

struct mark {
    int64_t last, seen_ms, own_ms;
};

/* The mark that sql selects: 1, 0 when there is none, or a negative code. */
static int read_mark(struct db_tx *tx, const char *sql, const char *table, int64_t until_ms,
                     struct mark *mark, struct error *err)
{
    struct db_query *q = db_query(tx, sql);
    db_bind_text(q, 1, table);
    db_bind_int64(q, 2, until_ms);
    int found = db_step(q) == DB_ROW;
    if (found)
        *mark = (struct mark){db_column_int64(q, 0), db_column_int64(q, 1), db_column_int64(q, 2)};
    int code = db_finish(q, err);
    return code < 0 ? code : found;
}

static int remove_marks(struct db_tx *tx, const char *table, int64_t last, struct error *err)
{
    struct db_query *q = db_query(tx, "DELETE FROM expiry_marks WHERE name = ? AND last <= ?");
    db_bind_text(q, 1, table);
    db_bind_int64(q, 2, last);
    return db_finish(q, err);
}

/* Notes how far the table has grown. newest NULL: there is no mark yet. */
static int add_mark(struct db_tx *tx, const char *table, const struct mark *newest,
                    struct mark mark, struct error *err)
{
    char sql[SQL_SIZE];
    snprintf(sql, sizeof sql, "SELECT coalesce(max(rowid), 0) FROM %s", table);
    struct db_query *q = db_query(tx, sql);
    mark.last = db_step(q) == DB_ROW ? db_column_int64(q, 0) : 0;
    int code = db_finish(q, err);
    if (code == 0 && newest != NULL && mark.last < newest->last)
        code = remove_marks(tx, table, INT64_MAX, err); /* somebody emptied the table */
    if (code < 0)
        return code;
    q = db_query(tx, "INSERT INTO expiry_marks (name, last, seen_ms, own_ms) VALUES (?, ?, ?, ?)");
    db_bind_text(q, 1, table);
    db_bind_int64(q, 2, mark.last);
    db_bind_int64(q, 3, mark.seen_ms);
    db_bind_int64(q, 4, mark.own_ms);
    return db_finish(q, err);
}

/* Removes up to max rows: 1 when there were as many, 0, or a negative code. */
static int remove_rows(struct db_tx *tx, const char *table, int64_t last, int max,
                       struct error *err)
{
    char sql[SQL_SIZE];
    snprintf(sql, sizeof sql,
             "DELETE FROM %s WHERE rowid IN"
             " (SELECT rowid FROM %s WHERE rowid <= ? ORDER BY rowid LIMIT ?)",
             table, table);
    struct db_query *q = db_query(tx, sql);
    db_bind_int64(q, 1, last);
    db_bind_int64(q, 2, max);
    int code = db_finish(q, err);
    return code < 0 ? code : db_changes(tx) == max;
}

int expiry_pass(struct db_tx *tx, const struct expiry *expiry, int writes, struct error *err)
{
    int64_t between_ms = expiry->keep_ms / MARKS;
    if (between_ms > TIME_STEP_MAX_MS / 2)
        between_ms = TIME_STEP_MAX_MS / 2; /* so that no step of the time is cut short */
    struct mark newest = {0, 0, 0}, over = {0, 0, 0};
    int found = read_mark(tx,
                          "SELECT last, seen_ms, own_ms FROM expiry_marks"
                          " WHERE name = ? AND own_ms <= ? ORDER BY own_ms DESC, rowid DESC"
                          " LIMIT 1",
                          expiry->table, INT64_MAX, &newest, err);
    int64_t now_ms = clock_now(&expiry->clock).wall_ms;
    struct mark now = {.seen_ms = now_ms,
                       .own_ms = newest.own_ms + time_passed_ms(newest.seen_ms, now_ms)};
    int code = found < 0 ? found : 0;
    if (found == 0 ||
        (found > 0 && (now_ms < newest.seen_ms || now.own_ms - newest.own_ms >= between_ms)))
        code = add_mark(tx, expiry->table, found > 0 ? &newest : NULL, now, err);
    if (code < 0)
        return code;
    code = read_mark(tx,
                     "SELECT last, seen_ms, own_ms FROM expiry_marks"
                     " WHERE name = ? AND own_ms <= ? ORDER BY own_ms, rowid LIMIT 1",
                     expiry->table, now.own_ms - expiry->keep_ms, &over, err);
    if (code <= 0)
        return code;
    code = remove_rows(tx, expiry->table, over.last, 2 * writes + EXPIRY_STEP, err);
    if (code != 0)
        return code;
    code = remove_marks(tx, expiry->table, over.last, err);
    return code < 0 ? code : 1; /* the next mark may be over too */
}
