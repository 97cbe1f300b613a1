/*
 * The search part: an index over all messages, which lags a little behind them. Given: nothing to
 * write here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kit/error.h"
#include "kit/problem.h"
#include "service_feed.h"
#include "service_wire.h"

enum { FOUND_MAX = 50, QUESTION_MAX = 200 /* bytes of q */ };

static int index_messages(void *context, struct db_tx *tx, const struct chat_message *messages,
                          int count, struct error *err)
{
    (void)context;
    int result = 0;
    for (int i = 0; i < count && result == 0; i++) {
        struct db_query *q = db_query(tx, "INSERT INTO message_text VALUES (?, ?, ?, ?, ?, ?)");
        db_bind_text(q, 1, messages[i].text);
        db_bind_text(q, 2, messages[i].channel);
        db_bind_int64(q, 3, messages[i].number);
        db_bind_text(q, 4, messages[i].user);
        db_bind_text(q, 5, messages[i].file);
        db_bind_int64(q, 6, messages[i].sent_ms);
        result = db_finish(q, err);
    }
    return result;
}

/* --- searching -------------------------------------------------------------------------------- */

struct search {
    const char *words;    /* as FTS5 wants them */
    const char *channels; /* a JSON list */
    struct text *out;
};

static int find(struct db_tx *tx, void *arg, struct error *err)
{
    const struct search *search = arg;
    struct json_writer writer = json_writer(search->out);
    struct chat_message message;
    struct db_query *q =
        db_query(tx, "SELECT text, channel, number, user, file, sent_ms FROM message_text"
                     " WHERE message_text MATCH ? AND channel IN (SELECT value FROM json_each(?))"
                     " ORDER BY rowid DESC LIMIT ?");
    db_bind_text(q, 1, search->words);
    db_bind_text(q, 2, search->channels);
    db_bind_int64(q, 3, FOUND_MAX);
    json_open_object(&writer, NULL);
    json_open_array(&writer, "messages");
    while (db_step(q) == DB_ROW) {
        message = (struct chat_message){.number = db_column_int64(q, 2),
                                        .sent_ms = db_column_int64(q, 5)};
        snprintf(message.text, sizeof message.text, "%s", db_column_text(q, 0));
        snprintf(message.channel, sizeof message.channel, "%s", db_column_text(q, 1));
        snprintf(message.user, sizeof message.user, "%s", db_column_text(q, 3));
        snprintf(message.file, sizeof message.file, "%s", db_column_text(q, 4));
        wire_put_message(&writer, NULL, &message);
    }
    json_close_array(&writer);
    json_close_object(&writer);
    return db_finish(q, err);
}

/* Every word in quotes: nothing that a user types is an operator. */
static void quote_words(const char *question, struct text *out)
{
    for (const char *at = question; *at != '\0';) {
        size_t length = strcspn(at, " \t\r\n");
        if (length > 0)
            text_add(out, out->length > 0 ? " \"" : "\"");
        for (size_t i = 0; i < length; i++)
            text_addf(out, at[i] == '"' ? "\"\"" : "%c", at[i]);
        if (length > 0)
            text_add(out, "\"");
        at += length + (at[length] != '\0');
    }
}

/* Adds one page of the channels to the list. last: of the page before, then of this one. 1: there
   are more; 0; or ERR_UNAVAILABLE. */
static int add_channels(struct host *host, const struct trace *trace, const char *path,
                        char last[CHAT_ID_SIZE], struct text *list)
{
    struct text page = {0};
    text_addf(&page, "%s%s", path, last);
    cJSON *body =
        nodes_get(host->nodes,
                  &(struct node_call){.node = nodes_keeper(host->nodes, OWNS_CHANNELS, NULL),
                                      .method = "GET",
                                      .path = text_str(&page),
                                      .trace = trace},
                  NULL);
    const cJSON *channel = NULL;
    cJSON_ArrayForEach(channel, cJSON_GetObjectItemCaseSensitive(body, "channels"))
    {
        if (!cJSON_IsString(channel) || !wire_is_id(channel->valuestring))
            continue;
        snprintf(last, CHAT_ID_SIZE, "%s", channel->valuestring);
        text_addf(list, "%s\"%s\"", list->length > 1 ? "," : "", last);
    }
    int result = body == NULL ? ERR_UNAVAILABLE
                              : cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(body, "more"));
    cJSON_Delete(body);
    text_release(&page);
    return result;
}

/* The channels of the workspace that the user may read, as a JSON list. ERR_UNAVAILABLE when their
   owner does not answer. */
static int ask_channels(struct host *host, const struct trace *trace, const char *user,
                        const char *workspace, struct text *list)
{
    struct text path = {0};
    char last[CHAT_ID_SIZE] = "";
    int result = 1;
    text_addf(&path, "/node/users/%s/channels?workspace=", user);
    wire_add_escaped(&path, workspace);
    text_add(&path, "&after=");
    text_add(list, "[");
    while (result > 0)
        result = add_channels(host, trace, text_str(&path), last, list);
    text_add(list, "]");
    text_release(&path);
    return result;
}

/* GET /node/search?workspace=&q= -> 200 {messages}, the newest first; 400, 401, 503. */
static void get_found(const struct http_request *request, struct http_response *response,
                      void *context)
{
    struct host *host = host_of(context);
    const char *user = wire_user(request, response);
    const char *workspace = http_query(request, "workspace"), *question = http_query(request, "q");
    struct text words = {0};
    struct error err = {0};
    if (user == NULL)
        return;
    if (question != NULL && strlen(question) <= QUESTION_MAX)
        quote_words(question, &words);
    if (workspace == NULL || words.length == 0) {
        problem(response, 400, "Say workspace= and q=, 1 to %d bytes of words.", QUESTION_MAX);
        text_release(&words);
        return;
    }
    struct text channels = {0};
    int result = ask_channels(host, request->trace, user, workspace, &channels);
    struct search search = {text_str(&words), text_str(&channels), &response->body};
    if (result < 0)
        error_set(&err, result, "Nobody can say now what %s may read.", user);
    else
        result = store_read(host->store, find, &search, &err);
    if (result < 0) {
        text_clear(&response->body);
        wire_refuse(response, result, err.text);
    }
    text_release(&channels);
    text_release(&words);
}

/* --- the part --------------------------------------------------------------------------------- */

static int open_search(struct host *host, void **state, struct error *err)
{
    const struct follower follower = {.name = "search", .store = index_messages};
    return feed_open((struct feed **)state, host, &follower, err);
}

static void close_search(void *state)
{
    feed_close(state);
}

static const struct http_route search_routes[] = {
    {"GET", "/node/search", HTTP_WORKER, NULL, get_found},
    {NULL, NULL, HTTP_INLINE, NULL, NULL},
};

const struct part search_part = {
    .capability = OWNS_SEARCH,
    .schema = SERVICE_FEED_SCHEMA
    "CREATE VIRTUAL TABLE IF NOT EXISTS message_text USING fts5(text, channel UNINDEXED,"
    " number UNINDEXED, user UNINDEXED, file UNINDEXED, sent_ms UNINDEXED);",
    .routes = search_routes,
    .open = open_search,
    .close = close_search};
