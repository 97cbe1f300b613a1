#define _GNU_SOURCE
/*
 * The given host of lab 04 with the reference core: what the checks of step 5 do not ask for, since
 * no student could get it wrong.
 */
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <string.h>
#include "04-chat/presence.h"
#include "kit/http_client.h"
#include "kit/text.h"
#include "tests/cluster_fixture.h"
#include "tests/kit_fixture.h"

enum { CALL_MS = 10000, NODES = 5 };

struct chat_host {
    struct fixture fixture;
    struct cluster *cluster;
    struct http_client *client;
    struct text answer; /* of the call that was made last */
};

#define PROGRAM BUILD_FOLDER "/trees/solutions/04-chat/service"
/* Of a gateway; the others do not look at it. */
#define QUEUE_WORDS "CHAT_QUEUE=32"
#define ALL         "NODES=gateway-1 channel-1 message-1 presence-1 file-1"

static void open_host(struct chat_host *chat)
{
    static const char *const needs[] = {"gateway-1",  "channel-1", "message-1",
                                        "presence-1", "file-1",    NULL};
    static const char *const environments[NODES][4] = {{"NODE=gateway-1", ALL, QUEUE_WORDS, NULL},
                                                       {"NODE=channel-1", ALL, NULL},
                                                       {"NODE=message-1", ALL, NULL},
                                                       {"NODE=presence-1", ALL, NULL},
                                                       {"NODE=file-1", ALL, NULL}};
    static struct service_entry rows[NODES];
    for (int i = 0; i < NODES; i++)
        rows[i] = (struct service_entry){.name = needs[i],
                                         .program = PROGRAM,
                                         .student = 1,
                                         .needs = needs,
                                         .environment = environments[i]};
    *chat = (struct chat_host){0};
    fixture_open(&chat->fixture);
    chat->cluster = fixture_start(&chat->fixture, rows, NODES);
    chat->client = http_client_open();
}

static void close_host(struct chat_host *chat)
{
    http_client_close(chat->client);
    text_release(&chat->answer);
    cluster_stop(chat->cluster);
    fixture_close(&chat->fixture);
}

/* A call as ada. Its status; 0: there was no answer. */
static int calls(struct chat_host *chat, const char *node, const char *method, const char *path,
                 const char *body, const char *type)
{
    static const char *const headers[] = {"X-User: ada", NULL};
    struct text url = {0};
    struct http_reply reply;
    text_addf(&url, "%s%s", cluster_url(chat->cluster, node), path);
    http_client_call(chat->client,
                     &(struct http_call){.method = method,
                                         .url = text_str(&url),
                                         .body = body,
                                         .content_type = type,
                                         .headers = headers,
                                         .deadline_ms = CALL_MS},
                     &reply);
    int status = reply.status;
    text_clear(&chat->answer);
    text_append(&chat->answer, text_str(&reply.body), reply.body.length);
    http_reply_release(&reply);
    text_release(&url);
    return status;
}

#define GENERAL "{\"workspace\":\"acme\",\"members\":[\"ada\",\"bob\"]}"

static void make_general(struct chat_host *chat)
{
    ck_assert_int_eq(calls(chat, "gateway-1", "PUT", "/channels/general", GENERAL, NULL), 204);
}

/* Changes a node's database while the node is down. */
static void change(struct chat_host *chat, const char *node, const char *sql)
{
    struct text path = {0};
    struct error err = {0};
    sqlite3 *db = NULL;
    char *why = NULL;
    text_addf(&path, "%s/%s.db", cluster_dir(chat->cluster, node), node);
    ck_assert_int_eq(cluster_kill(chat->cluster, node, SIGKILL), 0);
    ck_assert_int_eq(sqlite3_open(text_str(&path), &db), SQLITE_OK);
    ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, &why) == SQLITE_OK, "%s", why);
    sqlite3_close(db);
    ck_assert_msg(cluster_restart(chat->cluster, node, &err) == 0, "%s", err.text);
    text_release(&path);
}

