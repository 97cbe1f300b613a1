/*
 * The oracle of lab 02's backoff, budget and retries: the formulas of backoff.h, written out again.
 */
#include "suites/02-breaker/checks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "suites/02-breaker/model.h"

enum { DRAWS_MAX = 64, WORDS_MAX = 64, NUMBERS_MAX = 64 };

struct retry_judge {
    double tokens, ratio, burst; /* the budget */
    int budget;
};

static void *judge_create(const char *judged)
{
    (void)judged;
    struct retry_judge *judge = calloc(1, sizeof *judge);
    if (judge == NULL)
        abort();
    return judge;
}

static int64_t number(const struct message *action, const char *name, int64_t otherwise)
{
    message_get_int64(action, name, &otherwise);
    return otherwise;
}

/* --- delays --------------------------------------------------------------------------------- */

struct delays {
    const char *kind;
    int64_t base, cap, previous, given;
    double draws[DRAWS_MAX];
    int draw_count, drawn;
};

static struct delays delays_of(const struct message *action, int64_t base, int64_t cap)
{
    struct delays delays = {.kind = message_get_or(action, "kind", "none"),
                            .base = number(action, "base", base),
                            .cap = number(action, "cap", cap)};
    delays.previous = delays.base;
    const char *rest = message_get_or(action, "draws", "");
    while (*rest != '\0' && delays.draw_count < DRAWS_MAX) {
        char *end = NULL;
        delays.draws[delays.draw_count++] = strtod(rest, &end);
        rest = *end == ',' ? end + 1 : "";
    }
    return delays;
}

static int64_t next_delay(struct delays *d)
{
    int64_t capped = d->base, delay = 0;
    for (int64_t i = 0; i < d->given && capped < d->cap; i++)
        capped *= 2;
    capped = capped < d->cap ? capped : d->cap;
    double u = 0;
    if (strcmp(d->kind, "none") != 0 && d->draw_count > 0)
        u = d->draws[d->drawn++ % d->draw_count];
    if (strcmp(d->kind, "full") == 0)
        delay = (int64_t)(u * (double)(capped + 1));
    else if (strcmp(d->kind, "equal") == 0)
        delay = capped / 2 + (int64_t)(u * (double)(capped - capped / 2 + 1));
    else if (strcmp(d->kind, "decorrelated") == 0)
        delay = d->base + (int64_t)(u * (double)(3 * d->previous - d->base + 1));
    else
        delay = capped;
    delay = delay < d->cap ? delay : d->cap;
    d->given++;
    d->previous = delay;
    return delay;
}

static int valid_delays(const struct delays *d)
{
    return d->base >= 1 && d->cap >= d->base && d->cap <= 86400000;
}

/* --- what is compared ------------------------------------------------------------------------ */

/* 1 with the finding when the reply's field is not wanted. */
static int differs(const struct message *reply, const char *name, const char *wanted,
                   struct finding *finding)
{
    const char *got = message_get_or(reply, name, "(nothing)");
    if (strcmp(got, wanted) == 0)
        return 0;
    snprintf(finding->expected, sizeof finding->expected, "%s %s", name, wanted);
    snprintf(finding->got, sizeof finding->got, "%s %s", name, got);
    return 1;
}

static int differs_int(const struct message *reply, const char *name, int64_t wanted,
                       struct finding *finding)
{
    char text[32];
    snprintf(text, sizeof text, "%lld", (long long)wanted);
    return differs(reply, name, text, finding);
}

static int refusal_differs(const struct message *reply, const char *field, struct finding *finding)
{
    if (strcmp(reply->word, "error") == 0 &&
        strcmp(message_get_or(reply, "code", ""), "invalid") == 0 &&
        strstr(message_get_or(reply, "text", ""), field) != NULL)
        return 0;
    snprintf(finding->expected, sizeof finding->expected, "refused as invalid, naming %s", field);
    snprintf(finding->got, sizeof finding->got, "%s %s", reply->word,
             message_get_or(reply, "text", ""));
    return 1;
}

static int judge_backoff(const struct message *action, const struct message *reply,
                         struct finding *finding)
{
    struct delays delays = delays_of(action, 100, 10000);
    if (!valid_delays(&delays))
        return refusal_differs(reply, delays.base < 1 ? "base_ms" : "cap_ms", finding);
    if (message_get(action, "seed") != NULL)
        return 0; /* statistics are another check's business */
    struct text list = {0};
    int64_t count = number(action, "count", 1);
    for (int64_t i = 0; i < count; i++)
        text_addf(&list, "%s%lld", i > 0 ? "," : "", (long long)next_delay(&delays));
    int result = differs(reply, "delays", text_str(&list), finding) ||
                 differs_int(reply, "drawn", delays.drawn, finding);
    text_release(&list);
    return result;
}

