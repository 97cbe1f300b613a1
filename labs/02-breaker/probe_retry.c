/*
 * Lab 02's probe: waits, backoff, budget, retries. Given: nothing to write here.
 *
 *   wait    base= cap= jitter= n= unit=          ok wait=
 *   backoff kind=none|full|equal|decorrelated base= cap= count= draws=|seed=
 *                                                ok delays=100,200,... drawn=   | error code=
 *   budget  ratio= burst=                        ok | error code=
 *   budget  first=n take=m                       ok taken=   (n first attempts, then m asked)
 *   retry   attempts= deadline= kind= base= cap= draws=|seed= [budget=1] [start=0]
 *           script=TRANSIENT/20,TRANSIENT/20/3000,OK/5   (result/duration[/retry after])
 *                            ok result= attempts= slept= deadline_hit= budget_empty=
 *                               began=0,120,... limits=... sleeps=...
 * The last word of the script stands for all attempts after it.
 */
#include "probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SCRIPT_MAX = 64 };

void do_wait(void *context, const struct message *action, struct text *reply)
{
    (void)context;
    int64_t wait = breaker_wait_ms(rig_int(action, "base", 1000), rig_int(action, "cap", 8000),
                                   rig_double(action, "jitter", 0), (int)rig_int(action, "n", 0),
                                   rig_double(action, "unit", 0));
    message_begin(reply, "ok");
    message_add_int64(reply, "wait", wait);
}

static enum backoff_kind the_kind(const struct message *action)
{
    static const char *const names[] = {"none", "full", "equal", "decorrelated"};
    const char *word = message_get_or(action, "kind", "none");
    for (int i = 0; i < 4; i++) {
        if (strcmp(word, names[i]) == 0)
            return (enum backoff_kind)i;
    }
    return BACKOFF_NONE;
}

void do_backoff(void *context, const struct message *action, struct text *reply)
{
    (void)context;
    struct draws draws;
    draws_setup(&draws, action);
    struct backoff backoff;
    struct error err = {0};
    int result = backoff_start(&backoff, the_kind(action), rig_int(action, "base", 100),
                               rig_int(action, "cap", 10000), draws_random(&draws), &err);
    probe_result(reply, result, &err);
    if (result < 0)
        return;
    struct text delays = {0};
    int64_t count = rig_int(action, "count", 1);
    for (int64_t i = 0; i < count; i++)
        text_addf(&delays, "%s%lld", i > 0 ? "," : "", (long long)backoff_next(&backoff));
    message_add(reply, "delays", text_str(&delays));
    message_add_int64(reply, "drawn", draws.drawn);
    text_release(&delays);
}

void do_budget(void *context, const struct message *action, struct text *reply)
{
    struct rig *rig = context;
    if (message_get(action, "ratio") != NULL) {
        struct error err = {0};
        int result = retry_budget_init(&rig->budget, rig_double(action, "ratio", 0),
                                       rig_double(action, "burst", 1), &err);
        probe_result(reply, result, &err);
        return;
    }
    int64_t first = rig_int(action, "first", 0), take = rig_int(action, "take", 0), taken = 0;
    for (int64_t i = 0; i < first; i++)
        retry_budget_first(&rig->budget);
    for (int64_t i = 0; i < take; i++)
        taken += retry_budget_take(&rig->budget) != 0;
    message_begin(reply, "ok");
    message_add_int64(reply, "taken", taken);
}

/* --- retries in a scripted world -------------------------------------------------------------- */

struct script_step {
    enum attempt_result result;
    int64_t took_ms, retry_after_ms;
};

struct scripted_world {
    struct script_step steps[SCRIPT_MAX];
    int count;
    int64_t now_ms, start_ms;
    int made; /* attempts, against loops without an end */
    struct text began, limits, sleeps;
};

enum { ATTEMPTS_MAX = 1000 };

static const char *const result_names[] = {"OK", "TRANSIENT", "PERMANENT", "OPEN"};

