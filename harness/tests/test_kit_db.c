/* The connection: cached statements, transactions, and what each failure is called. */
#include <check.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include "kit/db.h"
#include "kit/error.h"
#include "kit/limits.h"
#include "kit_fixture.h"
#include "run_tests.h"

static struct db *open_memory(void)
{
    struct db_config config = {.url = ":memory:"};
    struct db *db = NULL;
    struct error err = {0};
    ck_assert_msg(db_open(&db, &config, &err) == 0, "%s", err.text);
    ck_assert_int_eq(
        db_script(db, "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT CHECK (b <> ''))", &err), 0);
    return db;
}

static int insert(struct db_tx *tx, int64_t a, const char *b, struct error *err)
{
    struct db_query *q = db_query(tx, "INSERT INTO t VALUES (?, ?)");
    db_bind_int64(q, 1, a);
    db_bind_text(q, 2, b);
    return db_finish(q, err);
}

static int count(struct db_tx *tx, void *arg, struct error *err)
{
    struct db_query *q = db_query(tx, "SELECT count(*) FROM t");
    *(int *)arg = db_step(q) == DB_ROW ? (int)db_column_int64(q, 0) : -1;
    return db_finish(q, err);
}

static void ck_rows(struct db *db, int expected)
{
    int rows = -1;
    ck_assert_int_eq(db_read(db, count, &rows, NULL), 0);
    ck_assert_int_eq(rows, expected);
}

static int insert_two_fail_second(struct db_tx *tx, void *arg, struct error *err)
{
    (void)arg;
    int code = insert(tx, 1, "x", err);
    return code < 0 ? code : insert(tx, 1, "y", err);
}

START_TEST(a_failed_function_leaves_nothing_and_its_code)
{
    struct db *db = open_memory();
    struct error err = {0};
    ck_assert_int_eq(db_write(db, insert_two_fail_second, NULL, &err), ERR_EXISTS);
    ck_assert_str_ne(err.text, "");
    ck_rows(db, 0);
    db_close(db);
}
END_TEST

static int insert_empty(struct db_tx *tx, void *arg, struct error *err)
{
    (void)arg;
    return insert(tx, 1, "", err);
}

static int misspelt(struct db_tx *tx, void *arg, struct error *err)
{
    (void)arg;
    struct db_query *q = db_query(tx, "SELEKT 1");
    db_bind_int64(q, 1, 1);
    ck_assert_int_eq(db_step(q), ERR_INVALID);
    ck_assert_int_eq(db_column_int64(q, 0), 0);
    ck_assert_str_eq(db_column_text(q, 0), "");
    return db_finish(q, err);
}

static int bind_too_many(struct db_tx *tx, void *arg, struct error *err)
{
    (void)arg;
    struct db_query *q = db_query(tx, "SELECT 1");
    db_bind_int64(q, 1, 7);
    return db_finish(q, err);
}

START_TEST(broken_rules_and_wrong_statements_are_invalid)
{
    struct db *db = open_memory();
    ck_assert_int_eq(db_write(db, insert_empty, NULL, NULL), ERR_INVALID);
    ck_assert_int_eq(db_write(db, misspelt, NULL, NULL), ERR_INVALID);
    ck_assert_int_eq(db_write(db, misspelt, NULL, NULL), ERR_INVALID);
    ck_assert_int_eq(db_write(db, bind_too_many, NULL, NULL), ERR_INVALID);
    ck_rows(db, 0);
    db_close(db);
}
END_TEST

/* Opens a query and forgets it; a failing one when arg is set. */
static int forget(struct db_tx *tx, void *arg, struct error *err)
{
    (void)err;
    int code = insert(tx, 1, "x", err);
    struct db_query *q = db_query(tx, arg != NULL ? "SELECT nowhere" : "SELECT a FROM t");
    (void)db_step(q);
    return code;
}

START_TEST(a_forgotten_query_is_ended_and_its_error_is_not_lost)
{
    struct db *db = open_memory();
    int yes = 1;
    ck_assert_int_eq(db_write(db, forget, &yes, NULL), ERR_INVALID);
    ck_rows(db, 0);
    ck_assert_int_eq(db_write(db, forget, NULL, NULL), 0);
    ck_rows(db, 1);
    db_close(db);
}
END_TEST

static int many_at_once(struct db_tx *tx, void *arg, struct error *err)
{
    (void)arg;
    struct db_query *open[DB_STATEMENTS_MAX];
    for (int i = 0; i < DB_STATEMENTS_MAX; i++) {
        open[i] = db_query(tx, "SELECT 5"); /* the same text, each running on its own */
        ck_assert_int_eq(db_step(open[i]), DB_ROW);
        ck_assert_int_eq(db_column_int64(open[i], 0), 5);
    }
    struct db_query *q = db_query(tx, "SELECT 6");
    ck_assert_int_eq(db_step(q), ERR_LIMIT);
    ck_assert_int_eq(db_finish(q, err), ERR_LIMIT);
    for (int i = 0; i < DB_STATEMENTS_MAX; i++)
        ck_assert_int_eq(db_finish(open[i], err), 0);
    return 0;
}

/* More statements than are kept, and two texts at one address. */
static int many_texts(struct db_tx *tx, void *arg, struct error *err)
{
    (void)arg;
    char sql[32];
    for (int i = 0; i < 3 * DB_STATEMENTS_MAX; i++) {
        snprintf(sql, sizeof sql, "SELECT %d", i);
        struct db_query *q = db_query(tx, sql);
        ck_assert_int_eq(db_step(q), DB_ROW);
        ck_assert_int_eq(db_column_int64(q, 0), i);
        ck_assert_int_eq(db_step(q), DB_DONE);
        ck_assert_int_eq(db_step(q), DB_DONE);
        ck_assert_int_eq(db_finish(q, err), 0);
    }
    return 0;
}

