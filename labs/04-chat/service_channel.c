/*
 * The channels' part: channels, and who is a member. Given: nothing to write here.
 */
#include <stdio.h>
#include <string.h>
#include "kit/error.h"
#include "kit/problem.h"
#include "service_host.h"
#include "service_wire.h"

enum { REMOVED_MS = 1000, LIST_MAX = 1000 /* members, or channels, in one answer */ };

/* A channel and a user, or a user and a workspace, for store functions. */
struct row {
    const char *id, *other;
    const char *after; /* of a list: the last one of the page before, "" for the first */
    struct text *out;
    int is_there;
};

static int exec2(struct db_tx *tx, const char *sql, const struct row *row, struct error *err)
{
    struct db_query *q = db_query(tx, sql);
    db_bind_text(q, 1, row->id);
    db_bind_text(q, 2, row->other);
    return db_finish(q, err);
}

/* --- channels and their members --------------------------------------------------------------- */

/* A channel as its PUT says it. */
struct channel_row {
    struct row row;
    const cJSON *members; /* who becomes one, too; NULL: nobody */
};

static int write_channel(struct db_tx *tx, void *arg, struct error *err)
{
    const struct channel_row *channel = arg;
    const cJSON *member = NULL;
    int result = exec2(tx,
                       "INSERT INTO channel(id, workspace) VALUES (?, ?)"
                       " ON CONFLICT(id) DO UPDATE SET workspace = excluded.workspace",
                       &channel->row, err);
    cJSON_ArrayForEach(member, channel->members)
    {
        const struct row row = {.id = channel->row.id, .other = member->valuestring};
        if (result == 0)
            result =
                exec2(tx, "INSERT OR IGNORE INTO member(channel, user) VALUES (?, ?)", &row, err);
    }
    return result;
}

/* ERR_NOT_FOUND when there is no such channel. */
static int find_channel(struct db_tx *tx, const char *id, struct error *err)
{
    struct db_query *q = db_query(tx, "SELECT 1 FROM channel WHERE id = ?");
    db_bind_text(q, 1, id);
    int is_there = db_step(q) == DB_ROW;
    int result = db_finish(q, err);
    return result == 0 && !is_there ? error_set(err, ERR_NOT_FOUND, "There is no channel %s.", id)
                                    : result;
}

static int add_member(struct db_tx *tx, void *arg, struct error *err)
{
    const struct row *row = arg;
    int result = find_channel(tx, row->id, err);
    return result != 0
               ? result
               : exec2(tx, "INSERT OR IGNORE INTO member(channel, user) VALUES (?, ?)", row, err);
}

static int remove_member(struct db_tx *tx, void *row, struct error *err)
{
    return exec2(tx, "DELETE FROM member WHERE channel = ? AND user = ?", row, err);
}

/* is_there: 1 when the user is a member. ERR_NOT_FOUND when there is no such channel. */
static int read_member(struct db_tx *tx, void *arg, struct error *err)
{
    struct row *row = arg;
    int channels = 0;
    struct db_query *q = db_query(tx, "SELECT (SELECT count(*) FROM member WHERE channel = ?1"
                                      " AND user = ?2) FROM channel WHERE id = ?1");
    db_bind_text(q, 1, row->id);
    db_bind_text(q, 2, row->other);
    for (; db_step(q) == DB_ROW; channels++)
        row->is_there = db_column_int64(q, 0) > 0;
    int result = db_finish(q, err);
    return result == 0 && channels == 0
               ? error_set(err, ERR_NOT_FOUND, "There is no channel %s.", row->id)
               : result;
}

/* Of a query for one more than LIST_MAX: {name: [...], more}. */
static int read_list(struct db_query *q, const char *name, struct text *out, struct error *err)
{
    struct json_writer writer = json_writer(out);
    int count = 0, more = 0;
    json_open_object(&writer, NULL);
    json_open_array(&writer, name);
    while (db_step(q) == DB_ROW && !(more = count++ == LIST_MAX))
        json_put_string(&writer, NULL, db_column_text(q, 0));
    json_close_array(&writer);
    json_put_bool(&writer, "more", more);
    json_close_object(&writer);
    return db_finish(q, err);
}

