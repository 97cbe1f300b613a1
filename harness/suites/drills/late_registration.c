/* Drill: four defects of a list of owed compensations, and four checks that hold. */
#include <stddef.h>
#include "suites/suites.h"

#define CHECK(name, its_rules, its_points)                                                         \
    .id = name, .rules = its_rules, .step = 1, .points = its_points, .anchor = "the-rules"

#define ALL_GIVEN_BACK "coupon=0 stock=0 money=0 owed=\"\" "

static const struct check checks[] = {
    {CHECK("a_sunny_day_owes_nothing", "S1", 5),
     .rule = "A completed checkout owes nothing, and a restart gives nothing back.",
     .script = "run -> end=COMPLETED coupon=1 stock=1 money=1 owed=\"\"\n"
               "restart -> calls=\"\" coupon=1 stock=1 money=1\n",
     .hints = {"This held before you began: compare with the first version.",
               "After the last step the list is emptied."}},
    {CHECK("each_checkout_has_keys_of_its_own", "S1", 5),
     .rule = "Another call has another key: each step of each checkout is taken.",
     .script = "run id=c-7 -> end=COMPLETED coupon=1 stock=1 money=1\n"
               "run id=c-8 -> end=COMPLETED coupon=2 stock=2 money=2\n",
     .hints =
         {"This held before you began: compare with the first version.",
          "A known key gets its stored answer, and nothing is taken. Which calls share a key?"}},
    {CHECK("a_refused_step_is_not_undone", "S2", 5),
     .rule = "REJECTED means no effect: its compensation is taken off the list.",
     .script = "fault call=take:coupon what=REJECTED\n"
               "run -> end=ROLLED_BACK " ALL_GIVEN_BACK "calls=take:coupon\n",
     .hints = {"This held before you began: compare with the first version.",
               "Now that it is registered first, who takes it off when the answer is REJECTED?"}},
    {CHECK("a_refusal_gives_back_what_was_taken", "S2", 5),
     .rule = "A refused step ends it: what was taken before is given back, the last first.",
     .script = "fault call=take:money what=REJECTED\n"
               "run -> end=ROLLED_BACK owed=\"\" "
               "calls=take:coupon,take:stock,take:money,give-back:stock,give-back:coupon\n",
     .hints = {"This held before you began: compare with the first version.",
               "REJECTED takes one step off the list, and checkout_undo goes on with the rest."}},
    {CHECK("a_lost_answer_is_compensated", "S2", 20),
     .rule = "A step that stayed UNKNOWN is compensated: perhaps only its answer was lost.",
     .script =
         "fault call=take:money what=LOST times=3\n"
         "run -> end=ROLLED_BACK calls=take:coupon,take:stock,take:money,take:money,take:money,"
         "give-back:money,give-back:stock,give-back:coupon " ALL_GIVEN_BACK "\n",
     .hints = {"The money was taken three times and nobody heard of it. Is it in the list when "
               "checkout_undo runs?",
               "Register before the call. Only REJECTED takes it off again."}},
    {CHECK("a_crash_leaves_what_is_owed", "S7", 20),
     .rule = "Killed in the middle of a call, the next process knows of its compensation.",
     .script = "fault call=take:money what=CRASH\n"
               "run -> end=CRASHED coupon=1 stock=1 money=1 owed=coupon,stock,money\n"
               "restart -> end=ROLLED_BACK " ALL_GIVEN_BACK
               "calls=give-back:money,give-back:stock,give-back:coupon\n\n"
               "fault call=take:stock what=CRASH\n"
               "run -> end=CRASHED coupon=1 stock=1 money=0 owed=coupon,stock\n",
     .hints = {"The list is on disk, and the process dies inside the call. What is on the list?",
               "What is written after a call is not written when the call is the last thing."}},
    {CHECK("a_retry_takes_once", "S1", 15),
     .rule = "A call that is made again has the same key, so its service does it once.",
     .script = "fault call=take:money what=LOST times=2\n"
               "run -> end=COMPLETED coupon=1 stock=1 money=1\n",
     .hints = {"The money was taken more than once. How could its service recognise a repetition?",
               "The key is made of checkout, step and direction, and of nothing that changes."}},
    {CHECK("a_compensation_has_a_key_of_its_own", "S1", 15),
     .rule = "Giving back is a different call from taking: a different key.",
     .script =
         "fault call=take:stock what=REJECTED\n"
         "run -> end=ROLLED_BACK " ALL_GIVEN_BACK "calls=take:coupon,take:stock,give-back:coupon\n",
     .hints = {"The coupon service answered OK to give-back, and did nothing. Which key came with "
               "it?",
               "A known key gets the stored answer. The direction belongs in the key."}},
    {CHECK("owed_until_it_is_done", "S4", 10),
     .rule =
         "A step leaves the list after its compensation is OK, not before; a failed one stops it.",
     .script =
         "fault call=take:money what=REJECTED\n"
         "fault call=give-back:stock what=DOWN times=3\n"
         "run -> end=STUCK coupon=1 stock=1 money=0 owed=coupon,stock calls=take:coupon,take:stock,"
         "take:money,give-back:stock,give-back:stock,give-back:stock\n"
         "fault call=give-back:stock what=CRASH\n"
         "restart -> end=CRASHED owed=coupon,stock calls=give-back:stock\n"
         "restart -> end=ROLLED_BACK " ALL_GIVEN_BACK "calls=give-back:stock,give-back:coupon\n\n"
         "fault call=take:money what=REJECTED\nfault call=give-back:coupon what=REJECTED\n"
         "run -> end=STUCK coupon=1 stock=0 money=0 owed=coupon\n",
     .hints =
         {"The stock could not be given back. Is it still on the list?",
          "When is --owed->count done: before the call, or after it?",
          "As many attempts as to take, then it stops: that step stays, and those before it."}},
    {0},
};
static const struct check *const tables[] = {checks, NULL};
static const struct step steps[] = {{"four defects", NULL, NULL}};

const struct lab drill_late_registration = {.name = "drill-late-registration",
                                            .home = "exercises",
                                            .title = "Find the defect: registered too late",
                                            .subject = "checkout",
                                            .steps = steps,
                                            .step_count = sizeof steps / sizeof steps[0],
                                            .tables = tables};
