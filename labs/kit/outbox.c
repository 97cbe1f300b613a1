/* The outbox: a table in the service's own database. */
#include "kit/outbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kit/error.h"
#include "kit/outbox_internal.h"

const char OUTBOX_SCHEMA[] = "CREATE TABLE IF NOT EXISTS outbox (" MESSAGE_COLUMNS ");";

int outbox_add(struct db_tx *tx, const char *id, const char *topic, const char *key, int64_t at_ms,
               const char *payload, struct error *err)
{
    int code = message_fits(id, topic, key, err);
    if (code < 0)
        return code;
    struct db_query *q = db_query(tx, "INSERT INTO outbox (id, topic, key, payload, at_ms)"
                                      " VALUES (?, ?, ?, ?, ?)");
    db_bind_text(q, 1, id);
    db_bind_text(q, 2, topic);
    db_bind_text(q, 3, key);
    db_bind_text(q, 4, payload);
    db_bind_int64(q, 5, at_ms);
    return db_finish(q, err);
}

int outbox_peek(struct db_tx *tx, struct outbox_message *messages, int max, struct error *err)
{
    struct db_query *q = db_query(tx, "SELECT sequence, id, topic, key, payload, at_ms FROM outbox"
                                      " ORDER BY sequence LIMIT ?");
    db_bind_int64(q, 1, max);
    return message_read(q, messages, max, err);
}

int outbox_remove(struct db_tx *tx, int64_t sequence, struct error *err)
{
    struct db_query *q = db_query(tx, "DELETE FROM outbox WHERE sequence <= ?");
    db_bind_int64(q, 1, sequence);
    return db_finish(q, err);
}

void outbox_message_release(struct outbox_message *message)
{
    free(message->payload);
    message->payload = NULL;
}

int message_fits(const char *id, const char *topic, const char *key, struct error *err)
{
    struct outbox_message limits; /* only its sizes are used */
    if (strlen(id) >= sizeof limits.id || strlen(topic) >= sizeof limits.topic ||
        strlen(key) >= sizeof limits.key)
        return error_set(err, ERR_INVALID, "the id, topic or key of message %s is too long", id);
    return 0;
}

int message_read(struct db_query *q, struct outbox_message *messages, int max, struct error *err)
{
    int count = 0;
    int code = 0;
    while (count < max && code == 0 && db_step(q) == DB_ROW) {
        struct outbox_message *message = &messages[count++];
        message->sequence = db_column_int64(q, 0);
        snprintf(message->id, sizeof message->id, "%s", db_column_text(q, 1));
        snprintf(message->topic, sizeof message->topic, "%s", db_column_text(q, 2));
        snprintf(message->key, sizeof message->key, "%s", db_column_text(q, 3));
        message->payload = strdup(db_column_text(q, 4));
        message->at_ms = db_column_int64(q, 5);
        if (message->payload == NULL)
            code = error_set(err, ERR_LIMIT, "no memory for %d messages", max);
    }
    int ended = db_finish(q, code == 0 ? err : NULL);
    if (code == 0)
        code = ended;
    for (int i = 0; i < count && code < 0; i++)
        outbox_message_release(&messages[i]);
    return code < 0 ? code : count;
}
