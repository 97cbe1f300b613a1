/*
 * Lab 02, step 1: the three states.
 */
#include "judge/suites/02-breaker.h"

#include "judge/suites/02-model.h"

/* A breaker that trips at 4 failures of at least 4, with tokens 0, 1, 2 ... */
#define TRIP                                                                                       \
    "create percent=50 window=10 minimum=4 trials=1 successes=2 base=1000 cap=8000 lease=500\n"    \
    "admit token=0 now=0\nreport token=0 outcome=FAIL now=0\n"                                     \
    "admit token=1 now=1\nreport token=1 outcome=FAIL now=1\n"                                     \
    "admit token=2 now=2\nreport token=2 outcome=FAIL now=2\n"                                     \
    "admit token=3 now=3\nreport token=3 outcome=FAIL now=3\n"

/* Long random traces: commands in any order, time moving by steps that matter. */
static void generate_any(struct scenario *out, const struct random *random)
{
    int64_t now = 0;
    scenario_add(out,
                 "create percent=%d window=%d minimum=%d trials=%d successes=%d base=%d cap=%d "
                 "lease=%d jitter=0.5 draws=0.25,0.75,0,0.9",
                 1 + (int)random_below(random, 100), 4 + (int)random_below(random, 8),
                 1 + (int)random_below(random, 4), 1 + (int)random_below(random, 3),
                 1 + (int)random_below(random, 4), 10 + (int)random_below(random, 20),
                 30 + (int)random_below(random, 100), 5 + (int)random_below(random, 60));
    for (int i = 0; i < 120; i++) {
        static const int steps[] = {0, 0, 0, 1, 1, 7, 20, 64};
        static const char *const outcomes[] = {"OK", "OK", "FAIL", "FAIL", "NEUTRAL"};
        int token = (int)random_below(random, 5);
        now += steps[random_below(random, 8)];
        if (random_below(random, 2) == 0)
            scenario_add(out, "admit token=%d now=%lld", token, (long long)now);
        else
            scenario_add(out, "report token=%d outcome=%s now=%lld", token,
                         outcomes[random_below(random, 5)], (long long)now);
    }
    scenario_add(out, "counts");
}

#define CHECK(name, its_points, its_anchor)                                                        \
    .id = name, .step = 1, .points = its_points, .anchor = its_anchor, .oracle = &breaker_oracle

