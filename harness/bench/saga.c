/*
 * The reference saga: schedules a second, as the judge plays them, and checkouts a second through
 * eight processes.
 *
 * Schedules: the probe plays a batch around the saga, then the judge replays each trace in its own
 * world. They take turns, so together they use one core. Checkouts: closed loop, every client
 * places one and looks now and then until it has COMPLETED; the clients share the machine's cores.
 * A checkout is some 14 durable records, and one or two in each participant's ledger; the peers'
 * are not synced.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include "base/json_read.h"
#include "bench/bench.h"
#include "kit/error.h"
#include "kit/json.h"
#include "process/orphans.h"
#include "suites/03-saga/checks.h"

enum { SCHEDULES_S = 3, CHECKOUTS_S = 4, CLIENTS = 64, LOOK_MS = 20, CALL_MS = 10000 };
enum { TIMES_MAX = 20000, SERVICES = 8, STUDENT_CPU = 0, JUDGE_CPU = 1 };

#define PROGRAMS BUILD_FOLDER "/trees/solutions/03-saga/release"

/* --- schedules -------------------------------------------------------------------------------- */

/* CPU seconds of this process, or of its children that have ended. */
static double cpu_s(int who)
{
    struct rusage usage;
    getrusage(who, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* One run of the judge's own search. How many schedules it tried, or a negative code. */
static double search(struct bench *bench, const struct check *check, uint64_t seed,
                     struct error *err)
{
    struct result result = {.check = check};
    struct check_run run = {.check = check,
                            .launcher = bench->launcher,
                            .programs = PROGRAMS,
                            .work_dir = bench->dir,
                            .result = &result,
                            .seed = seed};
    static const struct lab lab = {.name = "03-saga", .title = "", .subject = "saga"};
    double tried = 0;
    run.lab = &lab;
    run.random = random_from_seed(&run.random_state, seed);
    check->run(&run);
    for (int i = 0; i < result.figure_count; i++)
        if (strcmp(result.figures[i].name, "schedules tried") == 0)
            tried = result.figures[i].value;
    if (run_ended(&run) || tried == 0)
        tried = error_set(err, ERR_UNAVAILABLE, "the reference saga does not pass %s: %s",
                          check->id, result.got != NULL ? result.got : result.reason);
    text_release(&run.script);
    result_release(&result);
    return tried;
}

/* From now on VmHWM is the peak since now. */
static void forget_peak(void)
{
    FILE *file = fopen("/proc/self/clear_refs", "we");
    if (file != NULL) {
        fputs("5", file);
        fclose(file);
    }
}

/* A check that searches on and on, in one process of the saga. Its peak memory, and ours. */
static void search_long(struct check_run *run)
{
    enum { STAGES = 2 };
    static const int schedules[STAGES] = {10000, 100000};
    double saga_mb[STAGES] = {0}, judge_mb[STAGES] = {0};
    pid_t probe[1] = {0};
    struct exploration *x = calloc(1, sizeof *x);
    if (x == NULL)
        abort();
    forget_peak();
    if (explore_begin(x, run) == 0) {
        int stop = children_list(probe, 1) != 1;
        for (int i = 0; i < STAGES && !stop; i++) {
            stop = explore_by_chance(x, schedules[i] - (int)x->tried);
            saga_mb[i] = bench_memory_mb(probe[0], "VmHWM:");
            judge_mb[i] = bench_memory_mb(getpid(), "VmHWM:");
        }
        run_figure(run, "schedules tried", (double)x->tried);
        explore_end(x);
        printf("  peak resident memory   after %d schedules %.1f MB the saga, %.1f MB the judge; "
               "after %d %.1f and %.1f MB\n",
               schedules[0], saga_mb[0], judge_mb[0], schedules[1], saga_mb[1], judge_mb[1]);
    }
    free(x);
}

static int bench_schedules(struct bench *bench, struct error *err)
{
    for (int kind = 0; kind < 2; kind++) {
        double tried = 0, start_s = bench_now_s();
        double cpu[2] = {cpu_s(RUSAGE_CHILDREN), cpu_s(RUSAGE_SELF)};
        for (uint64_t seed = 1; bench_now_s() - start_s < SCHEDULES_S; seed++) {
            double more = search(bench, &saga_explorer_checks[kind], seed, err);
            if (more < 0)
                return (int)more;
            tried += more;
        }
        double wall_s = bench_now_s() - start_s;
        cpu[STUDENT_CPU] = cpu_s(RUSAGE_CHILDREN) - cpu[STUDENT_CPU];
        cpu[JUDGE_CPU] = cpu_s(RUSAGE_SELF) - cpu[JUDGE_CPU];
        double both = cpu[STUDENT_CPU] + cpu[JUDGE_CPU];
        printf("saga, %s   %.0f schedules/s of one core, %.0f/s by the clock, replay included\n",
               kind == 0 ? "up to two faults " : "three to six more", tried / both, tried / wall_s);
        printf("  where the time goes   %.0f %% the saga in its world (%.1f us a schedule), "
               "%.0f %% the judge's replay (%.1f us)\n",
               100 * cpu[STUDENT_CPU] / both, 1e6 * cpu[STUDENT_CPU] / tried,
               100 * cpu[JUDGE_CPU] / both, 1e6 * cpu[JUDGE_CPU] / tried);
    }
    struct check check = saga_explorer_checks[1];
    check.run = search_long;
    double tried = search(bench, &check, 1, err);
    return tried < 0 ? (int)tried : 0;
}

/* --- checkouts -------------------------------------------------------------------------------- */

static const char *const quiet[] = {"LOG_LEVEL=warn", NULL};
static const char *const inventory[] = {"LOG_LEVEL=warn", "HOST=inventory", NULL};
static const char *const needs[] = {
    "user-service",    "cart-service",     "pricing-service",      "inventory-service",
    "payment-service", "shipping-service", "notification-service", NULL};
static const struct service_entry services[SERVICES] = {
    {.name = "user-service", .program = BUILD_FOLDER "/peers/user-service", .environment = quiet},
    {.name = "cart-service", .program = BUILD_FOLDER "/peers/cart-service", .environment = quiet},
    {.name = "pricing-service",
     .program = BUILD_FOLDER "/peers/pricing-service",
     .environment = quiet},
    {.name = "payment-service",
     .program = BUILD_FOLDER "/peers/payment-service",
     .environment = quiet},
    {.name = "shipping-service",
     .program = BUILD_FOLDER "/peers/shipping-service",
     .environment = quiet},
    {.name = "notification-service",
     .program = BUILD_FOLDER "/peers/notification-service",
     .environment = quiet},
    {.name = "inventory-service",
     .program = PROGRAMS "/service",
     .student = 1,
     .environment = inventory},
    {.name = "checkout-service",
     .program = PROGRAMS "/service",
     .student = 1,
     .needs = needs,
     .environment = quiet},
};

struct checkout_load {
    const char *url;
    struct http_client *client;
    double end_s;
    pthread_mutex_t lock; /* guards all below */
    double took_ms[TIMES_MAX];
    int completed, failed;
};

static cJSON *call(struct checkout_load *load, const char *path, const char *body, int status)
{
    char url[256];
    snprintf(url, sizeof url, "%s%s", load->url, path);
    struct http_call asked = {
        .method = body != NULL ? "POST" : "GET", .url = url, .body = body, .deadline_ms = CALL_MS};
    struct http_reply reply;
    http_client_call(load->client, &asked, &reply);
    cJSON *answer = reply.status == status ? json_of_text(&reply.body) : NULL;
    http_reply_release(&reply);
    return answer;
}

/* One checkout. Its time, from its first record to its last; negative when it did not COMPLETE. */
static double time_checkout(struct checkout_load *load)
{
    const struct timespec pause = {0, LOOK_MS * 1000000L};
    char path[80];
    double took_ms = -1;
    cJSON *answer = call(load, "/checkouts",
                         "{\"cartId\":\"cart-120\",\"customerId\":\"user-123\","
                         "\"coupon\":\"coupon-20\"}",
                         202);
    snprintf(path, sizeof path, "/checkouts/%.40s", json_member_text(answer, "id"));
    while (answer != NULL && took_ms < 0) {
        cJSON_Delete(answer);
        nanosleep(&pause, NULL);
        answer = call(load, path, NULL, 200);
        const cJSON *records = json_member(answer, "records");
        int last = cJSON_GetArraySize(records) - 1;
        if (strcmp(json_member_text(answer, "phase"), "COMPLETED") == 0)
            took_ms = (double)(json_member_time_ms(cJSON_GetArrayItem(records, last), "at", 0) -
                               json_member_time_ms(cJSON_GetArrayItem(records, 0), "at", 0));
        else if (strcmp(json_member_text(answer, "phase"), "RUNNING") != 0)
            break;
    }
    cJSON_Delete(answer);
    return took_ms;
}

static void *run_client(void *context)
{
    struct checkout_load *load = context;
    while (bench_now_s() < load->end_s) {
        double took_ms = time_checkout(load);
        pthread_mutex_lock(&load->lock);
        if (took_ms < 0)
            load->failed++;
        else if (bench_now_s() < load->end_s && load->completed < TIMES_MAX)
            load->took_ms[load->completed++] = took_ms;
        pthread_mutex_unlock(&load->lock);
    }
    return NULL;
}

/* CPU milliseconds that a running service has used. */
static double service_cpu_ms(struct cluster *cluster, const char *service)
{
    clockid_t clock;
    struct timespec used = {0, 0};
    if (clock_getcpuclockid(cluster_pid(cluster, service), &clock) == 0)
        clock_gettime(clock, &used);
    return (double)used.tv_sec * 1e3 + (double)used.tv_nsec / 1e6;
}

static int run_clients(struct checkout_load *load, struct error *err)
{
    pthread_t threads[CLIENTS];
    int count = 0;
    load->end_s = bench_now_s() + CHECKOUTS_S;
    while (count < CLIENTS && pthread_create(&threads[count], NULL, run_client, load) == 0)
        count++;
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    return load->completed > 0
               ? 0
               : error_set(err, ERR_UNAVAILABLE, "no checkout COMPLETED in %d s", CHECKOUTS_S);
}

static int rows(struct bench *bench, struct cluster *cluster, struct checkout_load *load,
                struct error *err)
{
    double cpu[SERVICES], ours = cpu_s(RUSAGE_SELF), all = 0, peers = 0;
    for (int i = 0; i < SERVICES; i++)
        cpu[i] = service_cpu_ms(cluster, services[i].name);
    if (run_clients(load, err) < 0)
        return ERR_UNAVAILABLE;
    ours = (cpu_s(RUSAGE_SELF) - ours) * 1e3;
    for (int i = 0; i < SERVICES; i++) {
        cpu[i] = service_cpu_ms(cluster, services[i].name) - cpu[i];
        all += cpu[i];
        peers += i < SERVICES - 2 ? cpu[i] : 0;
    }
    int count = load->completed;
    double median = bench_percentile(load->took_ms, count, 0.5);
    printf("checkouts through %d processes, %d at once, %s   %.0f/s, median %.0f ms, p99 %.0f ms",
           SERVICES, CLIENTS, bench->durable ? "durable" : "tmpfs", (double)count / CHECKOUTS_S,
           median, bench_percentile(load->took_ms, count, 0.99));
    printf(load->failed > 0 ? "; %d FAILED\n" : "\n", load->failed);
    printf("  where the time goes   %.2f ms of CPU a checkout: %.0f %% checkout-service, %.0f %% "
           "inventory, %.0f %% the six peers; the clients %.2f ms more; busy %.1f of %d cores\n",
           all / count, 100 * cpu[SERVICES - 1] / all, 100 * cpu[SERVICES - 2] / all,
           100 * peers / all, ours / count, (all + ours) / 1e3 / CHECKOUTS_S, bench->cores);
    return 0;
}

static int bench_checkouts(struct bench *bench, struct error *err)
{
    struct cluster_options options = {
        .services = services, .service_count = SERVICES, .work_dir = bench->dir, .no_spans = 1};
    struct cluster *cluster = NULL;
    const char *failed = NULL;
    struct checkout_load *load = calloc(1, sizeof *load);
    if (load == NULL)
        return error_set(err, ERR_LIMIT, "no memory");
    int code = cluster_start(&cluster, bench->launcher, &options, &failed, err);
    if (code == 0) {
        pthread_mutex_init(&load->lock, NULL);
        load->url = cluster_url(cluster, "checkout-service");
        load->client = http_client_open();
        code = load->client != NULL ? rows(bench, cluster, load, err)
                                    : error_set(err, ERR_LIMIT, "no memory");
        http_client_close(load->client);
        pthread_mutex_destroy(&load->lock);
        cluster_stop(cluster);
    }
    free(load);
    return code;
}

int bench_saga(struct bench *bench, struct error *err)
{
    if (access(PROGRAMS "/probe", X_OK) != 0)
        return error_set(err, ERR_NOT_FOUND, PROGRAMS "/probe is not built: run `make bench`");
    int code = bench_schedules(bench, err);
    return code < 0 ? code : bench_checkouts(bench, err);
}