START_TEST(statements_are_bounded_and_never_mixed_up)
{
    struct db *db = open_memory();
    ck_assert_int_eq(db_read(db, many_at_once, NULL, NULL), 0);
    ck_assert_int_eq(db_read(db, many_texts, NULL, NULL), 0);
    db_close(db);
}
END_TEST

static int put_and_take_blob(struct db_tx *tx, void *arg, struct error *err)
{
    (void)arg;
    struct db_query *q = db_query(tx, "SELECT ?, ?, ?");
    db_bind_blob(q, 1, "a\0b", 3);
    db_bind_text(q, 2, NULL);
    db_bind_blob(q, 3, NULL, 0);
    ck_assert_int_eq(db_step(q), DB_ROW);
    ck_assert_uint_eq(db_column_length(q, 0), 3);
    ck_assert_mem_eq(db_column_text(q, 0), "a\0b", 3);
    ck_assert_str_eq(db_column_text(q, 1), "");
    ck_assert_uint_eq(db_column_length(q, 2), 0);
    return db_finish(q, err);
}

START_TEST(blobs_keep_their_bytes_and_null_is_empty)
{
    struct db *db = open_memory();
    ck_assert_int_eq(db_read(db, put_and_take_blob, NULL, NULL), 0);
    db_close(db);
}
END_TEST

START_TEST(a_read_only_connection_refuses_writes)
{
    struct folder folder = folder_make();
    struct db_config config = {.url = folder.database, .read_only = 1};
    struct db *db = NULL;
    struct error err = {0};
    ck_assert_int_eq(db_open(&db, &config, &err), ERR_IO); /* there is no file yet */
    config.read_only = 0;
    ck_assert_int_eq(db_open(&db, &config, &err), 0);
    ck_assert_int_eq(db_script(db, "CREATE TABLE t (a INTEGER PRIMARY KEY, b)", &err), 0);
    db_close(db);
    config.read_only = 1;
    ck_assert_int_eq(db_open(&db, &config, &err), 0);
    ck_assert_int_eq(db_write(db, insert_two_fail_second, NULL, &err), ERR_REFUSED);
    ck_rows(db, 0);
    db_close(db);
    folder_remove(&folder);
}
END_TEST

/* In a process of its own, which gives up being root: to root every file may be written. */
START_TEST(a_file_that_may_only_be_read_is_no_database_to_write_to)
{
    struct folder folder = folder_make();
    struct db_config config = {.url = folder.database};
    struct db *db = NULL;
    ck_assert_int_eq(db_open(&db, &config, NULL), 0);
    db_close(db);
    ck_assert_int_eq(chmod(folder.path, 0777), 0); /* for what SQLite puts beside the file */
    ck_assert_int_eq(chmod(folder.database, 0444), 0);
    pid_t pid = fork();
    if (pid == 0) {
        int ready = getuid() != 0 || setuid(65534) == 0;
        _exit(ready ? -db_open(&db, &config, NULL) : 255);
    }
    int status = -1;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == -ERR_REFUSED, "%d", status);
    folder_remove(&folder);
}
END_TEST

START_TEST(what_is_no_database_is_said_so)
{
    struct folder folder = folder_make();
    struct db *db = NULL;
    struct error err = {0};
    struct db_config none = {0};
    ck_assert_int_eq(db_open(&db, &none, &err), ERR_INVALID);
    struct db_config other = {.url = "postgres://x"};
    ck_assert_int_eq(db_open(&db, &other, &err), ERR_INVALID);
    struct db_config nowhere = {.url = "/nowhere/at/all.db"};
    ck_assert_int_eq(db_open(&db, &nowhere, &err), ERR_IO);
    FILE *file = fopen(folder.database, "w");
    fprintf(file, "%01000d", 7);
    fclose(file);
    struct db_config damaged = {.url = folder.database};
    ck_assert_int_eq(db_open(&db, &damaged, &err), ERR_CORRUPT);
    ck_assert_str_ne(err.text, "");
    folder_remove(&folder);
}
END_TEST

START_TEST(processes_may_open_a_new_file_at_once)
{
    enum { PROCESSES = 8 };
    struct folder folder = folder_make();
    pid_t pids[PROCESSES];
    for (int i = 0; i < PROCESSES; i++) {
        pids[i] = fork();
        if (pids[i] != 0)
            continue;
        struct db_config config = {.url = folder.database, .busy_ms = 10000};
        struct db *db = NULL;
        int code = db_open(&db, &config, NULL);
        if (code == 0)
            code = db_script(db, "CREATE TABLE IF NOT EXISTS t (a INTEGER PRIMARY KEY, b)", NULL);
        db_close(db);
        _exit(-code);
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status = -1;
        ck_assert_int_eq(waitpid(pids[i], &status, 0), pids[i]);
        ck_assert_msg(status == 0, "process %d ended with %d", i, WEXITSTATUS(status));
    }
    folder_remove(&folder);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_failed_function_leaves_nothing_and_its_code,
                                  broken_rules_and_wrong_statements_are_invalid,
                                  a_forgotten_query_is_ended_and_its_error_is_not_lost,
                                  statements_are_bounded_and_never_mixed_up,
                                  blobs_keep_their_bytes_and_null_is_empty,
                                  a_read_only_connection_refuses_writes,
                                  a_file_that_may_only_be_read_is_no_database_to_write_to,
                                  what_is_no_database_is_said_so,
                                  processes_may_open_a_new_file_at_once,
                                  NULL};
    return run_tests("kit db", tests);
}
