/*
 * The bus: a log of messages in an SQLite file that several processes share, and how far each
 * group of consumers has read it.
 *
 * Publishing takes the file's write lock, so numbers are given in the order of commits and a
 * reader never sees 8 before 7 exists. Messages stay; the log of a course is short.
 */
#include <pthread.h>
#include <stdlib.h>
#include "kit/error.h"
#include "kit/outbox_internal.h"

enum { BUSY_MS = 5000 };

static const char SCHEMA[] = "CREATE TABLE IF NOT EXISTS bus_messages ("
                             "  sequence INTEGER PRIMARY KEY AUTOINCREMENT,"
                             "  id TEXT NOT NULL,"
                             "  topic TEXT NOT NULL,"
                             "  key TEXT NOT NULL,"
                             "  payload TEXT NOT NULL,"
                             "  at_ms INTEGER NOT NULL"
                             ");"
                             "CREATE TABLE IF NOT EXISTS bus_positions ("
                             "  consumers TEXT PRIMARY KEY,"
                             "  sequence INTEGER NOT NULL"
                             ");";

struct bus {
    pthread_mutex_t turn; /* guards db */
    struct db *db;
};

int bus_open(struct bus **out, const char *url, struct error *err)
{
    struct bus *bus = calloc(1, sizeof *bus);
    if (bus == NULL)
        return error_set(err, ERR_LIMIT, "no memory for a bus");
    pthread_mutex_init(&bus->turn, NULL);
    struct db_config config = {
        .url = url != NULL && url[0] != '\0' ? url : ":memory:",
        .busy_ms = BUSY_MS,
    };
    int code = db_open(&bus->db, &config, err);
    if (code == 0)
        code = db_script(bus->db, SCHEMA, err);
    if (code < 0) {
        bus_close(bus);
        return code;
    }
    *out = bus;
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
    const char *group;
    int64_t sequence;
};

static int publish(struct db_tx *tx, void *arg, struct error *err)
{
    const struct bus_call *call = arg;
    int code = 0;
    for (int i = 0; i < call->count && code == 0; i++) {
        const struct outbox_message *message = &call->sent[i];
        code = message_insert(tx,
                              "INSERT INTO bus_messages (id, topic, key, payload, at_ms)"
                              " VALUES (?, ?, ?, ?, ?)",
                              message->id, message->topic, message->key, message->payload,
                              message->at_ms, err);
    }
    return code;
}

int bus_publish(struct bus *bus, const struct outbox_message *messages, int count,
                struct error *err)
{
    struct bus_call call = {.sent = messages, .count = count};
    pthread_mutex_lock(&bus->turn);
    int code = db_write(bus->db, publish, &call, err);
    pthread_mutex_unlock(&bus->turn);
    return code;
}

static int poll_messages(struct db_tx *tx, void *arg, struct error *err)
{
    const struct bus_call *call = arg;
    struct db_query *q =
        db_query(tx, "SELECT sequence, id, topic, key, payload, at_ms FROM bus_messages"
                     " WHERE sequence >"
                     "  coalesce((SELECT sequence FROM bus_positions WHERE consumers = ?), 0)"
                     " ORDER BY sequence LIMIT ?");
    db_bind_text(q, 1, call->group);
    db_bind_int64(q, 2, call->count);
    return message_read(q, call->received, call->count, err);
}

int bus_poll(struct bus *bus, const char *group, struct outbox_message *messages, int max,
             struct error *err)
{
    struct bus_call call = {.group = group, .received = messages, .count = max};
    pthread_mutex_lock(&bus->turn);
    int code = db_read(bus->db, poll_messages, &call, err);
    pthread_mutex_unlock(&bus->turn);
    return code;
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
