/* Given: the probe's actions on the event store and on the disk below it. */
#include "probe_lab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kit/error.h"
#include "order_schema.h"

enum { APPEND_MAX = 256, SCHEMA_SIZE = 8192, WORD_SIZE = 128 };

static const char DISK[] = "power";

/* Event ids that are easy to read: ...-000000000001, ...2, ... */
static void next_id(void *context, int64_t wall_ms, char id[ID_SIZE])
{
    struct lab *lab = context;
    (void)wall_ms;
    snprintf(id, ID_SIZE, "00000000-0000-7000-8000-%012lld", (long long)++lab->last_id % 1000000);
}

void lab_watch(struct lab *lab, const struct order_change *change, const char *meet)
{
    lab->watching = 1;
    lab->writes = 0;
    lab->bus_at_write = -1;
    lab->meeting = change;
    lab->meet = meet;
    text_clear(&lab->met);
}

void lab_unwatch(struct lab *lab)
{
    lab->watching = 0;
    lab->meet = NULL;
}

/* Somebody else changes the same order, through the same code. */
static void meet_next(struct lab *lab)
{
    char word[WORD_SIZE], place[ORDER_NAME_MAX + 1];
    struct error err = {0};
    struct order order;
    struct order_change change = {.id = lab->meeting->id, .now_ms = lab->meeting->now_ms};
    if (!lab_next_word(&lab->meet, word, sizeof word) || !lab_command(word, &change.command, place))
        return;
    change.place = change.command == ORDER_TRACK ? place : NULL;
    int code = order_change(&lab->orders, &change, &order, &err);
    text_addf(&lab->met, "%s%s", lab->met.length > 0 ? " " : "",
              code == 0 ? "ok" : error_name(code));
}

void lab_before_write(void *context)
{
    struct lab *lab = context;
    if (!lab->watching)
        return;
    lab->watching = 0;
    lab->writes++;
    if (lab->writes == 1 && lab->bus != NULL)
        lab->bus_at_write = lab_bus_length(lab);
    if (lab->meet != NULL)
        meet_next(lab);
    lab->watching = 1;
}

static int open_database(struct lab *lab, struct error *err)
{
    char schema[SCHEMA_SIZE];
    snprintf(schema, sizeof schema, "%s%s", ORDER_SCHEMA, OUTBOX_SCHEMA);
    struct store_config config = {.db = {.url = lab->path, .vfs = DISK},
                                  .schema = schema,
                                  .before_write = lab_before_write,
                                  .before_write_context = lab};
    return store_open(&lab->orders.store, &config, err);
}

static void close_database(struct lab *lab)
{
    store_close(lab->orders.store);
    lab->orders.store = NULL;
}

static int open_another(struct lab *lab, struct error *err)
{
    if (lab->power == NULL && power_loss_open(&lab->power, DISK, err) != 0)
        return ERR_UNAVAILABLE;
    if (lab->bus == NULL && bus_open(&lab->bus, NULL, err) != 0)
        return ERR_UNAVAILABLE;
    close_database(lab);
    snprintf(lab->path, sizeof lab->path, "orders-%d.db", ++lab->files);
    lab->orders.ids = (struct id_source){next_id, lab};
    lab->orders.snapshot_every = ORDER_SNAPSHOT_EVERY;
    return open_database(lab, err);
}

int lab_store(struct lab *lab, struct text *reply)
{
    struct error err = {0};
    if (lab->orders.store != NULL || open_another(lab, &err) == 0)
        return 0;
    lab_bad(reply, err.text);
    return -1;
}

void lab_close(struct lab *lab)
{
    close_database(lab);
    bus_close(lab->bus);
    power_loss_close(lab->power);
    text_release(&lab->met);
}

static void do_store(void *context, const struct message *action, struct text *reply)
{
    struct lab *lab = context;
    close_database(lab);
    if (lab_store(lab, reply) == 0)
        lab->orders.snapshot_every = (int)lab_int64(action, "every", ORDER_SNAPSHOT_EVERY);
}

/* --- appending and loading ---------------------------------------------------------------- */

static int append_in_tx(struct db_tx *tx, void *arg, struct error *err)
{
    return order_append(tx, arg, err);
}

