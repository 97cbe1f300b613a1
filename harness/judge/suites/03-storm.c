/*
 * Lab 03, step 5: checkouts under faults at moments by seed (S11). Every round breaks one service
 * and mends another; then all are mended, an operator resumes what was parked, and the books are
 * compared.
 *
 * A round takes as long as what it does: there is no waiting but for the things themselves.
 */
#include "judge/suites/03-saga.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include "judge/suites/03-shop.h"
#include "kit/error.h"

enum { CHECKOUTS = 12, ROUNDS = 24 };

/* Whom a blow may hit: each step's service, by its number, and these two. */
enum { ORCHESTRATOR = SAGA_STEPS, USERS, VICTIMS };

/* What may be the matter with a service. */
enum trouble { WELL, FAULTED, STOPPED };

struct storm {
    struct shop shop;
    struct check_run *run;
    enum trouble troubles[VICTIMS];
    struct {
        char id[ID_SIZE];
        int refused; /* 1: it cannot COMPLETE */
        int64_t price_cents;
        enum saga_phase phase;
    } checkouts[CHECKOUTS];
    int count, kills, resumes, completed;
};

static const char *name_of(int victim)
{
    if (victim == USERS)
        return "user-service"; /* asked who the customer is */
    return victim == ORCHESTRATOR ? CHECKOUT : shop_service((enum saga_step)victim);
}

static int below(struct storm *storm, int bound)
{
    return (int)random_below(&storm->run->random, (uint64_t)bound);
}

static int mend(struct storm *storm, int victim)
{
    enum trouble trouble = storm->troubles[victim];
    storm->troubles[victim] = WELL;
    if (trouble == STOPPED)
        return run_kill(storm->run, name_of(victim), SIGCONT);
    if (trouble == FAULTED)
        return run_fault(storm->run, name_of(victim), FAULT_NONE, 0);
    return run_ended(storm->run);
}

static int kill_and_restart(struct storm *storm, int victim)
{
    storm->kills++;
    return run_kill(storm->run, name_of(victim), SIGKILL) ||
           run_restart(storm->run, name_of(victim));
}

/* Breaks a service that is well. */
static int strike(struct storm *storm, int victim)
{
    static const struct {
        enum fault_kind kind;
        int64_t value;
    } faults[] = {{FAULT_HANG, 0},         {FAULT_CLOSE_BEFORE, 0}, {FAULT_CLOSE_AFTER, 0},
                  {FAULT_CLOSE_DURING, 0}, {FAULT_STATUS, 503},     {FAULT_GARBAGE, 0},
                  {FAULT_LATENCY, 40},     {FAULT_FLAP, 2}};
    enum { FAULTS = sizeof faults / sizeof faults[0] };
    int is_student = victim == ORCHESTRATOR || victim == SAGA_RESERVE; /* has no faults to switch */
    int choice = below(storm, FAULTS + 4);
    if (choice >= FAULTS + 2 || (is_student && choice < FAULTS))
        return kill_and_restart(storm, victim);
    if (choice >= FAULTS) {
        storm->troubles[victim] = STOPPED;
        return run_kill(storm->run, name_of(victim), SIGSTOP);
    }
    storm->troubles[victim] = FAULTED;
    return run_fault(storm->run, name_of(victim), faults[choice].kind, faults[choice].value);
}

/* The next checkout; one in four is refused by somebody. */
static int place(struct storm *storm)
{
    int i = storm->count++;
    char cart[32];
    int kind = i % 8;
    const char *prefix = kind == 7 ? "sold-out" : "cart";
    int dollars = kind == 3 ? 20000 : 100 + i;
    snprintf(cart, sizeof cart, "%s-%d", prefix, dollars);
    storm->checkouts[i].refused = kind == 3 || kind == 5 || kind == 7;
    storm->checkouts[i].price_cents = (int64_t)(dollars - 10) * 100;
    return shop_checkout(&storm->shop, cart, kind == 5 ? "user-950" : "user-123", "coupon-10",
                         storm->checkouts[i].id);
}

/* Its first blow is certain to strike: the orchestrator dies while a payment is on its way. */
static int first_blow(struct storm *storm)
{
    storm->troubles[SAGA_PAY] = FAULTED;
    return run_fault(storm->run, "payment-service", FAULT_HANG, 0) || place(storm) ||
           place(storm) || shop_expect_struck(&storm->shop, "payment-service") ||
           kill_and_restart(storm, ORCHESTRATOR);
}

