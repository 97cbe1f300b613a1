/* Rows that expire: never too early, whatever the clock says, and a few at a time. */
#include <check.h>
#include "kit/error.h"
#include "kit/limits.h"
#include "kit/store.h"
#include "kit_fixture.h"
#include "run_tests.h"

static const char SCHEMA[] = "CREATE TABLE keys (key TEXT PRIMARY KEY, body TEXT)";

enum { HOUR_MS = 3600000, DAY_MS = 24 * HOUR_MS };

static struct moment set_clock(void *context)
{
    return (struct moment){.wall_ms = *(const int64_t *)context};
}

struct rig {
    struct db *db;
    int64_t wall_ms;
    struct expiry expiry;
    int writes;
};

static void rig_open(struct rig *rig, int64_t keep_ms)
{
    struct db_config config = {.url = ":memory:"};
    *rig = (struct rig){.wall_ms = INT64_C(1795339800000), .writes = 1};
    rig->expiry = (struct expiry){
        .table = "keys", .keep_ms = keep_ms, .clock = {.now = set_clock, .context = &rig->wall_ms}};
    ck_assert_int_eq(db_open(&rig->db, &config, NULL), 0);
    ck_assert_int_eq(db_script(rig->db, SCHEMA, NULL), 0);
    ck_assert_int_eq(db_script(rig->db, EXPIRY_SCHEMA, NULL), 0);
}

static int pass(struct db_tx *tx, void *arg, struct error *err)
{
    const struct rig *rig = arg;
    return expiry_pass(tx, &rig->expiry, rig->writes, err);
}

static int run_pass(struct rig *rig)
{
    struct error err = {0};
    int code = db_write(rig->db, pass, rig, &err);
    ck_assert_msg(code >= 0, "%s", err.text);
    return code;
}

/* Lets the time pass, with a pass every quarter of an hour. */
static void wait_ms(struct rig *rig, int64_t duration_ms)
{
    int64_t until_ms = rig->wall_ms + duration_ms;
    while (rig->wall_ms < until_ms) {
        rig->wall_ms += HOUR_MS / 4;
        while (run_pass(rig))
            continue;
    }
}

static void add_keys(struct rig *rig, int first, int last)
{
    for (int n = first; n <= last; n++) {
        char sql[80];
        snprintf(sql, sizeof sql, "INSERT INTO keys VALUES ('key-%d', 'x')", n);
        ck_assert_int_eq(db_script(rig->db, sql, NULL), 0);
    }
}

static int count(struct db_tx *tx, void *arg, struct error *err)
{
    struct db_query *q = db_query(tx, arg);
    int rows = db_step(q) == DB_ROW ? (int)db_column_int64(q, 0) : -1;
    int code = db_finish(q, err);
    return code < 0 ? code : rows;
}

static int keys_left(struct rig *rig)
{
    char sql[] = "SELECT count(*) FROM keys";
    return db_read(rig->db, count, sql, NULL);
}

static int marks_left(struct rig *rig)
{
    char sql[] = "SELECT count(*) FROM expiry_marks";
    return db_read(rig->db, count, sql, NULL);
}

START_TEST(rows_stay_for_their_time_and_go_soon_after)
{
    struct rig rig;
    rig_open(&rig, DAY_MS);
    add_keys(&rig, 1, 10); /* there before anything expired */
    wait_ms(&rig, 12 * HOUR_MS);
    add_keys(&rig, 11, 20);
    wait_ms(&rig, 12 * HOUR_MS - HOUR_MS / 4);
    ck_assert_int_eq(keys_left(&rig), 20);
    wait_ms(&rig, HOUR_MS);
    ck_assert_int_eq(keys_left(&rig), 10);
    wait_ms(&rig, 11 * HOUR_MS - HOUR_MS / 2);
    ck_assert_int_eq(keys_left(&rig), 10);
    wait_ms(&rig, 2 * HOUR_MS);
    ck_assert_int_eq(keys_left(&rig), 0);
    ck_assert_int_le(marks_left(&rig), 50);
    db_close(rig.db);
}
END_TEST