/* Fills events from the action's lists. Their number, or -1. */
static int read_events(const struct message *action, struct order *draft,
                       struct order_event *events)
{
    const char *commands = message_get_or(action, "commands", "");
    const char *ids = message_get_or(action, "ids", "");
    const char *times = message_get_or(action, "at", "0");
    char word[WORD_SIZE];
    int64_t at_ms = -1;
    int count = 0;
    while (lab_next_word(&commands, word, sizeof word)) {
        struct order_event *event = &events[count];
        if (count == APPEND_MAX || !lab_event(action, word, draft, event))
            return -1;
        count++;
        if (!lab_next_word(&ids, event->id, sizeof event->id))
            snprintf(event->id, sizeof event->id, "%s-%d", message_get_or(action, "batch", "e"),
                     count);
        at_ms = lab_next_word(&times, word, sizeof word) ? strtoll(word, NULL, 10) : at_ms + 1;
        event->at_ms = at_ms;
    }
    return count;
}

static void do_append(void *context, const struct message *action, struct text *reply)
{
    struct lab *lab = context;
    struct error err = {0};
    const char *expected = message_get_or(action, "expected", "none");
    if (lab_store(lab, reply) != 0)
        return;
    struct order draft;
    struct order_event *events = calloc(APPEND_MAX, sizeof *events);
    int count = events != NULL ? read_events(action, &draft, events) : -1;
    if (count < 1) {
        lab_bad(reply, "commands: create confirm ship track:PLACE deliver cancel");
        free(events);
        return;
    }
    struct order_batch batch = {.stream = message_get_or(action, "stream", "o-1"),
                                .expected_version = ORDER_NO_STREAM,
                                .events = events,
                                .count = count,
                                .snapshot_every = lab->orders.snapshot_every};
    if (strcmp(expected, "none") != 0)
        batch.expected_version = strtoll(expected, NULL, 10);
    int code = store_write(lab->orders.store, append_in_tx, &batch, &err);
    probe_result(reply, code, &err);
    free(events);
}

struct loading {
    const char *stream;
    int64_t version, at_ms;
    enum { LOAD_NEWEST, LOAD_VERSION, LOAD_TIME } how;
    struct order order;
};

static int load_in_tx(struct db_tx *tx, void *arg, struct error *err)
{
    struct loading *loading = arg;
    switch (loading->how) {
    case LOAD_VERSION:
        return order_load_version(tx, loading->stream, loading->version, &loading->order, err);
    case LOAD_TIME:
        return order_load_time(tx, loading->stream, loading->at_ms, &loading->order, err);
    case LOAD_NEWEST:
        break;
    }
    return order_load(tx, loading->stream, &loading->order, err);
}

/* The caller's order is not zero before: a load must fill all of it. */
static void load(struct lab *lab, struct loading *loading, struct text *reply)
{
    struct error err = {0};
    if (lab_store(lab, reply) != 0)
        return;
    memset(&loading->order, 'x', sizeof loading->order);
    loading->order.item_count = 0;
    int code = store_read(lab->orders.store, load_in_tx, loading, &err);
    probe_result(reply, code, &err);
    if (code == 0)
        lab_add_order(reply, &loading->order);
}

static void do_load(void *context, const struct message *action, struct text *reply)
{
    struct loading loading = {.stream = message_get_or(action, "stream", "o-1")};
    loading.how = LOAD_NEWEST;
    load(context, &loading, reply);
}

static void do_load_version(void *context, const struct message *action, struct text *reply)
{
    struct loading loading = {.stream = message_get_or(action, "stream", "o-1")};
    loading.how = LOAD_VERSION;
    loading.version = lab_int64(action, "version", 0);
    load(context, &loading, reply);
}

static void do_load_time(void *context, const struct message *action, struct text *reply)
{
    struct loading loading = {.stream = message_get_or(action, "stream", "o-1")};
    loading.how = LOAD_TIME;
    loading.at_ms = lab_int64(action, "at", 0);
    load(context, &loading, reply);
}

/* --- changing ----------------------------------------------------------------------------- */

