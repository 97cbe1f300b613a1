/*
 * Lab 04, step 5: what may lag or be down, and who is there: presence, push, search.
 */
#include "suites/04-chat/crowd.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include "base/json_read.h"
#include "kit/clock.h"
#include "suites/04-chat/crowd_internal.h"

/* --- 78: presence ----------------------------------------------------------------------------- */

/* Who watches user-0, and two tabs that say that they are there. */
struct watch {
    struct chat_cluster *cluster;
    struct http_client *client;
    struct crowd_line line;
    struct sse_reader events;
    int64_t left; /* bytes of the chunk that is being read; -1: its size comes next */
    int has_head;
    char heard[16]; /* '+' online, '-' offline, in their order */
    int beats;      /* a bit for each tab */
    int64_t beat_ms;
};

static void on_presence(void *context, const struct sse_message *message)
{
    struct watch *watch = context;
    size_t length = strlen(watch->heard);
    int is_online = strcmp(message->event, "online") == 0;
    if (length + 1 < sizeof watch->heard)
        watch->heard[length] = is_online ? '+' : '-';
    run_story(watch->cluster->run, run_story_ms(watch->cluster->run), STORY_NOTE, "watcher", NULL,
              "hears that user-0 is %s", message->event);
}

static void tell(struct watch *watch, const char *method, int tab)
{
    char url[128];
    struct http_reply reply = {0};
    const char *const headers[] = {"X-User: user-0", NULL};
    snprintf(url, sizeof url, "%s/presence/tab-%d",
             cluster_url(watch->cluster->run->cluster,
                         watch->cluster->gateways[tab % watch->cluster->gateway_count]),
             tab);
    http_client_call(
        watch->client,
        &(struct http_call){
            .method = method, .url = url, .headers = headers, .deadline_ms = CHAT_WAIT_MS},
        &reply);
    if (!run_ended(watch->cluster->run) && reply.status != 204)
        run_fail(watch->cluster->run, "wrong answer", "204", "%s /presence/tab-%d is answered %d",
                 method, tab, reply.status);
    http_reply_release(&reply);
}

/* Reads what has come; says for each tab that it is there when it is time. */
static void watch_turn(struct watch *watch)
{
    int64_t now_ms = monotonic_ms();
    if (now_ms >= watch->beat_ms) {
        watch->beat_ms = now_ms + CHAT_BEAT_MS;
        for (int tab = 0; tab < 2; tab++)
            if (watch->beats & 1 << tab)
                tell(watch, "PUT", tab);
    }
    struct pollfd fd = {watch->line.fd, line_events(&watch->line), 0};
    if (poll(&fd, 1, 5) <= 0)
        return;
    int status = 0, is_closed = line_move(&watch->line) < 0;
    size_t head = watch->has_head ? 0 : line_head(&watch->line, &status);
    if (head > 0) {
        line_drop(&watch->line, head);
        watch->has_head = 1;
    }
    if (watch->has_head)
        line_chunks(&watch->line, &watch->left, &watch->events, on_presence, watch);
    if (is_closed && !run_ended(watch->cluster->run))
        run_fail(watch->cluster->run, "wrong answer", "a watcher's stream stays open",
                 "it was closed");
}

/* Turns until the watcher has heard exactly this: 0; or so long: heard stays, and it is compared.
 */
static int expect_heard(struct watch *watch, const char *wanted, int64_t at_least_ms,
                        const char *expected)
{
    struct check_run *run = watch->cluster->run;
    int64_t began_ms = monotonic_ms();
    while (!run_ended(run) && monotonic_ms() < began_ms + CHAT_WAIT_MS) {
        watch_turn(watch);
        if (strcmp(watch->heard, wanted) == 0 && monotonic_ms() >= began_ms + at_least_ms)
            return 0;
        if (strncmp(wanted, watch->heard, strlen(watch->heard)) != 0)
            break;
    }
    return run_ended(run) || run_fail(run, "wrong answer", expected,
                                      "the watcher heard \"%s\"; it should be \"%s\" (+ online, - "
                                      "offline)",
                                      watch->heard, wanted);
}