const struct check breaker_states_checks[BREAKER_STATES_CHECKS] = {
    {CHECK("new_breaker_admits", 1, "closed"), .rules = "B1", .gate = 1,
     .rule = "A new breaker is CLOSED and admits every call.",
     .script = "create\nstate\nadmit token=0 now=0\nadmit token=1 now=0\nadmit token=2 now=5\n"
               "report token=0 outcome=OK now=5\nadmit token=3 now=6\n",
     .hints =
         {"Start with breaker_create: keep the configuration, begin CLOSED.",
          "While CLOSED, breaker_admit fills the token and returns BREAKER_ADMITTED, always."}},
    {CHECK("trips_at_the_threshold_exactly", 2, "closed"), .rules = "B1",
     .rule = "It trips when 100 x failures >= failure_percent x recorded.",
     .script = "create percent=50 window=10 minimum=4\n"
               "admit token=0 now=0\nreport token=0 outcome=OK now=0\n"
               "admit token=0 now=1\nreport token=0 outcome=OK now=1\n"
               "admit token=0 now=2\nreport token=0 outcome=FAIL now=2\n"
               "admit token=0 now=3\nreport token=0 outcome=FAIL now=3\nstate\n"
               "admit token=0 now=4\n",
     .hints = {"Two failures of four are exactly 50 percent. Is that enough here?",
               "The comparison is >=, as the PIN says."}},
    {CHECK("rate_is_not_whole_number_division", 2, "closed"), .rules = "B1",
     .rule = "The rate is compared by cross-multiplying, so 1 of 3 is 33 percent and not 0.",
     .script = "create percent=33 window=9 minimum=3\n"
               "admit token=0 now=0\nreport token=0 outcome=OK now=0\n"
               "admit token=0 now=1\nreport token=0 outcome=OK now=1\n"
               "admit token=0 now=2\nreport token=0 outcome=FAIL now=2\nstate\n"
               "create percent=34 window=9 minimum=3\n"
               "admit token=0 now=0\nreport token=0 outcome=OK now=0\n"
               "admit token=0 now=1\nreport token=0 outcome=OK now=1\n"
               "admit token=0 now=2\nreport token=0 outcome=FAIL now=2\nstate\n",
     .hints = {"In whole numbers 1 / 3 is 0, and 100 * 1 / 3 is 33. What is lost?",
               "Compare 100 x failures with failure_percent x recorded; nothing is divided."}},
    {CHECK("minimum_is_waited_for", 1, "closed"), .rules = "B1",
     .rule = "Fewer recorded outcomes than the minimum never trip.",
     .script = "create percent=1 window=10 minimum=4\n"
               "admit token=0 now=0\nreport token=0 outcome=FAIL now=0\n"
               "admit token=0 now=1\nreport token=0 outcome=FAIL now=1\n"
               "admit token=0 now=2\nreport token=0 outcome=FAIL now=2\nstate\n"
               "admit token=0 now=3\nreport token=0 outcome=FAIL now=3\nstate\n",
     .hints = {"Three failures of three are 100 percent, but three are few.",
               "recorded >= minimum must hold as well; at the fourth it does."}},
    {CHECK("a_success_never_trips", 2, "closed"), .rules = "B1",
     .rule = "Only a recorded failure may trip, even when a success makes the rate reach it.",
     .script =
         "create percent=50 window=4 minimum=4\n"
         "admit token=0 now=0\nadmit token=1 now=0\nadmit token=2 now=0\nadmit token=3 now=0\n"
         "report token=0 outcome=FAIL now=1\nreport token=1 outcome=FAIL now=1\n"
         "report token=2 outcome=OK now=1\nreport token=3 outcome=OK now=2\nstate\n"
         "admit token=4 now=3\nreport token=4 outcome=FAIL now=3\nstate\n",
     .hints = {"The fourth outcome reaches both the minimum and the rate. What was it?",
               "Look at the rate only after recording a failure (PIN)."}},
    {CHECK("window_forgets_the_oldest", 2, "closed"), .rules = "B1",
     .rule = "Only the last `window` recorded outcomes count.",
     .script = "create percent=60 window=5 minimum=5\n"
               "admit token=0 now=0\nreport token=0 outcome=FAIL now=0\n"
               "admit token=0 now=1\nreport token=0 outcome=FAIL now=1\n"
               "admit token=0 now=2\nreport token=0 outcome=OK now=2\n"
               "admit token=0 now=3\nreport token=0 outcome=OK now=3\n"
               "admit token=0 now=4\nreport token=0 outcome=OK now=4\n"
               "admit token=0 now=5\nreport token=0 outcome=OK now=5\n"
               "admit token=0 now=6\nreport token=0 outcome=OK now=6\n"
               "admit token=0 now=7\nreport token=0 outcome=FAIL now=7\nstate\n"
               "admit token=0 now=8\nreport token=0 outcome=FAIL now=8\nstate\n"
               "admit token=0 now=9\nreport token=0 outcome=FAIL now=9\nstate\n",
     .hints =
         {"Which five outcomes are in the window at the end, and how many of them failed?",
          "When the window is full, take the oldest out of the totals before the new goes in."}},
    {CHECK("successes_do_not_empty_the_window", 2, "closed"), .rules = "B1",
     .rule = "A success is one outcome in the window, no reset of it.",
     .script = "create percent=60 window=5 minimum=5\n"
               "admit token=0 now=0\nreport token=0 outcome=FAIL now=0\n"
               "admit token=0 now=1\nreport token=0 outcome=OK now=1\n"
               "admit token=0 now=2\nreport token=0 outcome=FAIL now=2\n"
               "admit token=0 now=3\nreport token=0 outcome=OK now=3\n"
               "admit token=0 now=4\nreport token=0 outcome=FAIL now=4\nstate\n",
     .hints = {"Three of five failed, with successes between them. Is the breaker OPEN?",
               "Failures in a row are another rule than a failure rate; this lab has the rate."}},
    {CHECK("old_outages_are_forgotten", 1, "closed"), .rules = "B1",
     .rule = "The window is of recorded outcomes, not of the breaker's whole life.",
     .script = "create percent=50 window=4 minimum=4\n"
               "admit token=0 now=0\nreport token=0 outcome=OK now=0\n"
               "admit token=0 now=1\nreport token=0 outcome=OK now=1\n"
               "admit token=0 now=2\nreport token=0 outcome=OK now=2\n"
               "admit token=0 now=3\nreport token=0 outcome=OK now=3\n"
               "admit token=0 now=4\nreport token=0 outcome=OK now=4\n"
               "admit token=0 now=5\nreport token=0 outcome=OK now=5\n"
               "admit token=0 now=6\nreport token=0 outcome=OK now=6\n"
               "admit token=0 now=7\nreport token=0 outcome=OK now=7\n"
               "admit token=0 now=8\nreport token=0 outcome=FAIL now=8\n"
               "admit token=0 now=9\nreport token=0 outcome=FAIL now=9\nstate\n",
     .hints =
         {"Two of the last four failed; of all ten it is only 20 percent.",
          "Totals since the beginning make an old breaker blind. Keep a ring of `window` bits."}},
    {CHECK("a_full_size_window_works", 1, "closed"), .rules = "B1",
     .rule = "A window larger than a machine word remembers as well as a small one.",
     .generate = NULL, .script = NULL, .run = check_large_window,
     .hints = {"A window of 130 needs more than two 64-bit words.",
               "Allocate the window in breaker_create by its size, and go round at its end."}},
    {CHECK("open_rejects_without_calling", 1, "open"), .rules = "B2",
     .rule = "OPEN rejects every call until the wait is over.",
     .script = TRIP "admit token=4 now=4\nadmit token=5 now=500\nadmit token=6 now=1002\nstate\n",
     .hints = {"It opened at 3 with a wait of 1000: until when is everything rejected?",
               "Remember when it opened, or when it may be asked again."}},
    {CHECK("admits_exactly_at_the_end_of_the_wait", 2, "open"), .rules = "B2",
     .rule = "At now >= opened + wait the next admit is the first trial.",
     .script = TRIP "admit token=4 now=1002\nadmit token=4 now=1003\nstate\n",
     .hints = {"Opened at 3, wait 1000. What about 1003 itself?", "It is >=, as the PIN says."}},
    {CHECK("rejections_are_no_outcomes", 2, "open"), .rules = "B2",
     .rule = "Rejected calls are counted apart and never enter the rate.",
     .script = "create percent=50 window=4 minimum=2 trials=1 successes=1 base=10 cap=10\n"
               "admit token=0 now=0\nreport token=0 outcome=FAIL now=0\n"
               "admit token=0 now=1\nreport token=0 outcome=FAIL now=1\n"
               "admit token=1 now=2\nadmit token=1 now=3\nadmit token=1 now=4\n"
               "admit token=2 now=11\nreport token=2 outcome=OK now=11\nstate\n"
               "admit token=3 now=12\nreport token=3 outcome=OK now=12\n"
               "admit token=3 now=13\nreport token=3 outcome=FAIL now=13\nstate\ncounts\n",
     .judged = "result state rejected_open failed",
     .hints = {"What does your breaker do with its numbers when it rejects?",
               "rejected_open grows, nothing else: no outcome is recorded for a call not made."}},
    {CHECK("looking_changes_nothing", 1, "open"), .rules = "B2",
     .rule = "Reading the state never moves it, however late it is.",
     .script = TRIP "state\nadmit token=9 now=4\nstate\nstate\nadmit token=4 now=90000\nstate\n"
                    "state\n",
     .hints = {"Only breaker_admit may turn OPEN into HALF_OPEN.",
               "breaker_state returns what is stored; it has no `now` to decide with."}},
    {CHECK("half_open_admits_one_trial", 3, "half-open"), .rules = "B3", .gate = 1,
     .rule = "While HALF_OPEN, at most `trials` calls are in flight; others are BUSY.",
     .script = TRIP "admit token=4 now=1003\nadmit token=5 now=1003\nadmit token=6 now=1100\n"
                    "report token=4 outcome=OK now=1101\nadmit token=7 now=1102\n"
                    "admit token=8 now=1102\n",
     .hints = {"With trials=1, what is the answer to the second caller, who comes while the first "
               "trial is still out?",
               "Count the trials in flight: up at admit, down at report; no room is BUSY."}},
    {CHECK("several_trials_share_the_room", 1, "half-open"), .rules = "B3",
     .rule = "With trials=3 there is room for three, and each report frees one place.",
     .script =
         "create percent=50 window=4 minimum=2 trials=3 successes=5 base=10 cap=10 lease=1000\n"
         "admit token=0 now=0\nreport token=0 outcome=FAIL now=0\n"
         "admit token=0 now=1\nreport token=0 outcome=FAIL now=1\n"
         "admit token=1 now=11\nadmit token=2 now=11\nadmit token=3 now=11\n"
         "admit token=4 now=12\nreport token=2 outcome=OK now=13\nadmit token=4 now=13\n"
         "admit token=5 now=13\n",
     .hints = {"The call that turns it HALF_OPEN is itself the first trial.",
               "Three slots: two more after the first, then BUSY until one reports."}},
    {CHECK("a_failed_trial_reopens", 2, "half-open"), .rules = "B3",
     .rule = "Any failure while HALF_OPEN reopens, with a full new wait from then.",
     .script = TRIP "admit token=4 now=1003\nreport token=4 outcome=FAIL now=1200\nstate\n"
                    "admit token=5 now=2100\nadmit token=5 now=3199\nadmit token=5 now=3200\n",
     .hints = {"The new wait begins when the trial failed, not when it first opened.",
               "Second opening in a row: base x 2 = 2000 from 1200 on."}},
    {CHECK("successes_in_a_row_close", 2, "half-open"), .rules = "B3",
     .rule = "`successes` good trials in a row close it; fewer do not.",
     .script = TRIP "admit token=4 now=1003\nreport token=4 outcome=OK now=1004\nstate\n"
                    "admit token=5 now=1005\nreport token=5 outcome=OK now=1006\nstate\n"
                    "admit token=6 now=1007\nadmit token=7 now=1007\n",
     .hints = {"successes=2: CLOSED after the second, not after the first.",
               "Count good trials since it became HALF_OPEN."}},
    {CHECK("minimum_plays_no_part_in_half_open", 2, "half-open"), .rules = "B3",
     .rule = "While HALF_OPEN one failure is enough, whatever the minimum.",
     .script = "create percent=100 window=20 minimum=10 trials=2 successes=3 base=10 cap=10\n"
               "admit token=0 now=0\nreport token=0 outcome=FAIL now=0\n"
               "admit token=0 now=0\nreport token=0 outcome=FAIL now=0\n"
               "admit token=0 now=0\nreport token=0 outcome=FAIL now=0\n"
               "admit token=0 now=0\nreport token=0 outcome=FAIL now=0\n"
               "admit token=0 now=0\nreport token=0 outcome=FAIL now=0\n"
               "admit token=0 now=0\nreport token=0 outcome=FAIL now=0\n"
               "admit token=0 now=0\nreport token=0 outcome=FAIL now=0\n"
               "admit token=0 now=0\nreport token=0 outcome=FAIL now=0\n"
               "admit token=0 now=0\nreport token=0 outcome=FAIL now=0\n"
               "admit token=0 now=0\nreport token=0 outcome=FAIL now=0\nstate\n"
               "admit token=1 now=10\nadmit token=2 now=10\n"
               "report token=1 outcome=OK now=10\nreport token=2 outcome=FAIL now=11\nstate\n",
     .hints = {"Trials are few by design; a minimum of 10 would never be reached.",
               "In HALF_OPEN the window and its minimum are not asked at all."}},
    {CHECK("closing_clears_the_window", 2, "half-open"), .rules = "B4",
     .rule = "Closing forgets the outcomes from before.",
     .script = TRIP "admit token=4 now=1003\nreport token=4 outcome=OK now=1004\n"
                    "admit token=5 now=1005\nreport token=5 outcome=OK now=1006\n"
                    "admit token=6 now=1007\nreport token=6 outcome=FAIL now=1008\nstate\n"
                    "admit token=7 now=1009\nadmit token=8 now=1009\n",
     .hints = {"After closing, one failure alone must not trip it again.",
               "Empty the ring and both totals when it becomes CLOSED."}},
    {CHECK("each_transition_is_one_event", 2, "half-open"), .rules = "B4",
     .rule = "Each transition happens once and is told to the listener once, in order.",
     .script = TRIP "admit token=4 now=1003\nreport token=4 outcome=FAIL now=1010\n"
                    "admit token=5 now=3010\nreport token=5 outcome=OK now=3011\n"
                    "admit token=6 now=3012\nreport token=6 outcome=OK now=3013\nevents\n",
     .judged = "count list",
     .hints = {"CLOSED>OPEN, OPEN>HALF_OPEN, HALF_OPEN>OPEN, OPEN>HALF_OPEN, HALF_OPEN>CLOSED: "
               "states are written 0, 1, 2, then @time+wait.",
               "Let one function make every transition; it makes the event too."}},
    {CHECK("a_listener_may_call_back", 2, "half-open"), .rules = "B4",
     .rule = "Events are delivered outside the lock: a listener may ask the breaker for its state.",
     .script =
         "create reenter=1 percent=50 window=4 minimum=2 trials=1 successes=1 base=10 cap=10\n"
         "admit token=0 now=0\nreport token=0 outcome=FAIL now=0\n"
         "admit token=0 now=1\nreport token=0 outcome=FAIL now=1\n"
         "admit token=1 now=11\nreport token=1 outcome=OK now=11\nevents\nstate\n",
     .judged = "state count list",
     .hints = {"A listener that calls breaker_state while you hold the lock waits for ever.",
               "Keep events aside under the lock; deliver them after letting it go."}},
    {CHECK("configurations_out_of_range_are_refused", 2, "refusing-a-configuration"), .rules = "B1",
     .rule = "breaker_create refuses what is out of range and names the field.",
     .script =
         "create\ncreate percent=0\ncreate percent=101\ncreate window=0\ncreate window=100001\n"
         "create minimum=0\ncreate window=5 minimum=6\ncreate trials=0\ncreate trials=65\n"
         "create successes=0\ncreate base=0\ncreate base=-1\ncreate base=1000 cap=999\n"
         "create cap=86400001\ncreate lease=0\ncreate lease=-5\ncreate jitter=-0.1\n"
         "create jitter=1.1\ncreate jitter=nan\ncreate norandom=1\n"
         "create percent=100 window=100000 minimum=100000 trials=64 lease=86400000 "
         "cap=86400000 jitter=1\n",
     .hints = {"Each sentence must hold the field's name as in breaker.h, \"cap_ms\".",
               "For jitter write the test so that NaN fails it: !(jitter >= 0 && jitter <= 1)."}},
    {CHECK("any_order_of_calls_keeps_the_rules", 3, "states"), .rules = "B1 B2 B3 B4",
     .tier = TIER_MODEL, .generate = generate_any, .rounds = 150,
     .rule = "Whatever the order of calls, the breaker does what the rules say.",
     .hints = {"The story is the shortest order that shows it: play it through on paper.",
               "make debug CHECK=any_order_of_calls_keeps_the_rules stops at the call."}},
};
