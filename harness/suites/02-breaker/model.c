#include "suites/02-breaker/model.h"

#include <math.h>
#include <stddef.h>
#include <string.h>
#include "kit/error.h"

const char *reference_state_name(enum reference_state state)
{
    static const char *const names[] = {"CLOSED", "OPEN", "HALF_OPEN"};
    return names[state];
}

int64_t reference_wait_ms(int64_t base_ms, int64_t cap_ms, double jitter, int64_t n, double unit)
{
    int64_t wait = base_ms;
    for (int64_t i = 0; i < n && wait < cap_ms; i++)
        wait *= 2; /* below the cap it is below a day: no overflow */
    if (wait > cap_ms)
        wait = cap_ms;
    wait -= (int64_t)floor((double)wait * jitter * unit);
    return wait < 1 ? 1 : wait;
}

int reference_create(struct reference_breaker *breaker, const struct reference_config *config,
                     const char **field)
{
    const int64_t day = 86400000;
    *field = NULL;
    if (config->percent < 1 || config->percent > 100)
        *field = "failure_percent";
    else if (config->window < 1 || config->window > 100000)
        *field = "window";
    else if (config->minimum < 1 || config->minimum > config->window)
        *field = "minimum";
    else if (config->trials < 1 || config->trials > 64)
        *field = "trials";
    else if (config->successes < 1)
        *field = "successes";
    else if (config->base_ms < 1 || config->base_ms > day)
        *field = "base_ms";
    else if (config->cap_ms < config->base_ms || config->cap_ms > day)
        *field = "cap_ms";
    else if (config->lease_ms < 1 || config->lease_ms > day)
        *field = "lease_ms";
    else if (isnan(config->jitter) || config->jitter < 0 || config->jitter > 1)
        *field = "jitter";
    int64_t id = breaker->id + 2; /* a breaker made again is another one; two rigs stay apart */
    memset(breaker, 0, offsetof(struct reference_breaker, outcomes));
    breaker->id = id;
    breaker->config = *config;
    breaker->exists = *field == NULL;
    return *field == NULL ? 0 : ERR_INVALID;
}

static void move_to(struct reference_breaker *b, enum reference_state to, int64_t now_ms,
                    int64_t wait_ms)
{
    if (b->event_count < REFERENCE_EVENTS)
        b->events[b->event_count++] = (struct reference_event){b->state, to, now_ms, wait_ms};
    b->state = to;
    b->stay++;
    b->trial_count = 0;
    b->row = 0;
}

static void open_it(struct reference_breaker *b, int64_t now_ms)
{
    const struct reference_config *c = &b->config;
    double unit = c->draw_count > 0 ? c->draws[b->draws % c->draw_count] : 0;
    b->draws++;
    b->wait_ms = reference_wait_ms(c->base_ms, c->cap_ms, c->jitter, b->openings++, unit);
    b->opened_ms = now_ms;
    b->counts.opened++;
    move_to(b, REFERENCE_OPEN, now_ms, b->wait_ms);
}

static void close_it(struct reference_breaker *b, int64_t now_ms)
{
    b->outcome_count = 0;
    b->openings = 0;
    b->counts.closed++;
    move_to(b, REFERENCE_CLOSED, now_ms, 0);
}

static void lose_leases(struct reference_breaker *b, int64_t now_ms)
{
    int lost = 0;
    for (int i = 0; i < b->trial_count; i++)
        lost += now_ms >= b->trial_since_ms[i] + b->config.lease_ms;
    b->counts.lost += lost;
    if (lost > 0)
        open_it(b, now_ms);
}

enum reference_admission reference_admit(struct reference_breaker *b, int64_t now_ms,
                                         struct reference_token *token)
{
    *token = (struct reference_token){0};
    lose_leases(b, now_ms);
    if (b->state == REFERENCE_OPEN && now_ms < b->opened_ms + b->wait_ms) {
        b->counts.rejected_open++;
        return REFERENCE_REJECTED_OPEN;
    }
    if (b->state == REFERENCE_OPEN) {
        b->counts.half_opened++;
        move_to(b, REFERENCE_HALF_OPEN, now_ms, 0);
    }
    if (b->state == REFERENCE_HALF_OPEN && b->trial_count >= b->config.trials) {
        b->counts.rejected_busy++;
        return REFERENCE_REJECTED_BUSY;
    }
    *token = (struct reference_token){b->id, b->stay, now_ms, ++b->serials};
    if (b->state == REFERENCE_HALF_OPEN) {
        b->trial_serials[b->trial_count] = token->serial;
        b->trial_since_ms[b->trial_count++] = now_ms;
    }
    b->counts.admitted++;
    return REFERENCE_ADMITTED;
}

/* Takes the trial off the list; 0 when it is not on it. */
static int end_trial(struct reference_breaker *b, int64_t serial)
{
    for (int i = 0; i < b->trial_count; i++) {
        if (b->trial_serials[i] != serial)
            continue;
        b->trial_count--;
        b->trial_serials[i] = b->trial_serials[b->trial_count];
        b->trial_since_ms[i] = b->trial_since_ms[b->trial_count];
        return 1;
    }
    return 0;
}

/* The rate among the last `window` outcomes, counted again from the whole list. */
static int rate_reached(const struct reference_breaker *b)
{
    int64_t recorded = 0, failures = 0;
    for (int i = b->outcome_count - 1; i >= 0 && recorded < b->config.window; i--) {
        recorded++;
        failures += b->outcomes[i];
    }
    return recorded >= b->config.minimum && 100 * failures >= b->config.percent * recorded;
}

static void remember(struct reference_breaker *b, int failed)
{
    if (b->outcome_count ==
        REFERENCE_OUTCOMES) { /* keep the newest half: windows tested are smaller */
        memmove(b->outcomes, b->outcomes + REFERENCE_OUTCOMES / 2, REFERENCE_OUTCOMES / 2);
        b->outcome_count = REFERENCE_OUTCOMES / 2;
    }
    b->outcomes[b->outcome_count++] = (unsigned char)failed;
}

int reference_report(struct reference_breaker *b, struct reference_token *token,
                     enum reference_outcome outcome, int64_t now_ms)
{
    lose_leases(b, now_ms);
    int current = token->serial != 0 && token->breaker == b->id && token->stay == b->stay;
    if (current && b->state == REFERENCE_HALF_OPEN)
        current = end_trial(b, token->serial);
    if (!current) {
        b->counts.stale++;
        return 1;
    }
    token->serial = 0;
    b->counts.succeeded += outcome == REFERENCE_OK;
    b->counts.failed += outcome == REFERENCE_FAIL;
    b->counts.neutral += outcome == REFERENCE_NEUTRAL;
    if (outcome == REFERENCE_NEUTRAL)
        return 0;
    if (b->state == REFERENCE_CLOSED) {
        remember(b, outcome == REFERENCE_FAIL);
        if (outcome == REFERENCE_FAIL && rate_reached(b))
            open_it(b, now_ms);
    } else if (outcome == REFERENCE_FAIL) {
        open_it(b, now_ms);
    } else if (++b->row >= b->config.successes) {
        close_it(b, now_ms);
    }
    return 0;
}
