/*
 * Lab 01, step 5: health, on real processes.
 *
 * The database is made to hang by locking the bytes that SQLite locks in FILE-shm (wal.c: 120 to
 * 127): neither a read nor a write begins while the judge has them, and nothing is damaged.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "judge/suites/01-order-cluster.h"
#include "kit/error.h"

static const char *const NEIGHBOURS[] = {"user-service", "payment-service", "inventory-service"};
enum { NEIGHBOUR_COUNT = 3 };

/* --- waiting for a verdict ----------------------------------------------------------------------
 */

struct awaited {
    struct check_run *run;
    const char *path;
    int status;
    const char *member, *value; /* NULL = the status is enough */
};

/* 1 when the route answers as awaited. Quiet: only the last answer goes into the story. */
static int answers(void *context)
{
    const struct awaited *awaited = context;
    char url[512];
    struct http_reply reply = {0};
    struct http_client *client = http_client_open();
    snprintf(url, sizeof(url), "%s%s", cluster_url(awaited->run->cluster, "order-service"),
             awaited->path);
    const struct http_call call = {.url = url, .deadline_ms = ORDER_ASK_MS};
    http_client_call(client, &call, &reply);
    char *value = awaited->member != NULL ? run_json(&reply, awaited->member) : NULL;
    const int fits =
        reply.status == awaited->status &&
        (awaited->member == NULL || (value != NULL && strcmp(value, awaited->value) == 0));
    free(value);
    http_reply_release(&reply);
    http_client_close(client);
    return fits;
}

/* Verdicts are cached, so a change shows after a round. Then the route is asked once more, aloud:
   reply is the caller's to release. */
static int await(struct check_run *run, const struct awaited *awaited, struct http_reply *reply)
{
    const int came = run_until(run, ORDER_SETTLE_MS, answers, (void *)(uintptr_t)awaited);
    order_get(run, awaited->path, reply);
    if (came)
        return 0;
    char expected[200];
    snprintf(expected, sizeof(expected), "%s answers %d%s%s%s%s within %d s", awaited->path,
             awaited->status, awaited->member != NULL ? ", " : "",
             awaited->member != NULL ? awaited->member : "", awaited->member != NULL ? " = " : "",
             awaited->member != NULL ? awaited->value : "", ORDER_SETTLE_MS / 1000);
    return run_fail(run, "wrong answer", expected, "%d %.600s", reply->status,
                    text_str(&reply->body));
}

static int await_status(struct check_run *run, const char *path, int status)
{
    const struct awaited awaited = {.run = run, .path = path, .status = status};
    struct http_reply reply = {0};
    const int wrong = await(run, &awaited, &reply);
    http_reply_release(&reply);
    return wrong;
}

static int expect_now(struct check_run *run, const char *path, int status)
{
    struct http_reply reply = {0};
    order_get(run, path, &reply);
    const int wrong = run_expect_status(run, &reply, status);
    http_reply_release(&reply);
    return wrong;
}

/* --- faults -------------------------------------------------------------------------------------
 */

enum { SHM_LOCKS_AT = 120, SHM_LOCKS = 8 };

struct grip {
    int fd;
};

static int take_locks(void *context)
{
    const struct grip *grip = context;
    struct flock locks = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = SHM_LOCKS_AT, .l_len = SHM_LOCKS};
    return fcntl(grip->fd, F_SETLK, &locks) == 0;
}

/* Makes order-service's database hang until grip_release. */
static int grip_database(struct check_run *run, struct grip *grip)
{
    char path[600];
    snprintf(path, sizeof(path), "%s/order-service.db-shm",
             cluster_dir(run->cluster, "order-service"));
    grip->fd = open(path, O_RDWR | O_CLOEXEC);
    if (grip->fd < 0)
        return run_error(run, "cannot open %s: %s", path, strerror(errno));
    if (!run_until(run, ORDER_SETTLE_MS, take_locks, grip))
        return run_error(run, "cannot lock %s", path);
    run_story(run, run_story_ms(run), STORY_FAULT, "order-service", NULL, "its database hangs");
    return 0;
}

static void grip_release(struct grip *grip)
{
    if (grip->fd >= 0)
        close(grip->fd);
    grip->fd = -1;
}

/* --- H1 -----------------------------------------------------------------------------------------
 */

