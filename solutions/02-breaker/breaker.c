/*
 * The circuit breaker.
 *
 * Every change of state goes through enter(), which starts a new generation: outcomes of calls
 * that were admitted before it are stale by that alone. The public functions take the lock, decide,
 * let go, and only then deliver events.
 */
#include "breaker.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct trial {
    uint64_t serial; /* 0 = the slot is free */
    int64_t lost_at_ms;
};

struct breaker {
    struct breaker_config config;
    void (*listener)(void *context, const struct breaker_event *event);
    void *listener_context;

    pthread_mutex_t lock; /* guards all that follows */
    enum breaker_state state;
    uint64_t generation;
    uint64_t last_serial;
    struct breaker_counts counts;

    /* CLOSED: the last `window` outcomes, a ring of bits */
    uint64_t *failed; /* bit set = that outcome was a failure */
    int next, recorded, failures;

    /* OPEN */
    int openings; /* in a row */
    int64_t retry_at_ms;

    /* HALF_OPEN */
    struct trial trials[BREAKER_TRIALS_MAX];
    int in_a_row;

    /* events on their way to the listener */
    struct breaker_event events[BREAKER_EVENTS_MAX];
    int event_first, event_count;
    int delivering; /* one thread at a time, so that order holds */
};

const char *breaker_state_name(enum breaker_state state)
{
    static const char *const names[] = {"CLOSED", "OPEN", "HALF_OPEN"};
    return names[state];
}

int64_t breaker_wait_ms(int64_t base_ms, int64_t cap_ms, double jitter, int n, double unit)
{
    /* base x 2^n <= cap, asked without computing a product that could overflow */
    int64_t capped = n < 63 && base_ms <= cap_ms >> n ? base_ms << n : cap_ms;
    int64_t wait = capped - (int64_t)((double)capped * jitter * unit);
    return wait > 1 ? wait : 1;
}

/* --- states; the lock is held ---------------------------------------------------------------- */

static void enter(struct breaker *b, enum breaker_state to, int64_t now_ms, int64_t wait_ms)
{
    struct breaker_event event = {.from = b->state, .to = to, .at_ms = now_ms, .wait_ms = wait_ms};
    b->state = to;
    b->generation++;
    if (b->listener == NULL)
        return;
    if (b->event_count == BREAKER_EVENTS_MAX) {
        b->counts.events_lost++;
        return;
    }
    b->events[(b->event_first + b->event_count++) % BREAKER_EVENTS_MAX] = event;
}

static void open_up(struct breaker *b, int64_t now_ms)
{
    const struct breaker_config *c = &b->config;
    int64_t wait_ms =
        breaker_wait_ms(c->base_ms, c->cap_ms, c->jitter, b->openings, random_unit(&c->random));
    b->openings++;
    b->retry_at_ms = now_ms + wait_ms;
    b->counts.opened++;
    enter(b, BREAKER_OPEN, now_ms, wait_ms);
}

static void half_open(struct breaker *b, int64_t now_ms)
{
    memset(b->trials, 0, sizeof b->trials);
    b->in_a_row = 0;
    b->counts.half_opened++;
    enter(b, BREAKER_HALF_OPEN, now_ms, 0);
}

static void close_again(struct breaker *b, int64_t now_ms)
{
    b->next = b->recorded = b->failures = 0;
    b->openings = 0;
    b->counts.closed++;
    enter(b, BREAKER_CLOSED, now_ms, 0);
}

/* Remembers one outcome in place of the oldest. Constant time: a bit out, a bit in. */
static void record(struct breaker *b, int failure)
{
    uint64_t *word = &b->failed[b->next / 64];
    uint64_t bit = UINT64_C(1) << b->next % 64;
    if (b->recorded == b->config.window)
        b->failures -= (*word & bit) != 0;
    else
        b->recorded++;
    *word = failure ? *word | bit : *word & ~bit;
    b->failures += failure;
    b->next = (b->next + 1) % b->config.window;
}

static int rate_reached(const struct breaker *b)
{
    return b->recorded >= b->config.minimum &&
           INT64_C(100) * b->failures >= (int64_t)b->config.failure_percent * b->recorded;
}

