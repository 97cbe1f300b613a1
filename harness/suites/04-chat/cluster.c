/*
 * Lab 04, step 5: the student's own design as real processes. What is true is what clients have
 * read, never what a node says of itself.
 */
#include "suites/04-chat/checks.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/json_read.h"
#include "kit/clock.h"
#include "kit/error.h"
#include "suites/04-chat/measure.h"

static const char sent_all[] = "every message is acknowledged, and every reader reads it";

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

/* --- 71: all is well -------------------------------------------------------------------------- */

enum { CHANNELS = 3, READERS = 4, SENDS = 60, LATE = 2 };

static void listen_all(struct crowd *crowd, int channel, int first, int count)
{
    char user[32];
    for (int i = first; i < first + count; i++) {
        snprintf(user, sizeof user, "user-%d", i);
        crowd_listen(crowd, channel, user, 0);
    }
}

static void send_all(struct crowd *crowd, int count)
{
    char user[32];
    for (int i = 0; i < count; i++) {
        snprintf(user, sizeof user, "user-%d", i % READERS);
        crowd_send(crowd, i % crowd->channel_count, user);
    }
}

/* Some read from the start, some come while others write. */
static int everybody_reads(struct crowd *crowd, struct chat_cluster *cluster)
{
    char name[32];
    for (int i = 0; i < CHANNELS; i++) {
        snprintf(name, sizeof name, "channel-%d", i);
        if (chat_make_channel(cluster, name, READERS + LATE))
            return 1;
        listen_all(crowd, crowd_channel(crowd, name), 0, READERS);
    }
    crowd_senders(crowd, READERS);
    if (crowd_until(crowd, crowd_is_live, NULL, "streams open, and say live"))
        return 1;
    send_all(crowd, SENDS);
    if (crowd_until(crowd, crowd_is_sent, NULL, sent_all))
        return 1;
    send_all(crowd, SENDS);
    for (int i = 0; i < CHANNELS; i++)
        listen_all(crowd, i, READERS, LATE);
    return crowd_until(crowd, crowd_is_quiet, NULL, sent_all);
}

/* How quick it is, for the report; no verdict comes of it. At a pace, since it is no race. */
static int show_delays(struct chat_cluster *cluster)
{
    enum { MESSAGES = 34 /* to 60 readers: 2040 deliveries */ };
    static const struct {
        int sends_per_s;
        const char *median, *worst;
    } paces[] = {{50, "50 sends/s to 60 readers: p50 ms", "50 sends/s to 60 readers: p99 ms"},
                 {200, "200 sends/s to 60 readers: p50 ms", "200 sends/s to 60 readers: p99 ms"}};
    struct chat_delays delays;
    struct crowd *crowd = NULL;
    int ended = crowd_open(&crowd, cluster) || chat_measure_open(crowd, 1, MEASURE_READERS);
    for (int i = 0; i < 2 && !ended; i++) {
        ended = chat_measure(crowd, paces[i].sends_per_s, MESSAGES, &delays);
        run_figure(cluster->run, paces[i].median, delays.p50_ms);
        run_figure(cluster->run, paces[i].worst, delays.p99_ms);
    }
    crowd_close(crowd);
    return ended;
}

static void members_get_each_once(struct check_run *run)
{
    struct chat_cluster cluster;
    struct crowd *crowd = NULL;
    (void)(chat_cluster_open(&cluster, run, (struct chat_options){.owners = CHAT_TALK}) ||
           crowd_open(&crowd, &cluster) || everybody_reads(crowd, &cluster) ||
           crowd_compare(crowd) ||
           chat_ask(&cluster, cluster.gateways[0], "stranger", "GET",
                    "/channels/channel-0/messages", NULL, 403, NULL));
    if (!run_ended(run))
        run_figure(run, "messages read", (double)crowd->delivered);
    if (!run_ended(run))
        show_delays(&cluster);
    crowd_close(crowd);
    chat_cluster_close(&cluster);
}

/* --- 72: kill -9 of a message node ------------------------------------------------------------ */

enum { KILLS = 3, KILL_TRIES = 3, KILL_SENDS = 40 };

static int is_under_way(struct crowd *crowd, void *context)
{
    int least = *(const int *)context, under_way = 0;
    for (int i = 0; i < crowd->sender_count; i++)
        under_way += crowd->senders[i].send >= 0 && crowd->senders[i].due_ms == 0;
    return crowd->acknowledged >= least && under_way > 0;
}

static int attempts(const struct crowd *crowd)
{
    int count = 0;
    for (int i = 0; i < crowd->send_count; i++)
        count += crowd->sends[i].attempts;
    return count;
}

