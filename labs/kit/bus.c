/*
 * The bus: a log of messages in an SQLite file that several processes share, and how far each
 * group of consumers has read it.
 *
 * Publishing takes the file's write lock, so numbers are given in the order of commits and a
 * reader never sees 8 before 7 exists. How long messages stay is in bus_retention.c.
 *
 * The version of the tables is the file's user_version. 0: without seen_ms and log_ms, or new.
 */
#include "kit/bus.h"

#include <pthread.h>
#include <stdlib.h>
#include "kit/clock.h"
#include "kit/config.h"
#include "kit/error.h"
#include "kit/limits.h"
#include "kit/log.h"
#include "kit/metrics.h"
#include "kit/outbox_internal.h"
#include "kit/thread.h"

enum { BUSY_MS = 5000, VERSION = 1 };

static const char SCHEMA[] = "CREATE TABLE IF NOT EXISTS bus_messages (" MESSAGE_COLUMNS ");"
                             "CREATE TABLE IF NOT EXISTS bus_positions ("
                             "  consumers TEXT PRIMARY KEY,"
                             "  sequence INTEGER NOT NULL"
                             ");"
                             /* Version 1: the latest at_ms so far, and the time of the log. */
                             "ALTER TABLE bus_messages ADD COLUMN seen_ms INTEGER NOT NULL"
                             " DEFAULT 0;"
                             "ALTER TABLE bus_messages ADD COLUMN log_ms INTEGER NOT NULL"
                             " DEFAULT 0;"
                             "PRAGMA user_version = 1;";

struct bus {
    pthread_mutex_t turn; /* guards all below */
    struct db *db;
    struct bus_limits limits;
    int since_clean;        /* messages published since the last look for what may go */
    struct metric *removed; /* NULL: not counted */
    int64_t unlogged;       /* unread messages that went since the last line about them */
    int64_t logged_ns;      /* monotonic, of that line; 0 = there was none */
};

static int read_version(struct db_tx *tx, void *arg, struct error *err)
{
    int64_t *version = arg;
    struct db_query *q = db_query(tx, "PRAGMA user_version");
    *version = db_step(q) == DB_ROW ? db_column_int64(q, 0) : 0;
    int code = db_finish(q, err);
    if (code == 0 && *version > VERSION)
        return error_set(err, ERR_REFUSED,
                         "the bus was written by a newer version: use that, or name another file "
                         "in BUS_URL");
    return code;
}

/* Another process may have done it since the version was read. */
static int bring_up_to_date(struct db_tx *tx, void *arg, struct error *err)
{
    int64_t version = 0;
    int code = read_version(tx, &version, err);
    return code == 0 && version < VERSION ? db_script(arg, SCHEMA, err) : code;
}

int bus_open(struct bus **out, const char *url, struct error *err)
{
    struct bus *bus = calloc(1, sizeof *bus);
    if (bus == NULL)
        return error_set(err, ERR_LIMIT, "no memory for a bus");
    pthread_mutex_init(&bus->turn, NULL);
    bus->since_clean = BUS_CLEAN_STEP; /* the first publishing looks */
    bus->limits =
        (struct bus_limits){.count = BUS_KEEP_COUNT, .age_ms = BUS_KEEP_MS, .bytes = BUS_BYTES_MAX};
    struct db_config config = {
        .url = url != NULL && url[0] != '\0' ? url : ":memory:",
        .busy_ms = BUSY_MS,
    };
    int64_t version = 0;
    int code = db_open(&bus->db, &config, err);
    if (code == 0)
        code = db_read(bus->db, read_version, &version, err);
    if (code == 0 && version < VERSION)
        code = db_write(bus->db, bring_up_to_date, bus->db, err);
    if (code < 0) {
        bus_close(bus);
        return code;
    }
    *out = bus;
    return 0;
}

void bus_limit(struct bus *bus, const struct bus_limits *limits)
{
    pthread_mutex_lock(&bus->turn);
    bus->limits = *limits;
    pthread_mutex_unlock(&bus->turn);
}

