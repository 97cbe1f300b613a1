/*
 * Lab 01, step 3, A1 and A2: orders on HTTP, and how wrong requests are refused.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kit/limits.h"
#include "suites/01-order/cluster.h"

/* --- A1 -------------------------------------------------------------------------------------- */

/* The members of ORDER_BODY's order; totals are the service's own. */
static int expect_order(struct check_run *run, const struct http_reply *reply)
{
    static const char *const members[][2] = {
        {"customerId", ORDER_CUSTOMER},   {"status", "PENDING"},
        {"totalAmount", "59.80"},         {"items[0].productId", "prod-1"},
        {"items[0].productName", "Pen"},  {"items[0].quantity", "2"},
        {"items[0].unitPrice", "19.90"},  {"items[0].totalPrice", "39.80"},
        {"items[1].productId", "prod-2"}, {"items[1].productName", ""},
        {"items[1].quantity", "4"},       {"items[1].unitPrice", "5"},
        {"items[1].totalPrice", "20"},
    };
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        if (run_expect_json(run, reply, members[i][0], members[i][1]) != 0)
            return 1;
    return 0;
}

static void post_answers_201(struct check_run *run)
{
    struct http_reply reply = {0};
    char location[128];
    if (order_cluster(run, ORDER_WITH_USERS, NULL) != 0)
        return;
    order_post(run, NULL, ORDER_BODY, &reply);
    if (run_expect_status(run, &reply, 201) == 0 && expect_order(run, &reply) == 0) {
        char *id = run_json(&reply, "id");
        char *created = run_json(&reply, "createdAt");
        snprintf(location, sizeof location, "/orders/%s", id != NULL ? id : "{id}");
        (void)(run_expect_header(run, &reply, "Location", location) ||
               run_expect_json(run, &reply, "updatedAt", created != NULL ? created : "createdAt"));
        free(created);
        free(id);
    }
    http_reply_release(&reply);
}

static void get_answers_the_order(struct check_run *run)
{
    struct http_reply posted = {0}, got = {0}, unknown = {0};
    char path[128];
    if (order_cluster(run, ORDER_WITH_USERS, NULL) != 0)
        return;
    order_post(run, NULL, ORDER_BODY, &posted);
    char *id = run_expect_status(run, &posted, 201) == 0 ? run_json(&posted, "id") : NULL;
    if (id != NULL) {
        snprintf(path, sizeof path, "/orders/%s", id);
        order_get(run, path, &got);
        order_get(run, "/orders/019302d4-0000-7000-8000-000000000000", &unknown);
        (void)(run_expect_status(run, &got, 200) ||
               order_expect_same(run, "the order as POST answered it", &posted.body, &got.body) ||
               run_expect_problem(run, &unknown, 404));
    }
    free(id);
    http_reply_release(&posted);
    http_reply_release(&got);
    http_reply_release(&unknown);
}

static void patch_walks_to_delivered(struct check_run *run)
{
    static const char *const statuses[] = {"CONFIRMED", "SHIPPED", "DELIVERED"};
    if (order_cluster(run, ORDER_WITH_USERS, NULL) != 0)
        return;
    char *id = order_placed(run);
    for (int i = 0; i < 3 && id != NULL && !run_ended(run); i++) {
        struct http_reply reply = {0};
        order_patch(run, id, statuses[i], NULL, &reply);
        (void)(run_expect_status(run, &reply, 200) || run_expect_json(run, &reply, "id", id) ||
               run_expect_json(run, &reply, "status", statuses[i]) ||
               order_expect_stored(run, id, statuses[i]));
        http_reply_release(&reply);
    }
    free(id);
}

