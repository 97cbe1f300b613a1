/*
 * The reference order service under load, with a real user-service behind it.
 *
 * Everything shares the machine's cores: service, user-service and wrk. A POST is acknowledged
 * when event, outbox message and idempotency record are committed with synchronous=FULL, and has
 * asked user-service for its customer. Logs of single requests and spans are off.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/json_read.h"
#include "bench/bench.h"
#include "cluster/cluster.h"
#include "cluster/raw_http.h"
#include "kit/error.h"
#include "kit/json.h"

enum { SECONDS = 4, COLD_STARTS = 20, RUNS = 3, IDS_MAX = 1000000, CALL_MS = 5000 };

static const int connections[RUNS] = {1, 16, 64};

/* The orders that PATCH changes, each three times. A run gets a share of them as large as its share
   of the POSTs was, so that a quick machine, which needs more, has more. */
struct ids {
    char file[160]; /* an id per line */
    char first[40]; /* the first of them */
    int count;
    double post_per_s[RUNS];
};

static const char POST_SCRIPT[] = "local n = 0\n"
                                  "local body = '{\"customerId\":\"user-123\",\"items\":["
                                  "{\"productId\":\"prod-1\",\"quantity\":2,\"unitPrice\":19.90},"
                                  "{\"productId\":\"prod-2\",\"quantity\":1,\"unitPrice\":5}]}'\n"
                                  "local headers = {['Content-Type'] = 'application/json'}\n"
                                  "function request()\n"
                                  "  n = n + 1\n"
                                  "  headers['Idempotency-Key'] = RUN .. '-' .. n\n"
                                  "  return wrk.format('POST', nil, headers, body)\n"
                                  "end\n";

/* First confirms all orders of the list, then ships all, then delivers all. wrk's first call only
   looks whether the function works, and throws its request away. */
static const char PATCH_SCRIPT[] =
    "local ids, at, n = {}, 0, -1\n"
    "for line in io.lines(FILE) do\n"
    "  if at >= FIRST and at < LAST then ids[#ids + 1] = line end\n"
    "  at = at + 1\n"
    "end\n"
    "local words = {'CONFIRMED', 'SHIPPED', 'DELIVERED'}\n"
    "local headers = {['Content-Type'] = 'application/json'}\n"
    "function request()\n"
    "  local place = math.max(n, 0)\n"
    "  local id = ids[place % #ids + 1]\n"
    "  local word = words[math.min(math.floor(place / #ids), 2) + 1]\n"
    "  n = n + 1\n"
    "  return wrk.format('PATCH', '/orders/' .. id .. '/status', headers,\n"
    "    '{\"status\":\"' .. word .. '\"}')\n"
    "end\n";

/* Reads up to IDS_MAX ids by paging through the customer's orders. */
static int list_orders(struct cluster *cluster, struct ids *ids, struct error *err)
{
    struct http_client *client = http_client_open();
    FILE *file = fopen(ids->file, "w");
    char cursor[128] = "";
    int code = client != NULL ? 0 : error_set(err, ERR_LIMIT, "no memory for an HTTP client");
    if (file == NULL)
        code = error_set(err, ERR_IO, "cannot write %s", ids->file);
    while (code == 0 && ids->count < IDS_MAX) {
        char url[256];
        snprintf(url, sizeof url, "%s/orders?customerId=user-123&limit=100%s%s",
                 cluster_url(cluster, "order-service"), cursor[0] != '\0' ? "&cursor=" : "",
                 cursor);
        struct http_call call = {.url = url, .deadline_ms = CALL_MS};
        struct http_reply reply;
        http_client_call(client, &call, &reply);
        cJSON *page =
            reply.status == 200 ? json_parse(reply.body.bytes, reply.body.length, err) : NULL;
        if (page == NULL)
            code = error_set(err, ERR_UNAVAILABLE, "the list of orders cannot be read: %s, %d",
                             http_outcome_name(reply.outcome), reply.status);
        const cJSON *order = NULL;
        cJSON_ArrayForEach(order, json_member(page, "orders"))
        {
            const char *id = json_member_text(order, "id");
            if (id[0] == '\0')
                continue;
            if (ids->count++ == 0)
                snprintf(ids->first, sizeof ids->first, "%s", id);
            fprintf(file, "%s\n", id);
        }
        snprintf(cursor, sizeof cursor, "%s", json_member_text(page, "nextCursor"));
        cJSON_Delete(page);
        http_reply_release(&reply);
        if (cursor[0] == '\0')
            break;
    }
    http_client_close(client);
    if (file != NULL && fclose(file) != 0 && code == 0)
        code = error_set(err, ERR_IO, "cannot write %s", ids->file);
    return code;
}

/* One row: the load at each number of connections. script_of gives the Lua text of a run. */
static int row(struct bench *bench, const char *name, const char *url,
               void (*script_of)(const struct ids *ids, int run, struct text *script),
               const struct ids *ids, double per_s[RUNS], struct error *err)
{
    printf("%s", name);
    int64_t failures = 0;
    for (int run = 0; run < RUNS; run++) {
        struct text script = {0};
        if (script_of != NULL)
            script_of(ids, run, &script);
        struct load load = {.url = url,
                            .script = text_str(&script),
                            .connections = connections[run],
                            .seconds = SECONDS};
        struct load_result result;
        int code = load_run(bench, &load, &result, err);
        text_release(&script);
        if (code < 0)
            return code;
        printf("   %6.0f/s %6.2f ms", result.per_s, result.p99_ms);
        fflush(stdout);
        per_s[run] = result.per_s;
        failures += result.failures;
    }
    printf("\n");
    if (failures > 0)
        printf("                  %" PRId64 " requests failed: do not believe this row\n",
               failures);
    return 0;
}

