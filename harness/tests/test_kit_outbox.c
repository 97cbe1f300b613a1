/* The outbox, the bus and the relay: nothing lost, in order, and each group at its own place. */
#include <check.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include "kit/error.h"
#include "kit/limits.h"
#include "kit/log.h"
#include "kit/metrics.h"
#include "kit/outbox.h"
#include "kit_fixture.h"
#include "run_tests.h"

enum { MAX = 16 };

static struct store *open_store(void)
{
    struct store_config config = {.db = {.url = ":memory:"}, .schema = OUTBOX_SCHEMA};
    struct store *store = NULL;
    struct error err = {""};
    ck_assert_msg(store_open(&store, &config, &err) == 0, "%s", err.text);
    return store;
}

static struct bus *open_bus(const char *url)
{
    struct bus *bus = NULL;
    struct error err = {""};
    ck_assert_msg(bus_open(&bus, url, &err) == 0, "%s", err.text);
    return bus;
}

/* Adds message number *arg; refuses afterwards when the number is negative. */
static int add(struct db_tx *tx, void *arg, struct error *err)
{
    int number = *(int *)arg;
    char id[ID_SIZE], payload[32];
    snprintf(id, sizeof id, "id-%d", abs(number));
    snprintf(payload, sizeof payload, "{\"n\":%d}", abs(number));
    int code = outbox_add(tx, id, "order.created", "key", 1000 + abs(number), payload, err);
    return code == 0 && number < 0 ? ERR_REFUSED : code;
}

static void add_messages(struct store *store, int first, int last)
{
    for (int n = first; n <= last; n++)
        ck_assert_int_eq(store_write(store, add, &n, NULL), 0);
}

struct batch {
    struct outbox_message messages[MAX];
    int count;
    int max;
};

static int peek(struct db_tx *tx, void *arg, struct error *err)
{
    struct batch *batch = arg;
    batch->count = outbox_peek(tx, batch->messages, batch->max, err);
    return batch->count < 0 ? batch->count : 0;
}

static int remove_batch(struct db_tx *tx, void *arg, struct error *err)
{
    const struct batch *batch = arg;
    return outbox_remove(tx, batch->messages[batch->count - 1].sequence, err);
}

static void release(struct batch *batch)
{
    for (int i = 0; i < batch->count; i++)
        outbox_message_release(&batch->messages[i]);
    batch->count = 0;
}

/* Asserts that the batch is messages first to last, whole and in order; releases it. */
static void ck_batch(struct batch *batch, int first, int last)
{
    ck_assert_int_eq(batch->count, last - first + 1);
    for (int i = 0; i < batch->count; i++) {
        const struct outbox_message *message = &batch->messages[i];
        char id[ID_SIZE], payload[32];
        snprintf(id, sizeof id, "id-%d", first + i);
        snprintf(payload, sizeof payload, "{\"n\":%d}", first + i);
        ck_assert_str_eq(message->id, id);
        ck_assert_str_eq(message->topic, "order.created");
        ck_assert_str_eq(message->key, "key");
        ck_assert_str_eq(message->payload, payload);
        ck_assert_int_eq(message->at_ms, 1000 + first + i);
        if (i > 0)
            ck_assert_int_gt(message->sequence, batch->messages[i - 1].sequence);
    }
    release(batch);
}

START_TEST(the_outbox_holds_what_was_committed_until_it_is_removed)
{
    struct store *store = open_store();
    struct batch batch = {.max = 3};
    add_messages(store, 1, 2);
    int refused = -9;
    ck_assert_int_eq(store_write(store, add, &refused, NULL), ERR_REFUSED);
    add_messages(store, 3, 5);
    ck_assert_int_eq(store_read(store, peek, &batch, NULL), 0);
    ck_assert_int_eq(store_write(store, remove_batch, &batch, NULL), 0);
    ck_batch(&batch, 1, 3);
    ck_assert_int_eq(store_read(store, peek, &batch, NULL), 0);
    ck_batch(&batch, 4, 5);
    store_close(store);
}
END_TEST