static void illegal_transition_is_409(struct check_run *run)
{
    /* Each in turn on one order: the status asked for, the answer, the status that remains. */
    static const struct {
        const char *ask;
        int status;
        const char *remains;
    } steps[] = {
        {"SHIPPED", 409, "PENDING"},     {"DELIVERED", 409, "PENDING"},
        {"PENDING", 409, "PENDING"},     {"CONFIRMED", 200, "CONFIRMED"},
        {"CONFIRMED", 409, "CONFIRMED"}, {"PENDING", 409, "CONFIRMED"},
        {"CANCELLED", 200, "CANCELLED"}, {"SHIPPED", 409, "CANCELLED"},
        {"CANCELLED", 409, "CANCELLED"},
    };
    if (order_cluster(run, ORDER_WITH_USERS, NULL) != 0)
        return;
    char *id = order_placed(run);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && id != NULL && !run_ended(run); i++) {
        struct http_reply reply = {0};
        order_patch(run, id, steps[i].ask, NULL, &reply);
        (void)((steps[i].status == 200 ? run_expect_status(run, &reply, 200)
                                       : run_expect_problem(run, &reply, steps[i].status)) ||
               order_expect_stored(run, id, steps[i].remains));
        http_reply_release(&reply);
    }
    free(id);
}

static void unknown_status_is_422(struct check_run *run)
{
    static const char *const bodies[] = {"{\"status\":\"confirmed\"}", "{\"status\":\"PAID\"}",
                                         "{\"status\":\"\"}", "{\"status\":7}", "{}"};
    char path[128];
    if (order_cluster(run, ORDER_WITH_USERS, NULL) != 0)
        return;
    char *id = order_placed(run);
    snprintf(path, sizeof path, "/orders/%s/status", id != NULL ? id : "");
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0] && id != NULL && !run_ended(run); i++) {
        struct http_reply reply = {0};
        run_http(run, "order-service", "PATCH", path, NULL, bodies[i], ORDER_ASK_MS, &reply);
        (void)order_expect_field(run, &reply, "status");
        http_reply_release(&reply);
    }
    if (id != NULL && !run_ended(run))
        (void)order_expect_stored(run, id, "PENDING");
    free(id);
}

/* --- A2 -------------------------------------------------------------------------------------- */

/* A body of more than HTTP_BODY_MAX bytes: an open string, so not JSON either. The caller frees. */
static char *oversized_body(void)
{
    char *body = malloc(HTTP_BODY_MAX + 2);
    if (body != NULL) {
        memset(body, 'x', HTTP_BODY_MAX + 1);
        body[0] = '"';
        body[HTTP_BODY_MAX + 1] = '\0';
    }
    return body;
}

static const char *const AS_TEXT[] = {"Content-Type: text/plain", NULL};

static void errors_are_problems(struct check_run *run)
{
    char *oversized = oversized_body();
    const struct {
        const char *method, *path, *const *headers, *body;
        int status;
        const char *allow; /* a method that Allow must name; NULL = no Allow asked for */
    } requests[] = {
        {"POST", "/orders", NULL, "{\"customerId\":", 400, NULL},
        {"POST", "/orders", NULL, "customerId=user-123", 400, NULL},
        {"POST", "/orders", NULL, oversized, 413, NULL},
        {"POST", "/orders", AS_TEXT, ORDER_BODY, 415, NULL},
        {"PATCH", "/orders", NULL, ORDER_BODY, 405, "POST"},
        {"DELETE", "/orders/x", NULL, NULL, 405, "GET"},
        {"GET", "/orders/x/status", NULL, NULL, 405, "PATCH"},
        {"GET", "/orders/x", NULL, NULL, 404, NULL},
    };
    if (oversized == NULL || order_cluster(run, ORDER_WITH_USERS, NULL) != 0) {
        free(oversized);
        return;
    }
    for (size_t i = 0; i < sizeof requests / sizeof requests[0] && !run_ended(run); i++) {
        struct http_reply reply = {0};
        char allow[128] = "";
        run_http(run, "order-service", requests[i].method, requests[i].path, requests[i].headers,
                 requests[i].body, ORDER_ASK_MS, &reply);
        if (run_expect_problem(run, &reply, requests[i].status) == 0 && requests[i].allow != NULL) {
            http_reply_header(&reply, "Allow", allow, sizeof allow);
            if (strstr(allow, requests[i].allow) == NULL)
                run_fail(run, "wrong answer", "405 with an Allow header that names the methods",
                         "Allow: %s", allow);
        }
        http_reply_release(&reply);
    }
    free(oversized);
}

