/* Metrics: the exact text, totals under threads, and what happens at the limits. */
#include <check.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kit/limits.h"
#include "kit/metrics.h"
#include "run_tests.h"

static void assert_renders(struct metrics *metrics, const char *expected)
{
    struct text text = {0};
    metrics_render(metrics, &text);
    ck_assert_str_eq(text_str(&text), expected);
    text_release(&text);
}

static void assert_contains(struct metrics *metrics, const char *line)
{
    struct text text = {0};
    metrics_render(metrics, &text);
    ck_assert_msg(strstr(text_str(&text), line) != NULL, "no %s in\n%s", line, text_str(&text));
    text_release(&text);
}

START_TEST(families_and_members_keep_the_order_of_their_first_use)
{
    struct metrics *metrics = metrics_open();
    struct metric *created =
        metrics_family(metrics, METRIC_COUNTER, "orders_total", "Orders made.", "status,region");
    struct metric *depth = metrics_family(metrics, METRIC_GAUGE, "queue_depth", "Waiting.", "");
    metric_add(created, "ok,eu", 1);
    metric_add(created, "failed,eu", 2);
    metric_add(created, "ok,eu", 1.5);
    metric_set(depth, "", 7);
    metric_add(depth, "", -9);
    assert_renders(metrics, "# HELP orders_total Orders made.\n"
                            "# TYPE orders_total counter\n"
                            "orders_total{status=\"ok\",region=\"eu\"} 2.5\n"
                            "orders_total{status=\"failed\",region=\"eu\"} 2\n"
                            "# HELP queue_depth Waiting.\n"
                            "# TYPE queue_depth gauge\n"
                            "queue_depth -2\n");
    metrics_close(metrics);
}
END_TEST

START_TEST(a_family_without_labels_shows_before_it_is_counted)
{
    struct metrics *metrics = metrics_open();
    metrics_family(metrics, METRIC_COUNTER, "a_total", "A.", "");
    metrics_family(metrics, METRIC_COUNTER, "b_total", "B.", "label");
    assert_renders(metrics, "# HELP a_total A.\n# TYPE a_total counter\na_total 0\n"
                            "# HELP b_total B.\n# TYPE b_total counter\n");
    metrics_close(metrics);
}
END_TEST

START_TEST(an_empty_registry_renders_nothing)
{
    struct metrics *metrics = metrics_open();
    assert_renders(metrics, "");
    metrics_close(metrics);
    metrics_close(NULL);
}
END_TEST

START_TEST(labels_and_help_are_escaped)
{
    struct metrics *metrics = metrics_open();
    struct metric *metric =
        metrics_family(metrics, METRIC_COUNTER, "x_total", "A \\ and a\nline \"quoted\".", "a,b");
    metric_add(metric, "q\"b\\n\n,plain", 1);
    assert_renders(metrics, "# HELP x_total A \\\\ and a\\nline \"quoted\".\n"
                            "# TYPE x_total counter\n"
                            "x_total{a=\"q\\\"b\\\\n\\n\",b=\"plain\"} 1\n");
    metrics_close(metrics);
}
END_TEST

