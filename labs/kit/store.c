/*
 * Group commit.
 *
 * A commit costs one fsync however much it holds, so writers share them. Callers queue a job and
 * sleep; the writer thread takes all that wait, runs each inside a savepoint, commits once and
 * wakes its callers. Nobody waits for a batch to fill: while one batch is being synced the next
 * one gathers, so batches grow with the load and a lone write is as quick as without them.
 *
 * A job lives on its caller's stack and has a semaphore of its own: the writer wakes exactly the
 * threads whose work is done, and after sem_post it never touches the job again.
 *
 * An in-memory database is private to its connection, so there reads are jobs of the writer too.
 */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include "kit/db_internal.h"
#include "kit/limits.h"
#include "kit/log.h"
#include "kit/store.h"
#include "kit/thread.h"

enum {
    BUSY_MS = 5000
}; /* how long another process may hold the database when none is configured */

struct job {
    db_fn *fn;
    void *arg;
    struct error *err; /* the caller's, may be NULL */
    int code;
    sem_t done;
    struct job *next;
};

struct reader {
    pthread_mutex_t turn;
    struct db *db; /* opened at its first turn */
};

struct store {
    struct store_config config;
    char *url;
    struct db *writer; /* the writer thread's, but for opening and closing */
    int memory;
    atomic_int failing;   /* a write failed for the disk's sake, and no trial has succeeded since */
    int64_t next_look_ns; /* the writer's: when it looks for expired rows again */
    pthread_t thread;
    int started;

    pthread_mutex_t lock; /* guards the queue and stopping */
    pthread_cond_t work;
    struct job *first, **last;
    int queued;
    int stopping;

    int reader_count;
    struct reader readers[STORE_READERS_MAX];
};

static void *writer_main(void *arg);

int store_open(struct store **out, const struct store_config *config, struct error *err)
{
    struct store *store = calloc(1, sizeof *store);
    if (store == NULL)
        return error_set(err, ERR_LIMIT, "no memory for a store");
    pthread_mutex_init(&store->lock, NULL);
    pthread_cond_init(&store->work, NULL);
    store->last = &store->first;
    store->config = *config;
    store->reader_count = config->readers > 0 ? config->readers : STORE_READERS;
    if (store->reader_count > STORE_READERS_MAX)
        store->reader_count = STORE_READERS_MAX;
    for (int i = 0; i < store->reader_count; i++)
        pthread_mutex_init(&store->readers[i].turn, NULL);
    if (store->config.db.busy_ms == 0)
        store->config.db.busy_ms = BUSY_MS;

    int code = 0;
    if (config->db.url != NULL) {
        store->url = strdup(config->db.url);
        store->config.db.url = store->url;
        store->memory = strstr(config->db.url, ":memory:") != NULL;
    }
    code = db_open(&store->writer, &store->config.db, err);
    if (code == 0 && config->schema != NULL)
        code = db_script(store->writer, config->schema, err);
    if (code == 0 && config->expiry.table != NULL)
        code = db_script(store->writer, EXPIRY_SCHEMA, err);
    if (code == 0)
        code = thread_start(&store->thread, writer_main, store, err);
    store->started = code == 0;
    if (code < 0) {
        store_close(store);
        return code;
    }
    *out = store;
    return 0;
}

void store_close(struct store *store)
{
    if (store == NULL)
        return;
    pthread_mutex_lock(&store->lock);
    store->stopping = 1;
    pthread_cond_signal(&store->work);
    pthread_mutex_unlock(&store->lock);
    if (store->started)
        pthread_join(store->thread, NULL);

    for (int i = 0; i < store->reader_count; i++) {
        db_close(store->readers[i].db);
        pthread_mutex_destroy(&store->readers[i].turn);
    }
    db_close(store->writer); /* last: it empties the write-ahead log into the database */
    pthread_cond_destroy(&store->work);
    pthread_mutex_destroy(&store->lock);
    free(store->url);
    free(store);
}

