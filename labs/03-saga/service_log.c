#include "service_log.h"

#include <stdio.h>
#include <string.h>

const char SERVICE_LOG_SCHEMA[] =
    "CREATE TABLE IF NOT EXISTS checkouts ("
    "  id TEXT PRIMARY KEY, cart_id TEXT NOT NULL, customer_id TEXT NOT NULL,"
    "  coupon TEXT NOT NULL, ended INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS checkouts_open ON checkouts (id) WHERE ended = 0;"
    "CREATE TABLE IF NOT EXISTS checkout_keys ("
    "  key TEXT PRIMARY KEY, body_sha256 TEXT NOT NULL, checkout_id TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS saga_log ("
    "  saga_id TEXT NOT NULL, sequence INTEGER NOT NULL, frame BLOB NOT NULL,"
    "  PRIMARY KEY (saga_id, sequence)) WITHOUT ROWID;";

static int insert_checkout(struct db_tx *tx, const struct saga_checkout *checkout,
                           struct error *err)
{
    struct db_query *q = db_query(tx, "INSERT INTO checkouts (id, cart_id, customer_id, coupon, "
                                      "ended) VALUES (?, ?, ?, ?, 0)");
    db_bind_text(q, 1, checkout->id);
    db_bind_text(q, 2, checkout->cart_id);
    db_bind_text(q, 3, checkout->customer_id);
    db_bind_text(q, 4, checkout->coupon);
    return db_finish(q, err);
}

static int insert_request(struct db_tx *tx, const struct log_write *write, struct error *err)
{
    struct db_query *q =
        db_query(tx, "INSERT INTO checkout_keys (key, body_sha256, checkout_id) VALUES (?, ?, ?)");
    db_bind_text(q, 1, write->request->key);
    db_bind_text(q, 2, write->request->body_sha256);
    db_bind_text(q, 3, write->checkout->id);
    return db_finish(q, err);
}

static int insert_record(struct db_tx *tx, const struct log_write *write, int i, struct error *err)
{
    const struct saga_action *record = &write->records[i];
    uint32_t sequence = write->sequence + (uint32_t)i;
    struct text frame = {0};
    frame_append(&frame, sequence, record->as.payload.bytes, record->as.payload.length);
    struct db_query *q =
        db_query(tx, "INSERT INTO saga_log (saga_id, sequence, frame) VALUES (?, ?, ?)");
    db_bind_text(q, 1, write->checkout->id);
    db_bind_int64(q, 2, sequence);
    db_bind_blob(q, 3, frame.bytes, frame.length);
    int result = db_finish(q, err);
    text_release(&frame);
    return result;
}

static int append(struct db_tx *tx, void *arg, struct error *err)
{
    const struct log_write *write = arg;
    int result = write->begins ? insert_checkout(tx, write->checkout, err) : 0;
    if (result == 0 && write->request != NULL && write->request->key != NULL)
        result = insert_request(tx, write, err);
    for (int i = 0; i < write->count && result == 0; i++)
        result = insert_record(tx, write, i, err);
    if (result == 0 && write->ends) {
        struct db_query *q = db_query(tx, "UPDATE checkouts SET ended = 1 WHERE id = ?");
        db_bind_text(q, 1, write->checkout->id);
        result = db_finish(q, err);
    }
    return result;
}

int log_append(struct store *store, const struct log_write *write, struct error *err)
{
    struct log_write copy = *write;
    return store_write(store, append, &copy, err);
}

struct finding {
    const struct log_request *request;
    char *id;
};

static int find(struct db_tx *tx, void *arg, struct error *err)
{
    const struct finding *finding = arg;
    int found = 0, same = 0;
    struct db_query *q =
        db_query(tx, "SELECT body_sha256, checkout_id FROM checkout_keys WHERE key = ?");
    db_bind_text(q, 1, finding->request->key);
    if (db_step(q) == DB_ROW) {
        found = 1;
        same = strcmp(db_column_text(q, 0), finding->request->body_sha256) == 0;
        snprintf(finding->id, ID_SIZE, "%s", db_column_text(q, 1));
    }
    int result = db_finish(q, err);
    if (result == 0 && found && !same)
        return error_set(err, ERR_CONFLICT, "This Idempotency-Key was used with another body.");
    return result < 0 ? result : found;
}

