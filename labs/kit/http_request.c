/*
 * A request's life, from its head to its handler, on the loop thread.
 *
 * A refusal is known at the head, but the body comes all the same: it is read and dropped, and the
 * answer given at its end, so that the connection can go on. Only a request that announces more
 * than HTTP_DROP_MAX is answered, and its connection closed, at once.
 */
#include <string.h>
#include <strings.h>
#include "kit/http_internal.h"
#include "kit/thread.h"

enum { KEEP_BYTES = 16 * 1024 }; /* a larger buffer is given back after its request */

const char *http_header(const struct http_request *request, const char *name)
{
    struct http_exchange *exchange = request->exchange;
    struct http_head *head = &exchange->head;
    int at = 0;
    const char *value = http_head_value(head, name, &at);
    int first = at - 1;
    const char *more = value != NULL ? http_head_value(head, name, &at) : NULL;
    if (more == NULL)
        return value;
    /* Lines of one name are one list (RFC 9110, 5.3). They are joined where the first stands, and
       the others lose their names. There is room for all values, so none ever moves. */
    if (exchange->joined.length == 0)
        text_room(&exchange->joined, HTTP_HEAD_MAX + 2 * HTTP_FIELDS_MAX);
    size_t start = exchange->joined.length;
    text_add(&exchange->joined, value);
    for (; more != NULL; more = http_head_value(head, name, &at)) {
        text_add(&exchange->joined, ", ");
        text_add(&exchange->joined, more);
        head->fields[at - 1].name = "";
    }
    text_append(&exchange->joined, "", 1);
    head->fields[first].value = exchange->joined.bytes + start;
    return head->fields[first].value;
}

/* 1 when the request's media type is the wanted one; parameters after a ';' do not count. */
static int media_type_fits(const struct http_request *request, const char *wanted)
{
    const char *type = http_header(request, "Content-Type");
    size_t length = type != NULL ? strcspn(type, "; \t") : 0;
    return length == strlen(wanted) && strncasecmp(type, wanted, length) == 0;
}

static int is_encoded(const struct http_request *request)
{
    const char *coding = http_header(request, "Content-Encoding");
    return coding != NULL && strcasecmp(coding, "identity") != 0;
}

static void begin(struct http_exchange *exchange)
{
    exchange->route = NULL;
    exchange->context = NULL;
    exchange->parameter_count = 0;
    exchange->refusal = 0;
    exchange->refusal_why = NULL;
    exchange->allow[0] = '\0';
    exchange->start_ns = monotonic_ns();
    exchange->start_unix_ns = trace_now_ns();
    exchange->response.status = 200;
    exchange->response.content_type = NULL;
    exchange->response.header_count = 0;
    exchange->is_open_ended = 0;
    exchange->ended = NULL;
    exchange->request = (struct http_request){
        .method = exchange->head.method,
        .path = exchange->head.path,
        .route = "",
        .body = "",
        .trace = &exchange->trace,
        .exchange = exchange,
    };
    text_clear(&exchange->joined);
    text_clear(&exchange->query);
    http_loop_count(exchange->server, 1);
}

/* The caller's trace and its tracestate, which counts only beside a valid traceparent. */
static void read_trace(struct http_exchange *exchange)
{
    exchange->trace = trace_from_header(http_header(&exchange->request, "traceparent"));
    const char *state = http_header(&exchange->request, "tracestate");
    if (exchange->trace.parent_id[0] != '\0' && state != NULL && strlen(state) <= TRACE_STATE_MAX)
        memcpy(exchange->trace.state, state, strlen(state) + 1);
}

/* 1 when a key stands twice: which one counts would depend on who reads it. */
static int has_two_keys(const struct http_head *head)
{
    int at = 0;
    return http_head_value(head, "Idempotency-Key", &at) != NULL &&
           http_head_value(head, "Idempotency-Key", &at) != NULL;
}

int http_route_is_watched(const struct http_route *route)
{
    return route->run == HTTP_HEALTH || strncmp(route->path, "/health", 7) == 0 ||
           strcmp(route->path, "/metrics") == 0;
}

void http_request_begin(struct http_exchange *exchange)
{
    begin(exchange);
    read_trace(exchange);
    http_route_find(exchange);
    if (exchange->refusal != 0)
        return;
    const struct http_route *route = exchange->route;
    if (route->accepts != NULL && !media_type_fits(&exchange->request, route->accepts))
        exchange->refusal = 415;
    else if (route->accepts != NULL && is_encoded(&exchange->request))
        http_request_refuse(exchange, 415, "Send the body without a Content-Encoding.");
    else if (exchange->head.content_length > HTTP_BODY_MAX)
        exchange->refusal = 413;
    else if (has_two_keys(&exchange->head))
        http_request_refuse(exchange, 400, "Idempotency-Key stands more than once.");
    else if (http_connection_is_reserve(exchange->connection) && !http_route_is_watched(route))
        http_request_refuse(exchange, 503, "All connections are busy: try again in a moment.");
}

void http_request_begin_wrong(struct http_exchange *exchange, int status)
{
    begin(exchange);
    exchange->trace = trace_from_header(NULL);
    exchange->refusal = status;
}

void http_request_refuse(struct http_exchange *exchange, int status, const char *why)
{
    exchange->refusal = status;
    exchange->refusal_why = why != NULL ? why : exchange->refusal_why;
}

void http_request_take_body(struct http_exchange *exchange, const char *bytes, size_t length)
{
    if (exchange->refusal != 0 || length == 0)
        return;
    if (exchange->body.length + length > HTTP_BODY_MAX) {
        exchange->refusal = 413; /* chunked, so nothing was announced */
        return;
    }
    text_append(&exchange->body, bytes, length);
    http_connection_charge(exchange->connection);
    if (exchange->server->memory > HTTP_MEMORY_MAX)
        http_request_refuse(exchange, 503, "Too much is under way already: try again in a moment.");
}

static struct http_pool *pool_of(struct http_server *server, enum http_run run)
{
    switch (run) {
    case HTTP_HEALTH:
        return &server->health;
    case HTTP_LIST:
        return &server->lists;
    default:
        return &server->workers;
    }
}

int http_request_dispatch(struct http_exchange *exchange)
{
    struct http_server *server = exchange->server;
    if (exchange->refusal == 0 && server->memory > HTTP_MEMORY_MAX &&
        !http_route_is_watched(exchange->route))
        http_request_refuse(exchange, 503, "Too much is under way already: try again in a moment.");
    if (exchange->refusal != 0) {
        http_answer_refusal(exchange, exchange->refusal);
        return 1;
    }
    if (exchange->route->accepts == NULL)
        text_clear(&exchange->body);
    exchange->request.body = text_str(&exchange->body);
    exchange->request.body_length = exchange->body.length;
    if (exchange->route->run == HTTP_INLINE) {
        http_run_handler(exchange);
        return 1;
    }
    if (http_pool_submit(pool_of(server, exchange->route->run), exchange) == 0)
        return 0;
    http_answer_refusal(exchange, 503);
    return 1;
}

static void empty(struct text *text)
{
    if (text->capacity > KEEP_BYTES)
        text_release(text);
    text_clear(text);
}

void http_request_end(struct http_exchange *exchange)
{
    empty(&exchange->joined);
    empty(&exchange->query);
    empty(&exchange->body);
    empty(&exchange->response.body);
    for (int i = 0; i < HTTP_HEADERS_MAX; i++)
        empty(&exchange->response.headers[i].value);
}
