/*
 * Lab 01, step 2: conflicts (E7), and histories at random.
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include "judge/run.h"
#include "suites/01-order/model.h"
#include "suites/01-order/probe.h"

static const char retried[] = "append batch=a commands=\"create confirm ship\" at=1000\n"
                              "change command=track:Hamburg at=2000\n"
                              "change command=track:Bremen at=3000 meet=track:Kiel\n"
                              "load\n"
                              "change command=deliver at=4000 meet=track:Home\n"
                              "load\n"
                              "rows\n";

static const char decided_again[] =
    "append batch=a commands=create at=1000\n"
    "change command=confirm at=2000 meet=cancel\n"
    "load\n"
    "append stream=o-2 batch=b commands=\"create confirm\" at=1000\n"
    "change id=o-2 command=ship at=2000 meet=ship\n"
    "load stream=o-2\n"
    "change id=o-2 command=cancel at=3000 meet=deliver\n"
    "load stream=o-2\n"
    "rows stream=o-2\n";

static const char seen_versions[] =
    "append batch=a commands=\"create confirm\" at=1000\n"
    "change command=ship if_version=1 at=2000\n"
    "change command=ship if_version=3 at=2000\n"
    "change command=ship if_version=2 at=2000\n"
    "change command=track:Hamburg if_version=3 at=3000 meet=track:Kiel\n"
    "change command=deliver if_version=3 at=4000\n"
    "change command=deliver if_version=4 at=4000\n"
    "change id=o-9 command=confirm at=1\n"
    "rows\n";

/* --- bounded retries ---------------------------------------------------------------------- */

enum { ATTEMPTS = 8 };

/* Changes a SHIPPED order while somebody else tracks it before each of the first `meets` writes.
   1 once a verdict stands. */
static int contend(struct check_run *run, struct probe *probe, int number, int meets)
{
    struct text others = {0};
    struct message made = {0}, reply = {0}, rows = {0};
    int64_t writes = 0, events = 0;
    for (int i = 0; i < meets; i++)
        text_addf(&others, "%strack:P%d", i > 0 ? " " : "", i + 1);
    int ended = run_ask(run, probe, &made,
                        "append stream=o-%d batch=s%d commands=\"create confirm ship\" at=1000",
                        number, number) ||
                run_ask(run, probe, &reply, "change id=o-%d command=deliver at=2000 meet=\"%s\"",
                        number, text_str(&others)) ||
                run_ask(run, probe, &rows, "rows stream=o-%d", number);
    if (ended)
        goto out;
    int done = strcmp(reply.word, "ok") == 0;
    const char *code = message_get_or(&reply, "code", "");
    message_get_int64(&reply, "writes", &writes);
    message_get_int64(&rows, "count", &events);
    int met = writes < meets ? (int)writes : meets;
    if (strcmp(made.word, "ok") != 0)
        ended = run_fail(run, "wrong answer", "ok", "append: %s", made.word);
    else if (!done && strcmp(code, "conflict") != 0)
        ended = run_fail(run, "wrong answer", "ok, or in the end code=conflict", "%s code=%s",
                         reply.word, code);
    else if (!done && meets < ATTEMPTS)
        ended = run_fail(run, "wrong answer", "ok: the attempt after the last conflict succeeds",
                         "code=conflict after %" PRId64 " writes", writes);
    else if (writes > ATTEMPTS)
        ended = run_fail(run, "wrong answer", "at most 8 attempts", "%" PRId64 " writes", writes);
    else if (events != 3 + met + done)
        ended = run_fail(run, "wrong answer", "each accepted change is one event",
                         "%" PRId64 " events after %d changes by others, own change %s", events,
                         met, done ? "accepted" : "given up");
out:
    text_release(&others);
    message_release(&made);
    message_release(&reply);
    message_release(&rows);
    return ended;
}

static void bounded_retries(struct check_run *run)
{
    static const int meetings[] = {1, ATTEMPTS - 1, ATTEMPTS, 20};
    struct probe *probe = run_probe(run);
    int ended = probe == NULL;
    for (int i = 0; i < 4 && !ended; i++)
        ended = contend(run, probe, i + 1, meetings[i]);
    run_close(run, probe);
}

/* --- generated histories ------------------------------------------------------------------ */