static void post_script(const struct ids *ids, int run, struct text *script)
{
    (void)ids;
    text_addf(script, "RUN = 'run-%d'\n%s", run, POST_SCRIPT);
}

static void patch_script(const struct ids *ids, int run, struct text *script)
{
    double before = 0, all = 0;
    for (int i = 0; i < RUNS; i++) {
        before += i < run ? ids->post_per_s[i] : 0;
        all += ids->post_per_s[i];
    }
    text_addf(script, "FILE, FIRST, LAST = '%s', %d, %d\n%s", ids->file,
              (int)(ids->count * before / all),
              (int)(ids->count * (before + ids->post_per_s[run]) / all), PATCH_SCRIPT);
}

static int load_rows(struct bench *bench, struct cluster *cluster, struct ids *ids,
                     struct error *err)
{
    char orders[96], one[160];
    double get[RUNS], patch[RUNS];
    double *post = ids->post_per_s;
    snprintf(ids->file, sizeof ids->file, "%s/ids", bench->dir);
    snprintf(orders, sizeof orders, "%s/orders", cluster_url(cluster, "order-service"));
    printf("order service, requests/s and p99 at     1 connection          16            64\n");
    int code = row(bench, bench->durable ? "  POST (durable) " : "  POST (tmpfs)   ", orders,
                   post_script, NULL, post, err);
    if (code == 0)
        code = list_orders(cluster, ids, err);
    if (code == 0 && ids->count == 0)
        code = error_set(err, ERR_NOT_FOUND, "no order was made");
    if (code < 0)
        return code;
    snprintf(one, sizeof one, "%s/%s", orders, ids->first);
    code = row(bench, "  GET            ", one, NULL, NULL, get, err);
    if (code == 0)
        code = row(bench, "  PATCH (durable)", orders, patch_script, ids, patch, err);
    if (code < 0)
        return code;
    pid_t pid = cluster_pid(cluster, "order-service");
    printf("  POST at 64 connections is %.1f times POST at 1\n", post[RUNS - 1] / post[0]);
    printf("  resident memory after the load   %.1f MB, of which %.1f MB its own\n",
           bench_memory_mb(pid, "VmRSS:"), bench_memory_mb(pid, "RssAnon:"));
    return 0;
}

/* From the start of the program to the first answer of its readiness. The connection is made
   before: it waits in the socket's backlog, so nothing is polled. */
static int cold_start(struct bench *bench, struct error *err)
{
    static double took_ms[COLD_STARTS];
    struct launcher *launcher = bench->launcher;
    char database[128];
    snprintf(database, sizeof database, "DATABASE_URL=sqlite:%s/cold.db", bench->dir);
    const char *const environment[] = {"LISTEN_FDS=1", "LOG_LEVEL=warn", database, NULL};
    const char *const argv[] = {BUILD_FOLDER "/trees/solutions/01-order/release/service", NULL};
    for (int i = 0; i < COLD_STARTS; i++) {
        int port = 0, reserved = -1, fd = -1;
        int code = launcher->reserve_port(launcher, &port, &reserved, err);
        if (code == 0)
            code = launcher->listen(launcher, port, &fd, err);
        if (code < 0)
            return code;
        struct launch launch = {.argv = argv,
                                .environment = environment,
                                .work_dir = ".",
                                .fds = {-1, -1, 2, fd},
                                .fd_count = 4};
        pid_t pid = 0;
        struct raw_reply reply;
        struct raw_call call = {.port = port, .path = "/health/readiness", .deadline_ms = CALL_MS};
        double start_s = bench_now_s();
        code = launcher->start(launcher, &launch, &pid, err);
        close(fd);
        close(reserved);
        if (code < 0)
            return code;
        do /* the first tries may find it answering, but not ready */
            raw_get(&call, &reply);
        while (reply.status == 503 && bench_now_s() - start_s < CALL_MS / 1000);
        took_ms[i] = (bench_now_s() - start_s) * 1000;
        struct launch_end end;
        launcher->signal(launcher, pid, 0, 15);
        launcher->wait(launcher, pid, CALL_MS, &end);
        launcher->sweep(launcher, pid);
        if (reply.status != 200)
            return error_set(err, ERR_UNAVAILABLE, "the order service did not become ready");
    }
    printf("  cold start to ready   median of %d: %.1f ms\n", COLD_STARTS,
           bench_percentile(took_ms, COLD_STARTS, 0.5));
    return 0;
}

int bench_order(struct bench *bench, struct error *err)
{
    struct cluster_options options = {
        .services = bench_services, .service_count = bench_service_count, .work_dir = bench->dir};
    struct cluster *cluster = NULL;
    const char *failed = NULL;
    int code = cluster_start(&cluster, bench->launcher, &options, &failed, err);
    if (code < 0)
        return code;
    struct ids ids = {0};
    code = load_rows(bench, cluster, &ids, err);
    cluster_stop(cluster);
    return code < 0 ? code : cold_start(bench, err);
}
