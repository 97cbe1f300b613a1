/*
 * Lab 03, step 5: the student's saga in a running service, among real processes. What it did is
 * read from the participants' ledgers, never from the saga's own words alone.
 */
#include "suites/03-saga/checks.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/json_read.h"
#include "kit/clock.h"
#include "kit/error.h"
#include "suites/03-saga/checkout_cluster.h"

#define BOUGHT  "discount 1/0 reserve 1/0 pay 1/0 ship 1/0 confirm 1/0 paid 100.00"
#define NOTHING "paid 0.00"

enum { ASK_MS = 10000 };

/* Long to wait for an answer, so that only the faults of a check make answers missing. */
static const struct saga_patience patient = {5000, 4, 4}, stubborn = {5000, 1000, 4};

static int buy(struct checkout_cluster *cluster, char id[ID_SIZE])
{
    return checkout_place(cluster, "cart-120", "user-123", "coupon-20", id);
}

static void a_checkout_completes(struct check_run *run)
{
    struct checkout_cluster cluster;
    char id[ID_SIZE];
    (void)(checkout_cluster_open(&cluster, run, patient) || buy(&cluster, id) ||
           checkout_expect_end(&cluster, id, SAGA_COMPLETED) ||
           ledgers_expect(&cluster, id, BOUGHT));
    checkout_cluster_close(&cluster);
}

/* Checkouts that somebody refuses, one after another, and what the books say then. */
static void refusals_roll_back(struct check_run *run)
{
    static const struct {
        const char *cart, *customer, *coupon, *ledgers;
    } rows[] = {
        {"cart-0", "user-1", "coupon-20",
         "discount 0/0 reserve 0/0 pay 0/0 ship 0/0 confirm 0/0 " NOTHING},
        {"cart-999999999", "user-1", "coupon-20",
         "discount 0/0 reserve 0/0 pay 0/0 ship 0/0 confirm 0/0 " NOTHING},
        {"cart-120", "user-1", "two-for-one",
         "discount 0/0 reserve 0/0 pay 0/0 ship 0/0 confirm 0/0 " NOTHING},
        {"sold-out-120", "user-1", "coupon-20",
         "discount 1/1 reserve 0/0 pay 0/0 ship 0/0 confirm 0/0 " NOTHING},
        {"cart-20000", "user-1", "coupon-20",
         "discount 1/1 reserve 1/1 pay 0/0 ship 0/0 confirm 0/0 " NOTHING},
    };
    struct checkout_cluster cluster;
    char id[ID_SIZE];
    checkout_cluster_open(&cluster, run, patient);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0] && !run_ended(run); i++)
        (void)(checkout_place(&cluster, rows[i].cart, rows[i].customer, rows[i].coupon, id) ||
               checkout_expect_end(&cluster, id, SAGA_ROLLED_BACK) ||
               ledgers_expect(&cluster, id, rows[i].ledgers));
    checkout_cluster_close(&cluster);
}

static void a_refused_shipment_is_refunded(struct check_run *run)
{
    struct checkout_cluster cluster;
    char id[ID_SIZE];
    (void)(checkout_cluster_open(&cluster, run, patient) ||
           checkout_place(&cluster, "cart-120", "user-950", "coupon-20", id) ||
           checkout_expect_end(&cluster, id, SAGA_ROLLED_BACK) ||
           ledgers_expect(&cluster, id,
                          "discount 1/1 reserve 1/1 pay 1/1 ship 0/0 confirm 0/0 " NOTHING));
    checkout_cluster_close(&cluster);
}

/* The charge is made, its answer is lost, again and again. */
static void lost_answers_charge_once(struct check_run *run)
{
    struct checkout_cluster cluster;
    char id[ID_SIZE];
    (void)(checkout_cluster_open(&cluster, run, stubborn) ||
           run_fault(run, "payment-service", FAULT_CLOSE_AFTER, 0) || buy(&cluster, id) ||
           checkout_expect_fault_met(&cluster, "payment-service") ||
           run_fault(run, "payment-service", FAULT_NONE, 0) ||
           checkout_expect_end(&cluster, id, SAGA_COMPLETED) ||
           ledgers_expect(&cluster, id, BOUGHT));
    checkout_cluster_close(&cluster);
}

/* The orchestrator dies while it waits for each of these. */
static void killed_it_goes_on(struct check_run *run)
{
    static const enum saga_step steps[] = {SAGA_PAY, SAGA_CONFIRM};
    struct checkout_cluster cluster;
    char id[ID_SIZE];
    checkout_cluster_open(&cluster, run, stubborn);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && !run_ended(run); i++) {
        const char *service = service_of_step(steps[i]);
        (void)(run_fault(run, service, FAULT_HANG, 0) || buy(&cluster, id) ||
               checkout_expect_fault_met(&cluster, service) || run_kill(run, CHECKOUT, SIGKILL) ||
               run_fault(run, service, FAULT_NONE, 0) || run_restart(run, CHECKOUT) ||
               checkout_expect_end(&cluster, id, SAGA_COMPLETED) ||
               ledgers_expect(&cluster, id, BOUGHT));
    }
    checkout_cluster_close(&cluster);
}