/* Kills all message nodes while a message is unanswered: 0, and one was sent again, so that it was
   met. */
static int kill_in_between(struct crowd *crowd, int channel)
{
    struct check_run *run = crowd->cluster->run;
    const char *nodes[CHAT_NODES_MAX];
    int count = chat_nodes_of(crowd->cluster, OWNS_MESSAGES, nodes);
    for (int tries = 0; tries < KILL_TRIES && !run_ended(run); tries++) {
        int least =
            crowd->acknowledged + 1 + (int)random_below(&run->random, (uint64_t)KILL_SENDS / 2);
        for (int i = 0; i < KILL_SENDS; i++)
            crowd_send(crowd, channel, "user-1");
        if (crowd_until(crowd, is_under_way, &least, "messages are acknowledged"))
            return 1;
        int before = attempts(crowd) - crowd->begun;
        if (crowd_kill(crowd, nodes, count) || crowd_until(crowd, crowd_is_quiet, NULL, sent_all))
            return 1;
        if (attempts(crowd) - crowd->begun > before)
            return 0;
    }
    return run_ended(run) ||
           run_error(run, "message nodes were killed %d times, never while a send was unanswered",
                     KILL_TRIES);
}

static void acknowledged_survives_kill(struct check_run *run)
{
    struct chat_cluster cluster;
    struct crowd *crowd = NULL;
    (void)(chat_cluster_open(&cluster, run,
                             (struct chat_options){.owners = CHAT_TALK, .gateways = 1}) ||
           crowd_open(&crowd, &cluster) || chat_make_channel(&cluster, "general", 3));
    if (!run_ended(run)) {
        int channel = crowd_channel(crowd, "general");
        listen_all(crowd, channel, 0, 2);
        crowd_senders(crowd, 4);
        for (int i = 0; i < KILLS && !run_ended(run); i++)
            kill_in_between(crowd, channel);
        if (!run_ended(run))
            crowd_compare(crowd);
    }
    crowd_close(crowd);
    chat_cluster_close(&cluster);
}

/* --- 73: an answer is lost -------------------------------------------------------------------- */

/* Sends, and hangs up without waiting for the answer, as a phone in a tunnel does. */
static int send_and_hang_up(struct chat_cluster *cluster, const char *body)
{
    struct check_run *run = cluster->run;
    const char *const headers[] = {"X-User: user-0", NULL};
    struct http_reply reply = {0};
    struct http_client *client = http_client_open();
    char url[128];
    if (client == NULL)
        return run_error(run, "out of memory for an HTTP client");
    snprintf(url, sizeof url, "%s/channels/general/messages",
             cluster_url(run->cluster, cluster->gateways[0]));
    run_story(run, run_story_ms(run), STORY_FAULT, "judge", NULL,
              "sends %s and hangs up before the answer", body);
    http_client_call(
        client,
        &(struct http_call){
            .method = "POST", .url = url, .body = body, .headers = headers, .deadline_ms = 1},
        &reply);
    http_reply_release(&reply);
    http_client_close(client);
    return 0;
}

struct listing {
    struct chat_cluster *cluster;
    int wanted;
};

/* The list has as many; it is asked for outside the story. */
static int has_listed(void *context)
{
    const struct listing *listing = context;
    struct chat_cluster *cluster = listing->cluster;
    const char *const headers[] = {"X-User: user-0", NULL};
    char url[128];
    struct http_reply reply = {0};
    struct http_client *client = http_client_open();
    snprintf(url, sizeof url, "%s/channels/general/messages?after=%d",
             cluster_url(cluster->run->cluster, cluster->gateways[1 % cluster->gateway_count]),
             listing->wanted - 1);
    http_client_call(
        client, &(struct http_call){.url = url, .headers = headers, .deadline_ms = 1000}, &reply);
    cJSON *body = json_of_text(&reply.body);
    int has = cJSON_GetArraySize(json_member(body, "messages")) > 0;
    cJSON_Delete(body);
    http_reply_release(&reply);
    http_client_close(client);
    return has;
}

static int lose_an_answer(struct chat_cluster *cluster, int number)
{
    struct check_run *run = cluster->run;
    struct listing listing = {cluster, number};
    struct http_reply reply = {0};
    char body[96], got[24];
    snprintf(body, sizeof body, "{\"nonce\":\"lost-%d\",\"text\":\"message %d\"}", number, number);
    snprintf(got, sizeof got, "%d", number);
    /* The connection may have been cut before anything was sent; then it is sent once more. */
    for (int tries = 0; tries < 3; tries++)
        if (send_and_hang_up(cluster, body) || run_until(run, 1000, has_listed, &listing))
            break;
    int ended = run_ended(run) ||
                chat_ask(cluster, cluster->gateways[2 % cluster->gateway_count], "user-0", "POST",
                         "/channels/general/messages", body, 200, &reply) ||
                run_expect_json(run, &reply, "number", got);
    http_reply_release(&reply);
    return ended;
}

