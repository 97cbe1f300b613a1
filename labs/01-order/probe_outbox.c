/* Given: the probe's actions on messages: the outbox, the bus, the relay and the consumer. */
#include "probe_lab.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include "kit/error.h"
#include "order_outbox.h"

enum { MESSAGES_MAX = 256 };

/* Adds "prefix.number". */
static void add_field(struct text *reply, const char *prefix, int number, const char *value)
{
    char field[32];
    snprintf(field, sizeof field, "%s.%d", prefix, number);
    message_add(reply, field, value);
}

/* Writes what was read, or why nothing could be: count is negative then. Frees the messages. */
static void write_messages(struct text *reply, struct outbox_message *messages, int count,
                           const struct error *err)
{
    probe_result(reply, count, err);
    for (int i = 0; i < count; i++) {
        struct text row = {0};
        text_addf(&row, "%s %s", messages[i].topic, messages[i].key);
        add_field(reply, "message", i + 1, text_str(&row));
        add_field(reply, "event", i + 1, messages[i].id);
        add_field(reply, "payload", i + 1, messages[i].payload);
        text_release(&row);
        outbox_message_release(&messages[i]);
    }
    if (count >= 0)
        message_add_int64(reply, "count", count);
    free(messages);
}

static int peek_in_tx(struct db_tx *tx, void *arg, struct error *err)
{
    return outbox_peek(tx, arg, MESSAGES_MAX, err);
}

static int read_outbox(struct lab *lab, struct outbox_message *messages, struct error *err)
{
    return store_read(lab->orders.store, peek_in_tx, messages, err);
}

/* All that is on the bus, as a consumer sees it that was never there before. */
static int read_bus(struct lab *lab, struct outbox_message *messages, struct error *err)
{
    char group[32];
    snprintf(group, sizeof group, "probe-%d", ++lab->readers);
    return bus_poll(lab->bus, group, messages, MESSAGES_MAX, err);
}

int lab_bus_length(struct lab *lab)
{
    struct outbox_message *messages = calloc(MESSAGES_MAX, sizeof *messages);
    int count = messages == NULL ? ERR_LIMIT : read_bus(lab, messages, NULL);
    for (int i = 0; i < count; i++)
        outbox_message_release(&messages[i]);
    free(messages);
    return count;
}

static void list_messages(struct lab *lab, struct text *reply,
                          int (*read)(struct lab *lab, struct outbox_message *messages,
                                      struct error *err))
{
    struct error err = {0};
    if (lab_store(lab, reply) != 0)
        return;
    struct outbox_message *messages = calloc(MESSAGES_MAX, sizeof *messages);
    int count = messages == NULL ? ERR_LIMIT : read(lab, messages, &err);
    write_messages(reply, messages, count, &err);
}

static void do_outbox(void *context, const struct message *action, struct text *reply)
{
    (void)action;
    list_messages(context, reply, read_outbox);
}

static void do_bus(void *context, const struct message *action, struct text *reply)
{
    (void)action;
    list_messages(context, reply, read_bus);
}

static void read_message(const struct message *action, struct outbox_message *message)
{
    *message = (struct outbox_message){.at_ms = lab_int64(action, "at", 0)};
    lab_copy(message->id, sizeof message->id, message_get_or(action, "event", "e-1"));
    lab_copy(message->topic, sizeof message->topic,
             message_get_or(action, "topic", "order.created"));
    lab_copy(message->key, sizeof message->key, message_get_or(action, "key", "o-1"));
    struct text payload = {0};
    text_add(&payload, message_get_or(action, "payload", "{}"));
    message->payload = text_detach(&payload);
}

static void do_bus_put(void *context, const struct message *action, struct text *reply)
{
    struct lab *lab = context;
    struct error err = {0};
    struct outbox_message message;
    if (lab_store(lab, reply) != 0)
        return;
    read_message(action, &message);
    if (bus_publish(lab->bus, &message, 1, &err) < 0)
        lab_bad(reply, err.text);
    outbox_message_release(&message);
}

/* Runs one of the student's passes. */
static void run_pass(struct lab *lab, relay_pass *pass, struct text *reply)
{
    struct error err = {0};
    if (lab_store(lab, reply) != 0)
        return;
    lab_watch(lab, NULL, NULL);
    int code = pass(lab->orders.store, lab->bus, NULL, &err);
    lab_unwatch(lab);
    probe_result(reply, code, &err);
    if (code >= 0)
        message_add_int64(reply, "moved", code);
    message_add_int64(reply, "writes", lab->writes);
    message_add_int64(reply, "bus_at_write", lab->bus_at_write);
}

static void do_relay(void *context, const struct message *action, struct text *reply)
{
    (void)action;
    run_pass(context, order_relay_pass, reply);
}

static void do_consume_pass(void *context, const struct message *action, struct text *reply)
{
    (void)action;
    run_pass(context, order_consume_pass, reply);
}

static int consume_in_tx(struct db_tx *tx, void *arg, struct error *err)
{
    return order_consume(tx, arg, err);
}

static void do_consume(void *context, const struct message *action, struct text *reply)
{
    struct lab *lab = context;
    struct error err = {0};
    struct outbox_message message;
    if (lab_store(lab, reply) != 0)
        return;
    read_message(action, &message);
    probe_result(reply, store_write(lab->orders.store, consume_in_tx, &message, &err), &err);
    outbox_message_release(&message);
}

struct counting {
    const char *topic;
    int64_t count;
};

static int count_in_tx(struct db_tx *tx, void *arg, struct error *err)
{
    struct counting *counting = arg;
    counting->count = order_count(tx, counting->topic, err);
    return counting->count < 0 ? (int)counting->count : 0;
}

static void do_count(void *context, const struct message *action, struct text *reply)
{
    struct lab *lab = context;
    struct error err = {0};
    struct counting counting = {message_get_or(action, "topic", "order.created"), 0};
    if (lab_store(lab, reply) != 0)
        return;
    int code = store_read(lab->orders.store, count_in_tx, &counting, &err);
    probe_result(reply, code, &err);
    if (code == 0)
        message_add_int64(reply, "count", counting.count);
}

const struct probe_action lab_outbox_actions[] = {
    {"outbox", do_outbox},   {"relay", do_relay},
    {"bus", do_bus},         {"bus_put", do_bus_put},
    {"consume", do_consume}, {"consume_pass", do_consume_pass},
    {"count", do_count},     {NULL, NULL},
};
