/*
 * Lab 04, step 4: the hub.
 */
#include "04-chat/chat.h"
#include "suites/04-chat/checks.h"
#include "suites/04-chat/core.h"

/* --- scenarios with many messages or streams -------------------------------------------------- */

static void publish(struct scenario *out, int from, int to)
{
    for (int number = from; number <= to; number++)
        scenario_add(out, "publish number=%d", number);
}

/* A stream of queue that is full to the last place, and one message more. */
static void fill(struct scenario *out, int queue)
{
    scenario_add(out, "hub queue=%d", queue);
    scenario_add_script(out, "open stream=1\npage stream=1\n");
    publish(out, 1, queue);
}

static void generate_slow(struct scenario *out, const struct random *random)
{
    (void)random;
    fill(out, 16);
    scenario_add_script(out, "streams\npublish number=17\nstreams\npublish number=18\n"
                             "drained stream=1 count=1\nhint number=19\nopen stream=1 after=16\n");
    fill(out, 16);
    scenario_add_script(out,
                        "hint number=16\npublish number=16\npublish number=3\nhint number=17\n");
    fill(out, 16);
    scenario_add_script(out, "drained stream=1 count=1\npublish number=17\npublish number=17\n"
                             "drained stream=1 count=16\npublish number=18\n");
    publish(out, 19, 33);
    scenario_add(out, "publish number=34");
    fill(out, 1024);
    scenario_add_script(out, "publish number=1025\nhub queue=256\nopen stream=1\npage stream=1\n");
    publish(out, 1, 255);
    scenario_add_script(out, "publish number=256\npublish number=257\n");
    scenario_add_script(out, "hub queue=15\nhub queue=1025\nhub queue=-1\nhub queue=0\n");
}

/* Replay and the filling of a hole wait for room, and are not cut for it; nor while a fetch is
   under way. */
static void generate_waiting(struct scenario *out, const struct random *random)
{
    (void)random;
    scenario_add_script(out, "hub queue=16\nstore count=40\nopen stream=1\npage stream=1\n"
                             "publish number=41\nhint number=42\ndrained stream=1 count=1\n"
                             "publish number=43\npage stream=1\ndrained stream=1 count=16\n"
                             "page stream=1\ndrained stream=1 count=10\npage stream=1\n");
    fill(out, 16);
    scenario_add_script(out, "drained stream=1 count=2\nstore count=20\npublish number=20\n"
                             "publish number=19\npublish number=20\nhint number=20\n"
                             "page stream=1\nhint number=20\ndrained stream=1 count=1\n"
                             "page stream=1\nhint number=21\n");
    fill(out, 16);
    scenario_add_script(out, "drained stream=1 count=1\nstore count=18\npublish number=18\n"
                             "hint number=30\npage stream=1\nhint number=30\nhint number=31\n");
    scenario_add_script(out, "hub queue=16\nstore count=16\nopen stream=1\npage stream=1\n"
                             "hint number=17\ndrained stream=1 count=1\npage stream=1\n"
                             "publish number=18\n");
}

static void generate_others(struct scenario *out, const struct random *random)
{
    (void)random;
    scenario_add_script(out, "hub queue=16\nopen stream=4 user=quick\nopen stream=1 "
                             "user=slow\nopen stream=2 user=quick\n"
                             "open stream=3 user=quick channel=d\npage stream=1\npage stream=2\n"
                             "page stream=3\npage stream=4\n");
    for (int number = 1; number <= 20; number++) {
        scenario_add(out, "publish number=%d", number);
        scenario_add_script(out, "drained stream=2 count=1\ndrained stream=4 count=1\n");
    }
    scenario_add_script(out, "open stream=2\npublish number=1 channel=d\nstreams\nhub queue=16\n");
    for (int stream = 1; stream <= CHAT_STREAMS_MAX; stream++) {
        scenario_add(out, "open stream=%d channel=%s", stream * 7, stream % 2 ? "c" : "d");
        scenario_add(out, "page stream=%d", stream * 7);
    }
    scenario_add_script(out, "open stream=1\nopen stream=7\nstreams\nclosed stream=14\nstreams\n"
                             "open stream=1\nopen stream=2\npublish number=1\npublish number=2\n"
                             "removed channel=d\nstreams\nopen stream=2\nopen stream=4294967295\n"
                             "publish number=3\npublish channel=d number=1\nhub\n"
                             "open stream=1 starve=1\nopen stream=2 starve=1\n"
                             "open stream=3 channel=d starve=1\nstreams\npage stream=1\n"
                             "page stream=2\npage stream=3\npublish number=1\nclosed stream=1\n"
                             "streams\n");
}

