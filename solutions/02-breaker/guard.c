/*
 * The guard: admit, call, report, fall back. One straight path, so that no exit can forget to
 * report.
 */
#include "guard.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { STATES = 3 };

struct guard {
    struct breaker *breaker;
    struct clock clock;
    char name[64];
    struct metric *calls, *admitted, *rejected, *fallbacks, *transitions, *state;

    pthread_mutex_t lock; /* guards all that follows */
    int64_t fallbacks_failed, fallbacks_rejected;
    int64_t transition_counts[STATES][STATES];
    struct published { /* what the counters already hold */
        struct breaker_counts counts;
        int64_t fallbacks_failed, fallbacks_rejected;
        int64_t transition_counts[STATES][STATES];
    } published;
};

static void on_transition(void *context, const struct breaker_event *event)
{
    struct guard *guard = context;
    pthread_mutex_lock(&guard->lock);
    guard->transition_counts[event->from][event->to]++;
    pthread_mutex_unlock(&guard->lock);
}

static void register_metrics(struct guard *guard, struct metrics *metrics)
{
    guard->calls = metrics_family(metrics, METRIC_COUNTER, "circuit_breaker_calls_total",
                                  "Admitted calls by outcome.", "name,outcome");
    guard->admitted = metrics_family(metrics, METRIC_COUNTER, "circuit_breaker_admitted_total",
                                     "Calls that the breaker let through.", "name");
    guard->rejected = metrics_family(metrics, METRIC_COUNTER, "circuit_breaker_rejected_total",
                                     "Calls that the breaker did not let through.", "name,reason");
    guard->fallbacks = metrics_family(metrics, METRIC_COUNTER, "circuit_breaker_fallbacks_total",
                                      "Calls that the fallback answered.", "name,reason");
    guard->transitions =
        metrics_family(metrics, METRIC_COUNTER, "circuit_breaker_transitions_total",
                       "Changes of state.", "name,from,to");
    guard->state = metrics_family(metrics, METRIC_GAUGE, "circuit_breaker_state",
                                  "1 for the state the breaker is in.", "name,state");
}

int guard_create(struct guard **out, const char *name, const struct breaker_config *config,
                 struct clock clock, struct metrics *metrics, struct error *err)
{
    *out = NULL;
    struct guard *guard = calloc(1, sizeof *guard);
    if (guard == NULL)
        return error_set(err, ERR_LIMIT, "no memory for a guard");
    int result = breaker_create(&guard->breaker, config, on_transition, guard, err);
    if (result < 0) {
        free(guard);
        return result;
    }
    snprintf(guard->name, sizeof guard->name, "%s", name);
    guard->clock = clock;
    pthread_mutex_init(&guard->lock, NULL);
    if (metrics != NULL)
        register_metrics(guard, metrics);
    *out = guard;
    return 0;
}

void guard_destroy(struct guard *guard)
{
    if (guard == NULL)
        return;
    breaker_destroy(guard->breaker);
    pthread_mutex_destroy(&guard->lock);
    free(guard);
}

struct breaker *guard_breaker(struct guard *guard)
{
    return guard->breaker;
}

static int64_t now_ms(const struct guard *guard)
{
    return clock_now(&guard->clock).mono_ms;
}

static enum guard_result fall_back(struct guard *guard, const struct guarded_call *call,
                                   enum guard_result why)
{
    call->fallback(call->context);
    pthread_mutex_lock(&guard->lock);
    guard->fallbacks_failed += why == GUARD_FALLBACK_FAILED;
    guard->fallbacks_rejected += why == GUARD_FALLBACK_REJECTED;
    pthread_mutex_unlock(&guard->lock);
    return why;
}

enum guard_result guard_run(struct guard *guard, const struct guarded_call *call)
{
    struct breaker_token token;
    if (breaker_admit(guard->breaker, now_ms(guard), &token) != BREAKER_ADMITTED)
        return fall_back(guard, call, GUARD_FALLBACK_REJECTED);
    enum breaker_outcome outcome = call->call(call->context);
    breaker_report(guard->breaker, &token, outcome, now_ms(guard)); /* stale is fine: just late */
    if (outcome == BREAKER_FAIL)
        return fall_back(guard, call, GUARD_FALLBACK_FAILED);
    return outcome == BREAKER_OK ? GUARD_OK : GUARD_NEUTRAL;
}

/* --- metrics ---------------------------------------------------------------------------------- */

/* Adds what has come since the last time to the counter `name,label...`. */
static void catch_up(struct guard *guard, struct metric *metric, const char *labels, int64_t now,
                     int64_t *published)
{
    char values[256]; /* the longest name, the longest labels */
    snprintf(values, sizeof values, "%s%s%s", guard->name, labels[0] != '\0' ? "," : "", labels);
    metric_add(metric, values, (double)(now - *published));
    *published = now;
}

static const char *const state_labels[STATES] = {"closed", "open", "half_open"};

static void publish_states(struct guard *guard, enum breaker_state state)
{
    for (int from = 0; from < STATES; from++) {
        char values[160];
        snprintf(values, sizeof values, "%s,%s", guard->name, state_labels[from]);
        metric_set(guard->state, values, from == (int)state);
        for (int to = 0; to < STATES; to++) {
            if (guard->transition_counts[from][to] == 0)
                continue;
            snprintf(values, sizeof values, "%s,%s", state_labels[from], state_labels[to]);
            catch_up(guard, guard->transitions, values, guard->transition_counts[from][to],
                     &guard->published.transition_counts[from][to]);
        }
    }
}

void guard_publish(struct guard *guard)
{
    if (guard->calls == NULL)
        return;
    struct breaker_counts *then = &guard->published.counts;
    pthread_mutex_lock(&guard->lock); /* before reading: an older reading must not come second */
    enum breaker_state state = breaker_state(guard->breaker);
    struct breaker_counts now = breaker_counts(guard->breaker);
    catch_up(guard, guard->calls, "success", now.succeeded, &then->succeeded);
    catch_up(guard, guard->calls, "failure", now.failed, &then->failed);
    catch_up(guard, guard->calls, "neutral", now.neutral, &then->neutral);
    catch_up(guard, guard->admitted, "", now.admitted, &then->admitted);
    catch_up(guard, guard->rejected, "open", now.rejected_open, &then->rejected_open);
    catch_up(guard, guard->rejected, "busy", now.rejected_busy, &then->rejected_busy);
    catch_up(guard, guard->fallbacks, "failure", guard->fallbacks_failed,
             &guard->published.fallbacks_failed);
    catch_up(guard, guard->fallbacks, "rejection", guard->fallbacks_rejected,
             &guard->published.fallbacks_rejected);
    publish_states(guard, state);
    pthread_mutex_unlock(&guard->lock);
}
