/*
 * Group commit: who shares a commit, who gets which answer, and what a full disk leaves behind.
 *
 * A gate holds the writer thread inside its first job, so that the test decides what queues up
 * behind it. (A real job never blocks.)
 */
#include <check.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include "kit/db_internal.h"
#include "kit/error.h"
#include "kit/limits.h"
#include "kit/store.h"
#include "kit/thread.h"
#include "kit_fixture.h"
#include "run_tests.h"

static const char SCHEMA[] = "CREATE TABLE IF NOT EXISTS t (a INTEGER PRIMARY KEY, b TEXT)";

struct bench {
    struct folder folder;
    struct store *store;
    struct db *outside; /* another connection: sees what is committed, and nothing else */
    sem_t entered, gate;
    sem_t returned;      /* posted with each call that has returned */
    atomic_int answered; /* store_write calls that have returned */
};

static struct store *open_store(const char *url)
{
    struct store_config config = {.db = {.url = url}, .schema = SCHEMA};
    struct store *store = NULL;
    struct error err = {0};
    ck_assert_msg(store_open(&store, &config, &err) == 0, "%s", err.text);
    return store;
}

static void bench_open(struct bench *bench)
{
    memset(bench, 0, sizeof *bench);
    bench->folder = folder_make();
    bench->store = open_store(bench->folder.database);
    struct db_config config = {.url = bench->folder.database, .read_only = 1};
    ck_assert_int_eq(db_open(&bench->outside, &config, NULL), 0);
    sem_init(&bench->entered, 0, 0);
    sem_init(&bench->gate, 0, 0);
    sem_init(&bench->returned, 0, 0);
}

static void bench_close(struct bench *bench)
{
    db_close(bench->outside);
    store_close(bench->store);
    sem_destroy(&bench->entered);
    sem_destroy(&bench->gate);
    sem_destroy(&bench->returned);
    folder_remove(&bench->folder);
}

static int count(struct db_tx *tx, void *arg, struct error *err)
{
    struct db_query *q = db_query(tx, "SELECT count(*) FROM t");
    *(int *)arg = db_step(q) == DB_ROW ? (int)db_column_int64(q, 0) : -1;
    return db_finish(q, err);
}

static int committed_rows(struct db *db)
{
    int rows = -1;
    ck_assert_int_eq(db_read(db, count, &rows, NULL), 0);
    return rows;
}

static int rows_read(struct store *store)
{
    int rows = -1;
    ck_assert_int_eq(store_read(store, count, &rows, NULL), 0);
    return rows;
}

/* One caller of store_write, and what its function saw. */
struct writer {
    struct bench *bench;
    pthread_t thread;
    int row;
    int held;      /* waits at the gate */
    int fails;     /* inserts, then answers ERR_REFUSED */
    int committed; /* rows that the outside saw meanwhile */
    int answered;  /* calls that had returned by then */
    int code;
    int committed_after;
    struct error err;
};

static int insert(struct db_tx *tx, int row, struct error *err)
{
    struct db_query *q = db_query(tx, "INSERT INTO t VALUES (?, 'x')");
    db_bind_int64(q, 1, row);
    return db_finish(q, err);
}

static int job(struct db_tx *tx, void *arg, struct error *err)
{
    struct writer *writer = arg;
    struct bench *bench = writer->bench;
    if (writer->held) {
        sem_post(&bench->entered);
        sem_wait(&bench->gate);
    }
    writer->committed = committed_rows(bench->outside);
    writer->answered = atomic_load(&bench->answered);
    int code = insert(tx, writer->row, err);
    return code == 0 && writer->fails ? error_set(err, ERR_REFUSED, "as told") : code;
}

static void *write_once(void *arg)
{
    struct writer *writer = arg;
    writer->code = store_write(writer->bench->store, job, writer, &writer->err);
    atomic_fetch_add(&writer->bench->answered, 1);
    sem_post(&writer->bench->returned);
    return NULL;
}

static void start(struct writer *writer, struct bench *bench, int row)
{
    writer->bench = bench;
    writer->row = row;
    ck_assert_int_eq(thread_start(&writer->thread, write_once, writer, NULL), 0);
}

/* The first writer waits at the gate when this returns. */
static void start_held(struct writer *writer, struct bench *bench, int row)
{
    writer->held = 1;
    start(writer, bench, row);
    sem_wait(&bench->entered);
}

