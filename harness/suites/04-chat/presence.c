/*
 * Lab 04, step 4: presence.
 */
#include "04-chat/presence.h"
#include "suites/04-chat/checks.h"
#include "suites/04-chat/core.h"

/* Three tabs that beat at different times, in one of 6 orders, and one of them goes: the one that
   stays longest says how long the user does. */
static void add_three(struct scenario *out, int order, int goes)
{
    static const int orders[][3] = {{1, 2, 3}, {1, 3, 2}, {2, 1, 3},
                                    {2, 3, 1}, {3, 1, 2}, {3, 2, 1}};
    scenario_add_script(out, "presence\nwatch now=0\nbeat device=tab-1 now=0\n"
                             "beat device=tab-2 now=0\nbeat device=tab-3 now=0\n");
    for (int i = 0; i < 3; i++)
        scenario_add(out, "beat device=tab-%d now=%d", orders[order][i], 300 * i);
    scenario_add(out, "leave device=tab-%d now=700", goes);
    scenario_add_script(out, "look now=999\nlook now=1000\ntick now=1100\nlook now=1299\n"
                             "look now=1300\ntick now=1400\nlook now=1599\nlook now=1600\n"
                             "tick now=1600\n");
}

static void generate_tabs(struct scenario *out, const struct random *random)
{
    (void)random;
    scenario_add_script(
        out, "presence\nwatch now=0\nbeat device=tab-1 now=1\nbeat device=tab-2 now=2\n"
             "leave device=tab-1 now=3\nlook now=3\nleave device=tab-1 now=3\n"
             "leave device=Tab-2 now=4\nleave user=Ann device=tab-2 now=4\nlook now=4\n"
             "leave device=tab-2 now=5\nlook now=5\nleave device=tab-2 now=6\n"
             "beat device=63*d+a now=7\nbeat device=63*d+b now=7\nbeat device=63*d now=7\n"
             "leave device=63*d+a now=8\nleave device=63*d now=8\nlook now=8\n"
             "leave device=63*d+b now=8\nlook now=8\n");
    for (int i = 0; i < 18; i++)
        add_three(out, i / 3, 1 + i % 3);
    scenario_add(out, "presence");
    for (int i = 1; i <= PRESENCE_DEVICES_MAX; i++)
        scenario_add(out, "beat device=tab-%d now=%d", i, i);
    scenario_add_script(out, "beat device=tab-17 now=20\nbeat device=tab-16 now=21\n"
                             "beat user=bob device=tab-17 now=21\nleave device=tab-3 now=22\n"
                             "beat device=tab-17 now=23\nbeat device=tab-18 now=24\n"
                             "beat device=tab-18 now=1001\nlook now=1001\n");
    scenario_add_script(out,
                        "presence\nbeat user=\"\" now=0\nbeat device=\"\" now=0\n"
                        "beat user=65*u now=0\nbeat device=65*d now=0\n"
                        "beat user=64*u device=64*d now=0\nlook user=64*u now=0\n"
                        "leave user=\"\" now=0\nleave device=65*d now=0\nwatch user=\"\" now=0\n"
                        "watch user=65*u now=0\nlook user=65*u now=0\n");
}

