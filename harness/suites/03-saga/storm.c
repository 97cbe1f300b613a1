/*
 * Lab 03, step 5: checkouts under faults at moments by seed (S11). Every round breaks one service
 * and repairs another; then all are repaired, an operator resumes what was parked, the ledgers are
 * compared, and what is bought then must go through.
 *
 * A round takes as long as what it does: there is no waiting but for the things themselves.
 */
#include "suites/03-saga/checks.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include "kit/error.h"
#include "suites/03-saga/checkout_cluster.h"

enum { CHECKOUTS = 12, ROUNDS = 24, GOOD = 2, GOOD_TRIES = 8 };

/* What a fault may hit: each step's service, by its number, and these two. */
enum { ORCHESTRATOR = SAGA_STEPS, USERS, VICTIMS };

/* What may be the matter with a service. */
enum trouble { WELL, FAULTED, STOPPED };

struct storm {
    struct checkout_cluster cluster;
    struct check_run *run;
    enum trouble troubles[VICTIMS];
    struct {
        char id[ID_SIZE];
        enum saga_step refused_by; /* then it cannot COMPLETE; SAGA_STEPS: by nobody */
        int64_t price_cents;
        enum saga_phase phase;
        int released; /* 1: inventory has its stock back */
    } checkouts[CHECKOUTS + GOOD_TRIES];
    int count, kills, resumes;
};

static const char all_well[] =
    "with all services well again, a checkout that nobody refuses is COMPLETED";

static const char *name_of(int victim)
{
    if (victim == USERS)
        return "user-service"; /* asked who the customer is */
    return victim == ORCHESTRATOR ? CHECKOUT : service_of_step((enum saga_step)victim);
}

static int draw_below(struct storm *storm, int bound)
{
    return (int)random_below(&storm->run->random, (uint64_t)bound);
}

static int repair(struct storm *storm, int victim)
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
static int break_service(struct storm *storm, int victim)
{
    static const struct {
        enum fault_kind kind;
        int64_t value;
    } faults[] = {{FAULT_HANG, 0},         {FAULT_CLOSE_BEFORE, 0}, {FAULT_CLOSE_AFTER, 0},
                  {FAULT_CLOSE_DURING, 0}, {FAULT_STATUS, 503},     {FAULT_GARBAGE, 0},
                  {FAULT_LATENCY, 40},     {FAULT_FLAP, 2}};
    enum { FAULTS = sizeof faults / sizeof faults[0] };
    int is_student = victim == ORCHESTRATOR || victim == SAGA_RESERVE; /* has no faults to switch */
    int choice = draw_below(storm, FAULTS + 4);
    if (choice >= FAULTS + 2 || (is_student && choice < FAULTS))
        return kill_and_restart(storm, victim);
    if (choice >= FAULTS) {
        storm->troubles[victim] = STOPPED;
        return run_kill(storm->run, name_of(victim), SIGSTOP);
    }
    storm->troubles[victim] = FAULTED;
    return run_fault(storm->run, name_of(victim), faults[choice].kind, faults[choice].value);
}

/* The next checkout, refused by this step's service, or by nobody (SAGA_STEPS). */
static int place(struct storm *storm, enum saga_step refused_by)
{
    int i = storm->count++;
    char cart[32];
    int dollars = refused_by == SAGA_PAY ? 20000 : 100 + i;
    snprintf(cart, sizeof cart, "%s-%d", refused_by == SAGA_RESERVE ? "sold-out" : "cart", dollars);
    storm->checkouts[i].refused_by = refused_by;
    storm->checkouts[i].price_cents = (int64_t)(dollars - 10) * 100;
    return checkout_place(&storm->cluster, cart, refused_by == SAGA_SHIP ? "user-950" : "user-123",
                          "coupon-10", storm->checkouts[i].id);
}

/* Somebody refuses three of eight. */
static int place_any(struct storm *storm)
{
    static const enum saga_step refused_by[] = {SAGA_STEPS, SAGA_STEPS, SAGA_STEPS, SAGA_PAY,
                                                SAGA_STEPS, SAGA_SHIP,  SAGA_STEPS, SAGA_RESERVE};
    return place(storm, refused_by[storm->count % 8]);
}

