/*
 * Lab 04, step 4: the log.
 */
#include <stdio.h>
#include "judge/static_data.h"
#include "suites/04-chat/checks.h"
#include "suites/04-chat/core.h"

/* Names that are nearly the same, and are not. */
static const char *const channels[] = {"c",      "C",      "c%s",  "'c'", "c\xc3\xa9",
                                       "63*c+a", "63*c+b", "63*c", "a",   "ab"};
static const char *const users[] = {"ann", "Ann", "ann%", "63*u+a", "63*u+b", "63*u", "ab", "b"};
static const char *const nonces[] = {"n1", "N1", "n1%", "n\"1", "63*n+a", "63*n+b", "63*n", "bc"};

static void add_send(struct scenario *out, const struct random *random, int now)
{
    static const char *const texts[] = {"hello", "Hello", "100%", "4000*x", "3999*x+y"};
    static const char *const files[] = {"", "", "", "f1", "F1"};
    static const char *const members[] = {"yes", "yes", "yes", "yes",
                                          "yes", "yes", "no",  "unknown"};
    struct text line = {0};
    message_begin(&line, "send");
    message_add(&line, "channel", CHAT_ONE_OF(random, channels));
    message_add(&line, "user", CHAT_ONE_OF(random, users));
    message_add(&line, "nonce", CHAT_ONE_OF(random, nonces));
    message_add(&line, "text", CHAT_ONE_OF(random, texts));
    message_add(&line, "file", CHAT_ONE_OF(random, files));
    message_add(&line, "member", CHAT_ONE_OF(random, members));
    message_add_int64(&line, "now", now);
    scenario_add(out, "%s", text_str(&line));
    text_release(&line);
}

/* Sends, and the same ones again after restarts and lost commits. */
static void generate_replay(struct scenario *out, const struct random *random)
{
    struct scenario sends = {0};
    int count = 10 + (int)random_below(random, 30);
    for (int i = 0; i < count; i++)
        add_send(&sends, random, i);
    scenario_add(out, "log");
    for (int i = 0; i < 3 * count; i++) {
        int at = (int)random_below(random, (uint64_t)count);
        if (random_below(random, 12) == 0)
            scenario_add(out, "drop");
        if (random_below(random, 8) == 0)
            scenario_add(out, "restart");
        scenario_add(out, "%s", sends.lines[at]);
    }
    scenario_add(out, "restart");
    scenario_add(out, "newest");
    scenario_release(&sends);
}

static void generate_channels(struct scenario *out, const struct random *random)
{
    scenario_add(out, "log");
    for (int i = 0; i < 80; i++) {
        struct text line = {0};
        message_begin(&line, "send");
        message_add(&line, "channel", CHAT_ONE_OF(random, channels));
        scenario_add(out, "%s nonce=n%d now=%d", text_str(&line), i, i);
        text_release(&line);
    }
    scenario_add(out, "newest");
}

static void generate_nonces(struct scenario *out, const struct random *random)
{
    scenario_add(out, "log");
    for (int i = 0; i < 80; i++) {
        struct text line = {0};
        message_begin(&line, "send");
        message_add(&line, "channel", CHAT_ONE_OF(random, channels));
        message_add(&line, "user", CHAT_ONE_OF(random, users));
        message_add(&line, "nonce", CHAT_ONE_OF(random, nonces));
        scenario_add(out, "%s now=%d", text_str(&line), i);
        text_release(&line);
    }
    scenario_add_script(out, "send channel=a user=bc nonce=d\nsend channel=ab user=c nonce=d\n"
                             "send channel=abc user=d nonce=d\nsend channel=a user=b nonce=cd\n");
}

static void check_statics(struct check_run *run)
{
    struct message reply = {0};
    struct probe *probe = run_probe(run);
    static const char *const parts[] = {"log", "hub", "presence", "place", "delay"};
    int ended = probe == NULL;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0] && !ended; i++)
        ended = run_ask(run, probe, &reply, "%s", parts[i]); /* there is code at all */
    if (!ended)
        check_static_data(run);
    message_release(&reply);
    run_close(run, probe);
}