START_TEST(a_removal_that_is_repeated_takes_nothing_new)
{
    struct store *store = open_store();
    struct batch batch = {.max = MAX}, later = {.max = MAX};
    add_messages(store, 1, 4);
    ck_assert_int_eq(store_read(store, peek, &batch, NULL), 0);
    ck_assert_int_eq(store_write(store, remove_batch, &batch, NULL), 0);
    add_messages(store, 5, 6); /* the table was empty: numbers must not start again */
    ck_assert_int_eq(store_write(store, remove_batch, &batch, NULL), 0);
    ck_assert_int_eq(store_read(store, peek, &later, NULL), 0);
    ck_batch(&later, 5, 6);
    release(&batch);
    store_close(store);
}
END_TEST

static int add_too_long(struct db_tx *tx, void *arg, struct error *err)
{
    (void)arg;
    char key[65];
    memset(key, 'k', sizeof key - 1);
    key[sizeof key - 1] = '\0';
    return outbox_add(tx, "id", "topic", key, 1, "{}", err);
}

START_TEST(what_does_not_fit_a_message_is_refused_not_cut)
{
    struct store *store = open_store();
    struct error err = {""};
    ck_assert_int_eq(store_write(store, add_too_long, NULL, &err), ERR_INVALID);
    ck_assert_str_ne(err.text, "");
    store_close(store);
}
END_TEST

static void publish(struct bus *bus, int first, int last)
{
    for (int n = first; n <= last; n++) {
        struct outbox_message message = {.at_ms = 1000 + n};
        char payload[32];
        snprintf(message.id, sizeof message.id, "id-%d", n);
        snprintf(message.topic, sizeof message.topic, "order.created");
        snprintf(message.key, sizeof message.key, "key");
        snprintf(payload, sizeof payload, "{\"n\":%d}", n);
        message.payload = payload;
        ck_assert_int_eq(bus_publish(bus, &message, 1, NULL), 0);
    }
}

START_TEST(each_group_reads_the_bus_from_its_own_place)
{
    struct bus *bus = open_bus(NULL);
    struct batch batch = {.max = MAX};
    publish(bus, 1, 5);
    batch.count = bus_poll(bus, "one", batch.messages, 3, NULL);
    ck_assert_int_eq(bus_commit(bus, "one", batch.messages[1].sequence, NULL), 0);
    ck_batch(&batch, 1, 3);
    batch.count = bus_poll(bus, "one", batch.messages, MAX, NULL);
    int64_t last = batch.messages[batch.count - 1].sequence;
    ck_batch(&batch, 3, 5);
    batch.count = bus_poll(bus, "two", batch.messages, MAX, NULL);
    ck_batch(&batch, 1, 5);
    ck_assert_int_eq(bus_commit(bus, "one", last, NULL), 0);
    ck_assert_int_eq(bus_commit(bus, "one", 1, NULL), 0); /* a position never moves back */
    ck_assert_int_eq(bus_poll(bus, "one", batch.messages, MAX, NULL), 0);
    bus_close(bus);
}
END_TEST

START_TEST(processes_publish_to_one_bus)
{
    enum { PROCESSES = 4, EACH = 4 };
    struct folder folder = folder_make();
    pid_t pids[PROCESSES];
    for (int i = 0; i < PROCESSES; i++) {
        pids[i] = fork();
        if (pids[i] != 0)
            continue;
        struct bus *bus = open_bus(folder.database);
        publish(bus, i * 100, i * 100 + EACH - 1);
        bus_close(bus);
        _exit(0);
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status = -1;
        ck_assert_int_eq(waitpid(pids[i], &status, 0), pids[i]);
        ck_assert_int_eq(status, 0);
    }
    struct bus *bus = open_bus(folder.database);
    struct batch batch = {.max = MAX};
    batch.count = bus_poll(bus, "g", batch.messages, MAX, NULL);
    ck_assert_int_eq(batch.count, PROCESSES * EACH);
    int next[PROCESSES] = {0};
    for (int i = 0; i < batch.count; i++) { /* each process's messages stand in its order */
        int n = (int)strtol(batch.messages[i].id + strlen("id-"), NULL, 10);
        ck_assert_int_eq(n % 100, next[n / 100]++);
    }
    release(&batch);
    bus_close(bus);
    folder_remove(&folder);
}
END_TEST

