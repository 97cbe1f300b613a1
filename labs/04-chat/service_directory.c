/*
 * The parts of users and of workspaces: what they are called. Given: nothing to write here.
 */
#include <string.h>
#include "kit/error.h"
#include "kit/problem.h"
#include "service_host.h"
#include "service_wire.h"

enum { NAME_BYTES_MAX = 200 };

/* One row, for store functions. */
struct named {
    const char *id, *name;
    struct text *out;
    int is_there;
};

static int write_name(struct db_query *q, const struct named *row, struct error *err)
{
    db_bind_text(q, 1, row->id);
    db_bind_text(q, 2, row->name);
    return db_finish(q, err);
}

static int write_user(struct db_tx *tx, void *row, struct error *err)
{
    return write_name(db_query(tx, "INSERT OR REPLACE INTO chat_user(id, name) VALUES (?, ?)"), row,
                      err);
}

static int write_workspace(struct db_tx *tx, void *row, struct error *err)
{
    return write_name(db_query(tx, "INSERT OR REPLACE INTO workspace(id, name) VALUES (?, ?)"), row,
                      err);
}

static int read_name(struct db_query *q, struct named *row, struct error *err)
{
    struct json_writer writer = json_writer(row->out);
    db_bind_text(q, 1, row->id);
    if (db_step(q) == DB_ROW) {
        row->is_there = 1;
        json_open_object(&writer, NULL);
        json_put_string(&writer, "id", row->id);
        json_put_string(&writer, "name", db_column_text(q, 0));
        json_close_object(&writer);
    }
    return db_finish(q, err);
}

static int read_user(struct db_tx *tx, void *row, struct error *err)
{
    return read_name(db_query(tx, "SELECT name FROM chat_user WHERE id = ?"), row, err);
}

static int read_workspace(struct db_tx *tx, void *row, struct error *err)
{
    return read_name(db_query(tx, "SELECT name FROM workspace WHERE id = ?"), row, err);
}

/* PUT {name} -> 204; 400, 404, 422, 503. */
static void put_row(const struct http_request *request, struct http_response *response,
                    void *context, const char *parameter, db_fn *write)
{
    struct json_errors errors = {0};
    struct error err = {0};
    const char *id = wire_id(request, response, parameter);
    cJSON *body = id != NULL ? wire_body(request, response) : NULL;
    if (body == NULL)
        return;
    struct json_reader reader = json_reader(body, &errors);
    struct named row = {.id = id, .name = json_string(&reader, "name", 1, NAME_BYTES_MAX)};
    int result = errors.count == 0 ? store_write(host_of(context)->store, write, &row, &err) : 0;
    response->status = 204;
    if (errors.count > 0)
        problem_fields(response, &errors);
    else if (result < 0)
        wire_refuse(response, result, err.text);
    cJSON_Delete(body);
}

/* GET -> 200 {id, name}; 404, 503. */
static void get_row(const struct http_request *request, struct http_response *response,
                    void *context, const char *parameter, db_fn *read)
{
    struct error err = {0};
    struct named row = {.id = wire_id(request, response, parameter), .out = &response->body};
    if (row.id == NULL)
        return;
    int result = store_read(host_of(context)->store, read, &row, &err);
    if (result < 0)
        wire_refuse(response, result, err.text);
    else if (!row.is_there)
        problem(response, 404, "There is no %s %s.", parameter, row.id);
}

static void put_user(const struct http_request *request, struct http_response *response,
                     void *context)
{
    put_row(request, response, context, "user", write_user);
}
static void get_user(const struct http_request *request, struct http_response *response,
                     void *context)
{
    get_row(request, response, context, "user", read_user);
}
static void put_workspace(const struct http_request *request, struct http_response *response,
                          void *context)
{
    put_row(request, response, context, "workspace", write_workspace);
}
static void get_workspace(const struct http_request *request, struct http_response *response,
                          void *context)
{
    get_row(request, response, context, "workspace", read_workspace);
}

static const struct http_route user_routes[] = {
    {"PUT", "/node/users/{user}", HTTP_WORKER, WIRE_JSON, put_user},
    {"GET", "/node/users/{user}", HTTP_WORKER, NULL, get_user},
    {NULL, NULL, HTTP_INLINE, NULL, NULL},
};
static const struct http_route workspace_routes[] = {
    {"PUT", "/node/workspaces/{workspace}", HTTP_WORKER, WIRE_JSON, put_workspace},
    {"GET", "/node/workspaces/{workspace}", HTTP_WORKER, NULL, get_workspace},
    {NULL, NULL, HTTP_INLINE, NULL, NULL},
};
const struct part user_part = {
    .capability = OWNS_USERS,
    .schema = "CREATE TABLE IF NOT EXISTS chat_user(id TEXT PRIMARY KEY, name TEXT NOT NULL);",
    .routes = user_routes};
const struct part workspace_part = {
    .capability = OWNS_WORKSPACES,
    .schema = "CREATE TABLE IF NOT EXISTS workspace(id TEXT PRIMARY KEY, name TEXT NOT NULL);",
    .routes = workspace_routes};