static void read_script(struct scripted_world *world, const char *script)
{
    while (*script != '\0' && world->count < SCRIPT_MAX) {
        struct script_step *step = &world->steps[world->count++];
        *step = (struct script_step){.retry_after_ms = -1};
        for (int i = 0; i < 4; i++) {
            size_t length = strlen(result_names[i]);
            if (strncmp(script, result_names[i], length) == 0 &&
                (script[length] == '/' || script[length] == ',' || script[length] == '\0'))
                step->result = (enum attempt_result)i;
        }
        script += strcspn(script, "/,");
        if (*script == '/') {
            char *end = NULL;
            step->took_ms = strtoll(script + 1, &end, 10);
            if (*end == '/')
                step->retry_after_ms = strtoll(end + 1, &end, 10);
            script = end;
        }
        script += *script == ',';
    }
}

static void add_number(struct text *list, int64_t number)
{
    text_addf(list, "%s%lld", list->length > 0 ? "," : "", (long long)number);
}

static int64_t world_now(void *context)
{
    return ((struct scripted_world *)context)->now_ms;
}

static void world_sleep(void *context, int64_t duration_ms)
{
    struct scripted_world *world = context;
    add_number(&world->sleeps, duration_ms);
    world->now_ms += duration_ms;
}

static struct attempt world_attempt(void *context, int number, int64_t limit_ms)
{
    struct scripted_world *world = context;
    add_number(&world->began, world->now_ms - world->start_ms);
    add_number(&world->limits, limit_ms);
    if (++world->made > ATTEMPTS_MAX || world->count == 0)
        return (struct attempt){ATTEMPT_PERMANENT, -1};
    int index = number >= 1 && number <= world->count ? number - 1 : world->count - 1;
    const struct script_step *step = &world->steps[index];
    int64_t took = step->took_ms < limit_ms ? step->took_ms : limit_ms;
    world->now_ms += took > 0 ? took : 0;
    if (step->took_ms > limit_ms) /* the attempt ran into its own limit */
        return (struct attempt){ATTEMPT_TRANSIENT, -1};
    return (struct attempt){step->result, step->retry_after_ms};
}

static void describe_retry(struct text *reply, const struct retry_report *report,
                           const struct scripted_world *world)
{
    unsigned result = (unsigned)report->result;
    message_begin(reply, "ok");
    message_add(reply, "result", result < 4 ? result_names[result] : "?");
    message_add_int64(reply, "attempts", report->attempts);
    message_add_int64(reply, "made", world->made);
    message_add_int64(reply, "slept", report->slept_ms);
    message_add_int64(reply, "deadline_hit", report->deadline_hit);
    message_add_int64(reply, "budget_empty", report->budget_empty);
    message_add(reply, "began", text_str(&world->began));
    message_add(reply, "limits", text_str(&world->limits));
    message_add(reply, "sleeps", text_str(&world->sleeps));
    message_add_int64(reply, "ended", world->now_ms - world->start_ms);
}

void do_retry(void *context, const struct message *action, struct text *reply)
{
    struct rig *rig = context;
    struct scripted_world world = {.start_ms = rig_int(action, "start", 0)};
    world.now_ms = world.start_ms;
    read_script(&world, message_get_or(action, "script", "OK/1"));
    struct draws draws;
    draws_setup(&draws, action);
    struct retry_policy policy = {.attempts = (int)rig_int(action, "attempts", 3),
                                  .deadline_ms = rig_int(action, "deadline", 10000),
                                  .kind = the_kind(action),
                                  .base_ms = rig_int(action, "base", 100),
                                  .cap_ms = rig_int(action, "cap", 1000),
                                  .budget = rig_int(action, "budget", 0) ? &rig->budget : NULL};
    struct retry_world retry_world = {world_now, world_sleep, world_attempt, &world,
                                      draws_random(&draws)};
    struct retry_report report = retry_run(&policy, &retry_world);
    describe_retry(reply, &report, &world);
    text_release(&world.began);
    text_release(&world.limits);
    text_release(&world.sleeps);
}