int log_find_request(struct store *store, const struct log_request *request, char id[ID_SIZE],
                     struct error *err)
{
    struct finding finding = {request, id};
    return request->key != NULL ? store_read(store, find, &finding, err) : 0;
}

static void take_word(char *word, size_t size, struct db_query *q, int column)
{
    snprintf(word, size, "%s", db_column_text(q, column));
}

static int load(struct db_tx *tx, void *arg, struct error *err)
{
    struct logged *logged = arg;
    struct saga_checkout *checkout = &logged->checkout;
    struct db_query *q =
        db_query(tx, "SELECT cart_id, customer_id, coupon FROM checkouts WHERE id = ?");
    db_bind_text(q, 1, checkout->id);
    int found = db_step(q) == DB_ROW;
    if (found) {
        take_word(checkout->cart_id, sizeof checkout->cart_id, q, 0);
        take_word(checkout->customer_id, sizeof checkout->customer_id, q, 1);
        take_word(checkout->coupon, sizeof checkout->coupon, q, 2);
    }
    int result = db_finish(q, err);
    if (result == 0 && !found)
        return error_set(err, ERR_NOT_FOUND, "There is no checkout %s.", checkout->id);
    if (result < 0)
        return result;
    q = db_query(tx, "SELECT frame FROM saga_log WHERE saga_id = ? ORDER BY sequence");
    db_bind_text(q, 1, checkout->id);
    for (; db_step(q) == DB_ROW; logged->rows++)
        text_append(&logged->frames, db_column_text(q, 0), db_column_length(q, 0));
    return db_finish(q, err);
}

int log_load(struct store *store, const char *id, struct logged *out, struct error *err)
{
    *out = (struct logged){.frames = {0}};
    snprintf(out->checkout.id, sizeof out->checkout.id, "%s", id);
    int result = store_read(store, load, out, err);
    if (result < 0)
        text_release(&out->frames);
    return result;
}

int log_replay(struct logged *logged, struct saga *saga, struct error *err)
{
    struct frame_reader reader = {.bytes = text_str(&logged->frames),
                                  .length = logged->frames.length};
    const void *payload = NULL;
    size_t length = 0;
    struct error why = {0};
    int more = 0;
    while ((more = frame_next(&reader, &payload, &length, &why)) == 1) {
        int result = saga_replay(saga, payload, length, &why);
        if (result < 0)
            return error_set(err, result,
                             "Checkout %s, record %lu of its log: %.120s Use the program that "
                             "wrote it; nothing was changed.",
                             logged->checkout.id, (unsigned long)reader.sequence - 1, why.text);
    }
    if (more < 0)
        return error_set(err, more, "Checkout %s: %s", logged->checkout.id, why.text);
    if (logged->rows == 0 || reader.sequence < (uint32_t)logged->rows)
        return error_set(err, ERR_CORRUPT,
                         "Checkout %s: The log is damaged: record %lu is missing or cut off. Put "
                         "back a copy of it; nothing was changed.",
                         logged->checkout.id, (unsigned long)reader.sequence);
    return (int)reader.sequence;
}

static int list_open(struct db_tx *tx, void *arg, struct error *err)
{
    struct db_query *q = db_query(tx, "SELECT id FROM checkouts WHERE ended = 0 ORDER BY id");
    while (db_step(q) == DB_ROW)
        if (db_column_length(q, 0) == ID_SIZE - 1)
            text_append(arg, db_column_text(q, 0), ID_SIZE - 1);
    return db_finish(q, err);
}

int log_open_checkouts(struct store *store, struct text *ids, struct error *err)
{
    return store_read(store, list_open, ids, err);
}
