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
#include "kit/error.h"
#include "suites/01-order/cluster.h"

static const char *const NEIGHBOURS[] = {"user-service", "payment-service", "inventory-service"};
enum { NEIGHBOUR_COUNT = 3 };

/* --- waiting for a verdict ------------------------------------------------------------------- */

/* An answer that is waited for: all of it must stand in one and the same answer. */
struct awaited {
    struct check_run *run;
    struct http_client *client;
    char url[512];
    int status;
    const char *const (*members)[2]; /* paths and values (order_fits), ended by NULL */
    int came;
};

/* 1 when the route answers as awaited, or never will: it is not written. Says nothing in the
   story. */
static int answers(void *context)
{
    struct awaited *awaited = context;
    struct http_reply reply = {0};
    const struct http_call call = {.url = awaited->url, .deadline_ms = ORDER_ASK_MS};
    http_client_call(awaited->client, &call, &reply);
    int fits = reply.status == awaited->status;
    for (int i = 0; fits && awaited->members[i][0] != NULL; i++) {
        char *value = run_json(&reply, awaited->members[i][0]);
        fits = order_fits(value, awaited->members[i][1]);
        free(value);
    }
    awaited->came = fits;
    int unwritten = reply.status == 501;
    http_reply_release(&reply);
    return fits || unwritten;
}

/* Verdicts are those of the last round, and on a busy machine a round may find something unknown
   for once: so every answer is waited for, within a limit that is far away. If it does not come,
   the route is asked once more, and the first thing that is wrong with that answer is reported. */
static int await(struct check_run *run, const char *path, int status,
                 const char *const (*members)[2])
{
    struct awaited awaited = {.run = run, .status = status, .members = members};
    struct http_reply reply = {0};
    if (run_ended(run))
        return 1;
    snprintf(awaited.url, sizeof awaited.url, "%s%s", cluster_url(run->cluster, "order-service"),
             path);
    awaited.client = http_client_open();
    if (awaited.client != NULL) {
        (void)run_until(run, ORDER_SETTLE_MS, answers, &awaited);
        http_client_close(awaited.client);
    }
    order_get(run, path, &reply);
    int wrong = awaited.came ? 0 : run_expect_status(run, &reply, status);
    for (int i = 0; !awaited.came && !wrong && members[i][0] != NULL; i++)
        wrong = order_expect_member(run, &reply, members[i][0], members[i][1]);
    http_reply_release(&reply);
    return wrong;
}

static int await_status(struct check_run *run, const char *path, int status)
{
    static const char *const nothing_else[][2] = {{NULL, NULL}};
    return await(run, path, status, nothing_else);
}

static int expect_now(struct check_run *run, const char *path, int status)
{
    struct http_reply reply = {0};
    order_get(run, path, &reply);
    const int wrong = run_expect_status(run, &reply, status);
    http_reply_release(&reply);
    return wrong;
}

/* --- faults ---------------------------------------------------------------------------------- */

enum { SHM_LOCKS_AT = 120, SHM_LOCKS = 8 };

struct file_lock {
    int fd;
};

static int take_locks(void *context)
{
    const struct file_lock *lock = context;
    struct flock locks = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = SHM_LOCKS_AT, .l_len = SHM_LOCKS};
    return fcntl(lock->fd, F_SETLK, &locks) == 0;
}

/* Makes order-service's database hang until unlock_database. */
static int lock_database(struct check_run *run, struct file_lock *lock)
{
    char path[600];
    snprintf(path, sizeof path, "%s/order-service.db-shm",
             cluster_dir(run->cluster, "order-service"));
    lock->fd = open(path, O_RDWR | O_CLOEXEC);
    if (lock->fd < 0)
        return run_error(run, "cannot open %s: %s", path, strerror(errno));
    if (!run_until(run, ORDER_SETTLE_MS, take_locks, lock))
        return run_error(run, "cannot lock %s", path);
    run_story(run, run_story_ms(run), STORY_FAULT, "order-service", NULL, "its database hangs");
    return 0;
}

