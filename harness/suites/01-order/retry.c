/*
 * Lab 01, step 3, A3 to A5: asking twice, asking with an old version, and kill -9.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "suites/01-order/cluster.h"

static const char *const KEY[] = {"Idempotency-Key: order-7f3a", NULL};
static const char OTHER_BODY[] =
    "{\"customerId\":\"user-123\",\"items\":[{\"productId\":\"prod-1\",\"quantity\":3,"
    "\"unitPrice\":19.9}]}";
static const char NOBODY[] =
    "{\"customerId\":\"nobody\",\"items\":[{\"productId\":\"prod-1\",\"quantity\":3,"
    "\"unitPrice\":19.9}]}";

/* --- A3 -------------------------------------------------------------------------------------- */

/* Posts ORDER_BODY under KEY and expects the first answer again. */
static int expect_replay(struct check_run *run, const struct http_reply *first)
{
    struct http_reply again = {0};
    char location[160] = "";
    http_reply_header(first, "Location", location, sizeof location);
    order_post(run, KEY, ORDER_BODY, &again);
    const int wrong = run_expect_status(run, &again, 201) ||
                      run_expect_header(run, &again, "Location", location) ||
                      order_expect_same(run, "the first answer", &first->body, &again.body);
    http_reply_release(&again);
    return wrong;
}

static void same_key_replays(struct check_run *run)
{
    struct http_reply first = {0};
    if (order_cluster(run, ORDER_WITH_USERS, NULL) != 0)
        return;
    order_post(run, KEY, ORDER_BODY, &first);
    if (run_expect_status(run, &first, 201) == 0 && expect_replay(run, &first) == 0 &&
        order_expect_count(run, ORDER_CUSTOMER, 1) == 0) {
        /* What happened to the order since does not change what was answered. */
        struct http_reply changed = {0};
        char *id = run_json(&first, "id");
        order_patch(run, id != NULL ? id : "", "CONFIRMED", NULL, &changed);
        (void)(run_expect_status(run, &changed, 200) || expect_replay(run, &first) ||
               order_expect_stored(run, id != NULL ? id : "", "CONFIRMED"));
        http_reply_release(&changed);
        free(id);
    }
    /* The control: without a key the same body is another order. */
    if (!run_ended(run)) {
        free(order_placed(run));
        if (!run_ended(run))
            (void)order_expect_count(run, ORDER_CUSTOMER, 2);
    }
    http_reply_release(&first);
}

static void other_body_is_422(struct check_run *run)
{
    struct http_reply first = {0}, other = {0};
    if (order_cluster(run, ORDER_WITH_USERS, NULL) != 0)
        return;
    order_post(run, KEY, ORDER_BODY, &first);
    order_post(run, KEY, OTHER_BODY, &other);
    (void)(run_expect_status(run, &first, 201) ||
           order_expect_field(run, &other, "Idempotency-Key") ||
           order_expect_count(run, ORDER_CUSTOMER, 1) || expect_replay(run, &first));
    http_reply_release(&first);
    http_reply_release(&other);
}

enum { AT_ONCE = 6, GATHER_MS = 1000 };

static int all_looked_up(void *context)
{
    const struct check_run *run = context;
    struct peer_counts counts = {0};
    return cluster_counts(run->cluster, "user-service", &counts, NULL) == 0 &&
           counts.requests >= AT_ONCE;
}

/* Nobody can write until all requests have come as far as they can without it. How far that is is
   the service's own business: it may as well let one of them go first. */
static int gather_at_the_write(struct check_run *run, struct order_call *calls)
{
    struct db *lock = NULL;
    int wrong = order_hold_writes(run, "order-service.db", &lock);
    struct order_crowd *crowd = wrong ? NULL : order_crowd_start(run, calls, AT_ONCE);
    if (!wrong && !run_until(run, GATHER_MS, all_looked_up, run))
        run_story(run, run_story_ms(run), STORY_NOTE, "judge", NULL, "not all were looked up");
    if (!wrong)
        wrong = order_expect_count(run, ORDER_CUSTOMER, 0);
    if (lock != NULL)
        db_close(lock);
    order_crowd_wait(crowd);
    return wrong;
}