static int count_words(const struct text *text, const char *word)
{
    int count = 0;
    for (const char *at = text_str(text); (at = strstr(at, word)) != NULL; at += strlen(word))
        count++;
    return count;
}

/* --- members ---------------------------------------------------------------------------------- */

START_TEST(head_changes_nothing)
{
    struct chat_host chat;
    open_host(&chat);
    make_general(&chat);
    static const char member[] = "/node/channels/general/members/bob";
    ck_assert_int_eq(calls(&chat, "channel-1", "HEAD", member, NULL, NULL), 200);
    ck_assert_int_eq(calls(&chat, "channel-1", "GET", member, NULL, NULL), 200);
    ck_assert_int_eq(calls(&chat, "channel-1", "DELETE", member, NULL, NULL), 204);
    ck_assert_int_eq(calls(&chat, "channel-1", "HEAD", member, NULL, NULL), 403);
    close_host(&chat);
}
END_TEST

START_TEST(members_come_in_pages)
{
    struct chat_host chat;
    open_host(&chat);
    make_general(&chat);
    change(&chat, "channel-1",
           "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 1499)"
           " INSERT INTO member SELECT 'general', printf('user-%04d', i) FROM n");
    static const char list[] = "/channels/general/members";
    ck_assert_int_eq(calls(&chat, "gateway-1", "GET", list, NULL, NULL), 200);
    ck_assert_int_eq(count_words(&chat.answer, "\"user-"), 998); /* ada, bob */
    ck_assert_ptr_nonnull(strstr(text_str(&chat.answer), "\"more\":true"));
    ck_assert_int_eq(
        calls(&chat, "gateway-1", "GET", "/channels/general/members?after=user-0997", NULL, NULL),
        200);
    ck_assert_int_eq(count_words(&chat.answer, "\"user-"), 502);
    ck_assert_ptr_nonnull(strstr(text_str(&chat.answer), "\"more\":false"));
    close_host(&chat);
}
END_TEST

/* As openapi.yaml says. */
START_TEST(what_is_not_there_is_said)
{
    static const struct {
        const char *method, *path, *body;
        int status;
        const char *says;
    } rows[] = {
        {"GET", "/channels/nowhere/members", NULL, 404, "There is no channel nowhere."},
        {"PUT", "/channels/nowhere/members/ada", NULL, 404, "There is no channel nowhere."},
        {"GET", "/channels/nowhere/messages", NULL, 404, "There is no channel nowhere."},
        {"GET", "/channels/nowhere/stream", NULL, 404, "There is no channel nowhere."},
        {"PUT", "/channels/x", "{\"workspace\":\"acme\",\"members\":\"ada\"}", 422, "list"},
        {"PUT", "/channels/x", "{\"workspace\":\"acme\",\"members\":[\"a b\"]}", 422, "members"},
        {"GET", "/channels/general/messages?limit=0", NULL, 400, "limit is 1 to 100."},
        {"GET", "/channels/general/messages?after=-1", NULL, 400, "after"},
    };
    struct chat_host chat;
    open_host(&chat);
    make_general(&chat);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int status = calls(&chat, "gateway-1", rows[i].method, rows[i].path, rows[i].body, NULL);
        ck_assert_msg(status == rows[i].status &&
                          strstr(text_str(&chat.answer), rows[i].says) != NULL,
                      "%s %s: %d %s", rows[i].method, rows[i].path, status, text_str(&chat.answer));
    }
    close_host(&chat);
}
END_TEST

/* --- what is newest --------------------------------------------------------------------------- */

