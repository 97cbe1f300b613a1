#include "service_log.h"

#include <stdio.h>
#include "kit/error.h"
#include "service_wire.h"

static int read_last(struct db_tx *tx, int64_t *last, struct error *err)
{
    struct db_query *q = db_query(tx, "SELECT coalesce(max(position), 0) FROM record");
    if (db_step(q) == DB_ROW)
        *last = db_column_int64(q, 0);
    return db_finish(q, err);
}

int log_expect_count(struct db_tx *tx, int64_t count, struct error *err)
{
    int64_t last = 0;
    int result = read_last(tx, &last, err);
    if (result == 0 && last != count)
        result = error_set(err, ERR_IO, "the database has %lld records, and %lld were decided",
                           (long long)last, (long long)count);
    return result;
}

int log_append(struct db_tx *tx, int64_t position, const struct chat_record *record,
               struct error *err)
{
    const struct chat_message *message = &record->message;
    struct db_query *q = db_query(tx, "INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    db_bind_int64(q, 1, position);
    db_bind_int64(q, 2, record->kind);
    db_bind_text(q, 3, message->channel);
    db_bind_int64(q, 4, message->number);
    db_bind_text(q, 5, message->user);
    db_bind_text(q, 6, message->nonce);
    db_bind_text(q, 7, message->file);
    db_bind_text(q, 8, message->text);
    db_bind_int64(q, 9, message->sent_ms);
    return db_finish(q, err);
}

void log_put_newest(struct json_writer *writer, const char *channel, int64_t number)
{
    json_open_object(writer, NULL);
    json_put_string(writer, "channel", channel);
    json_put_int64(writer, "number", number);
    json_close_object(writer);
}

/* From the columns position, kind, channel ... of a row. */
static void read_record(struct db_query *q, struct chat_record *record)
{
    struct chat_message *message = &record->message;
    *record = (struct chat_record){.kind = db_column_int64(q, 1) == CHAT_RECORD_MESSAGE
                                               ? CHAT_RECORD_MESSAGE
                                               : CHAT_RECORD_COUNTER};
    message->number = db_column_int64(q, 3);
    message->sent_ms = db_column_int64(q, 8);
    snprintf(message->channel, sizeof message->channel, "%s", db_column_text(q, 2));
    snprintf(message->user, sizeof message->user, "%s", db_column_text(q, 4));
    snprintf(message->nonce, sizeof message->nonce, "%s", db_column_text(q, 5));
    snprintf(message->file, sizeof message->file, "%s", db_column_text(q, 6));
    snprintf(message->text, sizeof message->text, "%s", db_column_text(q, 7));
}

int log_replay_all(struct db_tx *tx, void *log_replay, struct error *err)
{
    struct log_replay *replay = log_replay;
    struct chat_record record;
    int step = 0, result = 0;
    struct db_query *q = db_query(tx, "SELECT * FROM record ORDER BY position");
    while (result == 0 && (step = db_step(q)) == DB_ROW) {
        replay->count = db_column_int64(q, 0);
        read_record(q, &record);
        result = chat_log_replay(replay->log, &record, err);
    }
    int finished = db_finish(q, result == 0 ? err : NULL);
    return result != 0 ? result : finished;
}

int log_read_page(struct db_tx *tx, void *log_page, struct error *err)
{
    const struct log_page *page = log_page;
    const int is_feed = page->channel[0] == '\0';
    struct json_writer writer = json_writer(page->out);
    struct chat_record record;
    int64_t last = page->after;
    int count = 0, more = 0;
    struct db_query *q = is_feed
                             ? db_query(tx, "SELECT * FROM record WHERE position > ? AND kind = 0"
                                            " ORDER BY position LIMIT ?")
                             : db_query(tx, "SELECT * FROM record WHERE number > ? AND kind = 0"
                                            " AND channel = ?3 ORDER BY number LIMIT ?2");
    db_bind_int64(q, 1, page->after);
    db_bind_int64(q, 2, page->limit);
    if (!is_feed)
        db_bind_text(q, 3, page->channel);
    json_open_object(&writer, NULL);
    json_open_array(&writer, "messages");
    while (!more && db_step(q) == DB_ROW) {
        last = db_column_int64(q, is_feed ? 0 : 3);
        read_record(q, &record);
        wire_put_message(&writer, NULL, &record.message);
        more = ++count < page->limit && page->out->length >= LOG_PAGE_BYTES;
    }
    json_close_array(&writer);
    json_put_int64(&writer, "last", last);
    json_put_bool(&writer, "more", more);
    json_close_object(&writer);
    return db_finish(q, err);
}

int log_read_newest(struct db_tx *tx, void *log_newest, struct error *err)
{
    struct log_newest *newest = log_newest;
    int64_t last = 0;
    int result = read_last(tx, &last, err);
    newest->more = last > newest->after + LOG_NEWEST_MAX;
    newest->position = newest->more           ? newest->after + LOG_NEWEST_MAX
                       : last > newest->after ? last
                                              : newest->after;
    if (result != 0 || newest->position == newest->after)
        return result;
    struct db_query *q = db_query(tx, "SELECT channel, max(number) FROM record WHERE position > ?"
                                      " AND position <= ? AND kind = 0 GROUP BY channel");
    db_bind_int64(q, 1, newest->after);
    db_bind_int64(q, 2, newest->position);
    while (db_step(q) == DB_ROW)
        log_put_newest(newest->out, db_column_text(q, 0), db_column_int64(q, 1));
    return db_finish(q, err);
}
