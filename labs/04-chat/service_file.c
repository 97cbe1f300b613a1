/*
 * The files' part: tickets for uploads, and the bytes, in files of its own folder. Bytes come and
 * go between the client and this node; no other sees them. Given: nothing to write here.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "kit/error.h"
#include "kit/id.h"
#include "kit/problem.h"
#include "service_ask.h"
#include "service_wire.h"

enum { FILE_NAME_MAX = 200, PATH_SIZE = ID_SIZE + 16 };

struct ticket {
    char id[ID_SIZE], channel[CHAT_ID_SIZE], user[CHAT_ID_SIZE];
    const char *name;
    int64_t bytes;
};

static int write_ticket(struct db_tx *tx, void *arg, struct error *err)
{
    const struct ticket *ticket = arg;
    struct db_query *q = db_query(tx, "INSERT INTO file VALUES (?, ?, ?, ?, ?)");
    db_bind_text(q, 1, ticket->id);
    db_bind_text(q, 2, ticket->channel);
    db_bind_text(q, 3, ticket->user);
    db_bind_text(q, 4, ticket->name);
    db_bind_int64(q, 5, ticket->bytes);
    return db_finish(q, err);
}

static int read_ticket(struct db_tx *tx, void *arg, struct error *err)
{
    struct ticket *ticket = arg;
    struct db_query *q = db_query(tx, "SELECT channel, user, bytes FROM file WHERE id = ?");
    db_bind_text(q, 1, ticket->id);
    int is_there = db_step(q) == DB_ROW;
    if (is_there) {
        snprintf(ticket->channel, sizeof ticket->channel, "%s", db_column_text(q, 0));
        snprintf(ticket->user, sizeof ticket->user, "%s", db_column_text(q, 1));
        ticket->bytes = db_column_int64(q, 2);
    }
    int result = db_finish(q, err);
    return result == 0 && !is_there ? error_set(err, ERR_NOT_FOUND, "There is no such file.")
                                    : result;
}

/* --- tickets ---------------------------------------------------------------------------------- */

/* The largest file: the design's limit, and what a request of this server may hold. */
static int64_t largest(const struct host *host)
{
    int64_t declared = nodes_model(host->nodes)->upload_bytes;
    return declared > 0 && declared < HTTP_BODY_MAX ? declared : HTTP_BODY_MAX;
}

/* POST /node/files {channel, name, bytes} -> 201 {id, uploadUrl}; 400, 401, 403, 404, 413 too
   large, 422, 503. */
static void post_file(const struct http_request *request, struct http_response *response,
                      void *context)
{
    struct host *host = host_of(context);
    struct json_errors errors = {0};
    struct error err = {0};
    struct ticket ticket = {0};
    const char *user = wire_user(request, response);
    cJSON *body = user != NULL ? wire_body(request, response) : NULL;
    if (body == NULL)
        return;
    struct json_reader reader = json_reader(body, &errors);
    snprintf(ticket.user, sizeof ticket.user, "%s", user);
    snprintf(ticket.channel, sizeof ticket.channel, "%s",
             json_string(&reader, "channel", 1, CHAT_ID_SIZE - 1));
    ticket.name = json_string(&reader, "name", 1, FILE_NAME_MAX);
    ticket.bytes = json_int64(&reader, "bytes", 1, DESIGN_UPLOAD_MAX_BYTES);
    if (errors.count == 0 && !wire_is_id(ticket.channel))
        json_wrong(&reader, "channel", "is 1 to 64 of A-Z a-z 0-9 . _ -");
    if (errors.count > 0) {
        problem_fields(response, &errors);
    } else if (ticket.bytes > largest(host)) {
        problem(response, 413, "A file has at most %lld bytes here.", (long long)largest(host));
    } else if (ask_member(host, request->trace, ticket.channel, user, response) == CHAT_YES) {
        id_next(&host->service->ids, clock_now(&host->service->clock).wall_ms, ticket.id);
        int result = store_write(host->store, write_ticket, &ticket, &err);
        struct text url = {0};
        struct json_writer writer = json_writer(&response->body);
        text_addf(&url, "%s/node/files/%s", nodes_url(host->nodes, nodes_own_name(host->nodes)),
                  ticket.id);
        response->status = 201;
        json_open_object(&writer, NULL);
        json_put_string(&writer, "id", ticket.id);
        json_put_string(&writer, "uploadUrl", text_str(&url));
        json_close_object(&writer);
        text_release(&url);
        if (result < 0) {
            text_clear(&response->body);
            wire_refuse(response, result, err.text);
        }
    }
    cJSON_Delete(body);
}