static void unlock_database(struct file_lock *lock)
{
    if (lock->fd >= 0)
        close(lock->fd);
    lock->fd = -1;
}

/* --- H1 -------------------------------------------------------------------------------------- */

static int kill_all_neighbours(struct check_run *run)
{
    for (int i = 0; i < NEIGHBOUR_COUNT; i++)
        if (run_kill(run, NEIGHBOURS[i], SIGKILL) != 0)
            return 1;
    return 0;
}

static void liveness_asks_nobody(struct check_run *run)
{
    static const char *const all_gone[][2] = {
        {"error.external-services.status", "!up"}, {"error.database.status", "!up"}, {NULL, NULL}};
    struct file_lock lock = {-1};
    /* The control: all that could be asked are seen to be gone. */
    (void)(order_cluster(run, ORDER_WITH_ALL, NULL) || await_status(run, "/health", 200) ||
           lock_database(run, &lock) || kill_all_neighbours(run) ||
           await(run, "/health", 503, all_gone) || expect_now(run, "/health/liveness", 200) ||
           expect_now(run, "/health/liveness", 200));
    unlock_database(&lock);
}

static void readiness_needs_only_the_database(struct check_run *run)
{
    static const char *const tiny[] = {"MEMORY_LIMIT_BYTES=1", NULL};
    /* Not memory_heap: under the sanitizers the C library counts no heap. */
    static const char *const unhealthy[][2] = {
        {"error.memory_rss.status", "!up"},
        {"error.external-services.status", "!up"},
        {"details.external-services.services.inventory-service", "!up"},
        {NULL, NULL}};
    static const char *const ready[][2] = {{"status", "ok"},
                                           {"info.database.status", "up"},
                                           {"details.database.status", "up"},
                                           {"details.external-services.status", "!up"},
                                           {NULL, NULL}};
    static const char *const unready[][2] = {
        {"status", "error"}, {"error.database.status", "!up"}, {NULL, NULL}};
    struct file_lock lock = {-1};
    (void)(order_cluster(run, ORDER_WITH_ALL, tiny) || kill_all_neighbours(run) ||
           await(run, "/health", 503, unhealthy) || await(run, "/health/readiness", 200, ready) ||
           lock_database(run, &lock) || await(run, "/health/readiness", 503, unready));
    unlock_database(&lock);
    (void)(run_ended(run) || await(run, "/health/readiness", 200, ready));
}

/* One neighbour is down, the one before it is up again, and everything else stands. */
static int await_down(struct check_run *run, const char *down, const char *before)
{
    char down_path[96], before_path[96];
    const char *const members[][2] = {{down_path, "!up"},
                                      {before_path, "up"},
                                      {"status", "error"},
                                      {"info.database.status", "up"},
                                      {"info.memory_heap.status", "up"},
                                      {"info.memory_rss.status", "up"},
                                      {"details.database.status", "up"},
                                      {"details.memory_heap.status", "up"},
                                      {"details.memory_rss.status", "up"},
                                      {"details.external-services.status", "!up"},
                                      {"error.external-services.status", "!up"},
                                      {NULL, NULL}};
    snprintf(down_path, sizeof down_path, "details.external-services.services.%s", down);
    snprintf(before_path, sizeof before_path, "details.external-services.services.%s", before);
    return await(run, "/health", 503, members);
}

static void one_neighbour_of_three_down(struct check_run *run)
{
    const char *before = NEIGHBOURS[NEIGHBOUR_COUNT - 1];
    int wrong = order_cluster(run, ORDER_WITH_ALL, NULL) || await_status(run, "/health", 200);
    for (int i = 0; i < NEIGHBOUR_COUNT && !wrong; before = NEIGHBOURS[i++])
        wrong = run_kill(run, NEIGHBOURS[i], SIGKILL) || (i > 0 && run_restart(run, before)) ||
                await_down(run, NEIGHBOURS[i], before);
    (void)(wrong || run_restart(run, before) || await_status(run, "/health", 200));
}

