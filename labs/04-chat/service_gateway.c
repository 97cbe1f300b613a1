/*
 * What clients see of the chat. Every gateway takes every request; only a channel's stream has a
 * home. openapi.yaml describes it all. Given: nothing to write here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kit/error.h"
#include "kit/problem.h"
#include "service_ask.h"
#include "service_wire.h"

enum { LOOKS_MAX = 5 /* for a stream's home and its reader's membership, while both change */ };

/* --- messages --------------------------------------------------------------------------------- */

/* The body for the message node: what the client said, and what the gateway knows. Of its fields
   the log is the judge; here only what could not even be asked is refused. */
static int write_sending(const cJSON *body, const char *channel, const char *user,
                         enum chat_member member, struct http_response *response, struct text *out)
{
    static const char *const names[] = {"nonce", "text", "file"};
    struct json_errors errors = {0};
    struct json_reader reader = json_reader(body, &errors);
    struct json_writer writer = json_writer(out);
    json_open_object(&writer, NULL);
    json_put_string(&writer, "channel", channel);
    json_put_string(&writer, "user", user);
    json_put_string(&writer, "member",
                    member == CHAT_YES  ? "yes"
                    : member == CHAT_NO ? "no"
                                        : "unknown");
    for (int i = 0; i < 3; i++) {
        const char *value = i < 2 ? json_string(&reader, names[i], 0, WIRE_BODY_MAX)
                                  : json_string_or(&reader, names[i], WIRE_BODY_MAX, "");
        json_put_string(&writer, names[i], value);
    }
    json_close_object(&writer);
    if (errors.count > 0)
        problem_fields(response, &errors);
    return errors.count > 0 ? ERR_INVALID : 0;
}

/* POST /channels/{channel}/messages {nonce, text, file?} -> 201 {number, sentAt}, 200 the same for
   a repetition; 400, 401, 403 no member, 404 no channel, 413, 422, 503. */
static void post_message(const struct http_request *request, struct http_response *response,
                         void *context)
{
    struct host *host = host_of(context);
    const char *channel = wire_id(request, response, "channel");
    const char *user = channel != NULL ? wire_user(request, response) : NULL;
    cJSON *body = user != NULL ? wire_body(request, response) : NULL;
    struct http_response unknown = {.status = 200};
    struct text sending = {0};
    if (body == NULL)
        return;
    enum chat_member member = ask_member(host, request->trace, channel, user, &unknown);
    if (write_sending(body, channel, user, member, response, &sending) == 0) {
        if (unknown.status == 404)
            problem(response, 404, "There is no channel %s.", channel);
        else
            ask_for(host, request, response,
                    &(struct ask){OWNS_MESSAGES, channel, user, "/log/append", text_str(&sending)});
    }
    http_response_release(&unknown);
    text_release(&sending);
    cJSON_Delete(body);
}

/* GET /channels/{channel}/messages?after=&limit=1..100 -> 200 {messages, last, more}; 400, 401,
 * 403, 404, 503.
 */
static void get_messages(const struct http_request *request, struct http_response *response,
                         void *context)
{
    struct host *host = host_of(context);
    const char *channel = wire_id(request, response, "channel");
    const char *user = channel != NULL ? wire_user(request, response) : NULL;
    int64_t after = 0, limit = 0;
    char path[CHAT_ID_SIZE + 96];
    if (user == NULL || wire_number(request, response, "after", 0, &after) < 0 ||
        wire_number(request, response, "limit", CHAT_PAGE_MAX, &limit) < 0 ||
        ask_member(host, request->trace, channel, user, response) != CHAT_YES)
        return;
    snprintf(path, sizeof path, "/log/channels/%s?after=%lld&limit=%lld", channel, (long long)after,
             (long long)limit);
    ask_for(host, request, response, &(struct ask){OWNS_MESSAGES, channel, user, path, NULL});
}

/* --- streams ---------------------------------------------------------------------------------- */

/* Last-Event-ID, which a browser sends when it comes back, else after. */
static int read_after(const struct http_request *request, struct http_response *response,
                      int64_t *after)
{
    const char *last = http_header(request, "Last-Event-ID");
    if (last == NULL)
        return wire_number(request, response, "after", 0, after);
    size_t length = strspn(last, "0123456789");
    if (length == 0 || length > 15 || last[length] != '\0') {
        problem(response, 400, "Last-Event-ID is the number of a message.");
        return ERR_INVALID;
    }
    *after = strtoll(last, NULL, 10);
    return 0;
}