static int read_members(struct db_tx *tx, void *arg, struct error *err)
{
    const struct row *row = arg;
    int result = find_channel(tx, row->id, err);
    if (result < 0)
        return result;
    struct db_query *q = db_query(
        tx, "SELECT user FROM member WHERE channel = ? AND user > ? ORDER BY user LIMIT ?");
    db_bind_text(q, 1, row->id);
    db_bind_text(q, 2, row->after);
    db_bind_int64(q, 3, LIST_MAX + 1);
    return read_list(q, "members", row->out, err);
}

static int read_channels_of(struct db_tx *tx, void *arg, struct error *err)
{
    const struct row *row = arg;
    struct db_query *q =
        db_query(tx, "SELECT id FROM channel JOIN member ON channel = id"
                     " WHERE user = ? AND workspace = ? AND id > ? ORDER BY id LIMIT ?");
    db_bind_text(q, 1, row->id);
    db_bind_text(q, 2, row->other);
    db_bind_text(q, 3, row->after);
    db_bind_int64(q, 4, LIST_MAX + 1);
    return read_list(q, "channels", row->out, err);
}

/* PUT /node/channels/{channel} {workspace, members?: ["ada", ...]} -> 204; 400, 404, 422, 503. */
static void put_channel(const struct http_request *request, struct http_response *response,
                        void *context)
{
    struct json_errors errors = {0};
    struct error err = {0};
    const char *id = wire_id(request, response, "channel");
    cJSON *body = id != NULL ? wire_body(request, response) : NULL;
    if (body == NULL)
        return;
    struct json_reader reader = json_reader(body, &errors);
    struct channel_row channel = {
        .row = {.id = id, .other = json_string(&reader, "workspace", 1, CHAT_ID_SIZE - 1)},
        .members = cJSON_GetObjectItemCaseSensitive(body, "members")};
    const cJSON *member = NULL;
    if (channel.members != NULL && !cJSON_IsArray(channel.members))
        json_wrong(&reader, "members", "must be a list");
    cJSON_ArrayForEach(member, channel.members)
    {
        if (!cJSON_IsString(member) || !wire_is_id(member->valuestring))
            json_wrong(&reader, "members", "are users: 1 to 64 of A-Z a-z 0-9 . _ -");
    }
    int result =
        errors.count == 0 ? store_write(host_of(context)->store, write_channel, &channel, &err) : 0;
    response->status = 204;
    if (errors.count > 0)
        problem_fields(response, &errors);
    else if (result < 0)
        wire_refuse(response, result, err.text);
    cJSON_Delete(body);
}

static const char *after_of(const struct http_request *request)
{
    const char *after = http_query(request, "after");
    return after != NULL ? after : "";
}

/* A list, or why there is none. */
static void answer(const struct http_request *request, struct http_response *response,
                   struct host *host, db_fn *read, struct row *row)
{
    struct error err = {0};
    row->after = after_of(request);
    row->out = &response->body;
    int result = store_read(host->store, read, row, &err);
    if (result < 0) {
        text_clear(&response->body);
        wire_refuse(response, result, err.text);
    }
}

/* GET /node/channels/{channel}/members?after= -> 200 {members, more}: those after that user; 404,
   503. */
static void get_members(const struct http_request *request, struct http_response *response,
                        void *context)
{
    struct row row = {.id = wire_id(request, response, "channel")};
    if (row.id != NULL)
        answer(request, response, host_of(context), read_members, &row);
}

/* GET /node/users/{user}/channels?workspace=&after= -> 200 {channels, more}: of which the user is a
   member, those after that channel; 503. */
static void get_channels(const struct http_request *request, struct http_response *response,
                         void *context)
{
    const char *workspace = http_query(request, "workspace");
    struct row row = {.id = wire_id(request, response, "user"),
                      .other = workspace != NULL ? workspace : ""};
    if (row.id != NULL)
        answer(request, response, host_of(context), read_channels_of, &row);
}