/* Puts the job at the end of the queue. ERR_LIMIT when that is full. */
static int enqueue(struct store *store, struct job *job)
{
    pthread_mutex_lock(&store->lock);
    if (store->queued >= STORE_QUEUE_MAX) {
        pthread_mutex_unlock(&store->lock);
        return error_set(job->err, ERR_LIMIT, "%d writes wait already: try again in a moment",
                         STORE_QUEUE_MAX);
    }
    *store->last = job;
    store->last = &job->next;
    int first = store->queued++ == 0; /* otherwise the writer is awake and will find it */
    pthread_mutex_unlock(&store->lock);
    if (first) /* with the lock given back: the writer wants it at once */
        pthread_cond_signal(&store->work);
    return 0;
}

static int queue_and_wait(struct store *store, db_fn *fn, void *arg, struct error *err)
{
    struct job job = {.fn = fn, .arg = arg, .err = err};
    sem_init(&job.done, 0, 0);
    int code = enqueue(store, &job);
    if (code == 0) {
        while (sem_wait(&job.done) != 0 && errno == EINTR)
            continue;
        code = job.code;
    }
    sem_destroy(&job.done);
    return code;
}

/* What is wrong with the disk may be right again in a moment: so callers hear ERR_UNAVAILABLE. */
static int for_caller(int code)
{
    return code == ERR_IO ? ERR_UNAVAILABLE : code;
}

int store_write(struct store *store, db_fn *fn, void *arg, struct error *err)
{
    if (store->config.before_write != NULL)
        store->config.before_write(store->config.before_write_context);
    return for_caller(queue_and_wait(store, fn, arg, err));
}

/* Writes as much as should have room. Other bytes each time: SQLite does not write what is there.
 */
static int write_trial(struct db_tx *tx, void *arg, struct error *err)
{
    (void)arg;
    int code = db_script(tx->db,
                         "CREATE TABLE IF NOT EXISTS store_trial"
                         " (id BIGINT PRIMARY KEY, bytes BLOB NOT NULL)",
                         err);
    if (code < 0)
        return code;
    struct db_query *q =
        db_query(tx, "INSERT INTO store_trial (id, bytes) VALUES (1, randomblob(?))"
                     " ON CONFLICT (id) DO UPDATE SET bytes = excluded.bytes");
    db_bind_int64(q, 1, STORE_ROOM_BYTES);
    return db_finish(q, err);
}

int store_check(struct store *store, struct error *err)
{
    int code = db_check_files(store->writer, err);
    if (code == 0)
        code = db_check_room(store->writer, err);
    if (code == 0 && atomic_load(&store->failing)) {
        code = queue_and_wait(store, write_trial, NULL, err);
        if (code == 0)
            atomic_store(&store->failing, 0);
    }
    return for_caller(code);
}

/* A free reader, else the turn of the last. Always trying the first one first keeps its cache and
   its statements hot, and a lone thread uses one connection only. */
static struct reader *take_reader(struct store *store)
{
    int last = store->reader_count - 1;
    for (int i = 0; i < last; i++)
        if (pthread_mutex_trylock(&store->readers[i].turn) == 0)
            return &store->readers[i];
    pthread_mutex_lock(&store->readers[last].turn);
    return &store->readers[last];
}

/* Needs the reader's turn. Whatever has come to the path since, it must be the writer's file. */
static int open_reader(struct store *store, struct reader *reader, struct error *err)
{
    struct db_config config = store->config.db;
    config.read_only = 1;
    int code = db_open(&reader->db, &config, err);
    if (code == 0 && !db_same_file(reader->db, store->writer)) {
        db_close(reader->db);
        reader->db = NULL;
        code = error_set(err, ERR_IO, "another database file was put in the place of ours");
    }
    return code;
}

int store_read(struct store *store, db_fn *fn, void *arg, struct error *err)
{
    if (store->memory)
        return for_caller(queue_and_wait(store, fn, arg, err));
    /* A file that is gone can still be read by who has it open; but what is read so is no more. A
       look with each read would cost it a tenth. */
    if (db_check_gone(store->writer, err) < 0)
        return ERR_UNAVAILABLE;
    struct reader *reader = take_reader(store);
    int code = reader->db == NULL ? open_reader(store, reader, err) : 0;
    if (code == 0)
        code = db_read(reader->db, fn, arg, err);
    pthread_mutex_unlock(&reader->turn);
    return for_caller(code);
}