/* The first fault is certain to be met: the orchestrator dies while a payment is on its way. */
static int first_fault(struct storm *storm)
{
    storm->troubles[SAGA_PAY] = FAULTED;
    return run_fault(storm->run, "payment-service", FAULT_HANG, 0) || place_any(storm) ||
           place_any(storm) || checkout_expect_fault_met(&storm->cluster, "payment-service") ||
           kill_and_restart(storm, ORCHESTRATOR);
}

static int one_round(struct storm *storm)
{
    int victim = draw_below(storm, VICTIMS);
    if (repair(storm, ORCHESTRATOR) || repair(storm, draw_below(storm, VICTIMS)) ||
        repair(storm, victim))
        return 1;
    if (storm->count < CHECKOUTS && place_any(storm))
        return 1;
    return break_service(storm, victim);
}

/* Looks at all that have not ended; parked ones are resumed. 1 when all have. */
static int all_ended(void *context)
{
    struct storm *storm = context;
    int ended = 0;
    for (int i = 0; i < storm->count; i++) {
        enum saga_phase *phase = &storm->checkouts[i].phase;
        if (*phase < SAGA_COMPLETED)
            *phase = checkout_phase(&storm->cluster, storm->checkouts[i].id);
        if (*phase == SAGA_PARKED)
            storm->resumes += checkout_resume(&storm->cluster, storm->checkouts[i].id) == 202;
        ended += *phase >= SAGA_COMPLETED;
    }
    return ended == storm->count || run_ended(storm->run);
}

static int expect_all_ended(struct storm *storm)
{
    if (run_ended(storm->run) || run_until(storm->run, CHECKOUT_WAIT_MS, all_ended, storm))
        return run_ended(storm->run);
    int i = 0, open = 0;
    while (storm->checkouts[i].phase >= SAGA_COMPLETED)
        i++;
    for (int k = i; k < storm->count; k++)
        open += storm->checkouts[k].phase < SAGA_COMPLETED;
    const char *id = storm->checkouts[i].id, *phase = saga_phase_name(storm->checkouts[i].phase);
    if (!checkout_expect_found(&storm->cluster, id))
        run_fail(storm->run, "wrong answer",
                 "once all services are well and parked sagas are resumed, every saga ends",
                 "%d of %d have not ended after %d s; %s is %s", open, storm->count,
                 CHECKOUT_WAIT_MS / 1000, id, phase);
    checkout_blame(&storm->cluster, id, "it is %s for ever", phase);
    return 1;
}

/* What the ledgers must say, as ledgers_write writes it. */
static void write_wanted(const struct storm *storm, int i, const struct ledger_totals *totals,
                         struct text *out)
{
    int completed = storm->checkouts[i].phase == SAGA_COMPLETED;
    struct ledger_totals wanted = {.paid_cents = completed ? storm->checkouts[i].price_cents : 0};
    for (int step = SAGA_DISCOUNT; step < SAGA_STEPS; step++) {
        wanted.done[step] = completed || totals->done[step] > 0;
        wanted.undone[step] = !completed && totals->done[step] > 0;
    }
    ledgers_write(&wanted, out);
}

static int expect_balance(struct storm *storm, int i)
{
    const char *id = storm->checkouts[i].id;
    struct ledger_totals totals;
    struct text words = {0}, wanted = {0};
    if (run_ended(storm->run) || ledgers_read(&storm->cluster, id, &totals))
        return 1;
    storm->checkouts[i].released = totals.undone[SAGA_RESERVE] > 0;
    ledgers_write(&totals, &words);
    write_wanted(storm, i, &totals, &wanted);
    int completed = storm->checkouts[i].phase == SAGA_COMPLETED;
    if (completed && storm->checkouts[i].refused_by < SAGA_STEPS) {
        run_fail(storm->run, "wrong answer", "a checkout that was refused is ROLLED_BACK",
                 "%s COMPLETED: %s", id, text_str(&words));
        checkout_blame(&storm->cluster, id, "COMPLETED, although %s refuses it",
                       service_of_step(storm->checkouts[i].refused_by));
    } else if (strcmp(text_str(&words), text_str(&wanted)) != 0) {
        run_fail(storm->run, "wrong answer",
                 completed ? "COMPLETED: every effect once, none taken back, and the price paid"
                           : "ROLLED_BACK: every effect taken back, and nothing paid",
                 "%s, applied/taken back: %s", id, text_str(&words));
        checkout_blame_ledgers(&storm->cluster, id, &totals, text_str(&wanted));
    }
    text_release(&words);
    text_release(&wanted);
    return run_ended(storm->run);
}