static void one_key_at_once(struct check_run *run)
{
    struct order_call calls[AT_ONCE];
    for (int i = 0; i < AT_ONCE; i++)
        calls[i] = (struct order_call){
            .method = "POST", .path = "/orders", .body = ORDER_BODY, .headers = KEY};
    int wrong = order_cluster(run, ORDER_WITH_USERS, NULL) || gather_at_the_write(run, calls);
    for (int i = 0; i < AT_ONCE && !wrong; i++)
        wrong = run_expect_status(run, &calls[i].reply, 201) ||
                order_expect_same(run, "one answer for all of them", &calls[0].reply.body,
                                  &calls[i].reply.body);
    if (!wrong)
        (void)order_expect_count(run, ORDER_CUSTOMER, 1);
    order_together_release(calls, AT_ONCE);
}

static void key_outlives_a_restart(struct check_run *run)
{
    struct http_reply first = {0};
    if (order_cluster(run, ORDER_WITH_USERS, NULL) != 0)
        return;
    order_post(run, KEY, ORDER_BODY, &first);
    (void)(run_expect_status(run, &first, 201) || run_kill(run, "order-service", SIGKILL) ||
           run_restart(run, "order-service") || expect_replay(run, &first) ||
           order_expect_count(run, ORDER_CUSTOMER, 1));
    http_reply_release(&first);
}

static void only_201_and_422_are_stored(struct check_run *run)
{
    struct http_reply broken = {0}, refused = {0}, again = {0}, honest = {0};
    static const char *const second[] = {"Idempotency-Key: order-7f3b", NULL};
    if (order_cluster(run, ORDER_WITH_USERS, NULL) != 0)
        return;
    order_post(run, KEY, "{", &broken);
    order_post(run, KEY, ORDER_BODY, &honest);
    order_post(run, second, NOBODY, &refused);
    int wrong = run_expect_problem(run, &broken, 400) || run_expect_status(run, &honest, 201) ||
                order_expect_field(run, &refused, "customerId");
    /* Now the lookup fails, and nobody would pass with the fallback: only a stored 422 is 422. */
    if (!wrong && run_fault(run, "user-service", FAULT_STATUS, 503) == 0) {
        const int64_t before = order_lookups_faulted(run);
        free(order_placed(run));
        order_post(run, second, NOBODY, &again);
        (void)(run_ended(run) || order_expect_lookup(run, before) ||
               run_expect_problem(run, &again, 422) ||
               order_expect_same(run, "the stored refusal", &refused.body, &again.body));
    }
    http_reply_release(&broken);
    http_reply_release(&refused);
    http_reply_release(&again);
    http_reply_release(&honest);
}

static void key_is_visible_ascii(struct check_run *run)
{
    char longest[300], too_long[300];
    snprintf(longest, sizeof longest, "Idempotency-Key: %0255d", 7);
    snprintf(too_long, sizeof too_long, "Idempotency-Key: %0256d", 7);
    const struct {
        const char *header;
        int status;
    } keys[] = {
        {longest, 201},
        {"Idempotency-Key: !~", 201},
        {too_long, 400},
        {"Idempotency-Key: two words", 400},
        {"Idempotency-Key: caf\xc3\xa9", 400},
    };
    if (order_cluster(run, ORDER_WITH_USERS, NULL) != 0)
        return;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0] && !run_ended(run); i++) {
        const char *const headers[] = {keys[i].header, NULL};
        struct http_reply reply = {0};
        order_post(run, headers, ORDER_BODY, &reply);
        (void)(keys[i].status == 201 ? run_expect_status(run, &reply, 201)
                                     : run_expect_problem(run, &reply, keys[i].status));
        http_reply_release(&reply);
    }
}

/* --- A4 -------------------------------------------------------------------------------------- */

