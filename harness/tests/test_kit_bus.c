/*
 * How long messages stay on the bus: what all have read goes, what somebody has not read stays, and
 * the disk is never filled. And files of other versions.
 */
#include <check.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include "kit/bus.h"
#include "kit/error.h"
#include "kit/limits.h"
#include "kit/log.h"
#include "kit/metrics.h"
#include "kit_fixture.h"
#include "run_tests.h"

enum { MAX = 16 };

static struct bus *open_bus(const char *url)
{
    struct bus *bus = NULL;
    struct error err = {0};
    ck_assert_msg(bus_open(&bus, url, &err) == 0, "%s", err.text);
    return bus;
}

struct batch {
    struct outbox_message messages[MAX];
    int count;
};

static void release(struct batch *batch)
{
    for (int i = 0; i < batch->count; i++)
        outbox_message_release(&batch->messages[i]);
    batch->count = 0;
}

enum { HOUR_MS = 3600000 };
#define YEAR_MS INT64_C(31536000000)

/* Publishes messages first to last in batches, all at at_ms, each with a payload of that length. */
static void publish_many(struct bus *bus, int first, int last, int64_t at_ms, int length)
{
    enum { BATCH = 64 };
    static struct outbox_message batch[BATCH];
    char *payload = malloc((size_t)length + 1);
    ck_assert_ptr_nonnull(payload);
    memset(payload, 'p', (size_t)length);
    payload[length] = '\0';
    for (int n = first; n <= last;) {
        int count = 0;
        for (; count < BATCH && n <= last; count++, n++) {
            batch[count] = (struct outbox_message){.at_ms = at_ms, .payload = payload};
            snprintf(batch[count].id, sizeof batch[count].id, "id-%d", n);
        }
        struct error err = {0};
        ck_assert_msg(bus_publish(bus, batch, count, &err) == 0, "%s", err.text);
    }
    free(payload);
}

/* Reads to the end as the group, or as far as max messages. The number of the first, 0 = none;
 *count gets how many there were. The position moves when it commits. */
static int read_all(struct bus *bus, const char *group, int commits, int max, int *count)
{
    struct batch batch = {0};
    int first = 0;
    *count = 0;
    do {
        batch.count = bus_poll(bus, group, batch.messages, MAX, NULL);
        ck_assert_int_ge(batch.count, 0);
        if (batch.count == 0)
            break;
        if (first == 0)
            first = (int)strtol(batch.messages[0].id + strlen("id-"), NULL, 10);
        *count += batch.count;
        if (commits)
            ck_assert_int_eq(bus_commit(bus, group, batch.messages[batch.count - 1].sequence, NULL),
                             0);
        release(&batch);
    } while (commits && *count < max);
    release(&batch);
    return first;
}

START_TEST(what_every_group_has_read_goes_beyond_the_count)
{
    struct bus *bus = open_bus(NULL);
    int count = 0;
    bus_limit(bus, &(struct bus_limits){.count = 100, .age_ms = INT64_MAX, .bytes = INT64_MAX});
    publish_many(bus, 1, 1000, 1, 10); /* nobody is registered */
    int first = read_all(bus, "late", 1, 9999, &count);
    ck_assert_int_eq(first + count - 1, 1000);
    ck_assert_int_ge(count, 100);
    ck_assert_int_lt(count, 100 + 2 * BUS_CLEAN_STEP);
    publish_many(bus, 1001, 2000, 1, 10); /* "late" has not read these: they stay */
    ck_assert_int_eq(read_all(bus, "late", 1, 9999, &count), 1001);
    ck_assert_int_eq(count, 1000);
    publish_many(bus, 2001, 2064, 1, 10);
    ck_assert_int_gt(read_all(bus, "newer", 1, 9999, &count), 1900 - 2 * BUS_CLEAN_STEP);
    bus_close(bus);
}
END_TEST