START_TEST(writes_that_wait_share_one_commit_and_return_after_it)
{
    enum {
        WRITERS = 1 + STORE_QUEUE_MAX + 1
    }; /* one too many: its refusal says the queue is full */
    struct bench bench;
    static struct writer writers[WRITERS];
    bench_open(&bench);
    start_held(&writers[0], &bench, 0);
    for (int i = 1; i < WRITERS; i++)
        start(&writers[i], &bench, i);
    sem_wait(&bench.returned);
    sem_post(&bench.gate);

    int commits = 0, refused = 0, last = -1;
    int in_batch[WRITERS + 1] = {0};
    for (int i = 0; i < WRITERS; i++)
        pthread_join(writers[i].thread, NULL);
    for (int i = 0; i < WRITERS; i++) {
        if (writers[i].code == ERR_LIMIT) {
            refused++;
            continue;
        }
        ck_assert_msg(writers[i].code == 0, "write %d: %s", i, writers[i].err.text);
        in_batch[writers[i].committed]++;
        /* The refused one has returned; of the others only those whose rows were committed. */
        ck_assert_int_le(writers[i].answered, writers[i].committed + 1);
    }
    for (int rows = 0; rows <= WRITERS; rows++) {
        if (in_batch[rows] == 0)
            continue;
        commits++;
        ck_assert_int_le(in_batch[rows], STORE_BATCH_MAX);
        ck_assert_int_gt(rows, last);
        last = rows;
    }
    ck_assert_int_eq(refused, 1);
    ck_assert_int_eq(commits, 1 + STORE_QUEUE_MAX / STORE_BATCH_MAX);
    ck_assert_int_eq(committed_rows(bench.outside), WRITERS - 1);
    bench_close(&bench);
}
END_TEST

START_TEST(a_write_that_fails_takes_nothing_else_down)
{
    enum { WRITERS = 9 };
    struct bench bench;
    struct writer writers[WRITERS] = {{0}};
    bench_open(&bench);
    start_held(&writers[0], &bench, 0);
    for (int i = 1; i < WRITERS; i++) {
        writers[i].fails = i % 3 == 0;
        start(&writers[i], &bench, i % 3 == 1 ? i : 100 + i / 3); /* 2 and 3, 5 and 6 collide */
    }
    sem_post(&bench.gate);
    int good = 0;
    for (int i = 0; i < WRITERS; i++) {
        pthread_join(writers[i].thread, NULL);
        int code = writers[i].code;
        if (writers[i].fails)
            ck_assert_msg(code == ERR_REFUSED || code == ERR_EXISTS, "write %d gave %d", i, code);
        else
            ck_assert_msg(code == 0, "write %d: %s", i, writers[i].err.text);
        good += code == 0;
    }
    ck_assert_int_eq(committed_rows(bench.outside), good);
    bench_close(&bench);
}
END_TEST

START_TEST(a_read_sees_every_acknowledged_write)
{
    struct bench bench;
    bench_open(&bench);
    for (int i = 0; i < 200; i++) {
        struct writer writer = {.bench = &bench, .row = i};
        write_once(&writer);
        ck_assert_int_eq(writer.code, 0);
        ck_assert_int_eq(rows_read(bench.store), i + 1);
    }
    bench_close(&bench);
}
END_TEST

static void *read_and_write(void *arg)
{
    struct writer *writer = arg;
    for (int i = 0; i < 100 && writer->code == 0; i++) {
        int before = rows_read(writer->bench->store);
        writer->code = store_write(writer->bench->store, job, writer, &writer->err);
        ck_assert_int_gt(rows_read(writer->bench->store), before);
        ck_assert_int_eq(store_check(writer->bench->store, NULL), 0);
        writer->row++;
    }
    return NULL;
}