static void stale_if_match_is_412(struct check_run *run)
{
    /* In turn on one order: the tag sent, the status asked for, the answer, the tag afterwards. */
    static const struct {
        const char *match, *ask;
        int status;
        const char *etag, *remains;
    } steps[] = {
        {"\"1\"", "CONFIRMED", 200, "\"2\"", "CONFIRMED"},
        {"\"1\"", "SHIPPED", 412, "\"2\"", "CONFIRMED"},
        {"\"3\"", "SHIPPED", 412, "\"2\"", "CONFIRMED"},
        {"2", "SHIPPED", 412, "\"2\"", "CONFIRMED"},
        {"W/\"2\"", "SHIPPED", 412, "\"2\"", "CONFIRMED"},
        {"*", "SHIPPED", 200, "\"3\"", "SHIPPED"},
        {"\"3\"", "DELIVERED", 200, "\"4\"", "DELIVERED"},
    };
    if (order_cluster(run, ORDER_WITH_USERS, NULL) != 0)
        return;
    struct http_reply posted = {0};
    order_post(run, NULL, ORDER_BODY, &posted);
    char *id = run_expect_status(run, &posted, 201) == 0 &&
                       run_expect_header(run, &posted, "ETag", "\"1\"") == 0
                   ? run_json(&posted, "id")
                   : NULL;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && id != NULL && !run_ended(run); i++) {
        struct http_reply reply = {0}, got = {0};
        char path[128];
        snprintf(path, sizeof path, "/orders/%s", id);
        order_patch(run, id, steps[i].ask, steps[i].match, &reply);
        const int wrong = steps[i].status == 200
                              ? run_expect_status(run, &reply, 200) ||
                                    run_expect_header(run, &reply, "ETag", steps[i].etag)
                              : run_expect_problem(run, &reply, 412);
        if (!wrong) {
            order_get(run, path, &got);
            (void)(run_expect_header(run, &got, "ETag", steps[i].etag) ||
                   run_expect_json(run, &got, "status", steps[i].remains));
        }
        http_reply_release(&reply);
        http_reply_release(&got);
    }
    free(id);
    http_reply_release(&posted);
}

/* --- A5 -------------------------------------------------------------------------------------- */

enum { KILLS = 3, BEFORE_A_KILL = 8 };

/* Several orders at once, kill -9 as soon as the last is acknowledged: every one must be there. */
static int kill_round(struct check_run *run)
{
    struct order_call calls[BEFORE_A_KILL];
    for (int i = 0; i < BEFORE_A_KILL; i++)
        calls[i] = (struct order_call){.method = "POST", .path = "/orders", .body = ORDER_BODY};
    int wrong = order_together(run, calls, BEFORE_A_KILL) ||
                run_kill(run, "order-service", SIGKILL) || run_restart(run, "order-service");
    for (int i = 0; i < BEFORE_A_KILL && !wrong; i++) {
        struct http_reply got = {0};
        char location[160] = "";
        wrong = run_expect_status(run, &calls[i].reply, 201);
        http_reply_header(&calls[i].reply, "Location", location, sizeof location);
        if (!wrong) {
            order_get(run, location, &got);
            wrong = run_expect_status(run, &got, 200) ||
                    order_expect_same(run, "the order as it was acknowledged", &calls[i].reply.body,
                                      &got.body);
        }
        http_reply_release(&got);
    }
    order_together_release(calls, BEFORE_A_KILL);
    return wrong;
}

static void acknowledged_survives_kill(struct check_run *run)
{
    if (order_cluster(run, ORDER_WITH_USERS, NULL) != 0)
        return;
    for (int i = 1; i <= KILLS; i++)
        if (kill_round(run) != 0 || order_expect_count(run, ORDER_CUSTOMER, i * BEFORE_A_KILL) != 0)
            return;
}