/* An emptied table numbers its rows from 1 again: no old mark may take them for old ones. */
START_TEST(rows_after_the_table_was_empty_have_their_whole_time)
{
    struct rig rig;
    rig_open(&rig, DAY_MS);
    add_keys(&rig, 1, 50);
    wait_ms(&rig, 8 * HOUR_MS); /* many marks that name row 50 */
    wait_ms(&rig, 17 * HOUR_MS);
    ck_assert_int_eq(keys_left(&rig), 0);
    add_keys(&rig, 51, 60);
    wait_ms(&rig, 23 * HOUR_MS);
    ck_assert_int_eq(keys_left(&rig), 10);
    ck_assert_int_eq(db_script(rig.db, "DELETE FROM keys", NULL), 0); /* by hand */
    add_keys(&rig, 61, 63);
    wait_ms(&rig, 23 * HOUR_MS);
    ck_assert_int_eq(keys_left(&rig), 3);
    db_close(rig.db);
}
END_TEST

START_TEST(a_clock_that_jumps_wipes_nothing_and_stops_nothing)
{
    static const int64_t jumps_ms[] = {INT64_C(31536000000) * 40, -INT64_C(31536000000) * 80, 1,
                                       INT64_C(31536000000) * 40};
    struct rig rig;
    rig_open(&rig, DAY_MS);
    add_keys(&rig, 1, 10);
    run_pass(&rig);
    for (int i = 0; i < 4; i++) {
        rig.wall_ms += jumps_ms[i];
        while (run_pass(&rig))
            continue;
    }
    ck_assert_int_eq(keys_left(&rig), 10);
    wait_ms(&rig, 20 * HOUR_MS);
    ck_assert_int_eq(keys_left(&rig), 10);
    wait_ms(&rig, 5 * HOUR_MS);
    ck_assert_int_eq(keys_left(&rig), 0);
    db_close(rig.db);
}
END_TEST

START_TEST(a_backlog_goes_in_short_steps)
{
    struct rig rig;
    rig_open(&rig, DAY_MS);
    add_keys(&rig, 1, 200);
    for (int quarter = 0; quarter < 98; quarter++) {
        rig.wall_ms += HOUR_MS / 4;
        if (keys_left(&rig) == 200)
            run_pass(&rig);
    }
    int left = keys_left(&rig);
    ck_assert_int_eq(left, 200 - EXPIRY_STEP - 2);
    rig.writes = 5;
    while (run_pass(&rig)) {
        ck_assert_int_ge(keys_left(&rig), left - EXPIRY_STEP - 10);
        left = keys_left(&rig);
    }
    ck_assert_int_eq(keys_left(&rig), 0);
    db_close(rig.db);
}
END_TEST

static int insert_key(struct db_tx *tx, void *arg, struct error *err)
{
    struct db_query *q = db_query(tx, "INSERT INTO keys VALUES (?, 'x')");
    db_bind_text(q, 1, arg);
    return db_finish(q, err);
}

/* The store does it in the commits that are made anyway; after a restart too. */
START_TEST(a_store_removes_what_is_over)
{
    struct folder folder = folder_make();
    int64_t wall_ms = 1000;
    struct store_config config = {.db = {.url = folder.database},
                                  .schema = "CREATE TABLE IF NOT EXISTS keys (key TEXT PRIMARY KEY,"
                                            " body TEXT)",
                                  .expiry = {.table = "keys",
                                             .keep_ms = HOUR_MS,
                                             .clock = {.now = set_clock, .context = &wall_ms}}};
    char sql[] = "SELECT count(*) FROM keys", name[32];
    for (int run = 0; run < 3; run++) { /* each begins with a look */
        struct store *store = NULL;
        ck_assert_int_eq(store_open(&store, &config, NULL), 0);
        snprintf(name, sizeof name, "run-%d", run);
        ck_assert_int_eq(store_write(store, insert_key, name, NULL), 0);
        ck_assert_int_eq(store_read(store, count, sql, NULL), run < 2 ? run + 1 : 2);
        store_close(store);
        wall_ms += HOUR_MS / 2 + 1;
    }
    folder_remove(&folder);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {rows_stay_for_their_time_and_go_soon_after,
                                  rows_after_the_table_was_empty_have_their_whole_time,
                                  a_clock_that_jumps_wipes_nothing_and_stops_nothing,
                                  a_backlog_goes_in_short_steps,
                                  a_store_removes_what_is_over,
                                  NULL};
    return run_tests("kit expiry", tests);
}
