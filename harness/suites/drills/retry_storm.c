/* Drill: six defects of a retry loop. Each check fails for one of them. */
#include <stddef.h>
#include "suites/suites.h"

#define CHECK(name, its_points)                                                                    \
    .id = name, .rules = "J3", .step = 1, .points = its_points, .anchor = "the-rules"

#define TEN_WAITS "4,4,4,4,4,4,4,4,4,4,"

static const struct check checks[] = {
    {CHECK("the_first_attempt_is_made_at_once", 15),
     .rule = "The first attempt is made at once, without a wait before it.",
     .script = "ship answers=DONE/5 -> ok first=0\n",
     .hints = {"When is the service asked for the first time?",
               "A delay is for retries. Nothing sleeps before the loop."}},
    {CHECK("attempts_include_the_first", 15),
     .rule = "With 3 attempts the service is asked 3 times.",
     .script = "ship attempts=3 answers=UNAVAILABLE/5 -> asked=3 attempts=3\n\n"
               "ship attempts=1 answers=UNAVAILABLE/5 -> asked=1 attempts=1 waits=\"\"\n",
     .hints = {"Count on your fingers for attempts = 1.",
               "Look at what happens after the last attempt, too: is there still a wait?"}},
    {CHECK("refusals_are_not_retried", 15),
     .rule = "A refusal ends it: the same request would be refused again.",
     .script = "ship attempts=5 answers=REFUSED/5 -> answer=REFUSED asked=1 waits=\"\"\n\n"
               "ship attempts=5 answers=UNAVAILABLE/5,REFUSED/5 -> answer=REFUSED asked=2\n",
     .hints = {"Which of the three answers are worth another try?", "Only SHIP_UNAVAILABLE is."}},
    {CHECK("waits_double_and_are_spread", 20),
     .rule = "Before retry n it waits floor(u x min(cap, base x 2^n)).",
     .script = "ship attempts=9 base=100 cap=300 draws=0.5,0.25,0.999,0.125 "
               "answers=UNAVAILABLE/5,UNAVAILABLE/5,UNAVAILABLE/5,UNAVAILABLE/5,DONE/5 "
               "-> answer=DONE waits=50,50,299,37\n\n"
               "ship attempts=16 base=2 cap=10000 draws=0.5 answers=UNAVAILABLE/5 "
               "-> waits=1,2,4,8,16,32,64,128,256,512,1024,2048,4096,5000,5000\n",
     .hints = {"u is 0.5 and the wait should be 50. What is (int64_t)0.5?",
               "A cast binds tighter than a product: multiply first, then make it whole.",
               "One draw for each wait, and no rounding up: floor(0.999 x 300) is 299."}},
    {CHECK("nothing_outlasts_the_deadline", 20),
     .rule = "No wait ends at or after the deadline, and each attempt is told the time left.",
     .script = "ship attempts=9 base=400 cap=400 draws=0.5 deadline=1000 answers=UNAVAILABLE/300 "
               "-> asked=2 limits=1000,500 waits=200\n\n"
               "ship attempts=9 base=400 cap=400 draws=0.5 deadline=500 answers=UNAVAILABLE/300 "
               "-> asked=1 waits=\"\"\n",
     .hints = {"Two attempts of 300 ms and a wait of 200: at 800 another wait of 200 would end at "
               "1000. Is that too late?",
               "Ask where the wait would end before you begin it; compute the end of all once.",
               "The clock does not begin at 0: the deadline counts from your first look at it."}},
    {CHECK("many_attempts_do_not_overflow", 15),
     .rule = "However many attempts are allowed, the wait is computed without an overflow.",
     .script = "ship attempts=72 base=8 cap=8 draws=0.5 answers=UNAVAILABLE/1 "
               "-> waits=" TEN_WAITS TEN_WAITS TEN_WAITS TEN_WAITS TEN_WAITS TEN_WAITS TEN_WAITS
               "4 asked=72\n",
     .hints = {"What is 8 << 60, as an int64_t? And 8 << 61, as a uint64_t?",
               "Ask whether base x 2^n would be over the cap without computing it: base > cap >> n "
               "for n below 63."}},
    {0},
};
static const struct check *const tables[] = {checks, NULL};
static const struct step steps[] = {{"six defects", NULL, NULL}};

const struct lab drill_retry_storm = {.name = "drill-retry-storm",
                                      .home = "exercises",
                                      .title = "Find the defect: the retry storm",
                                      .subject = "ship",
                                      .steps = steps,
                                      .step_count = sizeof steps / sizeof steps[0],
                                      .tables = tables};
