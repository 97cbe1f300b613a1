/*
 * The eight services of lab 03, with the reference saga in the given host, and its database open
 * for changes behind its back.
 */
#ifndef TESTS_CHECKOUT_FIXTURE_H
#define TESTS_CHECKOUT_FIXTURE_H

#include <signal.h>
#include <sqlite3.h>
#include <string.h>
#include <time.h>

#include "kit/http_client.h"
#include "kit/id.h"
#include "kit/text.h"
#include "tests/cluster_fixture.h"

enum { CALL_MS = 10000, LOOK_MS = 5, LOOKS_MAX = 4000 };

#define CHECKOUT "checkout-service"
#define BODY     "{\"cartId\":\"cart-120\",\"customerId\":\"user-1\",\"coupon\":\"coupon-20\"}"

struct checkout_fixture {
    struct fixture fixture;
    struct cluster *cluster;
    struct http_client *client;
    sqlite3 *db; /* the service's own, which is changed behind its back */
};

static inline void checkout_open(struct checkout_fixture *checkout)
{
    static const char *const needs[] = {
        "user-service",    "cart-service",     "pricing-service",      "inventory-service",
        "payment-service", "shipping-service", "notification-service", NULL};
    static const char *const environment[] = {"SAGA_BACKOFF_BASE_MS=5", "SAGA_BACKOFF_CAP_MS=20",
                                              NULL};
    static const struct service_entry rows[] = {
        {.name = CHECKOUT,
         .program = BUILD_FOLDER "/trees/solutions/03-saga/service",
         .student = 1,
         .needs = needs,
         .environment = environment},
        {.name = "user-service", .program = BUILD_FOLDER "/peers/user-service"},
        {.name = "cart-service", .program = BUILD_FOLDER "/peers/cart-service"},
        {.name = "pricing-service", .program = BUILD_FOLDER "/peers/pricing-service"},
        {.name = "inventory-service", .program = BUILD_FOLDER "/peers/inventory-service"},
        {.name = "payment-service", .program = BUILD_FOLDER "/peers/payment-service"},
        {.name = "shipping-service", .program = BUILD_FOLDER "/peers/shipping-service"},
        {.name = "notification-service", .program = BUILD_FOLDER "/peers/notification-service"},
    };
    struct text path = {0};
    fixture_open(&checkout->fixture);
    checkout->cluster = fixture_start(&checkout->fixture, rows, sizeof rows / sizeof rows[0]);
    checkout->client = http_client_open();
    text_addf(&path, "%s/" CHECKOUT ".db", cluster_dir(checkout->cluster, CHECKOUT));
    ck_assert_int_eq(sqlite3_open(text_str(&path), &checkout->db), SQLITE_OK);
    sqlite3_busy_timeout(checkout->db, CALL_MS);
    sqlite3_exec(checkout->db, "PRAGMA synchronous = OFF", NULL, NULL, NULL);
    text_release(&path);
}

static inline void checkout_close(struct checkout_fixture *checkout)
{
    sqlite3_close(checkout->db);
    http_client_close(checkout->client);
    cluster_stop(checkout->cluster);
    fixture_close(&checkout->fixture);
}

/* A call to the checkout service; body NULL for GET. Its status; its answer replaces what is in
   answer, which may be NULL. */
static inline int calls(struct checkout_fixture *checkout, const char *method, const char *path,
                        const char *key, const char *body, struct text *answer)
{
    char url[1024];
    struct text header = {0};
    text_addf(&header, "Idempotency-Key: %s", key != NULL ? key : "");
    snprintf(url, sizeof url, "%s%s", cluster_url(checkout->cluster, CHECKOUT), path);
    const char *const headers[] = {key != NULL ? text_str(&header) : NULL, NULL};
    struct http_call call = {
        .method = method, .url = url, .body = body, .headers = headers, .deadline_ms = CALL_MS};
    struct http_reply reply;
    http_client_call(checkout->client, &call, &reply);
    int status = reply.status;
    if (answer != NULL) {
        text_clear(answer);
        text_append(answer, text_str(&reply.body), reply.body.length);
    }
    http_reply_release(&reply);
    text_release(&header);
    return status;
}

static inline void take_id(const struct text *answer, char id[ID_SIZE])
{
    const char *at = strstr(text_str(answer), "\"id\":\"");
    ck_assert_msg(at != NULL, "no id: %s", text_str(answer));
    snprintf(id, ID_SIZE, "%s", at + strlen("\"id\":\""));
    ck_assert_msg(id_valid(id), "%s", text_str(answer));
}

static inline void place(struct checkout_fixture *checkout, const char *key, const char *body,
                         char id[ID_SIZE])
{
    struct text answer = {0};
    int status = calls(checkout, "POST", "/checkouts", key, body, &answer);
    ck_assert_msg(status == 202, "%d %s", status, text_str(&answer));
    take_id(&answer, id);
    text_release(&answer);
}

static inline int show(struct checkout_fixture *checkout, const char *id, struct text *answer)
{
    char path[80];
    snprintf(path, sizeof path, "/checkouts/%s", id);
    return calls(checkout, "GET", path, NULL, NULL, answer);
}

/* Looks until the checkout's story has these words. */
static inline void wait_for(struct checkout_fixture *checkout, const char *id, const char *words)
{
    static const struct timespec pause = {0, LOOK_MS * 1000000L};
    struct text answer = {0};
    int looks = 0;
    while (show(checkout, id, &answer) != 200 || strstr(text_str(&answer), words) == NULL) {
        ck_assert_msg(looks++ < LOOKS_MAX, "no %s: %s", words, text_str(&answer));
        nanosleep(&pause, NULL);
    }
    text_release(&answer);
}

static inline void kill_and_restart(struct checkout_fixture *checkout)
{
    struct error err = {0};
    ck_assert_int_eq(cluster_kill(checkout->cluster, CHECKOUT, SIGKILL), 0);
    ck_assert_msg(cluster_restart(checkout->cluster, CHECKOUT, &err) == 0, "%s", err.text);
}

static inline void fault(struct checkout_fixture *checkout, const char *service,
                         enum fault_kind kind)
{
    struct error err = {0};
    ck_assert_msg(cluster_fault(checkout->cluster, service, kind, 0, &err) == 0, "%s", err.text);
}

#endif