/* A trial that never reported says: not well yet. */
static void look_for_lost_trials(struct breaker *b, int64_t now_ms)
{
    if (b->state != BREAKER_HALF_OPEN)
        return;
    int lost = 0;
    for (int i = 0; i < b->config.trials; i++)
        lost += b->trials[i].serial != 0 && now_ms >= b->trials[i].lost_at_ms;
    b->counts.lost += lost;
    if (lost > 0)
        open_up(b, now_ms);
}

static int find_free_slot(const struct breaker *b)
{
    for (int i = 0; i < b->config.trials; i++) {
        if (b->trials[i].serial == 0)
            return i;
    }
    return -1;
}

/* --- delivering events; the lock is not held -------------------------------------------------- */

static void deliver_events(struct breaker *b)
{
    pthread_mutex_lock(&b->lock);
    if (b->delivering) { /* that thread will take ours along */
        pthread_mutex_unlock(&b->lock);
        return;
    }
    b->delivering = 1;
    while (b->event_count > 0) {
        struct breaker_event event = b->events[b->event_first];
        b->event_first = (b->event_first + 1) % BREAKER_EVENTS_MAX;
        b->event_count--;
        pthread_mutex_unlock(&b->lock);
        b->listener(b->listener_context, &event);
        pthread_mutex_lock(&b->lock);
    }
    b->delivering = 0;
    pthread_mutex_unlock(&b->lock);
}

/* A breaker is known by its address. */
static uint64_t identity(const struct breaker *b)
{
    return (uint64_t)(uintptr_t)b;
}

/* --- what callers use ------------------------------------------------------------------------- */

/* The lock is held. */
static enum breaker_admission admit(struct breaker *b, int64_t now_ms, struct breaker_token *token)
{
    look_for_lost_trials(b, now_ms);
    if (b->state == BREAKER_OPEN) {
        if (now_ms < b->retry_at_ms) {
            b->counts.rejected_open++;
            return BREAKER_REJECTED_OPEN;
        }
        half_open(b, now_ms);
    }
    int slot = -1;
    uint64_t serial = b->last_serial + 1;
    if (b->state == BREAKER_HALF_OPEN) {
        slot = find_free_slot(b);
        if (slot < 0) {
            b->counts.rejected_busy++;
            return BREAKER_REJECTED_BUSY;
        }
        b->trials[slot] = (struct trial){serial, now_ms + b->config.lease_ms};
    }
    b->last_serial = serial;
    b->counts.admitted++;
    *token = (struct breaker_token){identity(b), b->generation, serial, slot};
    return BREAKER_ADMITTED;
}

enum breaker_admission breaker_admit(struct breaker *breaker, int64_t now_ms,
                                     struct breaker_token *token)
{
    *token = (struct breaker_token){.slot = -1};
    pthread_mutex_lock(&breaker->lock);
    enum breaker_admission admission = admit(breaker, now_ms, token);
    int events_waiting = breaker->event_count > 0;
    pthread_mutex_unlock(&breaker->lock);
    if (events_waiting)
        deliver_events(breaker);
    return admission;
}

static int is_current(const struct breaker *b, const struct breaker_token *token)
{
    if (token->serial == 0 || token->breaker != identity(b) || token->generation != b->generation)
        return 0;
    return b->state != BREAKER_HALF_OPEN || b->trials[token->slot].serial == token->serial;
}

static void count_outcome(struct breaker_counts *counts, enum breaker_outcome outcome)
{
    counts->succeeded += outcome == BREAKER_OK;
    counts->failed += outcome == BREAKER_FAIL;
    counts->neutral += outcome == BREAKER_NEUTRAL;
}

