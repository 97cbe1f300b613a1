/*
 * The records of the log in the database. Given: nothing to write here.
 *
 * Every record has a position: 1, 2, 3 ... in the order in which they were stored.
 */
#ifndef LAB04_SERVICE_LOG_H
#define LAB04_SERVICE_LOG_H

#include "chat_log.h"
#include "kit/db.h"
#include "kit/json.h"
#include "kit/text.h"

#define SERVICE_LOG_SCHEMA                                                                         \
    "CREATE TABLE IF NOT EXISTS record(position INTEGER PRIMARY KEY, kind INTEGER NOT NULL,"       \
    " channel TEXT NOT NULL, number INTEGER NOT NULL, user TEXT NOT NULL, nonce TEXT NOT NULL,"    \
    " file TEXT NOT NULL, text TEXT NOT NULL, sent_ms INTEGER NOT NULL);"                          \
    "CREATE INDEX IF NOT EXISTS record_number ON record(channel, number) WHERE kind = 0;"

/* ERR_IO when there are not so many records. */
int log_expect_count(struct db_tx *tx, int64_t count, struct error *err);
/* Stores the record at the position. */
int log_append(struct db_tx *tx, int64_t position, const struct chat_record *record,
               struct error *err);

/* A db_fn: hands every record to log, in order. What chat_log_replay says. */
struct log_replay {
    struct chat_log *log;
    int64_t count; /* of records, when it is done */
};
int log_replay_all(struct db_tx *tx, void *log_replay, struct error *err);

enum { LOG_PAGE_BYTES = 512 * 1024 /* a page ends behind the message that reaches it */ };
/* A db_fn: writes {messages, last, more} to out. more: the page ended for its bytes' sake, before
   its limit. */
struct log_page {
    const char *channel; /* after is a number of it; "": of all channels, after is a position */
    int64_t after;
    int limit;
    struct text *out;
};
int log_read_page(struct db_tx *tx, void *log_page, struct error *err);

/* A db_fn: adds the channels of the records after a position, each with its highest number, to an
   open list, and says which position comes next. */
enum { LOG_NEWEST_MAX = 4096 /* records in one answer: as many channels at most, 400 kB */ };
struct log_newest {
    int64_t after, position; /* position: of the last record that it has looked at */
    struct json_writer *out;
    int more;
};
/* {channel, number} */
void log_put_newest(struct json_writer *writer, const char *channel, int64_t number);
int log_read_newest(struct db_tx *tx, void *log_newest, struct error *err);

#endif