/* --- any events ------------------------------------------------------------------------------- */

static void add_event(struct scenario *out, const struct random *random, int *newest)
{
    static const char *const users[] = {"ann", "Ann", "bob"};
    int stream = 1 + (int)random_below(random, 4);
    switch (random_below(random, 14)) {
    case 0:
        scenario_add(out, "open stream=%d user=%s after=%d", stream, CHAT_ONE_OF(random, users),
                     (int)random_below(random, (uint64_t)*newest + 2));
        return;
    case 1:
    case 2:
    case 3:
        scenario_add(out, "page stream=%d lag=%d", stream, (int)random_below(random, 3));
        return;
    case 4:
        scenario_add(out, "hint number=%d", (int)random_below(random, (uint64_t)*newest + 1));
        return;
    case 5:
    case 6:
        scenario_add(out, "drained stream=%d count=%d", stream, (int)random_below(random, 6));
        return;
    case 7:
        if (random_below(random, 6) == 0)
            scenario_add(out, "removed user=%s", CHAT_ONE_OF(random, users));
        else
            scenario_add(out, "streams");
        return;
    case 8:
        if (random_below(random, 4) == 0)
            scenario_add(out, "closed stream=%d", stream);
        return;
    case 9:
        scenario_add(out, "publish number=%d", (int)random_below(random, (uint64_t)*newest + 1));
        return;
    default:
        ++*newest;
        scenario_add(out, "store");
        if (random_below(random, 8) > 0)
            scenario_add(out, "publish number=%d", *newest);
    }
}

static void add_hub(struct scenario *out, const struct random *random)
{
    int newest = (int)random_below(random, 30);
    scenario_add(out, "hub queue=%d", 16 + (int)random_below(random, 3));
    scenario_add(out, "store count=%d", newest);
    for (int stream = 1; stream <= 3; stream++)
        scenario_add(out, "open stream=%d user=%s", stream, stream == 1 ? "ann" : "bob");
    for (int i = 0; i < 120; i++)
        add_event(out, random, &newest);
}

static void generate_events(struct scenario *out, const struct random *random)
{
    for (int i = 0; i < 10; i++)
        add_hub(out, random);
}

#define CHECK(name, its_points)                                                                    \
    .id = name, .step = 4, .points = its_points, .anchor = "the-hub", .oracle = &chat_hub_oracle