enum { STREAMS = 3, GENERATED = 60, LAST_PLACE = 9 };

/* What the generator knows of a stream, so that most of what it writes is allowed. */
struct plan {
    int status; /* -1: no order yet */
    int version;
};

static enum model_command legal_command(const struct plan *plan, const struct random *random)
{
    enum model_command legal[MODEL_COMMANDS];
    int count = 0;
    for (int command = MODEL_CONFIRM; command < MODEL_COMMANDS; command++)
        if (plan->status >= 0 && model_next_status(plan->status, (enum model_command)command) >= 0)
            legal[count++] = (enum model_command)command;
    if (count == 0)
        return MODEL_CREATE;
    /* Tracking keeps an order alive: half of what happens to a shipped one. */
    if (plan->status == 2 && random_below(random, 2) == 0)
        return MODEL_TRACK;
    return legal[random_below(random, (uint64_t)count)];
}

static void add_word(struct text *words, enum model_command command, const struct random *random)
{
    text_addf(words, "%s%s", words->length > 0 ? " " : "", model_command_words[command]);
    if (command == MODEL_TRACK)
        text_addf(words, ":P%d", (int)random_below(random, LAST_PLACE));
}

static void add_batch(struct scenario *out, const struct random *random, struct plan *plan,
                      int stream, int number)
{
    struct text words = {0};
    char expected[24] = "none";
    int from = plan->version, wanted = 1 + (int)random_below(random, 4);
    if (from > 0)
        snprintf(expected, sizeof expected, "%d", from);
    if (plan->status < 0) {
        add_word(&words, MODEL_CREATE, random);
        *plan = (struct plan){0, 1};
    }
    for (int i = 0; i < wanted; i++) {
        enum model_command command = legal_command(plan, random);
        if (command == MODEL_CREATE)
            break;
        add_word(&words, command, random);
        plan->status = model_next_status(plan->status, command);
        plan->version++;
    }
    if (words.length > 0)
        scenario_add(out, "append stream=o-%d expected=%s batch=b%d commands=\"%s\" at=%d", stream,
                     expected, number, text_str(&words), (int)random_below(random, 1000));
    text_release(&words);
}

/* A change that is allowed, and half of the time somebody else's that comes first. */
static void add_change(struct scenario *out, const struct random *random, struct plan *plan,
                       int stream)
{
    struct text word = {0}, other = {0};
    enum model_command command = legal_command(plan, random);
    enum model_command others = legal_command(plan, random);
    if (command == MODEL_CREATE)
        return;
    add_word(&word, command, random);
    if (random_below(random, 2) == 0) {
        add_word(&other, others, random);
        plan->status = model_next_status(plan->status, others);
        plan->version++;
    }
    int next = model_next_status(plan->status, command);
    if (next >= 0) {
        plan->status = next;
        plan->version++;
    }
    scenario_add(out, "change id=o-%d command=%s at=%d meet=\"%s\"", stream, text_str(&word),
                 (int)random_below(random, 1000), text_str(&other));
    text_release(&word);
    text_release(&other);
}

static void two_writers(struct scenario *out, const struct random *random)
{
    struct plan plans[STREAMS + 1] = {{0, 0}};
    scenario_add(out, "store every=%d", 2 + (int)random_below(random, 4));
    for (int stream = 1; stream <= STREAMS; stream++) {
        plans[stream].status = -1;
        add_batch(out, random, &plans[stream], stream, stream);
    }
    for (int i = 0; i < GENERATED; i++) {
        int stream = 1 + (int)random_below(random, STREAMS);
        add_change(out, random, &plans[stream], stream);
        if (random_below(random, 6) == 0)
            scenario_add(out, "rows stream=o-%d", stream);
    }
    for (int stream = 1; stream <= STREAMS; stream++)
        scenario_add(out, "load stream=o-%d", stream);
}