int bus_configure(struct bus *bus, struct metrics *metrics, struct error *err)
{
    struct bus_limits limits;
    int code = config_int64("BUS_KEEP_COUNT", 0, INT32_MAX, BUS_KEEP_COUNT, &limits.count, err);
    if (code == 0)
        code = config_int64("BUS_KEEP_MS", 0, INT64_MAX, BUS_KEEP_MS, &limits.age_ms, err);
    if (code == 0)
        code = config_int64("BUS_BYTES_MAX", 1 << 20, INT64_MAX, BUS_BYTES_MAX, &limits.bytes, err);
    if (code < 0)
        return code;
    bus_limit(bus, &limits);
    bus->removed = metrics_family(metrics, METRIC_COUNTER, "bus_messages_removed_total",
                                  "Messages that the bus no longer keeps.", "state");
    metric_add(bus->removed, "read", 0);
    metric_add(bus->removed, "unread", 0);
    return 0;
}

void bus_close(struct bus *bus)
{
    if (bus == NULL)
        return;
    db_close(bus->db);
    pthread_mutex_destroy(&bus->turn);
    free(bus);
}

/* What the functions inside a transaction are given. */
struct bus_call {
    const struct outbox_message *sent;
    struct outbox_message *received;
    int count;
    const struct bus_limits *limits; /* NULL: nothing is looked for that may go */
    struct bus_removed removed;
    const char *group;
    int registered; /* the group has a position */
    int64_t sequence;
};

/* What the newest message says about time. */
struct bus_time {
    int64_t seen_ms, log_ms;
};

static int read_time(struct db_tx *tx, struct bus_time *time, struct error *err)
{
    struct db_query *q = db_query(tx, "SELECT seen_ms, log_ms FROM bus_messages"
                                      " ORDER BY sequence DESC LIMIT 1");
    if (db_step(q) == DB_ROW)
        *time = (struct bus_time){db_column_int64(q, 0), db_column_int64(q, 1)};
    return db_finish(q, err);
}

static int insert(struct db_tx *tx, const struct outbox_message *message, struct bus_time *time,
                  struct error *err)
{
    int code = message_fits(message->id, message->topic, message->key, err);
    if (code < 0)
        return code;
    time->log_ms += time_passed_ms(time->seen_ms, message->at_ms);
    if (message->at_ms > time->seen_ms)
        time->seen_ms = message->at_ms;
    struct db_query *q = db_query(tx, "INSERT INTO bus_messages"
                                      " (id, topic, key, payload, at_ms, seen_ms, log_ms)"
                                      " VALUES (?, ?, ?, ?, ?, ?, ?)");
    db_bind_text(q, 1, message->id);
    db_bind_text(q, 2, message->topic);
    db_bind_text(q, 3, message->key);
    db_bind_text(q, 4, message->payload);
    db_bind_int64(q, 5, message->at_ms);
    db_bind_int64(q, 6, time->seen_ms);
    db_bind_int64(q, 7, time->log_ms);
    return db_finish(q, err);
}

static int publish(struct db_tx *tx, void *arg, struct error *err)
{
    struct bus_call *call = arg;
    struct bus_time time = {0, 0};
    int code = read_time(tx, &time, err);
    for (int i = 0; i < call->count && code == 0; i++)
        code = insert(tx, &call->sent[i], &time, err);
    if (code == 0 && call->limits != NULL)
        code = bus_clean(tx, call->limits, &call->removed, err);
    return code;
}