static int one_round(struct storm *storm)
{
    int victim = below(storm, VICTIMS);
    if (mend(storm, ORCHESTRATOR) || mend(storm, below(storm, VICTIMS)) || mend(storm, victim))
        return 1;
    if (storm->count < CHECKOUTS && place(storm))
        return 1;
    return strike(storm, victim);
}

/* Looks at all that have not ended; parked ones are resumed. 1 when all have. */
static int all_ended(void *context)
{
    struct storm *storm = context;
    int ended = 0;
    for (int i = 0; i < storm->count; i++) {
        enum saga_phase *phase = &storm->checkouts[i].phase;
        if (*phase < SAGA_COMPLETED)
            *phase = shop_phase(&storm->shop, storm->checkouts[i].id);
        if (*phase == SAGA_PARKED)
            storm->resumes += shop_resume(&storm->shop, storm->checkouts[i].id) == 202;
        ended += *phase >= SAGA_COMPLETED;
    }
    return ended == storm->count || run_ended(storm->run);
}

static int expect_all_ended(struct storm *storm)
{
    if (run_ended(storm->run) || run_until(storm->run, SHOP_PATIENCE_MS, all_ended, storm))
        return run_ended(storm->run);
    int i = 0;
    while (storm->checkouts[i].phase >= SAGA_COMPLETED)
        i++;
    return run_fail(storm->run, "wrong answer",
                    "once all services are well and parked sagas are resumed, every saga ends",
                    "%s is %s after %d s", storm->checkouts[i].id,
                    saga_phase_name(storm->checkouts[i].phase), SHOP_PATIENCE_MS / 1000);
}

static int is_balanced(const struct storm *storm, int i, const struct book *book)
{
    int completed = storm->checkouts[i].phase == SAGA_COMPLETED;
    for (int step = SAGA_DISCOUNT; step < SAGA_STEPS; step++) {
        int wanted = completed ? 1 : 0;
        if (book->done[step] - book->undone[step] != wanted || book->done[step] > 1)
            return 0;
    }
    return book->paid_cents == (completed ? storm->checkouts[i].price_cents : 0);
}

static int expect_balance(struct storm *storm, int i)
{
    struct book book;
    struct text words = {0};
    if (run_ended(storm->run) || shop_book(&storm->shop, storm->checkouts[i].id, &book))
        return 1;
    shop_write_book(&book, &words);
    int completed = storm->checkouts[i].phase == SAGA_COMPLETED;
    if (completed && storm->checkouts[i].refused)
        run_fail(storm->run, "wrong answer", "a checkout that was refused is ROLLED_BACK",
                 "%s COMPLETED: %s", storm->checkouts[i].id, text_str(&words));
    else if (!is_balanced(storm, i, &book))
        run_fail(storm->run, "wrong answer",
                 completed ? "COMPLETED: every effect once, none taken back, and the price paid"
                           : "ROLLED_BACK: every effect taken back, and nothing paid",
                 "%s, applied/taken back: %s", storm->checkouts[i].id, text_str(&words));
    text_release(&words);
    return run_ended(storm->run);
}

static int is_settled(void *context)
{
    struct storm *storm = context;
    return shop_stock_is_settled(&storm->shop, storm->completed);
}

static int expect_settled(struct storm *storm)
{
    if (run_ended(storm->run) || run_until(storm->run, SHOP_PATIENCE_MS, is_settled, storm))
        return run_ended(storm->run);
    struct http_reply reply = {0};
    run_http(storm->run, "inventory-service", "GET", "/ledger", NULL, NULL, SHOP_PATIENCE_MS,
             &reply);
    run_fail(storm->run, "wrong answer",
             "no stock is PENDING, and one piece is gone for each COMPLETED checkout",
             "%d checkouts COMPLETED: %.600s", storm->completed, text_str(&reply.body));
    http_reply_release(&reply);
    return 1;
}

void saga_storm(struct check_run *run)
{
    struct storm storm = {.run = run};
    if (!shop_open(&storm.shop, run, (struct shop_patience){150, 5, 3}) && !first_blow(&storm)) {
        for (int i = 0; i < ROUNDS && !run_ended(run); i++)
            one_round(&storm);
        for (int i = 0; i < VICTIMS && !run_ended(run); i++)
            mend(&storm, i);
        expect_all_ended(&storm);
        for (int i = 0; i < storm.count && !run_ended(run); i++) {
            expect_balance(&storm, i);
            storm.completed += storm.checkouts[i].phase == SAGA_COMPLETED;
        }
        expect_settled(&storm);
        run_figure(run, "checkouts completed in the storm", storm.completed);
        run_figure(run, "processes killed in it", storm.kills);
        run_figure(run, "parked sagas resumed after it", storm.resumes);
    }
    shop_close(&storm.shop);
}