static int expect_members(struct check_run *run, const struct http_reply *reply,
                          const char *const (*members)[2])
{
    for (; (*members)[0] != NULL; members++)
        if (run_expect_json(run, reply, (*members)[0], (*members)[1]) != 0)
            return 1;
    return 0;
}

static void liveness_asks_nobody(struct check_run *run)
{
    struct grip grip = {-1};
    struct http_reply reply = {0};
    const struct awaited broken = {run, "/health", 503, "error.external-services.status", "down"};
    if (order_cluster(run, ORDER_WITH_ALL, NULL) != 0 || await_status(run, "/health", 200) != 0)
        return;
    for (int i = 0; i < NEIGHBOUR_COUNT; i++)
        if (run_kill(run, NEIGHBOURS[i], SIGKILL) != 0)
            return;
    /* The control: the two that could be asked are seen to be gone. */
    (void)(await(run, &broken, &reply) || grip_database(run, &grip) ||
           await_status(run, "/health/readiness", 503) ||
           expect_now(run, "/health/liveness", 200) || expect_now(run, "/health/liveness", 200));
    http_reply_release(&reply);
    grip_release(&grip);
}

static void readiness_needs_only_the_database(struct check_run *run)
{
    static const char *const tiny[] = {"MEMORY_LIMIT_BYTES=1", NULL};
    static const char *const ready[][2] = {{"status", "ok"},
                                           {"info.database.status", "up"},
                                           {"details.database.status", "up"},
                                           {"details.external-services.status", "down"},
                                           {NULL, NULL}};
    struct grip grip = {-1};
    struct http_reply sick = {0}, well = {0}, hung = {0};
    const struct awaited last_killed = {
        run, "/health", 503, "details.external-services.services.inventory-service", "down"};
    const struct awaited no_database = {run, "/health/readiness", 503, "status", "error"};
    if (order_cluster(run, ORDER_WITH_ALL, tiny) != 0)
        return;
    for (int i = 0; i < NEIGHBOUR_COUNT; i++)
        if (run_kill(run, NEIGHBOURS[i], SIGKILL) != 0)
            return;
    /* Not memory_heap: under the sanitizers the C library counts no heap. */
    int wrong = await(run, &last_killed, &sick) ||
                run_expect_json(run, &sick, "error.memory_rss.status", "down") ||
                run_expect_json(run, &sick, "error.external-services.status", "down");
    order_get(run, "/health/readiness", &well);
    (void)(wrong || run_expect_status(run, &well, 200) || expect_members(run, &well, ready) ||
           grip_database(run, &grip) || await(run, &no_database, &hung));
    char *status = run_json(&hung, "error.database.status");
    if (!run_ended(run) && status == NULL)
        run_fail(run, "wrong answer", "the database in \"error\"", "%.600s", text_str(&hung.body));
    free(status);
    grip_release(&grip);
    if (!run_ended(run))
        (void)await_status(run, "/health/readiness", 200);
    http_reply_release(&sick);
    http_reply_release(&well);
    http_reply_release(&hung);
}

static void one_neighbour_of_three_down(struct check_run *run)
{
    static const char *const others_stand[][2] = {{"status", "error"},
                                                  {"info.database.status", "up"},
                                                  {"info.memory_heap.status", "up"},
                                                  {"info.memory_rss.status", "up"},
                                                  {"details.database.status", "up"},
                                                  {"details.memory_heap.status", "up"},
                                                  {"details.memory_rss.status", "up"},
                                                  {"details.external-services.status", "down"},
                                                  {"error.external-services.status", "down"},
                                                  {NULL, NULL}};
    if (order_cluster(run, ORDER_WITH_ALL, NULL) != 0 || await_status(run, "/health", 200) != 0)
        return;
    for (int i = 0; i < NEIGHBOUR_COUNT && !run_ended(run); i++) {
        char path[96];
        struct http_reply reply = {0};
        const struct awaited down = {run, "/health", 503, path, "down"};
        const char *before = i > 0 ? NEIGHBOURS[i - 1] : NULL;
        if (run_kill(run, NEIGHBOURS[i], SIGKILL) != 0 ||
            (before != NULL && run_restart(run, before) != 0))
            return;
        snprintf(path, sizeof(path), "details.external-services.services.%s", NEIGHBOURS[i]);
        int wrong = await(run, &down, &reply) || expect_members(run, &reply, others_stand);
        http_reply_release(&reply);
        if (before != NULL && !wrong) {
            const struct awaited up = {run, "/health", 503, path, "up"};
            snprintf(path, sizeof(path), "details.external-services.services.%s", before);
            (void)await(run, &up, &reply);
            http_reply_release(&reply);
        }
    }
    if (!run_ended(run) && run_restart(run, NEIGHBOURS[NEIGHBOUR_COUNT - 1]) == 0)
        (void)await_status(run, "/health", 200);
}