/* The lock is held. */
static int report(struct breaker *b, struct breaker_token *token, enum breaker_outcome outcome,
                  int64_t now_ms)
{
    look_for_lost_trials(b, now_ms);
    if (!is_current(b, token)) {
        b->counts.stale++;
        return ERR_REFUSED;
    }
    count_outcome(&b->counts, outcome);
    if (b->state == BREAKER_CLOSED && outcome != BREAKER_NEUTRAL) {
        record(b, outcome == BREAKER_FAIL);
        if (outcome == BREAKER_FAIL && rate_reached(b))
            open_up(b, now_ms);
    } else if (b->state == BREAKER_HALF_OPEN) {
        b->trials[token->slot].serial = 0;
        if (outcome == BREAKER_FAIL)
            open_up(b, now_ms);
        else if (outcome == BREAKER_OK && ++b->in_a_row >= b->config.successes)
            close_again(b, now_ms);
    }
    token->serial = 0;
    return 0;
}

int breaker_report(struct breaker *breaker, struct breaker_token *token,
                   enum breaker_outcome outcome, int64_t now_ms)
{
    pthread_mutex_lock(&breaker->lock);
    int result = report(breaker, token, outcome, now_ms);
    int events_waiting = breaker->event_count > 0;
    pthread_mutex_unlock(&breaker->lock);
    if (events_waiting)
        deliver_events(breaker);
    return result;
}

enum breaker_state breaker_state(struct breaker *breaker)
{
    pthread_mutex_lock(&breaker->lock);
    enum breaker_state state = breaker->state;
    pthread_mutex_unlock(&breaker->lock);
    return state;
}

struct breaker_counts breaker_counts(struct breaker *breaker)
{
    pthread_mutex_lock(&breaker->lock);
    struct breaker_counts counts = breaker->counts;
    pthread_mutex_unlock(&breaker->lock);
    return counts;
}

/* --- creating --------------------------------------------------------------------------------- */

/* A number in the configuration, and what it may be. */
struct range {
    const char *field;
    int64_t value, min, max;
};

/* 0, or ERR_INVALID with the field's name. */
static int check_config(const struct breaker_config *c, struct error *err)
{
    const struct range ranges[] = {
        {"failure_percent", c->failure_percent, 1, 100},
        {"window", c->window, 1, BREAKER_WINDOW_MAX},
        {"minimum", c->minimum, 1, c->window},
        {"trials", c->trials, 1, BREAKER_TRIALS_MAX},
        {"successes", c->successes, 1, INT32_MAX},
        {"base_ms", c->base_ms, 1, BREAKER_TIME_MAX_MS},
        {"cap_ms", c->cap_ms, c->base_ms, BREAKER_TIME_MAX_MS},
        {"lease_ms", c->lease_ms, 1, BREAKER_TIME_MAX_MS},
    };
    if (!(c->jitter >= 0 && c->jitter <= 1)) /* written so that NaN is refused too */
        return error_set(err, ERR_INVALID, "jitter is %g; it must be 0 to 1.", c->jitter);
    if (c->random.unit == NULL)
        return error_set(err, ERR_INVALID, "random has no function; give random_system().");
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        const struct range *r = &ranges[i];
        if (r->value < r->min || r->value > r->max)
            return error_set(err, ERR_INVALID, "%s is %lld; it must be %lld to %lld.", r->field,
                             (long long)r->value, (long long)r->min, (long long)r->max);
    }
    return 0;
}

int breaker_create(struct breaker **out, const struct breaker_config *config,
                   void (*listener)(void *context, const struct breaker_event *event),
                   void *listener_context, struct error *err)
{
    *out = NULL;
    int result = check_config(config, err);
    if (result < 0)
        return result;
    struct breaker *b = calloc(1, sizeof *b);
    uint64_t *failed = calloc((size_t)config->window / 64 + 1, sizeof *failed);
    if (b == NULL || failed == NULL) {
        free(b);
        free(failed);
        return error_set(err, ERR_LIMIT, "no memory for a breaker");
    }
    b->config = *config;
    b->listener = listener;
    b->listener_context = listener_context;
    b->failed = failed;
    pthread_mutex_init(&b->lock, NULL);
    *out = b;
    return 0;
}

void breaker_destroy(struct breaker *breaker)
{
    if (breaker == NULL)
        return;
    pthread_mutex_destroy(&breaker->lock);
    free(breaker->failed);
    free(breaker);
}
