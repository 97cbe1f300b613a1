/*
 * Lab 02, step 1: the three states.
 * Waits stay the same here, cap is base: that they grow is step 4.
 */
#include "suites/02-breaker/checks.h"
#include "suites/02-breaker/model.h"

#define CREATE "create percent=70 window=10 minimum=3 trials=1 base=1000 cap=1000 lease=500 "
/* OPEN since 0, until 1000; two good trials in a row close it, or one. */
#define TRIP      CREATE "successes=2\n" TRIPPING
#define TRIP_EASY CREATE "successes=1\n" TRIPPING

#define CHECK(name, its_points, its_anchor)                                                        \
    .id = name, .step = 1, .points = its_points, .anchor = its_anchor, .oracle = &breaker_oracle

const struct check breaker_states_checks[] = {
    {CHECK("new_breaker_admits", 1, "closed"), .rules = "B1", .gate = 1,
     .rule = "A new breaker is CLOSED and admits every call.",
     .script = "create\nstate\nadmit token=0 now=0\nadmit token=1 now=0\nadmit token=2 now=5\n"
               "report token=0 outcome=OK now=5\nadmit token=3 now=6\n",
     .hints =
         {"Start with breaker_create: keep the configuration, begin CLOSED.",
          "While CLOSED, breaker_admit fills the token and returns BREAKER_ADMITTED, always."}},
    {CHECK("trips_at_the_threshold_exactly", 1, "closed"), .rules = "B1",
     .rule = "It trips when 100 x failures >= failure_percent x recorded.",
     .script =
         "create percent=50 window=10 minimum=2\n" OK OK FAIL FAIL "state\nadmit token=0 now=4\n",
     .hints = {"Two failures of four are exactly 50 percent. Is that enough here?",
               "The comparison is >=, as the PIN says."}},
    {CHECK("rate_is_not_whole_number_division", 1, "closed"), .rules = "B1",
     .rule = "The rate is compared by cross-multiplying, so 1 of 3 is 33 percent and not 0.",
     .script = "create percent=33 window=9 minimum=1\n" OK OK FAIL
               "state\ncreate percent=34 window=9 minimum=1\n" OK OK FAIL "state\n",
     .hints = {"In whole numbers 1 / 3 is 0, and 100 * 1 / 3 is 33. What is lost?",
               "Compare 100 x failures with failure_percent x recorded; nothing is divided."}},
    {CHECK("minimum_is_waited_for", 1, "closed"), .rules = "B1",
     .rule = "Fewer recorded outcomes than the minimum never trip.",
     .script = "create percent=1 window=10 minimum=4\n" FAIL FAIL FAIL "state\n" FAIL
               "state\ncreate percent=50 window=10 minimum=4\n" FAIL FAIL OK FAIL "state\n",
     .hints = {"Three failures of three are 100 percent, but three are few.",
               "recorded >= minimum must hold as well; at the fourth it does."}},
    {CHECK("a_success_never_trips", 1, "closed"), .rules = "B1",
     .rule = "Only a recorded failure may trip, even when a success makes the rate reach it.",
     .script = "create percent=40 window=6 minimum=3\n" FAIL FAIL OK "state\n" FAIL "state\n",
     .hints =
         {"The third outcome reaches the minimum, and the rate is reached already. What was it?",
          "Look at the rate only after recording a failure (PIN)."}},
    {CHECK("window_forgets_the_oldest", 1, "closed"), .rules = "B1",
     .rule = "Only the last `window` recorded outcomes count.",
     .script = "create percent=55 window=5 minimum=3\n" OK OK OK FAIL FAIL OK OK OK OK OK FAIL FAIL
               "state\n" FAIL "state\n",
     .hints =
         {"Which five outcomes are in the window at the end, and how many of them failed?",
          "When the window is full, take the oldest out of the totals before the new goes in."}},
    {CHECK("successes_do_not_empty_the_window", 1, "closed"), .rules = "B1",
     .rule = "A success is one outcome in the window, not a reset of it.",
     .script = "create percent=55 window=6 minimum=4\n" OK FAIL OK FAIL FAIL "state\n",
     .hints =
         {"Three of five failed, with a success between them. Is the breaker OPEN?",
          "Failures in a row are a different rule from a failure rate; this lab has the rate."}},
    {CHECK("old_outages_are_forgotten", 1, "closed"), .rules = "B1",
     .rule = "The window is of recorded outcomes, not of the breaker's whole life.",
     .script = "create percent=40 window=4 minimum=2\n" OK OK OK OK OK OK OK OK FAIL FAIL "state\n",
     .hints =
         {"Two of the last four failed; of all ten it is only 20 percent.",
          "Totals since the beginning make an old breaker blind. Keep a ring of `window` bits."}},
    {CHECK("a_full_size_window_works", 1, "closed"), .rules = "B1",
     .rule = "A window larger than a machine word remembers as well as a small one.",
     .run = check_large_window,
     .hints = {"A window of 131 needs more than two 64-bit words.",
               "Allocate the window in breaker_create by its size, and go round at its end."}},
    {CHECK("a_call_costs_the_same_whatever_the_window", 1, "pitfalls"), .rules = "B1",
     .run = check_cost_of_a_call,
     .rule = "admit and report allocate nothing and look at no more than one remembered outcome.",
     .hints = {"300,000 calls with a window of 100,000, within two seconds of CPU time.",
               "Keep the number of failures beside the window: one outcome goes, one comes.",
               "The window is allocated in breaker_create; a token belongs to the caller."}},
    {CHECK("open_rejects_without_calling", 1, "open"), .rules = "B2",
     .rule = "OPEN rejects every call until the wait is over.",
     .script = TRIP "admit token=4 now=4\nadmit token=5 now=500\nadmit token=6 now=990\nstate\n",
     .hints = {"It opened at 0 with a wait of 1000: until when is everything rejected?",
               "Remember when it opened, or when it may be asked again."}},
    {CHECK("admits_exactly_at_the_end_of_the_wait", 1, "open"), .rules = "B2",
     .rule = "At now >= opened + wait the next admit is the first trial.",
     .script = TRIP "admit token=4 now=999\nadmit token=4 now=1000\nstate\n",
     .hints = {"Opened at 0, wait 1000. What about 1000 itself?", "It is >=, as the PIN says."}},
    {CHECK("rejections_are_no_outcomes", 1, "open"), .rules = "B2",
     .rule = "Rejected calls are counted separately and never enter the rate.",
     .script =
         "create percent=70 window=10 minimum=3 trials=1 successes=1 base=20 cap=20\n" TRIPPING
         "admit token=1 now=4\nadmit token=1 now=9\nadmit token=1 now=19\n"
         "admit token=2 now=25\nreport token=2 outcome=OK now=25\nstate\n"
         "admit token=3 now=29\nreport token=3 outcome=OK now=29\n"
         "admit token=3 now=30\nreport token=3 outcome=FAIL now=30\nstate\n",
     .hints = {"What does your breaker do to its numbers when it rejects?",
               "A rejection records no outcome, does not trip again, and does not move the wait."}},
    {CHECK("looking_changes_nothing", 1, "open"), .rules = "B2",
     .rule = "Reading the state never moves it, however late it is.",
     .script = TRIP "state\nadmit token=9 now=4\nstate\nstate\nadmit token=4 now=90000\nstate\n"
                    "state\n",
     .hints = {"Only breaker_admit may turn OPEN into HALF_OPEN.",
               "breaker_state returns what is stored; it has no `now` to decide with."}},
    {CHECK("half_open_admits_one_trial", 1, "half-open"), .rules = "B3", .gate = 1,
     .rule = "While HALF_OPEN, at most `trials` calls are in flight; others are BUSY.",
     .script =
         TRIP "admit token=4 now=1010\nadmit token=5 now=1010\nadmit token=6 now=1100\nstate\n",
     .hints = {"With trials=1, what is the answer to the second caller, who comes while the first "
               "trial is still out?",
               "Count the trials in flight: up at admit, down at report; no room is BUSY."}},
    {CHECK("several_trials_share_the_room", 1, "half-open"), .rules = "B3",
     .rule = "With trials=3 there is room for three, and each report frees one place.",
     .script = "create percent=70 window=10 minimum=3 trials=3 successes=5 base=10 cap=10 "
               "lease=1000\n" TRIPPING
               "admit token=1 now=20\nadmit token=2 now=20\nadmit token=3 now=20\n"
               "admit token=4 now=21\nreport token=2 outcome=OK now=22\n"
               "admit token=4 now=22\nadmit token=5 now=22\n",
     .hints = {"The call that turns it HALF_OPEN is itself the first trial.",
               "Three slots: two more after the first, then BUSY until one reports."}},
    {CHECK("a_failed_trial_reopens", 1, "half-open"), .rules = "B3",
     .rule = "Any failure while HALF_OPEN reopens, with a full new wait from then.",
     .script = TRIP "admit token=4 now=1010\nreport token=4 outcome=FAIL now=1200\nstate\n"
                    "admit token=5 now=2100\nadmit token=5 now=2190\nadmit token=5 now=2210\n"
                    "state\n",
     .hints = {"The new wait begins when the trial failed, not when it first opened.",
               "A wait of 1000 from 1200 on: 2190 is too early, 2210 is not."}},
    {CHECK("successes_in_a_row_close", 1, "half-open"), .rules = "B3",
     .rule = "`successes` good trials in a row close it; fewer do not.",
     .script = TRIP "admit token=4 now=1010\nreport token=4 outcome=OK now=1011\nstate\n"
                    "admit token=5 now=1012\nreport token=5 outcome=OK now=1013\nstate\n"
                    "admit token=6 now=1014\nadmit token=7 now=1014\n" TRIP
                    "admit token=4 now=1010\nreport token=4 outcome=OK now=1011\n"
                    "admit token=5 now=1012\nreport token=5 outcome=FAIL now=1013\n"
                    "admit token=6 now=2020\nreport token=6 outcome=OK now=2021\nstate\n"
                    "admit token=7 now=2022\nreport token=7 outcome=OK now=2023\nstate\n",
     .hints = {"successes=2: CLOSED after the second, not after the first.",
               "Count good trials since it became HALF_OPEN: begin at 0 each time."}},
    {CHECK("minimum_plays_no_part_in_half_open", 1, "half-open"), .rules = "B3",
     .rule = "While HALF_OPEN one failure is enough, whatever the minimum.",
     .script = "create percent=85 window=20 minimum=6 trials=1 successes=3 base=10 cap=10\n" OK FAIL
         FAIL FAIL FAIL FAIL FAIL "state\nadmit token=1 now=15\nreport token=1 outcome=OK now=15\n"
               "admit token=2 now=16\nreport token=2 outcome=FAIL now=16\nstate\n",
     .hints = {"Trials are few by design; a minimum of 6 would never be reached.",
               "In HALF_OPEN the window and its minimum are not asked at all."}},
    {CHECK("closing_clears_the_window", 1, "half-open"), .rules = "B4",
     .rule = "Closing forgets the outcomes from before.",
     .script = TRIP_EASY "admit token=4 now=1010\nreport token=4 outcome=OK now=1011\nstate\n"
                         "admit token=6 now=1014\nreport token=6 outcome=OK now=1014\n"
                         "admit token=6 now=1015\nreport token=6 outcome=FAIL now=1015\n"
                         "admit token=6 now=1016\nreport token=6 outcome=FAIL now=1016\nstate\n",
     .hints = {"After closing, one success and two failures are 66 percent, and not more.",
               "Empty the ring and both totals when it becomes CLOSED."}},
    {CHECK("each_transition_is_one_event", 1, "half-open"), .rules = "B4",
     .rule = "Each transition happens once and reaches the listener once, in order.",
     .script = TRIP_EASY "admit token=4 now=1010\nreport token=4 outcome=FAIL now=1015\n"
                         "admit token=5 now=2020\nreport token=5 outcome=OK now=2021\nevents\n",
     .judged = "count list",
     .hints = {"CLOSED>OPEN, OPEN>HALF_OPEN, HALF_OPEN>OPEN, OPEN>HALF_OPEN, HALF_OPEN>CLOSED: "
               "states are written 0, 1, 2, then @time+wait.",
               "Let one function make every transition; it makes the event too."}},
    {CHECK("a_listener_may_call_back", 1, "half-open"), .rules = "B4",
     .rule = "Events are delivered outside the lock: a listener may ask the breaker for its state.",
     .script = "create reenter=1 percent=70 window=10 minimum=3 trials=1 successes=1 base=10 "
               "cap=10\n" TRIPPING
               "admit token=1 now=20\nreport token=1 outcome=OK now=20\nevents\nstate\n",
     .judged = "state",
     .hints = {"A listener that calls breaker_state while you hold the lock waits for ever.",
               "Keep events aside under the lock; deliver them after releasing it."}},
    {CHECK("configurations_out_of_range_are_refused", 1, "refusing-a-configuration"), .rules = "B1",
     .rule = "breaker_create refuses what is out of range and names the field.",
     .script =
         "create\ncreate percent=0\ncreate percent=101\ncreate window=0\ncreate window=100001\n"
         "create minimum=0\ncreate window=5 minimum=6\ncreate trials=0\ncreate trials=65\n"
         "create successes=0\ncreate base=0\ncreate base=-1\ncreate base=1000 cap=999\n"
         "create cap=86400001\ncreate lease=86400001\ncreate lease=0\ncreate lease=-5\ncreate "
         "jitter=-0.1\n"
         "create jitter=1.1\ncreate jitter=nan\ncreate norandom=1\n"
         "create percent=100 window=100000 minimum=100000 trials=64 lease=86400000 "
         "cap=86400000 jitter=1\n",
     .hints = {"Each sentence must hold the field's name as in breaker.h, \"cap_ms\".",
               "For jitter write the test so that NaN fails it: !(jitter >= 0 && jitter <= 1)."}},
    {0},
};
