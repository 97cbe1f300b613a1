/* Drill: five defects of a map of finished steps, and two checks that hold. */
#include <stddef.h>
#include "suites/suites.h"

#define CHECK(name, its_rules, its_points)                                                         \
    .id = name, .rules = its_rules, .step = 1, .points = its_points, .anchor = "the-rules"

static const struct check checks[] = {
    {CHECK("a_sunny_day_completes", "S1", 5),
     .rule = "Three good answers complete a checkout, and nothing is undone.",
     .script = "begin id=o-1 -> taken=1\n"
               "answer id=o-1 step=reserve answer=OK -> state=RUNNING undone=\"\"\n"
               "answer id=o-1 step=pay answer=OK -> state=RUNNING undone=\"\"\n"
               "answer id=o-1 step=ship answer=OK -> state=COMPLETED undone=\"\"\n",
     .hints = {"This held before you began: compare with the first version.",
               "Only a refusal undoes anything."}},
    {CHECK("a_refused_first_step_undoes_nothing", "S2", 5),
     .rule = "Refused means no effect: the refused step itself is not undone.",
     .script = "begin id=o-1 -> taken=1\n"
               "answer id=o-1 step=reserve answer=REJECTED -> state=ROLLED_BACK undone=\"\"\n",
     .hints = {"This held before you began: compare with the first version.",
               "Remember a step when its answer is OK, not before you know."}},
    {CHECK("what_was_done_is_undone", "S2", 30),
     .rule = "At a refusal each finished step of this checkout is undone.",
     .script = "begin id=o-1\nanswer id=o-1 step=reserve answer=OK\n"
               "answer id=o-1 step=pay answer=REJECTED -> state=ROLLED_BACK undone=o-1:reserve\n",
     .hints = {"ROLLED_BACK was said. How often was compensate of the world called?",
               "Who writes to done and done_count? Search for it."}},
    {CHECK("the_last_is_undone_first", "S2", 15), .rule = "Compensations go in reverse order.",
     .script = "begin id=o-1\nanswer id=o-1 step=reserve answer=OK\n"
               "answer id=o-1 step=pay answer=OK\n"
               "answer id=o-1 step=ship answer=REJECTED "
               "-> state=ROLLED_BACK undone=o-1:pay,o-1:reserve\n",
     .hints = {"In which order were they done, and in which does the loop run?",
               "Start at done_count - 1."}},
    {CHECK("a_failed_compensation_is_not_forgotten", "S4", 20),
     .rule = "A compensation that fails stops the rollback: STUCK, and what is owed stays listed.",
     .script = "fresh failing=pay\nbegin id=o-1\nanswer id=o-1 step=reserve answer=OK\n"
               "answer id=o-1 step=pay answer=OK\n"
               "answer id=o-1 step=ship answer=REJECTED -> state=STUCK undone=o-1:pay\n"
               "owed id=o-1 -> ok steps=reserve,pay\n\n"
               "fresh failing=reserve\nbegin id=o-1\nanswer id=o-1 step=reserve answer=OK\n"
               "answer id=o-1 step=pay answer=OK\n"
               "answer id=o-1 step=ship answer=REJECTED -> state=STUCK undone=o-1:pay,o-1:reserve\n"
               "owed id=o-1 -> ok steps=reserve\n",
     .hints = {"The refund failed. What does the caller hear, and what does stderr know?",
               "Let compensate return the state; take a step off the list once it is undone."}},
    {CHECK("nobody_undoes_anothers_steps", "S5", 10),
     .rule = "Each checkout has its own list: o-1 and o-10 are two, whichever came first.",
     .script = "begin id=o-1\nbegin id=o-10\nanswer id=o-10 step=reserve answer=OK\n"
               "answer id=o-1 step=reserve answer=REJECTED -> state=ROLLED_BACK undone=\"\"\n"
               "answer id=o-10 step=pay answer=REJECTED "
               "-> state=ROLLED_BACK undone=o-10:reserve\n\n"
               "begin id=o-20\nbegin id=o-2\nanswer id=o-20 step=reserve answer=OK\n"
               "answer id=o-2 step=reserve answer=REJECTED -> state=ROLLED_BACK undone=\"\"\n",
     .hints =
         {"Which entry does checkout_find give for o-10 while o-1 is there? And for o-1?",
          "A comparison that stops at the end of the shorter name takes a prefix for the whole."}},
    {CHECK("ended_checkouts_make_room", "S10", 15),
     .rule = "COMPLETED and ROLLED_BACK leave the map.",
     .script = "begin id=a\nbegin id=b\nbegin id=c\nbegin id=d -> taken=1\nbegin id=e -> taken=0\n"
               "answer id=a step=ship answer=OK -> state=COMPLETED\nowed id=a -> none\n"
               "answer id=b step=reserve answer=REJECTED -> state=ROLLED_BACK\nowed id=b -> none\n"
               "begin id=e -> taken=1\nbegin id=f -> taken=1\nbegin id=g -> taken=0\n"
               "answer id=c step=reserve answer=OK -> state=RUNNING\n"
               "owed id=c -> ok steps=reserve\n",
     .hints = {"The map has room for four. Who makes the count smaller?",
               "Put the last entry in the place of the one that leaves."}},
    {0},
};
static const struct check *const tables[] = {checks, NULL};
static const struct step steps[] = {{"five defects", NULL, NULL}};

const struct lab drill_empty_map = {.name = "drill-empty-map",
                                    .home = "exercises",
                                    .title = "Find the defect: the loop over nothing",
                                    .subject = "checkout",
                                    .steps = steps,
                                    .step_count = sizeof steps / sizeof steps[0],
                                    .tables = tables};
