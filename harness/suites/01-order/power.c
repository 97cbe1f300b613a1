/*
 * Lab 01, E5: power loss. The search, and the two rules of step 2.
 *
 * A cut is a database of its own: before, arm, actions until one fails, restart, look. They are
 * tried in the order of the operation that is interrupted, so the first that breaks a rule is the
 * shortest. The positive control: with a disk that lies about its syncs, something acknowledged
 * must be lost, or the cuts do not bite.
 */
#include "suites/01-order/power.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "kit/text.h"
#include "suites/01-order/probe.h"

enum { CUTS_MAX = 400, CHOICES = 2 };

struct search {
    struct check_run *run;
    struct probe *probe;
    int in_story;        /* 1: every action goes into the story */
    struct text *script; /* the actions of this cut; NULL = not wanted */
};

/* 1 once a verdict stands. */
static int ask(struct search *search, const char *action, struct message *reply)
{
    message_release(reply);
    *reply = (struct message){0};
    if (search->script != NULL)
        text_addf(search->script, "%s\n", action);
    if (search->in_story)
        return run_ask(search->run, search->probe, reply, "%s", action);
    enum probe_state state = probe_ask(search->probe, action, reply);
    if (state != PROBE_READY)
        return run_crash(search->run, state, search->probe);
    /* Reported at once, so that the words are the same as everywhere. */
    if (strcmp(reply->word, "todo") == 0 || strcmp(reply->word, "bad") == 0)
        return run_ask(search->run, search->probe, reply, "%s", action);
    return 0;
}

static int64_t number_in(const struct message *reply, const char *name)
{
    int64_t value = -1;
    message_get_int64(reply, name, &value);
    return value;
}

static int look(struct search *search, const struct power_plan *plan, struct power_cut *cut,
                struct message *reply)
{
    const struct story *story = &search->run->result->story;
    if (search->in_story && story->count > 0)
        run_story(search->run, story->lines[story->count - 1].at_ms, STORY_FAULT, "order", NULL,
                  "the power went at write or sync %" PRId64, cut->nth);
    if (ask(search, "power_back", reply))
        return 1;
    cut->operations = number_in(reply, "operations");
    cut->off = (int)number_in(reply, "off");
    if (ask(search, "rows", reply))
        return 1;
    cut->events = number_in(reply, "count");
    if (plan->with_messages && ask(search, "outbox", reply))
        return 1;
    cut->messages = plan->with_messages ? number_in(reply, "count") : 0;
    if (ask(search, "load", reply))
        return 1;
    cut->version = strcmp(message_get_or(reply, "code", ""), "not found") == 0
                       ? 0
                       : number_in(reply, "version");
    return 0;
}

/* Plays one cut and fills in what it came to. */
static int play(struct search *search, const struct power_plan *plan, struct power_cut *cut)
{
    struct message reply = {0};
    char arm[96];
    int ended = ask(search, "store every=4", &reply);
    for (int i = 0; plan->before[i] != NULL && !ended; i++) {
        ended = ask(search, plan->before[i], &reply);
        if (!ended && strcmp(reply.word, "ok") != 0)
            ended = run_fail(search->run, "wrong answer", "ok", "%s code=%s for \"%s\"", reply.word,
                             message_get_or(&reply, "code", ""), plan->before[i]);
    }
    snprintf(arm, sizeof arm, "power cut=%" PRId64 " seed=%" PRId64 "%s", cut->nth, cut->seed,
             cut->lying ? " lying=1" : "");
    if (!ended)
        ended = ask(search, arm, &reply);
    cut->acknowledged = 0;
    for (int i = 0; plan->actions[i] != NULL && !ended; i++) {
        ended = ask(search, plan->actions[i], &reply);
        if (ended || strcmp(reply.word, "ok") != 0)
            break;
        cut->acknowledged++;
    }
    if (!ended)
        ended = look(search, plan, cut, &reply);
    message_release(&reply);
    return ended;
}

/* How many events there are after each number of actions, and how many operations they need. */
static int measure(struct search *search, const struct power_plan *plan, int64_t *events,
                   int64_t *operations)
{
    struct power_plan part = *plan;
    int actions = 0;
    while (plan->actions[actions] != NULL)
        actions++;
    for (int count = 0; count <= actions; count++) {
        struct power_cut cut = {0};
        part.actions[count] = NULL;
        if (play(search, &part, &cut))
            return 1;
        if (cut.acknowledged != count)
            return run_fail(search->run, "wrong answer", "ok", "an error for \"%s\"",
                            plan->actions[cut.acknowledged]);
        part.actions[count] = plan->actions[count];
        events[count] = cut.events;
        *operations = cut.operations;
        if (count > 0 && events[count] <= events[count - 1])
            return run_fail(search->run, "wrong answer", "an event in the table order_events",
                            "no new row after \"%s\"", plan->actions[count - 1]);
    }
    return 0;
}

/* The cuts must be able to lose something. */
static int control(struct search *search, const struct power_plan *plan, const int64_t *events,
                   int64_t operations)
{
    struct power_cut cut = {.nth = operations, .lying = 1};
    if (play(search, plan, &cut))
        return 1;
    if (cut.events < events[cut.acknowledged])
        return 0;
    return run_fail(search->run, "fault not reached",
                    "events that lie in the database that was given, and are lost with it",
                    "a disk that keeps nothing lost nothing");
}