/* --- bytes ------------------------------------------------------------------------------------ */

/* Written beside its place and moved there: what is there is whole. Of uploads at the same time
   each has a place of its own, and the last one stays. */
static int write_bytes(struct service *service, const char *id, const char *bytes, size_t length,
                       struct error *err)
{
    char path[PATH_SIZE], part[PATH_SIZE], own[ID_SIZE];
    id_next(&service->ids, clock_now(&service->clock).wall_ms, own);
    snprintf(path, sizeof path, "%s.bytes", id);
    snprintf(part, sizeof part, "%s.part", own);
    FILE *file = fopen(part, "we");
    int is_whole = file != NULL && fwrite(bytes, 1, length, file) == length && fflush(file) == 0 &&
                   fsync(fileno(file)) == 0;
    if (file != NULL && fclose(file) != 0)
        is_whole = 0;
    if (is_whole && rename(part, path) == 0)
        return 0;
    error_set(err, ERR_UNAVAILABLE, "The file could not be stored: %s.", strerror(errno));
    (void)unlink(part);
    return ERR_UNAVAILABLE;
}

static int read_bytes(const char *id, struct text *out, struct error *err)
{
    char path[PATH_SIZE], piece[4096];
    size_t length = 0;
    snprintf(path, sizeof path, "%s.bytes", id);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return error_set(err, ERR_NOT_FOUND, "The file was not uploaded yet.");
    while ((length = fread(piece, 1, sizeof piece, file)) > 0)
        text_append(out, piece, length);
    int result = ferror(file) ? error_set(err, ERR_UNAVAILABLE, "The file cannot be read now.") : 0;
    fclose(file);
    return result;
}

/* PUT /node/files/{file} application/octet-stream -> 204; 401, 403 not whose ticket it is, 404, 422
   another length than was said, 503. GET -> 200, for members of its channel; 401, 403, 404, 503. */
static void on_bytes(const struct http_request *request, struct http_response *response,
                     void *context)
{
    struct host *host = host_of(context);
    struct error err = {0};
    struct ticket ticket = {0};
    const char *id = http_param(request, "file"), *user = wire_user(request, response);
    if (user == NULL)
        return;
    snprintf(ticket.id, sizeof ticket.id, "%s", id_valid(id) ? id : "");
    int result = store_read(host->store, read_ticket, &ticket, &err);
    int is_put = strcmp(request->method, "PUT") == 0;
    if (result == 0 && is_put && strcmp(user, ticket.user) != 0)
        result = error_set(&err, ERR_REFUSED, "The ticket is somebody else's.");
    if (result == 0 && is_put && (int64_t)request->body_length != ticket.bytes)
        result = error_set(&err, ERR_INVALID, "The ticket is for %lld bytes, and %zu came.",
                           (long long)ticket.bytes, request->body_length);
    if (result == 0 && !is_put &&
        ask_member(host, request->trace, ticket.channel, user, response) != CHAT_YES)
        return;
    if (result == 0)
        result = is_put ? write_bytes(host->service, ticket.id, request->body, request->body_length,
                                      &err)
                        : read_bytes(ticket.id, &response->body, &err);
    response->status = is_put ? 204 : 200;
    response->content_type = is_put ? NULL : "application/octet-stream";
    if (result < 0) {
        text_clear(&response->body);
        wire_refuse(response, result, err.text);
    }
}

static const struct http_route file_routes[] = {
    {"POST", "/node/files", HTTP_WORKER, WIRE_JSON, post_file},
    {"PUT", "/node/files/{file}", HTTP_WORKER, "application/octet-stream", on_bytes},
    {"GET", "/node/files/{file}", HTTP_WORKER, NULL, on_bytes},
    {NULL, NULL, HTTP_INLINE, NULL, NULL},
};

const struct part file_part = {
    .capability = OWNS_FILES,
    .schema = "CREATE TABLE IF NOT EXISTS file(id TEXT PRIMARY KEY, channel TEXT NOT NULL,"
              " user TEXT NOT NULL, name TEXT NOT NULL, bytes INTEGER NOT NULL);",
    .routes = file_routes};
