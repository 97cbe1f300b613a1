/*
 * Lab 03, step 5: the shop, eight services around the student's saga, and what their ledgers say.
 * Two of them run the student's code: checkout-service the saga, inventory-service the participant.
 *
 * Polling goes through a client of its own, so that it does not fill the story.
 */
#ifndef SUITES_SAGA_CHECKOUT_CLUSTER_H
#define SUITES_SAGA_CHECKOUT_CLUSTER_H

#include <cjson/cJSON.h>
#include "03-saga/saga.h"
#include "judge/cluster_check.h"
#include "kit/http_client.h"
#include "kit/id.h"

#define CHECKOUT "checkout-service"

enum {
    CHECKOUT_WAIT_MS = 30000, /* for what takes some milliseconds on a machine that is not busy */
    CHECKOUTS_KEPT_MAX = 16   /* that are remembered for the pictures */
};

struct checkout_cluster {
    struct check_run *run;
    struct http_client *client;
    char ids[CHECKOUTS_KEPT_MAX][ID_SIZE]; /* of the first checkouts that were placed */
    int checkouts;
    char blamed[ID_SIZE]; /* the checkout that the verdict is about; "" = none */
    char wrong[160];      /* with it */
};

/* How patient the sagas are. */
struct saga_patience {
    int answer_ms, attempts, compensation_attempts;
};

/* Starts all. 1 when a verdict stands. checkout_cluster_close always: it draws the checkouts,
   and when one is blamed its story takes the place of the run's. */
int checkout_cluster_open(struct checkout_cluster *cluster, struct check_run *run,
                          struct saga_patience patience);
void checkout_cluster_close(struct checkout_cluster *cluster);

/* Who takes the step's commands. */
const char *service_of_step(enum saga_step step);

/* POST /checkouts, which must be answered 202. 1 when a verdict stands. */
int checkout_place(struct checkout_cluster *cluster, const char *cart, const char *customer,
                   const char *coupon, char id[ID_SIZE]);
/* The phase that GET /checkouts/{id} says, SAGA_NEW for anything else. Quiet, but that a 501 is a
   verdict: what is not written yet never ends. */
enum saga_phase checkout_phase(struct checkout_cluster *cluster, const char *id);
/* GET /checkouts/{id}, the caller's to delete; NULL for anything but a JSON text. Quiet. */
cJSON *checkout_get(struct checkout_cluster *cluster, const char *id);
/* Waits until the checkout has ended or was parked: in this phase. 1 when a verdict stands. */
int checkout_expect_end(struct checkout_cluster *cluster, const char *id, enum saga_phase phase);
/* GET /checkouts/{id} is answered 200. 1 when a verdict stands. */
int checkout_expect_found(struct checkout_cluster *cluster, const char *id);
/* 1 when the checkout's records have an answer UNKNOWN. Quiet. */
int checkout_had_unknown(struct checkout_cluster *cluster, const char *id);
/* POST /checkouts/{id}/resume. Quiet; its status, 0 for none. */
int checkout_resume(struct checkout_cluster *cluster, const char *id);
/* Waits until the peer has met its fault. 1 when a verdict stands. */
int checkout_expect_fault_met(struct checkout_cluster *cluster, const char *service);

/* Inventory's pieces. pending is -1 when it does not answer. */
struct stock_totals {
    int64_t pending, gone; /* from the shelf */
};
struct stock_totals stock_read(struct checkout_cluster *cluster);

/* What the participants' ledgers say. */
struct ledger_totals {
    int done[SAGA_STEPS], undone[SAGA_STEPS];
    int64_t paid_cents;
};
/* Of one checkout, or of all (id NULL). 1 when a verdict stands. */
int ledgers_read(struct checkout_cluster *cluster, const char *id, struct ledger_totals *totals);
/* wanted, as ledgers_write writes it: "discount 1/0 reserve 1/0 pay 1/0 ship 1/0 confirm 1/0 paid
   100.00". 1 when a verdict stands. */
int ledgers_expect(struct checkout_cluster *cluster, const char *id, const char *wanted);
void ledgers_write(const struct ledger_totals *totals, struct text *out);
/* Blames the checkout for what is in its totals and not in wanted. */
void checkout_blame_ledgers(struct checkout_cluster *cluster, const char *id,
                            const struct ledger_totals *totals, const char *wanted);

/* The verdict is about this checkout, and this is wrong with it, in one line; the first one
   counts. */
void checkout_blame(struct checkout_cluster *cluster, const char *id, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