#define ONE_ITEM(rest) "{\"customerId\":\"user-123\",\"items\":[{" rest "}]}"

static void wrong_fields_are_named(struct check_run *run)
{
    static const struct {
        const char *body;
        const char *fields[3];
    } posts[] = {
        {"{}", {"customerId", "items"}},
        {"{\"customerId\":\"\",\"items\":[]}", {"customerId", "items"}},
        {"{\"customerId\":7,\"items\":{}}", {"customerId", "items"}},
        {ONE_ITEM("\"productId\":\"p\",\"quantity\":0,\"unitPrice\":-1"),
         {"items[0].quantity", "items[0].unitPrice"}},
        {ONE_ITEM("\"productId\":\"\",\"quantity\":1.5,\"unitPrice\":10.001"),
         {"items[0].productId", "items[0].quantity", "items[0].unitPrice"}},
        {ONE_ITEM("\"productId\":\"p\",\"quantity\":1,\"unitPrice\":1},{\"productId\":\"q\""),
         {"items[1].quantity", "items[1].unitPrice"}},
        {ONE_ITEM("\"productId\":\"p\",\"quantity\":2,\"unitPrice\":60000000"), {"items"}},
    };
    static const char *const lists[][2] = {{"/orders", "customerId"},
                                           {"/orders?customerId=user-123&limit=0", "limit"},
                                           {"/orders?customerId=user-123&limit=101", "limit"},
                                           {"/orders?customerId=user-123&limit=ten", "limit"},
                                           {"/orders?customerId=user-123&cursor=none", "cursor"}};
    if (order_cluster(run, ORDER_WITH_USERS, NULL) != 0)
        return;
    for (size_t i = 0; i < sizeof posts / sizeof posts[0] && !run_ended(run); i++) {
        struct http_reply reply = {0};
        order_post(run, NULL, posts[i].body, &reply);
        for (int field = 0; field < 3 && posts[i].fields[field] != NULL && !run_ended(run); field++)
            (void)order_expect_field(run, &reply, posts[i].fields[field]);
        http_reply_release(&reply);
    }
    for (size_t i = 0; i < sizeof lists / sizeof lists[0] && !run_ended(run); i++) {
        struct http_reply reply = {0};
        order_get(run, lists[i][0], &reply);
        (void)order_expect_field(run, &reply, lists[i][1]);
        http_reply_release(&reply);
    }
}

static void refusals_come_in_order(struct check_run *run)
{
    static const char *const stale[] = {"If-Match: \"77\"", NULL};
    static const char known[] = "/orders/%s/status", unknown[] = "/orders/none/status";
    char *oversized = oversized_body(), *id = NULL;
    const struct {
        const char *path, *const *headers, *body;
        int status;
        const char *also; /* the later refusal that fits as well */
    } patches[] = {
        {unknown, AS_TEXT, oversized, 415, "too large (413)"},
        {unknown, NULL, oversized, 413, "not JSON (400)"},
        {unknown, NULL, "{", 400, "an unknown order (404)"},
        {unknown, NULL, "{\"status\":\"PAID\"}", 404, "an unknown status (422)"},
        {known, stale, "{\"status\":\"PAID\"}", 422, "a stale If-Match (412)"},
        {known, stale, "{\"status\":\"SHIPPED\"}", 412, "an illegal transition (409)"},
        {known, NULL, "{\"status\":\"SHIPPED\"}", 409, "nothing else"},
    };
    if (oversized == NULL || order_cluster(run, ORDER_WITH_USERS, NULL) != 0 ||
        (id = order_placed(run)) == NULL) {
        free(oversized);
        return;
    }
    for (size_t i = 0; i < sizeof patches / sizeof patches[0] && !run_ended(run); i++) {
        struct http_reply reply = {0};
        char path[128];
        if (patches[i].path == known)
            snprintf(path, sizeof path, "/orders/%s/status", id);
        else
            snprintf(path, sizeof path, "%s", unknown);
        run_story(run, run_story_ms(run), STORY_NOTE, "judge", NULL, "%d is right; it is also %s",
                  patches[i].status, patches[i].also);
        run_http(run, "order-service", "PATCH", path, patches[i].headers, patches[i].body,
                 ORDER_ASK_MS, &reply);
        (void)run_expect_problem(run, &reply, patches[i].status);
        http_reply_release(&reply);
    }
    free(id);
    free(oversized);
}