START_TEST(a_backlog_goes_in_bounded_steps)
{
    struct bus *bus = open_bus(NULL);
    int count = 0;
    bus_limit(bus,
              &(struct bus_limits){.count = INT32_MAX, .age_ms = INT64_MAX, .bytes = INT64_MAX});
    publish_many(bus, 1, 10000, 1, 10);
    bus_limit(bus, &(struct bus_limits){.count = 0, .age_ms = 0, .bytes = INT64_MAX});
    publish_many(bus, 10001, 10064, 1, 10);
    ck_assert_int_eq(read_all(bus, "g", 1, 99999, &count), BUS_CLEAN_MAX + 1);
    ck_assert_int_eq(count, 10064 - BUS_CLEAN_MAX);
    bus_close(bus);
}
END_TEST

START_TEST(what_is_read_goes_with_age_and_no_clock_can_wipe_the_rest)
{
    const struct bus_limits limits = {.count = 100000, .age_ms = 24 * HOUR_MS, .bytes = INT64_MAX};
    int64_t now_ms = INT64_C(1795339800000);
    struct bus *bus = open_bus(NULL);
    int count = 0;
    bus_limit(bus, &limits);
    publish_many(bus, 1, 200, now_ms, 10);
    publish_many(bus, 201, 300, now_ms + 80 * YEAR_MS, 10); /* set forward */
    publish_many(bus, 301, 400, now_ms - 20 * YEAR_MS, 10); /* and back */
    publish_many(bus, 401, 500, INT64_MIN, 10);
    publish_many(bus, 501, 600, INT64_MAX, 10);
    ck_assert_int_eq(read_all(bus, "a", 0, 0, &count), 1);
    bus_close(bus);

    bus = open_bus(NULL);
    bus_limit(bus, &limits);
    for (int hour = 0; hour < 48; hour++)
        publish_many(bus, hour * 100 + 1, hour * 100 + 100, now_ms + hour * (int64_t)HOUR_MS, 10);
    int first = read_all(bus, "a", 1, 9999, &count);
    ck_assert_int_gt(first, 2400 - 100 - 2 * BUS_CLEAN_STEP);
    ck_assert_int_le(first, 2400);
    bus_close(bus);
}
END_TEST

START_TEST(a_group_that_is_dead_does_not_fill_the_disk_and_the_log_says_so)
{
    enum { MESSAGES = 6000, LENGTH = 1000, BYTES = 1 << 20 };
    struct folder folder = folder_make();
    struct bus *bus = open_bus(folder.database);
    struct metrics *metrics = metrics_open();
    int count = 0;
    setenv("BUS_BYTES_MAX", "1048576", 1);
    ck_assert_int_eq(bus_configure(bus, metrics, NULL), 0);
    read_all(bus, "dead", 0, 0, &count);
    publish_many(bus, 1, MESSAGES, 1, LENGTH);
    int first = read_all(bus, "dead", 1, MESSAGES, &count);
    ck_assert_int_eq(first + count - 1, MESSAGES); /* it goes on with the oldest that is there */
    ck_assert_int_gt(count, BYTES / LENGTH / 2);
    ck_assert_int_lt(count, BYTES / LENGTH + 2 * BUS_CLEAN_STEP);
    char expected[80];
    snprintf(expected, sizeof expected, "bus_messages_removed_total{state=\"unread\"} %d\n",
             first - 1);
    struct text page = {0};
    metrics_render(metrics, &page);
    ck_assert_msg(strstr(text_str(&page), expected) != NULL, "no %s in:\n%s", expected, page.bytes);
    text_release(&page);
    struct stat file;
    ck_assert_int_eq(stat(folder.database, &file), 0);
    ck_assert_int_lt(file.st_size, 2 * BYTES);
    metrics_close(metrics);
    bus_close(bus);
    folder_remove(&folder);
}
END_TEST