#define CHECK(name, its_points)                                                                    \
    .id = name, .step = 4, .points = its_points, .anchor = "the-log", .oracle = &chat_log_oracle

const struct check chat_log_checks[] = {
    {CHECK("numbers_have_no_hole", 1), .rules = "C2", .gate = 1,
     .rule = "The messages of a channel are numbered 1, 2, 3 ...; what is refused uses up none.",
     .script = "log\nsend nonce=n1 now=5\nsend nonce=n2 user=bob now=5\nsend nonce=n3 now=4\n"
               "log\nsend nonce=n1\nsend nonce=n2 text=\"\"\nsend nonce=n3 member=no\n"
               "send nonce=n4 member=unknown\nsend nonce=n1 text=other\nsend nonce=n1\n"
               "send nonce=n5\nsend nonce=n6 number=9\nsend nonce=n7\n",
     .hints = {"A reader who has seen 17 and then gets 19 asks for 18 for ever.",
               "The next number is one more than the last that was given, in memory; no clock and "
               "no client has a say in it.",
               "Decide first, and count up only when there is a record."}},
    {CHECK("store_then_answer_then_publish", 1), .rules = "C1", .gate = 1,
     .rule = "A message is stored, then answered, then published: three actions, in this order, "
             "each with the whole message, its number and the time.",
     .script = "log\nsend channel=general user=ann nonce=k-1 text=\"good morning\" now=1000\n"
               "log\nsend nonce=n1 file=report.pdf text=\"see the file\" now=7\n"
               "send nonce=n2 text=4000*x now=1700000000000\nsend nonce=n3 text=\"100 %s\" now=3\n",
     .hints = {"What is answered before it is stored is lost by a crash, and somebody believed it. "
               "What is published before it is stored may be read and then never have been.",
               "CHAT_APPEND, CHAT_ACK, CHAT_PUBLISH; each carries the message with number and "
               "sent_ms."}},
    {CHECK("channels_count_apart", 1), .rules = "C2", .generate = generate_channels, .rounds = 2,
     .rule = "Each channel has numbers of its own; names that are nearly the same are different.",
     .hints = {"One counter for all would leave holes in each of them.",
               "Names are compared byte by byte, all 64 of them: case counts, and so does the last "
               "byte."}},
    {CHECK("repeated_nonce_is_one_message", 1), .rules = "C1",
     .rule =
         "The same message again is answered with the number and time it got first, repeated 1, "
         "and neither stored nor published again; also among 30,000 messages, at once.",
     .script = "log\nsend nonce=n1 now=100\nsend nonce=n1 now=250\nsend nonce=n1 now=90\n"
               "log\nsend nonce=n1 now=1\nsend nonce=n2 now=2\nsend nonce=n3 now=3 file=f\n"
               "send nonce=n2 now=9\nsend nonce=n3 now=9 file=f\nsend nonce=n1 now=9\n"
               "send nonce=n4 now=10\nlog\nflood count=30000\n",
     .hints =
         {"An answer that is lost is asked for again: the client cannot know better. The nonce "
          "says that it is the same message.",
          "Keep what was stored by channel, user and nonce; answer from there.",
          "If it is the time that runs out: a search through all messages for each send is "
          "n * n. A hash table has chat_hash."}},
    {CHECK("nonce_has_its_scope", 1), .rules = "C1", .generate = generate_nonces, .rounds = 2,
     .rule = "A nonce belongs to one user in one channel: elsewhere, or spelled otherwise, it is "
             "another message.",
     .hints = {"Two clients may well count 1, 2, 3. Whose nonce is it, and where?",
               "All three, channel, user and nonce, are the key, each compared to its end: \"ab\" "
               "and \"c\" are not \"a\" and \"bc\"."}},
    {CHECK("nonce_with_other_text_refused", 1), .rules = "C1",
     .rule =
         "A nonce that the user has used in the channel for another text or file is ERR_EXISTS, "
         "and nothing changes.",
     .script = "log\nsend nonce=n1 text=hello\nsend nonce=n1 text=Hello\nsend nonce=n1 text=hell\n"
               "send nonce=n1 text=hello now=5\nsend nonce=n2\n"
               "log\nsend nonce=n1 text=3999*x+a\nsend nonce=n1 text=3999*x+b\n"
               "send nonce=n1 text=3999*x\nsend nonce=n1 text=3999*x+a\n"
               "log\nsend nonce=n1 file=f1\nsend nonce=n1\nsend nonce=n1 file=F1\n"
               "send nonce=n1 file=f1\nsend nonce=n2\nsend nonce=n2 file=f1\n",
     .hints = {"To answer it as a repetition would tell the client that the second text was taken.",
               "Compare the text to its last byte, and the file too."}},
    {CHECK("only_members_send", 1), .rules = "C5",
     .rule = "Who is not a member is refused, also with a repetition; when nobody knows, it is "
             "ERR_UNAVAILABLE. Limits are looked at before that, the nonce after it.",
     .script = "log\nsend member=no\nsend member=unknown\nsend\nsend member=no\n"
               "send member=unknown\nsend\n"
               "log\nsend nonce=\"\" member=no\nsend text=\"\" member=unknown\nsend\n"
               "send text=other member=no\nsend text=other member=unknown\nsend text=other\n",
     .hints =
         {"CHAT_UNKNOWN is not a yes: who was removed a moment ago would get in.",
          "The order is the list above chat_log_send: the first rule that is broken decides."}},
    {CHECK("replay_gives_the_same_answers", 1), .rules = "C1", .tier = TIER_MODEL,
     .generate = generate_replay, .rounds = 10,
     .rule = "A new log that has replayed what was stored numbers, answers and refuses as the old "
             "one; what was not stored is forgotten.",
     .hints =
         {"What differs after restart was remembered, and not taken from the records.",
          "Let sending and replaying go through one function that applies a message.",
          "The answer to a repetition, with its time, and the refusal of another text come out "
          "of the records too."}},
    {CHECK("what_cannot_follow_is_corrupt", 1), .rules = "C1",
     .rule = "Replay refuses, with ERR_CORRUPT, what cannot follow what came before it or cannot "
             "have been stored.",
     .script = "log\nreplay number=1\nreplay number=2 nonce=n2\nreplay number=2 nonce=n3\n"
               "log\nreplay number=2\nlog\nreplay number=0\n"
               "log\nreplay number=1\nreplay number=3 nonce=n2\n"
               "log\nreplay number=1\nreplay channel=d number=2 nonce=n2\n"
               "log\nreplay number=1\nreplay channel=d number=1\nreplay user=bob number=2\n"
               "send nonce=n9\n"
               "log\nreplay number=1\nreplay number=2\n"
               "log\nreplay number=1\nreplay kind=counter number=1\nreplay number=2 nonce=n2\n"
               "replay kind=counter number=2\nsend nonce=n3\n"
               "log\nreplay number=1\nreplay kind=counter number=2\n"
               "log\nreplay number=1\nreplay number=2 nonce=n2\nreplay kind=counter number=1\n"
               "log\nreplay number=1\nreplay kind=counter channel=C number=1\n"
               "log\nreplay kind=other number=1\nlog\nreplay number=1 text=\"\"\n"
               "log\nreplay number=1 nonce=65*n\nlog\nreplay number=1 channel=65*c\n"
               "log\nreplay number=1 user=\"\"\nlog\nreplay kind=counter channel=65*c number=0\n",
     .hints =
         {"A log that starts with a hole in it would hand out numbers that readers have seen.",
          "Ask of each record before it is applied: is this the next number of its channel, is "
          "the nonce free, are the fields within their limits?",
          "A counter changes nothing. It must say the number of the channel's last message."}},
    {CHECK("newest_visits_each_channel", 1), .rules = "C2",
     .rule =
         "chat_log_newest visits each channel that has messages once, with the last number that "
         "was given; after a restart too.",
     .script = "log\nnewest\nsend member=no\nsend text=\"\"\nnewest\n"
               "log\nsend nonce=n1\nsend nonce=n2\nsend channel=d nonce=n1\nsend nonce=n2\nnewest\n"
               "restart\nnewest\nsend channel=C nonce=n1\nsend channel=63*c+a\nsend "
               "channel=63*c+b\nnewest\n",
     .hints = {"Hints get lost. This is what makes a lost hint matter for a moment only.",
               "Once for each channel, not for each message."}},
    {CHECK("limits_hold", 1), .rules = "C1",
     .rule = "Every field is held to the limits of chat.h, at both ends; the sentence begins with "
             "the name of the first that is not. A send that gets no memory is ERR_LIMIT, and "
             "changes nothing.",
     .script =
         "log\nsend nonce=n1 text=x\nsend nonce=n2 text=4000*x\nsend nonce=n3 text=4001*x\n"
         "send nonce=n4 text=\"\"\nsend nonce=n5 text=\"4000*\xc3\xa9\"\n"
         "send nonce=n6 text=\"3999*x+\xc3\xa9\"\nsend nonce=n7 text=\"3998*x+\xc3\xa9\"\n"
         "log\nsend text=\"\xc3\"\nsend text=\"a\x80z\"\nsend text=\"\xc0\xaf\"\n"
         "send text=\"\xed\xa0\x80\"\nsend text=\"\xf4\x90\x80\x80\"\n"
         "send text=\"\xf0\x9f\x98\x80 \xe2\x82\xac\"\n"
         "log\nsend nonce=\"\"\nsend nonce=64*n\nsend nonce=65*n\nsend nonce=\"a b\"\n"
         "send nonce=\"a\\x09b\"\nsend nonce=\"\\x7f\"\nsend nonce=\"\xc3\xa9\"\n"
         "send nonce=\"!\"\nsend nonce=\"~\"\nsend nonce=1\n"
         "log\nsend channel=\"\"\nsend channel=64*c\nsend channel=65*c\nsend channel=x\n"
         "log\nsend user=\"\"\nsend user=64*u\nsend user=65*u\nsend user=x nonce=n2\n"
         "log\nsend file=f\nsend nonce=n2 file=64*f\nsend nonce=n3 file=65*f\nsend nonce=n4\n"
         "log\nsend channel=\"\" user=\"\" nonce=\"\" file=65*f text=\"\"\n"
         "send user=\"\" nonce=\"\" file=65*f text=\"\"\nsend nonce=\"\" file=65*f text=\"\"\n"
         "send file=65*f text=\"\"\nsend text=\"\"\n"
         "log\nsend starve=1\nsend\nsend nonce=n2 starve=1\nsend nonce=n2\n"
         "send channel=d starve=1\nsend channel=d\nsend nonce=n3 starve=1\n"
         "send nonce=n4 starve=1\nsend nonce=n5 starve=1\nsend nonce=n6 starve=1\n"
         "send nonce=n7 starve=1\nsend nonce=n8 starve=1\nsend nonce=n9 starve=1\n"
         "send user=bob starve=1\nsend user=bob\nsend nonce=n3 starve=1\nnewest\nrestart\n"
         "send nonce=n9\n",
     .hints = {"A field of 65 bytes has room for 64 and the NUL: one that is full has no end.",
               "memchr before strlen. utf8_character of kit/utf8.h says how long a character is.",
               "Visible ASCII is '!' to '~'. The order is that of struct chat_message. With "
               "starve=1 memory runs out at the first allocation, then at the second, and so on: "
               "take all that you need before the first change."}},
    {.id = "no_writable_static_data",
     .step = 4,
     .points = 1,
     .rules = "C1",
     .anchor = "the-core",
     .run = check_statics,
     .rule = "Your files hold no variable that outlives a call: no globals, no writable statics.",
     .hints = {"Two hubs in one process, as the judge has them, would share it.",
               "Make tables static const. What must last belongs in the struct."}},
    {0},
};
