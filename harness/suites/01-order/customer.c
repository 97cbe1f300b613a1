/*
 * Lab 01, step 3, A6: the customer lookup at user-service, and what happens when it fails.
 */
#include <signal.h>
#include <stdlib.h>
#include "suites/01-order/cluster.h"

/* Posts an order, which must carry that name. */
static int expect_name(struct check_run *run, const char *name)
{
    struct http_reply reply = {0};
    order_post(run, NULL, ORDER_BODY, &reply);
    const int wrong = run_expect_status(run, &reply, 201) ||
                      run_expect_json(run, &reply, "customerId", ORDER_CUSTOMER) ||
                      run_expect_json(run, &reply, "customerName", name);
    http_reply_release(&reply);
    return wrong;
}

static int expect_fallback(struct check_run *run, enum fault_kind kind, int64_t value)
{
    const int64_t before = order_lookups_faulted(run);
    return run_fault(run, "user-service", kind, value) || expect_name(run, "Anonymous") ||
           order_expect_lookup(run, before);
}

static int expect_refused(struct check_run *run, const char *body)
{
    struct http_reply reply = {0};
    order_post(run, NULL, body, &reply);
    const int wrong = order_expect_field(run, &reply, "customerId");
    http_reply_release(&reply);
    return wrong;
}

static void unknown_customer_is_422(struct check_run *run)
{
    /* The second would be known if its id were pasted into the path as it is. */
    static const char nobody[] = "{\"customerId\":\"nobody\",\"items\":[{\"productId\":\"p\","
                                 "\"quantity\":1,\"unitPrice\":1}]}";
    static const char path[] = "{\"customerId\":\"user-123?x=1\",\"items\":[{\"productId\":\"p\","
                               "\"quantity\":1,\"unitPrice\":1}]}";
    if (order_cluster(run, ORDER_WITH_USERS, NULL) != 0)
        return;
    (void)(expect_refused(run, nobody) || expect_refused(run, path) ||
           order_expect_count(run, "nobody", 0) || expect_name(run, ORDER_CUSTOMER_NAME) ||
           order_expect_count(run, ORDER_CUSTOMER, 1));
}

static void failing_lookup_is_anonymous(struct check_run *run)
{
    static const struct {
        enum fault_kind kind;
        int value;
    } faults[] = {{FAULT_STATUS, 500}, {FAULT_STATUS, 429},     {FAULT_GARBAGE, 0},
                  {FAULT_BAD_BODY, 0}, {FAULT_CLOSE_BEFORE, 0}, {FAULT_CLOSE_DURING, 0}};
    if (order_cluster(run, ORDER_WITH_USERS, NULL) != 0 ||
        expect_name(run, ORDER_CUSTOMER_NAME) != 0)
        return;
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        if (expect_fallback(run, faults[i].kind, faults[i].value) != 0)
            return;
    (void)(run_fault(run, "user-service", FAULT_NONE, 0) || expect_name(run, ORDER_CUSTOMER_NAME));
}

static int lookup_met(void *context)
{
    return order_lookups_faulted(context) > 0;
}

/* One order whose lookup hangs, and while it does another whose lookup trickles. The time limit is
   the service's own; here both only have to be answered before the test gives up. */
static void hanging_lookup_is_cut_off(struct check_run *run)
{
    struct order_call call = {.method = "POST", .path = "/orders", .body = ORDER_BODY};
    struct order_crowd *hanging = NULL;
    if (order_cluster(run, ORDER_WITH_USERS, NULL) == 0 &&
        expect_name(run, ORDER_CUSTOMER_NAME) == 0 &&
        run_fault(run, "user-service", FAULT_HANG, 0) == 0)
        hanging = order_crowd_start(run, &call, 1);
    if (hanging != NULL && !run_until(run, ORDER_SETTLE_MS, lookup_met, run))
        (void)order_expect_lookup(run, 0);
    if (!run_ended(run))
        (void)expect_fallback(run, FAULT_SLOW_BYTES, 1000);
    order_crowd_wait(hanging);
    (void)(run_expect_status(run, &call.reply, 201) ||
           run_expect_json(run, &call.reply, "customerName", "Anonymous") ||
           run_fault(run, "user-service", FAULT_LATENCY, 20) ||
           expect_name(run, ORDER_CUSTOMER_NAME));
    order_together_release(&call, 1);
}

static void dead_user_service_is_anonymous(struct check_run *run)
{
    if (order_cluster(run, ORDER_WITH_USERS, NULL) != 0)
        return;
    (void)(expect_name(run, ORDER_CUSTOMER_NAME) || run_kill(run, "user-service", SIGKILL) ||
           expect_name(run, "Anonymous") || run_restart(run, "user-service") ||
           expect_name(run, ORDER_CUSTOMER_NAME));
}

const struct check order_customer_checks[] = {
    {.id = "unknown_customer_is_422",
     .rule = "A customer that user-service does not know is 422 on customerId, never the fallback.",
     .rules = "A6",
     .step = 3,
     .tier = TIER_CLUSTER,
     .points = 1,
     .anchor = "the-customer",
     .hints = {"\"There is no such customer\" and \"nobody answered\" are two different answers.",
               "Only the status 404 of user-service means that nobody has this id.",
               "Escape the id before it goes into the URL, or a customer can choose the path."},
     .run = unknown_customer_is_422},
    {.id = "failing_lookup_falls_back_to_anonymous",
     .rule = "When the lookup fails - an error status, garbage, a torn answer - the order goes on "
             "with the customer \"Anonymous\" and the same id.",
     .rules = "A6",
     .step = 3,
     .tier = TIER_CLUSTER,
     .points = 1,
     .anchor = "the-customer",
     .hints = {"An order without a name is worth more than no order.",
               "Start with the fallback's name, and replace it only by the name of a whole, valid "
               "200 answer."},
     .run = failing_lookup_is_anonymous},
    {.id = "hanging_lookup_is_cut_off",
     .rule =
         "A lookup that hangs or trickles is cut off by its time limit; a slow one inside it is "
         "waited for.",
     .rules = "A6",
     .step = 3,
     .tier = TIER_CLUSTER,
     .points = 1,
     .anchor = "the-customer",
     .hints = {"How long may somebody else's trouble last in your service?",
               "deadline_ms = ORDER_LOOKUP_MS covers connecting, waiting and every byte."},
     .run = hanging_lookup_is_cut_off},
    {.id = "dead_user_service_does_not_stop_orders",
     .rule = "With user-service dead, orders go on as \"Anonymous\"; when it is back, so are the "
             "names.",
     .rules = "A6",
     .step = 3,
     .tier = TIER_CLUSTER,
     .points = 1,
     .anchor = "the-customer",
     .hints = {"A refused connection is an outcome like any other.",
               "Nothing about the failure is remembered: the next order asks again."},
     .run = dead_user_service_is_anonymous},
    {0},
};