/* Runs one job inside a savepoint. A job that fails leaves no trace but its code. */
static void run_job(struct store *store, struct job *job)
{
    struct db *db = store->writer;
    job->code = db_control(db, DB_SAVEPOINT, job->err);
    if (job->code < 0)
        return;
    job->code = db_call(db, job->fn, job->arg, job->err);
    if (!db_in_transaction(db))
        return; /* SQLite rolled the batch back: run_batch answers for all */
    if (job->code < 0 && db_control(db, DB_ROLLBACK_TO, NULL) < 0) {
        (void)db_control(db, DB_ROLLBACK, NULL); /* half of this job must not be committed */
        return;
    }
    int released = db_control(db, DB_RELEASE, job->code < 0 ? NULL : job->err);
    if (job->code >= 0 && released < 0)
        job->code = released;
}

/* What a job of the store's own is given. */
struct cleaning {
    const struct expiry *expiry;
    int writes;
    int more;
};

static int clean(struct db_tx *tx, void *arg, struct error *err)
{
    struct cleaning *cleaning = arg;
    cleaning->more = expiry_pass(tx, cleaning->expiry, cleaning->writes, err);
    return cleaning->more < 0 ? cleaning->more : 0;
}

/* Removes expired rows in the commit that is made anyway. Should that fail, it is undone alone, and
   tried again at the next look. */
static void clean_in_batch(struct store *store, int writes)
{
    int64_t now_ns = monotonic_ns();
    if (store->config.expiry.table == NULL || now_ns < store->next_look_ns)
        return;
    struct error err = {0};
    struct cleaning cleaning = {.expiry = &store->config.expiry, .writes = writes};
    struct job job = {.fn = clean, .arg = &cleaning, .err = &err};
    run_job(store, &job);
    if (job.code < 0)
        log_warn("expired rows were not removed; trying again", LOG_TEXT("reason", err.text));
    if (job.code < 0 || !cleaning.more)
        store->next_look_ns = now_ns + EXPIRY_LOOK_MS * INT64_C(1000000);
}

/* Runs the jobs, then the store's own, in the transaction that is open. 0, or ERR_IO when it was
   lost. *disk_failed: a job met the disk's failure alone. */
static int run_jobs(struct store *store, struct job *batch, int *disk_failed, struct error *err)
{
    int writes = 0;
    struct job *job = batch;
    for (; job != NULL && db_in_transaction(store->writer); job = job->next) {
        run_job(store, job);
        *disk_failed |= job->code == ERR_IO;
        writes++;
    }
    if (db_in_transaction(store->writer))
        clean_in_batch(store, writes);
    if (db_in_transaction(store->writer))
        return 0;
    return error_set(err, ERR_IO,
                     "a write that shared this commit failed, and the database undid them all: "
                     "look at the disk");
}

static void run_batch(struct store *store, struct job *batch)
{
    struct error err = {0};
    int disk_failed = 0;
    int code = db_begin_write(store->writer, &err);
    if (code == 0)
        code = run_jobs(store, batch, &disk_failed, &err);
    if (code == 0)
        code = db_commit_write(store->writer, &err);
    if (code < 0)
        db_abandon(store->writer);
    if (code == ERR_IO || disk_failed)
        atomic_store(&store->failing, 1);

    for (struct job *job = batch, *next = NULL; job != NULL; job = next) {
        next = job->next;
        if (code < 0 && job->code >= 0)
            job->code = error_set(job->err, code, "%s", err.text);
        sem_post(&job->done); /* from here on the job may be gone */
    }
}

/* Unlinks up to STORE_BATCH_MAX jobs; NULL at the end of the store. Waits when there is none. */
static struct job *take_batch(struct store *store)
{
    pthread_mutex_lock(&store->lock);
    while (store->first == NULL && !store->stopping)
        pthread_cond_wait(&store->work, &store->lock);
    struct job *batch = store->first;
    struct job **end = &store->first;
    for (int i = 0; i < STORE_BATCH_MAX && *end != NULL; i++) {
        end = &(*end)->next;
        store->queued--;
    }
    if (batch != NULL) {
        store->first = *end;
        *end = NULL;
        if (store->first == NULL)
            store->last = &store->first;
    }
    pthread_mutex_unlock(&store->lock);
    return batch;
}

static void *writer_main(void *arg)
{
    struct store *store = arg;
    for (struct job *batch = take_batch(store); batch != NULL; batch = take_batch(store))
        run_batch(store, batch);
    return NULL;
}
