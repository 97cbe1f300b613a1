/*
 * The adapter through which the judge drives lab 02. Given: nothing to write here.
 *
 *   create [of=0] percent= window= minimum= trials= successes= base= cap= lease= jitter=
 *          draws=|seed= [reenter=1] [flood=cycles]     ok | error code=
 *   admit  token= now= [of=0]                          ok result=admitted|open|busy state=
 *   report token= outcome=OK|FAIL|NEUTRAL now= [of=0]  ok state= | error code=refused state=
 *   copy   from= to=                                   a token, copied field by field
 *   forge  token=                                      a token that no breaker gave
 *   state  [of=0]                                      ok state=
 *   counts [of=0]                                      ok admitted= succeeded= ...
 *   events                                             ok count= nested= list=0>1@40+1000,...
 *   many   calls= outcome= now=                        ok state= allocations=   (admit, report)
 *   destroy [of=0]
 *
 * Tokens are numbers from 0. The other actions stand at the top of probe_*.c.
 */
#include "probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int64_t rig_int(const struct message *action, const char *name, int64_t otherwise)
{
    int64_t value = otherwise;
    message_get_int64(action, name, &value);
    return value;
}

double rig_double(const struct message *action, const char *name, double otherwise)
{
    const char *text = message_get(action, name);
    return text == NULL ? otherwise : strtod(text, NULL);
}

static double draw(void *context)
{
    struct draws *draws = context;
    draws->drawn++;
    if (draws->count == 0)
        return random_unit(&draws->from_seed);
    return draws->list[draws->next++ % draws->count];
}

struct random draws_random(struct draws *draws)
{
    return (struct random){draw, draws};
}

void draws_setup(struct draws *draws, const struct message *action)
{
    *draws = (struct draws){0};
    draws->from_seed = random_from_seed(&draws->seeded, (uint64_t)rig_int(action, "seed", 1));
    const char *rest = message_get_or(action, "draws", "");
    while (*rest != '\0' && draws->count < RIG_DRAWS) {
        char *end = NULL;
        draws->list[draws->count++] = strtod(rest, &end);
        rest = *end == ',' ? end + 1 : "";
    }
}

struct breaker_config rig_config(const struct message *action, struct draws *draws)
{
    return (struct breaker_config){.failure_percent = (int)rig_int(action, "percent", 50),
                                   .window = (int)rig_int(action, "window", 10),
                                   .minimum = (int)rig_int(action, "minimum", 4),
                                   .trials = (int)rig_int(action, "trials", 1),
                                   .successes = (int)rig_int(action, "successes", 2),
                                   .base_ms = rig_int(action, "base", 1000),
                                   .cap_ms = rig_int(action, "cap", 8000),
                                   .lease_ms = rig_int(action, "lease", 500),
                                   .jitter = rig_double(action, "jitter", 0),
                                   .random = draws_random(draws)};
}

static int which(const struct message *action)
{
    return rig_int(action, "of", 0) == 1;
}

/* The breaker an action is about; when there is none the reply already says so. */
static struct breaker *the_breaker(struct rig *rig, const struct message *action,
                                   struct text *reply)
{
    struct breaker *breaker = rig->breakers[which(action)];
    if (breaker == NULL) {
        message_begin(reply, "none");
        message_add(reply, "text", "no breaker was created");
    }
    return breaker;
}

static struct breaker_token *the_token(struct rig *rig, const struct message *action,
                                       const char *name)
{
    return &rig->tokens[(uint64_t)rig_int(action, name, 0) % RIG_TOKENS];
}

static void add_state(struct text *reply, struct breaker *breaker)
{
    enum breaker_state state = breaker_state(breaker);
    int known = state == BREAKER_CLOSED || state == BREAKER_OPEN || state == BREAKER_HALF_OPEN;
    message_add(reply, "state", known ? breaker_state_name(state) : "?");
}

/* Trials that fail, a day apart, before the listener returns: two transitions a cycle. */
static void flood(struct rig *rig, int64_t now_ms)
{
    int cycles = rig->flood;
    rig->flood = 0;
    for (int i = 0; i < cycles; i++) {
        struct breaker_token token;
        now_ms += BREAKER_TIME_MAX_MS;
        if (breaker_admit(rig->breakers[0], now_ms, &token) == BREAKER_ADMITTED)
            breaker_report(rig->breakers[0], &token, BREAKER_FAIL, now_ms);
    }
}