const struct check order_retry_checks[] = {
    {.id = "same_key_and_body_replay_the_first_answer",
     .rule = "POST with a known Idempotency-Key and the same body gives the first answer again and "
             "makes no second order.",
     .rules = "A3",
     .step = 3,
     .tier = TIER_CLUSTER,
     .points = 1,
     .anchor = "asking-twice",
     .hints = {"The first answer, not the order as it is now: what must be kept for that?",
               "Keep status, order id and body under the key, in the transaction that stores the "
               "event; Location belongs to the answer too."},
     .run = same_key_replays},
    {.id = "key_with_another_body_is_422",
     .rule = "A known Idempotency-Key with another body is 422; the stored answer stays.",
     .rules = "A3",
     .step = 3,
     .tier = TIER_CLUSTER,
     .points = 1,
     .anchor = "asking-twice",
     .hints = {"How would you notice that the body is a different one, without keeping it?",
               "Compare the SHA-256 of the body's bytes; ERR_EXISTS from order_place becomes 422, "
               "field \"Idempotency-Key\"."},
     .run = other_body_is_422},
    {.id = "requests_at_once_with_one_key_make_one_order",
     .rule = "Requests with the same key that arrive at once make one order and get one answer.",
     .rules = "A3",
     .step = 3,
     .tier = TIER_CLUSTER,
     .points = 2,
     .anchor = "asking-twice",
     .hints = {"Between looking for the key and writing it, another request may do the same.",
               "Look and write in one store_write: writes run one after the other.",
               "A key that is found there turns the call into a replay: return the stored answer."},
     .run = one_key_at_once},
    {.id = "key_is_remembered_after_a_restart",
     .rule = "A key and its answer outlive the process.",
     .rules = "A3 A5",
     .step = 3,
     .tier = TIER_CLUSTER,
     .points = 1,
     .anchor = "asking-twice",
     .hints = {"Where do the keys live: in memory, or beside the orders?",
               "Insert into order_keys in the same transaction as the event; a crash then leaves "
               "both or none."},
     .run = key_outlives_a_restart},
    {.id = "only_201_and_422_are_stored",
     .rule = "Only the answers 201 and 422 are remembered under a key; a 400 leaves it free.",
     .rules = "A3",
     .step = 3,
     .tier = TIER_CLUSTER,
     .points = 1,
     .anchor = "asking-twice",
     .hints = {"Which refusals would be the same tomorrow, and which not?",
               "A 422 goes through order_place like a 201, without an order; 400 and 503 never get "
               "there."},
     .run = only_201_and_422_are_stored},
    {.id = "key_is_1_to_255_visible_ascii",
     .rule = "An Idempotency-Key is 1 to 255 characters from 0x21 to 0x7e; any other is 400.",
     .rules = "A3",
     .step = 3,
     .tier = TIER_CLUSTER,
     .points = 1,
     .anchor = "asking-twice",
     .hints = {"A space is not visible, and an accented letter is not ASCII.",
               "Check each byte against 0x21 and 0x7e and the length against "
               "ORDER_REQUEST_KEY_MAX, before the body is parsed."},
     .run = key_is_visible_ascii},
    {.id = "stale_if_match_is_412",
     .rule = "ETag is the order's version; a PATCH whose If-Match names another version is 412 and "
             "changes nothing.",
     .rules = "A4",
     .step = 3,
     .tier = TIER_CLUSTER,
     .points = 1,
     .anchor = "versions-on-the-wire",
     .hints = {"Two people look at version 1 and both decide. Who must hear of it?",
               "ETag is \"1\" with its quotes; pass the version of If-Match to order_change.",
               "\"*\" fits any version; anything that is not exactly one of our tags fits none."},
     .run = stale_if_match_is_412},
    {.id = "acknowledged_orders_survive_kill_9",
     .rule = "Killed with kill -9 right after a 201, the service has the order after its restart.",
     .rules = "A5",
     .step = 3,
     .tier = TIER_CLUSTER,
     .points = 1,
     .anchor = "asking-twice",
     .hints = {"When may 201 be said?",
               "After store_write has returned 0: then the transaction is committed and synced."},
     .run = acknowledged_survives_kill},
    {0},
};