START_TEST(what_is_newest_comes_in_pages_and_then_what_is_new)
{
    enum { CHANNELS = 20000, PAGES = 10 };
    struct chat_host chat;
    char path[64];
    int seen = 0, more = 1;
    open_host(&chat);
    make_general(&chat);
    change(&chat, "message-1",
           "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
           " INSERT INTO record SELECT i, 0, printf('channel-with-a-long-name-%08d', i), 1, 'ada',"
           " 'n', '', 'hello', 1700000000000 FROM n");
    for (int page = 0; page < PAGES && more; page++) {
        snprintf(path, sizeof path, "/log/newest?after=0&from=%d", seen);
        ck_assert_int_eq(calls(&chat, "message-1", "GET", path, NULL, NULL), 200);
        seen += count_words(&chat.answer, "\"channel\":");
        more = strstr(text_str(&chat.answer), "\"more\":true") != NULL;
    }
    ck_assert_int_eq(seen, CHANNELS);
    ck_assert_ptr_nonnull(strstr(text_str(&chat.answer), "\"position\":20000"));
    ck_assert_int_eq(calls(&chat, "gateway-1", "POST", "/channels/general/messages",
                           "{\"nonce\":\"1\",\"text\":\"hello\"}", NULL),
                     201);
    ck_assert_int_eq(calls(&chat, "message-1", "GET", "/log/newest?after=20000", NULL, NULL), 200);
    ck_assert_str_eq(text_str(&chat.answer), "{\"channels\":[{\"channel\":\"general\",\"number\":1}"
                                             "],\"position\":20001,\"more\":false}");
    close_host(&chat);
}
END_TEST

/* --- uploads ---------------------------------------------------------------------------------- */

enum { UPLOADERS = 4, ROUNDS = 10, FILE_BYTES = 200000 };

struct uploader {
    struct chat_host *chat;
    const char *url;
    char letter;
    int status;
};

static void *upload(void *arg)
{
    static const char *const headers[] = {"X-User: ada", NULL};
    struct uploader *uploader = arg;
    struct http_reply reply;
    char *bytes = malloc(FILE_BYTES + 1);
    memset(bytes, uploader->letter, FILE_BYTES);
    bytes[FILE_BYTES] = '\0';
    http_client_call(uploader->chat->client,
                     &(struct http_call){.method = "PUT",
                                         .url = uploader->url,
                                         .body = bytes,
                                         .content_type = "application/octet-stream",
                                         .headers = headers,
                                         .deadline_ms = CALL_MS},
                     &reply);
    uploader->status = reply.status;
    http_reply_release(&reply);
    free(bytes);
    return NULL;
}

START_TEST(uploads_of_one_ticket_do_not_mix)
{
    struct chat_host chat;
    struct uploader uploaders[UPLOADERS];
    pthread_t threads[UPLOADERS];
    char url[256] = "";
    open_host(&chat);
    make_general(&chat);
    ck_assert_int_eq(calls(&chat, "gateway-1", "POST", "/files",
                           "{\"channel\":\"general\",\"name\":\"a\",\"bytes\":200000}", NULL),
                     201);
    const char *said = strstr(text_str(&chat.answer), "\"uploadUrl\":\"");
    ck_assert(said != NULL && sscanf(said, "\"uploadUrl\":\"%255[^\"]", url) == 1);
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < UPLOADERS; i++) {
            uploaders[i] = (struct uploader){&chat, url, (char)('a' + i), 0};
            ck_assert_int_eq(pthread_create(&threads[i], NULL, upload, &uploaders[i]), 0);
        }
        for (int i = 0; i < UPLOADERS; i++) {
            pthread_join(threads[i], NULL);
            ck_assert_int_eq(uploaders[i].status, 204);
        }
        ck_assert_int_eq(calls(&chat, "file-1", "GET", strstr(url, "/node/files/"), NULL, NULL),
                         200);
        ck_assert_uint_eq(chat.answer.length, FILE_BYTES);
        const char all_same[] = {text_str(&chat.answer)[0], '\0'};
        ck_assert_uint_eq(strspn(text_str(&chat.answer), all_same), FILE_BYTES);
    }
    close_host(&chat);
}
END_TEST

/* --- streams ---------------------------------------------------------------------------------- */

enum { BEHIND = 20, STEADY = 60, TEXT_BYTES = 2500, RECEIVED_BYTES = 16384 };

