/*
 * Lab 03, step 2: backward. Compensation, the pivot, parking, restarts.
 */
#include "suites/03-saga/checks.h"

#include <string.h>
#include "suites/03-saga/scripts.h"

void saga_generate_events(struct scenario *out, const struct random *random)
{
    static const char *const steps[] = {"validate", "discount", "reserve",
                                        "pay",      "ship",     "confirm"};
    static const char *const answers[] = {"ok", "ok", "ok", "rejected", "unknown"};
    int64_t now = 0;
    scenario_add(out, "create list=1 attempts=%d compensations=%d deadline=%d unit=0.25",
                 1 + (int)random_below(random, 3), 1 + (int)random_below(random, 3),
                 200 + (int)random_below(random, 3000));
    scenario_add(out, "start now=0");
    for (int i = 0; i < 60; i++) {
        now += 1 + (int64_t)random_below(random, 40);
        int kind = (int)random_below(random, 20);
        int step = i / 5 < 6 ? i / 5 : (int)random_below(random, 6);
        int is_back = random_below(random, 4) == 0;
        const char *answer = answers[random_below(random, 5)];
        int cents = (int)random_below(random, 500) + (step == SAGA_VALIDATE ? 500 : 0);
        int has_cents = step <= SAGA_DISCOUNT && !is_back && strcmp(answer, "ok") == 0;
        if (kind < 12)
            scenario_add(out, "reply step=%s direction=%s answer=%s cents=%d now=%lld", steps[step],
                         is_back ? "back" : "forward", answer, has_cents ? cents : 0,
                         (long long)now);
        else if (kind < 16)
            scenario_add(out, "timer now=%lld", (long long)now);
        else if (kind < 18)
            scenario_add(out, "restart now=%lld", (long long)now);
        else
            scenario_add(out, "resume now=%lld", (long long)now);
    }
}

/* Nobody knows of this step for hours: by a connection that is lost, and by silence. */
static void generate_unknown_for_long(struct scenario *out, const char *before, const char *step)
{
    enum { SENDS = 300 };
    int64_t now = 100;
    scenario_add_script(out, before);
    for (int i = 0; i < SENDS; i++) {
        if (i % 2 == 0)
            scenario_add(out, "reply step=%s attempt=%d answer=unknown now=%lld", step, i + 1,
                         (long long)(now += 10));
        else
            scenario_add(out, "timer now=%lld", (long long)(now += 200)); /* no answer */
        scenario_add(out, "timer now=%lld", (long long)(now += 200));     /* the wait is over */
    }
    scenario_add(out, "reply step=%s attempt=1 answer=ok now=%lld", step, (long long)now);
}

static void generate_unknown_pivot(struct scenario *out, const struct random *random)
{
    (void)random;
    generate_unknown_for_long(out, TO_SHIP, "ship");
}

static void generate_unknown_confirmation(struct scenario *out, const struct random *random)
{
    (void)random;
    generate_unknown_for_long(out, TO_CONFIRM, "confirm");
}

#define CHECK(name, its_points, its_anchor)                                                        \
    .id = name, .step = 2, .points = its_points, .anchor = its_anchor, .oracle = &saga_oracle

