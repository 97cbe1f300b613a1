/* Given: the probe's own look into the tables, past the student's code. */
#include "probe_lab.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "kit/error.h"

struct listing {
    const char *stream;
    struct text *reply;
};

/* Adds "prefix.number". */
static void add_field(struct text *reply, const char *prefix, int64_t number, const char *value)
{
    char field[48];
    snprintf(field, sizeof field, "%s.%" PRId64, prefix, number);
    message_add(reply, field, value);
}

static int list_events(struct db_tx *tx, void *arg, struct error *err)
{
    struct listing *listing = arg;
    int64_t count = 0;
    struct db_query *q = db_query(tx, "SELECT version, event_id, type, schema, at_ms, payload"
                                      " FROM order_events WHERE stream = ? ORDER BY version");
    db_bind_text(q, 1, listing->stream);
    while (db_step(q) == DB_ROW) {
        struct text row = {0};
        int64_t version = db_column_int64(q, 0);
        text_addf(&row, "%s %" PRId64 " %" PRId64, db_column_text(q, 2), db_column_int64(q, 3),
                  db_column_int64(q, 4));
        add_field(listing->reply, "row", version, text_str(&row));
        add_field(listing->reply, "event", version, db_column_text(q, 1));
        add_field(listing->reply, "payload", version, db_column_text(q, 5));
        text_release(&row);
        count++;
    }
    message_add_int64(listing->reply, "count", count);
    return db_finish(q, err);
}

static int list_snapshots(struct db_tx *tx, void *arg, struct error *err)
{
    struct listing *listing = arg;
    int64_t count = 0;
    char schema[32];
    struct db_query *q = db_query(tx, "SELECT version, schema, state FROM order_snapshots"
                                      " WHERE stream = ? ORDER BY version");
    db_bind_text(q, 1, listing->stream);
    while (db_step(q) == DB_ROW) {
        int64_t version = db_column_int64(q, 0);
        snprintf(schema, sizeof schema, "%" PRId64, db_column_int64(q, 1));
        add_field(listing->reply, "snapshot", version, schema);
        add_field(listing->reply, "state", version, db_column_text(q, 2));
        count++;
    }
    message_add_int64(listing->reply, "count", count);
    return db_finish(q, err);
}

static void list(struct lab *lab, const struct message *action, db_fn *fn, struct text *reply)
{
    struct error err = {0};
    struct listing listing = {message_get_or(action, "stream", "o-1"), reply};
    if (lab_store(lab, reply) != 0)
        return;
    message_begin(reply, "ok");
    if (store_read(lab->orders.store, fn, &listing, &err) != 0)
        lab_bad(reply, err.text);
}

static void do_rows(void *context, const struct message *action, struct text *reply)
{
    list(context, action, list_events, reply);
}

static void do_snapshots(void *context, const struct message *action, struct text *reply)
{
    list(context, action, list_snapshots, reply);
}

/* --- putting and deleting: what an older program, or a mishap, left there ----------------- */

static int put_event(struct db_tx *tx, void *arg, struct error *err)
{
    const struct message *action = arg;
    struct db_query *q = db_query(tx, "INSERT INTO order_events (stream, version, event_id, type,"
                                      " schema, at_ms, payload) VALUES (?, ?, ?, ?, ?, ?, ?)");
    db_bind_text(q, 1, message_get_or(action, "stream", "o-1"));
    db_bind_int64(q, 2, lab_int64(action, "version", 1));
    db_bind_text(q, 3, message_get_or(action, "event", "e-1"));
    db_bind_text(q, 4, message_get_or(action, "type", ""));
    db_bind_int64(q, 5, lab_int64(action, "schema", 1));
    db_bind_int64(q, 6, lab_int64(action, "at", 0));
    db_bind_text(q, 7, message_get_or(action, "payload", "{}"));
    db_step(q);
    return db_finish(q, err);
}

static int delete_row(struct db_query *q, const struct message *action, struct error *err)
{
    db_bind_text(q, 1, message_get_or(action, "stream", "o-1"));
    db_bind_int64(q, 2, lab_int64(action, "version", 0));
    db_step(q);
    return db_finish(q, err);
}

static int delete_event(struct db_tx *tx, void *arg, struct error *err)
{
    return delete_row(db_query(tx, "DELETE FROM order_events WHERE stream = ? AND version = ?"),
                      arg, err);
}

static int delete_snapshot(struct db_tx *tx, void *arg, struct error *err)
{
    return delete_row(db_query(tx, "DELETE FROM order_snapshots WHERE stream = ? AND version = ?"),
                      arg, err);
}

static int put_snapshot(struct db_tx *tx, void *arg, struct error *err)
{
    const struct message *action = arg;
    int code = delete_snapshot(tx, arg, err);
    if (code != 0)
        return code;
    struct db_query *q = db_query(tx, "INSERT INTO order_snapshots (stream, version, schema,"
                                      " state) VALUES (?, ?, ?, ?)");
    db_bind_text(q, 1, message_get_or(action, "stream", "o-1"));
    db_bind_int64(q, 2, lab_int64(action, "version", 0));
    db_bind_int64(q, 3, lab_int64(action, "schema", ORDER_SNAPSHOT_SCHEMA));
    db_bind_text(q, 4, message_get_or(action, "state", "{}"));
    db_step(q);
    return db_finish(q, err);
}

/* The probe's own writes: one that fails is the scenario's mistake, not the student's. */
static void tamper(struct lab *lab, const struct message *action, db_fn *fn, struct text *reply)
{
    struct error err = {0};
    struct message copy = *action; /* db_fn takes a plain pointer */
    if (lab_store(lab, reply) == 0 && store_write(lab->orders.store, fn, &copy, &err) != 0)
        lab_bad(reply, err.text);
}

static void do_put_event(void *context, const struct message *action, struct text *reply)
{
    tamper(context, action, put_event, reply);
}

static void do_delete_event(void *context, const struct message *action, struct text *reply)
{
    tamper(context, action, delete_event, reply);
}

static void do_put_snapshot(void *context, const struct message *action, struct text *reply)
{
    tamper(context, action, put_snapshot, reply);
}

static void do_delete_snapshot(void *context, const struct message *action, struct text *reply)
{
    tamper(context, action, delete_snapshot, reply);
}

const struct probe_action lab_rows_actions[] = {
    {"rows", do_rows},
    {"snapshots", do_snapshots},
    {"put_event", do_put_event},
    {"delete_event", do_delete_event},
    {"put_snapshot", do_put_snapshot},
    {"delete_snapshot", do_delete_snapshot},
    {NULL, NULL},
};