static int expect_status(struct check_run *run, const char *method, const char *path, int status)
{
    struct http_reply reply = {0};
    run_http(run, CHECKOUT, method, path, NULL, NULL, ASK_MS, &reply);
    int ended = run_expect_status(run, &reply, status);
    http_reply_release(&reply);
    return ended;
}

static int expect_parked_at_pay(struct checkout_cluster *cluster, const char *id, const char *path)
{
    struct check_run *run = cluster->run;
    struct http_reply reply = {0};
    run_http(run, CHECKOUT, "GET", path, NULL, NULL, ASK_MS, &reply);
    int ended = run_expect_status(run, &reply, 200) ||
                run_expect_json(run, &reply, "parkedStep", "pay") ||
                run_expect_json(run, &reply, "owed", "[\"pay\",\"reserve\",\"discount\"]");
    checkout_blame(cluster, id, "it does not say where it is parked, and what it owes");
    http_reply_release(&reply);
    return ended;
}

/* Shipping will refuse user-950, but not before payment is broken: so the refund fails. */
static void a_parked_saga_is_resumed(struct check_run *run)
{
    struct checkout_cluster cluster;
    char id[ID_SIZE], path[80], resume[80], other[ID_SIZE];
    (void)(checkout_cluster_open(&cluster, run, patient) ||
           run_fault(run, "shipping-service", FAULT_STATUS, 503) ||
           checkout_place(&cluster, "cart-120", "user-950", "coupon-20", id) ||
           checkout_expect_fault_met(&cluster, "shipping-service") ||
           run_fault(run, "payment-service", FAULT_CLOSE_BEFORE, 0) ||
           run_fault(run, "shipping-service", FAULT_NONE, 0) ||
           checkout_expect_end(&cluster, id, SAGA_PARKED) ||
           run_fault_reached(run, "payment-service") ||
           run_fault(run, "payment-service", FAULT_NONE, 0) ||
           ledgers_expect(&cluster, id,
                          "discount 1/0 reserve 1/0 pay 1/0 ship 0/0 confirm 0/0 paid 100.00"));
    snprintf(path, sizeof path, "/checkouts/%s", id);
    snprintf(resume, sizeof resume, "/checkouts/%s/resume", id);
    (void)(run_ended(run) || expect_parked_at_pay(&cluster, id, path) || buy(&cluster, other) ||
           checkout_expect_end(&cluster, other, SAGA_COMPLETED) || /* it delays no other */
           expect_status(run, "POST", resume, 202) ||
           checkout_expect_end(&cluster, id, SAGA_ROLLED_BACK) ||
           ledgers_expect(&cluster, id,
                          "discount 1/1 reserve 1/1 pay 1/1 ship 0/0 confirm 0/0 " NOTHING) ||
           expect_status(run, "POST", resume, 409) ||
           expect_status(run, "POST", "/checkouts/01890000-0000-7000-8000-000000000000/resume",
                         404));
    checkout_cluster_close(&cluster);
}

/* --- the story -------------------------------------------------------------------------------- */

/* A record that must be there; shown: as the failure block writes it. */
struct wanted_record {
    const char *what, *step, *answer, *shown;
};

static int matches(const cJSON *record, const struct wanted_record *wanted)
{
    return strcmp(json_member_text(record, "what"), wanted->what) == 0 &&
           strcmp(json_member_text(record, "step"), wanted->step) == 0 &&
           (wanted->answer[0] == '\0' ||
            strcmp(json_member_text(record, "answer"), wanted->answer) == 0);
}

/* Goes through the records, in which these must come in this order, others between them. What else
   a record says is in its "then". */
static int expect_records(struct check_run *run, const cJSON *records)
{
    static const struct wanted_record wanted[] = {
        {"started", "", "", "\"what\":\"started\""},
        {"sent", "pay", "", "\"what\":\"sent\",\"step\":\"pay\""},
        {"answered", "pay", "unknown",
         "\"what\":\"answered\",\"step\":\"pay\",\"answer\":\"unknown\""},
        {"sent", "pay", "", "a second \"what\":\"sent\",\"step\":\"pay\""},
        {"answered", "pay", "ok", "\"what\":\"answered\",\"step\":\"pay\",\"answer\":\"ok\""},
        {"sent", "confirm", "", "\"what\":\"sent\",\"step\":\"confirm\""},
        {"ended", "", "", "\"what\":\"ended\""},
    };
    enum { WANTED = sizeof wanted / sizeof wanted[0] };
    size_t found = 0;
    int64_t at_ms = 0;
    const cJSON *record = NULL, *more = NULL, *next = cJSON_GetArrayItem(records, 0);
    struct error err = {0};
    cJSON_ArrayForEach(record, records)
    {
        if (time_parse(json_member_text(record, "at"), &at_ms, &err) != 0)
            return run_fail(run, "wrong answer", "every record has its time in \"at\"",
                            "\"at\":\"%s\": %s", json_member_text(record, "at"), err.text);
        size_t before = found;
        found += found < WANTED && matches(record, &wanted[found]);
        cJSON_ArrayForEach(more, json_member(record, "then")) found +=
            found < WANTED && matches(more, &wanted[found]);
        next = found > before ? record->next : next;
    }
    if (found == WANTED)
        return 0;
    char *got = cJSON_PrintUnformatted(next);
    run_fail(run, "wrong answer", wanted[found].shown,
             "no record from there on says so; the next one: %.300s",
             got != NULL ? got : "there is none");
    free(got);
    return 1;
}