static void long_histories(struct scenario *out, const struct random *random)
{
    struct plan plans[STREAMS + 1] = {{0, 0}};
    for (int stream = 1; stream <= STREAMS; stream++)
        plans[stream].status = -1;
    scenario_add(out, "store every=%d", 1 + (int)random_below(random, 5));
    for (int i = 0; i < GENERATED; i++) {
        int stream = 1 + (int)random_below(random, STREAMS);
        struct plan *plan = &plans[stream];
        int version = 1 + (int)random_below(random, 12);
        switch (random_below(random, 10)) {
        case 0:
            scenario_add(out, "load_version stream=o-%d version=%d", stream, version);
            break;
        case 1:
            scenario_add(out, "load_time stream=o-%d at=%d", stream, version * 90);
            break;
        case 2:
            scenario_add(out, "delete_snapshot stream=o-%d version=%d", stream, version);
            break;
        case 3:
            scenario_add(out, "restart");
            break;
        case 4:
            scenario_add(out, "rows stream=o-%d", stream);
            break;
        default:
            add_batch(out, random, plan, stream, i);
            scenario_add(out, "load stream=o-%d", stream);
        }
    }
}

const struct check order_conflict_checks[] = {
    {.id = "conflict_is_retried",
     .rule = "When somebody else changed the order in between, order_change loads again and "
             "succeeds.",
     .rules = "E7",
     .step = 2,
     .points = 1,
     .anchor = "conflicts",
     .hints =
         {"order_append says ERR_CONFLICT. Who has to do something about it?",
          "A loop: load, decide, append with the loaded version; on ERR_CONFLICT go round again."},
     .script = retried,
     .oracle = &order_oracle,
     .judged = "code count " ORDER_FIELDS},
    {.id = "conflict_is_decided_again",
     .rule = "After a conflict the command is decided again on the new state, and may be refused "
             "now.",
     .rules = "E7",
     .step = 2,
     .points = 1,
     .anchor = "conflicts",
     .hints = {"You wanted to confirm; meanwhile the order was cancelled. What is in your event?",
               "Loading and order_apply belong inside the loop. Appending the old decision with a "
               "new version makes a history that cannot be loaded."},
     .script = decided_again,
     .oracle = &order_oracle,
     .judged = "code count status version"},
    {.id = "retries_are_bounded",
     .rule = "order_change decides at most ORDER_CHANGE_ATTEMPTS times, then it is ERR_CONFLICT.",
     .rules = "E7",
     .step = 2,
     .points = 1,
     .anchor = "conflicts",
     .hints = {"Somebody is always faster than you. When do you give up?",
               "for (attempt = 0; attempt < ORDER_CHANGE_ATTEMPTS; attempt++), and ERR_CONFLICT "
               "after it; the eighth attempt still counts."},
     .run = bounded_retries},
    {.id = "stale_if_version_is_a_conflict",
     .rule = "With if_version the change happens on exactly that version, or it is ERR_CONFLICT.",
     .rules = "E7",
     .step = 2,
     .points = 1,
     .anchor = "conflicts",
     .hints = {"The caller decided on what it saw. May you decide for it on a newer state?",
               "After each load compare if_version with order.version, unless it is "
               "ORDER_ANY_VERSION; a mismatch returns ERR_CONFLICT without another attempt."},
     .script = seen_versions,
     .oracle = &order_oracle,
     .judged = "code version count"},
    {.id = "two_writers_never_lose_an_update",
     .rule = "However two writers meet, every accepted change is in the history, once, and legal.",
     .rules = "E7",
     .step = 2,
     .tier = TIER_MODEL,
     .points = 1,
     .anchor = "conflicts",
     .hints = {"Play the story: which change was answered with ok and is not in the rows?",
               "Between your load and your append anything may happen. Only the version check "
               "inside the transaction sees it."},
     .generate = two_writers,
     .rounds = 3,
     .oracle = &order_oracle,
     .judged = "code count row.* " ORDER_FIELDS},
    {.id = "long_histories_load_as_they_were",
     .rule = "Whatever was appended, deleted among the snapshots or restarted, loads agree with "
             "the events.",
     .rules = "E1 E2 E3 E6",
     .step = 2,
     .tier = TIER_MODEL,
     .points = 1,
     .anchor = "loading",
     .hints = {"The story is already the shortest that shows it: play it by hand.",
               "If it needs a snapshot, look at label and tail; if not, at the order of events."},
     .generate = long_histories,
     .rounds = 3,
     .oracle = &order_oracle,
     .judged = "code count row.* " ORDER_FIELDS},
    {0},
};
