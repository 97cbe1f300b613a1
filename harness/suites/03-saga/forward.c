/*
 * Lab 03, step 1: forward. Commands in order, keys, records, time-outs, the deadline.
 */
#include "suites/03-saga/checks.h"
#include "suites/03-saga/scripts.h"

#define CHECK(name, its_points, its_anchor)                                                        \
    .id = name, .step = 1, .points = its_points, .anchor = its_anchor, .oracle = &saga_oracle

const struct check saga_forward_checks[] = {
    {CHECK("start_sends_the_first_command", 1, "forward"), .rules = "S1", .gate = 1,
     .rule = "START logs the checkout and sends VALIDATE, with a timer for its answer.",
     .script = BEGIN,
     .hints = {"Three actions at least: append, send, timer, in this order.",
               "The timer is config.answer_ms of the step."}},
    {CHECK("steps_follow_in_order", 1, "forward"), .rules = "S1", .gate = 1,
     .rule = "Each OK sends the next step, and the last one completes.",
     .script = TO_CONFIRM OK(confirm, 60),
     .hints = {"validate, discount, reserve, pay, ship, confirm, then DONE with COMPLETED.",
               "Read what is next off the state: step + 1, or the end."}},
    {CHECK("payment_is_total_less_reduction", 1, "forward"), .rules = "S1",
     .rule = "PAY carries the cart's total less the reduction that DISCOUNT answered.",
     .script = TO_PAY,
     .hints = {"reply.cents of VALIDATE is the total, of DISCOUNT the reduction.",
               "Keep both in the state, and in the log: a restart needs them."}},
    {CHECK("amount_survives_a_restart", 1, "forward"), .rules = "S1 S7",
     .rule = "After a restart PAY carries the same amount: it comes out of the log.",
     .script = TO_RESERVE "restart now=80\n" OK(reserve, 90) "restart now=150\n",
     .hints = {"What was only in memory is gone.", "ANSWERED records carry the cents."}},
    {CHECK("resends_keep_the_key", 1, "keys"), .rules = "S1", .judged = "keys",
     .rule = "Every send of a command carries the same key, made of saga, step and direction, of 1 "
             "to 63 letters, digits, and any of : - _ .",
     .script = "create list=1 attempts=4\nstart now=0\ntimer now=100\ntimer now=120\ntimer "
               "now=220\ntimer now=260\n"
               "restart now=300\n",
     .hints = {"A key with the attempt in it charges twice.",
               "\"ID:validate:forward\": nothing that changes from send to send."}},
    {CHECK("each_checkout_has_its_own_keys", 1, "keys"), .rules = "S1",
     .rule = "Commands of two checkouts have different keys.",
     .script = BEGIN "create list=1\nstart id=01890000-0000-7000-8000-000000000002 now=50\n",
     .hints = {"To a participant the key is all there is: the second customer would get "
               "the first one's answer.",
               "checkout.id is part of it."}},
    {CHECK("silence_is_unknown", 1, "time"), .rules = "S3 S6",
     .rule = "No answer in time is UNKNOWN: back off, then send again.",
     .script = TO_PAY "timer now=200\ntimer now=300\n" OK(pay, 310),
     .hints = {"First timer: the answer did not come. Second timer: the backoff is over.",
               "The backoff is saga_backoff_ms(config, sends so far - 1, one draw)."}},
    {CHECK("unknown_is_tried_again_with_backoff", 1, "time"), .rules = "S3",
     .rule = "UNKNOWN before the pivot is sent again, bounded, the waits growing up to the "
             "cap.",
     .script = "create list=1 attempts=5 base=20 cap=50 unit=0.99\nstart now=0\n"
               "reply step=validate answer=unknown now=5\ntimer now=30\n"
               "reply step=validate answer=unknown now=35\ntimer now=80\n"
               "reply step=validate answer=unknown now=85\ntimer now=150\n"
               "reply step=validate answer=unknown now=155\ntimer now=220\n"
               "reply step=validate answer=unknown now=230\n",
     .hints = {"attempts counts the sends, the first included.",
               "n for the backoff is 0 after the first send, 1 after the second."}},
    {CHECK("each_step_has_its_own_limit", 1, "time"), .rules = "S6",
     .rule = "The timer of a send is the limit of its step.",
     .script =
         "create list=1 answer=500\nstart now=0\nreply step=validate answer=ok cents=100 now=1\n"
         "reply step=discount answer=ok cents=0 now=2\n",
     .hints = {"config.answer_ms is an array.", "answer_ms[step], also for compensations."}},
    {CHECK("an_old_timer_changes_nothing", 1, "time"), .rules = "S6",
     .rule = "A reply that came first wins: the timer it replaced is ignored.",
     .script = TO_RESERVE "timer older=1 now=110\n" OK(reserve, 111) "timer older=1 now=130\n",
     .hints = {"Number your timers; only the one set last counts.",
               "if (event->timer != saga->timer) return with no action."}},
    {CHECK("a_reply_while_backing_off_answers", 1, "replies"), .rules = "S5",
     .rule = "Any attempt's reply answers the step, even while you wait to send the next one.",
     .script = TO_PAY UNKNOWN(pay, 45) "reply step=pay answer=ok attempt=1 now=50\n" UNKNOWN(
         ship, 60) "timer now=100\nreply step=ship answer=ok attempt=1 now=110\n",
     .hints = {"The answer to the first send arrives after you gave it up as UNKNOWN.",
               "It says what you wanted to know; do not send again."}},
    {CHECK("duplicate_replies_change_nothing", 1, "replies"), .rules = "S5",
     .rule = "A second reply to an answered step changes nothing.",
     .script = TO_RESERVE "reply step=discount answer=ok cents=2000 now=25\n"
                          "reply step=validate answer=ok cents=99999 now=26\n" OK(reserve, 30)
                              OK(reserve, 31) OK(pay, 40) OK(pay, 41),
     .hints = {"A reply matches by saga, step and direction of the command that is pending.",
               "A duplicate that advances skips a step."}},
    {CHECK("foreign_replies_change_nothing", 1, "replies"), .rules = "S5",
     .rule = "A reply of another saga, of a later step, or of the other direction changes "
             "nothing.",
     .script = TO_RESERVE "reply step=reserve answer=ok saga=somebody-else now=22\n" OK(
         pay, 23) "reply step=reserve direction=back answer=ok now=24\n" OK(reserve, 30),
     .hints = {"Compare reply.saga with your own id first.", "Then step, then direction."}},
    {CHECK("the_deadline_does_not_stop_what_runs", 1, "time"), .rules = "S6",
     .rule = "A step that was begun in time may be answered and sent again after the "
             "deadline; past the "
             "pivot it has no meaning.",
     .script = "create list=1 deadline=100 attempts=3\nstart now=0\nreply step=validate answer=ok "
               "now=10\n"
               "reply step=discount answer=ok now=20\nreply step=reserve answer=ok now=30\n"
               "reply step=pay answer=ok now=40\nreply step=ship answer=unknown now=150\n"
               "timer now=200\nreply step=ship answer=ok now=210\nreply step=confirm "
               "answer=ok now=900\n",
     .hints = {"The deadline is looked at when a new step is about to begin, nowhere else.",
               "After the pivot only forward."}},
    {CHECK("a_checkout_starts_once", 1, "forward"), .rules = "S1",
     .rule =
         "START of a checkout that has begun is refused, and so is a configuration out of range.",
     .script =
         BEGIN "start now=5\ncreate attempts=0\ncreate compensations=0\ncreate answer=0\n"
               "create discount=0\ncreate reserve=0\ncreate pay=-5\ncreate ship=0\n"
               "create confirm=0\ncreate list=1 base=0\ncreate base=50 cap=49\ncreate deadline=0\n",
     .hints = {"ERR_REFUSED, and nothing changes.", "ERR_INVALID names the field as in saga.h."}},
    {0},
};
