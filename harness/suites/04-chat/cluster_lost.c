/*
 * Lab 04, step 5: message nodes die, and answers are lost.
 */
#include <stdio.h>
#include "base/json_read.h"
#include "kit/error.h"
#include "suites/04-chat/crowd.h"

static const char sent_all[] = "every message is acknowledged, and every reader reads it";

/* --- 72: kill -9 of a message node ------------------------------------------------------------ */

enum { KILLS = 3, KILL_TRIES = 3, KILL_SENDS = 40 };

static int is_under_way(struct crowd *crowd, void *context)
{
    return crowd->acknowledged >= *(const int *)context && crowd_is_sending(crowd, NULL);
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

void chat_survives_kill(struct check_run *run)
{
    struct chat_cluster cluster;
    struct crowd *crowd = NULL;
    (void)(chat_cluster_open(&cluster, run,
                             (struct chat_options){.owners = CHAT_TALK, .gateways = 1}) ||
           crowd_open(&crowd, &cluster) || chat_make_channel(&cluster, "general", 3));
    if (!run_ended(run)) {
        int channel = crowd_channel(crowd, "general");
        crowd_listen_all(crowd, channel, 0, 2);
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

void chat_lost_answer(struct check_run *run)
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