/* The cut again, in a fresh probe, with every action in the story. */
static void write_story(struct check_run *run, const struct power_plan *plan,
                        const struct power_cut *cut, power_rule *rule, const int64_t *events)
{
    struct text script = {0};
    struct search again = {.run = run, .probe = run_probe(run), .in_story = 1, .script = &script};
    struct power_cut seen = {.nth = cut->nth, .seed = cut->seed};
    struct text got = {0};
    char expected[256];
    if (again.probe != NULL && !play(&again, plan, &seen)) {
        text_addf(&got, "events: %" PRId64, seen.events);
        if (plan->with_messages)
            text_addf(&got, ", messages: %" PRId64, seen.messages);
        text_addf(&got,
                  ", the order at version %" PRId64 ", actions that were answered with ok: %d",
                  seen.version, seen.acknowledged);
        if (rule(&seen, events, expected, sizeof expected))
            run_fail(run, "wrong answer", expected, "%s", text_str(&got));
        else
            run_fail(run, "wrong answer", "the same end for the same cut",
                     "another end the second time: the code reads a clock or randomness");
        result_set_string(&run->result->script, text_str(&script));
    }
    text_release(&script);
    text_release(&got);
    run_close(run, again.probe);
}

void power_search(struct check_run *run, const struct power_plan *plan, power_rule *rule)
{
    struct search search = {.run = run, .probe = run_probe(run)};
    int64_t events[POWER_ACTIONS_MAX + 1] = {0};
    int64_t operations = 0;
    /* Nothing survives, and a random choice (power_loss_arm: seeds that are 2 modulo 4). */
    const int64_t seeds[CHOICES] = {0, 4 * (int64_t)random_below(&run->random, 1 << 30) + 2};
    int tried = 0, going = 1;
    char expected[256];
    if (search.probe == NULL || measure(&search, plan, events, &operations) ||
        control(&search, plan, events, operations)) {
        run_close(run, search.probe);
        return;
    }
    for (int64_t nth = 1; going && nth <= CUTS_MAX; nth++) {
        for (int i = 0; i < CHOICES && going; i++) {
            struct power_cut cut = {.nth = nth, .seed = seeds[i]};
            if (play(&search, plan, &cut)) {
                going = 0;
            } else if (!cut.off) {
                going = 0; /* past the last operation */
            } else if (rule(&cut, events, expected, sizeof expected)) {
                write_story(run, plan, &cut, rule, events);
                going = 0;
            }
            tried += cut.off;
        }
    }
    run_figure(run, "power cuts tried", tried);
    run_close(run, search.probe);
}

/* --- the rules of step 2 ------------------------------------------------------------------ */

/* The batch brings a snapshot with it. */
enum { BATCHES = 2 };
static const struct power_plan batches = {
    .before = {"append batch=a commands=\"create confirm ship\" at=1000", NULL},
    .actions = {"append expected=3 batch=b commands=\"track:A track:B track:C\" at=2000",
                "change command=deliver at=3000", NULL}};

static int whole_or_not_at_all(const struct power_cut *cut, const int64_t *events, char *expected,
                               size_t size)
{
    for (int i = 0; i <= BATCHES; i++)
        if (cut->events == events[i] && cut->version == events[i])
            return 0;
    snprintf(expected, size, "3, 6 or 7 events, and an order of that version");
    return 1;
}

static int nothing_acknowledged_lost(const struct power_cut *cut, const int64_t *events,
                                     char *expected, size_t size)
{
    if (cut->events >= events[cut->acknowledged] && cut->version >= events[cut->acknowledged])
        return 0;
    snprintf(expected, size, "at least the %" PRId64 " events that were acknowledged",
             events[cut->acknowledged]);
    return 1;
}

static void batches_stay_whole(struct check_run *run)
{
    power_search(run, &batches, whole_or_not_at_all);
}

static void acknowledged_stays(struct check_run *run)
{
    power_search(run, &batches, nothing_acknowledged_lost);
}

const struct check order_power_checks[] = {
    {.id = "power_loss_leaves_batches_whole",
     .rule = "Power lost at any write or sync, then reopened: a batch is there whole or not at "
             "all.",
     .rules = "E5",
     .step = 2,
     .tier = TIER_MODEL,
     .points = 1,
     .anchor = "power-loss",
     .hints = {"How many transactions does one batch take in your code?",
               "All of a batch, its snapshot too, belongs in the one transaction that the caller "
               "began; order_change makes one store_write for each attempt."},
     .cpu_ms = 20000,
     .run = batches_stay_whole},
    {.id = "power_loss_keeps_what_was_acknowledged",
     .rule = "Power lost at any write or sync: what was answered with ok is there after the "
             "restart.",
     .rules = "E5",
     .step = 2,
     .tier = TIER_MODEL,
     .points = 1,
     .anchor = "power-loss",
     .hints = {"When may order_change answer 0? Who knows that the event is on the disk?",
               "store_write returns after the commit, with its code: return that code, however "
               "your own part went."},
     .cpu_ms = 20000,
     .run = acknowledged_stays},
    {0},
};