static int watch_open(struct watch *watch)
{
    int port = 0;
    struct text request = {0};
    const char *node = chat_node_of(watch->cluster, OWNS_PRESENCE);
    sscanf(cluster_url(watch->cluster->run->cluster, node), "http://127.0.0.1:%d", &port);
    text_add(&request, "GET /node/presence-stream?users=user-0 HTTP/1.1\r\nHost: chat\r\n\r\n");
    int result = line_open(&watch->line, port, text_str(&request), request.length);
    text_release(&request);
    return result < 0 && run_error(watch->cluster->run, "no connection to %s", node);
}

static void play_tabs(struct watch *watch)
{
    if (watch_open(watch) ||
        expect_heard(watch, "-", 0, "who watches hears at once how things are"))
        return;
    watch->beats = 3;
    if (expect_heard(watch, "-+", 4 * CHAT_BEAT_MS, "two tabs are one change: online"))
        return;
    watch->beats = 2;
    tell(watch, "DELETE", 0);
    if (expect_heard(watch, "-+", CHAT_TTL_MS + CHAT_BEAT_MS,
                     "one tab is closed, and the other keeps the user online"))
        return;
    watch->beats = 0; /* the laptop is shut: nobody says so */
    if (expect_heard(watch, "-+-", 0, "silence of the last tab is one change: offline"))
        return;
    watch->beats = 1;
    if (!expect_heard(watch, "-+-+", 0, "a tab that comes back is one change: online"))
        tell(watch, "DELETE", 0);
    watch->beats = 0;
    expect_heard(watch, "-+-+-", 0, "the last tab is closed: offline, at once");
}

void chat_presence(struct check_run *run)
{
    enum { OWNERS = CHAT_OWNS(OWNS_CONNECTIONS) | CHAT_OWNS(OWNS_PRESENCE) };
    struct chat_cluster cluster = {.run = run};
    struct watch watch = {
        .cluster = &cluster, .line = {.fd = -1}, .left = -1, .client = http_client_open()};
    if (watch.client == NULL)
        run_error(run, "out of memory for an HTTP client");
    else if (!chat_cluster_open(&cluster, run,
                                (struct chat_options){.owners = OWNERS, .gateways = 1}))
        play_tabs(&watch);
    line_close(&watch.line);
    text_release(&watch.line.in);
    text_release(&watch.line.out);
    sse_reader_release(&watch.events);
    http_client_close(watch.client);
    chat_cluster_close(&cluster);
}

/* --- 79: search and push ---------------------------------------------------------------------- */

struct asked {
    struct chat_cluster *cluster;
    const char *path, *member;
    int wanted, got;
};

/* The answer's list has so many; it is asked for outside the story. */
static int has_found(void *context)
{
    struct asked *asked = context;
    const char *const headers[] = {"X-User: user-1", NULL};
    char url[160];
    struct http_reply reply = {0};
    struct http_client *client = http_client_open();
    snprintf(url, sizeof url, "%s%s",
             cluster_url(asked->cluster->run->cluster, asked->cluster->gateways[0]), asked->path);
    http_client_call(
        client, &(struct http_call){.url = url, .headers = headers, .deadline_ms = 2000}, &reply);
    cJSON *body = json_of_text(&reply.body);
    asked->got = cJSON_GetArraySize(json_member(body, asked->member));
    cJSON_Delete(body);
    http_reply_release(&reply);
    http_client_close(client);
    return asked->got >= asked->wanted;
}

static int expect_found(struct chat_cluster *cluster, const char *path, const char *member,
                        int wanted, const char *expected)
{
    struct asked asked = {cluster, path, member, wanted, 0};
    if (run_ended(cluster->run))
        return 1;
    run_until(cluster->run, CHAT_WAIT_MS, has_found, &asked);
    return asked.got != wanted &&
           run_fail(cluster->run, "wrong answer", expected, "%s has %d in %s, and should have %d",
                    path, asked.got, member, wanted);
}