const struct check saga_backward_checks[] = {
    {CHECK("compensates_in_reverse_order", 2, "backward"), .rules = "S2", .gate = 1,
     .rule = "On REJECTED what took effect is undone in reverse order, one after the other.",
     .script = TO_SHIP REJECTED(ship, 50) UNDONE(pay, 60) UNDONE(reserve, 70) UNDONE(discount, 80),
     .hints = {"pay, then reserve, then discount; each awaited before the next.",
               "The highest step that is still owed comes next."}},
    {CHECK("a_rejected_step_is_not_compensated", 1, "backward"), .rules = "S2",
     .rule = "REJECTED surely had no effect: there is nothing to undo.",
     .script = TO_PAY REJECTED(pay, 40) UNDONE(reserve, 50) UNDONE(discount, 60),
     .hints = {"Which steps took effect here?", "The rejected one is not among the owed."}},
    {CHECK("nothing_done_is_nothing_to_undo", 1, "backward"), .rules = "S2",
     .rule = "When the cart is rejected, nothing is sent: ROLLED_BACK at once.",
     .script = BEGIN REJECTED(validate, 10),
     .hints = {"VALIDATE only reads.", "No owed step: the rollback is over before it began."}},
    {CHECK("unknown_is_compensated", 2, "backward"), .rules = "S2 S3",
     .rule = "A step that stayed UNKNOWN may have taken effect: it is compensated too.",
     .script = TO_PAY UNKNOWN(pay, 40) "timer now=60\n" UNKNOWN(pay, 70) UNDONE(pay, 80)
         UNDONE(reserve, 90) UNDONE(discount, 100),
     .hints = {"Perhaps the money was taken, and only the answer was lost.",
               "Owed is every step that was sent and not surely without effect."}},
    {CHECK("rejected_after_unknown_had_no_effect", 1, "backward"), .rules = "S2 S9",
     .rule = "A participant keeps its first answer: REJECTED after UNKNOWN means no effect at all.",
     .script = TO_PAY UNKNOWN(pay, 40) "timer now=60\n" REJECTED(pay, 70) UNDONE(reserve, 80)
         UNDONE(discount, 90),
     .hints = {"Both sends carried one key; there is one final answer to it.",
               "REJECTED clears the step, whatever earlier sends left open."}},
    {CHECK("the_refund_is_what_was_charged", 1, "backward"), .rules = "S2 S7",
     .rule = "The refund is of the amount that was charged, after a restart too.",
     .script = TO_SHIP "restart now=90\n" REJECTED(ship, 100) "restart now=150\n",
     .hints = {"The cart's total is not what the customer paid.",
               "It is worked out from two answers, and both are in the log."}},
    {CHECK("each_compensation_is_awaited", 1, "backward"), .rules = "S2",
     .rule = "The next compensation is sent when the last one has been answered, not before.",
     .script =
         TO_SHIP REJECTED(ship, 50) "reply step=discount direction=back answer=ok now=55\n" UNDONE(
             pay, 60) UNDONE(pay, 61) UNDONE(reserve, 70),
     .hints = {"One command is pending at a time, backward as well as forward.",
               "A reply to a compensation that was not sent yet changes nothing."}},
    {CHECK("the_pivot_may_be_refused", 1, "pivot"), .rules = "S2",
     .rule = "SHIP rejected: everything before it is undone, SHIP itself is not.",
     .script = TO_SHIP REJECTED(ship, 50),
     .hints = {"There is no command that undoes SHIP.", "The refund is first."}},
    {CHECK("an_unknown_pivot_is_asked_until_known", 1, "pivot"), .rules = "S3",
     .rule = "SHIP that stays UNKNOWN is neither compensated nor passed: it is sent again, without "
             "limit.",
     .generate = generate_unknown_pivot,
     .hints = {"Undoing the payment for a parcel that left is as wrong as keeping the payment for "
               "one that did not.",
               "attempts bounds the steps before the pivot only."}},
    {CHECK("after_the_pivot_only_forward", 1, "pivot"), .rules = "S3",
     .rule = "CONFIRM is sent again until it is done; nothing is undone any more.",
     .generate = generate_unknown_confirmation,
     .hints = {"The parcel is on its way; a lost e-mail does not bring it back.",
               "The backoff grows up to the cap and stays there."}},
    {CHECK("a_rejected_confirmation_is_parked", 1, "parking"), .rules = "S4",
     .rule = "CONFIRM rejected: a person must look at it. PARKED, not rolled back.",
     .script = TO_CONFIRM REJECTED(confirm, 60) "resume now=100\n" OK(confirm, 110),
     .hints = {"DONE with PARKED.", "resume sends CONFIRM again, with the same key."}},
    {CHECK("compensation_is_tried_again", 1, "parking"), .rules = "S4",
     .rule = "A compensation that is UNKNOWN or REJECTED is a failed attempt, and is tried again.",
     .script = "create list=1 compensations=3\nstart now=0\nreply step=validate answer=ok now=10\n"
               "reply step=discount answer=ok now=20\n" REJECTED(
                   reserve, 30) "reply step=discount direction=back answer=rejected now=40\ntimer "
                                "now=70\n" NOT_UNDONE(discount,
                                                      80) "timer now=120\n" UNDONE(discount, 130),
     .hints = {"REJECTED does not end a compensation: what is owed stays owed.",
               "compensation_attempts counts its sends, the first included."}},
    {CHECK("a_failed_rollback_is_parked", 2, "parking"), .rules = "S4", .gate = 1,
     .rule = "When a compensation's attempts are used up the saga is PARKED, never ROLLED_BACK.",
     .script = TO_SHIP REJECTED(ship, 50) NOT_UNDONE(pay, 60) "timer now=90\n" NOT_UNDONE(pay, 100),
     .hints = {"Money is still out. Who would know, if this were called rolled back?",
               "Do not skip it and go on with the next one either."}},
    {CHECK("resume_goes_on_where_it_stopped", 1, "parking"), .rules = "S4",
     .rule = "An operator's resume repeats the failed compensation with the same key and fresh "
             "attempts.",
     .script = TO_SHIP REJECTED(ship, 50) NOT_UNDONE(pay, 60) "timer now=90\n" NOT_UNDONE(
         pay, 100) "resume now=500\n" NOT_UNDONE(pay, 510) "timer now=550\n" UNDONE(pay, 560)
         UNDONE(reserve, 570) UNDONE(discount, 580),
     .hints = {"PARKED remembers which step and direction it stopped at.",
               "Attempts begin at 1 again; earlier steps stay owed."}},
    {CHECK("only_a_parked_saga_is_resumed", 1, "parking"), .rules = "S4",
     .rule = "RESUME of a saga that is not parked is refused and changes nothing.",
     .script = BEGIN "resume now=5\n" REJECTED(validate, 10) "resume now=20\n",
     .hints = {"ERR_REFUSED.", "For sagas that have ended, too."}},
    {CHECK("late_replies_cancel_nothing", 1, "replies"), .rules = "S5",
     .rule = "A late OK of a step that is being compensated cancels nothing.",
     .script = TO_PAY UNKNOWN(pay, 40) "timer now=60\n" UNKNOWN(pay, 70) OK(pay, 75) UNDONE(pay, 80)
         OK(pay, 85) UNDONE(reserve, 90) UNDONE(discount, 95),
     .hints = {"Forward is over; the decision stands.",
               "Directions differ, so it does not match."}},
    {CHECK("the_deadline_starts_nothing_new", 1, "time"), .rules = "S6",
     .rule = "From the checkout's deadline on, no forward step up to the pivot begins.",
     .script = "create list=1 deadline=1000\nstart now=0\n"
               "reply step=validate answer=ok cents=500 now=10\n" OK(discount, 20)
                   OK(reserve, 1000) "create list=1 deadline=1000\nstart now=70000\n"
                                     "restart now=50 wall=1700000071100\n"
                                     "reply step=validate answer=ok cents=500 now=60 "
                                     "wall=1700000071110\n",
     .hints = {"At now.wall_ms >= start + deadline_ms the next step is not begun: roll back.",
               "It is wall time: it must survive a restart."}},
    {CHECK("a_checkout_keeps_the_deadline_it_began_with", 1, "time"), .rules = "S6 S7",
     .rule = "A process with another deadline_ms does not move the deadline of what has begun.",
     .script = "create list=1 deadline=1000\nstart now=0\n"
               "restart now=100 deadline=60000\n"
               "reply step=validate answer=ok cents=500 now=1000\n"
               "create list=1 deadline=60000\nstart now=2000\nrestart now=2100 deadline=50\n"
               "reply step=validate answer=ok cents=500 now=2200\n" OK(discount, 2300),
     .hints = {"Two versions of a service run with two configurations; the log is the same.",
               "Log the deadline itself, as wall time, not when the checkout began."}},
    {CHECK("an_ended_saga_stays_ended", 1, "replies"), .rules = "S5",
     .rule = "Replies and timers after the end change nothing.",
     .script = BEGIN REJECTED(validate, 10)
         OK(validate, 20) "timer now=200\n" OK(discount, 210) "restart now=300\n",
     .hints = {"No action, and the phase stays.", "A restart only says DONE again."}},
    {CHECK("a_restart_repeats_what_was_pending", 1, "restart"), .rules = "S6 S7",
     .rule =
         "After a restart the pending command is sent again with its key, its timer anew and full.",
     .script = TO_PAY
     "restart now=90\n" OK(pay, 95) "restart now=150\n" OK(ship, 160) "restart now=200\n",
     .hints = {"Nobody knows whether it was sent before the crash: the key makes it safe.",
               "The same attempt, the full limit."}},
    {CHECK("a_restart_keeps_the_direction", 1, "restart"), .rules = "S7",
     .rule = "A saga that was rolling back goes on rolling back.",
     .script =
         TO_SHIP REJECTED(ship, 50) "restart now=90\n" UNDONE(pay, 100) "restart now=150\n" UNDONE(
             reserve, 160) "restart now=200\n" UNDONE(discount, 210),
     .hints = {"The turn is a record of its own, before the first compensation.",
               "Replaying it sets direction and step."}},
    {CHECK("a_restart_keeps_the_attempts", 1, "restart"), .rules = "S3 S7",
     .rule = "Attempts are counted across restarts: a crash loop does not send for ever.",
     .script = TO_PAY UNKNOWN(pay, 40) "restart now=100\n" UNKNOWN(pay, 110) UNDONE(pay, 120),
     .hints = {"The number of the send is in its record.", "attempts=2: two sends in all."}},
    {CHECK("any_events_follow_the_rules", 1, "backward"), .rules = "S1-S7", .tier = TIER_MODEL,
     .generate = saga_generate_events, .rounds = 60,
     .rule = "Whatever events come, in any order, the saga asks for what the rules say.",
     .hints = {"The story is as short as it can be; play it on paper.",
               "make debug CHECK=any_events_follow_the_rules stops at the event."}},
    {0},
};
