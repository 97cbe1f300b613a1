/*
 * Lab 04, step 5: the student's own design as real processes. What is true is what clients have
 * read, never what a node says of itself.
 */
#include "suites/04-chat/checks.h"

#include <string.h>
#include "suites/04-chat/chat_cluster.h"

/* --- 70 --------------------------------------------------------------------------------------- */

/* Every capability does its work once, each asked for at a gateway. */
static int ask_everybody(struct chat_cluster *cluster)
{
    static const struct {
        const char *method, *path, *body;
        int status;
    } rows[] = {
        {"PUT", "/users/user-0", "{\"name\":\"Ada\"}", 204},
        {"GET", "/users/user-0", NULL, 200},
        {"PUT", "/workspaces/acme", "{\"name\":\"Acme\"}", 204},
        {"PUT", "/channels/general", "{\"workspace\":\"acme\"}", 204},
        {"POST", "/channels/general/messages", "{\"nonce\":\"1\",\"text\":\"hello\"}", 403},
        {"PUT", "/channels/general/members/user-0", NULL, 204},
        {"POST", "/channels/general/messages", "{\"nonce\":\"1\",\"text\":\"hello\"}", 201},
        {"POST", "/channels/nowhere/messages", "{\"nonce\":\"1\",\"text\":\"hello\"}", 404},
        {"GET", "/channels/general/messages?after=0", NULL, 200},
        {"PUT", "/presence/phone", NULL, 204},
        {"GET", "/search?workspace=acme&q=hello", NULL, 200},
        {"GET", "/pushes?user=user-0", NULL, 200},
        {"POST", "/files", "{\"channel\":\"general\",\"name\":\"a\",\"bytes\":5}", 201},
        {"POST", "/files", "{\"channel\":\"general\",\"name\":\"a\",\"bytes\":10000000000000}",
         413},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (chat_ask(cluster, cluster->gateways[i % (size_t)cluster->gateway_count], "user-0",
                     rows[i].method, rows[i].path, rows[i].body, rows[i].status, NULL))
            return 1;
    return 0;
}

/* Each is refused in one sentence, and the next request is answered as if it had not been there. */
static int ask_badly(struct chat_cluster *cluster)
{
    enum { HUGE_BODY = 10000000, LONG_NONCE = 10000 };
    struct text huge = {0}, nonce = {0};
    text_add(&huge, "{\"nonce\":\"2\",\"text\":\"");
    memset(text_room(&huge, HUGE_BODY + 1), 'x', HUGE_BODY);
    huge.length += HUGE_BODY;
    huge.bytes[huge.length] = '\0';
    text_add(&huge, "\"}");
    text_addf(&nonce, "{\"nonce\":\"%0*d\",\"text\":\"hello\"}", LONG_NONCE, 0);
    const struct {
        const char *body;
        int status;
    } rows[] = {{text_str(&huge), 413},
                {text_str(&nonce), 422},
                {"{\"nonce\":\"2\",\"text\":\"\"}", 422},
                {"{\"nonce\":\"2\",\"text\":\"\xff\xfe\"}", 400},
                {"{\"nonce\":\"1\",\"text\":\"another\"}", 422},
                {"[", 400}};
    int ended = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0] && !ended; i++) {
        struct http_reply reply = {0};
        char name[] = "X-User: user-0";
        const char *const headers[] = {name, NULL};
        run_http(cluster->run, cluster->gateways[0], "POST", "/channels/general/messages", headers,
                 rows[i].body, 0, &reply);
        /* A body that is much too large may not even be waited for. */
        ended = !(i == 0 && reply.status == 0) &&
                run_expect_problem(cluster->run, &reply, rows[i].status);
        http_reply_release(&reply);
    }
    text_release(&huge);
    text_release(&nonce);
    return ended;
}

static void comes_up_as_designed(struct check_run *run)
{
    struct chat_cluster cluster;
    char **texts = NULL;
    (void)(chat_cluster_open(&cluster, run,
                             (struct chat_options){.owners = CHAT_ALL_NODES, .with_spans = 1}) ||
           ask_everybody(&cluster) || ask_badly(&cluster));
    if (!run_ended(run)) {
        int count = chat_list(&cluster, "general", &texts);
        if (count >= 0 && count != 1)
            run_fail(run, "wrong answer", "what was refused is not stored",
                     "general has %d messages after one that was taken", count);
        chat_free_texts(texts, count);
        run_figure(run, "processes", cluster.count);
    }
    chat_cluster_close(&cluster);
}

