/* Drill: five defects of presence as a flag, and two checks that hold. */
#include <stddef.h>
#include "suites/suites.h"

#define CHECK(name, its_rules, its_points)                                                         \
    .id = name, .rules = its_rules, .step = 1, .points = its_points, .anchor = "the-rules"

static const struct check checks[] = {
    {CHECK("one_tab_comes_and_goes", "C6", 5),
     .rule = "With its only tab a user comes online, and goes.",
     .script = "fresh\nbeat tab=a now=0 -> taken=1 told=ann:1\nonline now=1 -> online=1\n"
               "close tab=a now=50 -> told=ann:0\nonline now=51 -> online=0\n"
               "online user=bob now=51 -> online=0 told=\"\"\n",
     .hints = {"This held before you began: compare with the first version.",
               "Each of the two is told, once."}},
    {CHECK("users_are_told_apart", "C6", 5),
     .rule = "ann and anna are two users, and neither changes the other.",
     .script = "fresh\nbeat user=anna now=0 -> told=anna:1\nonline user=ann now=0 -> online=0\n"
               "beat user=ann now=0 -> told=ann:1\nclose user=anna now=1 -> told=anna:0\n"
               "online user=ann now=2 -> online=1\nonline user=anna now=2 -> online=0\n",
     .hints = {"This held before you began: compare with the first version.",
               "Whole names are compared."}},
    {CHECK("one_of_two_tabs_may_close", "C6", 25),
     .rule = "A user stays online while another tab is there, and nobody is told of the closing.",
     .script = "fresh\nbeat tab=a now=0 -> told=ann:1\nbeat tab=b now=10 -> taken=1\n"
               "close tab=b now=20 -> told=\"\"\nonline now=21 -> online=1\n"
               "close tab=a now=30 -> told=ann:0\nonline now=31 -> online=0\n\n"
               "fresh\nbeat tab=a now=0\nbeat tab=b now=0\nclose tab=a now=1 -> told=\"\"\n"
               "close tab=b now=2 -> told=ann:0\n",
     .hints = {"How many tabs has Ann when `online` becomes 0?",
               "Keep the tabs by their names, and let the user be online while there is one."}},
    {CHECK("a_tab_closes_once", "C6", 15),
     .rule = "Closing what is closed, or what never was there, takes no other tab away.",
     .script = "fresh\nbeat tab=a now=0\nbeat tab=b now=0\nclose tab=b now=1 -> told=\"\"\n"
               "close tab=b now=2 -> told=\"\"\nclose tab=c now=2 -> told=\"\"\n"
               "online now=3 -> online=1\n\n"
               "fresh\nbeat tab=a now=0\nbeat tab=a now=10\nclose tab=a now=20 -> told=ann:0\n"
               "online now=21 -> online=0\n\n"
               "fresh\nclose user=bob now=0 -> told=\"\"\nclose tab=a now=0 -> told=\"\"\n",
     .hints = {"A browser says \"closed\" twice when the network is bad. What does a counter do?",
               "A set of names has each once, however often it is added or removed."}},
    {CHECK("silence_expires", "C6", 20),
     .rule = "ttl after its last beat a tab is gone, for who asks as for who is told.",
     .script = "fresh ttl=100\nbeat now=0 -> told=ann:1\nonline now=99 -> online=1\n"
               "tick now=99 -> told=\"\"\nonline now=100 -> online=0 told=\"\"\n"
               "tick now=100 -> told=ann:0\ntick now=101 -> told=\"\"\n\n"
               "fresh ttl=100\nbeat now=0\nbeat now=60 -> told=\"\"\ntick now=159 -> told=\"\"\n"
               "tick now=160 -> told=ann:0\n\n"
               "fresh ttl=100\nbeat user=ann now=0\nbeat user=bob now=150 -> told=ann:0,bob:1\n\n"
               "fresh ttl=100\nbeat now=0 -> told=ann:1\nbeat now=100 -> told=ann:0,ann:1\n",
     .hints =
         {"At now = 100 the beat of 0 has lasted 100 ms. Is that still within?",
          "presence_is_online has now_ms for a reason; and a beat or a closing notices silence "
          "before it does its own."}},
    {CHECK("a_beat_is_for_its_own_tab", "C6", 15),
     .rule = "The beats of one tab do not keep another: each has an end of its own.",
     .script = "fresh ttl=100\nbeat tab=a now=0\nbeat tab=b now=10\nbeat tab=a now=90\n"
               "close tab=a now=120 -> told=ann:0\nonline now=121 -> online=0\n\n"
               "fresh ttl=100\nbeat tab=a now=0\nbeat tab=b now=50\ntick now=100 -> told=\"\"\n"
               "online now=149 -> online=1\ntick now=150 -> told=ann:0\n\n"
               "fresh ttl=100\nbeat tab=a now=0\nbeat tab=b now=0\nbeat tab=c now=0\n"
               "beat tab=d now=0 -> taken=1\nbeat tab=e now=1 -> taken=0 told=\"\"\n"
               "beat tab=a now=99 -> taken=1\nbeat tab=e now=100 -> taken=1 told=\"\"\n",
     .hints = {"Tab b crashed at 10; a goes on beating, and closes at 120. Who keeps Ann online?",
               "until_ms belongs to the tab."}},
    {CHECK("watchers_hear_changes_once", "C6", 15),
     .rule = "A beat of somebody who is online is no news; a change is told once.",
     .script = "fresh\nbeat tab=a now=0 -> told=ann:1\nbeat tab=a now=10 -> told=\"\"\n"
               "beat tab=b now=20 -> told=\"\"\nclose tab=a now=30 -> told=\"\"\n"
               "close tab=b now=40 -> told=ann:0\nclose tab=b now=50 -> told=\"\"\n"
               "beat tab=b now=60 -> told=ann:1\n\n"
               "fresh ttl=10\nbeat user=a now=0\nbeat user=b now=0\nbeat user=c now=5\n"
               "beat user=d now=5 -> taken=1\nbeat user=e now=6 -> taken=0 told=\"\"\n"
               "tick now=10 -> told=a:0,b:0\nbeat user=e now=11 -> taken=1 told=e:1\n"
               "tick now=15 -> told=c:0,d:0\n",
     .hints = {"set() tells, whatever was told before.",
               "Compare with what was told last, and speak only when it differs."}},
    {0},
};
static const struct check *const tables[] = {checks, NULL};
static const struct step steps[] = {{"five defects", NULL, NULL}};

const struct lab drill_two_tabs = {.name = "drill-two-tabs",
                                   .home = "exercises",
                                   .title = "Find the defect: the second tab",
                                   .subject = "presence",
                                   .steps = steps,
                                   .step_count = sizeof steps / sizeof steps[0],
                                   .tables = tables};