static void the_story_can_be_read(struct check_run *run)
{
    struct checkout_cluster cluster;
    char id[ID_SIZE], path[80];
    struct http_reply reply = {0};
    if (checkout_cluster_open(&cluster, run, stubborn) ||
        run_fault(run, "payment-service", FAULT_CLOSE_AFTER, 0) || buy(&cluster, id) ||
        checkout_expect_fault_met(&cluster, "payment-service") ||
        run_fault(run, "payment-service", FAULT_NONE, 0) ||
        checkout_expect_end(&cluster, id, SAGA_COMPLETED)) {
        checkout_cluster_close(&cluster);
        return;
    }
    snprintf(path, sizeof path, "/checkouts/%s", id);
    run_http(run, CHECKOUT, "GET", path, NULL, NULL, ASK_MS, &reply);
    if (!run_expect_status(run, &reply, 200)) {
        cJSON *body = json_of_text(&reply.body);
        if (expect_records(run, json_member(body, "records")))
            checkout_blame(&cluster, id, "a record is missing");
        cJSON_Delete(body);
    }
    http_reply_release(&reply);
    checkout_cluster_close(&cluster);
}

#define CHECK(name, its_points)                                                                    \
    .id = name, .step = 5, .points = its_points, .anchor = "in-the-cluster", .tier = TIER_CLUSTER

const struct check saga_cluster_checks[] = {
    {CHECK("a_checkout_completes_with_each_effect_once", 2), .rules = "S1 S10",
     .run = a_checkout_completes,
     .rule = "While all is well a checkout COMPLETES, and every ledger has its effect once.",
     .hints =
         {"Finish step 1; service.c needs nothing from you.",
          "Does your saga ask for the next send after each OK, and for SAGA_DONE at the end?"}},
    {CHECK("refused_checkouts_roll_back", 2), .rules = "S2", .run = refusals_roll_back,
     .rule = "An empty cart, an unknown coupon, sold-out goods, a refused card: what was done is "
             "undone, and nothing else.",
     .hints = {"A step that was REJECTED is not compensated.",
               "Compensate from the highest step that took effect down to the first."}},
    {CHECK("a_refused_shipment_is_refunded", 2), .rules = "S2 S10",
     .run = a_refused_shipment_is_refunded,
     .rule = "When the pivot is refused, payment, stock and coupon are given back.",
     .hints = {"The pivot may be REJECTED: then everything before it is undone.",
               "A refund carries the amount that was charged."}},
    {CHECK("lost_answers_charge_once", 3), .rules = "S1 S3 S10", .run = lost_answers_charge_once,
     .rule = "A charge whose answer is lost is sent again with the same key: it is made once.",
     .hints = {"Every send of one step and direction has the same key.",
               "The key must not hold the attempt."}},
    {CHECK("killed_it_goes_on_by_itself", 3), .rules = "S7", .run = killed_it_goes_on,
     .rule =
         "Killed with kill -9 in the middle and started again, the service finishes what it began.",
     .hints = {"RESTART sends the pending command again, with its key.",
               "What saga_replay builds must be what the living saga was: compare saga_describe."}},
    {CHECK("a_parked_saga_is_resumed", 2), .rules = "S4", .run = a_parked_saga_is_resumed,
     .rule =
         "A refund that cannot be made parks the saga, names the step, and goes on when told to.",
     .hints =
         {"The parked record carries its step and direction; what is owed is read off the story.",
          "RESUME gives fresh attempts to the same step, with the same key."}},
    {CHECK("the_story_can_be_read", 2), .rules = "S8", .run = the_story_can_be_read,
     .rule = "GET /checkouts/{id} lists every send and every answer, with times.",
     .hints = {"saga_record_json writes one object per record; saga.h lists its members.",
               "An answer has its own record, UNKNOWN too."}},
    {CHECK("the_books_balance_after_a_storm", 4), .rules = "S10 S11", .run = saga_storm,
     .rule = "Whatever is killed, stopped, slow or silent: in the end every saga has ended, every "
             "ledger balances, and what is bought then goes through.",
     .hints =
         {"The same SEED injects the same faults; what each of them meets is up to the moment.",
          "Begin with the explorer of step 4: its stories are much shorter."}},
    {0},
};
