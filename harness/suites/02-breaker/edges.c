/*
 * Lab 02, step 2: answers out of order, lost trials, callers' own mistakes.
 */
#include "suites/02-breaker/checks.h"
#include "suites/02-breaker/model.h"

#define CREATE(successes)                                                                          \
    "create percent=70 window=6 minimum=2 trials=1 successes=" #successes                          \
    " base=10 cap=10 lease=50\n"
/* OPEN since 0, until 10. */
#define OPENED CREATE(2) TRIPPING
/* Two calls whose outcomes will come late. */
#define OLD_CALLS "admit token=8 now=0\nadmit token=9 now=0\n"
#define ALL_BUT_DRAWN                                                                              \
    "result code state admitted succeeded failed neutral rejected_open rejected_busy stale lost "  \
    "opened half_opened closed"

/* Calls in any order, time moving by steps that matter. */
void breaker_any_calls(struct scenario *out, const struct random *random)
{
    static const int steps[] = {0, 0, 0, 1, 1, 7, 20, 64};
    static const char *const outcomes[] = {"OK", "OK", "FAIL", "FAIL", "NEUTRAL"};
    long long now = 0;
    for (int i = 0; i < 120; i++) {
        int token = (int)random_below(random, 5);
        now += steps[random_below(random, 8)];
        if (random_below(random, 2) == 0)
            scenario_add(out, "admit token=%d now=%lld", token, now);
        else
            scenario_add(out, "report token=%d outcome=%s now=%lld", token,
                         outcomes[random_below(random, 5)], now);
    }
    scenario_add(out, "counts");
}

/* Waits that stay the same: doubling and jitter are step 4. */
static void generate_any(struct scenario *out, const struct random *random)
{
    int base = 10 + (int)random_below(random, 20);
    scenario_add(out,
                 "create percent=%d window=%d minimum=%d trials=%d successes=%d base=%d cap=%d "
                 "lease=%d",
                 1 + (int)random_below(random, 100), 4 + (int)random_below(random, 8),
                 1 + (int)random_below(random, 4), 1 + (int)random_below(random, 3),
                 1 + (int)random_below(random, 4), base, base, 5 + (int)random_below(random, 60));
    breaker_any_calls(out, random);
}

#define CHECK(name, its_points, its_anchor)                                                        \
    .id = name, .step = 2, .points = its_points, .anchor = its_anchor, .oracle = &breaker_oracle

