/*
 * What db*.c and store.c share: the connection's parts and the steps of a transaction.
 * For the kit alone; services use kit/db.h and kit/store.h.
 */
#ifndef KIT_DB_INTERNAL_H
#define KIT_DB_INTERNAL_H

#include <sqlite3.h>
#include <stdatomic.h>
#include <sys/types.h>
#include "kit/db.h"
#include "kit/error.h"
#include "kit/limits.h"

/* A slot of the statement cache, and the one running statement that it holds. */
struct db_query {
    struct db *db;
    const char *sql; /* the caller's literal: the address is the first half of the key */
    sqlite3_stmt *statement;
    uint64_t last_use;
    int running; /* handed out by db_query, not yet given back by db_finish */
    int stepped;
    int finished; /* stepped to its end */
    int code;     /* the first failure */
    struct error error;
};

/* The fixed statements of transactions. */
enum db_control {
    DB_BEGIN_WRITE,
    DB_BEGIN_READ,
    DB_COMMIT,
    DB_ROLLBACK,
    DB_SAVEPOINT,
    DB_RELEASE,
    DB_ROLLBACK_TO,
    DB_CONTROLS
};

struct db_tx {
    struct db *db;
};

/* A file as it was when it was opened. */
struct db_file {
    const char *path; /* the connection's; NULL when there is nothing to look at */
    dev_t device;
    ino_t inode;
};

struct db {
    sqlite3 *handle;
    int writes;               /* opened for writing, and open */
    struct db_file file, log; /* the database and its write-ahead log; set at opening */
    atomic_int gone;          /* they were not those that were opened, at the last look */
    struct db_tx tx;          /* what functions inside a transaction hold */
    sqlite3_stmt *controls[DB_CONTROLS];
    uint64_t uses;
    int running; /* queries handed out now */
    struct db_query queries[DB_STATEMENTS_MAX];
    struct db_query refused; /* handed out when every slot runs: fails at each step */
};

/* The kit's code for an SQLite result, and a sentence from the connection. */
int db_failed(struct db *db, int result, struct error *err);

int db_control(struct db *db, enum db_control what, struct error *err);

/* BEGIN IMMEDIATE; ERR_IO while the files are known to be others than those that were opened. */
int db_begin_write(struct db *db, struct error *err);
/* COMMIT; ERR_IO also when they turn out to be others: it was committed, and nobody will find it.
 */
int db_commit_write(struct db *db, struct error *err);

/* db_file.c. What was set at opening is only read afterwards, so these may be called from any
   thread. ERR_IO with a sentence. */
void db_remember_files(struct db *db);
int db_check_files(struct db *db, struct error *err); /* are they those that were opened? */
int db_check_gone(struct db *db, struct error *err); /* the same, if they were not when last seen */
int db_check_room(const struct db *db, struct error *err); /* is the disk full or read-only? */
int db_same_file(const struct db *db, const struct db *other);

/* Calls fn, then ends the queries that it forgot. A forgotten one that had failed fails the call.
 */
int db_call(struct db *db, db_fn *fn, void *arg, struct error *err);

/* Rolls back whatever transaction is open. */
void db_abandon(struct db *db);

/* 0 when SQLite has rolled back by itself, as it does when the disk is full. */
int db_in_transaction(const struct db *db);

/* Gives back running queries; the first error among them, or 0. */
int db_end_queries(struct db *db, struct error *err);
void db_free_queries(struct db *db);

#endif
