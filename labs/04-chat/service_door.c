/*
 * What a gateway takes for the owners of everything else: it passes it on. Given: nothing to write
 * here.
 */
#include <stdio.h>
#include <string.h>
#include "kit/problem.h"
#include "service_ask.h"
#include "service_wire.h"

/* Adds name=value of the request's query to the path. */
static void add_query(struct text *path, const struct http_request *request, const char *name)
{
    const char *value = http_query(request, name);
    if (value == NULL)
        return;
    text_addf(path, "%c%s=", strchr(text_str(path), '?') == NULL ? '?' : '&', name);
    wire_add_escaped(path, value);
}

/* Users, workspaces, channels and members, presence: the same path at its owner. */
static void pass(const struct http_request *request, struct http_response *response, void *context,
                 enum capability capability)
{
    struct text path = {0};
    cJSON *body = NULL;
    const char *user = wire_user(request, response);
    if (user == NULL)
        return;
    if (request->body_length > 0 && (body = wire_body(request, response)) == NULL)
        return;
    cJSON_Delete(body);
    text_addf(&path, "/node%s", request->path);
    add_query(&path, request, "after");
    const char *sent = request->body_length > 0 ? request->body : NULL;
    ask_for(host_of(context), request, response,
            &(struct ask){capability, NULL, user, text_str(&path), sent});
    text_release(&path);
}

void pass_user(const struct http_request *request, struct http_response *response, void *context)
{
    pass(request, response, context, OWNS_USERS);
}
void pass_workspace(const struct http_request *request, struct http_response *response,
                    void *context)
{
    pass(request, response, context, OWNS_WORKSPACES);
}
void pass_channel(const struct http_request *request, struct http_response *response, void *context)
{
    pass(request, response, context, OWNS_CHANNELS);
}
void pass_presence(const struct http_request *request, struct http_response *response,
                   void *context)
{
    pass(request, response, context, OWNS_PRESENCE);
}
void pass_file(const struct http_request *request, struct http_response *response, void *context)
{
    pass(request, response, context, OWNS_FILES);
}

/* GET /search?workspace=&q= -> 200 {messages}: of the workspace's channels that the user is a
   member of, the newest first; 400, 401, 503. */
void get_search(const struct http_request *request, struct http_response *response, void *context)
{
    const char *user = wire_user(request, response);
    struct text path = {0};
    if (user == NULL)
        return;
    text_add(&path, "/node/search");
    add_query(&path, request, "workspace");
    add_query(&path, request, "q");
    ask_for(host_of(context), request, response,
            &(struct ask){OWNS_SEARCH, NULL, user, text_str(&path), NULL});
    text_release(&path);
}

/* GET /pushes?user= -> 200 {pushes: [{channel, number}]}: what phones were woken for; 400, 401,
 * 503.
 */
void get_pushes(const struct http_request *request, struct http_response *response, void *context)
{
    const char *user = wire_user(request, response);
    struct text path = {0};
    if (user == NULL)
        return;
    text_add(&path, "/node/pushes");
    add_query(&path, request, "user");
    ask_for(host_of(context), request, response,
            &(struct ask){OWNS_PUSH, NULL, user, text_str(&path), NULL});
    text_release(&path);
}

/* GET /presence/stream?users= -> 307: presence is streamed by its owner; 400, 503. */
void get_presence_stream(const struct http_request *request, struct http_response *response,
                         void *context)
{
    struct host *host = host_of(context);
    const char *url = nodes_url(host->nodes, nodes_keeper(host->nodes, OWNS_PRESENCE, NULL));
    struct text location = {0};
    if (url == NULL) {
        wire_again(response, "The owner of presence does not answer: try again.");
        return;
    }
    text_addf(&location, "%s/node/presence-stream", url);
    add_query(&location, request, "users");
    response->status = 307;
    if (http_set_header(response, "Location", text_str(&location)) < 0)
        problem(response, 400, "users is too long: ask for fewer.");
    text_release(&location);
}