static int judge_budget(struct retry_judge *judge, const struct message *action,
                        const struct message *reply, struct finding *finding)
{
    if (message_get(action, "ratio") != NULL) {
        judge->ratio = strtod(message_get(action, "ratio"), NULL);
        judge->burst = strtod(message_get_or(action, "burst", "1"), NULL);
        judge->tokens = judge->burst;
        judge->budget = judge->ratio >= 0 && judge->ratio <= 1 && judge->burst >= 1;
        if (judge->budget)
            return differs(reply, "code", "(nothing)", finding);
        return refusal_differs(reply, judge->burst >= 1 ? "ratio" : "burst", finding);
    }
    if (!judge->budget)
        return 0;
    for (int64_t i = number(action, "first", 0); i > 0; i--)
        judge->tokens = judge->tokens + judge->ratio < judge->burst ? judge->tokens + judge->ratio
                                                                    : judge->burst;
    int64_t taken = 0;
    for (int64_t i = number(action, "take", 0); i > 0 && judge->tokens > 0.9995; i--, taken++)
        judge->tokens -= 1;
    return differs_int(reply, "taken", taken, finding);
}

/* --- the retry loop --------------------------------------------------------------------------- */

struct scripted_attempt {
    char result[16];
    int64_t took, retry_after;
};

static int read_script(const char *script, struct scripted_attempt *attempts)
{
    int count = 0;
    while (*script != '\0' && count < WORDS_MAX) {
        struct scripted_attempt *one = &attempts[count++];
        size_t length = strcspn(script, "/,");
        *one = (struct scripted_attempt){.retry_after = -1};
        snprintf(one->result, sizeof one->result, "%.*s", (int)length, script);
        script += length;
        char *end = NULL;
        if (*script == '/') {
            one->took = strtoll(script + 1, &end, 10);
            script = end;
        }
        if (*script == '/') {
            one->retry_after = strtoll(script + 1, &end, 10);
            script = end;
        }
        script += *script == ',';
    }
    return count;
}

struct outcome {
    char result[16];
    int64_t attempts, slept, now;
    int deadline_hit, budget_empty;
    struct text began, limits, sleeps;
};

static void add(struct text *list, int64_t value)
{
    text_addf(list, "%s%lld", list->length > 0 ? "," : "", (long long)value);
}

static void play(struct retry_judge *judge, const struct message *action, struct outcome *out)
{
    struct scripted_attempt attempts[WORDS_MAX];
    int count = read_script(message_get_or(action, "script", "OK/1"), attempts);
    struct delays delays = delays_of(action, 100, 1000);
    int64_t deadline = number(action, "deadline", 10000), most = number(action, "attempts", 3);
    int budget = number(action, "budget", 0) == 1;
    if (budget)
        judge->tokens = judge->tokens + judge->ratio < judge->burst ? judge->tokens + judge->ratio
                                                                    : judge->burst;
    for (;;) {
        const struct scripted_attempt *now =
            &attempts[out->attempts < count ? out->attempts : count - 1];
        int64_t limit = deadline - out->now;
        add(&out->began, out->now);
        add(&out->limits, limit);
        out->attempts++;
        int late = now->took > limit;
        out->now += late ? limit : now->took;
        snprintf(out->result, sizeof out->result, "%s", late ? "TRANSIENT" : now->result);
        if (strcmp(out->result, "TRANSIENT") != 0 || out->attempts >= most)
            return;
        int64_t wait = next_delay(&delays);
        if (!late && now->retry_after > wait)
            wait = now->retry_after;
        if (out->now + wait >= deadline) {
            out->deadline_hit = 1;
            return;
        }
        if (budget && judge->tokens < 0.9995) {
            out->budget_empty = 1;
            return;
        }
        judge->tokens -= budget;
        add(&out->sleeps, wait);
        out->slept += wait;
        out->now += wait;
    }
}

static int judge_retry(struct retry_judge *judge, const struct message *action,
                       const struct message *reply, struct finding *finding)
{
    struct delays delays = delays_of(action, 100, 1000);
    if (!valid_delays(&delays) || number(action, "attempts", 3) < 1 ||
        number(action, "deadline", 10000) < 1)
        return differs(reply, "made", "0", finding);
    if (number(action, "budget", 0) == 1 && !judge->budget)
        return 0;
    struct outcome out = {0};
    play(judge, action, &out);
    int result = differs(reply, "began", text_str(&out.began), finding) ||
                 differs(reply, "sleeps", text_str(&out.sleeps), finding) ||
                 differs(reply, "result", out.result, finding) ||
                 differs_int(reply, "attempts", out.attempts, finding) ||
                 differs_int(reply, "made", out.attempts, finding) ||
                 differs_int(reply, "slept", out.slept, finding) ||
                 differs_int(reply, "deadline_hit", out.deadline_hit, finding) ||
                 differs_int(reply, "budget_empty", out.budget_empty, finding);
    if (result == 0 && message_get(action, "deadline") != NULL) /* where it is about deadlines */
        result = differs(reply, "limits", text_str(&out.limits), finding);
    text_release(&out.began);
    text_release(&out.limits);
    text_release(&out.sleeps);
    return result;
}

static int judge_step(void *state, const struct message *action, const struct message *reply,
                      struct finding *finding)
{
    if (strcmp(action->word, "backoff") == 0)
        return judge_backoff(action, reply, finding);
    if (strcmp(action->word, "budget") == 0)
        return judge_budget(state, action, reply, finding);
    if (strcmp(action->word, "retry") == 0)
        return judge_retry(state, action, reply, finding);
    return 0;
}

const struct oracle retry_oracle = {judge_create, free, judge_step};