/* --- H2 -----------------------------------------------------------------------------------------
 */

enum { REPEATED = 20 };

static void hanging_neighbour_blocks_nothing(struct check_run *run)
{
    static const char payment[] = "details.external-services.services.payment-service";
    static const char *const others[][2] = {
        {"details.external-services.services.user-service", "up"},
        {"details.external-services.services.inventory-service", "up"},
        {"details.database.status", "up"},
        {NULL, NULL}};
    struct http_reply reply = {0};
    const struct awaited down = {run, "/health", 503, "error.external-services.status", "down"};
    (void)(order_cluster(run, ORDER_WITH_ALL, NULL) || await_status(run, "/health", 200) ||
           run_kill(run, "payment-service", SIGSTOP) || await(run, &down, &reply) ||
           expect_members(run, &reply, others));
    char *hung = run_json(&reply, payment);
    if (!run_ended(run) && (hung == NULL || strcmp(hung, "up") == 0))
        run_fail(run, "wrong answer", "payment-service unknown or down", "%.600s",
                 text_str(&reply.body));
    free(hung);
    http_reply_release(&reply);

    /* While it hangs each round takes its whole limit; who waits for rounds needs 20 of them. */
    int64_t spent_ms = 0;
    for (int i = 0; i < REPEATED && !run_ended(run); i++) {
        order_get(run, "/health", &reply);
        (void)run_expect_status(run, &reply, 503);
        spent_ms += reply.elapsed_ms;
        http_reply_release(&reply);
    }
    if (!run_ended(run) && spent_ms > REPEATED * 500 / 2)
        run_fail(run, "wrong answer", "/health answers at once from the last round",
                 "%d answers took %lld ms while payment-service hung", REPEATED,
                 (long long)spent_ms);
}

/* --- H3 -----------------------------------------------------------------------------------------
 */

static int lookup_hangs(void *context)
{
    return order_lookups_faulted(context) > 0;
}

/* Starts count POSTs, the first of which hangs in its lookup when this returns. */
static struct order_crowd *start_hanging(struct check_run *run, struct order_call *calls, int count)
{
    for (int i = 0; i < count; i++)
        calls[i] = (struct order_call){.method = "POST", .path = "/orders", .body = ORDER_BODY};
    if (run_fault(run, "user-service", FAULT_HANG, 0) != 0)
        return NULL;
    struct order_crowd *crowd = order_crowd_start(run, calls, count);
    if (crowd != NULL && !run_until(run, ORDER_SETTLE_MS, lookup_hangs, run))
        run_fail(run, "fault not reached", "POST /orders asks user-service for the customer",
                 "user-service was not asked");
    return crowd;
}

static void sigterm_finishes_what_runs(struct check_run *run)
{
    static const char *const notice[] = {"DRAIN_NOTICE_MS=800", NULL};
    struct order_call call = {0};
    struct launch_end end = {0};
    if (order_cluster(run, ORDER_WITH_USERS, notice) != 0 ||
        await_status(run, "/health/readiness", 200) != 0)
        return;
    struct order_crowd *crowd = start_hanging(run, &call, 1);
    if (!run_ended(run))
        (void)(run_kill(run, "order-service", SIGTERM) ||
               await_status(run, "/health/readiness", 503));
    order_crowd_wait(crowd);
    if (!run_ended(run) && run_expect_status(run, &call.reply, 201) == 0) {
        if (cluster_wait(run->cluster, "order-service", ORDER_SETTLE_MS, &end, NULL) != 0)
            run_fail(run, "wrong answer", "the process exits 0 after SIGTERM", "it still runs");
        else if (!end.exited || end.status != 0)
            run_fail(run, "wrong answer", "the process exits 0 after SIGTERM", "%s %d",
                     end.exited ? "exit status" : "signal", end.exited ? end.status : end.signal);
    }
    order_together_release(&call, 1);
}

enum { BUSY = 6 };