static void generate_changes(struct scenario *out, const struct random *random)
{
    (void)random;
    scenario_add_script(out,
                        "presence\nwatch now=0\nbeat now=1\nbeat now=2\nbeat device=d2 now=3\n"
                        "watch watcher=2 now=4\nwatch now=5\nleave now=6\nleave device=d2 now=7\n"
                        "leave device=d2 now=8\nunwatch\nbeat now=9\nunwatch watcher=2\n"
                        "leave now=10\n");
    scenario_add_script(out, "presence\nwatch watcher=0 now=0\nwatch watcher=1 now=1\nbeat now=2\n"
                             "unwatch watcher=0\nleave now=3\nwatch watcher=0 now=4\nbeat now=5\n");
    /* Memory that runs out changes nothing. No device is over then: to note that may need memory.
     */
    scenario_add_script(out, "presence\nwatch now=0 starve=1\nbeat now=1 starve=1\n"
                             "beat device=d2 now=2 starve=1\nwatch watcher=2 now=3 starve=1\n"
                             "beat user=bob now=4 starve=1\nwatch watcher=2 user=eve now=5 "
                             "starve=1\nleave now=6 starve=1\nbeat user=eve now=1003\n"
                             "look now=1003\ntick now=1004\n");
    /* What an error keeps back comes with the next call. */
    scenario_add_script(out, "presence\nwatch user=bob now=0\nbeat user=bob now=0\n"
                             "beat user=\"\" now=1000\ntick now=1000\n");
    /* Many watchers of one user, and many users of one watcher: more than one call can tell. */
    scenario_add_script(out, "presence\ncrowd users=600 watcher=7 now=0\ncrowd users=600 now=10\n"
                             "watch watcher=8 user=u5 now=20\ntick now=1010\n"
                             "beat user=u600 device=d now=1020\ntick now=1020\nwatch watcher=9 "
                             "user=u5 now=1021\ntick now=1021\ntick now=1021\n");
    scenario_add_script(out, "presence\ncrowd users=600 watcher=7 now=0\ncrowd users=600 now=10\n"
                             "watch watcher=8 user=u5 now=20\ntick now=1010\nunwatch watcher=7\n"
                             "tick now=1010\nbeat user=u9 now=1011\nbeat user=u5 now=1012\n");
    scenario_add_script(
        out, "presence\ncrowd users=1500 watcher=7 now=0\ncrowd users=1500 now=10\n"
             "tick now=1010\nwatch user=zed now=1010\nwatch user=u1499 now=1010\n"
             "beat user=zed now=1011\nbeat user=u1499 now=1011\ntick now=1011\ntick now=1011\n");
    scenario_add_script(out,
                        "presence\ncrowd users=4096 now=0\ncrowd users=1 from=5000 now=1\n"
                        "watch user=nobody now=1\nwatch user=u1 now=1\nbeat user=nobody now=2\n"
                        "leave user=u2 device=d now=3\nwatch user=nobody now=4\n"
                        "beat user=somebody now=5\nunwatch\nbeat user=somebody now=6\n"
                        "crowd users=4096 from=5000 now=1006\n");
    scenario_add_script(out, "presence\ncrowd users=4095 watcher=3 now=0\n"
                             "watch watcher=4 user=u1 now=1\nwatch watcher=5 user=u1 now=1\n"
                             "watch watcher=4 user=u1 now=1\nbeat user=u1 now=2\n"
                             "unwatch watcher=4\nwatch watcher=5 user=u2 now=3\n");
}

static void add_call(struct scenario *out, const struct random *random, int now)
{
    static const char *const users[] = {"ann", "Ann", "bob", "63*u+a", "63*u+b"};
    static const char *const devices[] = {"d1", "d2", "D1"};
    const char *user = CHAT_ONE_OF(random, users), *device = CHAT_ONE_OF(random, devices);
    int watcher = 1 + (int)random_below(random, 3);
    switch (random_below(random, 8)) {
    case 0:
    case 1:
    case 2:
        scenario_add(out, "beat user=%s device=%s now=%d", user, device, now);
        return;
    case 3:
        scenario_add(out, "leave user=%s device=%s now=%d", user, device, now);
        return;
    case 4:
        scenario_add(out, "tick now=%d", now);
        return;
    case 5:
        scenario_add(out, "watch watcher=%d user=%s now=%d", watcher, user, now);
        return;
    case 6:
        if (random_below(random, 3) == 0)
            scenario_add(out, "unwatch watcher=%d", watcher);
        return;
    default:
        scenario_add(out, "look user=%s now=%d", user, now);
    }
}

/* Few users with several tabs that beat, go, and are looked at between the ends of one another.
   Times go on by quarters of ttl, or one less: so ends meet, and are met exactly. */
static void add_tabs(struct scenario *out, const struct random *random, int *now)
{
    static const char *const users[] = {"ann", "ann", "ann", "bob"};
    static const char *const words[] = {"beat", "beat", "beat", "leave", "leave"};
    int step = 25 * (int)random_below(random, 3);
    scenario_add(out, "%s user=%s device=d%d now=%d", CHAT_ONE_OF(random, words),
                 CHAT_ONE_OF(random, users), 1 + (int)random_below(random, 4), *now);
    *now += step > 0 && random_below(random, 4) == 0 ? step - 1 : step;
    switch (random_below(random, 4)) {
    case 0:
        scenario_add(out, "tick now=%d", *now);
        return;
    case 1:
        return;
    default:
        scenario_add(out, "look user=%s now=%d", CHAT_ONE_OF(random, users), *now);
    }
}