static void send_home(struct host *host, const struct http_request *request,
                      struct http_response *response, const char *home)
{
    struct text location = {0};
    const char *url = nodes_url(host->nodes, home);
    const char *after = http_query(request, "after");
    if (url == NULL) {
        wire_again(response, "%s does not answer: try again.",
                   home != NULL ? home : "The channel's gateway");
        return;
    }
    text_addf(&location, "%s%s%s%s", url, request->path, after != NULL ? "?after=" : "",
              after != NULL ? after : "");
    response->status = 307;
    if (http_set_header(response, "Location", text_str(&location)) < 0)
        problem(response, 400, "after is a number.");
    text_release(&location);
}

/* GET /channels/{channel}/stream?after= -> 200 text/event-stream; 307 to its home; 400, 401, 403,
   404, 503. */
static void get_stream(const struct http_request *request, struct http_response *response,
                       void *context)
{
    struct host *host = host_of(context);
    struct gateway *gateway = host->parts[OWNS_CONNECTIONS];
    const char *channel = wire_id(request, response, "channel");
    const char *user = channel != NULL ? wire_user(request, response) : NULL;
    int64_t after = 0;
    if (user == NULL || read_after(request, response, &after) < 0)
        return;
    for (int i = 0; i < LOOKS_MAX; i++) {
        int64_t changes = streams_changes(gateway->streams);
        const char *home = nodes_keeper(host->nodes, OWNS_CONNECTIONS, channel);
        if (home == NULL || strcmp(home, nodes_own_name(host->nodes)) != 0) {
            send_home(host, request, response, home);
            return;
        }
        if (ask_member(host, request->trace, channel, user, response) != CHAT_YES)
            return;
        if (streams_add(gateway->streams, request, response, channel, user, after, changes) !=
            ERR_CONFLICT)
            return;
    }
    wire_again(response, "Members and gateways change here just now: try again.");
}

/* --- the part --------------------------------------------------------------------------------- */

static void close_gateway(void *state)
{
    struct gateway *gateway = state;
    streams_close(gateway->streams);
    pthread_mutex_destroy(&gateway->lock);
    free(gateway);
}

static int open_gateway(struct host *host, void **state, struct error *err)
{
    struct gateway *gateway = calloc(1, sizeof *gateway);
    if (gateway == NULL)
        return error_set(err, ERR_LIMIT, "no memory for the gateway");
    pthread_mutex_init(&gateway->lock, NULL);
    int result = streams_open(&gateway->streams, host, err);
    if (result == 0)
        *state = gateway;
    else
        close_gateway(gateway);
    return result;
}

static const struct http_route gateway_routes[] = {
    {"POST", "/channels/{channel}/messages", HTTP_WORKER, WIRE_JSON, post_message},
    {"GET", "/channels/{channel}/messages", HTTP_WORKER, NULL, get_messages},
    {"GET", "/channels/{channel}/stream", HTTP_WORKER, NULL, get_stream},
    {"PUT", "/users/{user}", HTTP_WORKER, WIRE_JSON, pass_user},
    {"GET", "/users/{user}", HTTP_WORKER, NULL, pass_user},
    {"PUT", "/workspaces/{workspace}", HTTP_WORKER, WIRE_JSON, pass_workspace},
    {"GET", "/workspaces/{workspace}", HTTP_WORKER, NULL, pass_workspace},
    {"PUT", "/channels/{channel}", HTTP_WORKER, WIRE_JSON, pass_channel},
    {"GET", "/channels/{channel}/members", HTTP_WORKER, NULL, pass_channel},
    {"PUT", "/channels/{channel}/members/{user}", HTTP_WORKER, NULL, pass_channel},
    {"DELETE", "/channels/{channel}/members/{user}", HTTP_WORKER, NULL, pass_channel},
    {"GET", "/presence/stream", HTTP_INLINE, NULL, get_presence_stream},
    {"PUT", "/presence/{device}", HTTP_WORKER, NULL, pass_presence},
    {"DELETE", "/presence/{device}", HTTP_WORKER, NULL, pass_presence},
    {"POST", "/files", HTTP_WORKER, WIRE_JSON, pass_file},
    {"GET", "/search", HTTP_WORKER, NULL, get_search},
    {"GET", "/pushes", HTTP_WORKER, NULL, get_pushes},
    {"POST", "/hub/published", HTTP_WORKER, WIRE_JSON, post_published},
    {"POST", "/hub/removed", HTTP_WORKER, WIRE_JSON, post_removed},
    {NULL, NULL, HTTP_INLINE, NULL, NULL},
};

const struct part gateway_part = {.capability = OWNS_CONNECTIONS,
                                  .routes = gateway_routes,
                                  .open = open_gateway,
                                  .close = close_gateway};