static void lost_answer_makes_no_double(struct check_run *run)
{
    enum { LOST = 4 };
    struct chat_cluster cluster;
    char **texts = NULL;
    (void)(chat_cluster_open(&cluster, run,
                             (struct chat_options){.owners = CHAT_TALK, .with_spans = 1}) ||
           chat_make_channel(&cluster, "general", 2));
    for (int i = 1; i <= LOST && !run_ended(run); i++)
        lose_an_answer(&cluster, i);
    /* The nonce is one user's: the same words of another are another message. */
    (void)(run_ended(run) ||
           chat_ask(&cluster, cluster.gateways[0], "user-1", "POST", "/channels/general/messages",
                    "{\"nonce\":\"lost-1\",\"text\":\"message 1\"}", 201, NULL));
    int count = run_ended(run) ? -1 : chat_list(&cluster, "general", &texts);
    if (count >= 0 && count != LOST + 1)
        run_fail(run, "wrong answer", "a message that is sent again is stored once",
                 "%d messages were sent, some twice; the list has %d", LOST + 1, count);
    chat_free_texts(texts, count);
    chat_cluster_close(&cluster);
}

/* --- 75: a reader comes back ------------------------------------------------------------------ */

/* Some come back on their own, all after the death of their gateway. */
static int come_and_go(struct crowd *crowd, struct chat_cluster *cluster)
{
    enum { ROUNDS = 3 };
    int channel = crowd_channel(crowd, "general");
    listen_all(crowd, channel, 0, READERS);
    crowd_senders(crowd, 3);
    for (int round = 0; round < ROUNDS; round++) {
        send_all(crowd, SENDS / 3);
        if (crowd_until(crowd, crowd_is_quiet, NULL, sent_all))
            return 1;
        for (int i = 0; i < 2; i++)
            crowd_cut(crowd, (round + i) % READERS, 1);
        send_all(crowd, SENDS / 3);
        if (crowd_until(crowd, crowd_is_quiet, NULL,
                        "who comes back with the last number gets the rest, then live"))
            return 1;
    }
    send_all(crowd, SENDS / 3);
    if (crowd_kill(crowd, cluster->gateways, cluster->gateway_count) ||
        crowd_until(crowd, crowd_is_quiet, NULL,
                    "after the gateways' death every reader goes on where it was"))
        return 1;
    for (int i = 0; i < crowd->reader_count; i++)
        if (crowd->readers[i].opened < 2)
            return run_error(cluster->run, "%s was never cut off", crowd->readers[i].user);
    return 0;
}

static void reconnect_goes_on(struct check_run *run)
{
    struct chat_cluster cluster;
    struct crowd *crowd = NULL;
    (void)(chat_cluster_open(&cluster, run, (struct chat_options){.owners = CHAT_TALK}) ||
           crowd_open(&crowd, &cluster) || chat_make_channel(&cluster, "general", READERS) ||
           come_and_go(crowd, &cluster) || crowd_compare(crowd));
    for (int i = 0; !run_ended(run) && i < crowd->reader_count; i++) {
        int64_t jitter_ms = cluster.model->jitter_ms, retry_ms = crowd->readers[i].retry_ms;
        if (retry_ms < 0 || (retry_ms >= jitter_ms && retry_ms > 0))
            run_fail(run, "wrong answer", "retry is spread over what your design says",
                     "a stream says retry: %lld; reconnect is %lld ms", (long long)retry_ms,
                     (long long)jitter_ms);
    }
    crowd_close(crowd);
    chat_cluster_close(&cluster);
}

/* --- 77: a member is removed ------------------------------------------------------------------ */

static int is_out(struct crowd *crowd, void *context)
{
    return crowd->readers[*(const int *)context].state == CROWD_OUT;
}