#define DEEP "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["

static void hostile_bodies_change_nothing(struct check_run *run)
{
    static const struct {
        const char *body;
        int status;
    } hostile[] = {
        {"", 400},
        {"\xff\xfe", 400},
        {DEEP DEEP DEEP DEEP, 400},
        {"{\"customerId\":\"user-123\",\"customerId\":\"user-123\",\"items\":[]}", 400},
        {"{\"customerId\":\"a\\u0000b\",\"items\":[]}", 400},
        {ONE_ITEM("\"productId\":\"p\",\"quantity\":01,\"unitPrice\":1"), 400},
        {ONE_ITEM("\"productId\":\"p\",\"quantity\":1,\"unitPrice\":1") "}", 400},
        {"null", 422},
        {"[1,2]", 422},
        {"\"user-123\"", 422},
        {"{\"customerId\":\"user-123\",\"items\":[null,7,\"x\",[]]}", 422},
        {ONE_ITEM("\"productId\":\"p\",\"quantity\":\"1\",\"unitPrice\":1"), 422},
        {ONE_ITEM("\"productId\":\"p\",\"quantity\":-9223372036854775808,\"unitPrice\":1"), 422},
        {ONE_ITEM("\"productId\":\"p\",\"quantity\":9007199254740991,\"unitPrice\":99999999.99"),
         422},
        {ONE_ITEM("\"productId\":\"p\",\"quantity\":1,\"unitPrice\":1e300"), 422},
        {ONE_ITEM("\"productId\":\"p\",\"quantity\":1,\"unitPrice\":true"), 422},
        {"{\"customerId\":\"" DEEP DEEP "\",\"items\":[]}", 422},
        {ONE_ITEM("\"productId\":\"" DEEP DEEP "\",\"quantity\":1,\"unitPrice\":1"), 422},
    };
    if (order_cluster(run, ORDER_WITH_USERS, NULL) != 0)
        return;
    const pid_t before = cluster_pid(run->cluster, "order-service");
    for (size_t i = 0; i < sizeof hostile / sizeof hostile[0] && !run_ended(run); i++) {
        struct http_reply reply = {0};
        order_post(run, NULL, hostile[i].body, &reply);
        (void)run_expect_problem(run, &reply, hostile[i].status);
        http_reply_release(&reply);
    }
    if (run_ended(run) || order_expect_count(run, ORDER_CUSTOMER, 0) != 0)
        return;
    /* The control: an honest order still goes through, and it is the only one. */
    free(order_placed(run));
    if (!run_ended(run) && order_expect_count(run, ORDER_CUSTOMER, 1) == 0 &&
        cluster_pid(run->cluster, "order-service") != before)
        run_fail(run, "early exit", "the process that was started still runs", "another one");
}

