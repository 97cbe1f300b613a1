/*
 * Lab 01, step 4, as far as it shows without a cluster: the outbox, the relay, a consumer.
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include "judge/run.h"
#include "suites/01-order/model.h"
#include "suites/01-order/power.h"
#include "suites/01-order/probe.h"

static const char lives[] =
    "place id=o-1 event=e-1 at=1000\n"
    "change id=o-1 command=confirm at=2000\n"
    "place id=o-2 event=e-2 customer=user-9 items=\"a*3@333;b*1@1\" at=2500\n"
    "change id=o-1 command=ship at=3000\n"
    "change id=o-1 command=track:Hamburg at=3500\n"
    "change id=o-2 command=cancel at=4000\n"
    "change id=o-1 command=deliver at=5000\n"
    "outbox\n";

static const char refusals[] = "place id=o-1 event=e-1 at=1000\n"
                               "change id=o-1 command=ship at=2000\n"
                               "change id=o-1 command=confirm if_version=7 at=2000\n"
                               "place id=o-1 event=e-2 at=2500\n"
                               "place id=o-2 event=e-3 rollback=1 at=3000\n"
                               "change id=o-2 command=confirm at=3500\n"
                               "outbox\n"
                               "change id=o-1 command=confirm at=4000 meet=cancel\n"
                               "outbox\n";

/* --- one transaction for both ------------------------------------------------------------- */

static const struct power_plan announced = {
    .before = {"place id=o-1 event=e-1 at=1000", NULL},
    .actions = {"change command=confirm at=2000", "change command=cancel at=3000", NULL},
    .with_messages = 1};

static int both_or_neither(const struct power_cut *cut, const int64_t *events, char *expected,
                           size_t size)
{
    (void)events;
    if (cut->events == cut->messages && cut->version == cut->events)
        return 0;
    snprintf(expected, size,
             "%" PRId64 " messages for the %" PRId64 " events, and the order at that version",
             cut->events, cut->events);
    return 1;
}

static void survive_together(struct check_run *run)
{
    power_search(run, &announced, both_or_neither);
}

/* --- the relay ---------------------------------------------------------------------------- */

/* Asks, and expects the reply's first word and, when field is not NULL, that it is value. */
static int expect(struct check_run *run, struct probe *probe, const char *action, const char *word,
                  const char *field, int64_t value)
{
    struct message reply = {0};
    int64_t got = -1;
    char wanted[96];
    int ended = run_ask(run, probe, &reply, "%s", action);
    if (!ended && strcmp(reply.word, word) != 0)
        ended = run_fail(run, "wrong answer", word, "%s code=%s for \"%s\"", reply.word,
                         message_get_or(&reply, "code", ""), action);
    if (!ended && field != NULL)
        message_get_int64(&reply, field, &got);
    if (!ended && field != NULL && got != value) {
        snprintf(wanted, sizeof wanted, "%s=%" PRId64 " for \"%s\"", field, value, action);
        ended = run_fail(run, "wrong answer", wanted, "%s=%" PRId64, field, got);
    }
    message_release(&reply);
    return ended;
}

/* The bus must hold these messages, "topic key", in this order. */
static int expect_bus(struct check_run *run, struct probe *probe, const char *const *messages)
{
    struct message reply = {0};
    char name[24];
    int ended = run_ask(run, probe, &reply, "bus");
    for (int i = 0; !ended && messages[i] != NULL; i++) {
        snprintf(name, sizeof name, "message.%d", i + 1);
        const char *got = message_get_or(&reply, name, "nothing");
        if (strcmp(got, messages[i]) != 0)
            ended = run_fail(run, "wrong answer", messages[i], "%s as message %d on the bus", got,
                             i + 1);
    }
    message_release(&reply);
    return ended;
}