/* Tells the channel's home that the user's streams end. 1: it has done so, or nobody listens there,
   and its streams are gone. */
static int tell_home(struct host *host, const struct row *row)
{
    struct http_reply reply;
    struct text body = {0};
    struct json_writer writer = json_writer(&body);
    json_open_object(&writer, NULL);
    json_put_string(&writer, "channel", row->id);
    json_put_string(&writer, "user", row->other);
    json_close_object(&writer);
    nodes_call(host->nodes,
               &(struct node_call){.node = nodes_keeper(host->nodes, OWNS_CONNECTIONS, row->id),
                                   .method = "POST",
                                   .path = "/hub/removed",
                                   .body = text_str(&body),
                                   .deadline_ms = REMOVED_MS},
               &reply);
    int is_done = reply.status == 204 || reply.nobody_listens;
    http_reply_release(&reply);
    text_release(&body);
    return is_done;
}

/* The channel and the user of the path. 0: there are none, and the response says so. */
static int read_path(const struct http_request *request, struct http_response *response,
                     struct row *row)
{
    *row = (struct row){.id = wire_id(request, response, "channel")};
    row->other = row->id != NULL ? wire_id(request, response, "user") : NULL;
    return row->other != NULL;
}

/* GET /node/channels/{channel}/members/{user} -> 200 {member}; 403 no member, 404 no channel, 503.
 */
static void get_member(const struct http_request *request, struct http_response *response,
                       void *context)
{
    struct error err = {0};
    struct row row;
    if (!read_path(request, response, &row))
        return;
    int result = store_read(host_of(context)->store, read_member, &row, &err);
    if (result < 0)
        wire_refuse(response, result, err.text);
    else if (!row.is_there)
        problem(response, 403, "%s is not a member of %s.", row.other, row.id);
    else
        text_add(&response->body, "{\"member\":true}");
}

/* PUT /node/channels/{channel}/members/{user} -> 204; 404 no channel, 503. */
static void put_member(const struct http_request *request, struct http_response *response,
                       void *context)
{
    struct error err = {0};
    struct row row;
    if (!read_path(request, response, &row))
        return;
    int result = store_write(host_of(context)->store, add_member, &row, &err);
    response->status = 204;
    if (result < 0)
        wire_refuse(response, result, err.text);
}

/* DELETE /node/channels/{channel}/members/{user} -> 204, and it holds for open streams, too; 503.
 */
static void delete_member(const struct http_request *request, struct http_response *response,
                          void *context)
{
    struct host *host = host_of(context);
    struct error err = {0};
    struct row row;
    if (!read_path(request, response, &row))
        return;
    int result = store_write(host->store, remove_member, &row, &err);
    response->status = 204;
    if (result < 0)
        wire_refuse(response, result, err.text);
    else if (!tell_home(host, &row))
        wire_again(response,
                   "%s is removed, but open streams may not have ended yet: say it again.",
                   row.other);
}

static const struct http_route channel_routes[] = {
    {"PUT", "/node/channels/{channel}", HTTP_WORKER, WIRE_JSON, put_channel},
    {"GET", "/node/channels/{channel}/members", HTTP_WORKER, NULL, get_members},
    {"GET", "/node/channels/{channel}/members/{user}", HTTP_LIST, NULL, get_member},
    {"PUT", "/node/channels/{channel}/members/{user}", HTTP_WORKER, NULL, put_member},
    {"DELETE", "/node/channels/{channel}/members/{user}", HTTP_WORKER, NULL, delete_member},
    {"GET", "/node/users/{user}/channels", HTTP_WORKER, NULL, get_channels},
    {NULL, NULL, HTTP_INLINE, NULL, NULL},
};

const struct part channel_part = {
    .capability = OWNS_CHANNELS,
    .schema = "CREATE TABLE IF NOT EXISTS channel(id TEXT PRIMARY KEY, workspace TEXT NOT NULL);"
              "CREATE TABLE IF NOT EXISTS member(channel TEXT NOT NULL, user TEXT NOT NULL,"
              " PRIMARY KEY (channel, user));",
    .routes = channel_routes};
