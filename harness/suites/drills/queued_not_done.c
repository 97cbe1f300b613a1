/* Drill: five defects of an order carried out by jobs, and a check that holds. */
#include <stddef.h>
#include "suites/suites.h"

#define CHECK(name, its_rules, its_points)                                                         \
    .id = name, .rules = its_rules, .step = 1, .points = its_points, .anchor = "the-rules"

static const struct check checks[] = {
    {CHECK("a_queue_that_takes_nothing_is_heard", "S2", 5),
     .rule = "A job that cannot be queued has failed.",
     .script = "begin room=0 -> state=FAILED queued=\"\" undone=\"\" said=\"failed: reserve\"\n",
     .hints = {"This held before you began: compare with the first version.",
               "Look at what the queue returns, for each job."}},
    {CHECK("queued_is_not_done", "S1", 25),
     .rule = "While workers have only been asked, the order is RUNNING and says nothing.",
     .script = "begin -> state=RUNNING said=\"\"\n",
     .hints = {"Who has reserved, charged or shipped anything when order_begin returns?",
               "\"completed\" belongs where the last worker's DONE arrives."}},
    {CHECK("each_job_waits_for_the_one_before", "S1", 15),
     .rule = "DONE queues the next job; DONE of ship completes the order.",
     .script = "begin -> state=RUNNING queued=reserve said=\"\"\n"
               "ended job=reserve result=DONE -> state=RUNNING queued=pay said=\"\"\n"
               "ended job=pay result=DONE -> state=RUNNING queued=ship said=\"\"\n"
               "ended job=ship result=DONE -> state=COMPLETED queued=\"\" said=completed\n",
     .hints = {"When is the parcel ordered, and when is the money there?",
               "order_begin queues one job; order_job_ended the one after it."}},
    {CHECK("a_failing_worker_is_heard", "S2", 20),
     .rule = "A job that failed fails the order: what is done is undone, the last first.",
     .script = "begin\nended job=reserve result=DONE\n"
               "ended job=pay result=FAILED -> state=FAILED undone=reserve said=\"failed: pay\"\n\n"
               "begin\nended job=reserve result=DONE\nended job=pay result=DONE\n"
               "ended job=ship result=FAILED -> state=FAILED undone=pay,reserve "
               "said=\"failed: ship\"\n\n"
               "begin room=1\nended job=reserve result=DONE -> state=FAILED queued=\"\" "
               "undone=reserve said=\"failed: pay\"\n",
     .hints = {"fail is called in one place. Does a worker's failure get there?",
               "A result has two values; look for what happens with each."}},
    {CHECK("a_result_that_comes_twice_counts_once", "S5", 15),
     .rule = "Only a result of the pending job of a running order counts.",
     .script = "begin\nended job=reserve result=DONE -> queued=pay\n"
               "ended job=reserve result=DONE -> state=RUNNING queued=\"\" said=\"\"\n\n"
               "begin\nended job=reserve result=DONE\n"
               "ended job=pay result=FAILED -> state=FAILED undone=reserve said=\"failed: pay\"\n"
               "ended job=pay result=FAILED -> state=FAILED undone=\"\" said=\"\"\n"
               "ended job=reserve result=DONE -> state=FAILED queued=\"\" said=\"\"\n"
               "\nbegin\nended job=ship result=DONE -> state=RUNNING queued=\"\" said=\"\"\n"
               "\nbegin\nended job=reserve result=DONE\n"
               "ended job=reserve result=FAILED -> state=RUNNING undone=\"\" said=\"\"\n"
               "\nbegin\nended job=reserve result=DONE\nended job=pay result=DONE\n"
               "ended job=ship result=DONE -> state=COMPLETED said=completed\n"
               "ended job=ship result=DONE -> state=COMPLETED queued=\"\" said=\"\"\n",
     .hints = {"reserve was reported twice. Is pay done now?",
               "done is also the number of the job that is pending: compare.",
               "Two questions come first: does the order still run, and is it this job that is "
               "pending?"}},
    {CHECK("the_wait_is_between_attempts", "J3", 10),
     .rule = "No delay before the first attempt; a backoff of 1,000 ms before the second.",
     .script = "begin -> delays=0 backoffs=1000\n"
               "ended job=reserve result=DONE -> delays=0 backoffs=1000\n"
               "ended job=pay result=DONE -> delays=0 backoffs=1000\n",
     .hints = {"A reservation that works at once: how long does it take with these options?",
               "delay_ms and backoff_ms are two things; read what order.h says of each."}},
    {CHECK("every_job_has_attempts", "J3", 10), .rule = "Each job, ship too, is tried 3 times.",
     .script = "begin -> attempts=3\nended job=reserve result=DONE -> attempts=3\n"
               "ended job=pay result=DONE -> attempts=3\n",
     .hints = {"The table of options has three rows. Which of them are there?",
               "What an initialiser leaves out is 0, and nobody warns you."}},
    {0},
};
static const struct check *const tables[] = {checks, NULL};
static const struct step steps[] = {{"five defects", NULL, NULL}};

const struct lab drill_queued_not_done = {.name = "drill-queued-not-done",
                                          .home = "exercises",
                                          .title = "Find the defect: completed, said the log",
                                          .subject = "order",
                                          .steps = steps,
                                          .step_count = sizeof steps / sizeof steps[0],
                                          .tables = tables};