/* --- how long messages stay ------------------------------------------------------------------ */

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
        struct error err = {""};
        ck_assert_msg(bus_publish(bus, batch, count, &err) == 0, "%s", err.text);
    }
    free(payload);
}

/* Reads to the end as the group, or as far as max messages. The number of the first, 0 = none;
 *count gets how many there were. The position moves when it commits. */
static int read_all(struct bus *bus, const char *group, int commits, int max, int *count)
{
    struct batch batch = {.max = MAX};
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
    publish_many(bus, 2001, 2001, 1, 10);
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
    publish_many(bus, 10001, 10001, 1, 10);
    ck_assert_int_eq(read_all(bus, "g", 1, 99999, &count), BUS_CLEAN_MAX + 1);
    ck_assert_int_eq(count, 10001 - BUS_CLEAN_MAX);
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

START_TEST(a_group_that_is_dead_does_not_fill_the_disk_and_that_is_told)
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
    struct batch batch = {.max = MAX};
    publish(bus, 3, 3);
    batch.count = bus_poll(bus, "g", batch.messages, MAX, NULL);
    ck_batch(&batch, 2, 3);
    bus_close(bus);
    bus = open_bus(folder.database);
    bus_close(bus);

    struct error err = {""};
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

/* A relay pass that fails when told to, and posts each message that it moved. */
struct passes {
    atomic_int fail;
    sem_t moved;
};

static int pass(struct store *store, struct bus *bus, void *arg, struct error *err)
{
    struct passes *passes = arg;
    struct batch batch = {.max = 2};
    int code = store_read(store, peek, &batch, err);
    if (batch.count > 0 && atomic_exchange(&passes->fail, 0))
        code = error_set(err, ERR_UNAVAILABLE, "as told");
    if (code == 0 && batch.count > 0)
        code = bus_publish(bus, batch.messages, batch.count, err);
    if (code == 0 && batch.count > 0)
        code = store_write(store, remove_batch, &batch, err);
    int count = batch.count;
    release(&batch);
    for (int i = 0; code == 0 && i < count; i++)
        sem_post(&passes->moved);
    return code < 0 ? code : count;
}

START_TEST(the_relay_moves_all_and_tries_again_after_a_failure)
{
    struct store *store = open_store();
    struct bus *bus = open_bus(NULL);
    struct passes passes = {.fail = 1};
    sem_init(&passes.moved, 0, 0);
    add_messages(store, 1, 5); /* from before a crash: nobody wakes it for these */
    struct relay *relay = relay_start(store, bus, pass, &passes);
    ck_assert_ptr_nonnull(relay);
    for (int i = 0; i < 5; i++)
        sem_wait(&passes.moved);
    add_messages(store, 6, 9);
    relay_wake(relay);
    for (int i = 0; i < 4; i++)
        sem_wait(&passes.moved);
    relay_stop(relay);
    struct batch batch = {.max = MAX};
    batch.count = bus_poll(bus, "g", batch.messages, MAX, NULL);
    ck_batch(&batch, 1, 9);
    sem_destroy(&passes.moved);
    bus_close(bus);
    store_close(store);
}
END_TEST

int main(void)
{
    setenv("LOG_LEVEL", "off", 1);
    log_setup("test");
    const TTest *const tests[] = {the_outbox_holds_what_was_committed_until_it_is_removed,
                                  a_removal_that_is_repeated_takes_nothing_new,
                                  what_does_not_fit_a_message_is_refused_not_cut,
                                  each_group_reads_the_bus_from_its_own_place,
                                  processes_publish_to_one_bus,
                                  what_every_group_has_read_goes_beyond_the_count,
                                  a_backlog_goes_in_bounded_steps,
                                  what_is_read_goes_with_age_and_no_clock_can_wipe_the_rest,
                                  a_group_that_is_dead_does_not_fill_the_disk_and_that_is_told,
                                  processes_may_clean_one_bus_while_others_read_it,
                                  an_older_file_is_brought_up_to_date_and_a_newer_one_refused,
                                  a_bus_whose_file_was_taken_away_takes_no_messages,
                                  the_relay_moves_all_and_tries_again_after_a_failure,
                                  NULL};
    return run_tests("kit outbox", tests);
}