static void do_change(void *context, const struct message *action, struct text *reply)
{
    struct lab *lab = context;
    struct error err = {0};
    struct order order;
    char place[ORDER_NAME_MAX + 1];
    struct order_change change = {.id = message_get_or(action, "id", "o-1"),
                                  .if_version = lab_int64(action, "if_version", ORDER_ANY_VERSION),
                                  .now_ms = lab_int64(action, "at", 0)};
    if (lab_store(lab, reply) != 0)
        return;
    if (!lab_command(message_get_or(action, "command", ""), &change.command, place)) {
        lab_bad(reply, "there is no such command");
        return;
    }
    change.place = change.command == ORDER_TRACK ? place : NULL;
    memset(&order, 0, sizeof order);
    lab_watch(lab, &change, message_get(action, "meet"));
    int code = order_change(&lab->orders, &change, &order, &err);
    lab_unwatch(lab);
    probe_result(reply, code, &err);
    message_add_int64(reply, "writes", lab->writes);
    message_add(reply, "met", text_str(&lab->met));
    if (code == 0)
        lab_add_order(reply, &order);
}

struct placing {
    struct order before, after, draft;
    struct order_event event;
    int snapshot_every;
    int rollback;
};

static int place_in_tx(struct db_tx *tx, void *arg, struct error *err)
{
    struct placing *placing = arg;
    int code = order_commit(tx, &placing->before, &placing->after, &placing->event,
                            placing->snapshot_every, err);
    if (code == 0 && placing->rollback)
        return error_set(err, ERR_REFUSED, "the caller rolls back, as it was asked to");
    return code;
}

static void do_place(void *context, const struct message *action, struct text *reply)
{
    struct lab *lab = context;
    struct error err = {0};
    if (lab_store(lab, reply) != 0)
        return;
    struct placing *placing = calloc(1, sizeof *placing);
    if (placing == NULL || !lab_event(action, "create", &placing->draft, &placing->event)) {
        lab_bad(reply, "items: product/name*quantity@price=total;...");
        free(placing);
        return;
    }
    lab_copy(placing->event.id, sizeof placing->event.id, message_get_or(action, "event", "e-1"));
    placing->event.at_ms = lab_int64(action, "at", 0);
    placing->snapshot_every = lab->orders.snapshot_every;
    placing->rollback = (int)lab_int64(action, "rollback", 0);
    int code = order_create(&placing->after, &placing->draft, placing->event.at_ms, &err);
    if (code == 0)
        code = store_write(lab->orders.store, place_in_tx, placing, &err);
    probe_result(reply, code, &err);
    if (code == 0)
        lab_add_order(reply, &placing->after);
    free(placing);
}

/* --- the disk ----------------------------------------------------------------------------- */

static void do_restart(void *context, const struct message *action, struct text *reply)
{
    struct lab *lab = context;
    struct error err = {0};
    (void)action;
    if (lab_store(lab, reply) != 0)
        return;
    close_database(lab);
    probe_result(reply, open_database(lab, &err), &err);
}

static void do_power(void *context, const struct message *action, struct text *reply)
{
    struct lab *lab = context;
    if (lab_store(lab, reply) != 0)
        return;
    power_loss_arm(lab->power, lab_int64(action, "cut", 0), (uint64_t)lab_int64(action, "seed", 0),
                   (int)lab_int64(action, "lying", 0));
}

static void do_power_back(void *context, const struct message *action, struct text *reply)
{
    struct lab *lab = context;
    struct error err = {0};
    (void)action;
    if (lab_store(lab, reply) != 0)
        return;
    int64_t operations = power_loss_operations(lab->power);
    int off = power_loss_is_off(lab->power);
    close_database(lab);
    int code = power_loss_restore(lab->power, &err);
    if (code == 0)
        code = open_database(lab, &err);
    probe_result(reply, code, &err);
    message_add_int64(reply, "operations", operations);
    message_add_int64(reply, "off", off);
}

const struct probe_action lab_store_actions[] = {
    {"store", do_store},
    {"append", do_append},
    {"load", do_load},
    {"load_version", do_load_version},
    {"load_time", do_load_time},
    {"change", do_change},
    {"place", do_place},
    {"restart", do_restart},
    {"power", do_power},
    {"power_back", do_power_back},
    {NULL, NULL},
};
