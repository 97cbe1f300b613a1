/*
 * Lab 03, step 5: the shop, eight services around the student's saga, and what its books say. Two
 * of them run the student's code: checkout-service the saga, inventory-service the participant.
 *
 * Polling goes through a client of its own, so that it does not fill the story.
 */
#ifndef SUITES_SAGA_CHECKOUT_CLUSTER_H
#define SUITES_SAGA_CHECKOUT_CLUSTER_H

#include "03-saga/saga.h"
#include "judge/cluster_check.h"
#include "kit/json.h"

#define CHECKOUT "checkout-service"

enum {
    SHOP_PATIENCE_MS = 30000, /* for what takes some milliseconds on a machine that is not busy */
    SHOP_CHECKOUTS_MAX = 16   /* that are remembered for the pictures */
};

struct shop {
    struct check_run *run;
    struct http_client *client;
    char ids[SHOP_CHECKOUTS_MAX][ID_SIZE]; /* of the first checkouts that were placed */
    int checkouts;
    char accused[ID_SIZE]; /* the checkout that the verdict is about; "" = none */
    char wrong[160];       /* with it */
};

/* How patient the sagas are. */
struct shop_patience {
    int answer_ms, attempts, compensation_attempts;
};

/* Starts all. 1 when a verdict stands. shop_close always: it draws the
   checkouts, and when one is accused its story takes the place of the run's. */
int shop_open(struct shop *shop, struct check_run *run, struct shop_patience patience);
void shop_close(struct shop *shop);

/* Who takes the step's commands. */
const char *shop_service(enum saga_step step);

/* POST /checkouts, which must be answered 202. 1 when a verdict stands. */
int shop_checkout(struct shop *shop, const char *cart, const char *customer, const char *coupon,
                  char id[ID_SIZE]);
/* The phase that GET /checkouts/{id} says, SAGA_NEW for anything else. Quiet, but that a 501 is a
   verdict: what is not written yet never ends. */
enum saga_phase shop_phase(struct shop *shop, const char *id);
/* GET /checkouts/{id}, the caller's to delete; NULL for anything but a JSON text. Quiet. */
cJSON *shop_show(struct shop *shop, const char *id);
/* Waits until the checkout has ended or was parked: in this phase. 1 when a verdict stands. */
int shop_expect_end(struct shop *shop, const char *id, enum saga_phase phase);
/* GET /checkouts/{id} is answered 200. 1 when a verdict stands. */
int shop_expect_shown(struct shop *shop, const char *id);
/* 1 when the checkout's records have an answer UNKNOWN. Quiet. */
int shop_was_unheard(struct shop *shop, const char *id);
/* POST /checkouts/{id}/resume. Quiet; its status, 0 for none. */
int shop_resume(struct shop *shop, const char *id);
/* Waits until the peer has met its fault. 1 when a verdict stands. */
int shop_expect_struck(struct shop *shop, const char *service);

/* Inventory's pieces. pending is -1 when it does not answer. */
struct shop_stock {
    int64_t pending, gone; /* from the shelf */
};
struct shop_stock shop_stock(struct shop *shop);

/* What the participants' ledgers say. */
struct book {
    int done[SAGA_STEPS], undone[SAGA_STEPS];
    int64_t paid_cents;
};
/* Of one checkout, or of all (id NULL). 1 when a verdict stands. */
int shop_book(struct shop *shop, const char *id, struct book *book);
/* wanted, as shop_write_book writes it: "discount 1/0 reserve 1/0 pay 1/0 ship 1/0 confirm 1/0 paid
   100.00". 1 when a verdict stands. */
int shop_expect_book(struct shop *shop, const char *id, const char *wanted);
void shop_write_book(const struct book *book, struct text *out);
/* Accuses the checkout: of what is in its book and not in wanted. */
void shop_accuse_of_book(struct shop *shop, const char *id, const struct book *book,
                         const char *wanted);

/* The verdict is about this checkout, and this is wrong with it, in one line; the first one
   counts. */
void shop_accuse(struct shop *shop, const char *id, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
