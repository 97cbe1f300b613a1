/*
 * Lab 02's probe: many short traces at once, and the herd. Given: nothing to write here.
 *
 *   traces from= count= depth= prefix=0.2.2 step1= step2= step3= percent= ... (as create)
 *                                          ok seen=abc...
 *
 * A trace is a prefix and `depth` more symbols, the digits of its number in base 13, lowest first:
 *   0       admit into token 0, 1, 2, 0, ... by turns (a token that was not spent is dropped)
 *   1..9    report token (s-1)/3 as OK, FAIL, NEUTRAL for (s-1)%3 = 0, 1, 2
 *   10..12  time moves on by step1, step2, step3
 * Each trace has a breaker of its own, from time 0. For each symbol after the prefix one character
 * is seen: admit 'a' + 3 x admission + state, report 'A' + 3 x (1 when refused) + state, time
 * '0' + state; '?' for anything else.
 *
 *   herd breakers=200 down= until= percent= ... (as create)     ok times=1203,1204,...
 *
 * All breakers trip at time 0 and are asked every millisecond. Calls before `down` fail, later ones
 * succeed; times are those of the trials from `down` to `until`, of all breakers.
 */
#include "probe.h"

#include <stdlib.h>

enum { SYMBOLS = 13, TRACE_TOKENS = 3, DEPTH_MAX = 12, PREFIX_MAX = 32 };

struct trace_run {
    struct breaker *breaker;
    struct breaker_token tokens[TRACE_TOKENS];
    int next_token;
    int64_t now_ms;
    int64_t steps[3];
};

static char observed(char first, unsigned value, unsigned values, enum breaker_state state)
{
    if (value >= values || (unsigned)state > BREAKER_HALF_OPEN)
        return '?';
    return (char)(first + (char)(3 * value) + (char)state);
}

static char run_symbol(struct trace_run *run, int symbol)
{
    if (symbol == 0) {
        struct breaker_token *token = &run->tokens[run->next_token++ % TRACE_TOKENS];
        unsigned admission = (unsigned)breaker_admit(run->breaker, run->now_ms, token);
        return observed('a', admission, 3, breaker_state(run->breaker));
    }
    if (symbol <= 9) {
        struct breaker_token *token = &run->tokens[(symbol - 1) / 3];
        enum breaker_outcome outcome = (enum breaker_outcome)((symbol - 1) % 3);
        int result = breaker_report(run->breaker, token, outcome, run->now_ms);
        unsigned refused = result == ERR_REFUSED ? 1 : (result == 0 ? 0 : 2);
        return observed('A', refused, 2, breaker_state(run->breaker));
    }
    run->now_ms += run->steps[symbol - 10];
    return observed('0', 0, 1, breaker_state(run->breaker));
}

static int read_prefix(const char *text, int symbols[PREFIX_MAX])
{
    int count = 0;
    while (*text != '\0' && count < PREFIX_MAX) {
        char *end = NULL;
        symbols[count++] = (int)(strtol(text, &end, 10) % SYMBOLS);
        text = *end == '.' ? end + 1 : "";
    }
    return count;
}

void do_traces(void *context, const struct message *action, struct text *reply)
{
    (void)context;
    struct draws draws;
    draws_setup(&draws, action);
    struct breaker_config config = rig_config(action, &draws);
    int prefix[PREFIX_MAX];
    int prefix_count = read_prefix(message_get_or(action, "prefix", ""), prefix);
    int64_t depth = rig_int(action, "depth", 1), from = rig_int(action, "from", 0);
    int64_t count = rig_int(action, "count", 1);
    struct text seen = {0};
    for (int64_t trace = from; trace < from + count && depth <= DEPTH_MAX; trace++) {
        struct trace_run run = {.steps = {rig_int(action, "step1", 1), rig_int(action, "step2", 1),
                                          rig_int(action, "step3", 1)}};
        struct error err = {0};
        draws.next = 0;
        int result = breaker_create(&run.breaker, &config, NULL, NULL, &err);
        if (result < 0) {
            text_release(&seen);
            probe_result(reply, result, &err);
            return;
        }
        for (int i = 0; i < prefix_count; i++)
            run_symbol(&run, prefix[i]);
        char line[DEPTH_MAX];
        int64_t digits = trace;
        for (int64_t i = 0; i < depth; i++, digits /= SYMBOLS)
            line[i] = run_symbol(&run, (int)(digits % SYMBOLS));
        text_append(&seen, line, (size_t)depth);
        breaker_destroy(run.breaker);
    }
    message_begin(reply, "ok");
    message_add(reply, "seen", text_str(&seen));
    text_release(&seen);
}

/* --- the herd -------------------------------------------------------------------------------- */

enum { HERD_MAX = 1000 };

/* One breaker's life; its trials from `down_ms` on are added to times. */
static void live(struct breaker *breaker, int64_t down_ms, int64_t until_ms, struct text *times)
{
    for (int64_t now = 0; now < until_ms; now++) {
        struct breaker_token token;
        enum breaker_state before = breaker_state(breaker);
        if (breaker_admit(breaker, now, &token) != BREAKER_ADMITTED)
            continue;
        breaker_report(breaker, &token, now < down_ms ? BREAKER_FAIL : BREAKER_OK, now);
        if (now >= down_ms && before != BREAKER_CLOSED)
            text_addf(times, "%s%lld", times->length > 0 ? "," : "", (long long)now);
        if (now >= down_ms && breaker_state(breaker) == BREAKER_CLOSED)
            return;
    }
}

void do_herd(void *context, const struct message *action, struct text *reply)
{
    (void)context;
    struct text times = {0};
    struct error err = {0};
    int result = 0;
    int64_t breakers = rig_int(action, "breakers", 200);
    for (int64_t i = 0; i < breakers && i < HERD_MAX && result == 0; i++) {
        struct draws draws;
        draws_setup(&draws, action);
        draws.from_seed =
            random_from_seed(&draws.seeded, (uint64_t)(rig_int(action, "seed", 1) * HERD_MAX + i));
        struct breaker_config config = rig_config(action, &draws);
        struct breaker *breaker = NULL;
        result = breaker_create(&breaker, &config, NULL, NULL, &err);
        if (result == 0)
            live(breaker, rig_int(action, "down", 1000), rig_int(action, "until", 5000), &times);
        breaker_destroy(breaker);
    }
    probe_result(reply, result, &err);
    message_add(reply, "times", text_str(&times));
    text_release(&times);
}
