/* Drill: five defects of a send that waits for search and push, and two checks that hold. */
#include <stddef.h>
#include "suites/suites.h"

#define CHECK(name, its_rules, its_points)                                                         \
    .id = name, .rules = its_rules, .step = 1, .points = its_points, .anchor = "the-rules"

static const struct check checks[] = {
    {CHECK("a_sunny_day_stores_and_numbers", "D4", 5),
     .rule = "What a member sends is stored as 1, 2, 3 ...",
     .script = "fresh\nsend user=ann -> result=STORED number=1\n"
               "send user=bob -> result=STORED number=2\n",
     .hints = {"This held before you began: compare with the first version.",
               "number is that of the message which was just stored."}},
    {CHECK("strangers_send_nothing", "D4", 5),
     .rule = "Who is no member is refused, and nobody else is asked.",
     .script =
         "fresh\nsend user=eve -> result=REFUSED number=0 asked=member posted=\"\" done=\"\"\n"
         "send user=ann -> result=STORED number=1\n",
     .hints = {"This held before you began: compare with the first version.",
               "Membership first: a refused message must have no effect at all."}},
    {CHECK("search_is_not_waited_for", "D4", 25),
     .rule = "A sender does not wait for search: it hears of the message by its queue.",
     .script =
         "fresh index=90\n"
         "send -> result=STORED took=15 asked=member,append posted=index:1,push:1 done=\"\"\n\n"
         "fresh index=0\nsend limit=1000 -> result=STORED took=15\n"
         "send limit=1000 -> result=STORED number=2 took=15\n",
     .hints = {"Search hangs. Add up what the sender waits: three attempts, each up to the limit.",
               "world->post takes no time. Who calls do_job after that?"}},
    {CHECK("push_is_not_waited_for", "D4", 15),
     .rule = "A fallback excuses nothing: the wait comes before it. Push goes by its queue, too.",
     .script = "fresh push=80\nsend -> result=STORED took=15 asked=member,append "
               "posted=index:1,push:1\n\n"
               "fresh push=0\nsend limit=500 -> result=STORED took=15\n",
     .hints = {"The push service hangs. When does the sender learn that the push is left out?",
               "Post it, as the index."}},
    {CHECK("nothing_is_posted_that_is_not_stored", "D4", 20),
     .rule = "What is not stored is neither indexed nor pushed, and its number is used again.",
     .script = "fresh append=0\n"
               "send limit=100 -> result=UNAVAILABLE number=0 posted=\"\" done=\"\"\n"
               "send limit=100 -> result=UNAVAILABLE number=0 posted=\"\" done=\"\"\n\n"
               "fresh append=96\nsend limit=100 -> result=UNAVAILABLE posted=\"\" done=\"\"\n"
               "send limit=101 -> result=STORED number=1 posted=index:1,push:1\n",
     .hints = {"The disk is full. Which service has heard of the message by then?",
               "Store first. All that follows from a message comes after it is there."}},
    {CHECK("one_limit_covers_the_send", "D4", 15),
     .rule = "The append is given what is left of the limit, and an unknown membership is no yes.",
     .script = "fresh member=70\nsend limit=100 -> result=STORED limits=100,30\n\n"
               "fresh member=70 append=40\nsend limit=100 -> result=UNAVAILABLE took=100\n\n"
               "fresh member=0\nsend limit=100 -> result=UNAVAILABLE took=100 asked=member\n"
               "send user=eve limit=100 -> result=UNAVAILABLE asked=member\n",
     .hints = {"The client waits for limit_ms. How long does this function wait, at most?",
               "Work out the end once, at the start. And what does MEMBER_UNKNOWN lead to?"}},
    {CHECK("a_full_queue_loses_nothing", "D4", 15),
     .rule = "What a queue has no room for is posted with the next message, in its order.",
     .script = "fresh index_room=1\nsend -> result=STORED took=15 posted=index:1,push:1\n"
               "send -> result=STORED took=15 posted=push:2\n"
               "send -> result=STORED posted=push:3\nroom index=2\n"
               "send -> result=STORED posted=index:2,index:3,push:4\nroom\n"
               "send -> posted=index:4,index:5,push:5\n\n"
               "fresh push_room=0\nsend -> result=STORED posted=index:1\nroom\n"
               "send -> posted=index:2,push:1,push:2\n",
     .hints = {"The queue said 0. Who will remember that number 2 must still be indexed?",
               "posted[job] is where a job's queue stands: go on from there up to stored, and stop "
               "at the first 0."}},
    {0},
};
static const struct check *const tables[] = {checks, NULL};
static const struct step steps[] = {{"five defects", NULL, NULL}};

const struct lab drill_search_in_the_send = {.name = "drill-search-in-the-send",
                                             .home = "exercises",
                                             .title = "Find the defect: the search in the send",
                                             .subject = "chat",
                                             .steps = steps,
                                             .step_count = sizeof steps / sizeof steps[0],
                                             .tables = tables};