START_TEST(many_threads_may_read_and_write)
{
    enum { THREADS = 12 };
    struct bench bench;
    struct writer writers[THREADS] = {{0}};
    bench_open(&bench);
    for (int i = 0; i < THREADS; i++) {
        writers[i].bench = &bench;
        writers[i].row = i * 1000;
        ck_assert_int_eq(thread_start(&writers[i].thread, read_and_write, &writers[i], NULL), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(writers[i].thread, NULL);
        ck_assert_msg(writers[i].code == 0, "%s", writers[i].err.text);
    }
    ck_assert_int_eq(rows_read(bench.store), THREADS * 100);
    bench_close(&bench);
}
END_TEST

static int insert_in_read(struct db_tx *tx, void *arg, struct error *err)
{
    (void)arg;
    return insert(tx, 1, err);
}

START_TEST(a_reader_cannot_write)
{
    struct bench bench;
    bench_open(&bench);
    ck_assert_int_eq(store_read(bench.store, insert_in_read, NULL, NULL), ERR_REFUSED);
    ck_assert_int_eq(rows_read(bench.store), 0);
    bench_close(&bench);
}
END_TEST

static int insert_arg(struct db_tx *tx, void *arg, struct error *err)
{
    return insert(tx, *(int *)arg, err);
}

START_TEST(a_store_in_memory_has_one_database_for_all)
{
    struct store *store = open_store(":memory:");
    int row = 7;
    ck_assert_int_eq(store_write(store, insert_arg, &row, NULL), 0);
    ck_assert_int_eq(rows_read(store), 1);
    ck_assert_int_eq(store_write(store, insert_arg, &row, NULL), ERR_EXISTS);
    store_close(store);
}
END_TEST

static void remember(void *context)
{
    ++*(int *)context;
}

START_TEST(tests_may_step_in_before_each_write)
{
    int calls = 0, row = 1;
    struct store_config config = {.db = {.url = ":memory:"},
                                  .schema = SCHEMA,
                                  .before_write = remember,
                                  .before_write_context = &calls};
    struct store *store = NULL;
    ck_assert_int_eq(store_open(&store, &config, NULL), 0);
    ck_assert_int_eq(store_write(store, insert_arg, &row, NULL), 0);
    ck_assert_int_eq(rows_read(store), 1);
    ck_assert_int_eq(calls, 1);
    store_close(store);
}
END_TEST

static int insert_page(struct db_tx *tx, void *arg, struct error *err)
{
    struct db_query *q = db_query(tx, "INSERT INTO t VALUES (?, hex(randomblob(2000)))");
    db_bind_int64(q, 1, *(int *)arg);
    return db_finish(q, err);
}

static void limit_files(rlim_t bytes)
{
    struct rlimit limit;
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes == 0 ? limit.rlim_max : bytes;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

START_TEST(a_full_disk_is_an_error_and_loses_nothing_acknowledged)
{
    struct bench bench;
    bench_open(&bench);
    signal(SIGXFSZ, SIG_IGN);
    limit_files(512 * 1024);
    int row = 0, code = 0;
    struct error err = {0};
    while (row < 10000 && (code = store_write(bench.store, insert_page, &row, &err)) == 0)
        row++;
    ck_assert_msg(code == ERR_UNAVAILABLE, "row %d gave %s (%s)", row, error_name(code), err.text);
    ck_assert_int_gt(row, 10);
    ck_assert_int_eq(rows_read(bench.store), row);
    ck_assert_int_eq(store_write(bench.store, insert_page, &row, &err), ERR_UNAVAILABLE);
    ck_assert_int_eq(store_check(bench.store, &err), ERR_UNAVAILABLE);
    ck_assert_str_ne(err.text, "");

    limit_files(0);
    ck_assert_msg(store_check(bench.store, &err) == 0, "%s", err.text); /* it tried, and could */
    ck_assert_msg(store_write(bench.store, insert_page, &row, &err) == 0, "%s", err.text);
    ck_assert_int_eq(committed_rows(bench.outside), row + 1);
    bench_close(&bench);
}
END_TEST

START_TEST(a_disk_without_room_is_reported_before_a_write_fails)
{
    struct db full = {.file = {.path = "/proc/version"}}; /* no file system has less */
    struct folder folder = folder_make();
    struct db roomy = {.file = {.path = folder.path}};
    struct error err = {0};
    ck_assert_int_eq(db_check_room(&roomy, &err), 0);
    ck_assert_int_eq(db_check_room(&full, &err), ERR_IO);
    ck_assert_ptr_nonnull(strstr(err.text, "full"));
    folder_remove(&folder);
}
END_TEST

START_TEST(a_file_that_was_taken_away_is_reported_and_acknowledges_nothing)
{
    static const char *const lost[] = {"", "-wal"}; /* the database; its log alone */
    for (size_t i = 0; i < sizeof lost / sizeof lost[0]; i++) {
        struct bench bench;
        int row = 1, rows = -1;
        char path[128], away[160];
        bench_open(&bench);
        snprintf(path, sizeof path, "%s%s", bench.folder.database, lost[i]);
        snprintf(away, sizeof away, "%s.away", path);
        ck_assert_int_eq(store_write(bench.store, insert_arg, &row, NULL), 0);
        ck_assert_int_eq(store_check(bench.store, NULL), 0);

        ck_assert_int_eq(rename(path, away), 0);
        struct error err = {0};
        ck_assert_int_eq(store_check(bench.store, &err), ERR_UNAVAILABLE);
        ck_assert_ptr_nonnull(strstr(err.text, path));
        row = 2;
        ck_assert_int_eq(store_write(bench.store, insert_arg, &row, NULL), ERR_UNAVAILABLE);
        ck_assert_int_eq(store_read(bench.store, count, &rows, NULL), ERR_UNAVAILABLE);

        fclose(fopen(path, "w")); /* another file at its place is no better */
        ck_assert_int_eq(store_check(bench.store, NULL), ERR_UNAVAILABLE);
        ck_assert_int_eq(store_write(bench.store, insert_arg, &row, NULL), ERR_UNAVAILABLE);

        ck_assert_int_eq(rename(away, path), 0);
        ck_assert_int_eq(rows_read(bench.store), 1);
        ck_assert_int_eq(store_check(bench.store, NULL), 0);
        ck_assert_int_eq(store_write(bench.store, insert_arg, &row, NULL), 0);
        ck_assert_int_eq(rows_read(bench.store), 2);
        bench_close(&bench);
    }
}
END_TEST

START_TEST(a_reader_never_reads_another_file)
{
    struct bench bench;
    int row = 1, rows = -1;
    char away[160];
    bench_open(&bench);
    ck_assert_int_eq(store_write(bench.store, insert_arg, &row, NULL), 0);
    snprintf(away, sizeof away, "%s.away", bench.folder.database);
    ck_assert_int_eq(rename(bench.folder.database, away), 0);
    ck_assert_int_eq(store_read(bench.store, count, &rows, NULL), ERR_UNAVAILABLE);
    ck_assert_int_eq(rename(away, bench.folder.database), 0);
    ck_assert_int_eq(rows_read(bench.store), 1);
    bench_close(&bench);
}
END_TEST

START_TEST(two_processes_may_serve_one_file)
{
    enum { ROWS = 40 };
    struct folder folder = folder_make();
    pid_t pids[2];
    for (int i = 0; i < 2; i++) {
        pids[i] = fork();
        if (pids[i] != 0)
            continue;
        struct store *store = open_store(folder.database);
        for (int n = 0; n < ROWS; n++) {
            int row = n * 2 + i;
            ck_assert_int_eq(store_write(store, insert_arg, &row, NULL), 0);
            ck_assert_int_ge(rows_read(store), n + 1);
        }
        ck_assert_int_eq(store_check(store, NULL), 0);
        store_close(store);
        _exit(0);
    }
    for (int i = 0; i < 2; i++) {
        int status = -1;
        ck_assert_int_eq(waitpid(pids[i], &status, 0), pids[i]);
        ck_assert_int_eq(status, 0);
    }
    struct store *store = open_store(folder.database);
    ck_assert_int_eq(rows_read(store), 2 * ROWS);
    store_close(store);
    folder_remove(&folder);
}
END_TEST

START_TEST(without_descriptors_a_reader_waits_for_better_times)
{
    struct bench bench;
    bench_open(&bench);
    struct rlimit before, none;
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = before;
    none.rlim_cur = 3;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    int rows = -1;
    struct error err = {0};
    ck_assert_int_eq(store_read(bench.store, count, &rows, &err), ERR_UNAVAILABLE);
    ck_assert_str_ne(err.text, "");
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
    ck_assert_int_eq(rows_read(bench.store), 0);
    bench_close(&bench);
}
END_TEST

START_TEST(a_store_that_cannot_open_says_why)
{
    struct store *store = NULL;
    struct error err = {0};
    struct store_config nowhere = {.db = {.url = "/nowhere/at/all.db"}};
    ck_assert_int_eq(store_open(&store, &nowhere, &err), ERR_IO);
    struct store_config wrong = {.db = {.url = ":memory:"}, .schema = "CREATE TABEL t"};
    ck_assert_int_eq(store_open(&store, &wrong, &err), ERR_INVALID);
    ck_assert_str_ne(err.text, "");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {writes_that_wait_share_one_commit_and_return_after_it,
                                  a_write_that_fails_takes_nothing_else_down,
                                  a_read_sees_every_acknowledged_write,
                                  many_threads_may_read_and_write,
                                  a_reader_cannot_write,
                                  a_store_in_memory_has_one_database_for_all,
                                  tests_may_step_in_before_each_write,
                                  a_full_disk_is_an_error_and_loses_nothing_acknowledged,
                                  a_disk_without_room_is_reported_before_a_write_fails,
                                  a_file_that_was_taken_away_is_reported_and_acknowledges_nothing,
                                  a_reader_never_reads_another_file,
                                  two_processes_may_serve_one_file,
                                  without_descriptors_a_reader_waits_for_better_times,
                                  a_store_that_cannot_open_says_why,
                                  NULL};
    return run_tests("kit store", tests);
}
