/* Drill: five defects of a lookup with a breaker and a fallback, and two checks that hold. */
#include <stddef.h>
#include "suites/suites.h"

#define CHECK(name, its_rules, its_points)                                                         \
    .id = name, .rules = its_rules, .step = 1, .points = its_points, .anchor = "the-rules"

/* Open since 20. */
#define OPENED                                                                                     \
    "lookup threshold=2 wait=100\n"                                                                \
    "may now=10 -> call=1\nsay status=DOWN now=10\nmay now=20 -> call=1\nsay status=DOWN now=20\n"

static const struct check checks[] = {
    {CHECK("failures_open_and_a_trial_closes", "B2", 5),
     .rule = "Failures in a row open it, the fallback answers, a trial that finds closes it.",
     .script = OPENED "may now=119 -> call=0\n\n"
                      "lookup threshold=1 wait=50\nmay now=0 -> call=1\n"
                      "say status=DOWN now=0 -> result=FALLBACK\n"
                      "may now=50 -> call=1\nsay status=FOUND now=60 -> result=FOUND\n"
                      "may now=61 -> call=1\nmay now=61 -> call=1\n",
     .hints = {"This held before you began: compare with the first version.",
               "Exactly at opened_ms + wait_ms the trial is due."}},
    {CHECK("one_trial_at_a_time", "B3", 5),
     .rule =
         "One trial at a time; when it fails the wait begins anew, and then the next one tries.",
     .script = OPENED "may now=120 -> call=1\nmay now=121 -> call=0\n"
                      "say status=DOWN now=130 -> result=FALLBACK\nmay now=229 -> call=0\n\n" OPENED
                      "may now=120 -> call=1\nsay status=DOWN now=130\nmay now=230 -> call=1\n",
     .hints = {"This held before you began: compare with the first version.",
               "A failed trial opens it anew: the wait begins again, and the place is free."}},
    {CHECK("unknown_customers_are_not_invented", "F1", 20),
     .rule = "A 404 is an answer: the customer is unknown, and no fallback hides that.",
     .script = "lookup threshold=3 wait=100\n"
               "may now=0 -> call=1\nsay status=MISSING now=1 -> result=UNKNOWN\n",
     .hints = {"Which result does a 404 get while all is well?",
               "Three statuses, three results: a switch shows at a glance that none is missing."}},
    {CHECK("unknown_customers_open_nothing", "B6", 20),
     .rule = "A 404 is not a failure: a thousand of them do not open the circuit.",
     .script = "lookup threshold=2 wait=100\n"
               "say status=MISSING now=1\nsay status=MISSING now=2\nsay status=MISSING now=3\n"
               "may now=4 -> call=1\n\n"
               "lookup threshold=2 wait=100\n"
               "say status=DOWN now=5\nsay status=MISSING now=6\nmay now=7 -> call=1\n"
               "say status=DOWN now=8\nmay now=9 -> call=0\n",
     .hints = {"What does ++failures count?",
               "MISSING neither counts nor starts the row again: down, missing, down are two in a "
               "row."}},
    {CHECK("only_failures_in_a_row_count", "B1", 15),
     .rule = "A found customer starts the row of failures again, one that a trial found too.",
     .script = "lookup threshold=2 wait=100\n"
               "say status=DOWN now=1\nsay status=FOUND now=2\nsay status=DOWN now=3\n"
               "may now=4 -> call=1\n"
               "say status=DOWN now=5\nmay now=6 -> call=0\n\n" OPENED
               "may now=120 -> call=1\nsay status=FOUND now=130\n"
               "say status=DOWN now=140\nmay now=141 -> call=1\n",
     .hints = {"Two failures with a success between them are not two in a row.",
               "Who sets failures back to 0, and when? A trial that finds is a success too."}},
    {CHECK("rejections_do_not_extend_the_wait", "B2", 15),
     .rule = "Callers that are turned away do not make the wait longer.",
     .script =
         OPENED "may now=60 -> call=0\nmay now=100 -> call=0\nmay now=120 -> call=1\n\n" OPENED
                "may now=120 -> call=1\nmay now=121 -> call=0\nsay status=MISSING now=130\n"
                "may now=131 -> call=1\n",
     .hints = {"It opened at 20 for 100 ms. Somebody asked at 60 and at 100.",
               "opened_ms changes when it opens, and at no other time.",
               "Turned away at 121, because a trial was under way: that does not make the wait "
               "longer either."}},
    {CHECK("a_404_trial_gives_its_place_back", "B6", 20),
     .rule = "A trial that ends with a 404 says nothing: it stays open, and the next caller tries.",
     .script = OPENED "may now=120 -> call=1\nsay status=MISSING now=130\n"
                      "may now=131 -> call=1\nmay now=132 -> call=0\n"
                      "say status=FOUND now=140 -> result=FOUND\nmay now=141 -> call=1\n",
     .hints = {"After the 404 nobody is under way. Who says so?",
               "Every way out of customer_answered gives the trial's place back; an early return "
               "forgets.",
               "It is still open then, and the wait is still over: the next call is a trial again, "
               "alone."}},
    {0},
};
static const struct check *const tables[] = {checks, NULL};
static const struct step steps[] = {{"five defects", NULL, NULL}};

const struct lab drill_fallback_404 = {.name = "drill-fallback-404",
                                       .home = "exercises",
                                       .title = "Find the defect: the customer who was never there",
                                       .subject = "lookup",
                                       .steps = steps,
                                       .step_count = sizeof steps / sizeof steps[0],
                                       .tables = tables};