static void publish_before_remove(struct check_run *run)
{
    static const char *const messages[] = {"order.created o-1", "order.created o-2",
                                           "order.status.changed o-1", NULL};
    struct message reply = {0};
    struct probe *probe = run_probe(run);
    int64_t writes = 0, on_bus = 0;
    int ended = probe == NULL || expect(run, probe, "place id=o-1 event=e-1 at=1", "ok", NULL, 0) ||
                expect(run, probe, "place id=o-2 event=e-2 at=2", "ok", NULL, 0) ||
                expect(run, probe, "change id=o-1 command=confirm at=3", "ok", NULL, 0) ||
                expect(run, probe, "outbox", "ok", "count", 3) ||
                run_ask(run, probe, &reply, "relay");
    if (!ended) {
        message_get_int64(&reply, "writes", &writes);
        message_get_int64(&reply, "bus_at_write", &on_bus);
        if (strcmp(reply.word, "ok") != 0)
            ended = run_fail(run, "wrong answer", "ok", "%s code=%s", reply.word,
                             message_get_or(&reply, "code", ""));
        else if (writes > 0 && on_bus < 1)
            ended = run_fail(run, "wrong answer",
                             "messages on the bus before the write that removes them",
                             "an empty bus when the relay began to write");
    }
    if (!ended && !expect_bus(run, probe, messages) &&
        !expect(run, probe, "outbox", "ok", "count", 0))
        expect(run, probe, "relay", "ok", "moved", 0);
    message_release(&reply);
    run_close(run, probe);
}

/* The power goes while the relay removes what it has published. */
static void crash_sends_again(struct check_run *run)
{
    static const char *const twice[] = {"order.created o-1", "order.created o-1", NULL};
    struct probe *probe = run_probe(run);
    if (probe != NULL && !expect(run, probe, "place id=o-1 event=e-1 at=1", "ok", NULL, 0) &&
        !expect(run, probe, "power cut=1", "ok", NULL, 0) &&
        !expect(run, probe, "relay", "error", NULL, 0) &&
        !expect(run, probe, "power_back", "ok", "off", 1) &&
        !expect(run, probe, "outbox", "ok", "count", 1) &&
        !expect(run, probe, "relay", "ok", "moved", 1) && !expect_bus(run, probe, twice))
        expect(run, probe, "outbox", "ok", "count", 0);
    run_close(run, probe);
}

/* --- the consumer ------------------------------------------------------------------------- */

static void counted_once(struct check_run *run)
{
    static const struct {
        const char *action;
        const char *field;
        int64_t value;
    } steps[] = {
        {"consume event=m-1 topic=order.created", NULL, 0},
        {"count topic=order.created", "count", 1},
        {"consume event=m-1 topic=order.created", NULL, 0},
        {"count topic=order.created", "count", 1},
        {"consume event=m-2 topic=order.created", NULL, 0},
        {"consume event=m-3 topic=order.status.changed", NULL, 0},
        {"count topic=order.created", "count", 2},
        {"count topic=order.status.changed", "count", 1},
        {"count topic=order.lost", "count", 0},
    };
    struct probe *probe = run_probe(run);
    int ended = probe == NULL;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && !ended; i++)
        ended = expect(run, probe, steps[i].action, "ok", steps[i].field, steps[i].value);
    run_close(run, probe);
}

/* The consumer's own pass: the power goes while it counts, so the position must not be past. */
static void counted_after_a_crash(struct check_run *run)
{
    struct probe *probe = run_probe(run);
    if (probe != NULL && !expect(run, probe, "bus_put event=m-1", "ok", NULL, 0) &&
        !expect(run, probe, "bus_put event=m-2", "ok", NULL, 0) &&
        !expect(run, probe, "consume_pass", "ok", "moved", 2) &&
        !expect(run, probe, "consume_pass", "ok", "moved", 0) &&
        !expect(run, probe, "count", "ok", "count", 2) &&
        !expect(run, probe, "bus_put event=m-2", "ok", NULL, 0) &&
        !expect(run, probe, "bus_put event=m-3", "ok", NULL, 0) &&
        !expect(run, probe, "power cut=1", "ok", NULL, 0) &&
        !expect(run, probe, "consume_pass", "error", NULL, 0) &&
        !expect(run, probe, "power_back", "ok", "off", 1) &&
        !expect(run, probe, "consume_pass", "ok", "moved", 2))
        expect(run, probe, "count", "ok", "count", 3);
    run_close(run, probe);
}

