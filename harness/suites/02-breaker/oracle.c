/*
 * The oracle of lab 02: replays the judge's actions in the naive breaker and compares replies.
 */
#include "suites/02-breaker/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct breaker_judge {
    const char *judged;
    struct reference_breaker breakers[2];
    struct reference_token tokens[REFERENCE_TOKENS];
    struct text expected; /* the reply as it must be, a message line */
};

static void *judge_create(const char *judged)
{
    struct breaker_judge *judge = calloc(1, sizeof *judge);
    if (judge == NULL)
        abort();
    judge->judged = judged;
    judge->breakers[0].id = 2;
    judge->breakers[1].id = 3;
    return judge;
}

static void judge_destroy(void *state)
{
    struct breaker_judge *judge = state;
    text_release(&judge->expected);
    free(judge);
}

static int64_t number(const struct message *action, const char *name, int64_t otherwise)
{
    message_get_int64(action, name, &otherwise);
    return otherwise;
}

static struct reference_config config_of(const struct message *action)
{
    struct reference_config config = {.percent = number(action, "percent", 50),
                                      .window = number(action, "window", 10),
                                      .minimum = number(action, "minimum", 4),
                                      .trials = number(action, "trials", 1),
                                      .successes = number(action, "successes", 2),
                                      .base_ms = number(action, "base", 1000),
                                      .cap_ms = number(action, "cap", 8000),
                                      .lease_ms = number(action, "lease", 500),
                                      .jitter =
                                          strtod(message_get_or(action, "jitter", "0"), NULL)};
    const char *rest = message_get_or(action, "draws", "");
    while (*rest != '\0' && config.draw_count < REFERENCE_DRAWS) {
        char *end = NULL;
        config.draws[config.draw_count++] = strtod(rest, &end);
        rest = *end == ',' ? end + 1 : "";
    }
    return config;
}

static struct reference_token *token_of(struct breaker_judge *judge, const struct message *action,
                                        const char *name)
{
    return &judge->tokens[(uint64_t)number(action, name, 0) % REFERENCE_TOKENS];
}

static enum reference_outcome outcome_of(const struct message *action)
{
    const char *word = message_get_or(action, "outcome", "OK");
    if (strcmp(word, "FAIL") == 0)
        return REFERENCE_FAIL;
    return strcmp(word, "NEUTRAL") == 0 ? REFERENCE_NEUTRAL : REFERENCE_OK;
}

static void expect_counts(struct text *out, const struct reference_breaker *breaker)
{
    const struct reference_counts *counts = &breaker->counts;
    message_begin(out, "ok");
    message_add_int64(out, "admitted", counts->admitted);
    message_add_int64(out, "succeeded", counts->succeeded);
    message_add_int64(out, "failed", counts->failed);
    message_add_int64(out, "neutral", counts->neutral);
    message_add_int64(out, "rejected_open", counts->rejected_open);
    message_add_int64(out, "rejected_busy", counts->rejected_busy);
    message_add_int64(out, "stale", counts->stale);
    message_add_int64(out, "lost", counts->lost);
    message_add_int64(out, "opened", counts->opened);
    message_add_int64(out, "half_opened", counts->half_opened);
    message_add_int64(out, "closed", counts->closed);
    message_add_int64(out, "drawn", breaker->draws);
}

static void expect_events(struct text *out, struct reference_breaker *breaker)
{
    struct text list = {0};
    for (int i = 0; i < breaker->event_count; i++) {
        const struct reference_event *event = &breaker->events[i];
        text_addf(&list, "%s%d>%d@%lld+%lld", i > 0 ? "," : "", (int)event->from, (int)event->to,
                  (long long)event->at_ms, (long long)event->wait_ms);
    }
    message_begin(out, "ok");
    message_add_int64(out, "count", breaker->event_count);
    message_add(out, "list", text_str(&list));
    text_release(&list);
    breaker->event_count = 0;
}

static void expect_create(struct text *out, struct reference_breaker *breaker,
                          const struct message *action)
{
    struct reference_config config = config_of(action);
    const char *field = NULL;
    int result = reference_create(breaker, &config, &field);
    if (result == 0 && number(action, "norandom", 0) == 1) {
        breaker->exists = 0;
        field = "random";
    }
    message_begin(out, field == NULL ? "ok" : "error");
    if (field != NULL) {
        message_add(out, "code", "invalid");
        message_add(out, "text", field); /* the sentence must hold the field's name */
    }
}

static void expect_admit(struct text *out, struct breaker_judge *judge,
                         struct reference_breaker *breaker, const struct message *action)
{
    static const char *const admissions[] = {"admitted", "open", "busy"};
    message_begin(out, "ok");
    message_add(out, "result",
                admissions[reference_admit(breaker, number(action, "now", 0),
                                           token_of(judge, action, "token"))]);
    message_add(out, "state", reference_state_name(breaker->state));
}

static void expect_report(struct text *out, struct breaker_judge *judge,
                          struct reference_breaker *breaker, const struct message *action)
{
    int stale = reference_report(breaker, token_of(judge, action, "token"), outcome_of(action),
                                 number(action, "now", 0));
    message_begin(out, stale ? "error" : "ok");
    if (stale)
        message_add(out, "code", "refused");
    message_add(out, "state", reference_state_name(breaker->state));
}

static int is_judged(const char *judged, const char *name)
{
    if (judged == NULL || judged[0] == '\0')
        return 1;
    size_t length = strlen(name);
    for (const char *at = judged; (at = strstr(at, name)) != NULL; at += length) {
        int begins = at == judged || at[-1] == ' ';
        if (begins && (at[length] == ' ' || at[length] == '\0'))
            return 1;
    }
    return 0;
}