/* A message of 15 kB on the wire: each of its letters takes six bytes there. */
static void send_long(struct chat_host *chat, int number)
{
    struct text body = {0};
    text_addf(&body, "{\"nonce\":\"%d\",\"text\":\"", number);
    for (int i = 0; i < TEXT_BYTES; i++)
        text_add(&body, "\\u0001");
    text_add(&body, "\"}");
    ck_assert_int_eq(
        calls(chat, "gateway-1", "POST", "/channels/general/messages", text_str(&body), NULL), 201);
    text_release(&body);
}

/* Reads until the words have come so often; *seen counts. */
static void read_on(int fd, struct text *tail, const char *words, int *seen, int wanted)
{
    char bytes[512];
    while (*seen < wanted) {
        ssize_t got = recv(fd, bytes, sizeof bytes, 0);
        ck_assert_msg(got > 0, "the stream ended after %d of %d", *seen, wanted);
        text_append(tail, bytes, (size_t)got);
        ck_assert_msg(strstr(text_str(tail), "event: gap") == NULL, "it was cut off at %d", *seen);
        const char *at = strstr(text_str(tail), words);
        if (at == NULL)
            continue;
        struct text rest = {0};
        text_add(&rest, at + strlen(words));
        text_release(tail);
        *tail = rest;
        (*seen)++;
    }
}

/* Twenty behind, of a queue of 32, and from then on one read for each that comes. */
START_TEST(who_lags_and_takes_everything_is_not_cut_off)
{
    struct chat_host chat;
    struct text tail = {0};
    int port = 0, sent = 0, seen = 0, live = 0, size = RECEIVED_BYTES;
    open_host(&chat);
    make_general(&chat);
    ck_assert_int_eq(sscanf(cluster_url(chat.cluster, "gateway-1"), "http://127.0.0.1:%d", &port),
                     1);
    int fd = dial(port);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    say(fd, "GET /channels/general/stream HTTP/1.1\r\nHost: t\r\nX-User: ada\r\n\r\n");
    read_on(fd, &tail, "event: live", &live, 1);
    for (; sent < BEHIND; sent++)
        send_long(&chat, sent);
    for (; sent < BEHIND + STEADY; sent++) {
        send_long(&chat, sent);
        read_on(fd, &tail, "event: message", &seen, seen + 1);
    }
    read_on(fd, &tail, "event: message", &seen, sent);
    close(fd);
    text_release(&tail);
    close_host(&chat);
}
END_TEST

/* --- presence --------------------------------------------------------------------------------- */

START_TEST(who_cannot_watch_is_told)
{
    enum { USERS = 100, STREAMS = PRESENCE_WATCHES_MAX / USERS + 1 };
    struct chat_host chat;
    static struct answer answer;
    int fds[STREAMS], port = 0;
    open_host(&chat);
    ck_assert_int_eq(sscanf(cluster_url(chat.cluster, "presence-1"), "http://127.0.0.1:%d", &port),
                     1);
    for (int i = 0; i < STREAMS; i++) {
        struct text request = {0};
        text_add(&request, "GET /node/presence-stream?users=");
        for (int k = 0; k < USERS; k++)
            text_addf(&request, "%su%d", k > 0 ? "," : "", i * USERS + k);
        text_add(&request, " HTTP/1.1\r\nHost: t\r\n\r\n");
        fds[i] = dial(port);
        say(fds[i], text_str(&request));
        hear(fds[i], i == STREAMS - 1, &answer);
        ck_assert_int_eq(answer.status, i < STREAMS - 1 ? 200 : 503);
        text_release(&request);
    }
    ck_assert_ptr_nonnull(strstr(answer.head, "\r\nRetry-After: 1\r\n"));
    for (int i = 0; i < STREAMS; i++)
        close(fds[i]);
    close_host(&chat);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {head_changes_nothing,
                                  members_come_in_pages,
                                  what_is_not_there_is_said,
                                  what_is_newest_comes_in_pages_and_then_what_is_new,
                                  uploads_of_one_ticket_do_not_mix,
                                  who_lags_and_takes_everything_is_not_cut_off,
                                  who_cannot_watch_is_told,
                                  NULL};
    return run_tests("chat host", tests);
}