const struct check order_outbox_checks[] = {
    {.id = "accepted_commands_are_announced",
     .rule = "A new order and each change of status put one message into the outbox; tracking "
             "none.",
     .rules = "P1",
     .step = 4,
     .points = 1,
     .anchor = "domain-events",
     .hints = {"Which commands change no status, and what do their consumers need to know?",
               "order_commit calls order_announce after order_append; order_announce gives "
               "ORDER_TRACK no message, and the others the event's id and the order's id as key."},
     .script = lives,
     .oracle = &order_oracle,
     .judged = "code count message.* event.*"},
    {.id = "old_status_is_the_status_before",
     .rule = "order.status.changed says the status before and the one after; order.created the "
             "total.",
     .rules = "P1",
     .step = 4,
     .points = 1,
     .anchor = "domain-events",
     .hints = {"Of which of the two orders do you take oldStatus?",
               "order_announce is given both: before->status is oldStatus, after->status is "
               "newStatus. Amounts are written as on the wire: 39.80, not 3980."},
     .script = lives,
     .oracle = &order_oracle,
     .judged = "payload.*"},
    {.id = "refused_commands_announce_nothing",
     .rule = "What is refused, conflicts or is rolled back leaves no message.",
     .rules = "P1",
     .step = 4,
     .points = 1,
     .anchor = "domain-events",
     .hints = {"The caller rolls its transaction back after you announced. Where is the message?",
               "outbox_add with the tx that you were given, and only after order_append "
               "succeeded."},
     .script = refusals,
     .oracle = &order_oracle,
     .judged = "code count message.*"},
    {.id = "event_and_message_survive_together",
     .rule = "Power lost at any write or sync: an event is there with its message, or neither is.",
     .rules = "P1",
     .step = 4,
     .tier = TIER_MODEL,
     .points = 1,
     .anchor = "domain-events",
     .hints = {"How many times does order_change call store_write for one change?",
               "Event and message belong in the same transaction: both in order_commit, with the "
               "same tx."},
     .cpu_ms = 20000,
     .run = survive_together},
    {.id = "relay_publishes_before_it_removes",
     .rule = "The relay publishes first and removes afterwards, in the order of the commits.",
     .rules = "P2",
     .step = 4,
     .points = 1,
     .anchor = "the-relay",
     .hints = {"The process dies between the two. Which loss can be repaired?",
               "outbox_peek in store_read, bus_publish, then outbox_remove in store_write, up to "
               "the last sequence that was published."},
     .run = publish_before_remove},
    {.id = "relay_sends_again_after_a_crash",
     .rule = "A message that was published and not yet removed is sent again after the restart.",
     .rules = "P2",
     .step = 4,
     .points = 1,
     .anchor = "the-relay",
     .hints = {"What does your pass return when the removal fails?",
               "Return the code of store_write: the pass failed, the message is still in the "
               "outbox, and the next pass sends it again."},
     .run = crash_sends_again},
    {.id = "consumer_counts_each_message_once",
     .rule = "A consumer counts each message id once, however often it is delivered.",
     .rules = "P2",
     .step = 4,
     .points = 1,
     .anchor = "a-consumer",
     .hints = {"How does the consumer know that it has seen m-1 before?",
               "Insert the id into order_seen first; when it is there already, return 0 and count "
               "nothing. Both tables are written in the same transaction."},
     .run = counted_once},
    {.id = "consumer_moves_on_after_counting",
     .rule = "The consumer's position moves only after its counts are committed.",
     .rules = "P2",
     .step = 4,
     .points = 1,
     .anchor = "a-consumer",
     .hints = {"The process dies between counting and moving the position: what is safe to repeat?",
               "bus_poll, store_write with all order_consume, and only when that returned 0 "
               "bus_commit."},
     .run = counted_after_a_crash},
    {0},
};