static void health_answers_while_workers_are_busy(struct check_run *run)
{
    static const char *const one_worker[] = {"WORKERS=1", NULL};
    struct order_call calls[BUSY] = {{0}};
    if (order_cluster(run, ORDER_WITH_USERS, one_worker) != 0 ||
        await_status(run, "/health/readiness", 200) != 0)
        return;
    struct order_crowd *crowd = start_hanging(run, calls, BUSY);
    if (!run_ended(run) && expect_now(run, "/health/liveness", 200) == 0 &&
        expect_now(run, "/health/readiness", 200) == 0) {
        const int finished = order_crowd_finished(crowd);
        if (finished > BUSY / 2)
            run_fail(run, "wrong answer", "health answers while the only worker is busy",
                     "%d of %d orders were finished before health answered", finished, BUSY);
    }
    /* Nobody needs the rest of the orders. */
    if (!run_ended(run))
        (void)run_kill(run, "order-service", SIGKILL);
    order_crowd_wait(crowd);
    order_together_release(calls, BUSY);
}

const struct check order_health_checks[] = {
    {.id = "liveness_asks_nobody",
     .rule =
         "/health/liveness answers 200 as long as the process can answer, whatever the database "
         "and the neighbours do.",
     .rules = "H1",
     .step = 5,
     .tier = TIER_CLUSTER,
     .points = 1,
     .anchor = "health",
     .hints = {"Whoever asks for liveness restarts what does not answer. Does a restart mend a "
               "neighbour?",
               "ORDER_LIVENESS has no deciding checks and no details: always 200."},
     .run = liveness_asks_nobody},
    {.id = "readiness_needs_only_the_database",
     .rule = "/health/readiness fails without the database and only then: sick neighbours and full "
             "memory are reported and decide nothing.",
     .rules = "H1",
     .step = 5,
     .tier = TIER_CLUSTER,
     .points = 2,
     .anchor = "health",
     .hints = {"If every caller of a sick neighbour became unready, what would be left?",
               "The database decides; external-services stands in details alone.",
               "The database check must touch a table: SELECT 1 never opens the file."},
     .run = readiness_needs_only_the_database},
    {.id = "one_of_three_neighbours_down_is_down",
     .rule = "/health is 503 when one of the three external services is down (70 % of 3, rounded "
             "up, is 3), and still reports every check.",
     .rules = "H1 H2",
     .step = 5,
     .tier = TIER_CLUSTER,
     .points = 1,
     .anchor = "health",
     .hints = {"2 of 3 is 67 %. And 70 % of 3 is 2.1 services: how many is that?",
               "(total * 70 + 99) / 100 rounds up. details has all checks, info those that are up, "
               "error those that are not."},
     .run = one_neighbour_of_three_down},
    {.id = "hanging_neighbour_blocks_nothing",
     .rule = "A neighbour that hangs is unknown after its limit; the others are still reported and "
             "the endpoint answers at once.",
     .rules = "H2",
     .step = 5,
     .tier = TIER_CLUSTER,
     .points = 1,
     .anchor = "health",
     .hints = {"The endpoint shows a verdict. Must it make one?",
               "order_health_refresh runs the round on its own thread; the routes copy the last "
               "results under the lock and never wait."},
     .run = hanging_neighbour_blocks_nothing},
    {.id = "sigterm_finishes_what_runs",
     .rule =
         "After SIGTERM readiness is 503 while requests in flight are finished; then the process "
         "exits 0.",
     .rules = "H3",
     .step = 5,
     .tier = TIER_CLUSTER,
     .points = 2,
     .anchor = "health",
     .hints =
         {"Who must know first that this instance is going away?",
          "service_draining says so; order_health_report then adds \"service\" to \"error\" in "
          "readiness, and only there."},
     .run = sigterm_finishes_what_runs},
    {.id = "health_answers_while_workers_are_busy",
     .rule = "Health answers while every worker is busy.",
     .rules = "H3",
     .step = 5,
     .tier = TIER_CLUSTER,
     .points = 1,
     .anchor = "health",
     .hints = {"What happens to a request whose route needs a worker when there is none?",
               "The three routes only read, so they run inline: HTTP_INLINE in the table."},
     .run = health_answers_while_workers_are_busy},
};
const int order_health_check_count = sizeof(order_health_checks) / sizeof(order_health_checks[0]);
