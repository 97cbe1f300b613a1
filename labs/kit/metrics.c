/*
 * Metrics in Prometheus text format 0.0.4.
 *
 * A family's members form a list that only grows, at its end. Counting walks it without a lock: a
 * member is complete before it is linked in (release), and who finds the link sees all of it
 * (acquire). Only adding a member takes the registry's lock. With the few members that a family
 * should have, the walk costs less than a hash would.
 */
#include "kit/metrics.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/limits.h"

/* OpenTelemetry semantic conventions, http.server.request.duration. */
static const double BOUNDS[] = {.005, .01, .025, .05, .075, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10};
enum { BOUND_COUNT = sizeof BOUNDS / sizeof BOUNDS[0] };

struct member {
    char *values; /* comma-separated; owned */
    struct member *_Atomic next;
    _Atomic double value;                      /* counter and gauge: it; histogram: the sum */
    _Atomic uint64_t buckets[BOUND_COUNT + 1]; /* each alone; the last is what exceeds all bounds */
};

struct metric {
    struct metrics *registry;
    enum metric_kind kind;
    const char *name;
    const char *help;
    const char *labels;
    struct member *_Atomic first;
    struct member *last; /* registry->lock guards it and member_count */
    int member_count;
};

struct metrics {
    pthread_mutex_t lock; /* guards count and the adding of families and members */
    int count;
    struct metric families[METRICS_MAX];
};

static void *allocate(size_t size)
{
    void *memory = calloc(1, size);
    if (memory == NULL) {
        fputs("Out of memory for metrics. Give the process more.\n", stderr);
        abort();
    }
    return memory;
}

struct metrics *metrics_open(void)
{
    struct metrics *metrics = allocate(sizeof *metrics);
    pthread_mutex_init(&metrics->lock, NULL);
    return metrics;
}

void metrics_close(struct metrics *metrics)
{
    if (metrics == NULL)
        return;
    for (int index = 0; index < metrics->count; index++) {
        struct member *member = metrics->families[index].first;
        while (member != NULL) {
            struct member *next = member->next;
            free(member->values);
            free(member);
            member = next;
        }
    }
    pthread_mutex_destroy(&metrics->lock);
    free(metrics);
}

/* --- members --------------------------------------------------------------------------------- */

/* The member of these values, or NULL. */
static struct member *find(const struct metric *metric, const char *values)
{
    struct member *member = atomic_load_explicit(&metric->first, memory_order_acquire);
    while (member != NULL && strcmp(member->values, values) != 0)
        member = atomic_load_explicit(&member->next, memory_order_acquire);
    return member;
}

/* "other" for each label. */
static void other_values(const struct metric *metric, struct text *values)
{
    text_add(values, "other");
    for (const char *at = metric->labels; *at != '\0'; at++) {
        if (*at == ',')
            text_add(values, ",other");
    }
}

/* Adds a member at the list's end. The caller holds registry->lock. */
static struct member *add_member(struct metric *metric, const char *values)
{
    struct text copy = {0};
    text_add(&copy, values);
    struct member *member = allocate(sizeof *member);
    member->values = text_detach(&copy);
    struct member *_Atomic *link = metric->last != NULL ? &metric->last->next : &metric->first;
    metric->last = member;
    metric->member_count++;
    atomic_store_explicit(link, member, memory_order_release);
    return member;
}

/* Finds or adds the member of these values, or "other" when there is no room for one. */
static struct member *ensure(struct metric *metric, const char *values)
{
    struct member *member = find(metric, values);
    if (member != NULL)
        return member;
    struct text other = {0};
    pthread_mutex_lock(&metric->registry->lock);
    member = find(metric, values); /* again: another thread may have added it by now */
    if (member == NULL && metric->member_count >= METRICS_MEMBERS_MAX) {
        other_values(metric, &other);
        values = text_str(&other);
        member = find(metric, values);
    }
    if (member == NULL)
        member = add_member(metric, values);
    pthread_mutex_unlock(&metric->registry->lock);
    text_release(&other);
    return member;
}

struct metric *metrics_family(struct metrics *metrics, enum metric_kind kind, const char *name,
                              const char *help, const char *labels)
{
    pthread_mutex_lock(&metrics->lock);
    int index = 0;
    while (index < metrics->count && strcmp(metrics->families[index].name, name) != 0)
        index++;
    assert(index < METRICS_MAX);
    struct metric *metric = &metrics->families[index];
    if (index == metrics->count) {
        metric->registry = metrics;
        metric->kind = kind;
        metric->name = name;
        metric->help = help;
        metric->labels = labels;
        metrics->count++;
        if (labels[0] == '\0') {
            add_member(metric, ""); /* so it shows as 0 before it is first counted */
        }
    }
    assert(metric->kind == kind && strcmp(metric->labels, labels) == 0);
    pthread_mutex_unlock(&metrics->lock);
    return metric;
}

