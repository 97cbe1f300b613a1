/*
 * Lab 01, step 4, P1 and P2 on real processes: what reaches the bus, and what a kill cannot lose.
 *
 * The judge reads the bus as a consumer of its own. By holding the bus's write lock it keeps the
 * service between commit and publish for as long as it likes, without waiting for any time.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kit/bus.h"
#include "kit/error.h"
#include "suites/01-order/cluster.h"

enum { EVENTS_MAX = 128, POLL_MAX = 32 };

/* The judge's end of the bus: each message id once, in the order of first arrival. */
struct listener {
    struct check_run *run;
    struct bus *bus;
    struct outbox_message events[EVENTS_MAX];
    int count;
    int wanted; /* how many are awaited */
};

static const char BUS_FILE[] = "bus.db";

/* A cluster whose order-service publishes to a bus in its own folder. */
static int start(struct check_run *run, struct listener *listener)
{
    static const char *const environment[] = {"BUS_URL=sqlite:bus.db", NULL};
    char path[600];
    struct error err = {0};
    *listener = (struct listener){.run = run};
    if (order_cluster(run, ORDER_WITH_USERS, environment) != 0)
        return 1;
    snprintf(path, sizeof path, "sqlite:%s/%s", cluster_dir(run->cluster, "order-service"),
             BUS_FILE);
    if (bus_open(&listener->bus, path, &err) != 0)
        return run_error(run, "cannot open the bus: %s", err.text);
    return 0;
}

static void stop(struct listener *listener)
{
    for (int i = 0; i < listener->count; i++)
        outbox_message_release(&listener->events[i]);
    if (listener->bus != NULL)
        bus_close(listener->bus);
}

static int heard_before(const struct listener *listener, const char *id)
{
    for (int i = 0; i < listener->count; i++)
        if (strcmp(listener->events[i].id, id) == 0)
            return 1;
    return 0;
}

/* Takes what is new on the bus; 1 once as many events as wanted were heard. */
static int listen(void *context)
{
    struct listener *listener = context;
    struct outbox_message batch[POLL_MAX];
    struct error err = {0};
    int64_t last = 0;
    const int got = bus_poll(listener->bus, "judge", batch, POLL_MAX, &err);
    for (int i = 0; i < got; i++) {
        struct outbox_message *message = &batch[i];
        last = message->sequence;
        if (listener->count == EVENTS_MAX || heard_before(listener, message->id)) {
            outbox_message_release(message);
            continue;
        }
        run_story(listener->run, run_story_ms(listener->run), STORY_NOTE, "bus", NULL, "%s %s",
                  message->topic, message->payload);
        listener->events[listener->count++] = *message;
    }
    if (got > 0)
        bus_commit(listener->bus, "judge", last, &err);
    return listener->count >= listener->wanted;
}

/* Waits for count events in all; more than that is wrong, too. */
static int expect_events(struct listener *listener, int count)
{
    char expected[80];
    listener->wanted = count;
    const int arrived = run_until(listener->run, ORDER_SETTLE_MS, listen, listener);
    if (arrived && listener->count == count)
        return 0;
    snprintf(expected, sizeof expected, "%d different events on the bus", count);
    return run_fail(listener->run, "wrong answer", expected, "%d of them", listener->count);
}

/* The payload's member must have that value. */
static int expect_member(struct listener *listener, int event, const char *path, const char *value)
{
    struct http_reply payload = {.outcome = HTTP_OK, .status = 200};
    text_add(&payload.body, listener->events[event].payload);
    const int wrong = run_expect_json(listener->run, &payload, path, value);
    http_reply_release(&payload);
    return wrong;
}

static int expect_created(struct listener *listener, int event, const char *order)
{
    const struct outbox_message *message = &listener->events[event];
    if (strcmp(message->topic, "order.created") != 0 || strcmp(message->key, order) != 0)
        return run_fail(listener->run, "wrong answer", "order.created with the order's id as key",
                        "%s with key %s", message->topic, message->key);
    return expect_member(listener, event, "eventId", message->id) ||
           expect_member(listener, event, "orderId", order) ||
           expect_member(listener, event, "customerId", ORDER_CUSTOMER) ||
           expect_member(listener, event, "totalAmount", "59.80") ||
           expect_member(listener, event, "items[0].totalPrice", "39.80") ||
           expect_member(listener, event, "items[1].productId", "prod-2");
}

static int expect_changed(struct listener *listener, int event, const char *order,
                          const char *before, const char *after)
{
    const struct outbox_message *message = &listener->events[event];
    if (strcmp(message->topic, "order.status.changed") != 0 || strcmp(message->key, order) != 0)
        return run_fail(listener->run, "wrong answer",
                        "order.status.changed with the order's id as key", "%s with key %s",
                        message->topic, message->key);
    return expect_member(listener, event, "eventId", message->id) ||
           expect_member(listener, event, "orderId", order) ||
           expect_member(listener, event, "oldStatus", before) ||
           expect_member(listener, event, "newStatus", after);
}

/* PATCH that must be accepted. */
static int move(struct check_run *run, const char *id, const char *status)
{
    struct http_reply reply = {0};
    order_patch(run, id, status, NULL, &reply);
    const int wrong = run_expect_status(run, &reply, 200);
    http_reply_release(&reply);
    return wrong;
}