static void listen(void *context, const struct breaker_event *event)
{
    struct rig *rig = context;
    rig->nested |= rig->listening;
    rig->listening = 1;
    if (rig->event_count < RIG_EVENTS)
        rig->events[rig->event_count++] = *event;
    if (rig->flood > 0 && rig->breakers[0] != NULL)
        flood(rig, event->at_ms);
    if (rig->reenter && rig->breakers[0] != NULL) {
        breaker_state(rig->breakers[0]);
        breaker_counts(rig->breakers[0]);
    }
    rig->listening = 0;
}

static void do_create(void *context, const struct message *action, struct text *reply)
{
    struct rig *rig = context;
    int of = which(action);
    breaker_destroy(rig->breakers[of]);
    rig->breakers[of] = NULL;
    rig->reenter = (int)rig_int(action, "reenter", 0);
    rig->flood = (int)rig_int(action, "flood", 0);
    rig->nested = 0;
    draws_setup(&rig->draws[of], action);
    struct breaker_config config = rig_config(action, &rig->draws[of]);
    if (rig_int(action, "norandom", 0) == 1)
        config.random.unit = NULL;
    struct error err = {0};
    int result = breaker_create(&rig->breakers[of], &config, listen, rig, &err);
    probe_result(reply, result, &err);
}

static void do_admit(void *context, const struct message *action, struct text *reply)
{
    static const char *const names[] = {"admitted", "open", "busy"};
    struct rig *rig = context;
    struct breaker *breaker = the_breaker(rig, action, reply);
    if (breaker == NULL)
        return;
    unsigned result = (unsigned)breaker_admit(breaker, rig_int(action, "now", 0),
                                              the_token(rig, action, "token"));
    message_begin(reply, "ok");
    message_add(reply, "result", result < 3 ? names[result] : "?");
    add_state(reply, breaker);
}

static enum breaker_outcome the_outcome(const struct message *action)
{
    const char *word = message_get_or(action, "outcome", "OK");
    if (strcmp(word, "FAIL") == 0)
        return BREAKER_FAIL;
    return strcmp(word, "NEUTRAL") == 0 ? BREAKER_NEUTRAL : BREAKER_OK;
}

static void do_report(void *context, const struct message *action, struct text *reply)
{
    struct rig *rig = context;
    struct breaker *breaker = the_breaker(rig, action, reply);
    if (breaker == NULL)
        return;
    int result = breaker_report(breaker, the_token(rig, action, "token"), the_outcome(action),
                                rig_int(action, "now", 0));
    probe_result(reply, result, NULL);
    add_state(reply, breaker);
}

static void do_copy(void *context, const struct message *action, struct text *reply)
{
    struct rig *rig = context;
    *the_token(rig, action, "to") = *the_token(rig, action, "from");
    message_begin(reply, "ok");
}

static void do_forge(void *context, const struct message *action, struct text *reply)
{
    struct rig *rig = context;
    *the_token(rig, action, "token") =
        (struct breaker_token){.breaker = 12345, .generation = 0, .serial = 1, .slot = 0};
    message_begin(reply, "ok");
}

static void do_state(void *context, const struct message *action, struct text *reply)
{
    struct breaker *breaker = the_breaker(context, action, reply);
    if (breaker == NULL)
        return;
    message_begin(reply, "ok");
    add_state(reply, breaker);
}

enum breaker_outcome rig_draw_outcome(const struct random *random, int fail_percent,
                                      int neutral_percent)
{
    int percent = (int)random_below(random, 100);
    if (percent < fail_percent)
        return BREAKER_FAIL;
    return percent < fail_percent + neutral_percent ? BREAKER_NEUTRAL : BREAKER_OK;
}

void rig_add_counts(struct text *reply, const struct breaker_counts *counts)
{
    message_add_int64(reply, "admitted", counts->admitted);
    message_add_int64(reply, "succeeded", counts->succeeded);
    message_add_int64(reply, "failed", counts->failed);
    message_add_int64(reply, "neutral", counts->neutral);
    message_add_int64(reply, "rejected_open", counts->rejected_open);
    message_add_int64(reply, "rejected_busy", counts->rejected_busy);
    message_add_int64(reply, "stale", counts->stale);
    message_add_int64(reply, "lost", counts->lost);
    message_add_int64(reply, "opened", counts->opened);
    message_add_int64(reply, "half_opened", counts->half_opened);
    message_add_int64(reply, "closed", counts->closed);
    message_add_int64(reply, "events_lost", counts->events_lost);
}