/* --- H2 -------------------------------------------------------------------------------------- */

enum { REPEATED = 20, SLOW_MS = 250, SLOW_MAX = REPEATED / 4 };

static void hanging_neighbour_blocks_nothing(struct check_run *run)
{
    static const char *const one_hangs[][2] = {
        {"error.external-services.status", "!up"},
        {"details.external-services.services.payment-service", "!up"},
        {"details.external-services.services.user-service", "up"},
        {"details.external-services.services.inventory-service", "up"},
        {"details.database.status", "up"},
        {NULL, NULL}};
    (void)(order_cluster(run, ORDER_WITH_ALL, NULL) || await_status(run, "/health", 200) ||
           run_kill(run, "payment-service", SIGSTOP) || await(run, "/health", 503, one_hangs));

    /* While it hangs a round takes its whole limit, 500 ms. Who waits for rounds is slow more often
       than not (it may meet a check that hangs already); a busy machine, for once. */
    int slow = 0;
    for (int i = 0; i < REPEATED && !run_ended(run); i++) {
        struct http_reply reply = {0};
        order_get(run, "/health", &reply);
        (void)run_expect_status(run, &reply, 503);
        slow += reply.elapsed_ms >= SLOW_MS;
        http_reply_release(&reply);
    }
    if (!run_ended(run) && slow > SLOW_MAX)
        run_fail(run, "wrong answer", "/health answers at once from the last round",
                 "%d of %d answers took %d ms or more while payment-service hung", slow, REPEATED,
                 SLOW_MS);
}

/* --- H3 -------------------------------------------------------------------------------------- */

struct hanging {
    struct check_run *run;
    const struct order_crowd *crowd;
    int count;
};

/* An answer that came without asking user-service ends the wait too. */
static int hangs_or_is_answered(void *context)
{
    const struct hanging *hanging = context;
    return order_lookups_faulted(hanging->run) > 0 ||
           order_crowd_finished(hanging->crowd) == hanging->count;
}

/* Starts count POSTs, the first of which hangs in its lookup when this returns. */
static struct order_crowd *start_hanging(struct check_run *run, struct order_call *calls, int count)
{
    for (int i = 0; i < count; i++)
        calls[i] = (struct order_call){.method = "POST", .path = "/orders", .body = ORDER_BODY};
    if (run_fault(run, "user-service", FAULT_HANG, 0) != 0)
        return NULL;
    struct order_crowd *crowd = order_crowd_start(run, calls, count);
    if (crowd == NULL)
        return NULL;
    struct hanging hanging = {run, crowd, count};
    int seen = run_until(run, ORDER_SETTLE_MS, hangs_or_is_answered, &hanging);
    if (seen && order_lookups_faulted(run) == 0)
        (void)run_expect_status(run, &calls[0].reply, 201);
    if (!run_ended(run) && order_lookups_faulted(run) == 0)
        run_fail(run, "fault not reached", "POST /orders asks user-service for the customer",
                 "user-service was not asked");
    return crowd;
}

static void sigterm_finishes_what_runs(struct check_run *run)
{
    static const char *const notice[] = {"DRAIN_NOTICE_MS=600", NULL};
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
    struct order_call calls[BUSY] = {0};
    if (order_cluster(run, ORDER_WITH_USERS, one_worker) != 0 ||
        await_status(run, "/health/readiness", 200) != 0)
        return;
    struct order_crowd *crowd = start_hanging(run, calls, BUSY);
    if (!run_ended(run) && expect_now(run, "/health/liveness", 200) == 0 &&
        await_status(run, "/health/readiness", 200) == 0) {
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
     .hints = {"Whoever asks for liveness restarts what does not answer. Does a restart cure a "
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
               "The database decides; external-services appears in details alone.",
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
    {0},
};
