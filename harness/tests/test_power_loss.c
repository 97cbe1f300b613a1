/*
 * The power-loss VFS: durable stays, unsynced may go, and a disk that lies about syncs is caught.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "kit/error.h"
#include "probe/power_loss.h"
#include "run_tests.h"

enum { INSERTS = 4 };

struct disk {
    struct power_loss *power;
    char folder[64];
    char path[96];
};

static void disk_setup(struct disk *disk)
{
    struct error err = {0};
    const char *tmp = getenv("TMPDIR");
    snprintf(disk->folder, sizeof disk->folder, "%s/power_XXXXXX", tmp != NULL ? tmp : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(disk->folder));
    snprintf(disk->path, sizeof disk->path, "%s/t.db", disk->folder);
    ck_assert_int_eq(power_loss_open(&disk->power, "power", &err), 0);
}

static void disk_forget(const struct disk *disk)
{
    static const char *const tails[] = {"", "-wal", "-shm", "-journal"};
    char path[128];
    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
        snprintf(path, sizeof path, "%s%s", disk->path, tails[i]);
        unlink(path);
    }
}

static void disk_teardown(struct disk *disk)
{
    power_loss_close(disk->power);
    disk_forget(disk);
    ck_assert_int_eq(rmdir(disk->folder), 0);
}

static int run_sql(sqlite3 *db, const char *sql)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

static sqlite3 *open_database(const struct disk *disk, const char *pragmas)
{
    sqlite3 *db = NULL;
    ck_assert_int_eq(
        sqlite3_open_v2(disk->path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "power"),
        SQLITE_OK);
    run_sql(db, pragmas);
    return db;
}

static int count_rows(const struct disk *disk)
{
    sqlite3_stmt *statement = NULL;
    sqlite3 *db = open_database(disk, "");
    int rows = -3; /* even the table is lost */
    if (sqlite3_prepare_v2(db, "SELECT count(*) FROM t", -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        rows = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return rows;
}

/* Four inserts of three rows each, the power cut at the nth operation. Returns the rows lost that
   were acknowledged; -1 when the cut came after the end. */
static int lost_rows(struct disk *disk, const char *pragmas, int nth, uint64_t seed, int lying)
{
    struct error err = {0};
    disk_forget(disk);
    power_loss_arm(disk->power, 0, 0, 0);
    sqlite3 *db = open_database(disk, pragmas);
    ck_assert_int_eq(run_sql(db, "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT)"), SQLITE_OK);
    power_loss_arm(disk->power, nth, seed, lying);
    int acknowledged = 0;
    for (int i = 0; i < INSERTS; i++)
        if (run_sql(db, "INSERT INTO t(b) VALUES (hex(randomblob(900))), ('x'), ('y')") ==
            SQLITE_OK)
            acknowledged += 3;
    int cut = power_loss_is_off(disk->power);
    sqlite3_close(db);
    ck_assert_int_eq(power_loss_restore(disk->power, &err), 0);
    int rows = count_rows(disk);
    ck_assert_msg(rows % 3 == 0, "cut %d seed %d: %d rows, half a transaction", nth, (int)seed,
                  rows);
    ck_assert_msg(rows >= acknowledged || strstr(pragmas, "OFF") != NULL || lying,
                  "cut %d seed %d: %d rows acknowledged, %d there", nth, (int)seed, acknowledged,
                  rows);
    return cut ? acknowledged - rows : -1;
}

static int worst_loss(const char *pragmas, int lying)
{
    struct disk disk = {0};
    int worst = 0;
    disk_setup(&disk);
    for (uint64_t seed = 0; seed < 6; seed++) {
        int lost = 0;
        for (int nth = 1; lost >= 0; nth++) {
            lost = lost_rows(&disk, pragmas, nth, seed, lying);
            worst = lost > worst ? lost : worst;
        }
    }
    disk_teardown(&disk);
    return worst;
}

START_TEST(a_full_sync_keeps_every_acknowledged_row_at_every_cut)
{
    ck_assert_int_le(worst_loss("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL", 0), 0);
    ck_assert_int_le(worst_loss("PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL", 0), 0);
}
END_TEST

START_TEST(without_syncs_acknowledged_rows_are_lost)
{
    ck_assert_int_gt(worst_loss("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF", 0), 0);
}
END_TEST

START_TEST(a_disk_that_lies_about_syncs_loses_acknowledged_rows)
{
    struct disk disk = {0};
    disk_setup(&disk);
    int lost = lost_rows(&disk, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL", 12, 0, 1);
    disk_teardown(&disk);
    ck_assert_int_gt(lost, 0);
}
END_TEST

START_TEST(after_the_cut_nothing_works_until_the_power_is_back)
{
    struct disk disk = {0};
    struct error err = {0};
    disk_setup(&disk);
    sqlite3 *db = open_database(&disk, "PRAGMA journal_mode=WAL");
    power_loss_arm(disk.power, 1, 0, 0);
    ck_assert_int_ne(run_sql(db, "CREATE TABLE t(a)"), SQLITE_OK);
    ck_assert_int_eq(power_loss_is_off(disk.power), 1);
    ck_assert_int_ne(run_sql(db, "CREATE TABLE u(a)"), SQLITE_OK);
    ck_assert_int_eq((int)power_loss_operations(disk.power), 1);
    sqlite3_close(db);
    ck_assert_int_eq(power_loss_restore(disk.power, &err), 0);
    db = open_database(&disk, "");
    ck_assert_int_eq(run_sql(db, "CREATE TABLE t(a)"), SQLITE_OK);
    sqlite3_close(db);
    disk_teardown(&disk);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_full_sync_keeps_every_acknowledged_row_at_every_cut,
                                  without_syncs_acknowledged_rows_are_lost,
                                  a_disk_that_lies_about_syncs_loses_acknowledged_rows,
                                  after_the_cut_nothing_works_until_the_power_is_back, NULL};
    return run_tests("power_loss", tests);
}