/* The guard: a breaker of its own kind, asked at `now`, told at `now` + `took`; with inside=1 a
   second call comes and goes meanwhile. Stale reports are compared only where a check says so. */
static void expect_call(struct text *out, const struct breaker_judge *judge,
                        struct reference_breaker *breaker, const struct message *action)
{
    struct reference_token token;
    int64_t now_ms = number(action, "now", 0);
    enum reference_outcome outcome = outcome_of(action);
    int admitted = reference_admit(breaker, now_ms, &token) == REFERENCE_ADMITTED;
    int inside = admitted && number(action, "inside", 0) == 1, inside_admitted = 0;
    if (inside) {
        struct reference_token other;
        inside_admitted = reference_admit(breaker, now_ms, &other) == REFERENCE_ADMITTED;
        if (inside_admitted)
            reference_report(breaker, &other, REFERENCE_OK, now_ms);
    }
    if (admitted)
        reference_report(breaker, &token, outcome, now_ms + number(action, "took", 0));
    int fallback = !admitted || outcome == REFERENCE_FAIL;
    const char *result = outcome == REFERENCE_OK ? "ok" : "neutral";
    if (fallback)
        result = admitted ? "failed" : "rejected";
    message_begin(out, "ok");
    message_add(out, "result", result);
    message_add_int64(out, "calls", admitted + inside_admitted);
    message_add_int64(out, "fallbacks", fallback + (inside && !inside_admitted));
    message_add(out, "state", reference_state_name(breaker->state));
    if (judge->judged != NULL && is_judged(judge->judged, "stale"))
        message_add_int64(out, "stale", breaker->counts.stale);
    if (inside)
        message_add(out, "inside", inside_admitted ? "ok" : "rejected");
}

static void expect_wait(struct text *out, const struct message *action)
{
    message_begin(out, "ok");
    message_add_int64(out, "wait",
                      reference_wait_ms(number(action, "base", 1000), number(action, "cap", 8000),
                                        strtod(message_get_or(action, "jitter", "0"), NULL),
                                        number(action, "n", 0),
                                        strtod(message_get_or(action, "unit", "0"), NULL)));
}

/* Writes the reply that the rules ask for; empty when they say nothing. */
static void expect(struct breaker_judge *judge, const struct message *action)
{
    struct reference_breaker *breaker = &judge->breakers[number(action, "of", 0) == 1];
    struct text *out = &judge->expected;
    const char *word = action->word;
    text_clear(out);
    if (strcmp(word, "create") == 0 || strcmp(word, "guard") == 0)
        expect_create(out, breaker, action);
    else if (strcmp(word, "wait") == 0)
        expect_wait(out, action);
    else if (strcmp(word, "copy") == 0)
        *token_of(judge, action, "to") = *token_of(judge, action, "from");
    else if (strcmp(word, "forge") == 0)
        *token_of(judge, action, "token") = (struct reference_token){.breaker = -1, .serial = 1};
    else if (!breaker->exists)
        return; /* a shortened story without its create */
    else if (strcmp(word, "admit") == 0)
        expect_admit(out, judge, breaker, action);
    else if (strcmp(word, "report") == 0)
        expect_report(out, judge, breaker, action);
    else if (strcmp(word, "call") == 0)
        expect_call(out, judge, breaker, action);
    else if (strcmp(word, "counts") == 0)
        expect_counts(out, breaker);
    else if (strcmp(word, "events") == 0)
        expect_events(out, breaker);
    else if (strcmp(word, "state") == 0) {
        message_begin(out, "ok");
        message_add(out, "state", reference_state_name(breaker->state));
    } else if (strcmp(word, "destroy") == 0) {
        breaker->exists = 0;
    }
}

static int agrees(const struct message_field *wanted, const char *got)
{
    if (got == NULL)
        return 0;
    if (strcmp(wanted->name, "text") == 0) /* a sentence that names the field */
        return strstr(got, wanted->value) != NULL;
    return strcmp(wanted->value, got) == 0;
}

static int judge_step(void *state, const struct message *action, const struct message *reply,
                      struct finding *finding)
{
    struct breaker_judge *judge = state;
    struct message wanted = {0};
    expect(judge, action);
    if (judge->expected.length == 0 || message_parse(text_str(&judge->expected), &wanted, NULL) < 0)
        return 0;
    int differs = 0;
    if (is_judged(judge->judged, "result") && strcmp(wanted.word, reply->word) != 0) {
        snprintf(finding->expected, sizeof finding->expected, "%s", text_str(&judge->expected));
        snprintf(finding->got, sizeof finding->got, "%s %s", reply->word,
                 message_get_or(reply, "code", ""));
        differs = 1;
    }
    for (int i = 0; i < wanted.field_count && !differs; i++) {
        const struct message_field *field = &wanted.fields[i];
        const char *got = message_get(reply, field->name);
        if (!is_judged(judge->judged, field->name) || agrees(field, got))
            continue;
        snprintf(finding->expected, sizeof finding->expected, "%s %s", field->name, field->value);
        snprintf(finding->got, sizeof finding->got, "%s %s", field->name,
                 got == NULL ? "(nothing)" : got);
        differs = 1;
    }
    message_release(&wanted);
    return differs;
}

const struct oracle breaker_oracle = {judge_create, judge_destroy, judge_step};