static void events_reach_the_bus(struct check_run *run)
{
    struct listener listener;
    struct http_reply refused = {0};
    char *id = NULL;
    if (start(run, &listener) == 0 && (id = order_placed(run)) != NULL) {
        order_patch(run, id, "DELIVERED", NULL, &refused); /* refused: no event */
        (void)(run_expect_problem(run, &refused, 409) || move(run, id, "CONFIRMED") ||
               move(run, id, "CANCELLED") || expect_events(&listener, 3) ||
               expect_created(&listener, 0, id) ||
               expect_changed(&listener, 1, id, "PENDING", "CONFIRMED") ||
               expect_changed(&listener, 2, id, "CONFIRMED", "CANCELLED"));
    }
    free(id);
    http_reply_release(&refused);
    stop(&listener);
}

static void killed_before_publish(struct check_run *run)
{
    struct listener listener;
    struct db *lock = NULL;
    char *first = NULL, *second = NULL;
    if (start(run, &listener) == 0 && (first = order_placed(run)) != NULL &&
        expect_events(&listener, 1) == 0 && order_hold_writes(run, BUS_FILE, &lock) == 0 &&
        (second = order_placed(run)) != NULL && move(run, second, "CONFIRMED") == 0 &&
        run_kill(run, "order-service", SIGKILL) == 0) {
        /* The control: committed and acknowledged, and the bus has nothing of it. */
        listener.wanted = 2;
        if (listen(&listener))
            run_error(run, "the bus took a message while its lock was held");
        db_close(lock);
        lock = NULL;
        (void)(run_ended(run) || run_restart(run, "order-service") ||
               order_expect_stored(run, second, "CONFIRMED") || expect_events(&listener, 3) ||
               expect_created(&listener, 1, second) ||
               expect_changed(&listener, 2, second, "PENDING", "CONFIRMED"));
    }
    if (lock != NULL)
        db_close(lock);
    free(first);
    free(second);
    stop(&listener);
}

enum { KILL_ROUNDS = 4, MOVES = 3, EVENTS_A_ROUND = 1 + MOVES };
static const char *const STATUSES[1 + MOVES] = {"PENDING", "CONFIRMED", "SHIPPED", "DELIVERED"};

/* One order walks to DELIVERED; the service is killed and restarted right after one of its steps.
 */
static int killed_walk(struct check_run *run, struct listener *listener, int round)
{
    const int killed_after = (int)(random_unit(&run->random) * EVENTS_A_ROUND);
    const int base = round * EVENTS_A_ROUND;
    char *id = order_placed(run);
    int wrong = id == NULL;
    for (int step = 0; step <= MOVES && !wrong; step++) {
        if (step > 0)
            wrong = move(run, id, STATUSES[step]);
        if (!wrong && step == killed_after)
            wrong = run_kill(run, "order-service", SIGKILL) || run_restart(run, "order-service");
    }
    wrong = wrong || expect_events(listener, base + EVENTS_A_ROUND) ||
            expect_created(listener, base, id);
    for (int step = 1; step <= MOVES && !wrong; step++)
        wrong = expect_changed(listener, base + step, id, STATUSES[step - 1], STATUSES[step]);
    free(id);
    return wrong;
}

static void kills_lose_and_double_nothing(struct check_run *run)
{
    struct listener listener;
    int wrong = start(run, &listener);
    for (int round = 0; round < KILL_ROUNDS && !wrong; round++)
        wrong = killed_walk(run, &listener, round);
    stop(&listener);
}

const struct check order_bus_checks[] = {
    {.id = "events_reach_the_bus",
     .rule = "Each accepted command reaches the bus as order.created or order.status.changed with "
             "the status before it; a refused one does not.",
     .rules = "P1 P2",
     .step = 4,
     .tier = TIER_CLUSTER,
     .points = 1,
     .anchor = "domain-events",
     .hints = {"Who passes the outbox on, and when is it woken?",
               "order_announce writes the message in the transaction of the event; call relay_wake "
               "after store_write has returned; order_relay_pass peeks, publishes, removes."},
     .run = events_reach_the_bus},
    {.id = "killed_before_publish_is_published_after_restart",
     .rule = "Killed between commit and publish, the service publishes after its restart.",
     .rules = "P2",
     .step = 4,
     .tier = TIER_CLUSTER,
     .points = 1,
     .anchor = "domain-events",
     .hints = {"The process is gone. Where is the message that was not sent yet?",
               "In the outbox table, if it was written with the event: publish only from there, "
               "never from the handler.",
               "Remove a message after bus_publish has returned 0, not before."},
     .run = killed_before_publish},
    {.id = "kills_lose_no_event_and_keep_the_order",
     .rule = "Killed after any command, no event is lost, each order's events stay in order, and a "
             "consumer that remembers ids counts each once.",
     .rules = "P2",
     .step = 4,
     .tier = TIER_CLUSTER,
     .points = 1,
     .anchor = "domain-events",
     .hints = {"Sent twice is allowed. How does a consumer know that it is the same event?",
               "The message's id is the event's id, made once and stored, so that a second send "
               "carries it again; the outbox's sequence keeps the order."},
     .run = kills_lose_and_double_nothing},
    {0},
};