/* The positive control: a saga that takes everything back balances, too. With everybody well
   a checkout that nobody refuses COMPLETES. One that was not heard in time, since the machine has
   much to do, may give up: then another is placed. */
static int expect_good(struct storm *storm)
{
    for (int good = 0, tries = 0; good < GOOD && !run_ended(storm->run); tries++) {
        int i = storm->count;
        if (tries == GOOD_TRIES)
            return run_fail(storm->run, "wrong answer", all_well, "of %d such checkouts %d did",
                            tries, good);
        if (place(storm, SAGA_STEPS) || expect_all_ended(storm) || expect_balance(storm, i))
            return 1;
        good += storm->checkouts[i].phase == SAGA_COMPLETED;
        if (storm->checkouts[i].phase == SAGA_COMPLETED ||
            checkout_had_unknown(&storm->cluster, storm->checkouts[i].id))
            continue;
        run_fail(storm->run, "wrong answer", all_well, "%s is ROLLED_BACK", storm->checkouts[i].id);
        checkout_blame(&storm->cluster, storm->checkouts[i].id,
                       "ROLLED_BACK, although all services are well");
    }
    return run_ended(storm->run);
}

/* How many have COMPLETED, or have given their stock back. *first, if any, is one of them. */
static int count(const struct storm *storm, int released, int *first)
{
    int found = 0;
    for (int i = storm->count - 1; i >= 0; i--) {
        int counts =
            released ? storm->checkouts[i].released : storm->checkouts[i].phase == SAGA_COMPLETED;
        found += counts;
        if (counts && first != NULL)
            *first = i;
    }
    return found;
}

static int is_settled(void *context)
{
    struct storm *storm = context;
    struct stock_totals stock = stock_read(&storm->cluster);
    return stock.pending == 0 && stock.gone == count(storm, 0, NULL);
}

/* Inventory does not say whose stock is locked. When there is a piece for each that COMPLETED, or
   was released, one of those stands for all. */
static int expect_settled(struct storm *storm)
{
    if (run_ended(storm->run) || run_until(storm->run, CHECKOUT_WAIT_MS, is_settled, storm))
        return run_ended(storm->run);
    struct stock_totals stock = stock_read(&storm->cluster);
    int first_sold = 0, first_released = 0;
    int sold = count(storm, 0, &first_sold), released = count(storm, 1, &first_released);
    run_story(storm->run, run_story_ms(storm->run), STORY_WRONG, "inventory-service", NULL,
              "%lld pieces are PENDING, %lld are gone", (long long)stock.pending,
              (long long)stock.gone);
    run_fail(storm->run, "wrong answer",
             "no stock is PENDING, and one piece is gone for each COMPLETED checkout",
             "%d checkouts COMPLETED, %d gave stock back; %lld pieces are PENDING, %lld are gone",
             sold, released, (long long)stock.pending, (long long)stock.gone);
    if (stock.pending > 0 && (stock.pending == sold || stock.pending == released))
        checkout_blame(&storm->cluster,
                       storm->checkouts[stock.pending == sold ? first_sold : first_released].id,
                       "its stock is still PENDING");
    return 1;
}

void saga_storm(struct check_run *run)
{
    struct storm storm = {.run = run};
    if (!checkout_cluster_open(&storm.cluster, run, (struct saga_patience){150, 5, 3}) &&
        !first_fault(&storm)) {
        for (int i = 0; i < ROUNDS && !run_ended(run); i++)
            one_round(&storm);
        for (int i = 0; i < VICTIMS && !run_ended(run); i++)
            repair(&storm, i);
        expect_all_ended(&storm);
        for (int i = 0; i < storm.count && !run_ended(run); i++)
            expect_balance(&storm, i);
        run_figure(run, "checkouts completed in the storm", count(&storm, 0, NULL));
        run_figure(run, "processes killed in it", storm.kills);
        run_figure(run, "parked sagas resumed after it", storm.resumes);
        expect_good(&storm);
        expect_settled(&storm);
    }
    checkout_cluster_close(&storm.cluster);
}
