/*
 * Lab 01's cluster checks: what they share.
 *
 * Each check starts a cluster of its own (order-service from the student's code, user-service, and
 * where health is asked payment-service and inventory-service). Functions that return int give 0
 * when all is well and 1 once a verdict stands: the check then returns.
 */
#ifndef SUITES_ORDER_CLUSTER_H
#define SUITES_ORDER_CLUSTER_H

#include <cjson/cJSON.h>
#include "course/lab.h"
#include "judge/cluster_check.h"
#include "judge/scenario.h"
#include "kit/db.h"

extern const struct check order_http_checks[];
extern const struct check order_list_checks[];
extern const struct check order_retry_checks[];
extern const struct check order_customer_checks[];
extern const struct check order_bus_checks[];
extern const struct check order_health_unit_checks[];
extern const struct check order_health_checks[];

/* A customer that user-service knows, and an order of theirs: total 59.80. */
#define ORDER_CUSTOMER      "user-123"
#define ORDER_CUSTOMER_NAME "User 123"
extern const char ORDER_BODY[];

enum { ORDER_ASK_MS = 5000, ORDER_SETTLE_MS = 10000 }; /* one call; something that takes rounds */

enum order_peers { ORDER_WITH_USERS, ORDER_WITH_ALL };
/* environment: extra NAME=value for order-service, NULL-terminated; may be NULL. */
int order_cluster(struct check_run *run, enum order_peers with, const char *const *environment);

/* GET, POST or PATCH at order-service within ORDER_ASK_MS; reply is the caller's to release. */
void order_get(struct check_run *run, const char *path, struct http_reply *reply);
void order_post(struct check_run *run, const char *const *headers, const char *body,
                struct http_reply *reply);
/* if_match: the header's value, NULL = none. */
void order_patch(struct check_run *run, const char *id, const char *status, const char *if_match,
                 struct http_reply *reply);

/* Lookups that user-service has met with a fault so far (health polls are not lookups); -1 once a
   verdict stands. */
int64_t order_lookups_faulted(struct check_run *run);
/* Fails unless there were more of them since `before`. */
int order_expect_lookup(struct check_run *run, int64_t before);

/* Posts ORDER_BODY, which must give 201. Its id, the caller's to free; NULL once a verdict stands.
 */
char *order_placed(struct check_run *run);
/* GET /orders/{id} must give 200 with that status. */
int order_expect_stored(struct check_run *run, const char *id, const char *status);
/* The problem must be this status and name the field in its errors. */
int order_expect_field(struct check_run *run, const struct http_reply *reply, const char *field);
/* The two bodies must be the same JSON value: member order and number spelling do not matter. */
int order_expect_same(struct check_run *run, const char *what, const struct text *first,
                      const struct text *second);
/* 1 when value fits wanted; "!up" is fit by anything there but "up": down or unknown. */
int order_fits(const char *value, const char *wanted);
/* run_expect_json with such a value. */
int order_expect_member(struct check_run *run, const struct http_reply *reply, const char *path,
                        const char *wanted);

/* The customer must have exactly count orders. */
int order_expect_count(struct check_run *run, const char *customer, int count);

/* Takes the write lock of an SQLite file in order-service's folder: whoever wants to write there
   waits until the caller closes *lock. Readers go on. */
int order_hold_writes(struct check_run *run, const char *file, struct db **lock);

/* A call that runs beside others. Fill path, headers and body; the reply is released by
   order_together_release. */
struct order_call {
    const char *method, *path, *body;
    const char *const *headers;
    struct http_reply reply;
};
enum { ORDER_TOGETHER_MAX = 32 };
/* Makes all the calls at once, each on a thread of its own, and waits for all of them. */
int order_together(struct check_run *run, struct order_call *calls, int count);
void order_together_release(struct order_call *calls, int count);

/* The same, without waiting: order_together_wait joins them. finished counts those that ended. */
struct order_crowd;
struct order_crowd *order_crowd_start(struct check_run *run, struct order_call *calls, int count);
int order_crowd_finished(const struct order_crowd *crowd);
void order_crowd_wait(struct order_crowd *crowd); /* joins and frees */

#endif