START_TEST(values_and_labels_need_not_match_in_number)
{
    const struct {
        const char *labels;
        const char *values;
        const char *line;
    } cases[] = {{"a,b", "1", "m{a=\"1\",b=\"\"} 1\n"},
                 {"a,b", "", "m{a=\"\",b=\"\"} 1\n"},
                 {"a,b", "1,2,3", "m{a=\"1\",b=\"2,3\"} 1\n"},
                 {"a", "1,2", "m{a=\"1,2\"} 1\n"},
                 {"a,b", ",2", "m{a=\"\",b=\"2\"} 1\n"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct metrics *metrics = metrics_open();
        metric_add(metrics_family(metrics, METRIC_GAUGE, "m", "M.", cases[i].labels),
                   cases[i].values, 1);
        assert_contains(metrics, cases[i].line);
        metrics_close(metrics);
    }
}
END_TEST

START_TEST(a_histogram_is_cumulative_and_ends_with_all)
{
    struct metrics *metrics = metrics_open();
    struct metric *metric =
        metrics_family(metrics, METRIC_HISTOGRAM, "t_seconds", "Time.", "route");
    const double seconds[] = {0, 0.005, 0.0050001, 0.5, 0.75, 10, 10.5, 100};
    for (size_t i = 0; i < sizeof seconds / sizeof seconds[0]; i++)
        metric_observe(metric, "/orders/{id}", seconds[i]);
    assert_renders(metrics, "# HELP t_seconds Time.\n"
                            "# TYPE t_seconds histogram\n"
                            "t_seconds_bucket{route=\"/orders/{id}\",le=\"0.005\"} 2\n"
                            "t_seconds_bucket{route=\"/orders/{id}\",le=\"0.01\"} 3\n"
                            "t_seconds_bucket{route=\"/orders/{id}\",le=\"0.025\"} 3\n"
                            "t_seconds_bucket{route=\"/orders/{id}\",le=\"0.05\"} 3\n"
                            "t_seconds_bucket{route=\"/orders/{id}\",le=\"0.075\"} 3\n"
                            "t_seconds_bucket{route=\"/orders/{id}\",le=\"0.1\"} 3\n"
                            "t_seconds_bucket{route=\"/orders/{id}\",le=\"0.25\"} 3\n"
                            "t_seconds_bucket{route=\"/orders/{id}\",le=\"0.5\"} 4\n"
                            "t_seconds_bucket{route=\"/orders/{id}\",le=\"0.75\"} 5\n"
                            "t_seconds_bucket{route=\"/orders/{id}\",le=\"1\"} 5\n"
                            "t_seconds_bucket{route=\"/orders/{id}\",le=\"2.5\"} 5\n"
                            "t_seconds_bucket{route=\"/orders/{id}\",le=\"5\"} 5\n"
                            "t_seconds_bucket{route=\"/orders/{id}\",le=\"7.5\"} 5\n"
                            "t_seconds_bucket{route=\"/orders/{id}\",le=\"10\"} 6\n"
                            "t_seconds_bucket{route=\"/orders/{id}\",le=\"+Inf\"} 8\n"
                            "t_seconds_sum{route=\"/orders/{id}\"} 121.7600001\n"
                            "t_seconds_count{route=\"/orders/{id}\"} 8\n");
    metrics_close(metrics);
}
END_TEST

START_TEST(a_name_asked_for_again_is_the_same_family)
{
    struct metrics *metrics = metrics_open();
    struct metric *first = metrics_family(metrics, METRIC_COUNTER, "a_total", "A.", "x");
    metrics_family(metrics, METRIC_COUNTER, "b_total", "B.", "x");
    char name[] = "a_total"; /* the same name at another address */
    ck_assert_ptr_eq(metrics_family(metrics, METRIC_COUNTER, name, "A.", "x"), first);
    metrics_close(metrics);
}
END_TEST

START_TEST(special_numbers_have_their_prometheus_spelling)
{
    struct metrics *metrics = metrics_open();
    struct metric *metric = metrics_family(metrics, METRIC_GAUGE, "g", "G.", "");
    const struct {
        double value;
        const char *line;
    } cases[] = {{(double)NAN, "\ng NaN\n"},
                 {(double)INFINITY, "\ng +Inf\n"},
                 {-(double)INFINITY, "\ng -Inf\n"},
                 {0.1, "\ng 0.1\n"},
                 {1e21, "\ng 1e+21\n"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        metric_set(metric, "", cases[i].value);
        assert_contains(metrics, cases[i].line);
    }
    metrics_close(metrics);
}
END_TEST

START_TEST(members_beyond_the_limit_are_counted_as_other)
{
    struct metrics *metrics = metrics_open();
    struct metric *metric = metrics_family(metrics, METRIC_COUNTER, "m_total", "M.", "id,b");
    for (int i = 0; i < METRICS_MEMBERS_MAX + 10; i++) {
        char values[32];
        snprintf(values, sizeof values, "%d,x", i);
        metric_add(metric, values, 1);
    }
    metric_add(metric, "0,x", 1);
    assert_contains(metrics, "m_total{id=\"0\",b=\"x\"} 2\n");
    assert_contains(metrics,
                    "m_total{id=\"255\",b=\"x\"} 1\nm_total{id=\"other\",b=\"other\"} 10\n");
    metrics_close(metrics);
}
END_TEST

enum { THREADS = 4, ROUNDS = 40000, NEW_MEMBERS = 200 };

struct counter {
    struct metrics *metrics;
    pthread_barrier_t *start; /* so that all threads count at the same time */
    int number;
};

static void *count(void *context)
{
    const struct counter *counter = context;
    struct metric *total = metrics_family(counter->metrics, METRIC_COUNTER, "c_total", "C.", "who");
    struct metric *time =
        metrics_family(counter->metrics, METRIC_HISTOGRAM, "h_seconds", "H.", "who");
    struct metric *fresh = metrics_family(counter->metrics, METRIC_COUNTER, "f_total", "F.", "n");
    pthread_barrier_wait(counter->start);
    for (int i = 0; i < NEW_MEMBERS; i++) {
        char values[16];
        snprintf(values, sizeof values, "%d", i);
        metric_add(fresh, values, 1); /* whoever comes first makes the member, once */
    }
    for (int i = 0; i < ROUNDS; i++) {
        char own[2] = {(char)('0' + (counter->number + i) % 8), '\0'};
        metric_add(total, own, 1);
        metric_add(total, "all", 0.5);
        metric_observe(time, "all", 0.25);
    }
    return NULL;
}

/* The value behind the first sample that begins with name. */
static double sample(const char *text, const char *name)
{
    const char *at = strstr(text, name);
    ck_assert_msg(at != NULL, "no %s in\n%s", name, text);
    return strtod(at + strlen(name), NULL);
}

static void count_together(void)
{
    struct metrics *metrics = metrics_open();
    pthread_barrier_t start;
    pthread_barrier_init(&start, NULL, THREADS);
    pthread_t threads[THREADS];
    struct counter counters[THREADS];
    for (int i = 0; i < THREADS; i++) {
        counters[i] = (struct counter){metrics, &start, i};
        ck_assert_int_eq(pthread_create(&threads[i], NULL, count, &counters[i]), 0);
    }
    for (int round = 0; round < 20; round++) {
        struct text text = {0};
        metrics_render(metrics, &text); /* while they count: +Inf and _count agree all the same */
        if (strstr(text_str(&text), "h_seconds_count") != NULL) {
            ck_assert(sample(text.bytes, "h_seconds_bucket{who=\"all\",le=\"+Inf\"}") ==
                      sample(text.bytes, "h_seconds_count{who=\"all\"}"));
        }
        text_release(&text);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&start);
    assert_contains(metrics, "c_total{who=\"all\"} 80000\n");
    assert_contains(metrics, "h_seconds_sum{who=\"all\"} 40000\n");
    assert_contains(metrics, "h_seconds_count{who=\"all\"} 160000\n");
    for (int i = 0; i < NEW_MEMBERS; i++) {
        char line[64];
        snprintf(line, sizeof line, "f_total{n=\"%d\"} %d\n", i, THREADS);
        assert_contains(metrics, line);
    }
    for (int own = 0; own < 8; own++) {
        char line[64];
        snprintf(line, sizeof line, "c_total{who=\"%d\"} %d\n", own, THREADS * ROUNDS / 8);
        assert_contains(metrics, line);
    }
    metrics_close(metrics);
}

START_TEST(threads_lose_no_count)
{
    /* A busy machine may run the threads one after the other: then one time is not enough. */
    for (int round = 0; round < 6; round++)
        count_together();
}
END_TEST

static void too_many_families(struct metrics *metrics)
{
    static char names[METRICS_MAX + 1][16];
    for (int i = 0; i <= METRICS_MAX; i++) {
        snprintf(names[i], sizeof names[i], "m%d", i % 1000);
        metrics_family(metrics, METRIC_GAUGE, names[i], "M.", "");
    }
}

static void another_kind(struct metrics *metrics)
{
    metrics_family(metrics, METRIC_GAUGE, "m", "M.", "");
    metrics_family(metrics, METRIC_COUNTER, "m", "M.", "");
}

static void other_labels(struct metrics *metrics)
{
    metrics_family(metrics, METRIC_GAUGE, "m", "M.", "a");
    metrics_family(metrics, METRIC_GAUGE, "m", "M.", "b");
}

static void counter_goes_down(struct metrics *metrics)
{
    metric_add(metrics_family(metrics, METRIC_COUNTER, "m", "M.", ""), "", -1);
}

START_TEST(mistakes_of_the_programmer_end_the_process)
{
    void (*const cases[])(struct metrics *) = {too_many_families, another_kind, other_labels,
                                               counter_goes_down};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        pid_t child = fork();
        if (child == 0) {
            close(STDERR_FILENO); /* the assertion's words are expected */
            cases[i](metrics_open());
            _exit(0);
        }
        int status = 0;
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "case %zu: status %x", i,
                      (unsigned)status);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {families_and_members_keep_the_order_of_their_first_use,
                                  a_family_without_labels_shows_before_it_is_counted,
                                  an_empty_registry_renders_nothing,
                                  labels_and_help_are_escaped,
                                  values_and_labels_need_not_match_in_number,
                                  a_histogram_is_cumulative_and_ends_with_all,
                                  a_name_asked_for_again_is_the_same_family,
                                  special_numbers_have_their_prometheus_spelling,
                                  members_beyond_the_limit_are_counted_as_other,
                                  threads_lose_no_count,
                                  mistakes_of_the_programmer_end_the_process,
                                  NULL};
    return run_tests("kit metrics", tests);
}
