/*
 * How long messages stay on the bus.
 *
 * After every BUS_CLEAN_STEP messages some of the oldest go, as many at a time and never more than
 * BUS_CLEAN_MAX in a commit: a backlog goes in many short steps, and each commit stays short. A
 * step goes when every registered group has read it, and it is older than age_ms or beyond the
 * newest `count` messages. A group that is dead for ever would keep all that follows, so there is a
 * second limit: above `bytes` the oldest go although somebody has not read them, and the log says
 * so.
 *
 * Age is counted in the time of the log itself, log_ms: it advances with the latest time that was
 * seen in a message, and never by more than TIME_STEP_MAX_MS at once. A clock that is set back
 * leaves it where it is; one that is wrong by years moves it by an hour.
 */
#include <stdio.h>
#include "kit/limits.h"
#include "kit/outbox_internal.h"

/* The log's two ends, and the group that has read least. */
struct bus_log {
    int64_t oldest, newest; /* sequences */
    int64_t now_ms;         /* log_ms of the newest */
    int64_t read;           /* all groups have read up to here; INT64_MAX when there is none */
};

static int read_one(struct db_query *q, int64_t *value, struct error *err)
{
    if (db_step(q) == DB_ROW)
        *value = db_column_int64(q, 0);
    return db_finish(q, err);
}

static int read_log(struct db_tx *tx, struct bus_log *log, struct bus_removed *removed,
                    struct error *err)
{
    *log = (struct bus_log){.read = INT64_MAX};
    int code = read_one(db_query(tx, "SELECT sequence FROM bus_messages ORDER BY sequence LIMIT 1"),
                        &log->oldest, err);
    struct db_query *q = db_query(tx, "SELECT sequence, log_ms FROM bus_messages"
                                      " ORDER BY sequence DESC LIMIT 1");
    if (db_step(q) == DB_ROW) {
        log->newest = db_column_int64(q, 0);
        log->now_ms = db_column_int64(q, 1);
    }
    int ended = db_finish(q, code == 0 ? err : NULL);
    code = code == 0 ? ended : code;
    q = db_query(tx, "SELECT sequence, consumers FROM bus_positions ORDER BY sequence LIMIT 1");
    if (db_step(q) == DB_ROW) {
        log->read = db_column_int64(q, 0);
        snprintf(removed->group, sizeof removed->group, "%s", db_column_text(q, 1));
    }
    ended = db_finish(q, code == 0 ? err : NULL);
    return code == 0 ? ended : code;
}

/* 1 when messages up to last, all of them read, are beyond the count or the age. */
static int is_over(struct db_tx *tx, const struct bus_limits *limits, const struct bus_log *log,
                   int64_t last, struct error *err)
{
    if (last > log->read)
        return 0;
    if (last <= log->newest - limits->count)
        return 1;
    struct db_query *q = db_query(tx, "SELECT log_ms FROM bus_messages WHERE sequence <= ?"
                                      " ORDER BY sequence DESC LIMIT 1");
    db_bind_int64(q, 1, last);
    int64_t log_ms = log->now_ms;
    int code = read_one(q, &log_ms, err);
    return code < 0 ? code : log->now_ms - log_ms > limits->age_ms;
}

/* 1 when what the file holds, but for its free pages, is more than the limit. */
static int is_full(struct db_tx *tx, const struct bus_limits *limits, struct error *err)
{
    int64_t bytes = 0;
    int code = read_one(db_query(tx, "SELECT (page_count - freelist_count) * page_size"
                                     " FROM pragma_page_count(), pragma_freelist_count(),"
                                     " pragma_page_size()"),
                        &bytes, err);
    return code < 0 ? code : bytes > limits->bytes;
}

int bus_clean(struct db_tx *tx, const struct bus_limits *limits, struct bus_removed *removed,
              struct error *err)
{
    struct bus_log log;
    *removed = (struct bus_removed){0};
    int code = read_log(tx, &log, removed, err);
    while (code == 0 && removed->read + removed->unread < BUS_CLEAN_MAX) {
        int64_t last = log.oldest + BUS_CLEAN_STEP - 1;
        if (last >= log.newest)
            break;
        int goes = is_over(tx, limits, &log, last, err);
        if (goes == 0)
            goes = is_full(tx, limits, err);
        if (goes <= 0)
            return goes;
        struct db_query *q = db_query(tx, "DELETE FROM bus_messages WHERE sequence <= ?");
        db_bind_int64(q, 1, last);
        code = db_finish(q, err);
        if (last <= log.read)
            removed->read += db_changes(tx);
        else
            removed->unread += db_changes(tx);
        log.oldest = last + 1;
    }
    return code;
}