static void generate_calls(struct scenario *out, const struct random *random)
{
    int now = 0;
    for (int i = 0; i < 600; i++) {
        if (i % 60 == 0)
            scenario_add(out, "presence ttl=100");
        now += (int)random_below(random, 45);
        add_call(out, random, now);
    }
    for (int block = 0; block < 10; block++) {
        scenario_add_script(out, "presence ttl=100\nwatch user=ann now=0\n"
                                 "watch watcher=0 user=bob now=0\n");
        now = 0;
        for (int i = 0; i < 30; i++)
            add_tabs(out, random, &now);
    }
}

#define CHECK(name, its_points)                                                                    \
    .id = name, .step = 4, .points = its_points, .anchor = "presence",                             \
    .oracle = &chat_presence_oracle

const struct check chat_presence_checks[] = {
    {CHECK("online_while_one_tab_lives", 1), .rules = "C6", .generate = generate_tabs,
     .rule = "A user is online while at least one device is: closing one of two tabs changes "
             "nothing. A user has at most 16, and names have 1 to 64 bytes.",
     .hints = {"Presence is no boolean: the tab that closes would switch off the one that stays.",
               "Keep the devices of a user, each with its last beat.",
               "At the limit: a device that beats again is no new one, and one that has expired or "
               "left makes room."}},
    {CHECK("silence_expires", 1), .rules = "C6",
     .rule = "A beat lasts ttl_ms, and at that moment no more, whether somebody ticks or not.",
     .script = "presence ttl=1000\nbeat now=0\nlook now=0\nlook now=999\nlook now=1000\n"
               "presence ttl=1000\nbeat now=5\nwatch now=5\ntick now=1004\ntick now=1005\n"
               "tick now=1006\nlook now=1006\n"
               "presence ttl=1000\nwatch now=0\nbeat now=10\nbeat now=500\ntick now=1010\n"
               "look now=1499\nlook now=1500\nbeat user=bob now=1500\n"
               "presence ttl=1000\nwatch now=0\nbeat device=d1 now=0\nbeat device=d2 now=300\n"
               "tick now=1000\nlook now=1299\nleave user=bob now=1300\n"
               "presence ttl=1000\nwatch now=0\nbeat now=0\nleave now=1000\n"
               "presence ttl=1000\nbeat now=0\nwatch now=1000\nbeat now=1001\n"
               "presence ttl=1\nbeat now=7\nlook now=7\nlook now=8\n"
               "presence ttl=0\npresence ttl=-1\n"
               "presence ttl=9223372036854775807\nbeat now=5\nlook now=6\ntick now=1000000\nlook "
               "now=1000000\n",
     .hints = {"A laptop that is closed says nothing. Only silence says that it is gone.",
               "It is there while now - beat < ttl_ms.",
               "Expiry is part of every call: the one that comes may be long after."}},
    {CHECK("watchers_hear_changes_once", 1), .rules = "C6", .generate = generate_changes,
     .cpu_ms = 6000,
     .rule = "A watcher is told at once of how things are, then of each change once, in their "
             "order; what has no place in a call comes with the next ones.",
     .hints =
         {"Remember what each watcher was told last. What differs is to be told.",
          "256 changes fit into one call: keep the rest, in order, and say more. It is before "
          "what is newer.",
          "4096 users that are online or watched, 4096 watches: who leaves or is watched no "
          "more makes room. No memory is ERR_LIMIT too: what was made until then goes again."}},
    {CHECK("any_calls_tell_the_truth", 1), .rules = "C6", .tier = TIER_MODEL,
     .generate = generate_calls, .rounds = 12,
     .rule = "Whatever is called, in any order, watchers hear what has changed, in the order in "
             "which it changed, and nothing that changed back.",
     .hints =
         {"Write a line for each device: until when is it there? A leave takes one line away, "
          "and the user is there as long as the longest that is left.",
          "Devices that went between two calls went at different moments: the one that was "
          "silent first is told first.",
          "Write for each watch what its watcher was told last. Watching again tells again. After "
          "unwatch a watcher hears nothing."}},
    {CHECK("push_goes_to_the_absent", 1), .rules = "C7",
     .rule = "The phone is woken for who has no device there, and for who was never seen.",
     .script = "presence\nlook now=0\nbeat now=0\nlook now=0\nlook user=Ann now=0\nlook now=999\n"
               "look now=1000\nbeat now=1500\nleave now=1600\nlook now=1600\n"
               "presence\nwatch now=0\nlook now=0\nbeat device=d1 now=1\nbeat device=d2 now=2\n"
               "leave device=d1 now=3\nlook now=3\nlook user=\"63*u\" now=3\n",
     .hints = {"Better a push too many than one too few: unknown is absent.",
               "It is the opposite of being online, at the same moment."}},
    {0},
};