static int send_words(struct chat_cluster *cluster, const char *nonce, const char *text)
{
    char body[128];
    snprintf(body, sizeof body, "{\"nonce\":\"%s\",\"text\":\"%s\"}", nonce, text);
    return chat_ask(cluster, cluster->gateways[0], "user-0", "POST", "/channels/general/messages",
                    body, 201, NULL);
}

/* The nodes of push and search that may die without taking others along: in some designs the owner
   of the messages has the index too. How many, each once. */
static int nodes_aside(const struct chat_cluster *cluster, const char *names[2])
{
    static const enum capability aside[] = {OWNS_SEARCH, OWNS_PUSH};
    static const enum capability needed[] = {OWNS_MESSAGES, OWNS_CONNECTIONS, OWNS_CHANNELS,
                                             OWNS_PRESENCE};
    int count = 0;
    for (int i = 0; i < 2; i++) {
        int owner = design_owner(cluster->model, aside[i]), is_needed = 0;
        const char *name = chat_node_of(cluster, aside[i]);
        for (size_t k = 0; k < sizeof needed / sizeof needed[0]; k++)
            is_needed |= design_owner(cluster->model, needed[k]) == owner;
        if (!is_needed && (count == 0 || strcmp(names[0], name) != 0))
            names[count++] = name;
    }
    return count;
}

static int is_here(struct chat_cluster *cluster)
{
    return chat_ask(cluster, cluster->gateways[0], "user-1", "PUT", "/presence/tab-1", NULL, 204,
                    NULL);
}

/* user-1 has a tab open, user-2 has none. */
static int play_while_down(struct chat_cluster *cluster)
{
    struct check_run *run = cluster->run;
    const char *names[2];
    int count = nodes_aside(cluster, names), ended = 0;
    for (int i = 0; i < count && !ended; i++)
        ended = run_kill(run, names[i], SIGKILL);
    ended = ended || send_words(cluster, "2", "while they are down") ||
            send_words(cluster, "3", "while they are down still");
    if (count > 0 && strcmp(names[0], chat_node_of(cluster, OWNS_SEARCH)) == 0)
        ended = ended || chat_ask(cluster, cluster->gateways[0], "user-1", "GET",
                                  "/search?workspace=acme&q=fall", NULL, 503, NULL);
    for (int i = 0; i < count && !ended; i++)
        ended = run_restart(run, names[i]);
    run_figure(run, "nodes killed", count);
    return ended;
}

static int play_side_work(struct chat_cluster *cluster)
{
    if (chat_make_channel(cluster, "general", 3) || is_here(cluster) ||
        send_words(cluster, "1", "before the fall") ||
        expect_found(cluster, "/search?workspace=acme&q=fall", "messages", 1,
                     "what was sent is found, a little later") ||
        expect_found(cluster, "/pushes?user=user-2", "pushes", 1, "who is absent is pushed") ||
        play_while_down(cluster))
        return 1;
    return expect_found(cluster, "/pushes?user=user-2", "pushes", 3,
                        "who is absent is pushed, also what was sent while push was down") ||
           expect_found(cluster, "/pushes?user=user-1", "pushes", 0,
                        "who has a tab open is not pushed") ||
           expect_found(cluster, "/pushes?user=user-0", "pushes", 0,
                        "nobody is pushed his own message") ||
           expect_found(cluster, "/search?workspace=acme&q=down", "messages", 2,
                        "what was sent while search was down is found afterwards") ||
           expect_found(cluster, "/search?workspace=other&q=down", "messages", 0,
                        "nothing of another workspace is found");
}

void chat_side_work(struct check_run *run)
{
    enum {
        LONG_MS = 60000, /* nobody is absent only because the machine has much to do */
        OWNERS =
            CHAT_TALK | CHAT_OWNS(OWNS_PRESENCE) | CHAT_OWNS(OWNS_PUSH) | CHAT_OWNS(OWNS_SEARCH)
    };
    const struct chat_options options = {
        .owners = OWNERS, .gateways = 1, .ttl_ms = LONG_MS, .with_spans = 1};
    struct chat_cluster cluster;
    if (!chat_cluster_open(&cluster, run, options))
        play_side_work(&cluster);
    chat_cluster_close(&cluster);
}
