/*
 * Lab 02, step 2: answers out of order, lost trials, callers' own mistakes.
 */
#include "judge/suites/02-breaker.h"

#include "judge/suites/02-model.h"

/* Opens at 0 (two failures, wait 10), trials=1 successes=2, lease 50. Tokens 0 and 1 are used. */
#define OPENED                                                                                     \
    "create percent=50 window=4 minimum=2 trials=1 successes=2 base=10 cap=80 lease=50\n"          \
    "admit token=0 now=0\nadmit token=1 now=0\n"                                                   \
    "report token=0 outcome=FAIL now=0\nreport token=1 outcome=FAIL now=0\n"

#define CHECK(name, its_points, its_anchor)                                                        \
    .id = name, .step = 2, .points = its_points, .anchor = its_anchor, .oracle = &breaker_oracle

const struct check breaker_edges_checks[BREAKER_EDGES_CHECKS] = {
    {CHECK("late_success_does_not_close", 2, "generations"), .rules = "B5", .gate = 1,
     .rule = "A success of a call admitted while CLOSED changes nothing in HALF_OPEN.",
     .script = "create percent=50 window=4 minimum=2 trials=1 successes=1 base=10 cap=80 lease=50\n"
               "admit token=9 now=0\nadmit token=0 now=0\nadmit token=1 now=0\n"
               "report token=0 outcome=FAIL now=0\nreport token=1 outcome=FAIL now=0\n"
               "admit token=2 now=10\nreport token=9 outcome=OK now=11\nstate\n"
               "report token=2 outcome=OK now=12\nstate\n",
     .hints = {"Token 9 was admitted two states ago. What does its success say about now?",
               "Give each stay in a state a number, write it into the token, compare at report."}},
    {CHECK("late_failure_does_not_extend_the_wait", 2, "generations"), .rules = "B5",
     .rule = "Failures that arrive while OPEN do not push the reopening out.",
     .script =
         "create percent=50 window=4 minimum=2 trials=1 successes=1 base=10 cap=80 lease=50\n"
         "admit token=8 now=0\nadmit token=9 now=0\nadmit token=0 now=0\nadmit token=1 now=0\n"
         "report token=0 outcome=FAIL now=0\nreport token=1 outcome=FAIL now=0\n"
         "report token=8 outcome=FAIL now=5\nreport token=9 outcome=FAIL now=9\n"
         "admit token=2 now=10\nreport token=2 outcome=OK now=11\nstate\n",
     .hints = {"It opened at 0 with a wait of 10; slow calls fail at 5 and at 9.",
               "A report whose generation is over is stale: nothing but `stale` changes."}},
    {CHECK("late_failure_does_not_reopen", 2, "generations"), .rules = "B5",
     .rule = "A failure of an earlier state does not end HALF_OPEN.",
     .script = "create percent=50 window=4 minimum=2 trials=1 successes=2 base=10 cap=80 lease=50\n"
               "admit token=9 now=0\nadmit token=0 now=0\nadmit token=1 now=0\n"
               "report token=0 outcome=FAIL now=0\nreport token=1 outcome=FAIL now=0\n"
               "admit token=2 now=10\nreport token=9 outcome=FAIL now=11\nstate\n"
               "report token=2 outcome=OK now=12\nstate\n",
     .hints = {"Only a trial of this HALF_OPEN may fail it.",
               "Compare the token's generation before you look at the outcome."}},
    {CHECK("late_outcome_stays_out_of_the_new_window", 2, "generations"), .rules = "B5",
     .rule = "After closing, an outcome from before is not recorded.",
     .script =
         "create percent=50 window=4 minimum=2 trials=1 successes=1 base=10 cap=80 lease=50\n"
         "admit token=8 now=0\nadmit token=9 now=0\nadmit token=0 now=0\nadmit token=1 now=0\n"
         "report token=0 outcome=FAIL now=0\nreport token=1 outcome=FAIL now=0\n"
         "admit token=2 now=10\nreport token=2 outcome=OK now=11\nstate\n"
         "report token=8 outcome=FAIL now=12\nreport token=9 outcome=FAIL now=13\nstate\n",
     .hints = {"CLOSED again is another CLOSED than before.",
               "A state is not enough to compare; number the stays."}},
    {CHECK("a_spent_token_is_stale", 2, "generations"), .rules = "B5",
     .rule = "A second report of a token is refused and changes nothing.",
     .script = "create percent=50 window=4 minimum=3\n"
               "admit token=0 now=0\nadmit token=1 now=0\nreport token=0 outcome=FAIL now=1\n"
               "report token=0 outcome=FAIL now=2\nreport token=0 outcome=FAIL now=3\nstate\n"
               "report token=1 outcome=OK now=4\ncounts\n",
     .judged = "result code state failed succeeded stale",
     .hints = {"One failed call, reported three times, is still one failure.",
               "breaker_report spends the token: mark it, and refuse a marked one."}},
    {CHECK("a_foreign_token_is_stale", 2, "generations"), .rules = "B5",
     .rule = "A token of another breaker, or of none, is refused and changes nothing.",
     .script = "create percent=50 window=4 minimum=2\ncreate of=1 percent=50 window=4 minimum=2\n"
               "admit of=1 token=0 now=0\nadmit of=1 token=1 now=0\n"
               "report token=0 outcome=FAIL now=1\nreport token=1 outcome=FAIL now=1\nstate\n"
               "forge token=7\nreport token=7 outcome=FAIL now=2\nreport token=9 outcome=OK now=2\n"
               "state\nreport of=1 token=0 outcome=OK now=3\ncounts\n",
     .judged = "result code state failed succeeded stale",
     .hints = {"Both breakers are in their first generation. What else tells their tokens apart?",
               "Write which breaker gave it into the token; a foreign one is not yours to spend."}},
    {CHECK("a_copied_trial_counts_once", 2, "generations"), .rules = "B5",
     .rule = "Two reports of one trial, through a copy of its token, are one success.",
     .script = OPENED "admit token=2 now=10\ncopy from=2 to=3\nreport token=2 outcome=OK now=11\n"
                      "report token=3 outcome=OK now=12\nstate\nadmit token=4 now=13\n"
                      "report token=4 outcome=OK now=13\nstate\n",
     .hints = {"Spending the token itself does not spend its copy.",
               "A trial holds a slot; a report whose serial is not in the slot is stale."}},
    {CHECK("neutral_counts_nowhere", 2, "neutral-outcomes"), .rules = "B6",
     .rule = "NEUTRAL enters neither the window nor the totals of outcomes.",
     .script = "create percent=50 window=4 minimum=4\n"
               "admit token=0 now=0\nreport token=0 outcome=NEUTRAL now=0\n"
               "admit token=0 now=1\nreport token=0 outcome=NEUTRAL now=1\n"
               "admit token=0 now=2\nreport token=0 outcome=NEUTRAL now=2\n"
               "admit token=0 now=3\nreport token=0 outcome=FAIL now=3\nstate\n"
               "admit token=0 now=4\nreport token=0 outcome=FAIL now=4\n"
               "admit token=0 now=5\nreport token=0 outcome=FAIL now=5\nstate\n"
               "admit token=0 now=6\nreport token=0 outcome=FAIL now=6\nstate\ncounts\n",
     .judged = "result state neutral failed succeeded",
     .hints = {"Three neutral outcomes and a failure are one recorded outcome.",
               "NEUTRAL is no success either: it must not thin the failures out."}},
    {CHECK("neutral_gives_the_permit_back", 3, "neutral-outcomes"), .rules = "B6", .gate = 1,
     .rule = "A trial that ends NEUTRAL gives its place back and says nothing.",
     .script = OPENED "admit token=2 now=10\nreport token=2 outcome=NEUTRAL now=11\nstate\n"
                      "admit token=3 now=12\nreport token=3 outcome=OK now=12\nstate\n"
                      "admit token=4 now=13\nreport token=4 outcome=NEUTRAL now=13\n"
                      "admit token=5 now=14\nreport token=5 outcome=OK now=14\nstate\n",
     .hints = {"After the 404 nobody is in flight. Is there room for the next trial?",
               "Free the slot at every report; NEUTRAL neither breaks the row nor adds to it."}},
    {CHECK("a_lost_trial_expires_exactly", 2, "leases"), .rules = "B6",
     .rule = "A trial with now >= admitted + lease is lost, and the breaker reopens as of now.",
     .script = OPENED "admit token=2 now=10\nadmit token=3 now=59\nadmit token=3 now=60\nstate\n"
                      "admit token=3 now=79\nadmit token=3 now=80\nstate\n",
     .hints = {"Admitted at 10 with a lease of 50: at 59 it is still waited for, at 60 it is lost.",
               "The reopening starts at 60, with the next wait: 20. So 80 is the next trial."}},
    {CHECK("a_lost_trials_late_report_is_stale", 2, "leases"), .rules = "B6",
     .rule = "A report at or after the end of the lease is stale, even if nobody looked before.",
     .script = OPENED "admit token=2 now=10\nreport token=2 outcome=OK now=60\nstate\ncounts\n",
     .judged = "result code state lost stale succeeded opened",
     .hints = {"breaker_report looks for lost leases before it looks at the token.",
               "The trial itself is the lost one here: reopen first, then its token is of an "
               "earlier generation."}},
    {CHECK("one_lost_trial_is_enough", 1, "leases"), .rules = "B6",
     .rule = "With several trials out, the first that is lost reopens, and the others are stale.",
     .script = "create percent=50 window=4 minimum=2 trials=3 successes=3 base=10 cap=80 lease=50\n"
               "admit token=0 now=0\nadmit token=1 now=0\n"
               "report token=0 outcome=FAIL now=0\nreport token=1 outcome=FAIL now=0\n"
               "admit token=2 now=10\nadmit token=3 now=40\nadmit token=4 now=41\n"
               "report token=3 outcome=OK now=45\nreport token=4 outcome=OK now=60\nstate\n"
               "admit token=5 now=61\ncounts\n",
     .judged = "result code state lost stale opened",
     .hints = {"Each trial has its own lease, from its own admission.",
               "Look at every slot that is taken, not only at the caller's."}},
    {CHECK("clock_may_stand_still", 1, "leases"), .rules = "B7",
     .rule = "Equal times are fine: a whole cycle may happen within one millisecond of waiting.",
     .script = "create percent=50 window=2 minimum=1 trials=1 successes=1 base=1 cap=1 lease=1\n"
               "admit token=0 now=7\nreport token=0 outcome=FAIL now=7\nadmit token=1 now=7\n"
               "admit token=1 now=8\nreport token=1 outcome=OK now=8\nstate\n"
               "admit token=2 now=8\nreport token=2 outcome=FAIL now=8\nadmit token=3 now=9\n"
               "admit token=4 now=9\nadmit token=4 now=10\nadmit token=4 now=11\nstate\n",
     .hints = {"Nothing here may depend on time having moved between two calls.",
               "A lease of 1 that began at 9 ends at 10."}},
    {CHECK("counts_add_up", 2, "generations"), .rules = "B8",
     .rule = "admitted = succeeded + failed + neutral + stale late ones + lost + still in flight.",
     .script = OPENED "admit token=2 now=3\nadmit token=3 now=10\nadmit token=4 now=10\n"
                      "report token=3 outcome=OK now=11\nreport token=3 outcome=OK now=11\n"
                      "admit token=5 now=12\nreport token=5 outcome=NEUTRAL now=12\n"
                      "admit token=6 now=13\nadmit token=7 now=70\ncounts\n",
     .judged = "admitted succeeded failed neutral rejected_open rejected_busy stale lost",
     .hints = {"Each event in the story belongs to exactly one counter.",
               "A stale report counts as stale only; a lost trial as lost only."}},
    {CHECK("every_short_trace_keeps_the_rules", 3, "generations"), .rules = "B1-B6",
     .tier = TIER_MODEL, .run = check_all_short_traces, .cpu_ms = 20000,
     .rule =
         "From CLOSED, OPEN and HALF_OPEN, every order of five commands is answered by the rules.",
     .hints = {"The story is one of a million traces, made as short as it goes.",
               "Play it on paper with three tokens in front of you."}},
};