const struct check order_http_checks[] = {
    {.id = "post_answers_201_with_the_order",
     .rule = "POST /orders answers 201 with Location and the order, its totals worked out by the "
             "service.",
     .rules = "A1",
     .step = 3,
     .tier = TIER_CLUSTER,
     .points = 2,
     .gate = 1,
     .anchor = "orders-on-http",
     .hints = {"What must a client know after the call? Compare with the 201 in openapi.yaml.",
               "Read the draft with order_json_read, make an id with id_next, then order_create: "
               "totals, PENDING and both times come from there.",
               "Location is \"/orders/\" and the id; the body is what order_json_write appends."},
     .run = post_answers_201},
    {.id = "get_answers_the_order_or_404",
     .rule = "GET /orders/{id} answers the order as POST did, and 404 for an id nobody was given.",
     .rules = "A1",
     .step = 3,
     .tier = TIER_CLUSTER,
     .points = 1,
     .anchor = "orders-on-http",
     .hints = {"Which error code of order_view_get is an answer rather than an accident?",
               "ERR_NOT_FOUND becomes problem(response, 404, ...); the view must be put in the "
               "transaction that stores the event."},
     .run = get_answers_the_order},
    {.id = "patch_walks_to_delivered",
     .rule = "PATCH /orders/{id}/status carries out the command that leads to the status; "
             "DELIVERED is reachable.",
     .rules = "A1",
     .step = 3,
     .tier = TIER_CLUSTER,
     .points = 1,
     .anchor = "orders-on-http",
     .hints = {"A status word is a request. Which command carries it out?",
               "Map CONFIRMED, SHIPPED, DELIVERED and CANCELLED to their commands, call "
               "order_change, answer 200 with the order after it; the view must follow."},
     .run = patch_walks_to_delivered},
    {.id = "illegal_transition_is_409",
     .rule = "A transition that the order's status does not allow is 409 and changes nothing; "
             "PENDING is never reachable by PATCH.",
     .rules = "A1",
     .step = 3,
     .tier = TIER_CLUSTER,
     .points = 1,
     .anchor = "orders-on-http",
     .hints = {"Step 1 already knows what is allowed. What does order_change return then?",
               "ERR_REFUSED is 409. PENDING is a word that is known, so it is not 422: no command "
               "leads there, so it is 409."},
     .run = illegal_transition_is_409},
    {.id = "unknown_status_is_422",
     .rule = "A status that is not a word of ours is 422, and the field is named.",
     .rules = "A1 A2",
     .step = 3,
     .tier = TIER_CLUSTER,
     .points = 1,
     .anchor = "orders-on-http",
     .hints = {"Words are compared exactly: \"confirmed\" is not CONFIRMED.",
               "json_wrong(&reader, \"status\", ...) when order_status_parse refuses, then "
               "problem_fields."},
     .run = unknown_status_is_422},
    {.id = "errors_are_problem_details",
     .rule = "Every refusal is application/problem+json with its status: 400 not JSON, 404, 405 "
             "with Allow, 413, 415.",
     .rules = "A2",
     .step = 3,
     .tier = TIER_CLUSTER,
     .points = 1,
     .anchor = "refusals",
     .hints = {"Which of these does the kit's server answer for you, given the right route table?",
               "A route's `accepts` makes 415; a path with other methods makes 405. 400 is yours: "
               "json_parse failed. Use problem() for every error, never a bare status."},
     .run = errors_are_problems},
    {.id = "wrong_fields_are_named",
     .rule = "422 names each wrong field, all of them at once, by its path.",
     .rules = "A2",
     .step = 3,
     .tier = TIER_CLUSTER,
     .points = 1,
     .anchor = "refusals",
     .hints = {"A reader that stops at the first mistake makes people post five times.",
               "The kit's json_ functions collect errors with their paths; look at errors.count "
               "once, at the end, and answer problem_fields.",
               "A total beyond the limit is found by order_create: that is field \"items\"."},
     .run = wrong_fields_are_named},
    {.id = "refusals_come_in_order",
     .rule = "When several refusals fit, the first of 415, 413, 400, 404, 422, 412, 409 is given.",
     .rules = "A2",
     .step = 3,
     .tier = TIER_CLUSTER,
     .points = 1,
     .anchor = "refusals",
     .hints = {"Write the handler in the order of the list and return at each.",
               "PATCH: parse the body (400), look whether the order exists (404), read the status "
               "(422); If-Match (412) comes before what the status allows (409)."},
     .run = refusals_come_in_order},
    {.id = "hostile_bodies_change_nothing",
     .rule = "No body crashes the service or leaves half an order behind.",
     .rules = "A2",
     .step = 3,
     .tier = TIER_CLUSTER,
     .points = 1,
     .anchor = "refusals",
     .hints = {"Read everything, decide, and only then write.",
               "Only the kit's readers know all of it: duplicate keys, NUL in strings, depth, huge "
               "numbers. Do not reach into the cJSON tree yourself."},
     .run = hostile_bodies_change_nothing},
    {0},
};