/* Counts what went, and logs what should not have had to go. Needs the turn. */
static void note_removed(struct bus *bus, const struct bus_removed *removed)
{
    if (bus->removed != NULL) {
        metric_add(bus->removed, "read", (double)removed->read);
        metric_add(bus->removed, "unread", (double)removed->unread);
    }
    bus->unlogged += removed->unread;
    int64_t now_ns = monotonic_ns();
    if (removed->unread == 0 ||
        (bus->logged_ns != 0 && now_ns - bus->logged_ns < BUS_LOG_MS * INT64_C(1000000)))
        return;
    log_error("the bus is full: messages went that a group has not read; start its consumers, or "
              "raise BUS_BYTES_MAX",
              LOG_TEXT("group", removed->group), LOG_INT("messages", bus->unlogged),
              LOG_INT("bytes_max", bus->limits.bytes));
    bus->unlogged = 0;
    bus->logged_ns = now_ns;
}

int bus_publish(struct bus *bus, const struct outbox_message *messages, int count,
                struct error *err)
{
    struct bus_call call = {.sent = messages, .count = count};
    pthread_mutex_lock(&bus->turn);
    bus->since_clean += count;
    if (bus->since_clean >= BUS_CLEAN_STEP)
        call.limits = &bus->limits;
    int code = db_write(bus->db, publish, &call, err);
    if (code == 0 && call.limits != NULL) {
        bus->since_clean = 0;
        note_removed(bus, &call.removed);
    }
    pthread_mutex_unlock(&bus->turn);
    return code;
}

static int poll_messages(struct db_tx *tx, void *arg, struct error *err)
{
    struct bus_call *call = arg;
    int64_t position = 0;
    struct db_query *q = db_query(tx, "SELECT sequence FROM bus_positions WHERE consumers = ?");
    db_bind_text(q, 1, call->group);
    call->registered = db_step(q) == DB_ROW;
    if (call->registered)
        position = db_column_int64(q, 0);
    int code = db_finish(q, err);
    if (code < 0)
        return code;
    q = db_query(tx, "SELECT sequence, id, topic, key, payload, at_ms FROM bus_messages"
                     " WHERE sequence > ? ORDER BY sequence LIMIT ?");
    db_bind_int64(q, 1, position);
    db_bind_int64(q, 2, call->count);
    return message_read(q, call->received, call->count, err);
}

/* From here on messages wait for the group. */
static int enrol(struct db_tx *tx, void *arg, struct error *err)
{
    const struct bus_call *call = arg;
    struct db_query *q = db_query(tx, "INSERT INTO bus_positions (consumers, sequence)"
                                      " VALUES (?, 0) ON CONFLICT (consumers) DO NOTHING");
    db_bind_text(q, 1, call->group);
    return db_finish(q, err);
}

int bus_poll(struct bus *bus, const char *group, struct outbox_message *messages, int max,
             struct error *err)
{
    struct bus_call call = {.group = group, .received = messages, .count = max};
    pthread_mutex_lock(&bus->turn);
    int count = db_read(bus->db, poll_messages, &call, err);
    int code = count >= 0 && !call.registered ? db_write(bus->db, enrol, &call, err) : 0;
    pthread_mutex_unlock(&bus->turn);
    for (int i = 0; i < count && code < 0; i++)
        outbox_message_release(&messages[i]);
    return code < 0 ? code : count;
}

/* A position never moves back: a slow consumer of the group may report late. */
static int commit(struct db_tx *tx, void *arg, struct error *err)
{
    const struct bus_call *call = arg;
    struct db_query *q =
        db_query(tx, "INSERT INTO bus_positions (consumers, sequence) VALUES (?, ?)"
                     " ON CONFLICT (consumers) DO UPDATE SET sequence = excluded.sequence"
                     " WHERE excluded.sequence > bus_positions.sequence");
    db_bind_text(q, 1, call->group);
    db_bind_int64(q, 2, call->sequence);
    return db_finish(q, err);
}

int bus_commit(struct bus *bus, const char *group, int64_t sequence, struct error *err)
{
    struct bus_call call = {.group = group, .sequence = sequence};
    pthread_mutex_lock(&bus->turn);
    int code = db_write(bus->db, commit, &call, err);
    pthread_mutex_unlock(&bus->turn);
    return code;
}