const struct check chat_hub_checks[] = {
    {CHECK("replay_ends_before_live", 1), .rules = "C3",
     .rule = "A new stream is first written what was there, page after page; the first page that "
             "is shorter than its limit ends the replay: CHAT_LIVE, once, and then what is new.",
     .script = "hub\nopen stream=1\npage stream=1\npublish number=1\npublish number=2\n"
               "hub\nstore count=5\nopen stream=1\npage stream=1\npublish number=6\nhint number=6\n"
               "hub\nstore count=250\nopen stream=1\npage stream=1\npage stream=1\npage stream=1\n"
               "publish number=251\n"
               "hub\nstore count=100\nopen stream=1\npage stream=1\npage stream=1\n"
               "hub queue=1024\nstore count=99\nopen stream=1\npage stream=1\n"
               "hub\nstore count=3\nopen stream=1\nstore\npublish number=4\npage stream=1 lag=1\n"
               "page stream=1\npublish number=5\n"
               "hub\nopen stream=1\nstore\nhint number=1\npage stream=1 lag=1\npage stream=1\n"
               "hub\nstore count=2\nopen stream=1\npublish number=1\npage stream=1\n"
               "hub\nstore count=2\nopen stream=1\npublish number=3\npublish number=1\n"
               "store\npage stream=1\n",
     .hints = {"A message that is published while the replay runs must not overtake it.",
               "While a fetch is under way nothing is written but its page. Note how far the "
               "channel has come, and read off what to do when the page is there.",
               "A page that is full says nothing about what comes after it: ask again."}},
    {CHECK("reader_resumes_after_its_last", 1), .rules = "C2",
     .rule = "A stream that is opened with a number is written what comes after it, from the next "
             "number on.",
     .script = "hub\nstore count=10\nopen stream=1 after=7\npage stream=1\npublish number=11\n"
               "hub\nstore count=10\nopen stream=1 after=10\npage stream=1\npublish number=10\n"
               "publish number=11\n"
               "hub\nstore count=10\nopen stream=1 after=1\nopen stream=2 after=9\npage stream=2\n"
               "page stream=1\n"
               "hub\nstore count=3\nopen stream=1 after=5\npage stream=1\npublish number=4\n"
               "publish number=5\nhint number=5\npublish number=6\n",
     .hints = {"The number is of the last message that the reader has: not again that one, and not "
               "the one after the next.",
               "CHAT_FETCH has the number after which messages are wanted."}},
    {CHECK("hole_is_fetched_first", 1), .rules = "C2",
     .rule = "When a number is missing, what is missing is fetched first, one fetch at a time, and "
             "nothing is written beside it.",
     .script = "hub\nstore count=3\nopen stream=1\npage stream=1\nstore count=2\npublish number=5\n"
               "page stream=1\npublish number=4\npublish number=6\n"
               "hub\nopen stream=1\npage stream=1\nstore count=3\nhint number=3\nhint number=3\n"
               "publish number=1\npage stream=1\n"
               "hub\nopen stream=1\npage stream=1\nstore count=2\npublish number=2\nstore\n"
               "publish number=3\npage stream=1 lag=1\npage stream=1\npublish number=4\n"
               "hub\nopen stream=1\npage stream=1\nstore count=2\npublish number=2\n"
               "page stream=1 lag=2\npage stream=1\n"
               "hub\nopen stream=1\nopen stream=2\npage stream=1\npage stream=2\npublish number=1\n"
               "open stream=3 after=0\npage stream=3\nstore count=3\npublish number=3\n"
               "page stream=2\npage stream=1\npublish number=4\npage stream=3\n",
     .hints =
         {"A publication is a hint. That 5 comes after 3 says only that 4 was lost or is late.",
          "The hub keeps no messages: fetch after the last that was written; 5 comes with it.",
          "What was heard of while the page was on its way may lie beyond it: then fetch "
          "again."}},
    {CHECK("repetitions_are_written_once", 1), .rules = "C2",
     .rule = "What comes a second time, or late, or is only a hint of what was written, changes "
             "nothing.",
     .script = "hub\nopen stream=1\npage stream=1\npublish number=1\npublish number=1\n"
               "publish number=2\npublish number=1\nhint number=2\nhint number=1\nhint number=0\n"
               "publish number=3\n"
               "hub\nstore count=4\nopen stream=1\npage stream=1\npublish number=4\n"
               "publish number=2\nhint number=4\n"
               "hub\nopen stream=1\npage stream=1\npublish number=1\nopen stream=2 after=1\n"
               "page stream=2\npublish number=1\npublish number=2\npublish number=2\n"
               "hub\npublish number=1\nhint number=5\nopen stream=1 channel=d\n"
               "publish number=2\nhint number=9\npublish number=1 channel=D\npage stream=1\n"
               "publish number=1 channel=d\n",
     .hints = {"Each stream has a number it was written last. What is not above it is old.",
               "Published messages of a channel that no stream reads are nobody's; channels are "
               "compared to their last byte."}},
    {CHECK("slow_reader_is_cut_with_gap", 1), .rules = "C4", .generate = generate_slow,
     .rule = "A live stream without room that hears of a newer message is ended by CHAT_GAP with "
             "the first number it was not written; `queue` messages have room, from 16 to 1024.",
     .hints = {"Dropping in silence would be a hole that nobody sees. Waiting would be memory "
               "without end.",
               "Room is queue less what was written and not yet taken; CHAT_DRAINED gives it back.",
               "A hint of what is known already is not newer, and cuts nobody. After the gap the "
               "stream is gone."}},
    {CHECK("replay_and_holes_wait_for_room", 1), .rules = "C4", .generate = generate_waiting,
     .rule = "Replay, and filling a hole, wait for room and go on as soon as there is some; no "
             "fetch asks for more than fits.",
     .hints =
         {"Old messages can wait: they are in the log, and cost nobody memory.",
          "limit is the room that is left, at most CHAT_PAGE_MAX. Without room: no fetch, until "
          "CHAT_DRAINED.",
          "A live stream that waits like this, and then hears of something newer than it knew "
          "of, is too slow after all."}},
    {CHECK("full_reader_delays_no_other", 1), .rules = "C4", .generate = generate_others,
     .rule =
         "A stream that is full, or was cut, changes nothing for the others. 400 streams may be "
         "open; one more is ERR_LIMIT, one twice ERR_EXISTS, and what is closed makes room. No "
         "memory is ERR_LIMIT too.",
     .hints =
         {"Who loops over the readers of a channel must not stop at the one that is full.",
          "A stream that is ended within the loop must not take the next one with it.",
          "Count what is open: opened, less closed, cut and put out. What was refused must not "
          "have changed anything."}},
    {CHECK("impossible_events_are_refused", 1), .rules = "C2",
     .rule = "A page that nobody asked for, is longer than its limit or leaves a number out, more "
             "taken than written, a negative number, a name out of its limits: ERR_INVALID, and "
             "nothing changes.",
     .script = "hub\nstore count=9\nopen stream=1 after=3\nbring stream=1 from=5 count=2\n"
               "bring stream=1 from=3 count=2\nbring stream=1 from=4 count=4 skip=5\n"
               "bring stream=1 from=4 count=101\nbring stream=1 from=4 count=2\n"
               "bring stream=1 from=6 count=2\n"
               "hub queue=16\nstore count=20\nopen stream=1\nbring stream=1 from=1 count=17\n"
               "page stream=1\nbring stream=1 from=17 count=1\ndrained stream=1 count=17\n"
               "drained stream=1 count=0\ndrained stream=1 count=16\npage stream=1\n"
               "hub\nopen stream=1\nbring stream=1 count=-1\npage stream=1\n"
               "drained stream=1 count=1\ndrained stream=1 count=-1\npublish number=1\n"
               "hint number=-1\ndrained stream=1 count=2\ndrained stream=1 count=1\n"
               "hub\nopen stream=1 after=-1\nopen stream=1 channel=\"\"\nopen stream=1 user=\"\"\n"
               "open stream=1 channel=65*c\nopen stream=1 user=65*u\nstreams\n"
               "open stream=1 channel=64*c user=64*u\nstreams\nopen stream=1\n"
               "open stream=1 channel=\"\"\nopen stream=1 after=-1\ndrained stream=2 count=-1\n"
               "bring stream=2 count=-1\n"
               "hub\ndrained stream=1 count=1\nclosed stream=1\nbring stream=1\nopen stream=1\n"
               "page stream=1\nclosed stream=1\ndrained stream=1 count=1\nclosed stream=1\n"
               "streams\n",
     .hints = {"Look at the whole page before the first message is written.",
               "A stream that is not open is no error, whatever comes for it: it was ended here, "
               "and the host did not know yet."}},
    {CHECK("removed_member_reads_no_more", 1), .rules = "C5",
     .rule = "CHAT_REMOVED ends each stream of this user in this channel with CHAT_PUT_OUT, at "
             "once, replaying or live; after that nothing is written.",
     .script =
         "hub\nopen stream=1\nopen stream=2\nopen stream=3 user=Ann\nopen stream=4 channel=C\n"
         "page stream=1\npage stream=3\npage stream=4\nremoved\npage stream=2\nstreams\n"
         "publish number=1\npublish number=1 channel=C\nclosed stream=1\nremoved\n"
         "hub queue=16\nstore count=40\nopen stream=1\npage stream=1\nremoved\n"
         "drained stream=1 count=16\npublish number=41\n"
         "hub\nopen stream=1 user=63*u+a\nopen stream=2 user=63*u+b\nopen stream=3 user=63*u\n"
         "removed user=\"63*u\"\nremoved user=nobody\nstreams\nopen stream=3\npage stream=3\n",
     .hints = {"Membership that is asked for when a stream opens goes stale while it is open.",
               "One user may have several streams, and read other channels too. Compare both "
               "names."}},
    {CHECK("any_events_keep_the_order", 1), .rules = "C2-C5", .tier = TIER_MODEL,
     .generate = generate_events, .rounds = 6,
     .rule = "Whatever events come, in any order, each stream gets what the rules say.",
     .hints = {"Write the five facts of the stream down after each event: written, heard, room, "
               "limit of its fetch, live. The failure says what they must be; the first that you "
               "have otherwise is the mistake.",
               "make debug CHECK=any_events_keep_the_order stops at the event."}},
    {0},
};
