/* The outbox, the bus and the relay: nothing lost, in order, and each group at its own place. */
#include <check.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include "kit/bus.h"
#include "kit/error.h"
#include "kit/log.h"
#include "kit/outbox.h"
#include "kit/relay.h"
#include "kit_fixture.h"
#include "run_tests.h"

enum { MAX = 16 };

static struct store *open_store(void)
{
    struct store_config config = {.db = {.url = ":memory:"}, .schema = OUTBOX_SCHEMA};
    struct store *store = NULL;
    struct error err = {0};
    ck_assert_msg(store_open(&store, &config, &err) == 0, "%s", err.text);
    return store;
}

static struct bus *open_bus(const char *url)
{
    struct bus *bus = NULL;
    struct error err = {0};
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
    struct error err = {0};
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
                                  the_relay_moves_all_and_tries_again_after_a_failure,
                                  NULL};
    return run_tests("kit outbox", tests);
}