START_TEST(processes_may_clean_one_bus_while_others_read_it)
{
    enum { PROCESSES = 3, EACH = 2000 };
    struct folder folder = folder_make();
    pid_t pids[PROCESSES];
    struct bus *bus = open_bus(folder.database);
    int count = 0, heard = 0;
    read_all(bus, "reader", 0, 0, &count);
    for (int i = 0; i < PROCESSES; i++) {
        pids[i] = fork();
        if (pids[i] != 0)
            continue;
        struct bus *own = open_bus(folder.database);
        bus_limit(own, &(struct bus_limits){.count = 10, .age_ms = 0, .bytes = INT64_MAX});
        publish_many(own, 1, EACH, i, 10);
        bus_close(own);
        _exit(0);
    }
    while (heard < PROCESSES * EACH) { /* ends with the test's time when one is lost */
        read_all(bus, "reader", 1, MAX, &count);
        heard += count;
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status = -1;
        ck_assert_int_eq(waitpid(pids[i], &status, 0), pids[i]);
        ck_assert_int_eq(status, 0);
    }
    ck_assert_int_eq(heard, PROCESSES * EACH);
    bus_close(bus);
    folder_remove(&folder);
}
END_TEST

START_TEST(an_older_file_is_brought_up_to_date_and_a_newer_one_refused)
{
    static const char FIRST[] =
        "CREATE TABLE bus_messages (sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL,"
        " topic TEXT NOT NULL, key TEXT NOT NULL, payload TEXT NOT NULL, at_ms INTEGER NOT NULL);"
        "CREATE TABLE bus_positions (consumers TEXT PRIMARY KEY, sequence INTEGER NOT NULL);"
        "INSERT INTO bus_messages VALUES (1, 'id-1', 'order.created', 'key', '{\"n\":1}', 1001);"
        "INSERT INTO bus_messages VALUES (2, 'id-2', 'order.created', 'key', '{\"n\":2}', 1002);"
        "INSERT INTO bus_positions VALUES ('g', 1);";
    struct folder folder = folder_make();
    struct db_config config = {.url = folder.database};
    struct db *db = NULL;
    ck_assert_int_eq(db_open(&db, &config, NULL), 0);
    ck_assert_int_eq(db_script(db, FIRST, NULL), 0);
    struct bus *bus = open_bus(folder.database);
    int count = 0;
    publish_many(bus, 3, 3, 1003, 10);
    ck_assert_int_eq(read_all(bus, "g", 1, MAX, &count), 2);
    ck_assert_int_eq(count, 2);
    bus_close(bus);
    bus = open_bus(folder.database);
    bus_close(bus);

    struct error err = {0};
    ck_assert_int_eq(db_script(db, "PRAGMA user_version = 2", NULL), 0);
    ck_assert_int_eq(bus_open(&bus, folder.database, &err), ERR_REFUSED);
    ck_assert_ptr_nonnull(strstr(err.text, "newer"));
    db_close(db);
    folder_remove(&folder);
}
END_TEST

START_TEST(a_bus_whose_file_was_taken_away_takes_no_messages)
{
    struct folder folder = folder_make();
    struct bus *bus = open_bus(folder.database);
    struct outbox_message message = {.id = "id", .payload = NULL};
    char payload[] = "{}";
    message.payload = payload;
    ck_assert_int_eq(bus_publish(bus, &message, 1, NULL), 0);
    ck_assert_int_eq(unlink(folder.database), 0);
    ck_assert_int_eq(bus_publish(bus, &message, 1, NULL), ERR_IO); /* so the outbox keeps it */
    bus_close(bus);
    folder_remove(&folder);
}
END_TEST

int main(void)
{
    setenv("LOG_LEVEL", "off", 1);
    log_setup("test");
    const TTest *const tests[] = {what_every_group_has_read_goes_beyond_the_count,
                                  a_backlog_goes_in_bounded_steps,
                                  what_is_read_goes_with_age_and_no_clock_can_wipe_the_rest,
                                  a_group_that_is_dead_does_not_fill_the_disk_and_the_log_says_so,
                                  processes_may_clean_one_bus_while_others_read_it,
                                  an_older_file_is_brought_up_to_date_and_a_newer_one_refused,
                                  a_bus_whose_file_was_taken_away_takes_no_messages,
                                  NULL};
    return run_tests("kit bus", tests);
}