const struct check breaker_edges_checks[] = {
    {CHECK("late_success_does_not_close", 1, "generations"), .rules = "B5", .gate = 1,
     .rule = "A success of a call admitted while CLOSED changes nothing in HALF_OPEN.",
     .script = CREATE(1) OLD_CALLS TRIPPING
     "admit token=2 now=15\nreport token=9 outcome=OK now=16\nstate\n"
     "report token=2 outcome=OK now=17\nstate\n",
     .hints = {"Token 9 was admitted two states ago. What does its success say about now?",
               "Give each stay in a state a number, write it into the token, compare at report."}},
    {CHECK("late_failure_does_not_extend_the_wait", 1, "generations"), .rules = "B5",
     .rule = "Failures that arrive while OPEN do not prolong the wait.",
     .script = CREATE(1) OLD_CALLS TRIPPING
     "report token=8 outcome=FAIL now=5\nreport token=9 outcome=FAIL now=9\n"
     "admit token=2 now=15\nreport token=2 outcome=OK now=16\nstate\n",
     .hints = {"It opened at 0 with a wait of 10; slow calls fail at 5 and at 9.",
               "A report whose generation is over is stale: nothing but `stale` changes."}},
    {CHECK("late_failure_does_not_reopen", 1, "generations"), .rules = "B5",
     .rule = "A failure of an earlier state does not end HALF_OPEN.",
     .script = CREATE(2) OLD_CALLS TRIPPING
     "admit token=2 now=15\nreport token=9 outcome=FAIL now=16\nstate\n"
     "report token=2 outcome=OK now=17\nstate\n",
     .hints = {"Only a trial of this HALF_OPEN may fail it.",
               "Compare the token's generation before you look at the outcome."}},
    {CHECK("late_outcome_stays_out_of_the_new_window", 1, "generations"), .rules = "B5",
     .rule = "After closing, an outcome from before is not recorded.",
     .script = CREATE(1) OLD_CALLS TRIPPING
     "admit token=2 now=15\nreport token=2 outcome=OK now=16\nstate\n"
     "admit token=3 now=17\nreport token=3 outcome=OK now=17\n"
     "report token=8 outcome=FAIL now=18\nreport token=9 outcome=FAIL now=18\n"
     "admit token=3 now=19\nreport token=3 outcome=FAIL now=19\nstate\n",
     .hints = {"CLOSED again is not the same CLOSED as before.",
               "A state is not enough to compare; number the stays."}},
    {CHECK("a_spent_token_is_stale", 1, "generations"), .rules = "B5",
     .rule = "A second report of a token is refused and changes nothing.",
     .script = "create percent=60 window=4 minimum=2\n"
               "admit token=0 now=0\nadmit token=1 now=0\nreport token=1 outcome=OK now=1\n"
               "report token=0 outcome=FAIL now=1\nreport token=0 outcome=FAIL now=2\n"
               "report token=0 outcome=FAIL now=3\nstate\ncounts\n",
     .judged = "result code state failed succeeded stale",
     .hints = {"One failed call, reported three times, is still one failure.",
               "breaker_report spends the token: mark it, and refuse a marked one."}},
    {CHECK("a_foreign_token_is_stale", 1, "generations"), .rules = "B5",
     .rule = "A token of another breaker, or of none, is refused and changes nothing.",
     .script = "create percent=50 window=4 minimum=2\ncreate of=1 percent=50 window=4 minimum=2\n"
               "admit of=1 token=0 now=0\nadmit of=1 token=1 now=0\n"
               "report token=0 outcome=FAIL now=1\nreport token=1 outcome=FAIL now=1\nstate\n"
               "forge token=7\nreport token=7 outcome=FAIL now=2\nreport token=9 outcome=OK now=2\n"
               "state\nreport of=1 token=0 outcome=OK now=3\ncounts\n",
     .judged = "result code state failed succeeded stale",
     .hints = {"Both breakers are in their first generation. What else tells their tokens apart?",
               "Write which breaker gave it into the token; a foreign one is not yours to spend."}},
    {CHECK("a_copied_trial_counts_once", 1, "generations"), .rules = "B5",
     .rule = "Two reports of one trial, through a copy of its token, are one success.",
     .script = OPENED "admit token=2 now=15\ncopy from=2 to=3\nreport token=2 outcome=OK now=16\n"
                      "report token=3 outcome=OK now=17\nstate\nadmit token=4 now=18\n"
                      "report token=4 outcome=OK now=18\nstate\n",
     .hints = {"Spending the token itself does not spend its copy.",
               "A trial holds a slot; a report whose serial is not in the slot is stale."}},
    {CHECK("neutral_counts_nowhere", 1, "neutral-outcomes"), .rules = "B6",
     .rule = "NEUTRAL enters neither the window nor the totals of outcomes.",
     .script = "create percent=70 window=10 minimum=3\n" NEUTRAL NEUTRAL NEUTRAL OK FAIL FAIL
               "state\n" FAIL "state\ncounts\n",
     .judged = "result state neutral failed succeeded",
     .hints = {"Three neutral outcomes, a success and two failures are three recorded outcomes.",
               "NEUTRAL is not a success either: it must not thin out the failures."}},
    {CHECK("neutral_gives_the_permit_back", 2, "neutral-outcomes"), .rules = "B6", .gate = 1,
     .rule = "A trial that ends NEUTRAL gives its place back and says nothing.",
     .script = OPENED "admit token=2 now=15\nreport token=2 outcome=NEUTRAL now=16\nstate\n"
                      "admit token=3 now=17\nreport token=3 outcome=OK now=17\nstate\n"
                      "admit token=4 now=18\nreport token=4 outcome=NEUTRAL now=18\n"
                      "admit token=5 now=19\nreport token=5 outcome=OK now=19\nstate\n",
     .hints = {"After the 404 nobody is in flight. Is there room for the next trial?",
               "Free the slot at every report; NEUTRAL neither breaks the row nor adds to it."}},
    {CHECK("a_lost_trial_expires_exactly", 1, "leases"), .rules = "B6",
     .rule = "A trial with now >= admitted + lease is lost, and the breaker reopens as of now.",
     .script = OPENED "admit token=2 now=15\nadmit token=3 now=64\nadmit token=3 now=65\nstate\n"
                      "admit token=3 now=70\nadmit token=3 now=80\nstate\n"
                      "admit token=3 now=200\nadmit token=3 now=205\nadmit token=3 now=215\n",
     .hints =
         {"Admitted at 15 with a lease of 50: at 64 it is still waited for, at 65 it is lost.",
          "It reopens when that is seen, at 65, with a full wait; the second one is seen at 200."}},
    {CHECK("a_lost_trials_late_report_is_stale", 1, "leases"), .rules = "B6",
     .rule = "A report at or after the end of the lease is stale, even if nobody looked before.",
     .script = OPENED "admit token=2 now=15\nreport token=2 outcome=OK now=70\nstate\ncounts\n",
     .judged = "result code state lost stale succeeded opened",
     .hints = {"breaker_report looks for lost leases before it looks at the token.",
               "The trial itself is the lost one here: reopen first, then its token is of an "
               "earlier generation."}},
    {CHECK("one_lost_trial_is_enough", 1, "leases"), .rules = "B6",
     .rule = "With several trials out, the first that is lost reopens, and the others are stale.",
     .script =
         "create percent=70 window=6 minimum=2 trials=3 successes=3 base=10 cap=10 "
         "lease=50\n" TRIPPING "admit token=2 now=15\nadmit token=3 now=40\nadmit token=4 now=41\n"
         "report token=3 outcome=OK now=45\nreport token=4 outcome=OK now=70\nstate\n"
         "admit token=5 now=71\ncounts\n",
     .judged = "result code state lost stale opened",
     .hints = {"Each trial has its own lease, from its own admission.",
               "Look at every slot that is taken, not only at the caller's."}},
    {CHECK("clock_may_stand_still", 1, "leases"), .rules = "B7",
     .rule = "Equal times are fine: a trial, its report, and the next trip in one millisecond.",
     .script = CREATE(1) TRIPPING
     "admit token=1 now=0\n"
     "admit token=1 now=20\nreport token=1 outcome=OK now=20\nstate\n"
     "admit token=2 now=20\nreport token=2 outcome=OK now=20\nadmit token=5 now=20\n"
     "admit token=2 now=20\nreport token=2 outcome=FAIL now=20\n"
     "admit token=2 now=20\nreport token=2 outcome=FAIL now=20\n"
     "admit token=2 now=20\nreport token=2 outcome=FAIL now=20\nstate\n"
     "report token=5 outcome=OK now=20\nstate\n"
     "admit token=3 now=20\nadmit token=3 now=40\nadmit token=4 now=40\nstate\n",
     .hints = {"Nothing here may depend on time having moved between two calls.",
               "Tell states apart by their generation, never by the time when they began."}},
    {CHECK("slow_listeners_are_told_in_order", 1, "slow-listeners"), .rules = "B4",
     .run = check_slow_listener,
     .rule = "Events come one at a time and in order; past 64 waiting they are counted as lost.",
     .hints = {"While the listener runs, transitions go on: keep their events in a ring of 64.",
               "One caller delivers until the ring is empty; others that find it delivering put "
               "their event into the ring and leave."}},
    {CHECK("counts_add_up", 1, "generations"), .rules = "B8",
     .rule = "admitted = succeeded + failed + neutral + stale late ones + lost + still in flight.",
     .script = OPENED "admit token=2 now=3\nadmit token=3 now=15\nadmit token=4 now=15\n"
                      "report token=3 outcome=OK now=16\nreport token=3 outcome=OK now=16\n"
                      "admit token=5 now=17\nreport token=5 outcome=NEUTRAL now=17\n"
                      "admit token=6 now=18\nadmit token=7 now=75\ncounts\n",
     .judged = "admitted succeeded failed neutral rejected_open rejected_busy stale lost",
     .hints = {"Each event in the story belongs to exactly one counter.",
               "A stale report counts as stale only; a lost trial as lost only."}},
    {CHECK("any_order_of_calls_keeps_the_rules", 2, "generations"), .rules = "B1-B6",
     .tier = TIER_MODEL, .generate = generate_any, .rounds = 150, .judged = ALL_BUT_DRAWN,
     .rule = "Whatever the order of calls, the breaker does what the rules say.",
     .hints = {"The story is the shortest order that shows it: play it through on paper.",
               "make debug CHECK=any_order_of_calls_keeps_the_rules stops at the call."}},
    {CHECK("every_short_trace_keeps_the_rules", 2, "generations"), .rules = "B1-B6",
     .tier = TIER_MODEL, .run = check_all_short_traces, .cpu_ms = 20000,
     .rule =
         "From CLOSED, OPEN and HALF_OPEN, every order of five commands is answered by the rules.",
     .hints = {"The story is one of a million traces, made as short as it can be.",
               "Play it on paper with three tokens in front of you."}},
    {0},
};