/* --- counting -------------------------------------------------------------------------------- */

static void add_to(_Atomic double *sum, double amount)
{
    double old = atomic_load_explicit(sum, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(sum, &old, old + amount, memory_order_relaxed,
                                                  memory_order_relaxed)) {
    }
}

void metric_add(struct metric *metric, const char *values, double amount)
{
    assert(metric->kind == METRIC_GAUGE || (metric->kind == METRIC_COUNTER && amount >= 0));
    add_to(&ensure(metric, values)->value, amount);
}

void metric_set(struct metric *metric, const char *values, double value)
{
    assert(metric->kind == METRIC_GAUGE);
    atomic_store_explicit(&ensure(metric, values)->value, value, memory_order_relaxed);
}

void metric_observe(struct metric *metric, const char *values, double seconds)
{
    assert(metric->kind == METRIC_HISTOGRAM);
    struct member *member = ensure(metric, values);
    int bucket = 0;
    while (bucket < BOUND_COUNT && seconds > BOUNDS[bucket])
        bucket++;
    atomic_fetch_add_explicit(&member->buckets[bucket], 1, memory_order_relaxed);
    add_to(&member->value, seconds);
}

/* --- the text -------------------------------------------------------------------------------- */

/* Escapes \ and newline, and " where it would end a label's value. */
static void put_escaped(struct text *out, const char *bytes, size_t length, int quote)
{
    for (size_t place = 0; place < length; place++) {
        char byte = bytes[place];
        if (byte == '\n') {
            text_append(out, "\\n", 2);
            continue;
        }
        if (byte == '\\' || (byte == '"' && quote))
            text_append(out, "\\", 1);
        text_append(out, &byte, 1);
    }
}

/* name{a="1",b="2",le="0.1"}; bound NULL: no le; no braces around nothing. */
static void put_sample_name(struct text *out, const struct metric *metric, const char *suffix,
                            const char *values, const char *bound)
{
    text_add(out, metric->name);
    text_add(out, suffix);
    char separator = '{';
    const char *label = metric->labels;
    while (*label != '\0') {
        size_t label_length = strcspn(label, ",");
        int last = label[label_length] == '\0';
        size_t value_length = last ? strlen(values) : strcspn(values, ",");
        text_append(out, &separator, 1);
        text_append(out, label, label_length);
        text_add(out, "=\"");
        put_escaped(out, values, value_length, 1);
        text_add(out, "\"");
        separator = ',';
        label += label_length + !last;
        values += value_length + (values[value_length] == ',');
    }
    if (bound != NULL) {
        text_append(out, &separator, 1);
        text_addf(out, "le=\"%s\"", bound);
        separator = ',';
    }
    text_add(out, separator == ',' ? "} " : " ");
}

static void put_histogram(struct text *out, const struct metric *metric,
                          const struct member *member)
{
    uint64_t total = 0; /* of the buckets as read, so that +Inf and _count agree in each text */
    struct text bound = {0};
    for (int index = 0; index <= BOUND_COUNT; index++) {
        total += atomic_load_explicit(&member->buckets[index], memory_order_relaxed);
        text_clear(&bound);
        text_add_double(&bound, index < BOUND_COUNT ? BOUNDS[index] : (double)INFINITY);
        put_sample_name(out, metric, "_bucket", member->values, text_str(&bound));
        text_addf(out, "%" PRIu64 "\n", total);
    }
    text_release(&bound);
    put_sample_name(out, metric, "_sum", member->values, NULL);
    text_add_double(out, atomic_load_explicit(&member->value, memory_order_relaxed));
    text_add(out, "\n");
    put_sample_name(out, metric, "_count", member->values, NULL);
    text_addf(out, "%" PRIu64 "\n", total);
}

static void render_family(const struct metric *metric, struct text *out)
{
    static const char *const KINDS[] = {"counter", "gauge", "histogram"};
    text_addf(out, "# HELP %s ", metric->name);
    put_escaped(out, metric->help, strlen(metric->help), 0);
    text_addf(out, "\n# TYPE %s %s\n", metric->name, KINDS[metric->kind]);
    const struct member *member = atomic_load_explicit(&metric->first, memory_order_acquire);
    while (member != NULL) {
        if (metric->kind == METRIC_HISTOGRAM) {
            put_histogram(out, metric, member);
        } else {
            put_sample_name(out, metric, "", member->values, NULL);
            text_add_double(out, atomic_load_explicit(&member->value, memory_order_relaxed));
            text_add(out, "\n");
        }
        member = atomic_load_explicit(&member->next, memory_order_acquire);
    }
}

void metrics_render(struct metrics *metrics, struct text *out)
{
    pthread_mutex_lock(&metrics->lock);
    int count = metrics->count; /* families that are there stay as they are */
    pthread_mutex_unlock(&metrics->lock);
    for (int index = 0; index < count; index++)
        render_family(&metrics->families[index], out);
}