#define CHECK(name, its_points)                                                                    \
    .id = name, .step = 5, .points = its_points, .anchor = "in-the-cluster", .tier = TIER_CLUSTER

const struct check chat_cluster_checks[] = {
    {CHECK("cluster_comes_up_as_designed", 1), .gate = 1, .rules = "C1 C5 C7",
     .run = comes_up_as_designed,
     .rule = "Every service of your design comes up as processes, each does its work when it is "
             "asked through a gateway, and nonsense is refused in one sentence.",
     .hints = {"make run SERVICE=chat shows the same processes, with their logs.",
               "A node that does not start says why in its last line of log."}},
    {CHECK("members_get_each_once", 1), .rules = "C2 C3", .run = chat_members_read,
     .rule =
         "While all is well every member reads every message once, in order, replay before live.",
     .hints = {"chat_log numbers, chat_hub writes: which of them left the number out?",
               "Every process must come to the same home for a channel: placement_of may depend on "
               "the names alone."}},
    {CHECK("acknowledged_survives_kill", 2), .rules = "C1", .run = chat_survives_kill,
     .rule =
         "Whatever was acknowledged is there after kill -9 of the message nodes, once, with its "
         "number.",
     .hints = {"All that the log must know again is in the records: see chat_log_replay.",
               "A nonce that was acknowledged before the kill is known after it."}},
    {CHECK("lost_answer_makes_no_double", 1), .rules = "C1", .run = chat_lost_answer,
     .rule = "A message whose answer was lost is sent again with its nonce, and is stored once.",
     .hints = {"The same user, channel and nonce: the number of the first time, and no new record.",
               "The nonce of another user is another nonce."}},
    {CHECK("readers_agree_after_kills", 3), .rules = "C2", .run = chat_kills,
     .rule = "300 readers of 20 channels read the same, without gap, double or disorder, while a "
             "gateway and a message node are killed.",
     .hints =
         {"Begin with the schedules of step 4: their stories are much shorter.",
          "What is published may be lost, late or doubled; only the numbers are to be believed."}},
    {CHECK("reconnect_goes_on", 1), .rules = "C2 C3", .run = chat_reconnect,
     .rule = "A reader that comes back with its last number gets the rest, then live, each once.",
     .hints = {"The stream begins after the number that it was opened with, not with it.",
               "reconnect_delay_ms gives what stands in retry: below what your design says."}},
    {CHECK("silent_reader_delays_nobody", 2), .rules = "C4", .run = chat_silent,
     .rule = "A reader that takes nothing is cut off with a gap, and neither senders nor other "
             "readers wait for it.",
     .hints =
         {"Count what was written to a stream and not drained; beyond the queue it is CHAT_GAP.",
          "The gap names the first number that the reader was not written."}},
    {CHECK("removed_member_is_cut_off", 1), .rules = "C5", .run = chat_removed,
     .rule = "Who is removed from a channel reads nothing more, at once, and cannot send or come "
             "back.",
     .hints = {"CHAT_REMOVED names a user and a channel: which of your streams are they?",
               "CHAT_PUT_OUT ends the stream; what comes later is not written to it."}},
    {CHECK("second_tab_keeps_one_online", 1), .rules = "C6", .run = chat_presence,
     .rule = "Who has two tabs stays online when one is closed, and goes offline when the other is "
             "silent; watchers hear each change once.",
     .hints = {"A user is online while any device is.",
               "The beat of a device that says nothing more lasts ttl_ms."}},
    {CHECK("search_and_push_may_be_down", 2), .rules = "C7", .run = chat_side_work,
     .rule = "While search and push are down messages are sent and read as ever; afterwards search "
             "finds them, and only who was absent was pushed.",
     .hints = {"Sending waits for nothing but the channel's owner and the message node.",
               "presence_wants_push is 0 for who has any device."}},
    {CHECK("added_gateway_moves_its_share", 1), .rules = "C5 C8", .run = chat_gateway_added,
     .rule = "A fourth gateway takes about a quarter of the channels; nothing else moves, nobody "
             "misses a message, and who is removed reads no more.",
     .hints = {"A remainder of the number of gateways moves nearly everything.",
               "Rendezvous hashing: the gateway whose hash with the channel is highest."}},
    {0},
};