static void do_counts(void *context, const struct message *action, struct text *reply)
{
    struct breaker *breaker = the_breaker(context, action, reply);
    if (breaker == NULL)
        return;
    struct breaker_counts counts = breaker_counts(breaker);
    message_begin(reply, "ok");
    rig_add_counts(reply, &counts);
    message_add_int64(reply, "drawn", ((struct rig *)context)->draws[which(action)].drawn);
}

static void do_events(void *context, const struct message *action, struct text *reply)
{
    struct rig *rig = context;
    struct text list = {0};
    (void)action;
    for (int i = 0; i < rig->event_count; i++) {
        const struct breaker_event *event = &rig->events[i];
        text_addf(&list, "%s%d>%d@%lld+%lld", i > 0 ? "," : "", (int)event->from, (int)event->to,
                  (long long)event->at_ms, (long long)event->wait_ms);
    }
    message_begin(reply, "ok");
    message_add_int64(reply, "count", rig->event_count);
    message_add_int64(reply, "nested", rig->nested);
    message_add(reply, "list", text_str(&list));
    text_release(&list);
    rig->event_count = 0;
}

/* AddressSanitizer's, for whoever counts allocations; not there in other builds. */
int __sanitizer_install_malloc_and_free_hooks(void (*malloc_hook)(const volatile void *pointer,
                                                                  size_t size),
                                              void (*free_hook)(const volatile void *pointer))
    __attribute__((weak));

static int allocations; /* a hook gets no context */

static void count_allocation(const volatile void *pointer, size_t size)
{
    (void)pointer;
    (void)size;
    allocations++;
}

static void ignore_free(const volatile void *pointer)
{
    (void)pointer;
}

static void do_many(void *context, const struct message *action, struct text *reply)
{
    struct breaker *breaker = the_breaker(context, action, reply);
    if (breaker == NULL)
        return;
    int64_t calls = rig_int(action, "calls", 1), now_ms = rig_int(action, "now", 0);
    enum breaker_outcome outcome = the_outcome(action);
    int before = allocations;
    for (int64_t i = 0; i < calls; i++) {
        struct breaker_token token;
        if (breaker_admit(breaker, now_ms, &token) == BREAKER_ADMITTED)
            breaker_report(breaker, &token, outcome, now_ms);
    }
    int after = allocations;
    message_begin(reply, "ok");
    add_state(reply, breaker);
    message_add_int64(reply, "allocations", after - before);
}

static void do_destroy(void *context, const struct message *action, struct text *reply)
{
    struct rig *rig = context;
    breaker_destroy(rig->breakers[which(action)]);
    rig->breakers[which(action)] = NULL;
    message_begin(reply, "ok");
}

int main(int argc, char **argv)
{
    static const struct probe_action actions[] = {
        {"create", do_create},
        {"admit", do_admit},
        {"report", do_report},
        {"copy", do_copy},
        {"forge", do_forge},
        {"state", do_state},
        {"counts", do_counts},
        {"events", do_events},
        {"destroy", do_destroy},
        {"wait", do_wait},
        {"backoff", do_backoff},
        {"budget", do_budget},
        {"retry", do_retry},
        {"guard", do_guard},
        {"call", do_call},
        {"metrics", do_metrics},
        {"traces", do_traces},
        {"herd", do_herd},
        {"storm", do_storm},
        {"log", do_storm_log},
        {"crowd", do_crowd},
        {"many", do_many},
        {NULL, NULL},
    };
    struct rig *rig = calloc(1, sizeof *rig);
    if (rig == NULL)
        return 1;
    if (__sanitizer_install_malloc_and_free_hooks != NULL)
        __sanitizer_install_malloc_and_free_hooks(count_allocation, ignore_free);
    int status = probe_main(argc, argv, "02-breaker", actions, rig);
    for (int i = 0; i < RIG_BREAKERS; i++)
        breaker_destroy(rig->breakers[i]);
    guard_destroy(rig->guard);
    metrics_close(rig->metrics);
    storm_free(rig->storm);
    free(rig);
    return status;
}