static int put_out(struct crowd *crowd, struct chat_cluster *cluster)
{
    static const char stream[] = "/channels/general/stream";
    static const char messages[] = "/channels/general/messages";
    int out = 1;
    listen_all(crowd, crowd_channel(crowd, "general"), 0, 3);
    crowd_senders(crowd, 1);
    for (int i = 0; i < READERS; i++)
        crowd_send(crowd, 0, "user-0");
    if (crowd_until(crowd, crowd_is_quiet, NULL, sent_all))
        return 1;
    if (chat_ask(cluster, cluster->gateways[0], "user-0", "DELETE",
                 "/channels/general/members/user-1", NULL, 204, NULL) ||
        crowd_until(crowd, is_out, &out, "the stream of who was removed says so, and ends"))
        return 1;
    int64_t last = crowd->readers[out].last;
    for (int i = 0; i < READERS; i++)
        crowd_send(crowd, 0, "user-0");
    if (crowd_until(crowd, crowd_is_quiet, NULL, sent_all))
        return 1;
    if (crowd->readers[out].last != last)
        return run_fail(cluster->run, "wrong answer", "who was removed reads nothing more",
                        "user-1 was removed after %lld, and read %lld", (long long)last,
                        (long long)crowd->readers[out].last);
    for (int i = 0; i < cluster->gateway_count; i++) {
        struct http_reply reply = {0};
        const char *const headers[] = {"X-User: user-1", NULL};
        if (chat_ask(cluster, cluster->gateways[i], "user-1", "POST", messages,
                     "{\"nonce\":\"1\",\"text\":\"still here\"}", 403, NULL) ||
            chat_ask(cluster, cluster->gateways[i], "user-1", "GET", messages, NULL, 403, NULL))
            return 1;
        run_http(cluster->run, cluster->gateways[i], "GET", stream, headers, NULL, 0, &reply);
        int ended = reply.status != 307 && run_expect_status(cluster->run, &reply, 403);
        http_reply_release(&reply);
        if (ended)
            return 1;
    }
    return 0;
}

static void removed_member_is_cut_off(struct check_run *run)
{
    struct chat_cluster cluster;
    struct crowd *crowd = NULL;
    (void)(chat_cluster_open(&cluster, run,
                             (struct chat_options){.owners = CHAT_TALK, .with_spans = 1}) ||
           crowd_open(&crowd, &cluster) || chat_make_channel(&cluster, "general", 3) ||
           put_out(crowd, &cluster) || crowd_compare(crowd));
    crowd_close(crowd);
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
    {CHECK("members_get_each_once", 1), .rules = "C2 C3", .run = members_get_each_once,
     .rule =
         "While all is well every member reads every message once, in order, replay before live.",
     .hints = {"chat_log numbers, chat_hub writes: which of them left the number out?",
               "Every process must come to the same home for a channel: placement_of may depend on "
               "the names alone."}},
    {CHECK("acknowledged_survives_kill", 2), .rules = "C1", .run = acknowledged_survives_kill,
     .rule =
         "Whatever was acknowledged is there after kill -9 of the message nodes, once, with its "
         "number.",
     .hints = {"All that the log must know again is in the records: see chat_log_replay.",
               "A nonce that was acknowledged before the kill is known after it."}},
    {CHECK("lost_answer_makes_no_double", 1), .rules = "C1", .run = lost_answer_makes_no_double,
     .rule = "A message whose answer was lost is sent again with its nonce, and is stored once.",
     .hints = {"The same user, channel and nonce: the number of the first time, and no new record.",
               "The nonce of another user is another nonce."}},
    {CHECK("readers_agree_after_kills", 3), .rules = "C2", .run = chat_kills,
     .rule = "300 readers of 20 channels read the same, without gap, double or disorder, while a "
             "gateway and a message node are killed.",
     .hints =
         {"Begin with the schedules of step 4: their stories are much shorter.",
          "What is published may be lost, late or doubled; only the numbers are to be believed."}},
    {CHECK("reconnect_goes_on", 1), .rules = "C2 C3", .run = reconnect_goes_on,
     .rule = "A reader that comes back with its last number gets the rest, then live, each once.",
     .hints = {"The stream begins after the number that it was opened with, not with it.",
               "reconnect_delay_ms gives what stands in retry: below what your design says."}},
    {CHECK("silent_reader_delays_nobody", 2), .rules = "C4", .run = chat_silent,
     .rule = "A reader that takes nothing is cut off with a gap, and neither senders nor other "
             "readers wait for it.",
     .hints =
         {"Count what was written to a stream and not drained; beyond the queue it is CHAT_GAP.",
          "The gap names the first number that the reader was not written."}},
    {CHECK("removed_member_is_cut_off", 1), .rules = "C5", .run = removed_member_is_cut_off,
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
    {CHECK("added_gateway_moves_its_share", 1), .rules = "C8", .run = chat_gateway_added,
     .rule =
         "A fourth gateway takes about a quarter of the channels; nothing else moves, and nobody "
         "misses a message.",
     .hints = {"A remainder of the number of gateways moves nearly everything.",
               "Rendezvous hashing: the gateway whose hash with the channel is highest."}},
    {0},
};
